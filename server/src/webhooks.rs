//! Retell's webhooks: taken in, kept, then worked off from the table.
//!
//! Taking in is quick and durable: verify the raw bytes, insert, answer.
//! Whatever a delivery causes happens later, in one transaction with the note
//! that it happened, so it happens once.

mod alert;
mod body;
mod inbox;
mod keyring;
mod question;
mod worker;

pub use alert::Alert;
pub use inbox::{Inbox, Received, Refusal, Reply, check_header};
pub use keyring::{Keyring, Signers};
pub use worker::run;
