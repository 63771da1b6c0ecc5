//! What a public key has left of its calls at a time and its minutes of the
//! day: counted in the database, because servers share them.

use sqlx::Row;
use uuid::Uuid;

use super::line::{self, Place};
use crate::clock::HOUR_MS;
use crate::keys::PublicKey;
use crate::store::{Connection, Scope, Store, StoreError, Tenant};
use futures_util::future::BoxFuture;

/// How long starting a call may take (ms); afterwards its place is free again.
const RESERVED_MS: i64 = 120_000;
/// No call is longer (ms): one that began earlier does not reach into the day.
const LONGEST_CALL_MS: i64 = 2 * HOUR_MS;

/// Whether a key may start another call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Room {
    /// It may. Where its calls are counted, its place is kept under this id.
    Free(Option<String>),
    /// It holds as many calls as it may, or others wait for the next one. Who wants
    /// to wait as well has this place.
    LinesBusy(Option<Place>),
    /// Its minutes of the day are used up.
    MinutesUsed,
}

/// What somebody does for whom there is no call right now.
#[derive(Debug, Clone, Copy)]
enum Patience<'a> {
    /// They go away, or come again.
    None,
    /// They wait, with the place they may have.
    Waits(Option<&'a str>),
}

crate::store::part! {
    /// Places for calls: taken, and waited for.
    places -> Places
}

impl Places<'_> {
    /// Takes a place for a call that is about to be started, if the key and those
    /// it replaced have one left together, and nobody waits for it. `midnight` is when
    /// the tenant's day began (Unix ms).
    pub async fn reserve(
        self,
        tenant: &Tenant,
        key: &PublicKey,
        midnight: i64,
        now: i64,
    ) -> Result<Room, StoreError> {
        self.reserve_with(tenant, key, Patience::None, midnight, now)
            .await
    }

    /// The same for somebody who waits in line, where they have a `place` at best. They
    /// keep it until they give it up: the call may yet come to nothing.
    pub async fn reserve_or_wait(
        self,
        tenant: &Tenant,
        key: &PublicKey,
        place: Option<&str>,
        midnight: i64,
        now: i64,
    ) -> Result<Room, StoreError> {
        self.reserve_with(tenant, key, Patience::Waits(place), midnight, now)
            .await
    }

    async fn reserve_with(
        self,
        tenant: &Tenant,
        key: &PublicKey,
        patience: Patience<'_>,
        midnight: i64,
        now: i64,
    ) -> Result<Room, StoreError> {
        if key.max_concurrent.is_none() && key.minutes_per_day.is_none() {
            return Ok(Room::Free(None));
        }
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        // One after the other: two that count at the same time would both fit.
        let sql = format!(
            "SELECT id FROM public_keys WHERE tenant_id = $1 AND family = $2 ORDER BY id{}",
            self.0.for_update()
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(&key.family)
            .fetch_all(write.connection())
            .await?;
        sqlx::query(
            "DELETE FROM call_reservations \
             WHERE tenant_id = $1 AND family = $2 AND expires_at <= $3",
        )
        .bind(tenant.id())
        .bind(&key.family)
        .bind(now)
        .execute(write.connection())
        .await?;
        if let Some(most) = key.max_concurrent {
            let db = write.connection();
            line::forget_gone(db, tenant, now).await?;
            let held = match patience {
                Patience::Waits(Some(id)) => line::seen(db, tenant, id, now)
                    .await?
                    .map(|(_, since)| (since, id)),
                _ => None,
            };
            let ahead = line::ahead(db, tenant, &key.family, held, now).await?;
            if taken(db, tenant, &key.family).await? + ahead >= i64::from(most) {
                let place = match patience {
                    Patience::None => None,
                    Patience::Waits(held) => {
                        line::stand(db, tenant, &key.family, held, now).await?
                    }
                };
                write.commit().await?;
                return Ok(Room::LinesBusy(place));
            }
        }
        if let Some(minutes) = key.minutes_per_day {
            let used = used_ms(write.connection(), tenant, &key.family, midnight, now).await?;
            if used >= i64::from(minutes) * 60_000 {
                return Ok(Room::MinutesUsed);
            }
        }
        let id = Uuid::now_v7().to_string();
        sqlx::query(
            "INSERT INTO call_reservations (id, tenant_id, family, expires_at) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(&id)
        .bind(tenant.id())
        .bind(&key.family)
        .bind(now + RESERVED_MS)
        .execute(write.connection())
        .await?;
        write.commit().await?;
        Ok(Room::Free(Some(id)))
    }

    /// Gives a place back: the call is stored now, or there is none.
    pub async fn release(self, tenant: &Tenant, id: &str) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query("DELETE FROM call_reservations WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .execute(write.connection())
            .await?;
        write.commit().await
    }
}

/// How long calls with a key and those it replaced lasted since midnight (ms), live ones
/// until now.
pub fn used_with_key<'a>(
    store: &'a Store,
    tenant: &'a Tenant,
    key: &'a PublicKey,
    (midnight, now): (i64, i64),
) -> BoxFuture<'a, Result<i64, StoreError>> {
    Box::pin(async move {
        let mut db = store.read(Scope::Of(tenant)).await?;
        Ok(used_ms(db.connection(), tenant, &key.family, midnight, now).await?)
    })
}

/// Calls going on, and places taken.
pub(super) async fn taken(
    connection: &mut Connection,
    tenant: &Tenant,
    family: &str,
) -> Result<i64, sqlx::Error> {
    let row = sqlx::query(
        "SELECT \
           (SELECT COUNT(*) FROM public_keys k JOIN calls c ON c.public_key_id = k.id \
            WHERE k.tenant_id = $1 AND k.family = $2 AND c.tenant_id = $1 AND c.live = 1) \
         + (SELECT COUNT(*) FROM call_reservations r \
            WHERE r.tenant_id = $1 AND r.family = $2) AS taken",
    )
    .bind(tenant.id())
    .bind(family)
    .fetch_one(connection)
    .await?;
    row.try_get("taken")
}

async fn used_ms(
    connection: &mut Connection,
    tenant: &Tenant,
    family: &str,
    midnight: i64,
    now: i64,
) -> Result<i64, sqlx::Error> {
    // A call over midnight counts from there on.
    let row = sqlx::query(
        "SELECT CAST(COALESCE(SUM(CASE WHEN d.until > d.since THEN d.until - d.since ELSE 0 END), \
                0) AS BIGINT) AS used \
         FROM (SELECT \
             CASE WHEN c.started_at < $3 THEN $3 ELSE c.started_at END AS since, \
             CASE WHEN c.live = 1 THEN $4 \
                  ELSE COALESCE(c.ended_at, c.started_at + c.duration_ms, c.started_at) END \
                 AS until \
           FROM public_keys k JOIN calls c ON c.public_key_id = k.id \
           WHERE k.tenant_id = $1 AND k.family = $2 AND c.tenant_id = $1 \
             AND c.created_at >= $5 AND c.started_at IS NOT NULL) d",
    )
    .bind(tenant.id())
    .bind(family)
    .bind(midnight)
    .bind(now)
    .bind(midnight - LONGEST_CALL_MS)
    .fetch_one(connection)
    .await?;
    row.try_get("used")
}
