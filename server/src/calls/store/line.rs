//! The lines of visitors who wait for the next free call: of a key with a limit of its own,
//! or of the business's Retell account. Who came first is served first, as long as their
//! panel is there.

use sqlx::Row;
use uuid::Uuid;

use super::room::{Places, taken};
use crate::keys::PublicKey;
use crate::store::{Connection, Scope, StoreError, Tenant};

/// A panel that has not been heard of for so long (ms) lets others pass. It keeps its
/// place: the timers of a page that nobody looks at run once a minute.
const SILENT_MS: i64 = 10_000;
/// After so long (ms) it is gone, and its place with it.
pub(super) const GONE_MS: i64 = 90_000;
/// Nobody waits longer (ms).
const LONGEST_WAIT_MS: i64 = 30 * 60 * 1000;
/// How many may wait in one line.
const LONGEST_LINE: i64 = 100;
/// From how many calls it is told how long one lasts.
const USUAL_OF: i64 = 50;

/// The line before the business's Retell account. Every other has the name of its key's
/// family.
const ACCOUNT: &str = "account";

/// A place in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Whoever has this holds the place.
    pub id: String,
    /// How many are served before.
    pub ahead: i64,
    /// Whether it is its turn.
    pub ready: bool,
    /// Whether what it waits for is Retell's account, which we do not count.
    pub at_account: bool,
}

impl Places<'_> {
    /// Notes that the panel that holds a place is there, and says how it stands;
    /// nothing if it is gone.
    pub async fn keep(
        self,
        tenant: &Tenant,
        key: &PublicKey,
        id: &str,
        now: i64,
    ) -> Result<Option<Place>, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let db = write.connection();
        forget_gone(db, tenant, now).await?;
        let Some((line, since)) = seen(db, tenant, id, now).await? else {
            return Ok(None);
        };
        let ahead = ahead(db, tenant, &line, Some((since, id)), now).await?;
        let ready = match key.max_concurrent {
            Some(most) if line != ACCOUNT => {
                taken(db, tenant, &key.family).await? + ahead < i64::from(most)
            }
            // Whoever stands first asks Retell.
            _ => ahead == 0,
        };
        write.commit().await?;
        Ok(Some(Place {
            id: id.to_owned(),
            ahead,
            ready,
            at_account: line == ACCOUNT,
        }))
    }

    /// How many wait for the business's Retell account before somebody, who may hold a
    /// place.
    pub async fn ahead_at_account(
        self,
        tenant: &Tenant,
        held: Option<&str>,
        now: i64,
    ) -> Result<i64, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT COUNT(*) AS ahead FROM places_in_line other \
             WHERE other.tenant_id = $1 AND other.family = $2 AND other.seen_at > $3 \
               AND NOT EXISTS (SELECT 1 FROM places_in_line own \
                 WHERE own.tenant_id = $1 AND own.id = $4 AND (own.since < other.since \
                   OR (own.since = other.since AND own.id <= other.id)))",
        )
        .bind(tenant.id())
        .bind(ACCOUNT)
        .bind(now - SILENT_MS)
        .bind(held)
        .fetch_one(db.connection())
        .await?;
        Ok(row.try_get("ahead")?)
    }

    /// Waits for the business's Retell account, where the place that is held in any line
    /// belongs; nothing where that line is too long.
    pub async fn wait_at_account(
        self,
        tenant: &Tenant,
        held: Option<&str>,
        now: i64,
    ) -> Result<Option<Place>, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let db = write.connection();
        forget_gone(db, tenant, now).await?;
        let place = stand(db, tenant, ACCOUNT, held, now).await?;
        write.commit().await?;
        Ok(place)
    }

    /// Gives a place in the line up.
    pub async fn leave(self, tenant: &Tenant, id: &str) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        leave(write.connection(), tenant, id).await?;
        write.commit().await
    }

    /// How long a call with a key and those it replaced lasts, by the latest of them
    /// (ms).
    pub async fn usual_call_ms(
        self,
        tenant: &Tenant,
        key: &PublicKey,
    ) -> Result<Option<i64>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT CAST(AVG(d.duration_ms) AS BIGINT) AS usual FROM \
               (SELECT c.duration_ms FROM public_keys k JOIN calls c ON c.public_key_id = k.id \
                WHERE k.tenant_id = $1 AND k.family = $2 AND c.tenant_id = $1 \
                  AND c.duration_ms > 0 \
                ORDER BY c.created_at DESC LIMIT $3) d",
        )
        .bind(tenant.id())
        .bind(&key.family)
        .bind(USUAL_OF)
        .fetch_one(db.connection())
        .await?;
        Ok(row.try_get("usual")?)
    }
}

/// Forgets the places whose panels are gone.
pub(super) async fn forget_gone(
    db: &mut Connection,
    tenant: &Tenant,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM places_in_line WHERE tenant_id = $1 AND (seen_at <= $2 OR since <= $3)",
    )
    .bind(tenant.id())
    .bind(now - GONE_MS)
    .bind(now - LONGEST_WAIT_MS)
    .execute(db)
    .await?;
    Ok(())
}

/// In which line a place is held, and since when, if it is; its panel has just been heard of.
pub(super) async fn seen(
    db: &mut Connection,
    tenant: &Tenant,
    id: &str,
    now: i64,
) -> Result<Option<(String, i64)>, sqlx::Error> {
    let row = sqlx::query(
        "UPDATE places_in_line SET seen_at = $3 WHERE tenant_id = $1 AND id = $2 \
         RETURNING family, since",
    )
    .bind(tenant.id())
    .bind(id)
    .bind(now)
    .fetch_optional(db)
    .await?;
    row.map(|row| Ok((row.try_get("family")?, row.try_get("since")?)))
        .transpose()
}

/// How many wait in a line before a place (since when, and whose), or in all.
pub(super) async fn ahead(
    db: &mut Connection,
    tenant: &Tenant,
    line: &str,
    place: Option<(i64, &str)>,
    now: i64,
) -> Result<i64, sqlx::Error> {
    let (since, id) = place.unwrap_or((i64::MAX, ""));
    let row = sqlx::query(
        "SELECT COUNT(*) AS ahead FROM places_in_line \
         WHERE tenant_id = $1 AND family = $2 AND seen_at > $3 \
           AND (since < $4 OR (since = $4 AND id < $5))",
    )
    .bind(tenant.id())
    .bind(line)
    .bind(now - SILENT_MS)
    .bind(since)
    .bind(id)
    .fetch_one(db)
    .await?;
    row.try_get("ahead")
}

/// Stands in a line: where the place that is held belongs by its age, wherever that was;
/// else at the end, if it is not too long.
pub(super) async fn stand(
    db: &mut Connection,
    tenant: &Tenant,
    line: &str,
    held: Option<&str>,
    now: i64,
) -> Result<Option<Place>, sqlx::Error> {
    let place = |id: String, ahead| Place {
        id,
        ahead,
        ready: false,
        at_account: line == ACCOUNT,
    };
    if let Some(id) = held
        && let Some((before, since)) = seen(db, tenant, id, now).await?
    {
        if before != line {
            sqlx::query("UPDATE places_in_line SET family = $3 WHERE tenant_id = $1 AND id = $2")
                .bind(tenant.id())
                .bind(id)
                .bind(line)
                .execute(&mut *db)
                .await?;
        }
        let ahead = ahead(db, tenant, line, Some((since, id)), now).await?;
        return Ok(Some(place(id.to_owned(), ahead)));
    }
    let ahead = ahead(db, tenant, line, None, now).await?;
    if ahead >= LONGEST_LINE {
        return Ok(None);
    }
    // Nobody guesses it; what comes first of it is the time, and no secret.
    let id = Uuid::now_v7().to_string();
    sqlx::query(
        "INSERT INTO places_in_line (id, tenant_id, family, since, seen_at) \
         VALUES ($1, $2, $3, $4, $4)",
    )
    .bind(&id)
    .bind(tenant.id())
    .bind(line)
    .bind(now)
    .execute(db)
    .await?;
    Ok(Some(place(id, ahead)))
}

/// Gives a place up, if it is still held.
async fn leave(db: &mut Connection, tenant: &Tenant, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM places_in_line WHERE tenant_id = $1 AND id = $2")
        .bind(tenant.id())
        .bind(id)
        .execute(db)
        .await?;
    Ok(())
}
