//! A local Retell: REST, WebRTC gateway, monitor stream, webhooks and agents
//! that speak from a script. See the crate's README for how to run it and what
//! it is not.
//!
//! ```no_run
//! # async fn example() -> Result<(), emulator::StartError> {
//! let emulator = emulator::Emulator::start(emulator::Config::default()).await?;
//! println!("create calls at {}", emulator.url());
//! emulator.shutdown().await;
//! # Ok(()) }
//! ```

mod agents;
mod app;
mod calls;
mod clock;
mod config;
pub mod conversation;
mod delivery;
mod faults;
mod functions;
mod http;
mod journal;
pub mod media;
mod phone_numbers;
pub mod recording;
pub mod scenario;
mod server;
mod settings;
mod tasks;
#[cfg(feature = "testing")]
#[cfg(feature = "testing")]
pub mod testing;
pub mod voice;
mod voices;
mod webhooks;

pub use config::Config;
pub use server::{Emulator, StartError};
