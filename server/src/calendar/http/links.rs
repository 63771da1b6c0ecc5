//! Linked calendars.

use api::Page;
use api::keys::ApiScope;
use api::linked_calendars::{
    CalendarWrite, LinkTest, LinkedCalendar, LinkedCalendarList, SaveLinkedCalendar,
};
use api::problem::{Problem, slug};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use crate::calendar::Context;
use crate::calendar::linked::{self, LinkError};
use crate::invalid::Invalid;
use crate::jobs::Parked as _;
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::paging::PageQuery;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared, boxed, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route(
            "/api/desk/calendar/links",
            get(boxed(links)).post(boxed(add_link)),
        )
        .route(
            "/api/desk/calendar/links/{id}",
            put(boxed(change_link)).delete(boxed(remove_link)),
        )
        .route("/api/desk/calendar/links/{id}/test", post(boxed(test_link)))
        .route("/api/desk/calendar/writes", get(boxed(writes)))
        .route("/api/desk/calendar/writes/replay", post(boxed(replay_all)))
        .route("/api/desk/calendar/writes/{id}/replay", post(boxed(replay)));
    let v1 = OpenApiRouter::new()
        .routes(routes!(links, add_link))
        .routes(routes!(change_link, remove_link))
        .routes(routes!(test_link))
        .routes(routes!(writes))
        .routes(routes!(replay))
        .routes(routes!(replay_all));
    Routes::new().desk(desk).v1(v1)
}

/// Lists linked calendars
///
/// Scope `calendar:read`.
#[utoipa::path(get, path = "/api/v1/calendar/links", tag = "calendar",
    responses((status = 200, body = LinkedCalendarList), (status = "default", body = Problem)))]
async fn links(
    State(cx): State<Context>,
    actor: Actor,
) -> Result<JsonAnswer<LinkedCalendarList>, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarRead)?;
    let all = cx.store.calendar_links().all(&actor.tenant).await?;
    Ok(JsonAnswer(LinkedCalendarList {
        items: all.into_iter().map(|it| it.shown).collect(),
    }))
}

/// Links a calendar
///
/// Of a member of staff, or of the business itself; which of the user's calendars is chosen
/// once it was tried out. Scope `calendar:write`.
#[utoipa::path(post, path = "/api/v1/calendar/links", tag = "calendar",
    request_body = SaveLinkedCalendar,
    responses((status = 201, body = LinkedCalendar), (status = "default", body = Problem)))]
async fn add_link(
    State(cx): State<Context>,
    actor: Actor,
    Json(save): Json<SaveLinkedCalendar>,
) -> Result<(StatusCode, JsonAnswer<LinkedCalendar>), ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let added = linked::add(&cx, &actor.tenant, &actor.author, &save).await?;
    Ok((StatusCode::CREATED, JsonAnswer(added)))
}

/// Changes a linked calendar
///
/// A password that is left out stays. A calendar that is chosen is read at once, and what is
/// booked is written into it. Scope `calendar:write`.
#[utoipa::path(put, path = "/api/v1/calendar/links/{id}", tag = "calendar",
    params(("id" = String, Path)), request_body = SaveLinkedCalendar,
    responses((status = 200, body = LinkedCalendar), (status = "default", body = Problem)))]
async fn change_link(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
    Json(save): Json<SaveLinkedCalendar>,
) -> Result<JsonAnswer<LinkedCalendar>, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let changed = linked::change(&cx, &actor.tenant, &id, &actor.author, &save).await?;
    Ok(JsonAnswer(changed))
}

/// Links a calendar no more
///
/// What stands in it stays there. Scope `calendar:write`.
#[utoipa::path(delete, path = "/api/v1/calendar/links/{id}", tag = "calendar",
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove_link(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let (now, author) = (cx.clock.now_ms(), &actor.author);
    let removing = cx
        .store
        .calendar_links()
        .remove(&actor.tenant, &id, author, now);
    let removed = removing.await?;
    removed
        .then_some(StatusCode::NO_CONTENT)
        .ok_or_else(|| LinkError::None.into())
}

/// Tries a linked calendar out
///
/// Names the calendars there are to choose from. Scope `calendar:write`.
#[utoipa::path(post, path = "/api/v1/calendar/links/{id}/test", tag = "calendar",
    params(("id" = String, Path)),
    responses((status = 200, body = LinkTest), (status = "default", body = Problem)))]
async fn test_link(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<JsonAnswer<LinkTest>, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    Ok(JsonAnswer(linked::test(&cx, &actor.tenant, &id).await?))
}

/// Lists the bookings that are to stand in linked calendars
///
/// Those made last first, with what became of each. Scope `calendar:read`.
#[utoipa::path(get, path = "/api/v1/calendar/writes", tag = "calendar", params(PageQuery),
    responses((status = 200, body = Page<CalendarWrite>), (status = "default", body = Problem)))]
async fn writes(
    State(cx): State<Context>,
    actor: Actor,
    Query(page): Query<PageQuery>,
) -> Result<JsonAnswer<Page<CalendarWrite>>, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarRead)?;
    let (before, limit) = (page.cursor(), page.one_more());
    let rows = cx
        .store
        .calendar_writes()
        .page(&actor.tenant, before, limit);
    Ok(JsonAnswer(page.of(
        rows.await?,
        |row| row.id.clone(),
        |row| row,
    )))
}

/// Writes a booking into its linked calendar after all
///
/// What is parked. Scope `calendar:write`.
#[utoipa::path(post, path = "/api/v1/calendar/writes/{id}/replay", tag = "calendar",
    params(("id" = String, Path)),
    responses((status = 202), (status = "default", body = Problem)))]
async fn replay(
    State(cx): State<Context>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let (now, author) = (cx.clock.now_ms(), &actor.author);
    let replaying = cx
        .store
        .calendar_writes()
        .replay(&actor.tenant, &id, author, now);
    let nothing = || ApiError::not_found().detail("No booking of this id is parked.");
    let replayed = replaying.await?;
    replayed.then_some(StatusCode::ACCEPTED).ok_or_else(nothing)
}

/// Writes all bookings that are parked into their linked calendars after all
///
/// Up to 500 of them. Scope `calendar:write`.
#[utoipa::path(post, path = "/api/v1/calendar/writes/replay", tag = "calendar",
    responses((status = 202), (status = "default", body = Problem)))]
async fn replay_all(State(cx): State<Context>, actor: Actor) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let (writes, now) = (cx.store.calendar_writes(), cx.clock.now_ms());
    writes.replay_all(&actor.tenant, &actor.author, now).await?;
    Ok(StatusCode::ACCEPTED)
}

impl From<LinkError> for ApiError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::None => Self::not_found().detail(error.to_string()),
            LinkError::Linked => Self::new(
                StatusCode::CONFLICT,
                slug::CALENDAR_LINKED,
                "A calendar is linked already.",
            )
            .detail("Change it, or remove it first."),
            LinkError::Invalid(invalid) => invalid.into(),
            LinkError::Caldav(error) => Invalid::because(error.to_string()).into(),
            LinkError::Vault(error) => {
                tracing::error!(%error, "the password of a calendar cannot be sealed or opened");
                Self::internal()
            }
            LinkError::Store(error) => error.into(),
        }
    }
}
