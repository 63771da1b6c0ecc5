//! What is counted of CRMs.

use crate::metrics::{Metrics, define_metrics};

define_metrics! {
    WRITES Counter "switchboard_crm_writes_total" ["provider", "outcome"]
        "Attempts to write into a CRM: written, skipped, parked, or to be tried again";
    LOOKUPS Counter "switchboard_crm_lookups_total" ["outcome"]
        "Callers asked for in a CRM while they called: known from before, found, nobody, failed, or not asked because it failed too often";
}

/// Something was to be written; both are of a few words.
pub(super) fn written(metrics: &Metrics, provider: &'static str, outcome: &'static str) {
    metrics.count(&WRITES, &[provider, outcome]);
}

/// A caller was asked for; `outcome` is one of a few words.
pub(super) fn looked_up(metrics: &Metrics, outcome: &'static str) {
    metrics.count(&LOOKUPS, &[outcome]);
}
