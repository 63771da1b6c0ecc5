//! The live relay, the desk and the pages, on the real server over sockets,
//! with a stand-in for Retell that does exactly what each test tells it to.

#![expect(clippy::disallowed_types, reason = "the tests are the clients")]
#![expect(clippy::unwrap_used, reason = "a failing test says where")]

mod assets;
mod desk;
mod endpoints;
mod feed;
mod hub;
mod journey;
mod pages;
mod people;
mod recording;
mod relay;
mod retell_stub;
mod stage;
#[path = "../shared/sse.rs"]
mod stream;
