//! What changes, told to every desk.

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::get;
use futures_util::stream::{self, StreamExt};

use super::sse;
use crate::live::{Context, Reader, told_given};
use crate::people;
use crate::people::http::staff::Staff;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

pub(super) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new().route("/api/desk/events", get(boxed(events)))
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
    let here = cx.desks.enter(&staff.tenant, &staff.user.id);
    let given = cx
        .store
        .calls()
        .given(&staff.tenant, &staff.user.id)
        .await?;
    let given = given
        .first()
        .map(|call| told_given(&staff.user.id, &call.id));
    let frames = stream::unfold((follower, here), async |(mut follower, here)| {
        Some((follower.next().await?, (follower, here)))
    });
    let (of_staff, now) = (cx.store.availability_of_staff(), cx.clock.now_ms());
    let who = [staff.user.id];
    if let Err(error) = of_staff.seen(&staff.tenant, &who, now).await {
        // It is written down again soon.
        tracing::warn!(%error, "whose desk is open is not known");
    }
    // Whom a call was given while no desk of theirs was open hears of it now.
    let frames = stream::iter(given).chain(frames);
    Ok(sse::response(frames.take_until(signed_out), opened))
}
