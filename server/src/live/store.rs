//! Who of the staff is in a call: who listens, and who has taken it over.

use std::future::ready;

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::bus::Signal;
use crate::calls::Calls;
use crate::deeds::{Author, Deed, Deeds};
use crate::keeps::{Keeps, OfCalls, erase_of_calls, forget};
use crate::store::{Scope, StoreError, Tenant};

/// A listener who has not been heard of for so long (ms) is gone. The timers of a page that
/// nobody looks at run once a minute.
pub(crate) const GONE_MS: i64 = 90_000;
/// A take-over whose outcome nobody knows holds the call for so long (ms): then somebody else
/// may ask, and Retell knows.
const DOUBT_MS: i64 = 30_000;

pub(super) const KEEPS: Keeps = Keeps {
    expiring: &[|store, now, limit| {
        let gone = ("call_listeners", "id", "seen_at");
        Box::pin(forget(store, gone, now - GONE_MS, limit))
    }],
    of_calls: Some(OfCalls {
        redact: None,
        count: |_, _, _, _| Box::pin(ready(Ok(()))),
        export: |_, _, _, _| Box::pin(ready(Ok(()))),
        erase: |write, tenant, ids, _| {
            Box::pin(async move {
                erase_of_calls(write, tenant, "call_listeners", ids).await?;
                erase_of_calls(write, tenant, "call_take_overs", ids).await
            })
        },
    }),
    ..Keeps::NOTHING
};

/// One of the staff in a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attends {
    /// The name they listen by.
    pub listener: String,
    /// Who it is.
    pub user_id: String,
    /// Since when (Unix ms).
    pub since: i64,
}

/// What became of a wish to take a call over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nobody else can, until it is [done](Attendance::took_over) or [given
    /// up](Attendance::give_up).
    Held {
        /// Whether the same listener has asked before, and nobody knows what came of it.
        again: bool,
    },
    /// Somebody else has it.
    Taken(Attends),
    /// Who wants it does not listen.
    NotListening,
}

crate::store::part! {
    /// The staff in calls that go on.
    attendance -> Attendance
}

impl Attendance<'_> {
    /// Somebody begins to listen: in the trail, and told.
    pub async fn listens(
        self,
        tenant: &Tenant,
        call_id: &str,
        who: &Attends,
        author: &Author,
    ) -> Result<(), StoreError> {
        let statement = sqlx::query(
            "INSERT INTO call_listeners (id, tenant_id, call_id, user_id, since, seen_at) \
             VALUES ($1, $2, $3, $4, $5, $5)",
        )
        .bind(&who.listener)
        .bind(tenant.id())
        .bind(call_id)
        .bind(&who.user_id)
        .bind(who.since);
        let deed = Deed::on("call", call_id, "call.listened");
        let signal = changed(tenant, call_id);
        let deeds = self.0.deeds();
        deeds
            .done_and_told(tenant, statement, author, &deed, who.since, signal)
            .await
            .map(drop)
    }

    /// The listener's page is still there; `false` where nobody listens by that name.
    pub async fn seen(
        self,
        tenant: &Tenant,
        call_id: &str,
        (listener, user_id): (&str, &str),
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "UPDATE call_listeners SET seen_at = $5 \
             WHERE tenant_id = $1 AND call_id = $2 AND id = $3 AND user_id = $4",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(listener)
        .bind(user_id)
        .bind(now)
        .execute(write.connection())
        .await?;
        write.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// A listener leaves; nothing where nobody listens by that name.
    pub async fn leaves(
        self,
        tenant: &Tenant,
        call_id: &str,
        (listener, user_id): (&str, &str),
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "DELETE FROM call_listeners \
             WHERE tenant_id = $1 AND call_id = $2 AND id = $3 AND user_id = $4",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(listener)
        .bind(user_id)
        .execute(write.connection())
        .await?;
        if done.rows_affected() > 0 {
            write.tell(changed(tenant, call_id));
        }
        write.commit().await
    }

    /// Who listens to a call, the longest first, and who has taken it over. With whoever did
    /// the call ends: who has left speaks in none.
    pub async fn of_call(
        self,
        tenant: &Tenant,
        call_id: &str,
        now: i64,
    ) -> Result<(Vec<Attends>, Option<Attends>), StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT id AS listener, user_id, since, 0 AS taken FROM call_listeners \
             WHERE tenant_id = $1 AND call_id = $2 AND seen_at > $3 \
             UNION ALL \
             SELECT t.listener, t.user_id, t.done_at AS since, 1 AS taken \
             FROM call_take_overs t JOIN call_listeners l \
                 ON l.tenant_id = t.tenant_id AND l.id = t.listener \
             WHERE t.tenant_id = $1 AND t.call_id = $2 AND t.done_at IS NOT NULL \
                 AND l.seen_at > $3 \
             ORDER BY since, listener",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(now - GONE_MS)
        .fetch_all(db.connection())
        .await?;
        let (mut listeners, mut taken_over) = (Vec::new(), None);
        for row in &rows {
            let who = attends(row)?;
            match row.try_get::<i64, _>("taken")? {
                0 => listeners.push(who),
                _ => taken_over = Some(who),
            }
        }
        Ok((listeners, taken_over))
    }

    /// Holds the call for a listener who wants to take it over. Who has left holds none:
    /// Retell may have let them go before it switched.
    pub async fn claim(
        self,
        tenant: &Tenant,
        call_id: &str,
        (listener, user_id): (&str, &str),
        now: i64,
    ) -> Result<Claim, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let before = holder(&mut write, tenant, call_id).await?;
        let held = sqlx::query(
            "INSERT INTO call_take_overs (call_id, tenant_id, listener, user_id, asked_at) \
             SELECT call_id, tenant_id, id, user_id, $5 FROM call_listeners \
             WHERE tenant_id = $1 AND call_id = $2 AND id = $3 AND user_id = $4 \
             ON CONFLICT (call_id) DO UPDATE SET listener = excluded.listener, \
                 user_id = excluded.user_id, asked_at = excluded.asked_at, done_at = NULL \
             WHERE call_take_overs.tenant_id = excluded.tenant_id AND (\
                 call_take_overs.done_at IS NULL AND (\
                     call_take_overs.listener = excluded.listener \
                     OR call_take_overs.asked_at < $6) \
                 OR NOT EXISTS (SELECT 1 FROM call_listeners l \
                     WHERE l.tenant_id = call_take_overs.tenant_id \
                         AND l.id = call_take_overs.listener AND l.seen_at > $7))",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(listener)
        .bind(user_id)
        .bind(now)
        .bind(now - DOUBT_MS)
        .bind(now - GONE_MS)
        .execute(write.connection())
        .await?;
        let claim = if held.rows_affected() > 0 {
            let again = before.is_some_and(|who| who.listener == listener);
            Claim::Held { again }
        } else {
            // Not `before`: somebody may have been faster by a moment.
            match holder(&mut write, tenant, call_id).await? {
                Some(who) => Claim::Taken(who),
                None => Claim::NotListening,
            }
        };
        write.commit().await?;
        Ok(claim)
    }

    /// Who held the call has it: in the trail, at the call for good, and told.
    pub async fn took_over(
        self,
        tenant: &Tenant,
        call_id: &str,
        listener: &str,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "UPDATE call_take_overs SET done_at = $4 \
             WHERE tenant_id = $1 AND call_id = $2 AND listener = $3 AND done_at IS NULL",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(listener)
        .bind(now)
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(());
        }
        let deed = Deed::on("call", call_id, "call.taken_over");
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        Calls::taken_over(&mut write, tenant, call_id, author, now).await?;
        write.tell(changed(tenant, call_id));
        write.commit().await
    }

    /// Who held the call does not get it.
    pub async fn give_up(
        self,
        tenant: &Tenant,
        call_id: &str,
        listener: &str,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "DELETE FROM call_take_overs \
             WHERE tenant_id = $1 AND call_id = $2 AND listener = $3 AND done_at IS NULL",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(listener)
        .execute(write.connection())
        .await?;
        write.commit().await
    }
}

/// Who has taken the call over, or is about to.
async fn holder(
    write: &mut crate::store::Write,
    tenant: &Tenant,
    call_id: &str,
) -> Result<Option<Attends>, StoreError> {
    let row = sqlx::query(
        "SELECT listener, user_id, COALESCE(done_at, asked_at) AS since FROM call_take_overs \
         WHERE tenant_id = $1 AND call_id = $2",
    )
    .bind(tenant.id())
    .bind(call_id)
    .fetch_optional(write.connection())
    .await?;
    Ok(row.as_ref().map(attends).transpose()?)
}

fn attends(row: &AnyRow) -> Result<Attends, sqlx::Error> {
    Ok(Attends {
        listener: row.try_get("listener")?,
        user_id: row.try_get("user_id")?,
        since: row.try_get("since")?,
    })
}

fn changed(tenant: &Tenant, call_id: &str) -> Signal {
    Signal::CallAttended {
        tenant_id: tenant.id().to_owned(),
        call_id: call_id.to_owned(),
    }
}
