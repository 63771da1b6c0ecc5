//! What a transaction tells when it is committed, and hearing it.
//!
//! What travels with a commit of PostgreSQL has to be small: who hears it reads the
//! rest. Notifications are not kept for who is away, so whoever was cut off is told
//! that something may have been missed.

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sqlx::postgres::{PgListener, PgNotification, PgPoolOptions};
use sqlx::{Any, Row};

use crate::{Connection, Db, Engine, Error, to_json};

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

/// Something to be told.
pub trait News: Send + Sync + 'static {
    /// What travels to another process; little more than ids.
    type Message: Serialize + DeserializeOwned + PartialEq + Send;

    /// It, on its way.
    fn message(&self) -> Self::Message;
}

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard<M> {
    /// This, in the order of the commits.
    Said(Vec<M>),
    /// Nobody knows: there was a gap.
    Missed,
}

/// Hears what any process on a PostgreSQL tells, this one included.
#[derive(Debug)]
pub struct Listener<N: News> {
    db: Db<N>,
    connection: PgListener,
}

impl<N: News> Db<N> {
    /// Begins to hear what is told on this PostgreSQL. On SQLite nobody else tells
    /// anything, and there is nothing to hear.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn listen(&self) -> Result<Option<Listener<N>>, Error> {
        match self.engine() {
            Engine::Sqlite => Ok(None),
            Engine::Postgres => Ok(Some(Listener {
                db: self.clone(),
                connection: connect(self.url()).await?,
            })),
        }
    }
}

async fn connect(url: &str) -> Result<PgListener, Error> {
    // Of its own: it is not for queries, and lives as long as it can.
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(PATIENCE)
        .connect(url)
        .await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.ignore_pool_close_event(true);
    // The one who reconnects has to say that there was a gap.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

/// Says it when the transaction of this connection is committed; at once if
/// there is none.
pub(crate) async fn notify<N: News>(connection: &mut Connection, news: &[N]) -> Result<(), Error> {
    for payload in payloads(news.iter().map(News::message)) {
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
fn payloads<M: Serialize>(messages: impl Iterator<Item = M>) -> Vec<String> {
    let mut packed: Vec<String> = Vec::new();
    let mut said: Vec<String> = Vec::new();
    for message in messages {
        let json = to_json(&message);
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
fn messages<M: DeserializeOwned>(payload: &str) -> impl Iterator<Item = M> + use<M> {
    let values: Vec<Value> = serde_json::from_str(payload).unwrap_or_default();
    values
        .into_iter()
        .filter_map(|value| serde_json::from_value(value).ok())
}

impl<N: News> Listener<N> {
    /// What is said next, with all that has arrived by then. Connects again whenever
    /// it has to, however long that takes, and then says that there was a gap.
    pub async fn next(&mut self) -> Heard<N::Message> {
        match self.hear().await {
            Some(said) => Heard::Said(said),
            None => {
                self.reconnect().await;
                Heard::Missed
            }
        }
    }

    /// `None` when the connection is lost.
    async fn hear(&mut self) -> Option<Vec<N::Message>> {
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
        let mut said: Vec<N::Message> = Vec::new();
        let mut next = Some(first);
        while let Some(notification) = next {
            said.extend(messages(PgNotification::payload(&notification)));
            next = self.connection.next_buffered();
        }
        Some(said)
    }

    /// Whether anything can be heard: nobody writes to a PostgreSQL that another one
    /// took over from.
    async fn may_hear(&mut self) -> Result<bool, sqlx::Error> {
        let row = sqlx::query("SELECT current_setting('transaction_read_only') = 'off' AS writes")
            .fetch_one(&mut self.connection)
            .await?;
        row.try_get("writes")
    }

    async fn reconnect(&mut self) {
        tracing::warn!("the database is not listened to; connecting again");
        self.connection = loop {
            match connect(self.db.url()).await {
                Ok(connection) => break connection,
                Err(error) => tracing::warn!(%error, "the database cannot be listened to"),
            }
            tokio::time::sleep(PAUSE).await;
        };
        tracing::info!("the database is listened to again");
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Message {
        Row(String),
        Bell,
    }

    #[test]
    fn news_are_packed_and_unpacked_once_each_and_in_order() {
        let rows = (0..500).map(|n| Message::Row(format!("row_\"{n}\n")));
        let mut said: Vec<_> = rows.collect();
        let twice = said.iter().chain(&said).cloned();
        let packed = payloads(twice.chain([Message::Bell]));
        assert!(packed.len() > 1);
        assert!(packed.iter().all(|payload| payload.len() < 8_000));
        let heard: Vec<Message> = packed
            .iter()
            .flat_map(|payload| messages(payload))
            .collect();
        said.push(Message::Bell);
        assert_eq!(heard, said);
    }

    #[test]
    fn what_a_newer_server_says_besides_is_passed_over() {
        let payload = r#"["from_the_future",{"moon":1},"bell"]"#;
        let heard: Vec<Message> = messages(payload).collect();
        assert_eq!(heard, [Message::Bell]);
        assert_eq!(messages::<Message>("no JSON").count(), 0);
    }
}
