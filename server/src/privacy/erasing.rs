//! Erasing somebody: in steps, each a transaction that tells the trail of itself, so that
//! nobody else waits for the whole and what is done stays done.

use api::privacy::{Erased, ErasureState, Traces};
use serde_json::{Value, json};

use super::{count, of_person, traces};
use crate::deeds::{Author, Deed, Deeds};
use crate::keeps::{Keepers, OfPeople};
use crate::people;
use crate::person::Person;
use crate::privacy::{Erasures, Searches};
use crate::store::{Scope, Store, StoreError, Tenant};

/// How many calls are erased with one transaction.
pub const CALLS_AT_ONCE: usize = 100;

/// Why somebody was not erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// Nobody could administer the business any more.
    #[error("this is the business's last admin")]
    LastAdmin,
    /// The database failed. What is gone by then is in the trail.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Erases somebody here; with `retell`, Retell deletes the calls first. A call
/// that goes on, or that Retell does not delete, is left.
///
/// # Errors
/// When that fails, or the business would be without an admin.
pub async fn erase(
    keepers: &Keepers,
    store: &Store,
    tenant: &Tenant,
    person: &Person,
    retell: Option<&retell::Client>,
    author: &Author,
    now: i64,
) -> Result<Erased, EraseError> {
    let erasing = Erasing {
        keepers,
        store,
        tenant,
        person,
        retell,
        author,
        now,
        order: None,
    };
    erasing.go_on(Traces::default()).await
}

/// Somebody to be erased.
pub(super) struct Erasing<'a> {
    pub(super) keepers: &'a Keepers,
    pub(super) store: &'a Store,
    pub(super) tenant: &'a Tenant,
    pub(super) person: &'a Person,
    /// Deletes the calls first.
    pub(super) retell: Option<&'a retell::Client>,
    pub(super) author: &'a Author,
    /// Unix ms.
    pub(super) now: i64,
    /// The order that is told how far it is.
    pub(super) order: Option<&'a str>,
}

impl Erasing<'_> {
    /// Erases what is left, where so much is gone already.
    pub(super) async fn go_on(&self, gone: Traces) -> Result<Erased, EraseError> {
        // Asked first, so that Retell deletes nothing in vain; and again with what is
        // deleted here, because another admin may go meanwhile.
        if self
            .store
            .people()
            .is_last_admin(self.tenant, self.person)
            .await?
        {
            return Err(EraseError::LastAdmin);
        }
        let calls = self
            .store
            .calls()
            .of_person(self.tenant, self.person)
            .await?;
        let (live, over): (Vec<_>, Vec<_>) = calls.into_iter().partition(|call| call.live);
        let over: Vec<_> = over.into_iter().map(|call| call.id).collect();
        let mut so_far = Erased {
            erased: gone,
            live_calls: count(live.len()),
            refused_by_retell: Vec::new(),
        };
        let mut left = over.as_slice();
        while left.len() > CALLS_AT_ONCE {
            let (calls, others) = left.split_at(CALLS_AT_ONCE);
            self.step(calls, &[], ErasureState::Running, &mut so_far)
                .await?;
            left = others;
        }
        let found = of_person(self.keepers, self.store, self.tenant, self.person).await?;
        self.step(left, &found, ErasureState::Done, &mut so_far)
            .await?;
        Ok(so_far)
    }

    /// Erases these calls and what was found besides, and adds how much it was; then it
    /// stands like this.
    async fn step(
        &self,
        calls: &[String],
        found: &[(&OfPeople, Vec<Value>)],
        state: ErasureState,
        so_far: &mut Erased,
    ) -> Result<(), EraseError> {
        let (store, tenant) = (self.store, self.tenant);
        let mut gone = Vec::with_capacity(calls.len());
        for call in calls {
            match self.retell {
                Some(retell) if !deleted_at_retell(retell, call).await => {
                    so_far.refused_by_retell.push(call.clone());
                }
                _ => gone.push(call.clone()),
            }
        }
        let erased = traces(self.keepers, store, tenant, &gone, found).await?;
        so_far.erased += erased;
        let mut write = store.write(Scope::Of(tenant)).await?;
        // Before anything else is held, which others may wait for.
        if self.person.email().is_some() {
            store
                .people()
                .one_change_of_people(&mut write, tenant)
                .await?;
        }
        let had_admin = people::has_admin(&mut write, tenant).await?;
        self.keepers
            .erase_calls(&mut write, tenant, &gone, self.now)
            .await?;
        Searches::forget(&mut write, tenant, self.person).await?;
        for (of_people, rows) in found {
            (of_people.erase)(&mut write, tenant, self.person, rows).await?;
        }
        if had_admin && !people::has_admin(&mut write, tenant).await? {
            return Err(EraseError::LastAdmin);
        }
        if let Some(order) = self.order {
            Erasures::is_at(&mut write, tenant, order, state, so_far).await?;
        }
        // That it was done, but not about whom.
        let details = json!({"erased": erased, "at_retell": self.retell.is_some()});
        let deed = Deed::of_business("person.erased", details);
        Deeds::record(&mut write, tenant, self.author, &deed, self.now).await?;
        write.commit().await?;
        Ok(())
    }
}

async fn deleted_at_retell(retell: &retell::Client, call_id: &str) -> bool {
    match retell.delete_call(call_id).await {
        Ok(()) => true,
        Err(error) if error.is_not_found() => true,
        Err(error) => {
            let route = error.route().unwrap_or_default();
            tracing::warn!(
                call_id,
                route,
                status = error.status(),
                "not deleted at Retell"
            );
            false
        }
    }
}
