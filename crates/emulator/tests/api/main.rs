//! The emulator over the network: its real router on a real port, talked to by
//! the `retell` client and by plain HTTP and WebSocket clients.

mod calls;
mod control;
mod live;
mod monitor;
mod phone;
mod rest;
mod signalling;
mod support;
mod webhooks;
