//! The feeds of the staff: given out, taken back, and read by calendars.

use api::calendar::StaffFeed;
use api::keys::ApiScope;
use api::problem::Problem;
use axum::extract::{FromRef, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use super::nobody;
use crate::calendar::feed;
use crate::ground::Ground;
use crate::people::http::Actor;
use crate::people::{self, Role, Token};
use crate::web::address::Path;
use crate::web::problem::ApiError;
use crate::web::{Routes, Shared, boxed, routes};

/// Where calendars read them.
const FEEDS: &str = "/api/calendar/feeds/";
/// How a file of a calendar ends.
const ENDING: &str = ".ics";

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    let open = Router::new().route("/api/calendar/feeds/{file}", get(boxed(read)));
    let desk = Router::new().route(
        "/api/desk/calendar/staff/{id}/feed",
        post(boxed(give)).delete(boxed(take_back)),
    );
    let v1 = OpenApiRouter::new().routes(routes!(give, take_back));
    Routes::new().open(open).desk(desk).v1(v1)
}

/// Gives out the address at which a calendar reads what is booked with somebody
///
/// It is told this once; one that was given out before is none any more. Scope `calendar:write`.
#[utoipa::path(post, path = "/api/v1/calendar/staff/{id}/feed", tag = "calendar",
    params(("id" = String, Path)),
    responses((status = 201, body = StaffFeed), (status = "default", body = Problem)))]
async fn give(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<(StatusCode, JsonAnswer<StaffFeed>), ApiError> {
    let token = Token::random();
    set(&cx, &actor, &id, Some(&token.hash())).await?;
    let url = cx
        .config
        .url_of(&format!("{FEEDS}{}{ENDING}", token.expose()));
    Ok((StatusCode::CREATED, JsonAnswer(StaffFeed { url })))
}

/// Takes that address back
///
/// Scope `calendar:write`.
#[utoipa::path(delete, path = "/api/v1/calendar/staff/{id}/feed", tag = "calendar",
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn take_back(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    set(&cx, &actor, &id, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set(
    cx: &Ground,
    actor: &Actor,
    id: &str,
    token_hash: Option<&str>,
) -> Result<(), ApiError> {
    actor.require(Role::Admin, ApiScope::CalendarWrite)?;
    let (tenant, author) = (&actor.tenant, &actor.author);
    let now = cx.clock.now_ms();
    let found = cx
        .store
        .calendar_feeds()
        .set(tenant, id, token_hash, author, now)
        .await?;
    found.then_some(()).ok_or_else(nobody)
}

async fn read(
    State(cx): State<Ground>,
    Path(file): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let unknown = || ApiError::not_found().detail("There is no such calendar.");
    let token = file.strip_suffix(ENDING).and_then(Token::parse);
    let token_hash = token.ok_or_else(unknown)?.hash();
    let of = cx.store.calendar_feeds().find(&token_hash).await?;
    let feed = feed::read(&cx.store, of.ok_or_else(unknown)?, cx.clock.now_ms()).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CACHE_CONTROL, "private, max-age=300"),
    ];
    Ok((headers, feed.to_string()))
}
