//! Outgoing webhooks: events of a business, told to the addresses it names, for
//! Make, n8n, Zapier and programs of its own.
//!
//! An event is written in the transaction of what happened, with a notification and
//! a job for each endpoint that asked for it; the job sends it until it arrives
//! or is given up ([`policy`]). Signatures and their headers are those of
//! Standard Webhooks ([`sign`]).

mod deliver;
mod endpoints;
pub mod event;
mod forget;
pub(crate) mod http;
pub mod policy;
pub mod sign;
mod store;
pub mod wire;

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;

use crate::domain::{Domain, Example};
use crate::ground::Ground;
use crate::people;
use crate::web::Shared;

pub use deliver::{KIND, Sender};
pub use endpoints::{
    EndpointError, EndpointForm, change, create, replay, replay_failed, rotate, send_test,
    set_headers, switch_off, switch_on,
};
pub use event::{Event, EventType};
pub(crate) use store::Subscribers;
pub use store::{
    Attempt, Endpoint, EndpointChange, Endpoints, NewEndpoint, NotificationDetail, NotificationRow,
    Notifications, Rotation, Sending, Sent,
};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &[
            "endpoint.changed",
            "endpoint.created",
            "endpoint.deleted",
            "endpoint.disabled",
            "endpoint.enabled",
            "endpoint.headers_changed",
            "endpoint.replayed",
            "endpoint.secret_rotated",
            "endpoint.tested",
        ],
        jobs: || vec![deliver::handler(), forget::handler()],
        keeps: store::KEEPS,
        example: event::example,
        ..Domain::new("notify", http::routes)
    }
}

/// What outgoing webhooks are sent with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// What every room stands on.
    pub ground: Ground,
    /// Sends events to the endpoints of businesses.
    pub sender: Sender,
    /// What events look like, of every domain that has any.
    pub(crate) examples: Arc<[Example]>,
}

impl Deref for Context {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

impl Context {
    /// What an event of this type looks like, as if it happened `now` (Unix ms).
    #[must_use]
    pub fn example(&self, kind: EventType, now: i64) -> Event {
        let known = self.examples.iter().find_map(|of| of(kind.name(), now));
        Event {
            kind,
            happened_at: now,
            payload: known.unwrap_or_else(|| event::payload(&serde_json::Value::Null)),
        }
    }
}
