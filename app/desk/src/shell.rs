//! The frame around every page: signing in, the bar on top, what needs attention, and
//! which page an address shows.

pub(crate) mod alerts;
mod app;
mod gate;
mod link;
mod settings;
mod sign_in;
pub(crate) mod top_bar;

pub use app::start;
