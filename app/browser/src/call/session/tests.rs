//! The session machine against every order of events that could be generated.

mod ledger;
mod microphone;
mod orders;
mod stories;
