//! Whether everything is in place: the settings, and each thing the server
//! depends on, one finding each.

mod accounts;
mod calcom;
mod calendars;
mod crm;
mod oidc;
mod server;
mod sms;

use serde::Serialize;

use crate::app;
use crate::config::Config;
use crate::store::{Store, StoreError};
use crate::vault::Vault;

/// How one thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// Works, but somebody should look at it.
    Warning,
    /// Does not work.
    Failed,
}

/// What was found about one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which thing, in a word or two.
    pub what: String,
    /// How it stands.
    pub state: State,
    /// That in words, and what to do about it.
    pub words: String,
}

impl Finding {
    fn new(what: impl Into<String>, state: State, words: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            state,
            words: words.into(),
        }
    }

    /// As it should be.
    pub fn ok(what: impl Into<String>, words: impl Into<String>) -> Self {
        Self::new(what, State::Ok, words)
    }

    /// Works, but somebody should look at it.
    pub fn warning(what: impl Into<String>, words: impl Into<String>) -> Self {
        Self::new(what, State::Warning, words)
    }

    /// Does not work.
    pub fn failed(what: impl Into<String>, words: impl Into<String>) -> Self {
        Self::new(what, State::Failed, words)
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mark = match self.state {
            State::Ok => '✓',
            State::Warning => '!',
            State::Failed => '✗',
        };
        write!(f, "{mark} {}: {}", self.what, self.words)
    }
}

/// Looks at everything. Nothing is changed.
pub async fn run(config: &Config, vault: &Vault, now_ms: i64) -> Vec<Finding> {
    let mut findings = vec![server::site(config).await];
    findings.extend(server::public_address(config).await);
    findings.push(server::clock(config, now_ms).await);
    findings.extend(oidc::check(config).await);
    match Store::connect(&config.database).await {
        Ok(store) => {
            let database = database(&store).await;
            let works = database.iter().all(|one| one.state != State::Failed);
            findings.extend(database);
            if works {
                findings.push(sealed(&store, vault).await);
                findings.push(last_webhook(&store, now_ms).await);
                findings.extend(accounts::check(config, &store, vault).await);
                findings.extend(crm::check(config, &store, vault).await);
                findings.extend(sms::check(config, &store, vault).await);
                findings.extend(calendars::check(config, &store, vault).await);
                findings.extend(calcom::check(config, &store, vault).await);
            }
            store.close().await;
        }
        Err(error) => findings.push(Finding::failed("database", sentence(&error))),
    }
    findings
}

fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_uppercase(), letters.as_str())
    })
}

async fn database(store: &Store) -> Vec<Finding> {
    let what = "database";
    match store.schema_state().await {
        Err(error) => return vec![Finding::failed(what, sentence(&error))],
        Ok((0, _)) => {
            return vec![Finding::failed(
                what,
                "there are no tables yet; `switchboard serve` makes them at its first start",
            )];
        }
        Ok((found, known)) if found > known => {
            return vec![Finding::failed(
                what,
                format!("it is at version {found}, and this program only knows {known}"),
            )];
        }
        Ok((found, known)) if found < known => {
            return vec![Finding::failed(
                what,
                format!(
                    "it is at version {found} of {known}; `switchboard serve` brings it up to date"
                ),
            )];
        }
        Ok(_) => {}
    }
    let writable = match store.check_writable().await {
        Ok(()) => Finding::ok(what, "up to date and writable"),
        Err(error) => Finding::failed(what, sentence(&error)),
    };
    let durable = match store.weak_settings().await {
        Ok(weak) if weak.is_empty() => Finding::ok(
            "durability",
            "what is acknowledged survives a loss of power",
        ),
        Ok(weak) => Finding::warning(
            "durability",
            format!("acknowledged data can be lost with: {}", weak.join(", ")),
        ),
        Err(error) => Finding::failed("durability", sentence(&error)),
    };
    vec![writable, durable]
}

async fn sealed(store: &Store, vault: &Vault) -> Finding {
    let what = "encryption key";
    match store.check_sealed(vault, &app::keepers().sealed()).await {
        Err(error) => Finding::failed(what, sentence(&error)),
        Ok(found) if !found.problems.is_empty() => Finding::failed(
            what,
            format!(
                "{} secrets cannot be opened, such as {}; an older key is missing from \
                 SWITCHBOARD_ENCRYPTION_KEYS",
                found.problems.len(),
                found.problems[0].purpose
            ),
        ),
        Ok(found) if found.older > 0 => Finding::warning(
            what,
            format!(
                "opens everything, {} with an older key; `switchboard rotate-encryption-keys` \
                 seals them anew",
                found.older
            ),
        ),
        Ok(found) => Finding::ok(what, format!("opens all {} secrets", found.current)),
    }
}

async fn last_webhook(store: &Store, now_ms: i64) -> Finding {
    let what = "webhooks";
    let seen: Result<_, StoreError> = store.inbox_entries().last_entry().await;
    match seen {
        Err(error) => Finding::failed(what, sentence(&error)),
        Ok(None) => Finding::warning(
            what,
            "none came yet; set the webhook URL in Retell's dashboard",
        ),
        Ok(Some(at)) => Finding::ok(
            what,
            format!(
                "the last came {} minutes ago",
                (now_ms - at).max(0) / 60_000
            ),
        ),
    }
}
