//! Outgoing webhooks: events of a business, told to the addresses it names, for
//! Make, n8n, Zapier and programs of its own.
//!
//! An event is written in the transaction of what happened, with a delivery and
//! a job for each endpoint that asked for it; the job sends it until it arrives
//! or is given up ([`policy`]). Signatures and their headers are those of
//! Standard Webhooks ([`sign`]).

mod deliver;
mod endpoints;
pub mod event;
pub mod policy;
pub mod sign;
mod turns;
pub mod wire;

pub use deliver::{KIND, Sender, handler};
pub use endpoints::{
    EndpointError, EndpointForm, change, create, replay, replay_failed, rotate, send_test,
    set_headers, switch_off, switch_on,
};
pub use event::{Event, EventType};
