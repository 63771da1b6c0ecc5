#![doc = include_str!("../README.md")]
#![cfg_attr(
    feature = "client",
    expect(
        clippy::disallowed_types,
        reason = "this crate stands alone: it brings the client of Retell's address along"
    )
)]

#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod error;
pub mod models;
#[cfg(feature = "client")]
pub mod monitor;
pub mod signature;

#[cfg(feature = "client")]
pub use client::{Attempt, Client, ClientBuilder, Observer, retry::RetryPolicy};
#[cfg(feature = "client")]
pub use error::Error;
#[cfg(feature = "client")]
pub use monitor::Monitor;
