//! Joining what was said about a call.
//!
//! Each field of the call object carries a stamp: how late in the call's life
//! and when it was told. The later stamp wins. That makes the join commutative,
//! associative and idempotent, so that a call ends up the same whatever the
//! order and the repetition of what we hear, and its stage only moves forward.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use api::desk::CallStatus;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Observation;
use super::status::{self, Stage};

/// How late a field was told: the stage of the call, then an order within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp(Stage, i64);

/// Everything known of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    stage: Stage,
    fields: Map<String, Value>,
    stamps: BTreeMap<String, Stamp>,
    deleted: Deleted,
}

/// What was deleted of a call that is kept. Whoever tells it again tells nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Deleted {
    /// What was said.
    pub transcript: bool,
    /// Where the recording is heard.
    pub recording: bool,
    /// Both, and whatever was made of it in words.
    pub words: bool,
}

impl Deleted {
    fn holds(self, field: &str) -> bool {
        self.transcript && is_transcript(field) || self.recording && is_recording(field)
    }

    /// What is taken in of a field, where anything is.
    fn lets_in(self, field: &str, value: Value) -> Option<Value> {
        match self.words {
            true => without_words(field, value),
            false => Some(value).filter(|_| !self.holds(field)),
        }
    }
}

/// What an observation did to what was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// Nothing: it was known, or known better.
    Nothing,
    /// The same was told again later; nobody can see a difference.
    Stamps,
    /// The call is different now.
    Fields,
    /// So is what was said in it.
    Transcript,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            stage: Stage::Registered,
            fields: Map::new(),
            stamps: BTreeMap::new(),
            deleted: Deleted::default(),
        }
    }
}

impl Known {
    /// As it was stored.
    #[must_use]
    pub fn from_parts(
        stage: Stage,
        fields: Map<String, Value>,
        stamps: BTreeMap<String, Stamp>,
        deleted: Deleted,
    ) -> Self {
        Self {
            stage,
            fields,
            stamps,
            deleted,
        }
    }

    /// What was said, which is kept apart.
    pub(super) fn recall(&mut self, said: Map<String, Value>) {
        self.fields.extend(said);
    }

    /// How far the call has come.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// Retell's call object as far as it is known.
    #[must_use]
    pub fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    /// Whether what was said in it was deleted, and whatever tells it again.
    #[must_use]
    pub fn has_no_words(&self) -> bool {
        self.deleted.words
    }

    /// When each field was told, for the store.
    #[must_use]
    pub fn stamps(&self) -> &BTreeMap<String, Stamp> {
        &self.stamps
    }

    /// Where the call stands.
    #[must_use]
    pub fn status(&self) -> CallStatus {
        self.fields
            .get("call_status")
            .and_then(Value::as_str)
            .and_then(status::parse)
            .unwrap_or(CallStatus::Registered)
    }

    /// Adds what was observed.
    pub fn merge(&mut self, seen: Observation) -> Change {
        let Observation {
            stage, at, fields, ..
        } = seen;
        let mut change = self.reach(stage);
        for (name, value) in fields {
            let stamp = stamp_of(&name, &value, stage, at);
            change = change.max(self.hear(name, value, stamp));
        }
        change
    }

    fn reach(&mut self, stage: Stage) -> Change {
        if stage <= self.stage {
            return Change::Nothing;
        }
        self.stage = stage;
        Change::Fields
    }

    fn hear(&mut self, name: String, value: Value, stamp: Stamp) -> Change {
        let Some(value) = self.deleted.lets_in(&name, value) else {
            return Change::Nothing;
        };
        let old = self.fields.get(&name).zip(self.stamps.get(&name));
        let effect = match old {
            Some(old) if !outranks((&stamp, &value), (old.1, old.0)) => return Change::Nothing,
            Some((old, _)) if *old == value => Change::Stamps,
            _ if is_transcript(&name) => Change::Transcript,
            _ => Change::Fields,
        };
        self.stamps.insert(name.clone(), stamp);
        if effect >= Change::Fields {
            self.fields.insert(name, value);
        }
        effect
    }
}

/// Whether news replaces what was known: it was told later. Of two different
/// things told at once any rule will do that does not ask which came first.
fn outranks(new: (&Stamp, &Value), old: (&Stamp, &Value)) -> bool {
    let text = |value: &Value| value.to_string();
    match new.0.cmp(old.0) {
        Ordering::Less => false,
        Ordering::Greater => true,
        Ordering::Equal => new.1 != old.1 && text(new.1) > text(old.1),
    }
}

/// While a call goes on its transcript only grows, so the longer one is the
/// later one, even if an older webhook was repeated and signed anew.
fn stamp_of(name: &str, value: &Value, stage: Stage, at: i64) -> Stamp {
    let growing = stage <= Stage::Ongoing && is_transcript(name);
    let order = if growing {
        i64::try_from(value.to_string().len()).unwrap_or(i64::MAX)
    } else {
        at
    };
    Stamp(stage, order)
}

/// Whether a field of the call object is a form of its transcript: those are
/// long, and kept apart.
#[must_use]
pub(crate) fn is_transcript(name: &str) -> bool {
    name.contains("transcript")
}

/// Retell's fields with addresses of recordings and logs.
const RECORDING_FIELDS: [&str; 6] = [
    "recording_url",
    "recording_multi_channel_url",
    "scrubbed_recording_url",
    "scrubbed_recording_multi_channel_url",
    "public_log_url",
    "knowledge_base_retrieved_contents_url",
];

/// Whether a field of the call object says where its recording or log is found.
#[must_use]
pub(crate) fn is_recording(name: &str) -> bool {
    RECORDING_FIELDS.contains(&name)
}

/// What Retell collects of what was said, besides transcripts.
const COLLECTED_FIELDS: [&str; 2] = ["collected_dynamic_variables", "tool_calls"];

/// What an analysis says without words of the call.
const ANALYSIS_FIGURES: [&str; 3] = ["call_successful", "in_voicemail", "user_sentiment"];

/// What stays of a field of the call object where no words of the call are kept.
#[must_use]
pub(crate) fn without_words(name: &str, mut value: Value) -> Option<Value> {
    if is_transcript(name) || is_recording(name) || COLLECTED_FIELDS.contains(&name) {
        return None;
    }
    if name == "call_analysis"
        && let Some(analysis) = value.as_object_mut()
    {
        analysis.retain(|field, _| ANALYSIS_FIGURES.contains(&field.as_str()));
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn observation(event: &str, at: i64, call: Value) -> Observation {
        let Value::Object(call) = call else {
            panic!("not an object")
        };
        Observation::from_event(event, call, at).unwrap()
    }

    fn join<'a>(seen: impl IntoIterator<Item = &'a Observation>) -> Known {
        let mut known = Known::default();
        for one in seen {
            known.merge(one.clone());
        }
        known
    }

    /// What Retell sends in the life of one call.
    fn life() -> Vec<Observation> {
        vec![
            observation(
                "call_started",
                10,
                json!({"call_id": "c", "call_status": "ongoing", "agent_id": "a", "start_timestamp": 10}),
            ),
            observation(
                "transcript_updated",
                20,
                json!({"call_id": "c", "transcript": "Agent: Hello"}),
            ),
            observation(
                "transcript_updated",
                30,
                json!({"call_id": "c", "transcript": "Agent: Hello\nUser: Hi"}),
            ),
            observation(
                "call_ended",
                40,
                json!({"call_id": "c", "call_status": "ended", "transcript": "Agent: Hello\nUser: Hi\n", "end_timestamp": 40, "disconnection_reason": "user_hangup"}),
            ),
            observation(
                "call_analyzed",
                50,
                json!({"call_id": "c", "call_status": "ended", "transcript": "Agent: Hello\nUser: Hi\n", "end_timestamp": 40, "disconnection_reason": "user_hangup", "call_analysis": {"user_sentiment": "Positive"}}),
            ),
        ]
    }

    #[test]
    fn a_late_start_does_not_reopen_a_call() {
        let life = life();
        let mut known = join(&life);
        assert_eq!(known.merge(life[0].clone()), Change::Nothing);
        assert_eq!(known.stage(), Stage::Analyzed);
        assert_eq!(known.status(), CallStatus::Ended);
    }

    #[test]
    fn a_start_after_the_end_still_adds_what_only_it_knew() {
        let life = life();
        let known = join([&life[3], &life[0]]);
        assert_eq!(known.fields()["agent_id"], "a");
        assert_eq!(known.status(), CallStatus::Ended);
    }

    #[test]
    fn a_repeated_older_transcript_does_not_shorten_a_live_one() {
        let life = life();
        let mut repeated = life[1].clone();
        repeated.at = 35;
        let known = join([&life[0], &life[2], &repeated]);
        assert_eq!(known.fields()["transcript"], "Agent: Hello\nUser: Hi");
    }

    #[test]
    fn the_same_news_again_is_no_change() {
        let life = life();
        let mut known = join(&life);
        for one in &life {
            assert_eq!(known.merge(one.clone()), Change::Nothing);
        }
        let mut later = life[4].clone();
        later.at += 1;
        assert_eq!(known.merge(later), Change::Stamps);
    }

    #[test]
    fn what_was_deleted_is_not_told_again() {
        let mut fields = join(&life()).fields().clone();
        fields.remove("transcript");
        let deleted = Deleted {
            transcript: true,
            recording: true,
            words: false,
        };
        let mut known = Known::from_parts(Stage::Analyzed, fields, BTreeMap::new(), deleted);
        let call = json!({"call_id": "c", "call_status": "ended", "transcript": "Agent: Hello",
            "transcript_with_tool_calls": [], "recording_url": "https://example.com/c.wav",
            "public_log_url": "https://example.com/c.log", "duration_ms": 30});
        assert_eq!(
            known.merge(observation("call_analyzed", 60, call)),
            Change::Fields
        );
        let told: Vec<_> = known.fields().keys().map(String::as_str).collect();
        assert!(told.contains(&"duration_ms"));
        assert!(
            !told
                .iter()
                .any(|name| is_transcript(name) || is_recording(name)),
            "{told:?}"
        );
    }

    #[test]
    fn of_a_redacted_call_only_figures_are_told_again() {
        let deleted = Deleted {
            words: true,
            ..Deleted::default()
        };
        let mut known = Known::from_parts(Stage::Ended, Map::new(), BTreeMap::new(), deleted);
        let call = json!({"call_id": "c", "call_status": "ended", "duration_ms": 30,
            "transcript": "Agent: Hello", "recording_url": "https://example.com/c.wav",
            "collected_dynamic_variables": {"card": "4111"},
            "call_analysis": {"call_summary": "Card 4111.", "user_sentiment": "Positive",
                "call_successful": true, "custom_analysis_data": {"card": "4111"}}});
        assert_eq!(
            known.merge(observation("call_analyzed", 60, call)),
            Change::Fields
        );
        let told = Value::from(known.fields().clone());
        assert_eq!(told["duration_ms"], 30);
        let figures = json!({"user_sentiment": "Positive", "call_successful": true});
        assert_eq!(told["call_analysis"], figures);
        let told = told.to_string();
        for words in ["4111", "Hello", "example.com"] {
            assert!(!told.contains(words), "{told}");
        }
    }

    /// Any news at all, contradictions included.
    fn any_observation() -> impl Strategy<Value = Observation> {
        let event = prop::sample::select(vec![
            "call_started",
            "call_ended",
            "call_analyzed",
            "transcript_updated",
            "transfer_started",
            "an_event_from_next_year",
        ]);
        let status = prop::option::of(prop::sample::select(vec![
            "registered",
            "ongoing",
            "ended",
            "error",
            "not_connected",
            "unheard_of",
        ]));
        let fields = prop::collection::btree_map(
            prop::sample::select(vec!["a", "b", "transcript", "call_analysis"]),
            prop::sample::select(vec![
                json!(1),
                json!("x"),
                json!("xy"),
                json!({}),
                Value::Null,
            ]),
            0..4,
        );
        (event, status, fields, 0..4_i64, any::<bool>()).prop_map(
            |(event, status, fields, at, asked)| {
                let mut call = Map::new();
                call.insert("call_id".into(), "c".into());
                if let Some(status) = status {
                    call.insert("call_status".into(), status.into());
                }
                call.extend(
                    fields
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value)),
                );
                if asked {
                    Observation::from_answer(call, at).unwrap()
                } else {
                    Observation::from_event(event, call, at).unwrap()
                }
            },
        )
    }

    proptest! {
        #[test]
        fn order_and_repetition_do_not_matter(
            (seen, shuffled) in prop::collection::vec(any_observation(), 1..8).prop_flat_map(|seen| {
                let doubled = [seen.clone(), seen.clone()].concat();
                (Just(seen), Just(doubled).prop_shuffle())
            })
        ) {
            prop_assert_eq!(join(&seen), join(&shuffled));
        }

        #[test]
        fn a_real_life_ends_the_same_in_any_order(
            (seen, shuffled) in Just(life()).prop_flat_map(|seen| {
                let doubled = [seen.clone(), seen.clone()].concat();
                (Just(seen), Just(doubled).prop_shuffle())
            })
        ) {
            prop_assert_eq!(join(&seen), join(&shuffled));
        }

        #[test]
        fn the_stage_only_moves_forward(seen in prop::collection::vec(any_observation(), 1..8)) {
            let mut known = Known::default();
            for one in &seen {
                let before = (known.stage(), known.status());
                known.merge(one.clone());
                prop_assert!(known.stage() >= before.0);
                prop_assert!(known.status().is_live() <= before.1.is_live());
                prop_assert_eq!(known.status().is_live(), known.stage() <= Stage::Ongoing);
            }
        }
    }
}
