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
mod audio;
mod calls;
mod clock;
mod conduct;
mod config;
pub mod conversation;
mod custom_llm;
mod delivery;
mod error;
mod faults;
mod filters;
mod functions;
mod http;
mod journal;
mod lock;
pub mod media;
pub mod recording;
mod resources;
mod rest;
pub mod scenario;
mod server;
mod settings;
mod talks;
mod tasks;
#[cfg(feature = "testing")]
pub mod testing;
mod unkind;
pub mod voice;
mod webhooks;
mod workspaces;

pub use config::Config;
pub use server::{Emulator, StartError};
