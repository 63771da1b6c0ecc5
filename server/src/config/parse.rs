//! Single settings from text, collecting what is wrong with them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use outbound::Network;
use url::Url;

use super::{
    Captcha, Config, ConfigError, Database, EMULATOR_KEY, EMULATOR_URL, Edge, Healing, LogFormat,
    Mode, Notify, RETELL_URL, Retell, RetryPolicy, Secret, Source,
};

const TURNSTILE_URL: &str = "https://challenges.cloudflare.com/turnstile/v0/siteverify";
const RECAPTCHA_URL: &str = "https://www.google.com/recaptcha/api/siteverify";
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
const DEBUG_LOG: &str =
    "info,sqlx=warn,str0m=warn,hyper=warn,tower_http=warn,retell=debug,server=debug";
const DEFAULT_LOG: &str = "info,sqlx=warn,str0m=warn,hyper=warn,tower_http=warn";

/// The URL of a server listening there: an unspecified address is reached as
/// `localhost`.
#[must_use]
pub fn url_of_address(address: SocketAddr) -> Url {
    let text = if address.ip().is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    };
    // The text of a socket address is always a valid authority.
    Url::parse(&text).unwrap_or_else(|_| unreachable!("{text} is a URL"))
}

/// Reads settings and remembers every problem.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) problems: Vec<String>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        Self {
            source,
            problems: Vec::new(),
        }
    }

    pub(super) fn finish(self, config: Config) -> Result<Config, ConfigError> {
        if self.problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError(self.problems))
        }
    }

    pub(super) fn listen(&mut self) -> SocketAddr {
        if let Some(text) = self.source.get("SWITCHBOARD_LISTEN") {
            return text.parse().unwrap_or_else(|_| {
                self.problems.push(format!(
                    "SWITCHBOARD_LISTEN is \"{text}\", but must be an address and a port, such as 127.0.0.1:8080."
                ));
                DEFAULT_LISTEN
            });
        }
        // PORT is what hosting platforms set for a container: it has to be
        // reachable from outside of it.
        match self.source.get("PORT").map(|text| (text, text.parse())) {
            None => DEFAULT_LISTEN,
            Some((_, Ok(port))) => SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port),
            Some((text, Err(_))) => {
                self.problems.push(format!(
                    "PORT is \"{text}\", but must be a number from 0 to 65535."
                ));
                DEFAULT_LISTEN
            }
        }
    }

    pub(super) fn http_url(&mut self, name: &str) -> Option<Url> {
        let text = self.source.get(name)?;
        match Url::parse(text) {
            Ok(url)
                if matches!(url.scheme(), "http" | "https")
                    && url.has_host()
                    && url.query().is_none()
                    && url.fragment().is_none() =>
            {
                Some(url)
            }
            _ => {
                self.problems.push(format!(
                    "{name} is \"{text}\", but must be an address that starts with http:// or https:// and has no query, such as https://calls.example.com."
                ));
                None
            }
        }
    }

    /// Where browsers find us: at the top of its host, because pages, scripts and
    /// cookies name addresses from there.
    pub(super) fn public_url(&mut self) -> Option<Url> {
        let name = "SWITCHBOARD_PUBLIC_URL";
        let url = self.http_url(name)?;
        if url.path() == "/" {
            return Some(url);
        }
        self.problems.push(format!(
            "{name} is \"{url}\", but must have no path: Switchboard needs a host name of its own, such as https://calls.example.com."
        ));
        None
    }

    pub(super) fn database(&mut self) -> Database {
        let name = "SWITCHBOARD_DATABASE_URL";
        let text = self
            .source
            .get(name)
            .unwrap_or("sqlite://data/switchboard.db");
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            if Url::parse(text).is_err() {
                // The text holds a password, so it is not repeated.
                self.problems.push(format!(
                    "{name} is not a valid PostgreSQL address; it must look like postgres://user:password@host:5432/database, with special characters in the password percent-encoded."
                ));
            }
            return Database::Postgres(Secret::new(text));
        }
        let file = text
            .strip_prefix("sqlite:")
            .map(|rest| rest.strip_prefix("//").unwrap_or(rest));
        match file {
            Some(file) if !file.is_empty() && !file.contains(['?', '#']) && file != ":memory:" => {
                // Absolute, because a relative path in a URL would be taken
                // for a host name.
                let file = std::path::absolute(file).unwrap_or_else(|_| PathBuf::from(file));
                Database::Sqlite(file)
            }
            _ => {
                self.problems.push(format!(
                    "{name} must start with sqlite:// and name a file, such as sqlite://data/switchboard.db, or start with postgres://."
                ));
                Database::Sqlite(PathBuf::from("data/switchboard.db"))
            }
        }
    }

    pub(super) fn secret(&mut self, name: &'static str, min_chars: usize) -> Option<Secret> {
        let text = self.source.get(name)?;
        if text.chars().count() < min_chars {
            self.problems.push(format!(
                "{name} is too short: it must have at least {min_chars} characters. `openssl rand -hex 32` makes a good one."
            ));
        }
        Some(Secret::new(text))
    }

    /// Keys that seal secrets, the newest first.
    pub(super) fn encryption_keys(&mut self, min_chars: usize) -> Vec<Secret> {
        // Whatever else is in one: things are sealed with it.
        let text = self.source.as_given("SWITCHBOARD_ENCRYPTION_KEYS");
        let keys: Vec<_> = text
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
            .filter(|key| !key.is_empty())
            .collect();
        if keys.iter().any(|key| key.len() < min_chars) {
            self.problems.push(format!(
                "Every key in SWITCHBOARD_ENCRYPTION_KEYS must have at least {min_chars} characters. Make one with: openssl rand -hex 32."
            ));
        }
        keys.into_iter().map(Secret::new).collect()
    }

    pub(super) fn log_filter(&mut self) -> String {
        // What integrations use already to see every request to Retell.
        let debug = self.source.get("RETELL_DEBUG");
        let default = match debug {
            None | Some("0" | "false" | "no") => DEFAULT_LOG,
            Some(_) => DEBUG_LOG,
        };
        let text = self.source.get("SWITCHBOARD_LOG").unwrap_or(default);
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(text) {
            self.problems.push(format!(
                "SWITCHBOARD_LOG is \"{text}\", which is not a filter such as info,server=debug: {error}."
            ));
        }
        text.to_owned()
    }

    pub(super) fn log_format(&mut self) -> LogFormat {
        match self.source.get("SWITCHBOARD_LOG_FORMAT") {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(other) => {
                self.problems.push(format!(
                    "SWITCHBOARD_LOG_FORMAT is \"{other}\", but must be text or json."
                ));
                LogFormat::Text
            }
        }
    }

    pub(super) fn retell(&mut self, mode: Mode) -> Retell {
        let base_name = if self.source.get("RETELL_BASE_URL").is_some() {
            "RETELL_BASE_URL"
        } else {
            "RETELL_BASE"
        };
        let given_base = self.http_url(base_name);
        let (key, fallback_url) = match (self.source.get("RETELL_API_KEY"), mode) {
            (Some(key), _) => (key, RETELL_URL),
            (None, Mode::Demo) => (EMULATOR_KEY, EMULATOR_URL),
            (None, Mode::Offline) => ("", RETELL_URL),
            (None, Mode::Production) => {
                self.problems.push(
                    "RETELL_API_KEY is not set. Copy it from the API Keys page of your Retell dashboard, or start with --demo to use the local emulator."
                        .to_owned(),
                );
                ("", RETELL_URL)
            }
        };
        let webhook_key = self.source.get("RETELL_WEBHOOK_SECRET").unwrap_or(key);
        let base_url = given_base.unwrap_or_else(|| {
            // Both constants are valid URLs.
            Url::parse(fallback_url).unwrap_or_else(|_| unreachable!("{fallback_url} is a URL"))
        });
        Retell {
            api_key: Secret::new(key),
            webhook_key: Secret::new(webhook_key),
            base_url,
            default_agent: self
                .source
                .get("DEFAULT_RETELL_AGENT_ID")
                .map(str::to_owned),
            timeout: self.seconds(
                "SWITCHBOARD_RETELL_TIMEOUT_SECONDS",
                Duration::from_secs(10),
            ),
        }
    }

    pub(super) fn captcha(&mut self) -> Captcha {
        let mut url = |name: &str, default: &str| {
            let given = self.http_url(name);
            // A default that is no address would be a fault of ours.
            given.or_else(|| Url::parse(default).ok())
        };
        let turnstile = url("SWITCHBOARD_TURNSTILE_URL", TURNSTILE_URL);
        let recaptcha = url("SWITCHBOARD_RECAPTCHA_URL", RECAPTCHA_URL);
        let own = || url_of_address(DEFAULT_LISTEN);
        Captcha {
            turnstile_url: turnstile.unwrap_or_else(own),
            recaptcha_url: recaptcha.unwrap_or_else(own),
        }
    }

    pub(super) fn healing(&mut self) -> Healing {
        let default = Healing::default();
        Healing {
            interval: self.seconds("SWITCHBOARD_HEAL_INTERVAL_SECONDS", default.interval),
            registered_after: self.seconds(
                "SWITCHBOARD_HEAL_REGISTERED_SECONDS",
                default.registered_after,
            ),
            ongoing_after: self.seconds("SWITCHBOARD_HEAL_ONGOING_SECONDS", default.ongoing_after),
            analysis_after: self
                .seconds("SWITCHBOARD_HEAL_ANALYSIS_SECONDS", default.analysis_after),
        }
    }

    pub(super) fn edge(&mut self) -> Edge {
        let default = Edge::default();
        let mut number = |name, default: usize| {
            let default = u32::try_from(default).unwrap_or(u32::MAX);
            self.at_least_one(name, default) as usize
        };
        Edge {
            connections: number("SWITCHBOARD_CONNECTIONS", default.connections),
            connections_per_address: number(
                "SWITCHBOARD_CONNECTIONS_PER_ADDRESS",
                default.connections_per_address,
            ),
            streams_per_address: number(
                "SWITCHBOARD_STREAMS_PER_ADDRESS",
                default.streams_per_address,
            ),
            streams_per_session: number(
                "SWITCHBOARD_STREAMS_PER_SESSION",
                default.streams_per_session,
            ),
            ..default
        }
    }

    /// The old name is from when events alone were sent to private networks.
    pub(super) fn outbound(&mut self) -> outbound::Rules {
        let (now, old) = (
            "SWITCHBOARD_ALLOW_PRIVATE",
            "SWITCHBOARD_HOOKS_ALLOW_PRIVATE",
        );
        let is_old = self.source.get(now).is_none();
        outbound::Rules {
            allow_private: self.networks(if is_old { old } else { now }),
            ..outbound::Rules::default()
        }
    }

    pub(super) fn notify(&mut self) -> Notify {
        let default = RetryPolicy::default();
        Notify {
            policy: RetryPolicy {
                give_up_after: self
                    .seconds("SWITCHBOARD_HOOKS_GIVE_UP_SECONDS", default.give_up_after),
                ..default
            },
        }
    }

    pub(super) fn networks(&mut self, name: &str) -> Vec<Network> {
        let Some(text) = self.source.get(name) else {
            return Vec::new();
        };
        let mut networks = Vec::new();
        for part in text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            match part.parse() {
                Ok(network) => networks.push(network),
                Err(()) => self.problems.push(format!(
                    "{name} contains \"{part}\", but must be a list of addresses or networks, such as 10.0.0.0/8,192.168.1.5."
                )),
            }
        }
        networks
    }

    pub(super) fn at_least_one(&mut self, name: &str, default: u32) -> u32 {
        let Some(text) = self.source.get(name) else {
            return default;
        };
        text.parse()
            .ok()
            .filter(|number| *number > 0)
            .unwrap_or_else(|| {
                self.problems.push(format!(
                    "{name} is \"{text}\", but must be a number from 1 on."
                ));
                default
            })
    }

    /// A number of seconds greater than zero; fractions are allowed.
    pub(super) fn seconds(&mut self, name: &str, default: Duration) -> Duration {
        let Some(text) = self.source.get(name) else {
            return default;
        };
        text.parse()
            .ok()
            .filter(|seconds| *seconds > 0.0)
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .unwrap_or_else(|| {
                self.problems.push(format!(
                    "{name} is \"{text}\", but must be a number of seconds greater than 0."
                ));
                default
            })
    }
}
