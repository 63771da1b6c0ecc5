//! Group commit: what arrives while a transaction is being written goes into
//! the next one together. Durability costs a disk flush for each commit, so a
//! commit shared by fifty deliveries makes each fifty times cheaper.

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::{NewDelivery, Outcome, Scope, Store, StoreError};

/// How many deliveries may wait; beyond that senders wait too.
const QUEUE: usize = 1024;
/// How many deliveries go into one transaction.
const BATCH: usize = 256;

type Reply = oneshot::Sender<Result<Outcome, StoreError>>;

/// Writes webhook deliveries, many at a time. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DeliveryWriter {
    queue: mpsc::Sender<(NewDelivery, Reply)>,
}

impl DeliveryWriter {
    /// Starts the writing task. It ends, with everything written, once every
    /// clone of the writer is gone.
    #[must_use]
    pub fn start(store: Store) -> (Self, JoinHandle<()>) {
        let (queue, mut waiting) = mpsc::channel::<(NewDelivery, Reply)>(QUEUE);
        let task = tokio::spawn(async move {
            let mut batch = Vec::with_capacity(BATCH);
            while waiting.recv_many(&mut batch, BATCH).await > 0 {
                write_batch(&store, std::mem::take(&mut batch)).await;
            }
        });
        (Self { queue }, task)
    }

    /// Keeps a delivery. When this returns `Ok`, it is on the disk.
    ///
    /// # Errors
    /// When it could not be written; then it may not be acknowledged.
    pub async fn keep(&self, delivery: NewDelivery) -> Result<Outcome, StoreError> {
        let (reply, answer) = oneshot::channel();
        let stopped = || StoreError::NotWritten("the server is stopping".to_owned());
        self.queue
            .send((delivery, reply))
            .await
            .map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

async fn write_batch(store: &Store, batch: Vec<(NewDelivery, Reply)>) {
    match write_all(store, batch.iter().map(|(delivery, _)| delivery)).await {
        Ok(outcomes) => {
            for ((_, reply), outcome) in batch.into_iter().zip(outcomes) {
                // Nobody waits any more when the sender hung up: it is stored.
                let _ = reply.send(Ok(outcome));
            }
        }
        // One row the database refuses must not take the others with it.
        Err(StoreError::Refused(_)) if batch.len() > 1 => {
            for (delivery, reply) in batch {
                let outcome = write_all(store, std::iter::once(&delivery)).await;
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

async fn write_all<'a>(
    store: &Store,
    deliveries: impl Iterator<Item = &'a NewDelivery>,
) -> Result<Vec<Outcome>, StoreError> {
    let mut write = store.write(Scope::Server).await?;
    let mut outcomes = Vec::new();
    let mut rejected = false;
    for delivery in deliveries {
        outcomes.push(Store::insert_delivery(&mut write, delivery).await?);
        rejected |= delivery.accepted.is_none();
    }
    if rejected {
        Store::prune_rejected(&mut write).await?;
    }
    write.commit().await?;
    Ok(outcomes)
}
