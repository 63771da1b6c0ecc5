//! The emulator over the network: its real router on a real port, talked to by
//! the `retell` client and by plain HTTP and WebSocket clients.

#![expect(clippy::disallowed_types, reason = "the tests are the clients")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says where"
)]

mod browser_sdk;
mod calls;
mod chats;
mod conformance;
mod control;
mod custom_llm;
mod live;
mod lives;
mod monitor;
mod phone;
mod readme;
mod resources;
mod rest;
mod signalling;
mod support;
mod tools;
mod trials;
mod webhooks;
