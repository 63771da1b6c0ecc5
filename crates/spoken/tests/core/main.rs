//! What is said, and what is true of whatever is.

mod phrases;
mod properties;
