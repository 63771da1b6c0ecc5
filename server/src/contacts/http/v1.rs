//! Contacts.

use api::contacts::{Contact, ContactDetails, ContactPage};
use api::keys::ApiScope;
use api::problem::Problem;
use axum::Json as JsonAnswer;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Wanted, page, unknown, written};
use crate::contacts::checked;
use crate::ground::Ground;
use crate::web::Shared;
use crate::web::address::{Path, Query};
use crate::web::caller::ApiCaller;
use crate::web::lenient::{Field, Fields, Kind, Lenient};
use crate::web::problem::ApiError;

impl Fields for ContactDetails {
    const FIELDS: &'static [Field] = &[
        Field("phone", Kind::Phone, &[]),
        Field("name", Kind::Text, &[]),
        Field("email", Kind::Text, &[]),
        Field("language", Kind::Text, &[]),
        Field("notes", Kind::Text, &[]),
        Field("fields", Kind::Object, &[]),
    ];
}

pub(crate) fn routes<S: Shared>() -> OpenApiRouter<S>
where
    Ground: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one, change, remove))
}

/// Lists contacts
///
/// The newest first. Scope `contacts:read`.
#[utoipa::path(get, path = "/api/v1/contacts", tag = "contacts", params(Wanted),
    responses((status = 200, body = ContactPage), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<Ground>,
    caller: ApiCaller,
    Query(wanted): Query<Wanted>,
) -> Result<JsonAnswer<ContactPage>, ApiError> {
    caller.require(ApiScope::ContactsRead)?;
    Ok(JsonAnswer(page(&cx, &caller.tenant, wanted).await?))
}

/// Adds a contact
///
/// Scope `contacts:write`.
#[utoipa::path(post, path = "/api/v1/contacts", tag = "contacts", request_body = ContactDetails,
    responses((status = 201, body = Contact), (status = "default", body = Problem)))]
async fn create(
    State(cx): State<Ground>,
    caller: ApiCaller,
    Lenient(details): Lenient<ContactDetails>,
) -> Result<(StatusCode, JsonAnswer<Contact>), ApiError> {
    caller.require(ApiScope::ContactsWrite)?;
    let details = checked(details)?;
    let author = caller.author();
    let now = cx.clock.now_ms();
    let done = cx
        .store
        .create_contact(&caller.tenant, &details, &author, now)
        .await?;
    Ok((StatusCode::CREATED, JsonAnswer(written(done)?)))
}

/// Gets a contact
///
/// Scope `contacts:read`.
#[utoipa::path(get, path = "/api/v1/contacts/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = Contact), (status = "default", body = Problem)))]
async fn one(
    State(cx): State<Ground>,
    caller: ApiCaller,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Contact>, ApiError> {
    caller.require(ApiScope::ContactsRead)?;
    let contact = cx.store.contact(&caller.tenant, &id).await?;
    Ok(JsonAnswer(contact.ok_or_else(unknown)?))
}

/// Replaces a contact
///
/// What is left out is taken away. Scope `contacts:write`.
#[utoipa::path(put, path = "/api/v1/contacts/{id}", tag = "contacts", params(("id" = String, Path)),
    request_body = ContactDetails,
    responses((status = 200, body = Contact), (status = "default", body = Problem)))]
async fn change(
    State(cx): State<Ground>,
    caller: ApiCaller,
    Path(id): Path<String>,
    Lenient(details): Lenient<ContactDetails>,
) -> Result<JsonAnswer<Contact>, ApiError> {
    caller.require(ApiScope::ContactsWrite)?;
    let details = checked(details)?;
    let author = caller.author();
    let now = cx.clock.now_ms();
    let done = cx
        .store
        .change_contact(&caller.tenant, &id, &details, &author, now)
        .await?;
    Ok(JsonAnswer(written(done)?))
}

/// Deletes a contact
///
/// Scope `contacts:write`.
#[utoipa::path(delete, path = "/api/v1/contacts/{id}", tag = "contacts",
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove(
    State(cx): State<Ground>,
    caller: ApiCaller,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    caller.require(ApiScope::ContactsWrite)?;
    let author = caller.author();
    let now = cx.clock.now_ms();
    let store = &cx.store;
    match store
        .delete_contact(&caller.tenant, &id, &author, now)
        .await?
    {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(unknown()),
    }
}
