//! Whose a call is, that a supervisor should look at it, and what the staff did with it for good.

use api::attend::DoneBy;
use api::desk::CallSummary;
use api::marks::{CallClaim, CallFlag};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Calls, summary, summary_columns, tell_changed};
use crate::bus::Signal;
use crate::deeds::{Author, Deed, Deeds};
use crate::store::{Scope, StoreError, Tenant, Write};

/// How many calls that were given to somebody are told of at once.
const GIVEN: i64 = 50;

/// The columns [`claim`], [`flag`], [`taken_over`] and [`stopped`] read besides those of a row of
/// the list, of calls with who gave them to somebody, flagged them, took them over and ended them.
macro_rules! columns {
    () => {
        "c.claimed_at, c.claim_given_by, COALESCE(ug.name, '') AS claim_given_by_name, \
         c.flagged_by, c.flag_reason, COALESCE(uf.name, '') AS flagged_by_name, \
         c.taken_over_at, c.taken_over_by, COALESCE(ut.name, '') AS taken_over_by_name, \
         c.stopped_at, c.stopped_by, COALESCE(us.name, '') AS stopped_by_name"
    };
}

pub(super) use columns;

/// Whose a call may be to become somebody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenFrom<'a> {
    /// Nobody's.
    Nobody,
    /// Whoever's it is.
    Anybody,
    /// Nobody's, or this person's.
    Of(&'a str),
    /// This person's, or whoever's they gave it to.
    OwnOrGiven(&'a str),
}

/// What became of a wish to claim a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claiming {
    /// It is theirs.
    Theirs,
    /// It is somebody else's, by their id.
    Of(String),
    /// It is nobody's, and so nobody's to give.
    Nobodys,
    /// The tenant has no such call.
    Unknown,
}

impl Calls<'_> {
    /// Makes a call somebody's, if it may be taken from whoever has it: in the trail, and told; to
    /// them, too, where somebody else gives it to them. Of two who want it at once, one gets it.
    pub async fn claim(
        self,
        tenant: &Tenant,
        call_id: &str,
        (user_id, name): (&str, &str),
        from: TakenFrom<'_>,
        author: &Author,
        now: i64,
    ) -> Result<Claiming, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let had = match claimed_by(&mut write, tenant, call_id).await? {
            None => return Ok(Claiming::Unknown),
            Some(Some(holder)) if holder == user_id => return Ok(Claiming::Theirs),
            Some(holder) => holder,
        };
        let (holder, giver) = match from {
            TakenFrom::Nobody | TakenFrom::Anybody => (None, None),
            TakenFrom::Of(person) => (Some(person), None),
            TakenFrom::OwnOrGiven(person) => (Some(person), Some(person)),
        };
        let is_given = author.actor.person() != Some(user_id);
        let done = sqlx::query(
            "UPDATE calls SET claimed_by = $3, claimed_at = $4, claim_given_by = $5, \
                 claim_unseen = $10 \
             WHERE tenant_id = $1 AND id = $2 AND (claimed_by IS NULL AND $6 = 1 \
                 OR claimed_by IS NOT NULL AND $7 = 1 OR claimed_by = $8 OR claim_given_by = $9)",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(user_id)
        .bind(now)
        .bind(author.actor.person().filter(|giver| *giver != user_id))
        .bind(i64::from(!matches!(from, TakenFrom::OwnOrGiven(_))))
        .bind(i64::from(from == TakenFrom::Anybody))
        .bind(holder)
        .bind(giver)
        .bind(is_given.then_some(1_i64))
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            // Not `had`: somebody may have been faster by a moment.
            let holder = claimed_by(&mut write, tenant, call_id).await?;
            let holder = holder.map(|holder| holder.map_or(Claiming::Nobodys, Claiming::Of));
            return Ok(holder.unwrap_or(Claiming::Unknown));
        }
        if is_given {
            write.tell(Signal::CallGiven {
                tenant_id: tenant.id().to_owned(),
                call_id: call_id.to_owned(),
                user_id: user_id.to_owned(),
            });
        }
        let details = serde_json::json!({"person": name, "taken_from": had});
        let deed = Deed::on("call", call_id, "call.claimed").with(details);
        marked(write, tenant, call_id, author, &deed, now).await?;
        Ok(Claiming::Theirs)
    }

    /// The calls that were given to somebody who has not seen that yet, the newest first, and not
    /// all where there are very many.
    pub async fn given(
        self,
        tenant: &Tenant,
        user_id: &str,
    ) -> Result<Vec<CallSummary>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(concat!(
            "SELECT ",
            summary_columns!(),
            " FROM calls c LEFT JOIN agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id \
             WHERE c.tenant_id = $1 AND c.claimed_by = $2 AND c.claim_unseen IS NOT NULL \
             ORDER BY c.created_at DESC, c.id DESC LIMIT $3"
        ))
        .bind(tenant.id())
        .bind(user_id)
        .bind(GIVEN)
        .fetch_all(db.connection())
        .await?;
        Ok(rows.iter().map(summary).collect::<Result<_, _>>()?)
    }

    /// Whoever a call was given to has seen that; nothing happens where it is somebody else's.
    pub async fn given_is_seen(
        self,
        tenant: &Tenant,
        call_id: &str,
        user_id: &str,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE calls SET claim_unseen = NULL \
             WHERE tenant_id = $1 AND id = $2 AND claimed_by = $3 AND claim_unseen IS NOT NULL",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(user_id)
        .execute(write.connection())
        .await?;
        write.commit().await
    }

    /// Makes a call nobody's; only where it is this person's, if one is named. `false` where it
    /// is somebody else's.
    pub async fn release(
        self,
        tenant: &Tenant,
        call_id: &str,
        only_of: Option<&str>,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "UPDATE calls SET claimed_by = NULL, claimed_at = NULL, claim_given_by = NULL, \
                 claim_unseen = NULL \
             WHERE tenant_id = $1 AND id = $2 AND claimed_by IS NOT NULL \
             AND (claimed_by = $3 OR $4 = 1)",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(only_of)
        .bind(i64::from(only_of.is_none()))
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            let holder = claimed_by(&mut write, tenant, call_id).await?;
            return Ok(holder.flatten().is_none());
        }
        let deed = Deed::on("call", call_id, "call.released");
        marked(write, tenant, call_id, author, &deed, now).await?;
        Ok(true)
    }

    /// Marks a call for a supervisor to look at, instead of how it was marked before; `false`
    /// where the tenant has no such call.
    pub async fn flag(
        self,
        tenant: &Tenant,
        call_id: &str,
        reason: Option<&str>,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "UPDATE calls SET flagged = 1, flagged_at = $3, flagged_by = $4, flag_reason = $5 \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(now)
        .bind(author.actor.person())
        .bind(reason)
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        write.tell(Signal::CallFlagged {
            tenant_id: tenant.id().to_owned(),
            call_id: call_id.to_owned(),
            user_id: author.actor.person().unwrap_or_default().to_owned(),
        });
        // Why stands with the call, and goes with it.
        let deed = Deed::on("call", call_id, "call.flagged");
        marked(write, tenant, call_id, author, &deed, now).await?;
        Ok(true)
    }

    /// Takes the mark off a call; only where this person set it, if one is named. `false` where
    /// somebody else did.
    pub async fn unflag(
        self,
        tenant: &Tenant,
        call_id: &str,
        only_of: Option<&str>,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "UPDATE calls SET flagged = NULL, flagged_at = NULL, flagged_by = NULL, \
                 flag_reason = NULL \
             WHERE tenant_id = $1 AND id = $2 AND flagged = 1 AND (flagged_by = $3 OR $4 = 1)",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(only_of)
        .bind(i64::from(only_of.is_none()))
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            let still = "SELECT 1 AS flagged FROM calls \
                         WHERE tenant_id = $1 AND id = $2 AND flagged = 1";
            let still = sqlx::query(still).bind(tenant.id()).bind(call_id);
            let still = still.fetch_optional(write.connection()).await?;
            return Ok(still.is_none());
        }
        let deed = Deed::on("call", call_id, "call.unflagged");
        marked(write, tenant, call_id, author, &deed, now).await?;
        Ok(true)
    }
}

impl Calls<'_> {
    /// A person has taken a call over.
    pub(crate) async fn taken_over(
        write: &mut Write,
        tenant: &Tenant,
        call_id: &str,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE calls SET taken_over_at = $3, taken_over_by = $4 \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(now)
        .bind(author.actor.person())
        .execute(write.connection())
        .await?;
        Ok(())
    }

    /// The call the deed is about was ended: in the trail, and told.
    pub(crate) async fn stopped(
        self,
        tenant: &Tenant,
        author: &Author,
        deed: &Deed<'_>,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE calls SET stopped_at = $3, stopped_by = $4 WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(deed.subject_id)
        .bind(now)
        .bind(author.actor.person())
        .execute(write.connection())
        .await?;
        marked(write, tenant, deed.subject_id, author, deed, now).await
    }
}

/// Whose the call is; nothing where there is no such call.
async fn claimed_by(
    write: &mut Write,
    tenant: &Tenant,
    call_id: &str,
) -> Result<Option<Option<String>>, StoreError> {
    let row = sqlx::query("SELECT claimed_by FROM calls WHERE tenant_id = $1 AND id = $2")
        .bind(tenant.id())
        .bind(call_id)
        .fetch_optional(write.connection())
        .await?;
    Ok(row.map(|row| row.try_get("claimed_by")).transpose()?)
}

/// Writes down what was done to a call, and has every desk told what it is like now.
async fn marked(
    mut write: Write,
    tenant: &Tenant,
    call_id: &str,
    author: &Author,
    deed: &Deed<'_>,
    now: i64,
) -> Result<(), StoreError> {
    Deeds::record(&mut write, tenant, author, deed, now).await?;
    tell_changed(&mut write, tenant, call_id).await?;
    write.commit().await
}

/// The claim in a row that may hold one.
pub(super) fn claim(row: &AnyRow) -> Result<Option<CallClaim>, sqlx::Error> {
    let Some(user_id) = row.try_get("claimed_by")? else {
        return Ok(None);
    };
    Ok(Some(CallClaim {
        user_id,
        name: row
            .try_get::<Option<String>, _>("claimed_by_name")?
            .unwrap_or_default(),
        since: row.try_get("claimed_at")?,
        given_by: row.try_get("claim_given_by")?,
        given_by_name: row.try_get("claim_given_by_name")?,
    }))
}

/// The flag in a row that may hold one.
pub(super) fn flag(row: &AnyRow) -> Result<Option<CallFlag>, sqlx::Error> {
    let Some(since) = row.try_get("flagged_at")? else {
        return Ok(None);
    };
    Ok(Some(CallFlag {
        reason: row.try_get("flag_reason")?,
        user_id: row.try_get("flagged_by")?,
        name: row.try_get("flagged_by_name")?,
        since,
    }))
}

/// Who took the call in a row over.
pub(super) fn taken_over(row: &AnyRow) -> Result<Option<DoneBy>, sqlx::Error> {
    done_by(
        row,
        ["taken_over_at", "taken_over_by", "taken_over_by_name"],
    )
}

/// Who ended the call in a row.
pub(super) fn stopped(row: &AnyRow) -> Result<Option<DoneBy>, sqlx::Error> {
    done_by(row, ["stopped_at", "stopped_by", "stopped_by_name"])
}

/// Who did something, by the columns of when, who and what they are called.
pub(super) fn done_by(
    row: &AnyRow,
    [at, by, name]: [&str; 3],
) -> Result<Option<DoneBy>, sqlx::Error> {
    let Some(at) = row.try_get(at)? else {
        return Ok(None);
    };
    Ok(Some(DoneBy {
        user_id: row.try_get(by)?,
        name: row.try_get(name)?,
        at,
    }))
}
