//! The session machine against every order of events that could be generated.

mod ledger;
mod orders;
mod stories;
