//! The transcript as a Leptos component: [`view`] shows what its [`feed`] gets, and
//! [`staff`] draws the rows that staff alone see.

pub(crate) mod feed;
pub(crate) mod staff;
pub(crate) mod view;
