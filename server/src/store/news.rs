//! What is told of changes, and passing on what other servers tell.
//!
//! A notification of PostgreSQL carries ids only; who hears it reads the row.

use std::collections::HashMap;

use db::Heard;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{Connection, Scope, Store, StoreError};
use crate::bus::{Bus, CallChanged, Signal};

/// Reads the rows of calls with these ids, as lists show them, and whose each is.
pub type ReadCalls = for<'a> fn(
    &'a mut Connection,
    &'a [&'a str],
) -> BoxFuture<'a, Result<Vec<CallChanged>, StoreError>>;

/// Something to be told.
#[derive(Debug, Clone)]
pub enum News {
    /// To every desk: a call's new row.
    Call(CallChanged),
    /// To every server.
    Signal(Signal),
}

/// [`News`] on its way to another server.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// A tenant's call.
    Call {
        /// Whose.
        tenant_id: String,
        /// Which.
        id: String,
    },
    /// It says everything itself.
    Signal(Signal),
}

impl db::News for News {
    type Message = Message;

    fn message(&self) -> Message {
        match self {
            Self::Call(change) => Message::Call {
                tenant_id: change.tenant_id.clone(),
                id: change.call.id.clone(),
            },
            Self::Signal(signal) => Message::Signal(signal.clone()),
        }
    }
}

impl From<CallChanged> for News {
    fn from(change: CallChanged) -> Self {
        Self::Call(change)
    }
}

impl From<Signal> for News {
    fn from(signal: Signal) -> Self {
        Self::Signal(signal)
    }
}

impl News {
    /// Tells this process.
    pub(super) fn pass_on(self, bus: &Bus) {
        match self {
            Self::Call(change) => bus.call(change),
            Self::Signal(signal) => bus.signal(&signal),
        }
    }
}

/// Hears what every server on a PostgreSQL tells, and passes it on in this
/// process.
#[derive(Debug)]
pub struct Listener {
    heard: db::Listener<News>,
    store: Store,
    read_calls: ReadCalls,
}

impl Store {
    /// Begins to hear what servers on this PostgreSQL tell. On SQLite there is
    /// no other, and nothing to hear. What is told of a call is only which one;
    /// `read_calls` reads their rows.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn listen(&self, read_calls: ReadCalls) -> Result<Option<Listener>, StoreError> {
        let heard = self.db.listen().await?;
        Ok(heard.map(|heard| Listener {
            heard,
            store: self.clone(),
            read_calls,
        }))
    }
}

impl Listener {
    /// Listens until told to stop.
    pub async fn run(mut self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.pass_all_on() => {}
        }
    }

    async fn pass_all_on(&mut self) {
        loop {
            match self.heard.next().await {
                Heard::Said(said) => {
                    if let Err(error) = self.pass_on(&said).await {
                        tracing::error!(%error, "changed calls cannot be read");
                        self.store.bus.signal(&Signal::Missed);
                    }
                }
                Heard::Missed => self.store.bus.signal(&Signal::Missed),
            }
        }
    }

    async fn pass_on(&self, heard: &[Message]) -> Result<(), StoreError> {
        // What is said of one call several times is one piece of news: rows are read now.
        let mut told = HashMap::new();
        for message in heard {
            match message {
                Message::Signal(signal) => self.store.bus.signal(signal),
                Message::Call { tenant_id, id } => drop(told.insert(id.as_str(), tenant_id)),
            }
        }
        if told.is_empty() {
            return Ok(());
        }
        let ids: Vec<_> = told.keys().copied().collect();
        let mut db = self.store.read(Scope::Server).await?;
        let calls = (self.read_calls)(db.connection(), &ids).await?;
        for change in calls {
            if told.get(change.call.id.as_str()) == Some(&&change.tenant_id) {
                self.store.bus.call(change);
            }
        }
        Ok(())
    }
}
