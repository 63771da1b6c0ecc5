//! What a transaction tells when it is committed, and hearing it.
//!
//! A notification of PostgreSQL carries ids only; who hears it reads the row.
//! Notifications are not kept for who is away, so whoever was cut off tells its
//! process that something may have been missed.

use std::time::Duration;

use futures_util::future::BoxFuture;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::postgres::{PgListener, PgNotification, PgPoolOptions};
use sqlx::{Any, Row};
use tokio_util::sync::CancellationToken;

use super::{Connection, Engine, Scope, Store, StoreError, Tenant, Write};
use crate::bus::{CallChanged, Signal};

use api::desk::CallSummary;

const CHANNEL: &str = "switchboard";
/// PostgreSQL takes less than 8,000 bytes in one notification.
const PAYLOAD_BYTES: usize = 7_900;
/// How long nothing may be heard before the connection is tried: a network that
/// fell silent says nothing, ever.
const SILENCE: Duration = Duration::from_secs(20);
/// How long that trial, and connecting, may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait before connecting again.
const PAUSE: Duration = Duration::from_millis(500);

/// Reads the row of a tenant's call, by the ids of both, as lists show it.
pub type ReadCall = for<'a> fn(
    &'a mut Connection,
    &'a str,
    &'a str,
) -> BoxFuture<'a, Result<Option<CallSummary>, StoreError>>;

/// Something to be told.
#[derive(Debug, Clone)]
pub(super) enum News {
    Call(CallChanged),
    Signal(Signal),
}

/// [`News`] on its way to another server.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Message {
    Call { tenant_id: String, id: String },
    Signal(Signal),
}

impl From<&News> for Message {
    fn from(news: &News) -> Self {
        match news {
            News::Call(change) => Self::Call {
                tenant_id: change.tenant_id.clone(),
                id: change.call.id.clone(),
            },
            News::Signal(signal) => Self::Signal(signal.clone()),
        }
    }
}

impl Write {
    /// Has every server told a signal, once this is committed.
    pub(crate) fn tell(&mut self, signal: Signal) {
        self.news.push(News::Signal(signal));
    }

    /// Has every desk told of a call's new row, once this is committed.
    pub(crate) fn tell_call(&mut self, tenant: &Tenant, call: CallSummary) {
        self.news.push(News::Call(CallChanged {
            tenant_id: tenant.id().to_owned(),
            call: call.into(),
        }));
    }
}

impl Store {
    /// Tells every server a signal that belongs to no change.
    pub(crate) async fn tell(&self, signal: Signal) -> Result<(), StoreError> {
        match self.engine {
            Engine::Sqlite => self.bus.signal(&signal),
            Engine::Postgres => {
                let mut connection = self.connection().await?;
                notify(&mut connection, &[News::Signal(signal)]).await?;
            }
        }
        Ok(())
    }

    /// Tells this process; whoever committed the news is in it.
    pub(super) fn tell_here(&self, news: Vec<News>) {
        for news in news {
            match news {
                News::Call(change) => self.bus.call(change),
                News::Signal(signal) => self.bus.signal(&signal),
            }
        }
    }

    /// Begins to hear what servers on this PostgreSQL tell. On SQLite there is
    /// no other, and nothing to hear. What is told of a call is only which one;
    /// `read_call` reads its row.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn listen(&self, read_call: ReadCall) -> Result<Option<Listener>, StoreError> {
        match self.engine {
            Engine::Sqlite => Ok(None),
            Engine::Postgres => Ok(Some(Listener {
                store: self.clone(),
                read_call,
                connection: self.connect_listener().await?,
            })),
        }
    }

    async fn connect_listener(&self) -> Result<PgListener, StoreError> {
        // Of its own: it is not for queries, and lives as long as it can.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .acquire_timeout(PATIENCE)
            .connect(self.url.expose())
            .await?;
        let mut listener = PgListener::connect_with(&pool).await?;
        listener.ignore_pool_close_event(true);
        // The one who reconnects has to say that there was a gap.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(listener)
    }
}

/// Says it when the transaction of this connection is committed; at once if
/// there is none.
pub(super) async fn notify(connection: &mut Connection, news: &[News]) -> Result<(), StoreError> {
    for payload in payloads(news.iter().map(Message::from)) {
        sqlx::query::<Any>("SELECT pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(payload)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Packs messages into as few notifications as they fit in, each a JSON array;
/// what is said twice only once.
fn payloads(messages: impl Iterator<Item = Message>) -> Vec<String> {
    let mut packed: Vec<String> = Vec::new();
    let mut said: Vec<String> = Vec::new();
    for message in messages {
        let json = super::to_json(&message);
        if said.contains(&json) {
            continue;
        }
        match packed.last_mut() {
            Some(last) if last.len() + json.len() < PAYLOAD_BYTES => {
                last.push(',');
                last.push_str(&json);
            }
            _ => packed.push(format!("[{json}")),
        }
        said.push(json);
    }
    for payload in &mut packed {
        payload.push(']');
    }
    packed
}

/// What this version understands of a notification: a newer server may say more.
fn messages(payload: &str) -> impl Iterator<Item = Message> + use<> {
    let values: Vec<Value> = serde_json::from_str(payload).unwrap_or_default();
    values
        .into_iter()
        .filter_map(|value| serde_json::from_value(value).ok())
}

/// Hears what every server on a PostgreSQL tells, and passes it on in this
/// process.
#[derive(Debug)]
pub struct Listener {
    store: Store,
    read_call: ReadCall,
    connection: PgListener,
}

impl Listener {
    /// Listens until told to stop, connecting again whenever it has to.
    pub async fn run(mut self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.hear() => {}
        }
    }

    async fn hear(&mut self) {
        loop {
            let Some(heard) = self.next().await else {
                self.reconnect().await;
                continue;
            };
            if let Err(error) = self.pass_on(&heard).await {
                tracing::error!(%error, "changed calls cannot be read");
                self.store.bus.signal(&Signal::Missed);
            }
        }
    }

    /// What is said next, with all that has arrived by then; `None` when the
    /// connection is lost.
    async fn next(&mut self) -> Option<Vec<Message>> {
        let first = loop {
            match tokio::time::timeout(SILENCE, self.connection.try_recv()).await {
                Ok(Ok(Some(notification))) => break notification,
                Ok(Ok(None)) => return None,
                Ok(Err(error)) => {
                    tracing::warn!(%error, "listening to the database failed");
                    return None;
                }
                Err(_) => {
                    let useful = tokio::time::timeout(PATIENCE, self.may_hear()).await;
                    if !matches!(useful, Ok(Ok(true))) {
                        return None;
                    }
                }
            }
        };
        let mut heard: Vec<Message> = Vec::new();
        let mut next = Some(first);
        while let Some(notification) = next {
            heard.extend(messages(PgNotification::payload(&notification)));
            next = self.connection.next_buffered();
        }
        Some(heard)
    }

    /// Whether anything can be heard: nobody writes to a PostgreSQL that another one
    /// took over from.
    async fn may_hear(&mut self) -> Result<bool, sqlx::Error> {
        let row = sqlx::query("SELECT current_setting('transaction_read_only') = 'off' AS writes")
            .fetch_one(&mut self.connection)
            .await?;
        row.try_get("writes")
    }

    async fn pass_on(&self, heard: &[Message]) -> Result<(), StoreError> {
        let mut db = self.store.read(Scope::Server).await?;
        for (at, message) in heard.iter().enumerate() {
            match message {
                Message::Signal(signal) => self.store.bus.signal(signal),
                // What it says a second time is no news: rows are read now.
                Message::Call { .. } if heard[..at].contains(message) => {}
                Message::Call { tenant_id, id } => {
                    let call = (self.read_call)(db.connection(), tenant_id, id).await?;
                    // Without a row it was deleted meanwhile.
                    if let Some(call) = call {
                        self.store.bus.call(CallChanged {
                            tenant_id: tenant_id.clone(),
                            call: call.into(),
                        });
                    }
                }
            }
        }
        Ok(())
    }

    /// Connects again, however long that takes, and says that there was a gap.
    async fn reconnect(&mut self) {
        tracing::warn!("the database is not listened to; connecting again");
        self.connection = loop {
            match self.store.connect_listener().await {
                Ok(connection) => break connection,
                Err(error) => tracing::warn!(%error, "the database cannot be listened to"),
            }
            tokio::time::sleep(PAUSE).await;
        };
        tracing::info!("the database is listened to again");
        self.store.bus.signal(&Signal::Missed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str) -> Message {
        Message::Call {
            tenant_id: "t".into(),
            id: id.into(),
        }
    }

    #[test]
    fn news_are_packed_and_unpacked_once_each_and_in_order() {
        let ids: Vec<String> = (0..500).map(|n| format!("call_\"{n}\n")).collect();
        let told = ids.iter().chain(&ids).map(|id| call(id));
        let packed = payloads(told.chain([Message::Signal(Signal::SignedOut("h".into()))]));
        assert!(packed.len() > 1);
        assert!(packed.iter().all(|payload| payload.len() < 8_000));
        let heard: Vec<_> = packed
            .iter()
            .flat_map(|payload| messages(payload))
            .collect();
        let mut expected: Vec<_> = ids.iter().map(|id| call(id)).collect();
        expected.push(Message::Signal(Signal::SignedOut("h".into())));
        assert_eq!(heard, expected);
    }

    #[test]
    fn what_a_newer_server_says_besides_is_passed_over() {
        let payload = r#"[{"signal":"from_the_future"},{"moon":1},{"signal":"keys_changed"}]"#;
        let heard: Vec<_> = messages(payload).collect();
        assert_eq!(heard, [Message::Signal(Signal::KeysChanged)]);
        assert_eq!(messages("no JSON").count(), 0);
    }
}
