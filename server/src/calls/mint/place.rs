//! A call's place among those its key allows at a time.

use std::time::Duration;

use api::public::Waiting;

use super::MintError;
use crate::calls::Context;
use crate::keys::{self, PublicKey, Room};
use crate::store::{StoreError, Tenant};
use crate::tenants::day;

/// A place that was taken, until it is given back.
pub(super) struct Place<'a> {
    cx: &'a Context,
    tenant: &'a Tenant,
    id: Option<String>,
}

/// How a visitor stands to the line of those who wait for a call.
pub(super) enum Queue<'a> {
    /// They go away if there is none.
    Not,
    /// They wait.
    Joins,
    /// They have waited, and held this place until now.
    In(&'a str),
}

impl<'a> Queue<'a> {
    /// Whether a place is held is known to our store alone.
    pub(super) async fn of(
        cx: &Context,
        tenant: &Tenant,
        key: &PublicKey,
        waits: bool,
        held: Option<&'a str>,
    ) -> Result<Self, MintError> {
        let now = cx.clock.now_ms();
        if let Some(id) = held
            && cx.store.keep_place(tenant, key, id, now).await?.is_some()
        {
            return Ok(Self::In(id));
        }
        Ok(if waits { Self::Joins } else { Self::Not })
    }

    pub(super) fn has_place(&self) -> bool {
        matches!(self, Self::In(_))
    }
}

/// Takes a place for a call with this key, or one in the line.
pub(super) async fn take<'a>(
    cx: &'a Context,
    tenant: &'a Tenant,
    key: &PublicKey,
    queue: Queue<'_>,
) -> Result<Place<'a>, MintError> {
    let now = cx.clock.now_ms();
    let (midnight, next_midnight) = day::bounds(tenant.timezone(), now);
    let store = &cx.store;
    let room = match queue {
        Queue::Not => store.reserve_call(tenant, key, midnight, now).await?,
        Queue::Joins => {
            store
                .reserve_call_or_wait(tenant, key, None, midnight, now)
                .await?
        }
        Queue::In(id) => {
            store
                .reserve_call_or_wait(tenant, key, Some(id), midnight, now)
                .await?
        }
    };
    match room {
        Room::Free(id) => Ok(Place { cx, tenant, id }),
        Room::LinesBusy(None) => Err(MintError::LinesBusy(None)),
        Room::LinesBusy(Some(place)) => {
            let waiting = waiting(cx, tenant, key, place).await?;
            Err(MintError::LinesBusy(Some(waiting)))
        }
        Room::MinutesUsed => Err(MintError::MinutesUsedUp {
            retry_after: Duration::from_millis((next_midnight - now).try_into().unwrap_or(1)),
        }),
    }
}

/// How often a panel asks after its place (ms): often near its turn, and the longer
/// the line, the less.
const AGAIN_MS: i64 = 2_000;
const AGAIN_MOST_MS: i64 = 5_000;

/// What a visitor is told of their place: each of the calls that go on ends in its
/// usual time, so one of them does in a part of it.
pub(crate) async fn waiting(
    cx: &Context,
    tenant: &Tenant,
    key: &PublicKey,
    place: keys::Place,
) -> Result<Waiting, StoreError> {
    let usual = cx.store.usual_call_ms(tenant, key).await?;
    let at_a_time = key.max_concurrent.map_or(1, i64::from).max(1);
    Ok(Waiting {
        wait_ms: usual.map(|ms| ms.saturating_mul(place.ahead + 1) / at_a_time),
        again_ms: (AGAIN_MS + 1_000 * place.ahead).min(AGAIN_MOST_MS),
        place: place.id,
        ahead: place.ahead,
        ready: place.ready,
    })
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
