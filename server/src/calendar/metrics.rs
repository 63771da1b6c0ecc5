//! What is counted of calendars elsewhere.

use crate::metrics::{Metrics, define_metrics};

define_metrics! {
    READS Counter "switchboard_calendar_reads_total" ["outcome"]
        "Attempts to read linked calendars: read, or failed";
    WRITES Counter "switchboard_calendar_writes_total" ["outcome"]
        "Attempts to write bookings into linked calendars: written, removed, parked, or later";
    CALCOM Counter "switchboard_calcom_requests_total" ["outcome"]
        "Requests to Cal.com: answered, taken, refused, limited, or silent";
}

/// A calendar was to be read; `outcome` is one of a few words.
pub(super) fn read(metrics: &Metrics, outcome: &'static str) {
    metrics.count(&READS, &[outcome]);
}

/// A booking was to be written; `outcome` is one of a few words.
pub(super) fn written(metrics: &Metrics, outcome: &'static str) {
    metrics.count(&WRITES, &[outcome]);
}

/// Cal.com was asked; `outcome` is one of a few words.
pub(super) fn calcom(metrics: &Metrics, outcome: &'static str) {
    metrics.count(&CALCOM, &[outcome]);
}
