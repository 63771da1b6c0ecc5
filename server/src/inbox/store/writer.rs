//! Group commit: what arrives while a transaction is being written goes into
//! the next one together. Durability costs a disk flush for each commit, so a
//! commit shared by fifty entries makes each fifty times cheaper.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{Mutex, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::inbox::{InboxEntries, NewEntry, Outcome};
use crate::store::{Engine, Scope, Store, StoreError};

/// How many entries may wait; beyond that senders wait too.
const QUEUE: usize = 1024;
/// How many entries go into one transaction.
const BATCH: usize = 256;
/// How many transactions PostgreSQL has at once: while one waits for the disk, the next is
/// being written. SQLite has one turn.
const AT_ONCE_ON_POSTGRES: usize = 2;
/// How often a transaction that was given up for another's sake is begun anew.
const COLLISIONS: u32 = 5;
/// How long the other one has to be through, the first time (twice as long each time
/// after): who comes again at once may take the same rows before the other wakes up.
const COLLISION_PAUSE: Duration = Duration::from_millis(20);

type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writing task is asked for.
#[derive(Debug)]
enum Order {
    /// Keep this.
    Keep(Box<NewEntry>, Reply<Outcome>),
    /// Say whether you could.
    Beat(Reply<()>),
}

/// Writes webhook entries, many at a time. Cheap to clone.
#[derive(Debug, Clone)]
pub struct InboxWriter {
    queue: mpsc::Sender<Order>,
    /// How many came so far.
    came: watch::Sender<u64>,
}

impl InboxWriter {
    /// Starts the writing. It ends, with everything written, once every clone of the
    /// writer is gone.
    #[must_use]
    pub fn start(store: Store) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let waiting = Mutex::new(waiting);
        let at_once = match store.engine() {
            Engine::Sqlite => 1,
            Engine::Postgres => AT_ONCE_ON_POSTGRES,
        };
        let task = tokio::spawn(async move {
            let writers = (0..at_once).map(|_| write_what_waits(&store, &waiting));
            join_all(writers).await;
        });
        let writer = Self {
            queue,
            came: watch::Sender::new(0),
        };
        (writer, task)
    }

    /// Waits until no entry came for `quiet`, but not longer than `patience`.
    pub async fn lull(&self, quiet: Duration, patience: Duration) {
        let mut came = self.came.subscribe();
        let calm = async {
            // The sender is ours: it cannot be gone.
            while let Ok(Ok(())) = timeout(quiet, came.changed()).await {}
        };
        // As good a moment as any, when there is none.
        let _ = timeout(patience, calm).await;
    }

    /// Keeps an entry. When this returns `Ok`, it is on the disk.
    ///
    /// # Errors
    /// When it could not be written; then it may not be acknowledged.
    pub async fn keep(&self, entry: NewEntry) -> Result<Outcome, StoreError> {
        self.came.send_modify(|came| *came += 1);
        self.ask(|reply| Order::Keep(Box::new(entry), reply)).await
    }

    /// Whether an entry that came now would be kept: the same task says so, on the
    /// same way. That another connection works says nothing about that.
    ///
    /// # Errors
    /// When it would not.
    pub async fn beat(&self) -> Result<(), StoreError> {
        self.ask(Order::Beat).await
    }

    async fn ask<T>(&self, order: impl FnOnce(Reply<T>) -> Order) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let stopped = || StoreError::NotWritten("the server is stopping".to_owned());
        self.queue.send(order(reply)).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

/// Writes what waits, one transaction after the other, until nobody asks any more.
async fn write_what_waits(store: &Store, waiting: &Mutex<mpsc::Receiver<Order>>) {
    loop {
        let mut batch = Vec::with_capacity(BATCH);
        if waiting.lock().await.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        carry_out(store, batch).await;
    }
}

async fn carry_out(store: &Store, orders: Vec<Order>) {
    let (mut batch, mut beats) = (Vec::new(), Vec::new());
    for order in orders {
        match order {
            Order::Keep(entry, reply) => batch.push((*entry, reply)),
            Order::Beat(reply) => beats.push(reply),
        }
    }
    if !batch.is_empty() {
        write_batch(store, batch).await;
    }
    if !beats.is_empty() {
        let works = store
            .check_writes()
            .await
            .map_err(|error| error.to_string());
        for reply in beats {
            // Nobody waits any more when the probe hung up.
            let _ = reply.send(works.clone().map_err(StoreError::NotWritten));
        }
    }
}

async fn write_batch(store: &Store, batch: Vec<(NewEntry, Reply<Outcome>)>) {
    let entries: Vec<_> = batch.iter().map(|(entry, _)| entry).collect();
    match write_all(store, &entries).await {
        Ok(outcomes) => {
            for ((_, reply), outcome) in batch.into_iter().zip(outcomes) {
                // Nobody waits any more when the sender hung up: it is stored.
                let _ = reply.send(Ok(outcome));
            }
        }
        // One row the database refuses must not take the others with it.
        Err(StoreError::Refused(_)) if batch.len() > 1 => {
            for (entry, reply) in batch {
                let outcome = write_all(store, &[&entry]).await;
                let _ = reply.send(outcome.map(|outcomes| outcomes[0]));
            }
        }
        Err(error) => {
            let error = error.to_string();
            for (_, reply) in batch {
                let _ = reply.send(Err(StoreError::NotWritten(error.clone())));
            }
        }
    }
}

/// Again where another transaction was in the way: nobody's event is put off for what
/// is over in a moment.
async fn write_all(store: &Store, entries: &[&NewEntry]) -> Result<Vec<Outcome>, StoreError> {
    for collision in 0..COLLISIONS {
        match write_once(store, entries).await {
            Err(error) if error.is_collision() => {
                tokio::time::sleep(COLLISION_PAUSE * 2_u32.pow(collision)).await;
            }
            result => return result,
        }
    }
    write_once(store, entries).await
}

async fn write_once(store: &Store, entries: &[&NewEntry]) -> Result<Vec<Outcome>, StoreError> {
    // Of those nobody signed as many are kept as there may be, and what another transaction
    // wrote meanwhile: that goes with the next.
    let unsigned = entries.iter().any(|new| new.vouched.is_none());
    if !unsigned && InboxEntries::fit_one_statement(entries) {
        let mut single = store.single(Scope::Server).await?;
        return InboxEntries::insert(single.connection(), entries).await;
    }
    let mut write = store.add(Scope::Server).await?;
    let outcomes = InboxEntries::insert(write.connection(), entries).await?;
    if unsigned {
        InboxEntries::prune_rejected(&mut write).await?;
    }
    write.commit().await?;
    Ok(outcomes)
}
