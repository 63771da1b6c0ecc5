//! What was parked, and is done after all once a person says so.

use serde_json::json;

use super::{Jobs, NewJob};
use crate::deeds::{Author, Deed, Deeds};
use crate::store::{Scope, Store, StoreError, Tenant, Write};

/// So much is done again at once.
const AT_ONCE: i64 = 500;

/// The part of the store that has things of a business that may be parked.
pub trait Parked: Sized + Send {
    /// What one of them is in the trail.
    const KIND: &'static str;
    /// What it is called there that one is done again, and that all are.
    const DEEDS: [&'static str; 2];

    /// Where they are.
    fn store(&self) -> &Store;

    /// So many that are parked, the oldest first, by their ids.
    fn oldest(
        write: &mut Write,
        tenant: &Tenant,
        most: i64,
    ) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;

    /// Has one wait again: the job that does it; nothing where it is not parked.
    fn again(
        write: &mut Write,
        tenant: &Tenant,
        id: &str,
        now: i64,
    ) -> impl Future<Output = Result<Option<NewJob>, StoreError>> + Send;

    /// Has one that is parked done after all; `false` when there is none such.
    fn replay(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send
    where
        Self: Sync,
    {
        async move {
            let mut write = self.store().write(Scope::Of(tenant)).await?;
            let Some(job) = Self::again(&mut write, tenant, id, now).await? else {
                return Ok(false);
            };
            Jobs::enqueue(&mut write, tenant, &job, now).await?;
            let deed = Deed::on(Self::KIND, id, Self::DEEDS[0]);
            Deeds::record(&mut write, tenant, author, &deed, now).await?;
            write.commit().await?;
            Ok(true)
        }
    }

    /// Has all that is parked done after all, and not too much at once.
    fn replay_all(
        self,
        tenant: &Tenant,
        author: &Author,
        now: i64,
    ) -> impl Future<Output = Result<(), StoreError>> + Send
    where
        Self: Sync,
    {
        async move {
            let mut write = self.store().write(Scope::Of(tenant)).await?;
            let parked = Self::oldest(&mut write, tenant, AT_ONCE).await?;
            for id in &parked {
                if let Some(job) = Self::again(&mut write, tenant, id, now).await? {
                    Jobs::enqueue(&mut write, tenant, &job, now).await?;
                }
            }
            let deed = Deed::of_business(Self::DEEDS[1], json!({"count": parked.len()}));
            Deeds::record(&mut write, tenant, author, &deed, now).await?;
            write.commit().await
        }
    }
}
