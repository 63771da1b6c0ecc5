//! What the desk knows and asks: who is signed in, the calls it lists, one errand at a
//! time to the server, and what pages show, asked for once and kept.

pub(crate) mod api_client;
pub(crate) mod cache;
pub(crate) mod call_actions;
pub(crate) mod dial;
pub(crate) mod elsewhere;
mod errand;
pub(crate) mod files;
pub mod list;
mod listed;
pub(crate) mod noted;
mod numbers;
mod pages;
mod rivals;
pub(crate) mod staff;
mod state;
mod version;
mod wall;
pub(crate) mod whispers;

pub(crate) use errand::{About, Errand, RowStatus, SaveButton, Status, Words};
pub(crate) use listed::{ChangeOrRemove, ListAndForm, Listed};
pub(crate) use pages::{LoadMore, Loaded, Loading, Pages, Trouble};
pub(crate) use rivals::{Rivalry, Rivals};
pub(crate) use state::{Desk, GIVEN, Load, NOTICES, Standing, is_signed_out};
pub(crate) use wall::wall;
