//! Rooms with real WebRTC peers in them, over loopback UDP.

mod client;
mod gateway;
mod listener;
mod room;
