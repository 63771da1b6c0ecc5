//! The live relay: one socket at Retell, any number of readers.

mod attend;
mod availability;
mod feed;
mod hub;
mod journey;
mod proxied;
mod recording;
mod relay;
mod warnings;
mod whispers;
