//! What the desk knows and asks: who is signed in, the calls it lists, one errand at a
//! time to the server, and lists that load page by page.

pub(crate) mod api_client;
mod errand;
pub mod list;
mod pages;
mod state;
mod stream;
mod version;

pub(crate) use errand::{Errand, SaveButton, Status, Words};
pub(crate) use pages::{LoadMore, Loaded, Loading, Pages};
pub(crate) use state::{Desk, Load, Standing, is_signed_out};
pub(crate) use stream::Stream;
