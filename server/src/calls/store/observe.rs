//! Writing calls: what was observed is joined with what was known, in one
//! transaction.

use api::desk::CallSummary;
use sqlx::Row;

use super::Calls;
use super::hand::{Hand, Held};
use crate::calls::events::{self, Before};
use crate::calls::facts::{Facts, INTERNAL};
use crate::calls::{Change, Observation, Stage, follow};
use crate::config::Healing;
use crate::crm::CallNews;
use crate::notify::event::EventType;
use crate::store::{Connection, Scope, StoreError, Tenant, Write};

/// How often an observation is begun anew because another server was first.
const ATTEMPTS: u32 = 3;

/// So long after its end a call is written into the CRM without its analysis (ms).
const UNANALYZED_MS: i64 = 10 * 60_000;

/// What an observation was to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Observed {
    /// It is known now, or was before.
    Kept,
    /// The call was deleted, or what was said in it, and stays so: of the news nothing is to be
    /// kept besides.
    Deleted,
}

impl Calls<'_> {
    /// Adds what was observed of a call, creating the call where it is new.
    /// Returns the call if anybody can see a difference, which the bus tells.
    ///
    /// # Errors
    /// When the database fails, or the call is another tenant's.
    pub async fn observe(
        self,
        tenant: &Tenant,
        seen: &Observation,
        now: i64,
        healing: &Healing,
    ) -> Result<Option<CallSummary>, StoreError> {
        for _ in 0..ATTEMPTS {
            let mut write = self.0.write(Scope::Of(tenant)).await?;
            let news = self.observe_in(&mut write, tenant, seen, now, healing);
            match news.await {
                Err(StoreError::Overtaken) => {}
                news => {
                    let news = news?;
                    write.commit().await?;
                    return Ok(news);
                }
            }
        }
        // It can be neither seen nor added.
        Err(StoreError::OtherTenant {
            id: seen.call_id.clone(),
        })
    }

    /// [`Calls::observe`] as a part of a larger transaction.
    pub(crate) async fn observe_in(
        self,
        write: &mut Write,
        tenant: &Tenant,
        seen: &Observation,
        now: i64,
        healing: &Healing,
    ) -> Result<Option<CallSummary>, StoreError> {
        let mut hand = Hand::default();
        let db = write.connection();
        hand.take_any(self.0, db, [seen.call_id.as_str()]).await?;
        self.observe_at_hand(db, &mut hand, tenant, seen.clone(), now)
            .await?;
        Ok(hand.put_down(write, now, healing).await?.pop())
    }

    /// [`Calls::observe`] as one of many, with the calls of all of them at hand; nothing is
    /// written before they are [put down](Hand::put_down). Whatever is told of a call comes
    /// through here, so here what was deleted is kept out. The call must be at hand.
    pub(crate) async fn observe_at_hand(
        self,
        db: &mut Connection,
        hand: &mut Hand,
        tenant: &Tenant,
        seen: Observation,
        now: i64,
    ) -> Result<Observed, StoreError> {
        let id = seen.call_id.clone();
        let Some(mut held) = hand.take_out(tenant, &id)? else {
            return Ok(Observed::Deleted);
        };
        let before = Before::of(held.known.stage(), &Facts::of(held.known.fields()));
        let before = (!held.is_unheard_of()).then_some(before);
        let told = seen.stage;
        let change = held.known.merge(seen);
        if change > Change::Nothing {
            let is_further = before.is_none_or(|before| before.stage < held.known.stage());
            held.asks_anew |= is_further || told == Stage::Registered;
            held.change = held.change.max(change);
            tell(db, hand, tenant, &id, &held, before, now).await?;
        }
        let observed = match held.known.has_no_words() {
            true => Observed::Deleted,
            false => Observed::Kept,
        };
        hand.keep(id, held);
        Ok(observed)
    }

    /// How far a call of the tenant has come, and whether its transcript is
    /// known, or was deleted: then there is nothing to ask for.
    pub async fn known(
        self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<(Stage, bool)>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
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

/// Tells the endpoints of the business how far the call has come, and its CRM that it is over.
async fn tell(
    db: &mut Connection,
    hand: &mut Hand,
    tenant: &Tenant,
    id: &str,
    held: &Held,
    before: Option<Before>,
    now: i64,
) -> Result<(), StoreError> {
    let (fields, stage) = (held.known.fields(), held.known.stage());
    let facts = Facts::of(fields);
    let progress = events::progress(&facts, before, stage, now);
    let kinds: Vec<_> = progress.iter().map(|(kind, _)| *kind).collect();
    hand.endpoints
        .tell(db, tenant, &kinds, |index| {
            events::of_call(id, fields, &facts, stage, progress[index])
        })
        .await?;
    let is_over = |kind| [EventType::CallEnded, EventType::CallAnalyzed].contains(kind);
    // Only of the business's customers is anything kept.
    if facts.direction.as_deref() == Some(INTERNAL) || !kinds.iter().any(is_over) {
        return Ok(());
    }
    let jobs = follow::jobs(id, fields, &facts, now);
    hand.jobs.extend(jobs.map(|job| (tenant.clone(), job)));
    let news = if kinds.contains(&EventType::CallAnalyzed) {
        CallNews::Analyzed
    } else {
        CallNews::Over {
            by: now + UNANALYZED_MS,
        }
    };
    hand.crm.add(db, tenant, id, news).await
}
