//! Cal.com: how it is reached, how it goes, and where its webhooks come in.

use api::calcom::{
    CalcomConnection, CalcomEventTypeList, CalcomHealth, CalcomTest, SaveCalcomConnection,
};
use api::keys::ApiScope;
use api::problem::{Problem, slug};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRef, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use crate::calendar::Context;
use crate::calendar::calcom::{self, CalcomError};
use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::store::Tenant;
use crate::web::address::{Path, Query};
use crate::web::caller::ApiCaller;
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed, routes};

/// How long a webhook may be.
const BODY_LIMIT: usize = 256 * 1024;
/// The address that says no business is for a server of few: so many are tried.
const TRIED: usize = 20;

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route(
            "/api/desk/calendar/calcom",
            get(boxed(calcom_settings))
                .put(boxed(set_calcom))
                .delete(boxed(remove_calcom)),
        )
        .route("/api/desk/calendar/calcom/test", post(boxed(test_calcom)))
        .route(
            "/api/desk/calendar/calcom/event-types",
            get(boxed(calcom_event_types)),
        );
    let v1 = OpenApiRouter::new()
        .routes(routes!(calcom_settings, set_calcom, remove_calcom))
        .routes(routes!(test_calcom))
        .routes(routes!(calcom_event_types));
    let hooks = Router::new()
        .route("/api/calcom/webhook", post(boxed(came)))
        .route("/api/calcom/webhook/{tenant}", post(boxed(came_for)))
        .layer(DefaultBodyLimit::max(BODY_LIMIT));
    Routes::new()
        .open(hooks)
        .desk(desk)
        .v1(v1)
        .aliases(Router::new().route("/api/health/calcom", get(boxed(health))))
}

/// Gets how Cal.com is reached
///
/// Scope `calendar:read`.
#[utoipa::path(get, path = "/api/v1/calendar/calcom", tag = "calendar",
    responses((status = 200, body = CalcomConnection), (status = "default", body = Problem)))]
async fn calcom_settings(
    State(cx): State<Context>,
    actor: Actor,
) -> Result<JsonAnswer<CalcomConnection>, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarRead)?;
    Ok(JsonAnswer(calcom::settings(&cx, &actor.tenant).await?))
}

/// Says how Cal.com is reached
///
/// Secrets that are left out stay. Services are kept there by their `event_type`. Scope
/// `calendar:write`.
#[utoipa::path(put, path = "/api/v1/calendar/calcom", tag = "calendar", params(Revised),
    request_body = SaveCalcomConnection,
    responses((status = 200, body = CalcomConnection), (status = "default", body = Problem)))]
async fn set_calcom(
    State(cx): State<Context>,
    actor: Actor,
    Query(read): Query<Revised>,
    Json(save): Json<SaveCalcomConnection>,
) -> Result<JsonAnswer<CalcomConnection>, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let set = calcom::set(&cx, &actor.tenant, &actor.author, save, read.revision).await?;
    Ok(JsonAnswer(set))
}

/// Takes Cal.com away
///
/// What is booked there stays there. Scope `calendar:write`.
#[utoipa::path(delete, path = "/api/v1/calendar/calcom", tag = "calendar",
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove_calcom(State(cx): State<Context>, actor: Actor) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let removed = calcom::remove(&cx, &actor.tenant, &actor.author).await?;
    let none = || ApiError::not_found().detail(CalcomError::None.to_string());
    removed.then_some(StatusCode::NO_CONTENT).ok_or_else(none)
}

/// Tries Cal.com out
///
/// Asks whose key it is; nothing is changed. Scope `calendar:write`.
#[utoipa::path(post, path = "/api/v1/calendar/calcom/test", tag = "calendar",
    responses((status = 200, body = CalcomTest), (status = "default", body = Problem)))]
async fn test_calcom(
    State(cx): State<Context>,
    actor: Actor,
) -> Result<JsonAnswer<CalcomTest>, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    Ok(JsonAnswer(calcom::test(&cx, &actor.tenant).await?))
}

/// Lists the event types at Cal.com
///
/// By which services can be kept there. Scope `calendar:read`.
#[utoipa::path(get, path = "/api/v1/calendar/calcom/event-types", tag = "calendar",
    responses((status = 200, body = CalcomEventTypeList), (status = "default", body = Problem)))]
async fn calcom_event_types(
    State(cx): State<Context>,
    actor: Actor,
) -> Result<JsonAnswer<CalcomEventTypeList>, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarRead)?;
    Ok(JsonAnswer(calcom::event_types(&cx, &actor.tenant).await?))
}

async fn health(
    State(cx): State<Context>,
    caller: ApiCaller,
) -> Result<JsonAnswer<CalcomHealth>, ApiError> {
    caller.require(ApiScope::CalendarRead)?;
    Ok(JsonAnswer(calcom::health(&cx, &caller.tenant).await?))
}

async fn came_for(
    State(cx): State<Ground>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let tenant = cx.store.tenant(&tenant).await?;
    take(&cx, tenant.into_iter(), &headers, &body).await
}

/// Without a business in the address, as integrations of before have it: whose secret signed it.
async fn came(
    State(cx): State<Ground>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let ids = cx.store.calcom_connections().tenants().await?;
    if ids.len() > TRIED {
        return Err(ApiError::not_found().detail("The address of a business ends with its id."));
    }
    let mut tenants = Vec::new();
    for id in &ids {
        tenants.extend(cx.store.tenant(id).await?);
    }
    take(&cx, tenants.into_iter(), &headers, &body).await
}

async fn take(
    cx: &Ground,
    tenants: impl Iterator<Item = Tenant> + Send,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<StatusCode, ApiError> {
    let signature = headers.get(::calcom::hook::SIGNATURE);
    let signature = signature
        .and_then(|it| it.to_str().ok())
        .unwrap_or_default();
    for tenant in tenants {
        if calcom::is_signed(cx, &tenant, body, signature).await? {
            let (uid, now) = (::calcom::hook::about(body), cx.clock.now_ms());
            let bookings = cx.store.calcom_bookings();
            bookings.heard(&tenant, body, uid.as_deref(), now).await?;
            return Ok(StatusCode::NO_CONTENT);
        }
    }
    Err(ApiError::new(
        StatusCode::UNAUTHORIZED,
        slug::SIGNATURE_INVALID,
        "The signature is not Cal.com's.",
    ))
}

impl From<CalcomError> for ApiError {
    fn from(error: CalcomError) -> Self {
        match error {
            CalcomError::None => Invalid::because(error.to_string()).into(),
            CalcomError::Invalid(invalid) => invalid.into(),
            CalcomError::Calcom(error) if error.passes() => away().detail(error.to_string()),
            CalcomError::Calcom(error) => Invalid::because(error.to_string()).into(),
            CalcomError::Vault(error) => {
                tracing::error!(%error, "secrets of Cal.com cannot be sealed or opened");
                Self::internal()
            }
            CalcomError::Store(error) => error.into(),
        }
    }
}

/// Whoever keeps the calendar does not answer.
pub(super) fn away() -> ApiError {
    ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        slug::CALENDAR_AWAY,
        "The calendar of this service does not answer.",
    )
}
