#![doc = include_str!("../README.md")]

#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod error;
pub mod json;
pub mod models;
#[cfg(feature = "client")]
pub mod monitor;
#[cfg(feature = "client")]
mod outbound;
pub mod signature;

#[cfg(feature = "client")]
pub use client::{Attempt, Client, ClientBuilder, Observer, retry::RetryPolicy};
#[cfg(feature = "client")]
pub use error::Error;
#[cfg(feature = "client")]
pub use monitor::Monitor;
#[cfg(feature = "client")]
pub use outbound::Outbound;
