//! The business's contacts, for its staff.

use api::contacts::{Contact, ContactDetails, ContactPage};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};

use crate::contacts::checked;
use crate::http::address::{Path, Query};
use crate::http::contacts::{Wanted, page, unknown, written};
use crate::http::json::Json;
use crate::http::problem::ApiError;
use crate::http::staff::Staff;
use crate::state::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/desk/contacts", get(list).post(create))
        .route(
            "/api/desk/contacts/{id}",
            get(one).put(change).delete(remove),
        )
}

async fn list(
    State(app): State<App>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
) -> Result<JsonAnswer<ContactPage>, ApiError> {
    Ok(JsonAnswer(page(&app, &staff.tenant, wanted).await?))
}

async fn one(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Contact>, ApiError> {
    let contact = app.store.contact(&staff.tenant, &id).await?;
    Ok(JsonAnswer(contact.ok_or_else(unknown)?))
}

async fn create(
    State(app): State<App>,
    staff: Staff,
    Json(details): Json<ContactDetails>,
) -> Result<(StatusCode, JsonAnswer<Contact>), ApiError> {
    let details = checked(details)?;
    let now = app.clock.now_ms();
    let author = staff.author();
    let done = app
        .store
        .create_contact(&staff.tenant, &details, &author, now)
        .await?;
    Ok((StatusCode::CREATED, JsonAnswer(written(done)?)))
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
    Json(details): Json<ContactDetails>,
) -> Result<JsonAnswer<Contact>, ApiError> {
    let details = checked(details)?;
    let now = app.clock.now_ms();
    let author = staff.author();
    let done = app
        .store
        .change_contact(&staff.tenant, &id, &details, &author, now)
        .await?;
    Ok(JsonAnswer(written(done)?))
}

async fn remove(
    State(app): State<App>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let now = app.clock.now_ms();
    let author = staff.author();
    match app
        .store
        .delete_contact(&staff.tenant, &id, &author, now)
        .await?
    {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(unknown()),
    }
}
