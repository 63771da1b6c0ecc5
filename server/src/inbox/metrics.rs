//! What is counted of incoming webhooks.

use std::time::Duration;

use crate::metrics::{Metrics, define_metrics};

define_metrics! {
    WEBHOOKS Histogram "switchboard_webhook_receipt_seconds" ["verdict"]
        "How long webhooks took to verify and store";
    WORKED_OFF Histogram "switchboard_webhook_processing_seconds" ["event"]
        "From the arrival of a webhook until its effect was stored";
}

/// A webhook was taken in, or refused; `verdict` is one of a few words.
pub(super) fn received(metrics: &Metrics, verdict: &'static str, elapsed: Duration) {
    metrics.took(&WEBHOOKS, &[verdict], elapsed);
}

/// A webhook's effect is stored.
pub(super) fn worked_off(metrics: &Metrics, event: &str, elapsed: Duration) {
    // What others call their events is not for a label.
    let event = match event {
        known @ ("call_started" | "call_ended" | "call_analyzed" | "transcript_updated"
        | "transfer_started" | "transfer_bridged" | "transfer_cancelled"
        | "transfer_ended" | "call_inbound" | "chat_started" | "chat_ended"
        | "chat_analyzed" | "alert_triggered") => known,
        _ => "other",
    };
    metrics.took(&WORKED_OFF, &[event], elapsed);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_call_their_events_is_in_no_label() {
        let metrics = Metrics::default();
        worked_off(&metrics, "call_of_+4930901820", Duration::from_secs(1));
        let text = metrics.render();
        assert!(text.contains("event=\"other\"") && !text.contains("+49"));
    }
}
