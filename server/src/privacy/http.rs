//! What the business keeps about people, for admins.

mod one_call;

use api::privacy::{
    ErasePerson, Erased, Erasure, ErasureState, PersonSearch, Retention, WhichPerson,
};
use api::problem::slug;
use axum::body::Body;
use axum::extract::{FromRef, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};

use super::EraseError;
use super::retention::MAX_DAYS;
use super::store::{NewOrder, REVISED};
use crate::accounts;
use crate::people::http::staff::Staff;
use crate::people::{self, Role};
use crate::person::{NotAPerson, Person};
use crate::web::address::Query;
use crate::web::json::Json;
use crate::web::problem::{ApiError, body_invalid};
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed};

pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    accounts::Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let routes = Router::new()
        .route(
            "/api/desk/privacy/retention",
            get(boxed(retention)).put(boxed(retain)),
        )
        .route("/api/desk/privacy/person", post(boxed(find)))
        .route("/api/desk/privacy/searches/{id}", get(boxed(search)))
        .route("/api/desk/privacy/searches/{id}/copy", get(boxed(copy)))
        .route("/api/desk/privacy/erase", post(boxed(erase)))
        .route("/api/desk/privacy/erasures/{id}", get(boxed(erasure)));
    Routes::new().desk(routes).and(one_call::routes())
}

async fn retention(
    State(cx): State<accounts::Context>,
    staff: Staff,
) -> Result<JsonAnswer<Retention>, ApiError> {
    staff.require(Role::Admin)?;
    // The revision first: what is newer than it is only asked about once more.
    let revision = cx.store.revisions().current(&staff.tenant, REVISED).await?;
    let kept = cx.store.retentions().of(&staff.tenant).await?;
    Ok(JsonAnswer(Retention { revision, ..kept }))
}

async fn retain(
    State(cx): State<accounts::Context>,
    staff: Staff,
    Query(read): Query<Revised>,
    Json(mut retention): Json<Retention>,
) -> Result<JsonAnswer<Retention>, ApiError> {
    staff.require(Role::Admin)?;
    let all = [
        retention.transcripts_days,
        retention.recordings_days,
        retention.calls_days,
        retention.webhooks_days,
        retention.audit_days,
    ];
    if all
        .into_iter()
        .flatten()
        .any(|days| !(1..=MAX_DAYS).contains(&days))
    {
        return Err(body_invalid(format!("Days are from 1 to {MAX_DAYS}.")));
    }
    let now = cx.clock.now_ms();
    retention.revision = cx
        .store
        .retentions()
        .set(
            &staff.tenant,
            &retention,
            read.revision,
            &staff.author(),
            now,
        )
        .await?;
    Ok(JsonAnswer(retention))
}

async fn find(
    State(cx): State<accounts::Context>,
    staff: Staff,
    Json(which): Json<WhichPerson>,
) -> Result<(StatusCode, JsonAnswer<PersonSearch>), ApiError> {
    staff.require(Role::Admin)?;
    let person = Person::parse(&which.person)?;
    let now = cx.clock.now_ms();
    let id = cx
        .store
        .searches()
        .order(&staff.tenant, &person, now)
        .await?;
    let search = PersonSearch { id, found: None };
    Ok((StatusCode::ACCEPTED, JsonAnswer(search)))
}

async fn search(
    State(cx): State<accounts::Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<PersonSearch>, ApiError> {
    staff.require(Role::Admin)?;
    let search = cx.store.searches().find(&staff.tenant, &id).await?;
    search.map(JsonAnswer).ok_or_else(ApiError::not_found)
}

async fn copy(
    State(cx): State<accounts::Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    staff.require(Role::Admin)?;
    let search = cx.store.searches().find(&staff.tenant, &id).await?;
    let made = search.filter(|it| it.found.is_some());
    let made = made.ok_or_else(ApiError::not_found)?;
    let (author, now) = (staff.author(), cx.clock.now_ms());
    let copy = cx
        .store
        .searches()
        .copy(&staff.tenant, &made, &author, now)
        .await?;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"person.json\"",
        ),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(copy)).into_response())
}

async fn erase(
    State(cx): State<accounts::Context>,
    staff: Staff,
    Json(erase): Json<ErasePerson>,
) -> Result<(StatusCode, JsonAnswer<Erasure>), ApiError> {
    staff.require(Role::Admin)?;
    let person = Person::parse(&erase.person)?;
    if erase.confirm.trim() != person.as_str() {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            slug::CONFIRMATION_WRONG,
            "What was typed is not the person's number or address.",
        ));
    }
    // What will stop it is said at once.
    if cx
        .store
        .people()
        .is_last_admin(&staff.tenant, &person)
        .await?
    {
        return Err(EraseError::LastAdmin.into());
    }
    if erase.at_retell {
        cx.account(&staff.tenant).await?;
    }
    let order = NewOrder {
        person: &person,
        at_retell: erase.at_retell,
        author: &staff.author(),
    };
    let now = cx.clock.now_ms();
    let id = cx
        .store
        .erasures()
        .order(&staff.tenant, &order, now)
        .await?;
    let erasure = Erasure {
        id,
        state: ErasureState::Running,
        so_far: Erased::default(),
    };
    Ok((StatusCode::ACCEPTED, JsonAnswer(erasure)))
}

async fn erasure(
    State(cx): State<accounts::Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<Erasure>, ApiError> {
    staff.require(Role::Admin)?;
    let erasure = cx.store.erasures().find(&staff.tenant, &id).await?;
    erasure.map(JsonAnswer).ok_or_else(ApiError::not_found)
}

impl From<NotAPerson> for ApiError {
    fn from(error: NotAPerson) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            slug::PERSON_INVALID,
            "That names nobody.",
        )
        .detail(format!("{error}."))
    }
}

impl From<EraseError> for ApiError {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::LastAdmin => Self::new(
                StatusCode::CONFLICT,
                slug::LAST_ADMIN,
                "This is the business's last admin.",
            )
            .detail("Make somebody else an admin first."),
            EraseError::Store(error) => error.into(),
        }
    }
}
