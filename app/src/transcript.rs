//! The transcript of a call: a pure model, and a view that touches only what
//! changed. Shared by the widget (visitors) and the desk (staff).
//!
//! [`model`] decides what changed, [`board`] puts exactly that on the page,
//! and [`view`] with its [`feed`] makes it a Leptos component. The board speaks to the DOM
//! itself: words come twenty times a second into lists of thousands of rows,
//! and every kilobyte of view code is one a visitor waits for.

pub mod board;
#[cfg(feature = "desk")]
pub mod feed;
mod follow;
pub mod model;
mod row;
#[cfg(feature = "desk")]
pub mod staff;
pub mod texts;
#[cfg(feature = "desk")]
pub mod view;
