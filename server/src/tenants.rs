//! Tenants: who may use what, and from where.

pub mod accounts;
pub mod day;
mod known_origins;
pub mod origins;

pub use accounts::{Account, AccountError, Accounts, SealedKeys};
pub use known_origins::KnownOrigins;
