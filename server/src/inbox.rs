//! Retell's webhooks: taken in, kept, then worked off from the table.
//!
//! Taking in is quick and durable: verify the raw bytes, insert, answer.
//! Whatever an entry causes happens later, in one transaction with the note
//! that it happened, so it happens once.

mod alert;
mod body;
mod fresh;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
pub(crate) mod http;
mod intake;
mod keyring;
mod metrics;
mod question;
mod store;
mod turns;
mod worker;

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;

use crate::accounts;
use crate::domain::{Domain, Task};
use crate::ground::Ground;
use crate::people;
use crate::web::Shared;

pub use alert::Alert;
pub(crate) use http::Reading;
pub use intake::{Inbox, Received, Refusal, Reply, check_header};
pub use keyring::Keyring;
pub use store::{
    Alerts, DueEntry, Entry, InboxEntries, InboxScope, InboxWriter, NewEntry, OperatorEntry,
    Outcome, ReplayedBy, Verdict, Vouched, last_event_at,
};
pub(crate) use store::{AttemptResult, InboxAttempt};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &["alert.dismissed", "webhook.replayed"],
        tasks: || vec![Task::new("webhook worker", worker::run)],
        keeps: store::KEEPS,
        metrics: metrics::METRICS,
        ..Domain::new("inbox", http::routes)
    }
}

/// What webhooks are taken in with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// The Retell accounts, and what they stand on.
    pub accounts: accounts::Context,
    /// Takes them in.
    pub inbox: Arc<Inbox>,
    /// The keys that may sign them.
    pub keyring: Arc<Keyring>,
}

impl Deref for Context {
    type Target = accounts::Context;

    fn deref(&self) -> &accounts::Context {
        &self.accounts
    }
}
