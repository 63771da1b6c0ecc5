//! The frame around every page: signing in, the bar on top, what needs attention, and
//! which page an address shows.

pub(crate) mod alerts;
mod app;
mod broken;
mod gate;
mod link;
mod parts;
mod settings;
mod sign_in;
pub(crate) mod top_bar;

pub(crate) use app::spoken;
pub use app::start;
