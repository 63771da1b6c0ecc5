//! Writing calls: what was observed is joined with what was known, in one
//! transaction.

mod columns;

use api::desk::CallSummary;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::hand::Hand;
use super::summary;
use crate::accounts::mirror_job;
use crate::bus::CallChanged;
use crate::calls::events::{self, Before};
use crate::calls::facts::Facts;
use crate::calls::{Change, Known, Observation, Stage, is_transcript};
use crate::config::Healing;
use crate::store::{Scope, Store, StoreError, Tenant, Write};

/// What an observation was to the store.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Observed {
    /// News anybody can see: the call as it is now.
    News(Box<CallSummary>),
    /// Nothing anybody can see a difference by.
    Known,
    /// The call was deleted, and stays so.
    Deleted,
}

impl Observed {
    /// The call, if anybody can see a difference.
    pub(crate) fn news(self) -> Option<CallSummary> {
        match self {
            Self::News(call) => Some(*call),
            Self::Known | Self::Deleted => None,
        }
    }
}

impl Store {
    /// Adds what was observed of a call, creating the call where it is new.
    /// Returns the call if anybody can see a difference, which the bus tells.
    ///
    /// # Errors
    /// When the database fails, or the call is another tenant's.
    pub async fn observe(
        &self,
        tenant: &Tenant,
        seen: &Observation,
        now: i64,
        healing: &Healing,
    ) -> Result<Option<CallSummary>, StoreError> {
        let mut write = self.write(Scope::Of(tenant)).await?;
        let observed = self
            .observe_in(&mut write, tenant, seen, now, healing)
            .await?;
        write.commit().await?;
        Ok(observed.news())
    }

    /// [`Store::observe`] as a part of a larger transaction.
    pub(crate) async fn observe_in(
        &self,
        write: &mut Write,
        tenant: &Tenant,
        seen: &Observation,
        now: i64,
        healing: &Healing,
    ) -> Result<Observed, StoreError> {
        let mut hand = Hand::default();
        let observed = self
            .observe_at_hand(write, &mut hand, tenant, seen.clone(), now, healing)
            .await?;
        hand.put_down(write, now).await?;
        Ok(observed)
    }

    /// [`Store::observe`] as one of many in a transaction, with the calls of all of them
    /// at hand. Whatever is told of a call comes through here, so here what was deleted is
    /// kept out.
    pub(crate) async fn observe_at_hand(
        &self,
        write: &mut Write,
        hand: &mut Hand,
        tenant: &Tenant,
        seen: Observation,
        now: i64,
        healing: &Healing,
    ) -> Result<Observed, StoreError> {
        let id = seen.call_id.clone();
        hand.take(self, write, [id.as_str()]).await?;
        if let Some(known) = hand.known(tenant, &id)? {
            return join(write, hand, tenant, seen, known, now, healing).await;
        }
        let seen = match add(write, hand, tenant, seen, now, healing).await? {
            Added::As(observed) => return Ok(observed),
            Added::Not(seen) => seen,
        };
        // Another server may have added it in between.
        hand.take(self, write, [id.as_str()]).await?;
        match hand.known(tenant, &id)? {
            Some(known) => join(write, hand, tenant, seen, known, now, healing).await,
            None if is_erased(write, tenant, &id).await? => Ok(Observed::Deleted),
            None => Err(StoreError::OtherTenant { id }),
        }
    }

    /// How far a call of the tenant has come, and whether its transcript is
    /// known, or was deleted: then there is nothing to ask for.
    pub async fn known_of_call(
        &self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<(Stage, bool)>, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT c.stage, CAST(CASE WHEN t.call_id IS NULL AND c.transcript_deleted_at IS NULL \
                 THEN 0 ELSE 1 END AS BIGINT) AS has_transcript \
             FROM calls c LEFT JOIN transcripts t ON t.call_id = c.id \
             WHERE c.tenant_id = $1 AND c.id = $2",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let stage = Stage::parse(row.try_get("stage")?).unwrap_or(Stage::Registered);
        let has_transcript: i64 = row.try_get("has_transcript")?;
        Ok(Some((stage, has_transcript != 0)))
    }
}

/// Joins what was observed with what was known.
async fn join(
    write: &mut Write,
    hand: &mut Hand,
    tenant: &Tenant,
    seen: Observation,
    mut known: Known,
    now: i64,
    healing: &Healing,
) -> Result<Observed, StoreError> {
    let (id, told) = (seen.call_id.clone(), seen.stage);
    let facts = Facts::of(known.fields());
    let before = Before::of(known.stage(), &facts);
    let columns_before = columns::of(&known, facts);
    let mut said = seen.fields.iter().filter(|(name, _)| is_transcript(name));
    let says_more = said.any(|(name, value)| known.fields().get(name) != Some(value));
    let change = known.merge(seen);
    if change == Change::Nothing {
        hand.keep(tenant, id, known, false);
        return Ok(Observed::Known);
    }
    let facts = Facts::of(known.fields());
    tell_endpoints(write, hand, tenant, &id, &known, &facts, Some(before), now).await?;
    let mut changed = columns::changed(columns_before, columns::of(&known, facts));
    changed.extend(columns::of_merged(&known, now));
    if known.stage() != before.stage || told == Stage::Registered {
        changed.extend(columns::of_healing(&known, now, healing));
    }
    let row = columns::update(write, &id, changed).await?;
    hand.keep(tenant, id, known, says_more);
    if change < Change::Fields {
        return Ok(Observed::Known);
    }
    news(write, tenant, &row)
}

/// What came of adding a call.
enum Added {
    As(Observed),
    /// It is known all the same, or was deleted: what was to be added.
    Not(Observation),
}

/// Adds a call nothing is known of.
async fn add(
    write: &mut Write,
    hand: &mut Hand,
    tenant: &Tenant,
    seen: Observation,
    now: i64,
    healing: &Healing,
) -> Result<Added, StoreError> {
    let (id, stage, at) = (seen.call_id.clone(), seen.stage, seen.at);
    let mut known = Known::default();
    // A call whose first news says nothing is a call all the same.
    let change = known.merge(seen);
    let facts = Facts::of(known.fields());
    // One that never connected began about when it ended.
    let created_at = facts.started_at.or(facts.ended_at).unwrap_or(now);
    let mut all = columns::of(&known, facts.clone()).to_vec();
    all.extend(columns::of_merged(&known, now));
    all.extend(columns::of_healing(&known, now, healing));
    all.push(("created_at", created_at.into()));
    let Some(row) = columns::insert(write, tenant, &id, all).await? else {
        return Ok(Added::Not(Observation {
            call_id: id,
            stage,
            at,
            fields: known.into_fields(),
        }));
    };
    if row.try_get::<i64, _>("agent_is_known")? == 0 {
        Store::enqueue(write, tenant, &mirror_job(now), now).await?;
    }
    tell_endpoints(write, hand, tenant, &id, &known, &facts, None, now).await?;
    hand.keep(tenant, id, known, true);
    if change < Change::Fields {
        return Ok(Added::As(Observed::Known));
    }
    Ok(Added::As(news(write, tenant, &row)?))
}

/// Tells the endpoints of the business how far the call has come.
#[expect(clippy::too_many_arguments, reason = "all of it makes an event")]
async fn tell_endpoints(
    write: &mut Write,
    hand: &mut Hand,
    tenant: &Tenant,
    id: &str,
    known: &Known,
    facts: &Facts,
    before: Option<Before>,
    now: i64,
) -> Result<(), StoreError> {
    let progress = events::progress(facts, before, known.stage(), now);
    let kinds: Vec<_> = progress.iter().map(|(kind, _)| *kind).collect();
    hand.endpoints
        .tell(write, tenant, &kinds, now, |index| {
            events::of_call(id, known.fields(), facts, known.stage(), progress[index])
        })
        .await
}

/// Has everybody told of a call, of which this is the row.
fn news(write: &mut Write, tenant: &Tenant, row: &AnyRow) -> Result<Observed, StoreError> {
    let call = summary(row)?;
    write.tell(CallChanged {
        tenant_id: tenant.id().to_owned(),
        call: call.clone().into(),
    });
    Ok(Observed::News(Box::new(call)))
}

/// Whether a call was deleted: nothing is kept of it any more.
async fn is_erased(write: &mut Write, tenant: &Tenant, id: &str) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT 1 FROM erased_calls WHERE call_id = $1 AND tenant_id = $2")
        .bind(id)
        .bind(tenant.id())
        .fetch_optional(write.connection())
        .await?;
    Ok(row.is_some())
}
