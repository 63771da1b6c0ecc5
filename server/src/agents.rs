//! What is in the Retell account of a business: its agents, its numbers, its
//! voices.

pub(crate) mod http;
pub mod mirror;
pub mod numbers;
mod pages;
mod store;

pub(crate) use store::names;
pub use store::{Agent, Whose};
