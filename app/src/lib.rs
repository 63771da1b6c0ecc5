//! Switchboard in the browser: one crate, two bundles.
//!
//! `widget` (a visitor's call button and panel) and `desk` (the staff's call
//! list and call page) are the binaries; everything they share is here. What a
//! bundle does not reach is not linked into it, so the modules on the widget's
//! path keep clear of `serde_json` and of formatting machinery: each costs the
//! visitor kilobytes. Leptos is the desk's (feature `desk`): merely linked, it
//! exports things that no optimiser may remove.

pub mod call;
#[cfg(feature = "desk")]
pub mod desk;
pub mod transcript;
pub mod ui;
pub mod widget;
