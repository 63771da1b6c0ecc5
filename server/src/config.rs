//! The settings: read from flags, the environment and `.env`, checked once at
//! start. Every problem is reported at once, each in a sentence that says what
//! to change.

mod oidc;
mod parse;
mod secret;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

pub use oidc::Oidc;
pub use outbound::Network;
pub use parse::url_of_address;
pub use secret::{Secret, trimmed};

/// The API key the local emulator takes when nothing else is said.
const EMULATOR_KEY: &str = "key_local_emulator";
/// Where the local emulator listens when nothing else is said.
const EMULATOR_URL: &str = "http://127.0.0.1:8090";
const RETELL_URL: &str = "https://api.retellai.com";
/// How long the database may take, where nobody says otherwise. Retell gives a webhook
/// up after 10 s: it is to hear from us before that.
pub const DATABASE_PATIENCE: Duration = Duration::from_secs(8);
/// A shorter secret could be guessed offline from one signed ticket.
const SECRET_MIN_CHARS: usize = 32;

/// Every setting of the server, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes any free port.
    pub listen: SocketAddr,
    /// The address browsers reach this server at, without a trailing slash in
    /// [`Config::origin`]. While it is `None` the bound address is used.
    pub public_url: Option<Url>,
    /// The database.
    pub database: Database,
    /// How long the database may take for a statement, and a webhook wait for it.
    pub database_patience: Duration,
    /// Where the server keeps files of its own, such as a secret it made.
    pub data_dir: PathBuf,
    /// Signs tickets and nonces. When `None`, one is made and kept in
    /// [`Config::data_dir`].
    pub secret: Option<Secret>,
    /// What this one signed is still good, while [`Config::secret`] is new.
    pub secret_before: Option<Secret>,
    /// Seal the secrets in the database: the first seals, all of them open. When
    /// there is none, one is made and kept in [`Config::data_dir`].
    pub encryption_keys: Vec<Secret>,
    /// The built front end.
    pub site_dir: PathBuf,
    /// Where the bundles' files of earlier builds are kept for the pages that ask for them.
    pub assets_dir: PathBuf,
    /// The tracing filter.
    pub log: String,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// Lets programs on other machines read the metrics.
    pub metrics_token: Option<Secret>,
    /// How to reach Retell.
    pub retell: Retell,
    /// Where people may sign in besides here.
    pub oidc: Option<Oidc>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// How fast what may be asked.
    pub limits: Limits,
    /// Where captchas are verified.
    pub captcha: Captcha,
    /// When and how often Retell is asked about calls that did not settle.
    pub healing: Healing,
    /// How webhooks are taken in and worked off.
    pub webhooks: Webhooks,
    /// How events are sent to the endpoints of businesses.
    pub notify: Notify,
    /// Where requests may go to whose address somebody entered or sent.
    pub outbound: outbound::Rules,
    /// What a client may hold of this server, and for how long.
    pub edge: Edge,
    /// How long a shutdown may take before it is cut short.
    pub shutdown_deadline: Duration,
}

/// The pauses before each attempt after the first, about three days in all; the
/// example of the Standard Webhooks specification.
pub const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 60 * 60),
    Duration::from_secs(5 * 60 * 60),
    Duration::from_secs(10 * 60 * 60),
    Duration::from_secs(14 * 60 * 60),
    Duration::from_secs(20 * 60 * 60),
    Duration::from_secs(24 * 60 * 60),
];

/// How notifications are repeated and endpoints are given up.
#[derive(Debug, Clone)]
pub struct RetryPolicy {
    /// The pause before each attempt after the first.
    pub pauses: Vec<Duration>,
    /// An endpoint nothing reached for so long is switched off.
    pub give_up_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            pauses: PAUSES.to_vec(),
            give_up_after: Duration::from_secs(5 * 24 * 60 * 60),
        }
    }
}

/// How events are sent to the endpoints of businesses.
#[derive(Debug, Clone, Default)]
pub struct Notify {
    /// How notifications are repeated and endpoints are given up.
    pub policy: RetryPolicy,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// A JSON object a line, for programs.
    Json,
}

/// How to reach Retell.
#[derive(Debug, Clone)]
pub struct Retell {
    /// The secret API key.
    pub api_key: Secret,
    /// The key that signs webhooks: the API key with the webhook badge.
    pub webhook_key: Secret,
    /// The base address of the API.
    pub base_url: Url,
    /// The agent of the demo's public key, for a real account.
    pub default_agent: Option<String>,
    /// How long one request to Retell may take.
    pub timeout: Duration,
}

/// How fast calls may be started.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Mint requests a minute from one address, whatever the key.
    pub requests_per_ip_minute: u32,
    /// Requests a minute with one secret API key.
    pub api_requests_per_minute: u32,
    /// Functions a minute that the agents of one business ask for.
    pub functions_per_minute: u32,
}

/// Where captchas are verified.
#[derive(Debug, Clone)]
pub struct Captcha {
    /// Cloudflare's `siteverify`.
    pub turnstile_url: Url,
    /// Google's `siteverify`.
    pub recaptcha_url: Url,
}

/// When and how often Retell is asked about calls that did not settle.
#[derive(Debug, Clone, Copy)]
pub struct Healing {
    /// How often the calls that are due are looked for.
    pub interval: Duration,
    /// How long after it was begun a call may stay unjoined, unless its token is over
    /// before.
    pub registered_after: Duration,
    /// How long a call may go on before the first question.
    pub ongoing_after: Duration,
    /// How long after its end a call may lack its analysis.
    pub analysis_after: Duration,
}

/// What a client may hold of this server, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    /// Connections in all; who comes then waits.
    pub connections: usize,
    /// Connections from one address that is no trusted proxy's.
    pub connections_per_address: usize,
    /// Event streams of one address, a proxy's visitors each for themselves.
    pub streams_per_address: usize,
    /// Event streams of one session: a person has a few windows, each with two.
    pub streams_per_session: usize,
    /// Event streams of one visitor, who has one, and for a moment those whose
    /// connections were lost.
    pub streams_per_ticket: usize,
    /// How long the first request of a connection may take to come.
    pub first_request: Duration,
    /// How long a connection may wait for its next request. Proxies keep theirs
    /// for a minute, and must not send into one that is just closed.
    pub idle: Duration,
    /// How long a body may pause.
    pub body_pause: Duration,
    /// How long is waited for a body in all.
    pub body: Duration,
    /// How long an answer may go unread.
    pub unread: Duration,
}

/// How webhooks are taken in and worked off.
#[derive(Debug, Clone, Copy)]
pub struct Webhooks {
    /// The pause before the first repeat; it doubles with each one.
    pub retry_base: Duration,
    /// After so many failed attempts a webhook is parked with its error.
    pub max_attempts: u32,
    /// How long is waited for a body, and a body for memory. Retell gives up
    /// after 10 s itself.
    pub body_timeout: Duration,
    /// How long a body may pause.
    pub body_pause: Duration,
}

impl Default for Edge {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_address: 512,
            streams_per_address: 256,
            streams_per_session: 32,
            streams_per_ticket: 6,
            first_request: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            body_pause: Duration::from_secs(10),
            body: Duration::from_secs(60),
            unread: Duration::from_secs(30),
        }
    }
}

impl Default for Healing {
    fn default() -> Self {
        Self {
            // A call that was never joined holds a line until it is asked about.
            interval: Duration::from_secs(5),
            registered_after: Duration::from_secs(60),
            ongoing_after: Duration::from_secs(120),
            analysis_after: Duration::from_secs(60),
        }
    }
}

impl Default for Webhooks {
    fn default() -> Self {
        Self {
            retry_base: Duration::from_secs(1),
            max_attempts: 8,
            body_timeout: Duration::from_secs(10),
            body_pause: Duration::from_secs(1),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_ip_minute: 60,
            api_requests_per_minute: 600,
            functions_per_minute: 100,
        }
    }
}

/// Which database, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// One file, in WAL mode.
    Sqlite(PathBuf),
    /// A PostgreSQL server, by its URL.
    Postgres(Secret),
}

/// What is wrong with the settings: one sentence for each problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.0.iter().map(|p| format!("- {p}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError(pub Vec<String>);

/// What the settings are for: it decides which of them must be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Settings that matter must be given.
    Production,
    /// What is missing points at the local emulator.
    Demo,
    /// For commands that work on the database alone: Retell's key may be missing.
    Offline,
}

/// Where settings come from: flags first, then the environment.
#[derive(Debug, Default, Clone)]
pub struct Source {
    overrides: BTreeMap<&'static str, String>,
    environment: BTreeMap<String, String>,
}

impl Source {
    /// Reads the process's environment, after `.env` in the working directory
    /// (or above) was added to it. A variable that is set wins over the file.
    ///
    /// # Errors
    /// When `.env` exists and cannot be read or understood.
    pub fn from_environment() -> Result<Self, ConfigError> {
        let mut environment = BTreeMap::new();
        match dotenvy::dotenv_iter() {
            Ok(lines) => {
                for line in lines {
                    let (name, value) = line.map_err(|error| {
                        ConfigError(vec![format!(".env cannot be read: {error}.")])
                    })?;
                    environment.insert(name, value);
                }
            }
            Err(error) if error.not_found() => {}
            Err(error) => {
                return Err(ConfigError(vec![format!(".env cannot be read: {error}.")]));
            }
        }
        environment.extend(std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        }));
        Ok(Self {
            overrides: BTreeMap::new(),
            environment,
        })
    }

    /// A source with exactly these variables.
    #[must_use]
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let environment = pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self {
            overrides: BTreeMap::new(),
            environment,
        }
    }

    /// Lets a flag win over the environment.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: Option<String>) -> Self {
        if let Some(value) = value {
            self.overrides.insert(name, value);
        }
        self
    }

    /// An empty variable counts as not set.
    fn get(&self, name: &str) -> Option<&str> {
        let value = trimmed(self.as_given(name)?);
        (!value.is_empty()).then_some(value)
    }

    fn as_given(&self, name: &str) -> Option<&str> {
        let given = self.overrides.get(name);
        Some(given.or_else(|| self.environment.get(name))?.as_str())
    }
}

impl Config {
    /// Reads and checks every setting.
    ///
    /// # Errors
    /// With a sentence for each setting that is missing or wrong.
    pub fn read(source: &Source, mode: Mode) -> Result<Self, ConfigError> {
        let mut read = parse::Reader::new(source);
        let listen = read.listen();
        let public_url = read.public_url();
        let database = read.database();
        let data_dir = match (source.get("SWITCHBOARD_DATA_DIR"), &database) {
            (Some(dir), _) => PathBuf::from(dir),
            (None, Database::Sqlite(file)) => file
                .parent()
                .map_or_else(|| PathBuf::from("data"), Path::to_path_buf),
            (None, Database::Postgres(_)) => PathBuf::from("data"),
        };
        let assets_dir = source
            .get("SWITCHBOARD_ASSETS_DIR")
            .map_or_else(|| data_dir.join("assets"), PathBuf::from);
        let secret = read.secret("SWITCHBOARD_SECRET", SECRET_MIN_CHARS);
        let secret_before = read.secret("SWITCHBOARD_SECRET_BEFORE", SECRET_MIN_CHARS);
        let encryption_keys = read.encryption_keys(SECRET_MIN_CHARS);
        let config = Self {
            listen,
            public_url,
            database,
            database_patience: read
                .seconds("SWITCHBOARD_DATABASE_TIMEOUT_SECONDS", DATABASE_PATIENCE),
            data_dir,
            secret,
            secret_before,
            encryption_keys,
            site_dir: source
                .get("SWITCHBOARD_SITE_DIR")
                .unwrap_or("target/site")
                .into(),
            assets_dir,
            log: read.log_filter(),
            log_format: read.log_format(),
            metrics_token: source.get("SWITCHBOARD_METRICS_TOKEN").map(Secret::new),
            retell: read.retell(mode),
            oidc: read.oidc(),
            trusted_proxies: read.networks("SWITCHBOARD_TRUSTED_PROXIES"),
            limits: Limits {
                requests_per_ip_minute: read.at_least_one(
                    "SWITCHBOARD_MINT_REQUESTS_PER_IP_MINUTE",
                    Limits::default().requests_per_ip_minute,
                ),
                api_requests_per_minute: read.at_least_one(
                    "SWITCHBOARD_API_REQUESTS_PER_MINUTE",
                    Limits::default().api_requests_per_minute,
                ),
                functions_per_minute: read.at_least_one(
                    "SWITCHBOARD_FUNCTIONS_PER_MINUTE",
                    Limits::default().functions_per_minute,
                ),
            },
            captcha: read.captcha(),
            healing: read.healing(),
            webhooks: Webhooks {
                max_attempts: read.at_least_one(
                    "SWITCHBOARD_WEBHOOK_ATTEMPTS",
                    Webhooks::default().max_attempts,
                ),
                ..Webhooks::default()
            },
            notify: read.notify(),
            outbound: read.outbound(),
            edge: read.edge(),
            shutdown_deadline: read
                .seconds("SWITCHBOARD_SHUTDOWN_SECONDS", Duration::from_secs(20)),
        };
        read.finish(config)
    }

    /// The server's own origin: scheme, host and port of the public URL.
    #[must_use]
    pub fn origin(&self) -> String {
        self.public_base().origin().ascii_serialization()
    }

    /// The address of a path on this server, as browsers reach it.
    ///
    /// `path` starts with a slash.
    #[must_use]
    pub fn url_of(&self, path: &str) -> String {
        format!(
            "{}{path}",
            self.public_base().as_str().trim_end_matches('/')
        )
    }

    /// Whether browsers reach this server by HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_base().scheme() == "https"
    }

    fn public_base(&self) -> Url {
        self.public_url
            .clone()
            .unwrap_or_else(|| url_of_address(self.listen))
    }
}

#[cfg(test)]
mod tests;
