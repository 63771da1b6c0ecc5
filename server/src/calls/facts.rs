//! What our screens ask of a call, read from Retell's call object. Whatever has
//! an unexpected shape counts as not told; it never hides the rest.

use std::collections::BTreeMap;

use api::desk::{PartLatency, ProductCost};
use serde_json::{Map, Value};

use super::observation::{METADATA_KEY, METADATA_TENANT};
use super::{Clues, METADATA_CALLBACK, METADATA_RULE, METADATA_TESTER, caller};
use crate::store::can_be_named;

/// The direction of a call that one of the staff held with an agent from the desk, to try it:
/// neither did anybody call the business, nor the business anybody. By it such calls are told
/// from those of callers wherever calls are counted, filtered or handed on.
pub(crate) const INTERNAL: &str = "internal";

/// The columns of the call list and of a call's page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Facts {
    /// `web_call` or `phone_call`.
    pub call_type: String,
    /// `inbound` or `outbound`, for phone calls; [`INTERNAL`] for those of the staff.
    pub direction: Option<String>,
    /// The caller's number (E.164), unless it is withheld.
    pub from_number: Option<String>,
    /// The called number (E.164).
    pub to_number: Option<String>,
    /// The agent's id; empty while unknown.
    pub agent_id: String,
    /// The agent's name.
    pub agent_name: Option<String>,
    /// When it connected (Unix ms).
    pub started_at: Option<i64>,
    /// When it ended (Unix ms).
    pub ended_at: Option<i64>,
    /// How long it lasted (ms).
    pub duration_ms: Option<i64>,
    /// Retell's `disconnection_reason`.
    pub disconnection_reason: Option<String>,
    /// `Positive`, `Neutral`, `Negative` or `Unknown`.
    pub user_sentiment: Option<String>,
    /// Whether the call reached its aim.
    pub successful: Option<bool>,
    /// What it cost (US cents).
    pub cost_cents: Option<f64>,
    /// The median time from the caller's last word to the agent's first (ms).
    pub latency_p50_ms: Option<f64>,
    /// The recording, both voices mixed.
    pub recording_url: Option<String>,
    /// The recording, one channel for each voice.
    pub recording_multi_channel_url: Option<String>,
}

impl Facts {
    /// Reads a call object.
    #[must_use]
    pub fn of(call: &Map<String, Value>) -> Self {
        let started_at = integer(call, &["start_timestamp"]);
        let ended_at = integer(call, &["end_timestamp"]);
        let measured = started_at
            .zip(ended_at)
            .map(|(start, end)| end.saturating_sub(start));
        let told = name(call, &["direction"]);
        // Then it is the business's own.
        let is_outbound = told.as_deref() == Some("outbound");
        Self {
            call_type: name(call, &["call_type"]).unwrap_or_else(|| {
                if told.is_some() {
                    "phone_call"
                } else {
                    "web_call"
                }
                .to_owned()
            }),
            direction: told.or_else(|| tested_by(call).map(|_| INTERNAL.to_owned())),
            from_number: name(call, &["from_number"])
                .filter(|number| is_outbound || caller::number(number).is_some()),
            to_number: name(call, &["to_number"]),
            agent_id: name(call, &["agent_id"]).unwrap_or_default(),
            agent_name: text(call, &["agent_name"]),
            started_at,
            ended_at,
            duration_ms: integer(call, &["duration_ms"])
                .or(measured)
                .filter(|duration| *duration >= 0),
            disconnection_reason: name(call, &["disconnection_reason"]),
            user_sentiment: name(call, &["call_analysis", "user_sentiment"]),
            successful: at(call, &["call_analysis", "call_successful"]).and_then(Value::as_bool),
            cost_cents: number(call, &["call_cost", "combined_cost"]),
            latency_p50_ms: number(call, &["latency", "e2e", "p50"]),
            recording_url: either(call, "recording_url", "scrubbed_recording_url"),
            recording_multi_channel_url: either(
                call,
                "recording_multi_channel_url",
                "scrubbed_recording_multi_channel_url",
            ),
        }
    }

    /// The number of who called, or was called.
    #[must_use]
    pub fn other_side(&self) -> Option<&str> {
        match self.direction.as_deref() {
            Some("outbound") => self.to_number.as_deref(),
            _ => self.from_number.as_deref(),
        }
    }

    /// The last four digits of the other side's number, which it is found by.
    #[must_use]
    pub fn number_tail(&self) -> Option<&str> {
        let number = self.other_side()?;
        let tail = number.char_indices().rev().nth(3);
        Some(tail.map_or(number, |(begin, _)| &number[begin..]))
    }

    /// Whether a recording can be played.
    #[must_use]
    pub fn has_recording(&self) -> bool {
        self.recording_url.is_some() || self.recording_multi_channel_url.is_some()
    }
}

/// What a call's cost is made of (`call_cost.product_costs`).
#[must_use]
pub fn costs(call: &Map<String, Value>) -> Vec<ProductCost> {
    let products = at(call, &["call_cost", "product_costs"]).and_then(Value::as_array);
    let cost = |it: &Value| {
        Some(ProductCost {
            product: it["product"].as_str()?.to_owned(),
            cents: it["cost"].as_f64()?,
        })
    };
    products.into_iter().flatten().filter_map(cost).collect()
}

/// How quick each part of the agent was (`latency`), all together first.
#[must_use]
pub fn latencies(call: &Map<String, Value>) -> Vec<PartLatency> {
    let parts = call.get("latency").and_then(Value::as_object);
    let latency = |(part, it): (&String, &Value)| {
        Some(PartLatency {
            part: part.clone(),
            p50_ms: it["p50"].as_f64()?,
            p90_ms: it["p90"].as_f64(),
            max_ms: it["max"].as_f64(),
        })
    };
    let mut all: Vec<_> = parts.into_iter().flatten().filter_map(latency).collect();
    all.sort_by_key(|it| it.part != "e2e");
    all
}

/// What the analysis says in words.
#[must_use]
pub fn analysis_summary(call: &Map<String, Value>) -> Option<String> {
    text(call, &["call_analysis", "call_summary"])
}

/// How what the analysis says begins, in one line: what a list shows of it.
#[must_use]
pub fn about(call: &Map<String, Value>) -> Option<String> {
    const MOST_CHARS: usize = 200;
    let summary = analysis_summary(call)?;
    let mut line = String::new();
    for word in summary.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let line: String = line.chars().take(MOST_CHARS).collect();
    (!line.is_empty()).then_some(line)
}

/// What the analysis extracted: name to value.
#[must_use]
pub fn analysis_data(call: &Map<String, Value>) -> BTreeMap<String, Value> {
    at(call, &["call_analysis", "custom_analysis_data"])
        .and_then(Value::as_object)
        .map(|data| {
            data.iter()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        })
        .unwrap_or_default()
}

/// The variables the agent's prompt was given, and those it collected.
#[must_use]
pub fn dynamic_variables(call: &Map<String, Value>) -> BTreeMap<String, String> {
    [
        "retell_llm_dynamic_variables",
        "collected_dynamic_variables",
    ]
    .iter()
    .filter_map(|name| call.get(*name)?.as_object())
    .flatten()
    .map(|(name, value)| {
        let value = value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned);
        (name.clone(), value)
    })
    .collect()
}

/// What callers told in the call, or its analysis found, under the first of these names that has a
/// text.
pub(super) fn collected(call: &Map<String, Value>, names: &[&str]) -> Option<String> {
    const PLACES: [&[&str]; 2] = [
        &["collected_dynamic_variables"],
        &["call_analysis", "custom_analysis_data"],
    ];
    let mut told = PLACES.iter().flat_map(|place| {
        let all = at(call, place);
        names
            .iter()
            .filter_map(move |name| all?.get(*name)?.as_str())
    });
    told.find(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// What was stored with the call at its start, without what we added to it.
#[must_use]
pub fn metadata(call: &Map<String, Value>) -> Option<Value> {
    const OURS: [&str; 4] = [
        METADATA_TENANT,
        METADATA_KEY,
        METADATA_RULE,
        METADATA_TESTER,
    ];
    let mut metadata = call.get("metadata")?.as_object()?.clone();
    metadata.retain(|name, _| !OURS.contains(&name.as_str()));
    (!metadata.is_empty()).then_some(Value::Object(metadata))
}

/// What tells whose call it is. Of its numbers that on the business's side, or
/// both where that is not told.
pub(crate) fn clues(call_id: &str, call: &Map<String, Value>) -> Clues {
    let facts = Facts::of(call);
    let numbers = match facts.direction.as_deref() {
        Some("inbound") => [facts.to_number, None],
        Some("outbound") => [facts.from_number, None],
        _ => [facts.to_number, facts.from_number],
    };
    Clues {
        call_id: Some(call_id.to_owned()),
        numbers: numbers.into_iter().flatten().collect(),
        public_key: public_key(call),
        tenant_id: name(call, &["metadata", METADATA_TENANT]),
        agent_id: Some(facts.agent_id).filter(|id| !id.is_empty()),
    }
}

/// The public key a call was minted with, as its metadata says.
#[must_use]
pub fn public_key(call: &Map<String, Value>) -> Option<String> {
    name(call, &["metadata", METADATA_KEY])
}

/// Who of the staff (the person's id) tried the agent with the call, as its metadata says.
#[must_use]
pub fn tested_by(call: &Map<String, Value>) -> Option<String> {
    name(call, &["metadata", METADATA_TESTER])
}

/// The id of the call-back a call is of, as its metadata says.
#[must_use]
pub(super) fn called_back(call: &Map<String, Value>) -> Option<String> {
    name(call, &["metadata", METADATA_CALLBACK])
}

fn at<'a>(call: &'a Map<String, Value>, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    rest.iter()
        .try_fold(call.get(*first)?, |value, name| value.get(*name))
}

/// Text that is not empty.
fn text(call: &Map<String, Value>, path: &[&str]) -> Option<String> {
    let text = at(call, path)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

/// The same of what calls are looked up by: what is too long for that is not told.
fn name(call: &Map<String, Value>, path: &[&str]) -> Option<String> {
    text(call, path).filter(|text| can_be_named(text))
}

fn integer(call: &Map<String, Value>, path: &[&str]) -> Option<i64> {
    let value = at(call, path)?;
    // `as` saturates; a time that large is wrong in any case.
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|number| number as i64))
}

fn number(call: &Map<String, Value>, path: &[&str]) -> Option<f64> {
    at(call, path)?.as_f64()
}

/// The first that was told: the original, or what is left of it where personal
/// data is scrubbed.
fn either(call: &Map<String, Value>, original: &str, scrubbed: &str) -> Option<String> {
    text(call, &[original]).or_else(|| text(call, &[scrubbed]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(value: Value) -> Map<String, Value> {
        let Value::Object(map) = value else {
            panic!("not an object")
        };
        map
    }

    #[test]
    fn a_call_of_the_staff_is_neither_inbound_nor_outbound() {
        let tried = call(json!({"metadata": {"switchboard_tester": "user_1", "page": "/"}}));
        let facts = Facts::of(&tried);
        assert_eq!(facts.direction.as_deref(), Some(INTERNAL));
        assert_eq!(facts.call_type, "web_call");
        assert_eq!(tested_by(&tried).as_deref(), Some("user_1"));
        assert_eq!(metadata(&tried), Some(json!({"page": "/"})));
        // What Retell says of a telephone call counts.
        let dialled =
            call(json!({"direction": "inbound", "metadata": {"switchboard_tester": "x"}}));
        assert_eq!(Facts::of(&dialled).direction.as_deref(), Some("inbound"));
    }

    #[test]
    fn a_list_shows_how_the_analysis_begins_in_one_line() {
        let about =
            |summary: &str| about(&call(json!({"call_analysis": {"call_summary": summary}})));
        let told = about(" Moved the check-up\n\nto Thursday. ");
        assert_eq!(told.as_deref(), Some("Moved the check-up to Thursday."));
        assert_eq!(about(&"ü".repeat(300)), Some("ü".repeat(200)));
        assert_eq!(about(" \n"), None);
    }

    #[test]
    fn facts_of_a_finished_call() {
        let facts = Facts::of(&call(json!({
            "call_type": "web_call", "agent_id": "agent_1", "agent_name": "Emma",
            "start_timestamp": 1000, "end_timestamp": 61_000.0,
            "disconnection_reason": "user_hangup",
            "call_analysis": {"user_sentiment": "Positive", "call_successful": true},
            "call_cost": {"combined_cost": 12.5},
            "latency": {"e2e": {"p50": 800}},
            "scrubbed_recording_url": "https://example.com/a.wav",
        })));
        assert_eq!(facts.duration_ms, Some(60_000));
        assert_eq!(facts.successful, Some(true));
        assert_eq!(facts.cost_cents, Some(12.5));
        assert_eq!(facts.latency_p50_ms, Some(800.0));
        assert!(facts.has_recording());
    }

    #[test]
    fn cost_and_latency_are_told_by_what_they_are_of() {
        let told = call(json!({
            "call_cost": {"product_costs": [
                {"product": "gpt_4_1", "cost": 4.5, "unit_price": 0.075},
                {"product": 7, "cost": 1}, {"product": "free"},
            ]},
            "latency": {
                "asr": {"p50": 90.5}, "e2e": {"p50": 800, "p90": 1200, "max": 1500}, "tts": {},
                "llm": null,
            },
        }));
        let costs = costs(&told);
        assert_eq!(costs.len(), 1);
        assert_eq!(
            (costs[0].product.as_str(), costs[0].cents),
            ("gpt_4_1", 4.5)
        );
        let latencies = latencies(&told);
        let parts: Vec<_> = latencies.iter().map(|it| it.part.as_str()).collect();
        assert_eq!(parts, ["e2e", "asr"]);
        assert_eq!(
            (latencies[0].p90_ms, latencies[1].max_ms),
            (Some(1200.0), None)
        );
        let odd = call(json!({"call_cost": [], "latency": "fast"}));
        assert!(super::costs(&odd).is_empty() && super::latencies(&odd).is_empty());
    }

    #[test]
    fn odd_shapes_count_as_not_told() {
        let facts = Facts::of(&call(json!({
            "agent_id": 7, "agent_name": "", "start_timestamp": "yesterday", "duration_ms": -5,
            "call_analysis": "none", "latency": {"e2e": []}, "recording_url": null,
            "direction": "inbound",
        })));
        let expected = Facts {
            call_type: "phone_call".to_owned(),
            direction: Some("inbound".to_owned()),
            ..Facts::default()
        };
        assert_eq!(facts, expected);
    }

    #[test]
    fn a_withheld_number_is_none() {
        for told in ["anonymous", "sip:1000@10.0.0.1", "+266696687", ""] {
            let facts = Facts::of(&call(json!({
                "direction": "inbound", "from_number": told, "to_number": "+4930901820",
            })));
            assert_eq!((&facts.from_number, facts.number_tail()), (&None, None));
            assert_eq!(facts.to_number.as_deref(), Some("+4930901820"));
        }
        let own =
            call(json!({"direction": "outbound", "from_number": "sip:reception@example.com"}));
        assert!(Facts::of(&own).from_number.is_some());
    }

    #[test]
    fn our_marks_in_the_metadata_stay_ours() {
        let call = call(json!({"metadata": {
            "switchboard_key": "pk_1", "switchboard_tenant": "t", "page": "/prices",
        }}));
        assert_eq!(metadata(&call), Some(json!({"page": "/prices"})));
        assert_eq!(public_key(&call).as_deref(), Some("pk_1"));
    }
}
