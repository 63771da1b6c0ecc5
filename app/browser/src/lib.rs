//! What both bundles share: joining a call ([`call`]), its transcript
//! ([`transcript`]), and the browser itself ([`ui`]).
//!
//! All of it can be on the widget's path, so it keeps clear of `serde_json` and
//! of formatting machinery: each costs the visitor kilobytes.

pub mod call;
pub mod transcript;
pub mod ui;
