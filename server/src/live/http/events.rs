//! One call as it happens: the event streams of visitors and of staff.

use api::live::event;
use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream::{self, StreamExt};

use super::sse;
use crate::ground::Ground;
use crate::live::log::{ENDED_ID, ended_frame, final_snapshot};
use crate::live::{Audience, Context, Frame, Opened, Reader, Viewer, attend};
use crate::people;
use crate::people::http::staff::Staff;
use crate::store::Tenant;
use crate::web::address::Path;
use crate::web::caller::bearer;
use crate::web::client_ip::ClientIp;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

pub(super) fn of_visitors<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
    Ground: FromRef<S>,
{
    Router::new().route(
        "/api/public/web-calls/{id}/events",
        get(boxed(visitor_events)),
    )
}

pub(super) fn of_staff<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new().route("/api/desk/calls/{id}/events", get(boxed(staff_events)))
}

async fn visitor_events(
    State(cx): State<Context>,
    Path(id): Path<String>,
    ClientIp(ip): ClientIp,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let ticket = bearer(&headers).unwrap_or_default();
    cx.signer
        .verify_call_ticket(ticket, &id, cx.clock.now_ms())?;
    let opened = sse::open(&cx, ip, Reader::Ticket(ticket.to_owned()))?;
    let tenant = cx
        .store
        .calls()
        .tenant_of(&id)
        .await?
        .ok_or_else(ApiError::call_unknown)?;
    follow(
        &cx,
        tenant,
        &id,
        Audience::Visitor,
        sse::last_event_id(&headers),
        // A ticket cannot be taken back.
        std::future::pending(),
        opened,
    )
    .await
}

async fn staff_events(
    State(cx): State<Context>,
    State(people): State<people::Context>,
    staff: Staff,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let opened = sse::open(&cx, staff.ip, Reader::Session(staff.session.hash()))?;
    let signed_out = staff.signed_out(&people);
    follow(
        &cx,
        staff.tenant,
        &id,
        Audience::Staff,
        sse::last_event_id(&headers),
        signed_out,
        opened,
    )
    .await
}

/// The stream of a call, which ends at the latest with `until`.
async fn follow(
    cx: &Context,
    tenant: Tenant,
    id: &str,
    audience: Audience,
    last_event_id: Option<&str>,
    until: impl Future<Output = ()> + Send + 'static,
    opened: Opened,
) -> Result<Response, ApiError> {
    let summary = cx.store.calls().summary(&tenant, id).await?;
    let summary = summary.ok_or_else(ApiError::call_unknown)?;
    // It was told that this is over: an answer without content stops it.
    if last_event_id == Some(ENDED_ID) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let viewer = if summary.status.is_live() {
        let account = cx.account(&tenant).await?;
        let viewer = cx.hub.watch(&account.client, id, audience, last_event_id);
        // The end may have come between the question and the watching.
        let now = cx.store.calls().summary(&tenant, id).await?;
        if let Some(now) = now.filter(|now| !now.status.is_live()) {
            cx.hub.ended(id, now.disconnection_reason.as_deref());
        }
        if audience == Audience::Staff {
            attend::tell(cx, &tenant, id).await?;
        }
        Some(viewer)
    } else {
        cx.hub.join(id, audience, last_event_id)
    };
    let stored = Stored {
        cx: cx.clone(),
        tenant,
        id: id.to_owned(),
        audience,
    };
    let Some(viewer) = viewer else {
        let ended = api::live::Ended {
            reason: summary.disconnection_reason,
        };
        let all = stored
            .transcript()
            .await?
            .into_iter()
            .chain([ended_frame(&ended)]);
        return Ok(sse::response(stream::iter(all), opened));
    };
    Ok(sse::response(
        frames(viewer, stored).take_until(until),
        opened,
    ))
}

/// What the store has of a call somebody reads.
struct Stored {
    cx: Context,
    tenant: Tenant,
    id: String,
    audience: Audience,
}

impl Stored {
    /// The transcript, if there is any: an empty one would take from a reader
    /// what it has.
    async fn transcript(&self) -> Result<Option<Frame>, ApiError> {
        let call = self.cx.store.calls().find(&self.tenant, &self.id).await?;
        let items = call.ok_or_else(ApiError::call_unknown)?.items;
        Ok((!items.is_empty()).then(|| final_snapshot(&items, self.audience)))
    }
}

/// What a viewer reads. One who could not read along, because Retell did not
/// let us or because it came too late, gets the whole transcript at the end.
fn frames(viewer: Viewer, stored: Stored) -> impl stream::Stream<Item = Frame> + Send {
    let begin = (viewer, stored, None);
    stream::unfold(begin, async |(mut viewer, stored, mut held)| {
        if let Some(held) = held.take() {
            return Some((held, (viewer, stored, None)));
        }
        let frame = viewer.next().await?;
        if frame.event == event::ENDED && !viewer.has_read() {
            // Without the store the end alone is still worth telling.
            if let Ok(Some(transcript)) = stored.transcript().await {
                return Some((transcript, (viewer, stored, Some(frame))));
            }
        }
        Some((frame, (viewer, stored, None)))
    })
}
