//! Asking Retell for the calls of a time: those whose webhooks were missed
//! while the server was down, or a whole history. The same code does both, a page at
//! a time, and it goes on where it stopped.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::extract::FromRef;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use retell::models::filter::NumberFilter;
use retell::models::{Call, CallFilter, ListCalls, SortOrder};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{ClaimedImport, Found, NewImport, Observation, Stage, facts};
use crate::accounts::{Account, AccountError, Asked, Signers};
use crate::calls::Context;
use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS};
use crate::jobs::{Handler, Job, NewJob, Outcome, Terms};
use crate::store::{Scope, StoreError, Tenant};
use crate::web::Shared;

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
/// So far before the last event we begin: events are not told in the order in
/// which calls begin (ms).
const MARGIN_MS: i64 = 10 * MINUTE_MS;
/// How far back a desk asks that has no event to begin with (ms).
const FIRST_LOOK_MS: i64 = DAY_MS;

/// How often we look again for what was missed.
const LOOK_AGAIN: Duration = Duration::from_secs(60 * 60);

/// Paces the questions to Retell for single calls, of each account.
#[derive(Debug)]
pub struct Importer(DefaultKeyedRateLimiter<String>);

impl Default for Importer {
    fn default() -> Self {
        Self(RateLimiter::keyed(Quota::per_second(CALLS_PER_SECOND)))
    }
}

/// The kind of the jobs that import: a page each time.
pub const KIND: &str = "calls.import";
/// The origin of what an operator's command begins, and works on.
const OPERATOR: &str = "operator";
/// The group of the server's account.
const SERVER: &str = "server";
/// An account's lists are asked for one after the other, whoever wants them; no account
/// waits for another.
const TERMS: Terms = Terms {
    at_once: 4,
    each: 1,
    patience: Some(Duration::from_secs(1)),
    apart: Some(LIST_PAUSE),
    limit: Duration::from_secs(15 * 60),
};
/// How often a job may fail for reasons of our own, before a person has to look at it.
const MAX_ATTEMPTS: u32 = 20;

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
/// event, given by the tenant's id, until now. Those who share the server's account share the run, so that the
/// account is listed once. Before webhooks are worked off, which move that on. Also for
/// one that is switched off: reading starts no call, and when it is on again its list
/// has no gap.
pub async fn begin_after_downtime(
    cx: &Context,
    heard: &HashMap<String, i64>,
) -> Result<(), StoreError> {
    let since = |tenant: &Tenant, reconciled| heard.get(tenant.id()).copied().max(reconciled);
    begin_for_each(cx, since).await?;
    let now = cx.clock.now_ms();
    // What was begun by a version that had no jobs for it, or whose job a person took.
    for (tenant, id) in cx.store.imports().unfinished().await? {
        let own = cx
            .store
            .account_keys()
            .sealed(&tenant)
            .await?
            .retell_key
            .is_some();
        let job = job_of(own)(&id, now);
        cx.store.jobs().add(&tenant, &job, now).await?;
    }
    Ok(())
}

/// Looks again so often, until told to stop: what stands between Retell and us may have
/// been down while we were not.
pub(super) async fn run(cx: Context, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_AGAIN) => {}
        }
        if let Err(error) = look_again(&cx).await {
            tracing::error!(%error, "what was missed cannot be asked for");
        }
    }
}

/// Begins a run for every tenant whose calls were asked for before, from then until now,
/// unless another server has.
pub async fn look_again(cx: &Context) -> Result<(), StoreError> {
    let long_ago = cx.clock.now_ms() - HOUR_MS / 2;
    begin_for_each(cx, |_, reconciled: Option<i64>| {
        reconciled.filter(|until| *until <= long_ago)
    })
    .await
}

async fn begin_for_each(
    cx: &Context,
    since: impl Fn(&Tenant, Option<i64>) -> Option<i64>,
) -> Result<(), StoreError> {
    let now = cx.clock.now_ms();
    let (mut own, mut sharing) = (Vec::new(), Vec::new());
    for (tenant, has_own_account, reconciled) in cx.store.imports().reconciled().await? {
        if let Some(last) = since(&tenant, reconciled) {
            match has_own_account {
                true => own.push((tenant, last - MARGIN_MS)),
                false => sharing.push((tenant, last - MARGIN_MS)),
            }
        }
    }
    let run = |from| new_run("start", None, from, now);
    for (tenant, from) in own {
        let (run, job) = (run(from), job_of(true));
        cx.store
            .imports()
            .begin(&tenant, &run, &[], Some(&job), now)
            .await?;
    }
    let from = sharing.iter().map(|(_, from)| *from).min();
    let mut sharing = sharing.into_iter().map(|(tenant, _)| tenant);
    if let (Some(from), Some(first)) = (from, sharing.next()) {
        let (run, job) = (run(from), job_of(false));
        let others: Vec<_> = sharing.collect();
        cx.store
            .imports()
            .begin(&first, &run, &others, Some(&job), now)
            .await?;
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
    let run = new_run(origin, by_name, from, to.unwrap_or(now));
    let own = cx
        .store
        .account_keys()
        .sealed(tenant)
        .await?
        .retell_key
        .is_some();
    // What an operator began goes on when the operator says so.
    let job = (origin != OPERATOR).then(|| job_of(own));
    cx.store
        .imports()
        .begin(tenant, &run, &[], job.as_ref(), now)
        .await
}

fn new_run(origin: &'static str, by_name: Option<String>, from: i64, to: i64) -> NewImport {
    NewImport {
        id: Uuid::now_v7().to_string(),
        origin,
        by_name,
        from,
        to,
    }
}

/// Makes the job of a run: of an account of the tenant's own, or of the server's.
fn job_of(own: bool) -> impl Fn(&str, i64) -> NewJob {
    move |id, now| NewJob {
        kind: KIND,
        group: (!own).then(|| SERVER.to_owned()),
        dedupe_key: Some(id.to_owned()),
        payload: json!({"import_id": id}),
        run_at: now,
        max_attempts: MAX_ATTEMPTS,
    }
}

/// Until when nothing was missed (Unix ms).
async fn last_known(cx: &Context, tenant: &Tenant) -> Result<Option<i64>, StoreError> {
    let event = (cx.last_heard)(&cx.store, tenant).await?;
    Ok(event.max(cx.store.imports().reconciled_until(tenant).await?))
}

/// Runs the jobs that import.
#[must_use]
pub(super) fn handler<S: Shared>() -> Handler<S>
where
    Context: FromRef<S>,
{
    Handler::new(KIND, TERMS, |cx: Context, _, job| async move {
        let done = import_page(&cx, &job).await;
        done.unwrap_or_else(|error| Outcome::Retry(error.to_string()))
    })
}

async fn import_page(cx: &Context, job: &Job) -> Result<Outcome, StoreError> {
    let Some(id) = job.payload["import_id"].as_str() else {
        return Ok(Outcome::Park("The job names no import.".to_owned()));
    };
    let now = cx.clock.now_ms();
    let Some(mut run) = cx.store.imports().claim(id, now, now + LEASE_MS).await? else {
        // Over, or somebody had it a moment ago.
        return Ok(match cx.store.imports().is_importing(id).await? {
            true => Outcome::Later(now + RETRY_MS),
            false => Outcome::Done,
        });
    };
    let step = step(cx, &mut run, 0).await;
    let now = cx.clock.now_ms();
    Ok(match step {
        // At the end of the line: others want a page, too.
        Ok(true) => Outcome::Later(now),
        Err(error) if error.is_temporary() => Outcome::Rest(now + RETRY_MS),
        Err(ImportError::Store(error)) => return Err(error),
        Ok(false) | Err(_) => Outcome::Done,
    })
}

/// Takes a run and works on it to its end, telling how far it is. `None` when
/// somebody else works on it, or it is over.
pub async fn finish_by_id(
    cx: &Context,
    id: &str,
    mut tell: impl FnMut(&ClaimedImport),
) -> Result<Option<(ClaimedImport, Option<ImportError>)>, StoreError> {
    let now = cx.clock.now_ms();
    let Some(mut run) = cx.store.imports().claim(id, now, now + LEASE_MS).await? else {
        return Ok(None);
    };
    let mut pace = tokio::time::interval(LIST_PAUSE);
    loop {
        tell(&run);
        pace.tick().await;
        match step(cx, &mut run, LEASE_MS).await {
            Ok(true) => {}
            Ok(false) => {
                tell(&run);
                return Ok(Some((run, None)));
            }
            Err(error) => return Ok(Some((run, Some(error)))),
        }
    }
}

/// Imports a page and notes how far the run is; it stays ours for `lease` (ms) more.
/// Returns whether there is more to do. When Retell or the database fail it is tried
/// again later, unless that is of no use: then it is over.
async fn step(cx: &Context, run: &mut ClaimedImport, lease: i64) -> Result<bool, ImportError> {
    let step = page(cx, run).await;
    let now = cx.clock.now_ms();
    let noted = match &step {
        Ok(true) => cx.store.imports().keep(run, None, now + lease).await,
        Ok(false) => cx.store.imports().finish(run, None, now).await,
        Err(error) if error.is_temporary() => {
            let text = error.to_string();
            cx.store
                .imports()
                .keep(run, Some(&text), now + RETRY_MS)
                .await
        }
        Err(error) => {
            let text = error.to_string();
            cx.store.imports().finish(run, Some(&text), now).await
        }
    };
    let (seen, changed) = (run.progress.seen, run.progress.changed);
    match (step, noted) {
        // Who works on it now tells what becomes of it.
        (_, Ok(false)) => {
            tracing::warn!(import_id = run.id, "an import was taken over");
            Err(ImportError::TakenOver)
        }
        (Ok(true), Ok(true)) => Ok(true),
        (Ok(false), Ok(true)) => {
            tracing::info!(import_id = run.id, seen, changed, "calls imported");
            Ok(false)
        }
        (Err(error), _) => {
            tracing::warn!(import_id = run.id, %error, "calls cannot be imported");
            Err(error)
        }
        (_, Err(error)) => {
            tracing::error!(import_id = run.id, %error, "an import cannot be noted");
            Err(error.into())
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
    let list = match account.client.list_calls(&query(run)).await {
        // A key may be too old for Retell: then from where the last page ended.
        Err(error) if run.progress.cursor.is_some() && is_refusal(&error) => {
            run.progress.cursor = None;
            return Ok(true);
        }
        list => list?,
    };
    let (mut progress, mut followers) = (run.progress.clone(), run.followers.clone());
    progress.total = progress.total.or_else(|| {
        let total = list.total.and_then(|total| i64::try_from(total).ok());
        total.filter(|_| progress.seen == 0)
    });
    for call in list.items {
        progress.seen += 1;
        progress.reached_at = call.start_timestamp.or(progress.reached_at);
        let Some(listed) = observation(call, asked_at) else {
            continue;
        };
        let whose = whose(cx, &signers, &listed).await?;
        let is_it = |tenant: &Tenant| whose.as_ref() == Some(tenant);
        let follower = followers.iter_mut().find(|one| is_it(&one.tenant));
        if let Some(follower) = follower {
            let news = import(cx, &follower.tenant, &account, listed).await?;
            follower.seen += 1;
            follower.changed += i64::from(news);
            progress.of_others += 1;
        } else if is_it(&run.tenant) {
            progress.changed += i64::from(import(cx, &run.tenant, &account, listed).await?);
        } else {
            progress.of_others += 1;
        }
    }
    progress.cursor = list.pagination_key.filter(|_| list.has_more);
    (run.progress, run.followers) = (progress, followers);
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

/// Takes a listed call in, whole. Returns whether it was news.
async fn import(
    cx: &Context,
    tenant: &Tenant,
    account: &Account,
    listed: Observation,
) -> Result<bool, ImportError> {
    let id = listed.call_id.clone();
    // A list has no transcripts. Who is asked for one call tells it, too.
    let known = cx.store.calls().known(tenant, &id).await?;
    let is_over = listed.stage >= Stage::Ended;
    let is_complete =
        known.is_some_and(|(stage, has_transcript)| stage >= listed.stage && has_transcript);
    let mut seen = listed;
    if is_over && !is_complete {
        let key = match account.own {
            true => tenant.id().to_owned(),
            false => SERVER.to_owned(),
        };
        cx.importer.0.until_key_ready(&key).await;
        match account.client.get_call(&id).await {
            Ok(call) => seen = observation(call, cx.clock.now_ms()).unwrap_or(seen),
            // Deleted meanwhile; what was listed is what there is.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let now = cx.clock.now_ms();
    let changed = cx
        .store
        .calls()
        .observe(tenant, &seen, now, &cx.config.healing)
        .await?;
    Ok(changed.is_some())
}

fn observation(call: Call, asked_at: i64) -> Option<Observation> {
    match serde_json::to_value(call) {
        Ok(Value::Object(fields)) => Observation::from_answer(fields, asked_at),
        _ => None,
    }
}

/// Whose a call of the account is: several may use the same.
async fn whose(
    cx: &Context,
    signers: &Signers,
    seen: &Observation,
) -> Result<Option<Tenant>, StoreError> {
    let mut db = cx.store.read(Scope::Server).await?;
    let clues = facts::clues(&seen.call_id, &seen.fields);
    let found = cx
        .store
        .calls()
        .find_tenant(db.connection(), &mut Asked::default(), &clues, signers)
        .await?;
    Ok(match found {
        Found::Tenant(tenant) => Some(tenant),
        Found::OfOthers | Found::Nobody => None,
    })
}
