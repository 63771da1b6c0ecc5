//! The transcript of a call: a pure model, and a view that touches only what
//! changed. Shared by the widget (visitors) and the desk (staff).

pub mod feed;
pub mod model;
mod row;
pub mod staff;
pub mod view;
