//! Services, staff and how the calendar is offered.

use api::calendar::{
    CalendarOffer, CalendarSettings, Service, ServiceDetails, ServiceList, StaffDetails, StaffList,
    StaffMember,
};
use api::keys::ApiScope;
use api::problem::Problem;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use super::nobody;
use crate::calendar::store::REVISED;
use crate::calendar::{checked_service, checked_settings, checked_staff};
use crate::ground::Ground;
use crate::listed::Listed;
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route(
            "/api/desk/calendar/settings",
            get(boxed(settings)).put(boxed(set)),
        )
        .route(
            "/api/desk/calendar/services",
            get(boxed(services)).post(boxed(add_service)),
        )
        .route(
            "/api/desk/calendar/services/{id}",
            put(boxed(change_service)).delete(boxed(remove_service)),
        )
        .route(
            "/api/desk/calendar/staff",
            get(boxed(staff)).post(boxed(add_staff)),
        )
        .route(
            "/api/desk/calendar/staff/{id}",
            put(boxed(change_staff)).delete(boxed(remove_staff)),
        );
    let v1 = OpenApiRouter::new()
        .routes(routes!(settings, set))
        .routes(routes!(services, add_service))
        .routes(routes!(change_service, remove_service))
        .routes(routes!(staff, add_staff))
        .routes(routes!(change_staff, remove_staff));
    Routes::new().desk(desk).v1(v1)
}

/// Gets how the calendar is offered
///
/// Scope `calendar:read`.
#[utoipa::path(get, path = "/api/v1/calendar/settings", tag = "calendar",
    responses((status = 200, body = CalendarOffer), (status = "default", body = Problem)))]
async fn settings(
    State(cx): State<Ground>,
    actor: Actor,
) -> Result<JsonAnswer<CalendarOffer>, ApiError> {
    actor.require(Role::Agent, ApiScope::CalendarRead)?;
    // The revision first: what is newer than it is only asked about once more.
    let revision = cx.store.revisions().current(&actor.tenant, REVISED).await?;
    let settings = cx.store.calendars().settings(&actor.tenant).await?;
    Ok(JsonAnswer(CalendarOffer { settings, revision }))
}

/// Changes how the calendar is offered
///
/// What is left out is as for a new business. Scope `calendar:write`.
#[utoipa::path(put, path = "/api/v1/calendar/settings", tag = "calendar", params(Revised),
    request_body = CalendarSettings,
    responses((status = 200, body = CalendarOffer), (status = "default", body = Problem)))]
async fn set(
    State(cx): State<Ground>,
    actor: Actor,
    Query(read): Query<Revised>,
    Json(settings): Json<CalendarSettings>,
) -> Result<JsonAnswer<CalendarOffer>, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let settings = checked_settings(settings)?;
    let now = cx.clock.now_ms();
    let (tenant, author) = (&actor.tenant, &actor.author);
    let revision = cx
        .store
        .calendars()
        .set_settings(tenant, &settings, read.revision, author, now)
        .await?;
    Ok(JsonAnswer(CalendarOffer { settings, revision }))
}

/// Lists services
///
/// In the order they were added. Scope `calendar:read`.
#[utoipa::path(get, path = "/api/v1/calendar/services", tag = "calendar",
    responses((status = 200, body = ServiceList), (status = "default", body = Problem)))]
async fn services(
    State(cx): State<Ground>,
    actor: Actor,
) -> Result<JsonAnswer<ServiceList>, ApiError> {
    actor.require(Role::Agent, ApiScope::CalendarRead)?;
    let revisions = cx
        .store
        .revisions()
        .of_kind(&actor.tenant, ServiceDetails::KIND)
        .await?;
    let all = cx.store.lists().all(&actor.tenant).await?;
    let items = all.into_iter().map(|(id, details)| Service {
        revision: revisions.of(&id),
        id,
        details,
    });
    Ok(JsonAnswer(ServiceList {
        items: items.collect(),
    }))
}

/// Adds a service
///
/// Scope `calendar:write`.
#[utoipa::path(post, path = "/api/v1/calendar/services", tag = "calendar",
    request_body = ServiceDetails,
    responses((status = 201, body = Service), (status = "default", body = Problem)))]
async fn add_service(
    State(cx): State<Ground>,
    actor: Actor,
    Json(details): Json<ServiceDetails>,
) -> Result<(StatusCode, JsonAnswer<Service>), ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let details = checked_service(details)?;
    let now = cx.clock.now_ms();
    let id = cx
        .store
        .lists()
        .add(&actor.tenant, &details, &actor.author, now)
        .await?;
    let added = Service {
        id,
        details,
        revision: 0,
    };
    Ok((StatusCode::CREATED, JsonAnswer(added)))
}

/// Replaces a service
///
/// What is booked stays as it was booked. Scope `calendar:write`.
#[utoipa::path(put, path = "/api/v1/calendar/services/{id}", tag = "calendar",
    params(("id" = String, Path), Revised), request_body = ServiceDetails,
    responses((status = 200, body = Service), (status = "default", body = Problem)))]
async fn change_service(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
    Query(read): Query<Revised>,
    Json(details): Json<ServiceDetails>,
) -> Result<JsonAnswer<Service>, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let details = checked_service(details)?;
    let now = cx.clock.now_ms();
    let (tenant, author) = (&actor.tenant, &actor.author);
    let changed = cx
        .store
        .lists()
        .change(tenant, &id, &details, read.revision, author, now)
        .await?;
    let revision = changed.ok_or_else(no_service)?;
    Ok(JsonAnswer(Service {
        id,
        details,
        revision,
    }))
}

/// Removes a service
///
/// What is booked stays. Scope `calendar:write`.
#[utoipa::path(delete, path = "/api/v1/calendar/services/{id}", tag = "calendar",
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove_service(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let now = cx.clock.now_ms();
    let removed = cx
        .store
        .lists()
        .remove::<ServiceDetails>(&actor.tenant, &id, &actor.author, now)
        .await?;
    removed
        .then_some(StatusCode::NO_CONTENT)
        .ok_or_else(no_service)
}

/// Lists the staff
///
/// In the order they were added. Scope `calendar:read`.
#[utoipa::path(get, path = "/api/v1/calendar/staff", tag = "calendar",
    responses((status = 200, body = StaffList), (status = "default", body = Problem)))]
async fn staff(State(cx): State<Ground>, actor: Actor) -> Result<JsonAnswer<StaffList>, ApiError> {
    actor.require(Role::Agent, ApiScope::CalendarRead)?;
    let revisions = cx
        .store
        .revisions()
        .of_kind(&actor.tenant, StaffDetails::KIND)
        .await?;
    let fed = cx.store.calendar_feeds().given(&actor.tenant).await?;
    let all = cx.store.lists().all(&actor.tenant).await?;
    let items = all.into_iter().map(|(id, details)| StaffMember {
        revision: revisions.of(&id),
        has_feed: fed.contains(&id),
        id,
        details,
    });
    Ok(JsonAnswer(StaffList {
        items: items.collect(),
    }))
}

/// Adds a member of staff
///
/// Scope `calendar:write`.
#[utoipa::path(post, path = "/api/v1/calendar/staff", tag = "calendar",
    request_body = StaffDetails,
    responses((status = 201, body = StaffMember), (status = "default", body = Problem)))]
async fn add_staff(
    State(cx): State<Ground>,
    actor: Actor,
    Json(details): Json<StaffDetails>,
) -> Result<(StatusCode, JsonAnswer<StaffMember>), ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let details = checked_staff(details)?;
    let now = cx.clock.now_ms();
    let id = cx
        .store
        .lists()
        .add(&actor.tenant, &details, &actor.author, now)
        .await?;
    let added = StaffMember {
        id,
        details,
        revision: 0,
        has_feed: false,
    };
    Ok((StatusCode::CREATED, JsonAnswer(added)))
}

/// Replaces a member of staff
///
/// What is booked stays as it was booked. Scope `calendar:write`.
#[utoipa::path(put, path = "/api/v1/calendar/staff/{id}", tag = "calendar",
    params(("id" = String, Path), Revised), request_body = StaffDetails,
    responses((status = 200, body = StaffMember), (status = "default", body = Problem)))]
async fn change_staff(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
    Query(read): Query<Revised>,
    Json(details): Json<StaffDetails>,
) -> Result<JsonAnswer<StaffMember>, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let details = checked_staff(details)?;
    let now = cx.clock.now_ms();
    let (tenant, author) = (&actor.tenant, &actor.author);
    let changed = cx
        .store
        .lists()
        .change(tenant, &id, &details, read.revision, author, now)
        .await?;
    let revision = changed.ok_or_else(nobody)?;
    let fed = cx.store.calendar_feeds().given(tenant).await?;
    Ok(JsonAnswer(StaffMember {
        has_feed: fed.contains(&id),
        id,
        details,
        revision,
    }))
}

/// Removes a member of staff
///
/// What is booked stays. Scope `calendar:write`.
#[utoipa::path(delete, path = "/api/v1/calendar/staff/{id}", tag = "calendar",
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove_staff(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let now = cx.clock.now_ms();
    let removed = cx
        .store
        .lists()
        .remove::<StaffDetails>(&actor.tenant, &id, &actor.author, now)
        .await?;
    removed.then_some(StatusCode::NO_CONTENT).ok_or_else(nobody)
}

fn no_service() -> ApiError {
    ApiError::not_found().detail("There is no such service.")
}
