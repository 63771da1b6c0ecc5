//! The agent desk: sign in, the list of calls, and a call's page, for staff.
//!
//! [`start`] mounts it. The rules are pure ([`route`], [`list`], [`reasons`],
//! [`texts`]); [`state`] is what the pages share, [`link`] keeps it in step
//! with the server, and one module per page draws it. [`gallery`] shows what
//! pages are made of.
#![expect(
    unreachable_pub,
    reason = "Leptos' component macro makes every component `pub`"
)]

mod alerts;
mod api_client;
mod app;
mod call_page;
mod callbacks_page;
mod calls_page;
mod chips;
mod filters;
pub mod gallery;
mod gate;
mod link;
pub mod list;
mod nav;
pub mod reasons;
pub mod role;
pub mod route;
mod settings;
mod sign_in;
mod state;
pub mod texts;
mod top_bar;

pub use app::start;
