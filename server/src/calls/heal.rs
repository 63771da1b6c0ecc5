//! Asking Retell what became of calls whose webhooks did not come.

use std::time::Duration;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{CallChanged, Observation, Stage};
use crate::state::App;
use crate::store::{StoreError, Unsettled};

/// Questions in one round. Retell answers 100 in ten seconds, and others ask
/// it too.
const ROUND: u32 = 40;
/// A live call Retell denies to know so often is over. More than once, because
/// a call may be very new there.
const DENIALS: u32 = 3;

/// Heals until told to stop. At the start every unsettled call is asked about:
/// webhooks may have been missed while the server was down.
pub async fn run(app: App, stop: CancellationToken) {
    if let Err(error) = app.store.hasten_checks(app.clock.now_ms()).await {
        tracing::error!(%error, "unsettled calls cannot be found");
    }
    loop {
        let pause = match round(&app).await {
            // There may be more; but not faster than Retell allows.
            Ok(asked) if asked == ROUND as usize => {
                app.config.healing.interval.min(Duration::from_secs(5))
            }
            Ok(_) => app.config.healing.interval,
            Err(error) => {
                tracing::error!(%error, "unsettled calls cannot be healed");
                app.config.healing.interval
            }
        };
        app.mint_limits.shrink();
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Asks about every call that is due, up to [`ROUND`]. Returns how many.
///
/// # Errors
/// When the database fails. What Retell fails to answer is asked again later.
pub async fn round(app: &App) -> Result<usize, StoreError> {
    let now = app.clock.now_ms();
    let due = app
        .store
        .take_unsettled(now, ROUND, &app.config.healing)
        .await?;
    for call in &due {
        heal(app, call).await?;
    }
    Ok(due.len())
}

/// Asks about one call now: something says that it is over.
///
/// # Errors
/// When the database fails. What Retell fails to answer is asked again later.
pub async fn ask(app: &App, call_id: &str) -> Result<(), StoreError> {
    let Some(tenant) = app.store.tenant_of_call(call_id).await? else {
        return Ok(());
    };
    // No denial counts here: only the calls that are due are given up.
    let call = Unsettled {
        tenant,
        call_id: call_id.to_owned(),
        stage: Stage::Registered,
        checks: 0,
    };
    heal(app, &call).await
}

async fn heal(app: &App, call: &Unsettled) -> Result<(), StoreError> {
    let asked_at = app.clock.now_ms();
    let seen = match app.retell.get_call(&call.call_id).await {
        Ok(answer) => match serde_json::to_value(answer) {
            Ok(Value::Object(fields)) => Observation::from_answer(fields, asked_at),
            _ => None,
        },
        Err(error) if error.is_not_found() => {
            let over = call.stage <= Stage::Ongoing && call.checks >= DENIALS;
            over.then(|| Observation::lost(&call.call_id, asked_at))
        }
        Err(error) => {
            let route = error.route().unwrap_or_default();
            tracing::warn!(
                call_id = call.call_id,
                route,
                status = error.status(),
                "not healed"
            );
            None
        }
    };
    // An answer about another call would be a fault at Retell's.
    let Some(seen) = seen.filter(|seen| seen.call_id == call.call_id) else {
        return Ok(());
    };
    let changed = app
        .store
        .observe(&call.tenant, &seen, asked_at, &app.config.healing)
        .await?;
    if let Some(changed) = changed {
        tracing::info!(
            call_id = call.call_id,
            stage = seen.stage.name(),
            "call healed"
        );
        let tenant_id = call.tenant.id().to_owned();
        app.bus.send(CallChanged {
            tenant_id,
            call: changed.into(),
        });
    }
    Ok(())
}
