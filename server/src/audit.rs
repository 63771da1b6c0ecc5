//! The trail of who did what, for a business to look through. What is written into
//! it, and when, is in [`deeds`](crate::deeds).

pub(crate) mod http;
mod store;

pub use store::AuditEvent;
