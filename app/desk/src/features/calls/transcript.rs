//! The transcript as a Leptos component: [`view`] shows what its [`feed`] gets, [`staff`]
//! draws the rows that staff alone see, and [`spoken`] those that can be heard again.

pub(crate) mod feed;
mod functions;
mod spoken;
pub(crate) mod staff;
pub(crate) mod view;
