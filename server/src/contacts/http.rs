//! Contacts, for people at the desk and for programs; files of them for people.

mod files;

use api::Page;
use api::contacts::{Alike, AlikeList, Contact, ContactDetails, MergeContacts, Moment, MomentPage};
use api::keys::ApiScope;
use api::problem::{Problem, slug};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;

use super::alike::{self, MergeError};
use super::{ContactFilter, Written, Wrong, checked};
use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::keeps::Before;
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::phone::E164;
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::lenient::{Field, Fields, Kind, Lenient};
use crate::web::paging::{PageQuery, Place};
use crate::web::problem::{ApiError, request_invalid};
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed, routes};

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route("/api/desk/contacts", get(boxed(list)).post(boxed(create)))
        .route(
            "/api/desk/contacts/{id}",
            get(boxed(one)).put(boxed(change)).delete(boxed(remove)),
        )
        .route("/api/desk/contacts/{id}/moments", get(boxed(moments)))
        .route("/api/desk/contacts/{id}/merge", post(boxed(merge)))
        .route("/api/desk/contacts/alike", get(boxed(alike)));
    let v1 = OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(one, change, remove))
        .routes(routes!(moments))
        .routes(routes!(merge))
        .routes(routes!(alike));
    Routes::new().desk(desk).v1(v1).and(files::routes())
}

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

/// Which contacts.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only the one with this number, however it is written.
    phone: Option<String>,
    /// Only those with this e-mail address.
    email: Option<String>,
    /// Only those with this in name, address or number, or as a tag.
    q: Option<String>,
}

impl Wanted {
    fn filter(self) -> Result<ContactFilter, ApiError> {
        let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let phone = given(self.phone).map(|phone| E164::parse(&phone));
        let email = given(self.email).map(|email| email.trim().to_lowercase());
        Ok(ContactFilter {
            phone: phone
                .transpose()
                .map_err(|error| request_invalid(format!("phone: {error}.")))?,
            email,
            text: given(self.q),
        })
    }
}

/// What a written contact is answered with.
fn written(written: Written) -> Result<Contact, ApiError> {
    match written {
        Written::Done(contact) => Ok(*contact),
        Written::Unknown => Err(unknown()),
        Written::PhoneTaken => Err(ApiError::new(
            StatusCode::CONFLICT,
            slug::PHONE_TAKEN,
            "Another contact has this telephone number.",
        )
        .field("phone")),
    }
}

/// No contact of this tenant has this id.
fn unknown() -> ApiError {
    ApiError::not_found().detail("There is no such contact.")
}

/// Lists contacts
///
/// The newest first. Scope `contacts:read`.
#[utoipa::path(get, path = "/api/v1/contacts", tag = "contacts", params(Wanted, PageQuery),
    responses((status = 200, body = Page<Contact>), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<Ground>,
    actor: Actor,
    Query(page): Query<PageQuery>,
    Query(wanted): Query<Wanted>,
) -> Result<JsonAnswer<Page<Contact>>, ApiError> {
    actor.require(Role::Agent, ApiScope::ContactsRead)?;
    let filter = wanted.filter()?;
    let rows = cx
        .store
        .contacts()
        .page(&actor.tenant, &filter, page.cursor(), page.one_more())
        .await?;
    Ok(JsonAnswer(page.of(rows, |row| row.id.clone(), |row| row)))
}

/// Adds a contact
///
/// Scope `contacts:write`.
#[utoipa::path(post, path = "/api/v1/contacts", tag = "contacts", request_body = ContactDetails,
    responses((status = 201, body = Contact), (status = "default", body = Problem)))]
async fn create(
    State(cx): State<Ground>,
    actor: Actor,
    Lenient(details): Lenient<ContactDetails>,
) -> Result<(StatusCode, JsonAnswer<Contact>), ApiError> {
    actor.require(Role::Agent, ApiScope::ContactsWrite)?;
    let details = checked(details)?;
    let now = cx.clock.now_ms();
    let done = cx
        .store
        .contacts()
        .create(&actor.tenant, &details, &actor.author, now)
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
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Contact>, ApiError> {
    actor.require(Role::Agent, ApiScope::ContactsRead)?;
    let contact = cx.store.contacts().find(&actor.tenant, &id).await?;
    Ok(JsonAnswer(contact.ok_or_else(unknown)?))
}

/// Lists what happened with a contact
///
/// Calls, text messages, appointments and call-backs of their numbers, and what was written of them
/// into the CRM, the latest first. Scopes
/// `contacts:read` and `calls:read`.
#[utoipa::path(get, path = "/api/v1/contacts/{id}/moments", tag = "contacts",
    params(("id" = String, Path), PageQuery),
    responses((status = 200, body = Page<Moment>), (status = "default", body = Problem)))]
async fn moments(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
    Query(page): Query<PageQuery>,
) -> Result<JsonAnswer<MomentPage>, ApiError> {
    actor.require(Role::Agent, ApiScope::ContactsRead)?;
    actor.require(Role::Agent, ApiScope::CallsRead)?;
    let place: Option<Place<1>> = page.after()?;
    let contact = cx.store.contacts().find(&actor.tenant, &id).await?;
    let details = contact.ok_or_else(unknown)?.details;
    let numbers = details.phones().filter_map(|it| E164::parse(it).ok());
    let numbers: Vec<_> = numbers.collect();
    let before = place.map_or_else(
        || Before {
            at: i64::MAX,
            id: String::new(),
        },
        |place| Before {
            at: place.numbers[0],
            id: place.id,
        },
    );
    let (store, tenant) = (&cx.store, &actor.tenant);
    let moments = cx
        .keepers
        .moments(store, tenant, &numbers, &before, page.one_more());
    let rows = moments.await?;
    let place = |moment: &Moment| Place {
        numbers: [moment.at()],
        id: moment.id().to_owned(),
    };
    Ok(JsonAnswer(page.of(rows, place, |moment| moment)))
}

/// Replaces a contact
///
/// What is left out is taken away. Scope `contacts:write`.
#[utoipa::path(put, path = "/api/v1/contacts/{id}", tag = "contacts",
    params(("id" = String, Path), Revised),
    request_body = ContactDetails,
    responses((status = 200, body = Contact), (status = "default", body = Problem)))]
async fn change(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
    Query(read): Query<Revised>,
    Lenient(details): Lenient<ContactDetails>,
) -> Result<JsonAnswer<Contact>, ApiError> {
    actor.require(Role::Agent, ApiScope::ContactsWrite)?;
    let details = checked(details)?;
    let now = cx.clock.now_ms();
    let done = cx
        .store
        .contacts()
        .change(
            &actor.tenant,
            &id,
            &details,
            read.revision,
            &actor.author,
            now,
        )
        .await?;
    Ok(JsonAnswer(written(done)?))
}

/// Lists contacts that seem to be one person
///
/// With one e-mail address, or one name. Scope `contacts:read`.
#[utoipa::path(get, path = "/api/v1/contacts/alike", tag = "contacts",
    responses((status = 200, body = AlikeList), (status = "default", body = Problem)))]
async fn alike(State(cx): State<Ground>, actor: Actor) -> Result<JsonAnswer<AlikeList>, ApiError> {
    actor.require(Role::Agent, ApiScope::ContactsRead)?;
    let items: Vec<Alike> = cx.store.contacts().alike(&actor.tenant).await?;
    Ok(JsonAnswer(AlikeList { items }))
}

/// Makes two contacts one
///
/// The other one goes; its numbers, and all that happened with them, are this one's then. That
/// cannot be undone. Scope `contacts:write`.
#[utoipa::path(post, path = "/api/v1/contacts/{id}/merge", tag = "contacts",
    params(("id" = String, Path), Revised), request_body = MergeContacts,
    responses((status = 200, body = Contact), (status = "default", body = Problem)))]
async fn merge(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
    Query(read): Query<Revised>,
    Json(merge): Json<MergeContacts>,
) -> Result<JsonAnswer<Contact>, ApiError> {
    actor.require(Role::Agent, ApiScope::ContactsWrite)?;
    let (tenant, author) = (&actor.tenant, &actor.author);
    let merged = alike::merge(&cx, tenant, &id, &merge, read.revision, author).await?;
    Ok(JsonAnswer(written(merged)?))
}

impl From<Wrong> for ApiError {
    fn from(wrong: Wrong) -> Self {
        Invalid::from(wrong).into()
    }
}

impl From<MergeError> for ApiError {
    fn from(error: MergeError) -> Self {
        match error {
            MergeError::NotTwo => Self::not_found().detail(error.to_string()),
            MergeError::Wrong(wrong) => wrong.into(),
            MergeError::Store(error) => error.into(),
        }
    }
}

/// Deletes a contact
///
/// Scope `contacts:write`.
#[utoipa::path(delete, path = "/api/v1/contacts/{id}", tag = "contacts",
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Agent, ApiScope::ContactsWrite)?;
    let now = cx.clock.now_ms();
    let done = cx
        .store
        .contacts()
        .delete(&actor.tenant, &id, &actor.author, now)
        .await?;
    done.then_some(StatusCode::NO_CONTENT).ok_or_else(unknown)
}
