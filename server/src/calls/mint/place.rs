//! A call's place among those its key, and the business's Retell account, allow at a time.

use std::time::Duration;

use api::public::Waiting;
use retell::models::Concurrency;

use super::MintError;
use crate::calls::{self, Context, Room};
use crate::keys::PublicKey;
use crate::store::{StoreError, Tenant};
use crate::tenants::day;

/// A place that was taken, until it is given back.
pub(super) struct Place<'a> {
    cx: &'a Context,
    tenant: &'a Tenant,
    /// Among the calls of the key.
    room: Option<String>,
    queue: Queue<'a>,
}

/// How a visitor stands to the lines of those who wait for a call.
#[derive(Debug, Clone, Copy)]
pub(super) enum Queue<'a> {
    /// They go away if there is none.
    Not,
    /// They wait.
    Joins,
    /// They have waited, and hold this place.
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
            && cx
                .store
                .places()
                .keep(tenant, key, id, now)
                .await?
                .is_some()
        {
            return Ok(Self::In(id));
        }
        Ok(if waits { Self::Joins } else { Self::Not })
    }

    pub(super) fn has_place(&self) -> bool {
        self.held().is_some()
    }

    fn held(&self) -> Option<&'a str> {
        match self {
            Self::In(id) => Some(id),
            Self::Not | Self::Joins => None,
        }
    }
}

/// Takes a place for a call with this key, or one in the line.
pub(super) async fn take<'a>(
    cx: &'a Context,
    tenant: &'a Tenant,
    key: &PublicKey,
    queue: Queue<'a>,
) -> Result<Place<'a>, MintError> {
    let now = cx.clock.now_ms();
    let (midnight, next_midnight) = day::bounds(tenant.timezone(), now);
    let store = &cx.store;
    // Nobody overtakes who waits for the account, with whichever key.
    if store
        .places()
        .ahead_at_account(tenant, queue.held(), now)
        .await?
        > 0
    {
        return Err(MintError::LinesBusy(stand(cx, tenant, key, queue).await?));
    }
    let room = match queue {
        Queue::Not => store.places().reserve(tenant, key, midnight, now).await?,
        Queue::Joins | Queue::In(_) => {
            store
                .places()
                .reserve_or_wait(tenant, key, queue.held(), midnight, now)
                .await?
        }
    };
    match room {
        Room::Free(room) => Ok(Place {
            cx,
            tenant,
            room,
            queue,
        }),
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

/// A place in the line before the business's Retell account, for who waits.
async fn stand(
    cx: &Context,
    tenant: &Tenant,
    key: &PublicKey,
    queue: Queue<'_>,
) -> Result<Option<Waiting>, MintError> {
    if matches!(queue, Queue::Not) {
        return Ok(None);
    }
    let now = cx.clock.now_ms();
    let place = cx
        .store
        .places()
        .wait_at_account(tenant, queue.held(), now)
        .await?;
    Ok(match place {
        Some(place) => Some(waiting(cx, tenant, key, place).await?),
        None => None,
    })
}

impl Place<'_> {
    /// Nobody starts a call without one; what came of it says where its visitor stands
    /// now. The call counts by itself, or there is none: what cannot be given back
    /// becomes free by itself soon.
    pub(super) async fn give_back<T>(
        self,
        key: &PublicKey,
        started: Result<T, MintError>,
    ) -> Result<T, MintError> {
        let Self {
            cx,
            tenant,
            room,
            queue,
        } = self;
        if let Some(room) = room
            && let Err(error) = cx.store.places().release(tenant, &room).await
        {
            tracing::warn!(%error, "a call's place is kept longer than needed");
        }
        // Retell has no free line: who waits for one is not refused.
        if let Err(MintError::Retell(error)) = &started
            && error.is_rate_limited()
            && let Some(waiting) = stand(cx, tenant, key, queue).await?
        {
            return Err(MintError::LinesBusy(Some(waiting)));
        }
        if let Some(id) = queue.held()
            && let Err(error) = cx.store.places().leave(tenant, id).await
        {
            tracing::warn!(%error, "a place in line is kept longer than needed");
        }
        started
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
    place: calls::Place,
) -> Result<Waiting, StoreError> {
    let usual = cx.store.places().usual_call_ms(tenant, key).await?;
    let mut at_a_time = key.max_concurrent.map(i64::from);
    let mut ready = place.ready;
    if place.at_account
        && let Some(account) = at_retell(cx, tenant).await
    {
        at_a_time = account.concurrency_limit;
        ready &= account.current_concurrency < account.concurrency_limit;
    }
    Ok(Waiting {
        wait_ms: usual.map(|ms| ms.saturating_mul(place.ahead + 1) / at_a_time.unwrap_or(1).max(1)),
        again_ms: (AGAIN_MS + 1_000 * place.ahead).min(AGAIN_MOST_MS),
        place: place.id,
        ahead: place.ahead,
        ready,
    })
}

/// How many calls the business's account has and may have; nothing where Retell does not
/// say: then the next attempt will.
async fn at_retell(cx: &Context, tenant: &Tenant) -> Option<Concurrency> {
    let account = cx.account(tenant).await.ok()?;
    let told = account.client.concurrency().await.ok()?;
    told.concurrency_limit.is_some().then_some(told)
}
