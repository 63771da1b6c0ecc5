//! The parts of a server put together: who gets what, which jobs it runs, and its
//! router. Above every domain; none knows it.

mod router;
mod v1;

use std::ops::Deref;
use std::sync::{Arc, Weak};

use axum::extract::FromRef;
use tokio_util::sync::CancellationToken;

use crate::accounts::{self, Accounts};
use crate::calls::{self, MintLimits, Recordings};
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::{Domain, Example, Task};
use crate::functions::Targets;
use crate::ground::{self, Ground};
use crate::inbox::{self, Inbox, InboxWriter};
use crate::jobs::{self, Runner};
use crate::keeps::Keepers;
use crate::keys::{self, ApiRates, Captchas, KnownOrigins};
use crate::live::{self, Hub, Streams};
use crate::metrics::{self, Metric};
use crate::notify::{self, Sender};
use crate::people::{self, Provider, Sessions};
use crate::signed::Signer;
use crate::site::{self, Site};
use crate::store::Store;
use crate::vault::Vault;
use crate::{
    agents, audit, calendar, callbacks, connectors, contacts, crm, functions, operations, privacy,
    routing, sms, tenants,
};

pub use router::{router, service};

/// The domains, each after those it builds on: this is where one is added.
const DOMAINS: &[Domain<App>] = &[
    site::domain(),
    people::domain(),
    accounts::domain(),
    agents::domain(),
    tenants::domain(),
    keys::domain(),
    contacts::domain(),
    calendar::domain(),
    notify::domain(),
    crm::domain(),
    calls::domain(),
    routing::domain(),
    live::domain(),
    inbox::domain(),
    callbacks::domain(),
    connectors::domain(),
    sms::domain(),
    functions::domain(),
    privacy::domain(),
    audit::domain(),
    operations::domain(),
];

/// What the domains keep in the database.
#[must_use]
pub fn keepers() -> Keepers {
    Keepers::new(DOMAINS.iter().map(|domain| domain.keeps))
}

/// The kinds of jobs of which somebody outside hears.
#[must_use]
pub fn outward_jobs() -> Vec<&'static str> {
    let handlers = DOMAINS.iter().flat_map(|domain| (domain.jobs)());
    handlers.filter_map(|it| it.outward_kind()).collect()
}

/// What the domains write into the trail: which of them, and the action.
#[must_use]
pub fn deeds() -> Vec<(&'static str, &'static str)> {
    let of_domain = |domain: &'static Domain<App>| {
        let actions = domain.deeds.iter();
        actions.map(|&action| (domain.name, action))
    };
    DOMAINS.iter().flat_map(of_domain).collect()
}

/// Everything the server counts.
#[must_use]
pub fn metrics() -> Vec<Metric> {
    let of_domains = DOMAINS.iter().flat_map(|domain| domain.metrics);
    metrics::METRICS.iter().chain(of_domains).copied().collect()
}

/// What the domains do while the server runs.
pub(crate) fn tasks() -> impl Iterator<Item = Task<App>> {
    DOMAINS.iter().flat_map(|domain| (domain.tasks)())
}

/// What the events of every domain look like.
fn examples() -> Arc<[Example]> {
    DOMAINS.iter().map(|domain| domain.example).collect()
}

/// The running server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App(Arc<Parts>);

/// The parts of the running server.
#[derive(Debug)]
pub struct Parts {
    /// What every room stands on.
    pub ground: Ground,
    /// Our pages.
    pub site: site::Context,
    /// Signing in.
    pub people: people::Context,
    /// Retell accounts.
    pub accounts: accounts::Context,
    /// Keys.
    pub keys: keys::Context,
    /// Bookings.
    pub calendar: calendar::Context,
    /// Outgoing webhooks.
    pub notify: notify::Context,
    /// The businesses' CRMs.
    pub crm: crm::Context,
    /// Calls.
    pub calls: calls::Context,
    /// What is live.
    pub live: live::Context,
    /// Incoming webhooks.
    pub inbox: inbox::Context,
    /// Text messages.
    pub sms: sms::Context,
    /// What agents ask for during calls.
    pub functions: functions::Context,
    /// How the server is doing.
    pub operations: operations::Context,
    /// Runs this server's jobs.
    pub runner: Runner,
}

impl App {
    /// Puts the parts together. `signer` signs tickets and nonces.
    ///
    /// # Errors
    /// When the system's TLS cannot be set up.
    pub fn new(
        config: Config,
        store: Store,
        accounts: Accounts,
        vault: Vault,
        writer: InboxWriter,
        signer: Signer,
        clock: Clock,
    ) -> Result<Self, reqwest::Error> {
        let bus = store.bus().clone();
        for domain in DOMAINS {
            accounts.metrics().describe(domain.metrics);
        }
        let ground = Ground::from(ground::Parts {
            config,
            store,
            keepers: keepers(),
            vault,
            signer,
            metrics: Arc::clone(accounts.metrics()),
            clock,
            shutdown: CancellationToken::new(),
        });
        let config = &ground.config;
        let site = site::Context {
            site: Site::open(&config.site_dir, &config.assets_dir),
            ground: ground.clone(),
        };
        let people = people::Context {
            pages: site.clone(),
            throttle: Arc::default(),
            oidc: config
                .oidc
                .clone()
                .map(Provider::new)
                .transpose()?
                .map(Arc::new),
            sessions: Sessions::new(bus.clone()),
        };
        let accounts = accounts::Context {
            ground: ground.clone(),
            accounts: Arc::new(accounts),
        };
        let keys = keys::Context {
            ground: ground.clone(),
            api_rates: Arc::new(ApiRates::new(config.limits.api_requests_per_minute)),
            captchas: Arc::new(Captchas::new(
                config.captcha.turnstile_url.clone(),
                config.captcha.recaptcha_url.clone(),
            )?),
            known_origins: Arc::new(KnownOrigins::new(&bus)),
            used_ms: calls::used_with_key,
        };
        let notify = notify::Context {
            ground: ground.clone(),
            sender: Sender::new(config.outbound.clone())?,
            examples: examples(),
        };
        let calendar = calendar::Context::new(ground.clone())?;
        let crm = crm::Context::new(ground.clone(), calls::facts_for_crm)?;
        let calls = calls::Context {
            accounts: accounts.clone(),
            keys: keys.clone(),
            importer: Arc::default(),
            mint_limits: Arc::new(MintLimits::new(&config.limits)),
            typing_limit: Arc::default(),
            recordings: Arc::new(Recordings::new(config)?),
            last_heard: inbox::last_event_at,
        };
        let live = live::Context {
            calls: calls.clone(),
            hub: Hub::new(live::Settings::default(), ground.shutdown.clone()),
            feed: Arc::default(),
            streams: Arc::new(Streams::new(&config.edge)),
            desks: live::Desks::default(),
        };
        let inbox = inbox::Context {
            accounts: accounts.clone(),
            inbox: Arc::new(Inbox::new(writer)),
            keyring: Arc::default(),
        };
        let sms = sms::Context::new(ground.clone(), config.outbound.clone())?;
        let functions = functions::Context {
            inbox: inbox.clone(),
            calendar: calendar.clone(),
            crm: crm.clone(),
            rates: Arc::new(functions::Rates::new(config.limits.functions_per_minute)),
            targets: Targets::new(config.outbound.clone())?,
        };
        Ok(Self(Arc::new_cyclic(|parts| {
            let runner = runner(&ground, parts.clone());
            let operations = operations::Context {
                live: live.clone(),
                inbox: Arc::clone(&inbox.inbox),
                retell_health: Arc::default(),
                runner: runner.clone(),
            };
            Parts {
                site,
                people,
                accounts,
                keys,
                calendar,
                notify,
                crm,
                calls,
                live,
                inbox,
                sms,
                functions,
                operations,
                runner,
                ground,
            }
        })))
    }
}

/// The runner of this server's jobs, with a handler for every kind there is.
fn runner(ground: &Ground, parts: Weak<Parts>) -> Runner {
    jobs::runner(
        &ground.store,
        ground.clock.clone(),
        DOMAINS.iter().flat_map(|domain| (domain.jobs)()).collect(),
        move || parts.upgrade().map(App),
        // The rest of a shutdown needs time, too.
        ground.config.shutdown_deadline / 2,
    )
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Deref for Parts {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

macro_rules! parts {
    ($($part:ident: $of:ty),*) => {
        $(impl FromRef<App> for $of {
            fn from_ref(app: &App) -> Self {
                app.$part.clone()
            }
        })*
    };
}

parts! {
    ground: Ground,
    site: site::Context,
    people: people::Context,
    accounts: accounts::Context,
    keys: keys::Context,
    calendar: calendar::Context,
    notify: notify::Context,
    crm: crm::Context,
    calls: calls::Context,
    live: live::Context,
    inbox: inbox::Context,
    sms: sms::Context,
    functions: functions::Context,
    operations: operations::Context
}

#[cfg(test)]
mod tests;
