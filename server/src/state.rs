//! What every handler and every background task shares.

use std::ops::Deref;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::assets::Site;
use crate::bus::Bus;
use crate::calls::visitor::TypingLimit;
use crate::calls::{Importer, MintLimits};
use crate::clock::Clock;
use crate::config::Config;
use crate::hooks::Sender;
use crate::http::health::RetellHealth;
use crate::keys::{ApiRates, Captchas};
use crate::live::{self, Feed, Hub, Streams};
use crate::metrics::Metrics;
use crate::recordings::Recordings;
use crate::signed::Signer;
use crate::staff::{Provider, Sessions, Throttle};
use crate::store::{DeliveryWriter, Store};
use crate::tenants::{Accounts, KnownOrigins};
use crate::vault::Vault;
use crate::webhooks::{Inbox, Keyring};

/// The running server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

/// The parts of the running server.
#[derive(Debug)]
pub struct Parts {
    /// The settings; `public_url` is always set here.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The Retell accounts of the server and of its tenants.
    pub accounts: Accounts,
    /// Seals secrets that are kept.
    pub vault: Vault,
    /// Signs tickets and nonces.
    pub signer: Signer,
    /// Counts what happens.
    pub metrics: Arc<Metrics>,
    /// Tells what changed, on this server and on others.
    pub bus: Bus,
    /// The time of day.
    pub clock: Clock,
    /// Cancelled when the server begins to stop: streams say goodbye then.
    pub shutdown: CancellationToken,
    /// Takes webhooks in.
    pub inbox: Inbox,
    /// The keys that may sign webhooks.
    pub keyring: Keyring,
    /// Asks Retell for the calls of a time.
    pub importer: Importer,
    /// How fast calls may be started.
    pub mint_limits: MintLimits,
    /// How fast programs may ask.
    pub api_rates: ApiRates,
    /// Has captchas checked.
    pub captchas: Captchas,
    /// How fast visitors may type.
    pub typing_limit: TypingLimit,
    /// The pages that may use the public API.
    pub known_origins: KnownOrigins,
    /// Whether Retell can be reached, as last seen.
    pub retell_health: RetellHealth,
    /// The calls that are being watched.
    pub hub: Hub,
    /// What changed on the call list, for the desks.
    pub feed: Feed,
    /// Who reads how many event streams.
    pub streams: Streams,
    /// How fast passwords may be tried.
    pub throttle: Throttle,
    /// Where people may sign in besides here.
    pub oidc: Option<Provider>,
    /// Tells what is open under a session that it is over.
    pub sessions: Sessions,
    /// Fetches recordings.
    pub recordings: Recordings,
    /// Sends events to the endpoints of businesses.
    pub hooks: Sender,
    /// The built front end.
    pub site: Site,
}

impl App {
    /// Puts the parts together. `secret` signs tickets and nonces.
    ///
    /// # Errors
    /// When the system's TLS cannot be set up.
    pub fn new(
        config: Config,
        store: Store,
        accounts: Accounts,
        vault: Vault,
        writer: DeliveryWriter,
        secret: &[u8],
        clock: Clock,
    ) -> Result<Self, reqwest::Error> {
        let shutdown = CancellationToken::new();
        let bus = store.bus().clone();
        Ok(Self(Arc::new(Parts {
            signer: Signer::new(secret),
            metrics: Arc::clone(accounts.metrics()),
            hub: Hub::new(live::Settings::default(), shutdown.clone()),
            feed: Feed::default(),
            streams: Streams::new(&config.edge),
            throttle: Throttle::default(),
            oidc: config.oidc.clone().map(Provider::new).transpose()?,
            sessions: Sessions::new(bus.clone()),
            recordings: Recordings::new(&config)?,
            hooks: Sender::new(config.outbound.clone())?,
            site: Site::open(&config.site_dir),
            shutdown,
            inbox: Inbox::new(writer),
            keyring: Keyring::default(),
            importer: Importer::default(),
            mint_limits: MintLimits::new(&config.limits),
            typing_limit: TypingLimit::default(),
            known_origins: KnownOrigins::new(&bus),
            bus,
            api_rates: ApiRates::new(config.limits.api_requests_per_minute),
            captchas: Captchas::new(
                config.captcha.turnstile_url.clone(),
                config.captcha.recaptcha_url.clone(),
            )?,
            retell_health: RetellHealth::default(),
            config,
            store,
            accounts,
            vault,
            clock,
        })))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
