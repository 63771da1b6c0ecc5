//! Retell's webhooks: taken in, kept, then worked off from the table.
//!
//! Taking in is quick and durable: verify the raw bytes, insert, answer.
//! Whatever a delivery causes happens later, in one transaction with the note
//! that it happened, so it happens once.

mod body;
mod inbox;
mod worker;

pub use inbox::{Inbox, Received, Refusal};
pub use worker::run;
