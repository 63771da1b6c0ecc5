//! What is counted of CRMs.

use crate::metrics::{Metrics, define_metrics};

define_metrics! {
    WRITES Counter "switchboard_crm_writes_total" ["provider", "outcome"]
        "Attempts to write into CRMs: written, skipped, parked, or later";
    LOOKUPS Counter "switchboard_crm_lookups_total" ["outcome"]
        "Callers looked for in CRMs while they called, by what came of it";
}

/// Something was to be written; both are of a few words.
pub(super) fn written(metrics: &Metrics, provider: &'static str, outcome: &'static str) {
    metrics.count(&WRITES, &[provider, outcome]);
}

/// A caller was asked for; `outcome` is one of a few words.
pub(super) fn looked_up(metrics: &Metrics, outcome: &'static str) {
    metrics.count(&LOOKUPS, &[outcome]);
}
