//! What is made of a webhook's body, up to the database.

use serde_json::Value;

use super::Alert;
use super::body::{Body, says_nothing, without, without_access_tokens};
use super::question::Question;
use crate::calls::facts::{self, Facts};
use crate::calls::{Change, Known, Observation, transcript};

/// When it was signed (Unix ms).
const SIGNED_AT: i64 = 1_790_000_000_000;

/// A webhook's body.
pub fn webhook(bytes: &[u8]) {
    let kept = without_access_tokens(bytes);
    assert_eq!(kept.len(), bytes.len());
    let is_json = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).is_ok();
    assert!(!is_json(bytes) || is_json(&kept), "JSON stays JSON");
    let event = match Body::parse(bytes) {
        Ok(Body::Event(event)) => event,
        Ok(Body::Ping) => return assert!(says_nothing(bytes)),
        Err(_) => return,
    };
    let _ = (
        event.is_unmistakable(),
        event.agent_id(),
        Question::of(&event),
    );
    if let Some(token) = event.access_token() {
        assert_eq!(without(token, bytes).len(), bytes.len());
    }
    if let Some(alert) = event.rest.get("alert") {
        let _ = Alert::read(&event.name, alert, SIGNED_AT);
    }
    let call = event.call.unwrap_or_default();
    if let Some(seen) = Observation::from_event(&event.name, call, SIGNED_AT) {
        observe(seen);
    }
}

/// What is made of what was said about a call.
fn observe(seen: Observation) {
    let _ = facts::clues(&seen.call_id, &seen.fields);
    let mut known = Known::default();
    known.merge(seen.clone());
    assert_eq!(
        known.merge(seen),
        Change::Nothing,
        "said twice is said once"
    );
    let call = known.fields();
    let facts = Facts::of(call);
    let _ = (facts.number_tail(), facts.has_recording());
    let _ = (facts::analysis_summary(call), facts::analysis_data(call));
    let _ = (facts::dynamic_variables(call), facts::metadata(call));
    let _ = facts::public_key(call);
    let items = transcript::items(call);
    assert!(items.is_sorted_by_key(|item| item.time_ms), "{items:?}");
}
