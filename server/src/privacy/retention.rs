//! Retention: what is older than a business keeps it is deleted, a bounded
//! batch at a time.

use api::privacy::Retention;
use serde_json::{Map, json};

use crate::clock::DAY_MS;
use crate::deeds::{Author, Deed};
use crate::keeps::{Aging, Batch, Keepers};
use crate::store::{Scope, Store, StoreError, Tenant};

/// How many rows are deleted in one transaction: webhooks must not wait.
pub(super) const BATCH: u32 = 500;

/// The longest that can be set: a hundred years.
pub const MAX_DAYS: u32 = 36_500;

/// Deletes everything that is too old now. Returns how many rows that were. One
/// business's that cannot be deleted keep nobody else's; one that is switched off
/// promised it to its callers all the same.
///
/// # Errors
/// When the database fails: then that is tried again later, the rest is done.
pub async fn apply(keepers: &Keepers, store: &Store, now: i64) -> Result<u64, StoreError> {
    let mut done = Vec::new();
    for (tenant, retention) in store.retentions().all().await? {
        let removed = apply_to(keepers, store, &tenant, &retention, now).await;
        if let Err(error) = &removed {
            tracing::error!(tenant_id = tenant.id(), %error, "retention cannot be applied");
        }
        done.push(removed);
    }
    done.push(expire(keepers, store, now).await);
    done.into_iter().sum()
}

/// Deletes what is over and no business's to decide about. Returns how many rows. What
/// cannot be deleted keeps nothing else.
pub(super) async fn expire(keepers: &Keepers, store: &Store, now: i64) -> Result<u64, StoreError> {
    let mut done = Vec::new();
    for expire in keepers.expiring() {
        done.push(in_batches(|| expire(store, now, BATCH)).await);
    }
    done.into_iter().sum()
}

/// Deletes a batch after another until one is not full. Returns how many rows.
pub(super) async fn in_batches<D>(delete: impl Fn() -> D) -> Result<u64, StoreError>
where
    D: Future<Output = Result<u64, StoreError>>,
{
    let mut all = 0;
    loop {
        let batch = delete().await?;
        all += batch;
        if batch < u64::from(BATCH) {
            return Ok(all);
        }
    }
}

pub(super) async fn apply_to(
    keepers: &Keepers,
    store: &Store,
    tenant: &Tenant,
    retention: &Retention,
    now: i64,
) -> Result<u64, StoreError> {
    let mut counts = Map::new();
    let mut all = 0;
    for aging in keepers.aging() {
        let Some(days) = (aging.days)(retention) else {
            continue;
        };
        let batch = Batch {
            keepers,
            tenant,
            before: now.saturating_sub(i64::from(days).saturating_mul(DAY_MS)),
            limit: BATCH,
            now,
        };
        let removed = in_batches(|| remove(store, aging, &batch)).await?;
        if removed > 0 {
            counts.insert(aging.name.to_owned(), removed.into());
        }
        all += removed;
    }
    if all > 0 {
        let deed = Deed::of_business("retention.applied", json!(counts));
        store
            .deeds()
            .record_deed(tenant, &Author::system(), &deed, now)
            .await?;
        tracing::info!(tenant_id = tenant.id(), rows = all, "retention applied");
    }
    Ok(all)
}

async fn remove(store: &Store, aging: &Aging, batch: &Batch<'_>) -> Result<u64, StoreError> {
    let mut write = store.write(Scope::Of(batch.tenant)).await?;
    let removed = (aging.remove)(store, &mut write, batch).await?;
    write.commit().await?;
    Ok(removed)
}
