//! Whether the server lives, and whether it can work.

use std::time::{Duration, Instant};

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use tokio::sync::Mutex;

use crate::operations::Context;
use crate::web::{Shared, boxed};

/// How long an answer of Retell's counts.
const RETELL_FRESH_FOR: Duration = Duration::from_secs(30);
/// How long a probe waits for Retell and for the store.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);

/// The routes of this module.
pub(super) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
{
    Router::new()
        .route("/healthz", get(boxed(alive)))
        .route("/readyz", get(boxed(ready)))
}

/// Whether Retell can be reached, as last seen.
#[derive(Debug, Default)]
pub struct RetellHealth(Mutex<Option<(Instant, Dependency)>>);

#[derive(Debug, Clone, Serialize)]
struct Dependency {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
}

impl Dependency {
    fn of(problem: Option<&'static str>) -> Self {
        Self {
            ok: problem.is_none(),
            detail: problem,
        }
    }
}

#[derive(Debug, Serialize)]
struct Readiness {
    /// `ready`, `degraded` (no new calls can be started) or `unavailable`.
    status: &'static str,
    store: Dependency,
    retell: Dependency,
}

/// The server lives.
pub(crate) async fn alive() -> Json<serde_json::Value> {
    Json(serde_json::json!({"status": "alive"}))
}

/// 503 only without the store: a server that cannot reach Retell still shows
/// calls and takes webhooks, so it stays in the rotation.
async fn ready(State(cx): State<Context>) -> (StatusCode, Json<Readiness>) {
    let (store, retell) = tokio::join!(store(&cx), retell(&cx));
    let (code, status) = match (store.ok, retell.ok) {
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        (true, false) => (StatusCode::OK, "degraded"),
        (true, true) => (StatusCode::OK, "ready"),
    };
    (
        code,
        Json(Readiness {
            status,
            store,
            retell,
        }),
    )
}

/// Whether webhooks are kept.
async fn store(cx: &Context) -> Dependency {
    Dependency::of(
        match tokio::time::timeout(PROBE_TIMEOUT, cx.inbox.beat()).await {
            Ok(Ok(())) => None,
            Ok(Err(_)) => Some("the database takes nothing"),
            Err(_) => Some("the database did not answer in time"),
        },
    )
}

async fn retell(cx: &Context) -> Dependency {
    // Held while asking, so that many probes make one question.
    let mut latest = cx.retell_health.0.lock().await;
    if let Some((_, seen)) = latest
        .as_ref()
        .filter(|(at, _)| at.elapsed() < RETELL_FRESH_FOR)
    {
        return seen.clone();
    }
    // The client repeats failed questions; a probe does not wait for that.
    let asked = tokio::time::timeout(
        PROBE_TIMEOUT,
        cx.accounts.accounts.server().client.api_key_info(),
    )
    .await;
    let seen = Dependency::of(match asked {
        Ok(Err(error)) if error.is_unauthorized() => Some("Retell refused the API key"),
        Ok(Err(error)) if error.is_unavailable() => Some("Retell cannot be reached"),
        // A restricted key may not be allowed to look at itself: Retell is there.
        Ok(_) => None,
        Err(_) => Some("Retell did not answer in time"),
    });
    *latest = Some((Instant::now(), seen.clone()));
    seen
}
