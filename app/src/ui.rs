//! What both bundles share: language, small components, and thin wrappers over
//! the browser's fetch, event streams, JSON and dates.

pub mod i18n;
pub mod json;
