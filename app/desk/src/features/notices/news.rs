//! What is new of calls and call-backs to one person. Pure: what is told of them comes in, news
//! come out, each of them once.

use std::collections::{HashMap, HashSet};

use api::callbacks::{Callback, CallbackState};
use api::desk::{CallStatus, CallSummary};
use api::warnings::Severity;

/// A call-back is told so much (ms) before the server places it, so that it is still there.
const AHEAD_MS: i64 = 1_000;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// A call has begun.
    Begun,
    /// A rule of the business warns of a call.
    Warned(Severity),
    /// A call-back is due.
    Due,
    /// A call is the reader's now.
    Given,
    /// Somebody else says that a supervisor should look at a call, and the reader is one.
    Flagged,
    /// A call was the reader's, and is somebody else's now.
    Taken,
}

/// What is known of a call.
#[derive(Debug, Default)]
struct Known {
    begun: bool,
    warned_at: Option<i64>,
    claimed_by: Option<String>,
}

/// All that is known, so that it is no news.
#[derive(Debug, Default)]
pub(super) struct Seen {
    calls: HashMap<String, Known>,
    /// The ids of call-backs, and when they were due.
    due: HashSet<(String, i64)>,
}

impl Seen {
    /// A call is as it was before anything was to be told.
    pub(super) fn know(&mut self, call: &CallSummary) {
        let known = self.calls.entry(call.id.clone()).or_default();
        known.begun |= call.status >= CallStatus::Ongoing;
        known.warned_at = known.warned_at.max(call.warned_at);
        known.claimed_by.clone_from(&call.claimed_by);
    }

    /// What is new of a call that has just been told of, to the person with the id `me`.
    pub(super) fn hear(&mut self, call: &CallSummary, me: &str) -> Vec<What> {
        let before = self.calls.entry(call.id.clone()).or_default();
        let is_own_test = call.direction.as_deref() == Some("internal");
        let has_begun = call.status == CallStatus::Ongoing && !before.begun && !is_own_test;
        let is_warned = call.status.is_live() && call.warned_at > before.warned_at;
        let (was, is) = (before.claimed_by.as_deref(), call.claimed_by.as_deref());
        let is_taken = was == Some(me) && is.is_some_and(|is| is != me);
        let severity = call.warning_severity.unwrap_or_default();
        self.know(call);
        let news = [
            has_begun.then_some(What::Begun),
            is_warned.then_some(What::Warned(severity)),
            is_taken.then_some(What::Taken),
        ];
        news.into_iter().flatten().collect()
    }

    /// The same of a call as it was listed: the list may be older than what was told since, so it
    /// says nothing of whose a call is that is known.
    pub(super) fn read(&mut self, call: &CallSummary, me: &str) -> Vec<What> {
        let mut call = call.clone();
        if let Some(known) = self.calls.get(&call.id) {
            call.claimed_by.clone_from(&known.claimed_by);
        }
        self.hear(&call, me)
    }

    /// Those of the call-backs to be done that have become due since a moment (Unix ms).
    pub(super) fn due(&mut self, to_do: &[Callback], since: i64, now: i64) -> Vec<Callback> {
        let is_due = |it: &&Callback| {
            let waits = matches!(
                it.state,
                CallbackState::Pending | CallbackState::Scheduled | CallbackState::Calling
            );
            waits
                && (since..=now + AHEAD_MS).contains(&it.due_at)
                && self.due.insert((it.id.clone(), it.due_at))
        };
        to_do.iter().filter(is_due).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use api::public::Consent;

    use super::*;

    fn call(status: CallStatus) -> CallSummary {
        let call = serde_json::json!({
            "id": "call_1", "call_type": "web_call", "agent_id": "agent_1", "status": status,
            "created_at": 1, "has_recording": false,
        });
        serde_json::from_value(call).unwrap()
    }

    #[test]
    fn a_call_begins_once_and_no_test_call_does() {
        let mut seen = Seen::default();
        assert_eq!(seen.hear(&call(CallStatus::Registered), "me"), []);
        assert_eq!(seen.hear(&call(CallStatus::Ongoing), "me"), [What::Begun]);
        assert_eq!(seen.hear(&call(CallStatus::Ongoing), "me"), []);
        assert_eq!(seen.read(&call(CallStatus::Registered), "me"), []);
        assert_eq!(seen.hear(&call(CallStatus::Ongoing), "me"), []);
        let test = CallSummary {
            id: "call_2".into(),
            direction: Some("internal".into()),
            ..call(CallStatus::Ongoing)
        };
        assert_eq!(seen.hear(&test, "me"), []);
        // One that went on before, and one that was over when it was first heard of.
        let mut seen = Seen::default();
        seen.know(&call(CallStatus::Ongoing));
        assert_eq!(seen.hear(&call(CallStatus::Ongoing), "me"), []);
        assert_eq!(Seen::default().hear(&call(CallStatus::Ended), "me"), []);
    }

    #[test]
    fn each_warning_is_told_with_its_severity_while_the_call_goes_on() {
        let warned = |status, at, severity| CallSummary {
            warned_at: Some(at),
            warning_severity: Some(severity),
            ..call(status)
        };
        let mut seen = Seen::default();
        seen.know(&call(CallStatus::Ongoing));
        let (low, high) = (Severity::Low, Severity::High);
        let first = warned(CallStatus::Ongoing, 5, low);
        assert_eq!(seen.hear(&first, "me"), [What::Warned(low)]);
        assert_eq!(seen.hear(&first, "me"), []);
        // A list that was asked for before.
        assert_eq!(seen.read(&call(CallStatus::Ongoing), "me"), []);
        assert_eq!(seen.hear(&first, "me"), []);
        let second = warned(CallStatus::Ongoing, 6, high);
        assert_eq!(seen.read(&second, "me"), [What::Warned(high)]);
        assert_eq!(seen.hear(&warned(CallStatus::Ended, 7, high), "me"), []);
    }

    #[test]
    fn a_call_is_taken_and_nobody_is_told_of_what_others_do_among_themselves() {
        let of = |whose: Option<&str>| CallSummary {
            claimed_by: whose.map(str::to_owned),
            ..call(CallStatus::Ended)
        };
        let mut seen = Seen::default();
        seen.know(&of(None));
        assert_eq!(seen.hear(&of(Some("ben")), "me"), []);
        // Who is given it is told so apart.
        assert_eq!(seen.hear(&of(Some("me")), "me"), []);
        // As it was listed before that.
        assert_eq!(seen.read(&of(None), "me"), []);
        assert_eq!(seen.hear(&of(Some("me")), "me"), []);
        assert_eq!(seen.hear(&of(Some("lea")), "me"), [What::Taken]);
        assert_eq!(seen.hear(&of(Some("ben")), "me"), []);
        // Who lets it go does so themselves.
        seen.know(&of(Some("me")));
        assert_eq!(seen.hear(&of(None), "me"), []);
    }

    #[test]
    fn a_call_back_becomes_due_once() {
        let of = |id: &str, due_at, state| Callback {
            id: id.into(),
            state,
            name: "Ana".into(),
            phone: "+491701234567".into(),
            agent_id: "agent_1".into(),
            agent_name: None,
            language: None,
            page_url: None,
            due_at,
            created_at: 0,
            call_id: None,
            problem: None,
            outcome: None,
            tries: 0,
            note: String::new(),
            claimed_by: None,
            claimed_by_name: None,
            consent: Consent {
                text: String::new(),
                language: None,
            },
        };
        let mut seen = Seen::default();
        let to_do = [
            of("old", 4_000, CallbackState::Scheduled),
            of("now", 11_000, CallbackState::Scheduled),
            of("failed", 9_000, CallbackState::Failed),
            of("later", 11_001, CallbackState::Scheduled),
        ];
        let ids = |due: Vec<Callback>| due.into_iter().map(|it| it.id).collect::<Vec<_>>();
        assert_eq!(ids(seen.due(&to_do, 5_000, 10_000)), ["now"]);
        assert_eq!(ids(seen.due(&to_do, 5_000, 10_001)), ["later"]);
        assert!(seen.due(&to_do, 5_000, 90_000).is_empty());
        // It was put off.
        let again = [of("now", 80_000, CallbackState::Scheduled)];
        assert_eq!(ids(seen.due(&again, 5_000, 90_000)), ["now"]);
    }
}
