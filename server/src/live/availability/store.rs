//! What the staff said of themselves, and when their desks were last heard of.

use std::collections::BTreeSet;

use api::availability::{Availability, Colleague};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{AWAY_AFTER_MS, Known};
use crate::bus::Signal;
use crate::live::store::GONE_MS;
use crate::store::{Scope, StoreError, Tenant};

/// What is younger (ms) is not written down again.
const FRESH_MS: i64 = 15_000;

crate::store::part! {
    /// Who of each business takes calls.
    availability_of_staff -> AvailabilityOfStaff
}

impl AvailabilityOfStaff<'_> {
    /// Somebody says whether they take calls; told.
    pub async fn say(
        self,
        tenant: &Tenant,
        user_id: &str,
        said: Availability,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO availability (user_id, tenant_id, said, said_at, seen_at, here) \
             VALUES ($1, $2, $3, $4, $4, 1) \
             ON CONFLICT (user_id) DO UPDATE SET said = excluded.said, \
                 said_at = excluded.said_at, seen_at = excluded.seen_at, here = 1 \
             WHERE availability.tenant_id = excluded.tenant_id",
        )
        .bind(user_id)
        .bind(tenant.id())
        .bind(said.name())
        .bind(now)
        .execute(write.connection())
        .await?;
        write.tell(changed(tenant));
        write.commit().await
    }

    /// These people have a desk open: told of those who had none. Who never said whether they
    /// take calls is nobody's concern.
    pub async fn seen(
        self,
        tenant: &Tenant,
        people: &[String],
        now: i64,
    ) -> Result<(), StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT user_id, here FROM availability \
             WHERE tenant_id = $1 AND (here = 0 OR seen_at < $2)",
        )
        .bind(tenant.id())
        .bind(now - FRESH_MS)
        .fetch_all(db.connection())
        .await?;
        drop(db);
        let mut due = Vec::new();
        for row in &rows {
            let user_id: String = row.try_get("user_id")?;
            if people.contains(&user_id) {
                due.push((user_id, row.try_get::<i64, _>("here")? == 0));
            }
        }
        if due.is_empty() {
            return Ok(());
        }
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        for (user_id, _) in &due {
            sqlx::query(
                "UPDATE availability SET seen_at = $3, here = 1 \
                 WHERE tenant_id = $1 AND user_id = $2",
            )
            .bind(tenant.id())
            .bind(user_id)
            .bind(now)
            .execute(write.connection())
            .await?;
        }
        if due.iter().any(|(_, is_back)| *is_back) {
            write.tell(changed(tenant));
        }
        write.commit().await
    }

    /// Tells, of every business, of those whose desks have been closed for a while.
    pub async fn tell_who_left(self, now: i64) -> Result<(), StoreError> {
        let gone = now - AWAY_AFTER_MS;
        let mut db = self.0.read(Scope::Server).await?;
        // Mostly nobody did, and writing has others wait.
        let somebody =
            sqlx::query("SELECT 1 FROM availability WHERE here = 1 AND seen_at <= $1 LIMIT 1")
                .bind(gone)
                .fetch_optional(db.connection())
                .await?;
        drop(db);
        if somebody.is_none() {
            return Ok(());
        }
        let mut write = self.0.write(Scope::Server).await?;
        let rows = sqlx::query(
            "UPDATE availability SET here = 0 WHERE here = 1 AND seen_at <= $1 \
             RETURNING tenant_id",
        )
        .bind(gone)
        .fetch_all(write.connection())
        .await?;
        let left: Result<BTreeSet<String>, _> =
            rows.iter().map(|row| row.try_get("tenant_id")).collect();
        for tenant_id in left? {
            write.tell(Signal::AvailabilityChanged(tenant_id));
        }
        write.commit().await
    }

    /// Everybody of the tenant who may sign in and has, by name, and whether they take calls
    /// at this moment (Unix ms).
    pub async fn colleagues(self, tenant: &Tenant, now: i64) -> Result<Vec<Colleague>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT u.id, u.name, a.said, a.said_at, a.seen_at, \
                 (SELECT MIN(t.done_at) FROM call_listeners l JOIN call_take_overs t \
                      ON t.call_id = l.call_id AND t.listener = l.id \
                  WHERE l.tenant_id = $1 AND l.user_id = u.id AND l.seen_at > $2 \
                      AND t.done_at IS NOT NULL) AS talking_since \
             FROM users u LEFT JOIN availability a \
                 ON a.user_id = u.id AND a.tenant_id = u.tenant_id \
             WHERE u.tenant_id = $1 AND u.disabled_at IS NULL \
                 AND (u.password_hash IS NOT NULL OR u.last_sign_in_at IS NOT NULL) \
             ORDER BY u.name, u.id",
        )
        .bind(tenant.id())
        .bind(now - GONE_MS)
        .fetch_all(db.connection())
        .await?;
        let all = rows.iter().map(|row| colleague(row, now));
        Ok(all.collect::<Result<_, _>>()?)
    }
}

fn colleague(row: &AnyRow, now: i64) -> Result<Colleague, sqlx::Error> {
    let said: Option<String> = row.try_get("said")?;
    let said = said.and_then(|said| Availability::named(&said));
    let known = Known {
        said: said.zip(row.try_get("said_at")?),
        seen_at: row
            .try_get::<Option<i64>, _>("seen_at")?
            .unwrap_or_default(),
        talking_since: row.try_get("talking_since")?,
    };
    let (availability, since) = known.at(now);
    Ok(Colleague {
        user_id: row.try_get("id")?,
        name: row.try_get("name")?,
        availability,
        said,
        in_call: known.talking_since.is_some(),
        since,
    })
}

fn changed(tenant: &Tenant) -> Signal {
    Signal::AvailabilityChanged(tenant.id().to_owned())
}
