//! The JSON that Switchboard's server and its browser app exchange.
//!
//! Types only: no I/O, no rules. Both sides compile this crate, so a field
//! cannot be renamed on one side alone. Times are Unix milliseconds (UTC),
//! phone numbers are E.164.

pub mod desk;
pub mod live;
pub mod problem;
pub mod public;

pub use problem::Problem;
