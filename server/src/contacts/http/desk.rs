//! The business's contacts, for its staff.

use api::contacts::{Contact, ContactDetails, ContactPage};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};

use super::{Wanted, page, unknown, written};
use crate::contacts::checked;
use crate::ground::Ground;
use crate::people;
use crate::people::http::staff::Staff;
use crate::web::Shared;
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::problem::ApiError;

pub(crate) fn routes<S: Shared>() -> Router<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new()
        .route("/api/desk/contacts", get(list).post(create))
        .route(
            "/api/desk/contacts/{id}",
            get(one).put(change).delete(remove),
        )
}

async fn list(
    State(cx): State<Ground>,
    staff: Staff,
    Query(wanted): Query<Wanted>,
) -> Result<JsonAnswer<ContactPage>, ApiError> {
    Ok(JsonAnswer(page(&cx, &staff.tenant, wanted).await?))
}

async fn one(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Contact>, ApiError> {
    let contact = cx.store.contact(&staff.tenant, &id).await?;
    Ok(JsonAnswer(contact.ok_or_else(unknown)?))
}

async fn create(
    State(cx): State<Ground>,
    staff: Staff,
    Json(details): Json<ContactDetails>,
) -> Result<(StatusCode, JsonAnswer<Contact>), ApiError> {
    let details = checked(details)?;
    let now = cx.clock.now_ms();
    let author = staff.author();
    let done = cx
        .store
        .create_contact(&staff.tenant, &details, &author, now)
        .await?;
    Ok((StatusCode::CREATED, JsonAnswer(written(done)?)))
}

async fn change(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
    Json(details): Json<ContactDetails>,
) -> Result<JsonAnswer<Contact>, ApiError> {
    let details = checked(details)?;
    let now = cx.clock.now_ms();
    let author = staff.author();
    let done = cx
        .store
        .change_contact(&staff.tenant, &id, &details, &author, now)
        .await?;
    Ok(JsonAnswer(written(done)?))
}

async fn remove(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let now = cx.clock.now_ms();
    let author = staff.author();
    match cx
        .store
        .delete_contact(&staff.tenant, &id, &author, now)
        .await?
    {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(unknown()),
    }
}
