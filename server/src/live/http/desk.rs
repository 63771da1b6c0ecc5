//! What changes, told to every desk.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use futures_util::stream::{self, StreamExt};

use super::sse;
use crate::live::{Context, Reader};
use crate::people;
use crate::people::http::staff::Staff;
use crate::web::Shared;
use crate::web::problem::ApiError;

pub(super) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new().route("/api/desk/events", get(events))
}

async fn events(
    State(cx): State<Context>,
    State(people): State<people::Context>,
    staff: Staff,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let opened = sse::open(&cx, staff.ip, Reader::Session(staff.session.hash()))?;
    let last_event_id = sse::last_event_id(&headers);
    let signed_out = staff.signed_out(&people);
    let waiter = |changes| cx.hub.waiter(changes);
    let follower = cx.feed.follow(staff.tenant.id(), last_event_id, waiter);
    let frames = stream::unfold(follower, async |mut follower| {
        Some((follower.next().await?, follower))
    });
    Ok(sse::response(frames.take_until(signed_out), opened))
}
