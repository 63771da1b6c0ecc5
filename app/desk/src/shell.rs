//! The frame around every page: signing in, the bar at the side, what needs attention, and
//! which page an address shows.

pub(crate) mod alerts;
mod app;
mod broken;
mod counts;
mod gate;
mod link;
mod parts;
mod settings;
pub(crate) mod sidebar;
mod sign_in;

pub(crate) use app::spoken;
pub use app::start;
