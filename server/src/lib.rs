//! Placeholder.
pub mod signed;
