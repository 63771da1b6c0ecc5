//! A call's place among those its key allows at a time.

use std::time::Duration;

use super::MintError;
use crate::calls::Context;
use crate::keys::{PublicKey, Room};
use crate::store::Tenant;
use crate::tenants::day;

/// A place that was taken, until it is given back.
pub(super) struct Place<'a> {
    cx: &'a Context,
    tenant: &'a Tenant,
    id: Option<String>,
}

/// Takes a place for a call with this key.
pub(super) async fn take<'a>(
    cx: &'a Context,
    tenant: &'a Tenant,
    key: &PublicKey,
) -> Result<Place<'a>, MintError> {
    let now = cx.clock.now_ms();
    let (midnight, next_midnight) = day::bounds(tenant.timezone(), now);
    match cx.store.reserve_call(tenant, key, midnight, now).await? {
        Room::Free(id) => Ok(Place { cx, tenant, id }),
        Room::LinesBusy => Err(MintError::LinesBusy),
        Room::MinutesUsed => Err(MintError::MinutesUsedUp {
            retry_after: Duration::from_millis((next_midnight - now).try_into().unwrap_or(1)),
        }),
    }
}

impl Place<'_> {
    /// The call counts by itself now, or there is none. A place that cannot be
    /// given back becomes free by itself soon.
    pub(super) async fn give_back(self) {
        let Some(id) = self.id else { return };
        if let Err(error) = self.cx.store.release_call(self.tenant, &id).await {
            tracing::warn!(%error, "a call's place is kept longer than needed");
        }
    }
}
