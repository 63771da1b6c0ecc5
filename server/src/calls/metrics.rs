//! What is counted of calls.

use crate::metrics::{Metrics, define_metrics};

define_metrics! {
    MINTS Counter "switchboard_mints_total" ["by", "outcome"]
        "Web calls asked for by visitors, by programs and by the staff, by what came of it";
    PHONE_CALLS Counter "switchboard_phone_calls_total" ["outcome"]
        "Telephone calls asked for, by what came of it";
}

/// Who asks for a web call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Minter {
    /// A visitor, with a public key.
    Visitor,
    /// A program, with a secret API key.
    Program,
    /// One of the staff, at the desk.
    Staff,
}

/// Somebody asked for a web call; `outcome` is one of a few words.
pub(super) fn minted(metrics: &Metrics, by: Minter, outcome: &'static str) {
    let by = match by {
        Minter::Visitor => "visitor",
        Minter::Program => "api",
        Minter::Staff => "staff",
    };
    metrics.count(&MINTS, &[by, outcome]);
}

/// A telephone call was asked for; `outcome` is one of a few words.
pub(super) fn dialled(metrics: &Metrics, outcome: &'static str) {
    metrics.count(&PHONE_CALLS, &[outcome]);
}
