//! The transcript of a call: a pure model, and a view that touches only what
//! changed. Shared by the widget (visitors) and the desk (staff).
//!
//! [`model`] decides what changed, and [`board`] puts exactly that on the page. It
//! speaks to the DOM itself: words come twenty times a second into lists of
//! thousands of rows, and every kilobyte of view code is one a visitor waits for.

pub mod board;
mod follow;
pub mod model;
mod row;
pub mod texts;
