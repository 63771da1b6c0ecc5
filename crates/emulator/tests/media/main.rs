//! Rooms with real WebRTC peers in them, over loopback UDP.

#![expect(clippy::disallowed_types, reason = "the tests are the clients")]

mod client;
mod gateway;
mod listener;
mod room;
