//! Asking Retell what became of calls whose webhooks did not come.

use std::time::Duration;

use api::desk::CallSummary;
use futures_util::{StreamExt, stream};
use retell::RetryPolicy;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Answer, Observation, Unsettled};
use crate::accounts::AccountError;
use crate::calls::Context;
use crate::store::{StoreError, Tenant};

/// Questions in one round. Retell answers 100 in ten seconds, and others ask
/// it too.
const ROUND: u32 = 40;
/// Questions at the same time: one slow answer must not hold up all others.
const AT_ONCE: usize = 4;
/// How long a question of a round may take. Nobody waits for its answer, and
/// it is asked again anyway.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Heals until told to stop, which it then does at once: what is under way is
/// asked again after the next start.
pub async fn run(cx: Context, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = heal_calls(&cx) => {}
    }
}

/// At the start every unsettled call is asked about: webhooks may have been
/// missed while the server was down. A business that is switched off is asked
/// for, too: its calls that go on have to end somewhere, and asking starts none.
async fn heal_calls(cx: &Context) {
    if let Err(error) = cx.store.calls().hasten_checks(cx.clock.now_ms()).await {
        tracing::error!(%error, "unsettled calls cannot be found");
    }
    loop {
        let pause = match round(cx).await {
            // There may be more; but not faster than Retell allows.
            Ok(asked) if asked == ROUND as usize => {
                cx.config.healing.interval.min(Duration::from_secs(5))
            }
            Ok(_) => cx.config.healing.interval,
            Err(error) => {
                tracing::error!(%error, "unsettled calls cannot be healed");
                cx.config.healing.interval
            }
        };
        cx.mint_limits.shrink();
        cx.keys.api_rates.shrink();
        tokio::time::sleep(pause).await;
    }
}

/// Asks about every call that is due, up to [`ROUND`]. Returns how many.
///
/// # Errors
/// When the database fails. What Retell fails to answer is asked again later.
pub async fn round(cx: &Context) -> Result<usize, StoreError> {
    let now = cx.clock.now_ms();
    let due = cx
        .store
        .calls()
        .take_unsettled(now, ROUND, &cx.config.healing)
        .await?;
    let questions: Vec<_> = due.iter().map(|call| heal(cx, call)).collect();
    let results: Vec<_> = stream::iter(questions)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    results.into_iter().collect::<Result<(), _>>()?;
    Ok(due.len())
}

async fn heal(cx: &Context, call: &Unsettled) -> Result<(), StoreError> {
    let Some(retell) = client(cx, &call.tenant).await? else {
        return Ok(());
    };
    // A failed question has its own pause until it is asked again.
    let retell = retell
        .with_retry(RetryPolicy::none())
        .with_timeout(cx.config.retell.timeout.min(TIMEOUT));
    let Some(answer) = question(cx, &retell, &call.call_id).await else {
        return Ok(());
    };
    let now = cx.clock.now_ms();
    let changed = cx
        .store
        .calls()
        .answered(call, &answer, now, &cx.config.healing)
        .await?;
    log(changed.as_ref());
    Ok(())
}

/// Asks about one call now: something says that it is over. It counts neither
/// as a check nor as a denial: only calls that are due are given up.
///
/// # Errors
/// When the database fails. What Retell fails to answer is asked again later.
pub async fn ask(cx: &Context, call_id: &str) -> Result<(), StoreError> {
    let Some(tenant) = cx.store.calls().tenant_of(call_id).await? else {
        return Ok(());
    };
    let Some(retell) = client(cx, &tenant).await? else {
        return Ok(());
    };
    let Some(Answer::Told(seen)) = question(cx, &retell, call_id).await else {
        return Ok(());
    };
    let now = cx.clock.now_ms();
    let changed = cx
        .store
        .calls()
        .observe(&tenant, &seen, now, &cx.config.healing)
        .await?;
    log(changed.as_ref());
    Ok(())
}

/// `None` when the tenant's account cannot be used: its admin has to mend that.
async fn client(cx: &Context, tenant: &Tenant) -> Result<Option<retell::Client>, StoreError> {
    match cx.account(tenant).await {
        Ok(account) => Ok(Some(account.client.clone())),
        Err(AccountError::Store(error)) => Err(error),
        Err(error) => {
            tracing::warn!(tenant_id = tenant.id(), %error, "not healed");
            Ok(None)
        }
    }
}

/// `None` when Retell does not answer, or answers something else.
async fn question(cx: &Context, retell: &retell::Client, call_id: &str) -> Option<Answer> {
    let asked_at = cx.clock.now_ms();
    match retell.get_call(call_id).await {
        Ok(answer) => match serde_json::to_value(answer) {
            Ok(Value::Object(fields)) => Observation::from_answer(fields, asked_at)
                // An answer about another call would be a fault at Retell's.
                .filter(|seen| seen.call_id == call_id)
                .map(Answer::Told),
            _ => None,
        },
        Err(error) if error.is_not_found() => Some(Answer::Denied),
        Err(error) => {
            let route = error.route().unwrap_or_default();
            tracing::warn!(call_id, route, status = error.status(), "not healed");
            None
        }
    }
}

fn log(changed: Option<&CallSummary>) {
    if let Some(changed) = changed {
        tracing::info!(call_id = changed.id, status = ?changed.status, "call healed");
    }
}
