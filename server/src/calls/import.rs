//! Asking Retell for the calls of a time: those whose webhooks were missed
//! while the server was down, or a whole history. The same code does both, and
//! it goes on where it stopped.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use retell::models::filter::NumberFilter;
use retell::models::{Call, CallFilter, ListCalls, SortOrder};
use serde_json::Value;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{ClaimedImport, Found, NewImport, Observation, Stage, facts};
use crate::accounts::{AccountError, Signers};
use crate::calls::Context;
use crate::clock::DAY_MS;
use crate::store::{Scope, StoreError, Tenant};

/// Calls on a page.
const PAGE: u32 = 100;
/// Retell lists 15 times in ten seconds, and others list too.
const LIST_PAUSE: Duration = Duration::from_millis(800);
/// Retell answers 100 questions in ten seconds; healing needs some of them.
const CALLS_PER_SECOND: NonZeroU32 = NonZeroU32::new(6).unwrap();
/// How long a run is ours without a sign of life.
const LEASE_MS: i64 = 60_000;
/// How long a run waits after Retell failed (ms).
const RETRY_MS: i64 = 15_000;
/// How long to sleep when nothing is to be done: another server may die.
const IDLE_PAUSE: Duration = Duration::from_secs(20);
/// So far before the last event we begin: events are not told in the order in
/// which calls begin (ms).
const MARGIN_MS: i64 = 10 * 60 * 1000;
/// How far back a desk asks that has no event to begin with (ms).
const FIRST_LOOK_MS: i64 = DAY_MS;

/// Paces the questions to Retell.
#[derive(Debug)]
pub struct Importer {
    /// Wakes the worker.
    wake: Notify,
    lists: DefaultDirectRateLimiter,
    calls: DefaultDirectRateLimiter,
}

impl Default for Importer {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "the pause is not zero")]
        let list = Quota::with_period(LIST_PAUSE).expect("a pause");
        Self {
            wake: Notify::new(),
            lists: RateLimiter::direct(list),
            calls: RateLimiter::direct(Quota::per_second(CALLS_PER_SECOND)),
        }
    }
}

/// Why a page could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tenant's account cannot be used.
    #[error(transparent)]
    Account(AccountError),
    /// Retell failed, or refused.
    #[error(transparent)]
    Retell(#[from] retell::Error),
    /// It took longer than its lease, and somebody else went on with it.
    #[error("another server took the import over")]
    TakenOver,
}

impl From<AccountError> for ImportError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Store(error) => Self::Store(error),
            error => Self::Account(error),
        }
    }
}

impl ImportError {
    /// Whether trying again may help.
    fn is_temporary(&self) -> bool {
        match self {
            Self::Store(error) => error.is_outage(),
            Self::Account(_) | Self::TakenOver => false,
            Self::Retell(error) => error.is_temporary(),
        }
    }
}

/// Begins a run for every tenant that has heard of calls before: from its last
/// event until now. Before webhooks are worked off, which move that on. Also for
/// one that is switched off: reading starts no call, and when it is on again its
/// list has no gap.
pub async fn begin_after_downtime(cx: &Context) -> Result<(), StoreError> {
    let now = cx.clock.now_ms();
    for tenant in cx.store.every_tenant().await? {
        if let Some(last) = last_known(cx, &tenant).await? {
            let new = NewImport {
                id: Uuid::now_v7().to_string(),
                origin: "start",
                by_name: None,
                from: last.saturating_sub(MARGIN_MS),
                to: now,
            };
            cx.store.begin_import(&tenant, &new, now).await?;
        }
    }
    Ok(())
}

/// Begins a run a person asked for: by default from the last event until now.
/// Returns its id.
pub async fn begin(
    cx: &Context,
    tenant: &Tenant,
    origin: &'static str,
    by_name: Option<String>,
    (from, to): (Option<i64>, Option<i64>),
) -> Result<String, StoreError> {
    let now = cx.clock.now_ms();
    let from = match from {
        Some(from) => from,
        None => last_known(cx, tenant)
            .await?
            .map_or(now - FIRST_LOOK_MS, |last| last - MARGIN_MS),
    };
    let new = NewImport {
        id: Uuid::now_v7().to_string(),
        origin,
        by_name,
        from,
        to: to.unwrap_or(now),
    };
    let id = cx.store.begin_import(tenant, &new, now).await?;
    cx.importer.wake.notify_one();
    Ok(id)
}

/// Until when nothing was missed (Unix ms).
async fn last_known(cx: &Context, tenant: &Tenant) -> Result<Option<i64>, StoreError> {
    let event = cx.store.last_event_at(tenant).await?;
    Ok(event.max(cx.store.reconciled_until(tenant).await?))
}

/// Works on runs until told to stop, which it then does at once: a run goes on
/// at its last page after the next start.
pub async fn run(cx: Context, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = work(&cx) => {}
    }
}

async fn work(cx: &Context) {
    loop {
        let now = cx.clock.now_ms();
        match cx.store.claim_import(None, now, now + LEASE_MS).await {
            Ok(Some(run)) => {
                finish(cx, run, |_| {}).await;
                continue;
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "imports cannot be found"),
        }
        tokio::select! {
            () = cx.importer.wake.notified() => {}
            () = tokio::time::sleep(IDLE_PAUSE) => {}
        }
    }
}

/// Takes a run and works on it to its end, telling how far it is. `None` when
/// somebody else works on it, or it is over.
pub async fn finish_by_id(
    cx: &Context,
    id: &str,
    tell: impl FnMut(&ClaimedImport),
) -> Result<Option<(ClaimedImport, Option<ImportError>)>, StoreError> {
    let now = cx.clock.now_ms();
    let claimed = cx.store.claim_import(Some(id), now, now + LEASE_MS).await?;
    Ok(match claimed {
        Some(run) => Some(finish(cx, run, tell).await),
        None => None,
    })
}

/// Works on a run until it is over, or until Retell or the database fail: then
/// it is tried again later, unless that is of no use.
async fn finish(
    cx: &Context,
    mut run: ClaimedImport,
    mut tell: impl FnMut(&ClaimedImport),
) -> (ClaimedImport, Option<ImportError>) {
    loop {
        tell(&run);
        let step = page(cx, &mut run).await;
        let now = cx.clock.now_ms();
        let noted = match &step {
            Ok(true) => cx.store.keep_import(&mut run, None, now + LEASE_MS).await,
            Ok(false) => cx.store.finish_import(&run, None, now).await,
            Err(error) if error.is_temporary() => {
                let text = error.to_string();
                cx.store
                    .keep_import(&mut run, Some(&text), now + RETRY_MS)
                    .await
            }
            Err(error) => {
                let text = error.to_string();
                cx.store.finish_import(&run, Some(&text), now).await
            }
        };
        let progress = &run.progress;
        match (step, noted) {
            // Who works on it now tells what becomes of it.
            (_, Ok(false)) => {
                tracing::warn!(import_id = run.id, "an import was taken over");
                return (run, Some(ImportError::TakenOver));
            }
            (Ok(true), Ok(true)) => {}
            (Ok(false), Ok(true)) => {
                tell(&run);
                tracing::info!(
                    import_id = run.id,
                    seen = progress.seen,
                    changed = progress.changed,
                    "calls imported"
                );
                return (run, None);
            }
            (Err(error), _) => {
                tracing::warn!(import_id = run.id, %error, "calls cannot be imported");
                return (run, Some(error));
            }
            (_, Err(error)) => {
                tracing::error!(import_id = run.id, %error, "an import cannot be noted");
                return (run, Some(error.into()));
            }
        }
    }
}

/// Imports one page. Returns whether there are more. The progress changes with
/// the page as a whole, so that one that fails half-way is looked at again.
async fn page(cx: &Context, run: &mut ClaimedImport) -> Result<bool, ImportError> {
    let account = cx.account(&run.tenant).await?;
    let signers = if account.own {
        Signers::only(&run.tenant)
    } else {
        Signers::server()
    };
    let asked_at = cx.clock.now_ms();
    cx.importer.lists.until_ready().await;
    let list = match account.client.list_calls(&query(run)).await {
        // A key may be too old for Retell: then from where the last page ended.
        Err(error) if run.progress.cursor.is_some() && is_refusal(&error) => {
            run.progress.cursor = None;
            return Ok(true);
        }
        list => list?,
    };
    let mut progress = run.progress.clone();
    progress.total = progress.total.or_else(|| {
        let total = list.total.and_then(|total| i64::try_from(total).ok());
        total.filter(|_| progress.seen == 0)
    });
    for call in list.items {
        progress.seen += 1;
        progress.reached_at = call.start_timestamp.or(progress.reached_at);
        match import(cx, run, &account.client, &signers, call, asked_at).await? {
            Imported::News => progress.changed += 1,
            Imported::Known => {}
            Imported::OfOthers => progress.of_others += 1,
        }
    }
    progress.cursor = list.pagination_key.filter(|_| list.has_more);
    run.progress = progress;
    Ok(run.progress.cursor.is_some())
}

fn is_refusal(error: &retell::Error) -> bool {
    matches!(error.status(), Some(400 | 404 | 422))
}

/// Oldest first, so that what is new meanwhile comes after all that is known.
fn query(run: &ClaimedImport) -> ListCalls {
    let from = match (&run.progress.cursor, run.progress.reached_at) {
        (None, Some(reached_at)) => reached_at.max(run.from),
        _ => run.from,
    };
    ListCalls {
        filter_criteria: Some(CallFilter {
            start_timestamp: Some(NumberFilter::between(from, run.to)),
            ..CallFilter::default()
        }),
        sort_order: Some(SortOrder::Ascending),
        limit: Some(PAGE),
        pagination_key: run.progress.cursor.clone(),
        include_total: (run.progress.seen == 0).then_some(true),
        ..ListCalls::default()
    }
}

/// What a listed call was to us.
enum Imported {
    News,
    Known,
    OfOthers,
}

async fn import(
    cx: &Context,
    run: &ClaimedImport,
    retell: &retell::Client,
    signers: &Signers,
    call: Call,
    asked_at: i64,
) -> Result<Imported, ImportError> {
    let Some(listed) = observation(call, asked_at) else {
        return Ok(Imported::Known);
    };
    if !is_of(cx, &run.tenant, signers, &listed).await? {
        return Ok(Imported::OfOthers);
    }
    let id = listed.call_id.clone();
    // A list has no transcripts. Who is asked for one call tells it, too.
    let known = cx.store.known_of_call(&run.tenant, &id).await?;
    let is_over = listed.stage >= Stage::Ended;
    let is_complete =
        known.is_some_and(|(stage, has_transcript)| stage >= listed.stage && has_transcript);
    let mut seen = listed;
    if is_over && !is_complete {
        cx.importer.calls.until_ready().await;
        match retell.get_call(&id).await {
            Ok(call) => seen = observation(call, cx.clock.now_ms()).unwrap_or(seen),
            // Deleted meanwhile; what was listed is what there is.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let now = cx.clock.now_ms();
    let changed = cx
        .store
        .observe(&run.tenant, &seen, now, &cx.config.healing)
        .await?;
    Ok(match changed {
        Some(_) => Imported::News,
        None => Imported::Known,
    })
}

fn observation(call: Call, asked_at: i64) -> Option<Observation> {
    match serde_json::to_value(call) {
        Ok(Value::Object(fields)) => Observation::from_answer(fields, asked_at),
        _ => None,
    }
}

/// Whether a call of the account is one of this tenant: others may use the
/// same account.
async fn is_of(
    cx: &Context,
    tenant: &Tenant,
    signers: &Signers,
    seen: &Observation,
) -> Result<bool, StoreError> {
    let mut db = cx.store.read(Scope::Server).await?;
    let clues = facts::clues(&seen.call_id, &seen.fields);
    let found = cx
        .store
        .find_tenant(db.connection(), &clues, signers)
        .await?;
    Ok(matches!(found, Found::Tenant(found) if found == *tenant))
}
