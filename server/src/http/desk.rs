//! What staff read and do, behind a session.

mod account;
mod api_keys;
mod audit;
mod business;
mod callbacks;
mod contacts;
mod endpoints;
mod inbox;
mod invitation;
mod jobs;
mod me;
mod oidc;
mod people;
mod privacy;
mod public_keys;
mod recording;
mod routing;
mod session;
mod setup;

use api::calls::{CallChoices, CallQuery};
use api::desk::{CallDetail, CallPage, GivenConsent};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router, middleware};
use futures_util::stream::{self, StreamExt};

use super::address::{Path, Query};
use super::json::BODY_LIMIT;
use super::paging::Page;
use super::problem::ApiError;
use super::sse;
use super::staff::{Staff, guard_writes};
use crate::live::Reader;
use crate::state::App;

/// The routes of this module.
pub(super) fn routes(app: &App) -> Router<App> {
    Router::new()
        .merge(session::routes())
        .merge(account::routes())
        .merge(audit::routes())
        .merge(api_keys::routes())
        .merge(contacts::routes())
        .merge(public_keys::routes())
        .merge(endpoints::routes())
        .merge(jobs::routes())
        .merge(business::routes())
        .merge(callbacks::routes())
        .merge(invitation::routes())
        .merge(me::routes())
        .merge(oidc::routes())
        .merge(people::routes())
        .merge(setup::routes())
        .merge(inbox::routes())
        .merge(routing::routes())
        .merge(privacy::routes())
        .route("/api/desk/calls", get(calls))
        .route("/api/desk/calls/choices", get(choices))
        .route("/api/desk/calls/{id}", get(call))
        .route("/api/desk/calls/{id}/recording", get(recording::recording))
        .route("/api/desk/events", get(events))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(app.clone(), guard_writes))
}

async fn calls(
    State(app): State<App>,
    staff: Staff,
    Query(page): Query<Page>,
    Query(query): Query<CallQuery>,
) -> Result<Json<CallPage>, ApiError> {
    let page = super::calls::page(&app, &staff.tenant, &page, &query).await?;
    Ok(Json(page))
}

async fn choices(State(app): State<App>, staff: Staff) -> Result<Json<CallChoices>, ApiError> {
    Ok(Json(app.store.call_choices(&staff.tenant).await?))
}

async fn call(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<Json<CallDetail>, ApiError> {
    let call = app
        .store
        .call(&staff.tenant, &id)
        .await?
        .ok_or_else(ApiError::call_unknown)?;
    let rating = app.store.rating(&staff.tenant, &id).await?;
    let consent = app.store.consent(&staff.tenant, &id).await?;
    Ok(Json(CallDetail {
        rating,
        consent: consent.map(|(consent, given_at)| GivenConsent { consent, given_at }),
        ..call.into_detail()
    }))
}

async fn events(
    State(app): State<App>,
    staff: Staff,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let opened = sse::open(&app, staff.ip, Reader::Session(staff.session.hash()))?;
    let last_event_id = sse::last_event_id(&headers);
    let signed_out = staff.signed_out(&app);
    let waiter = |changes| app.hub.waiter(changes);
    let follower = app.feed.follow(staff.tenant.id(), last_event_id, waiter);
    let frames = stream::unfold(follower, async |mut follower| {
        Some((follower.next().await?, follower))
    });
    Ok(sse::response(frames.take_until(signed_out), opened))
}
