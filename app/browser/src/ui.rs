//! What both bundles share: language, small components, and thin wrappers over
//! the browser's fetch, event streams, JSON and dates.

pub mod dom;
pub mod events;
pub mod http;
pub mod json;
pub mod time;
pub mod web;
