//! What a visitor's page may do: start a call, end it, and ask what became of
//! it.

use api::public::{CallAccess, CallOutcome, NewWebCall};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use serde::Deserialize;

use super::address::{Path, Query};
use super::client_ip::ClientIp;
use super::json::{BODY_LIMIT, Json};
use super::problem::ApiError;
use crate::calls::{self, MintError, Visitor, mint};
use crate::metrics::Minter;
use crate::state::App;

/// The routes of this module.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/public/web-calls", post(start))
        .route("/api/public/web-calls/{id}", get(outcome))
        .route("/api/public/web-calls/{id}/end", post(end))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
}

/// What opens a call to its visitor.
#[derive(Deserialize)]
pub(super) struct Ticket {
    #[serde(default)]
    ticket: String,
}

impl Ticket {
    /// Checks it against the call it should open.
    pub(super) fn check(&self, app: &App, call_id: &str) -> Result<(), ApiError> {
        Ok(app
            .signer
            .verify_call_ticket(&self.ticket, call_id, app.clock.now_ms())?)
    }
}

async fn start(
    State(app): State<App>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
    Json(request): Json<NewWebCall>,
) -> Result<(StatusCode, JsonAnswer<CallAccess>), ApiError> {
    let origin = headers
        .get(header::ORIGIN)
        .and_then(|value| value.to_str().ok());
    let minted = mint(&app, Visitor { origin, ip }, request).await;
    let outcome = minted.as_ref().map_or_else(MintError::name, |_| "minted");
    app.metrics.minted(Minter::Visitor, outcome);
    let access = minted?;
    Ok((StatusCode::CREATED, JsonAnswer(access)))
}

async fn outcome(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(ticket): Query<Ticket>,
) -> Result<JsonAnswer<CallOutcome>, ApiError> {
    ticket.check(&app, &id)?;
    let tenant = app
        .store
        .tenant_of_call(&id)
        .await?
        .ok_or_else(ApiError::call_unknown)?;
    let call = app
        .store
        .call_summary(&tenant, &id)
        .await?
        .ok_or_else(ApiError::call_unknown)?;
    Ok(JsonAnswer(CallOutcome {
        status: call.status,
        duration_ms: call.duration_ms,
        disconnection_reason: call.disconnection_reason,
    }))
}

/// Ends the call. A page that is going away sends this without waiting, so it
/// may come late, twice, or for a call nobody joined: all of that is fine.
async fn end(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(ticket): Query<Ticket>,
) -> Result<StatusCode, ApiError> {
    ticket.check(&app, &id)?;
    let tenant = app
        .store
        .tenant_of_call(&id)
        .await?
        .ok_or_else(ApiError::call_unknown)?;
    calls::end::end(&app, &tenant, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
