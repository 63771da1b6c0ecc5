//! The agent desk: sign in, calls, call-backs and the settings, for staff.
//!
//! [`start`] mounts it. Below all is the kit pages are made of, and which page an address
//! names ([`route`]); `data` is what pages share and ask, `features` are the pages, and
//! `shell` is the frame around them. [`gallery`] shows what pages are made of.
#![expect(
    unreachable_pub,
    reason = "Leptos' component macro makes every component `pub`"
)]

mod data;
mod features;
pub mod gallery;
mod kit;
mod nav;
mod provider;
pub mod role;
pub mod route;
mod shell;
mod texts;
mod unsaved;
mod words;

pub use shell::start;
