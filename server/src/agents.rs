//! What is in the Retell account of a business: its agents, its numbers, its
//! voices.

pub(crate) mod http;
pub mod numbers;
mod store;

pub use store::Agent;
pub(crate) use store::names;
