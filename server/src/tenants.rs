//! Tenants: who may use what, and from where.

mod known_origins;
pub mod origins;

pub use known_origins::KnownOrigins;
