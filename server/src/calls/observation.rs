//! One piece of news about a call: a webhook, an answer of Retell's API, or
//! our own minting of it.

use api::desk::CallStatus;
use serde_json::{Map, Value};

use super::status::{self, Stage};
use crate::store::can_be_named;

/// The key in a call's `metadata` that names our tenant.
pub const METADATA_TENANT: &str = "switchboard_tenant";
/// The key in a call's `metadata` that names the public key it was minted with.
pub const METADATA_KEY: &str = "switchboard_key";
/// The key in a call's `metadata` that names who of the staff tried an agent with it.
pub const METADATA_TESTER: &str = "switchboard_tester";
/// The key in a call's `metadata` that names the rule by which it was routed.
pub const METADATA_RULE: &str = "switchboard_rule";
/// The key in a call's `metadata` that names the call-back it is of.
pub(crate) const METADATA_CALLBACK: &str = "switchboard_callback";

/// What was said about a call, how late in its life, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Retell's call id.
    pub call_id: String,
    /// How late in the call's life this was said.
    pub stage: Stage,
    /// When it was said (Unix ms): among two of one stage the later wins.
    pub at: i64,
    /// Fields of Retell's call object (retell-protocol G2), none of them null,
    /// `call_status` always among them, the access token never.
    pub fields: Map<String, Value>,
}

impl Observation {
    /// From a webhook's `event` and `call` object. `None` without a call id.
    #[must_use]
    pub fn from_event(event: &str, call: Map<String, Value>, signed_at: i64) -> Option<Self> {
        let at_least = match event {
            "call_ended" => Stage::Ended,
            "call_analyzed" => Stage::Analyzed,
            _ => Stage::Ongoing,
        };
        Self::new(call, at_least, signed_at)
    }

    /// From Retell's answer when asked for the call. `None` without a call id.
    #[must_use]
    pub fn from_answer(call: Map<String, Value>, asked_at: i64) -> Option<Self> {
        Self::new(call, Stage::Registered, asked_at)
    }

    /// A call we had Retell start just now.
    #[must_use]
    pub fn minted(
        call_id: &str,
        agent_id: &str,
        metadata: Map<String, Value>,
        variables: Map<String, Value>,
        now: i64,
    ) -> Self {
        let mut fields = Map::new();
        fields.insert("call_id".to_owned(), call_id.into());
        fields.insert("call_type".to_owned(), "web_call".into());
        fields.insert(
            "call_status".to_owned(),
            status::name(CallStatus::Registered).into(),
        );
        fields.insert("agent_id".to_owned(), agent_id.into());
        fields.insert("metadata".to_owned(), Value::Object(metadata));
        if !variables.is_empty() {
            fields.insert(
                "retell_llm_dynamic_variables".to_owned(),
                Value::Object(variables),
            );
        }
        Self {
            call_id: call_id.to_owned(),
            stage: Stage::Registered,
            at: now,
            fields,
        }
    }

    /// A call that was live and that Retell no longer knows: it is over.
    #[must_use]
    pub fn lost(call_id: &str, at: i64) -> Self {
        let mut fields = Map::new();
        fields.insert("call_id".to_owned(), call_id.into());
        fields.insert(
            "call_status".to_owned(),
            status::name(CallStatus::Error).into(),
        );
        fields.insert(
            "disconnection_reason".to_owned(),
            "unknown_to_retell".into(),
        );
        Self {
            call_id: call_id.to_owned(),
            stage: Stage::Ended,
            at,
            fields,
        }
    }

    fn new(mut fields: Map<String, Value>, at_least: Stage, at: i64) -> Option<Self> {
        fields.retain(|name, value| !value.is_null() && name != "access_token");
        let call_id = fields
            .get("call_id")?
            .as_str()
            .filter(|id| is_id(id))?
            .to_owned();
        let told = fields
            .get("call_status")
            .and_then(Value::as_str)
            .and_then(status::parse);
        let stage = at_least.max(stage_of(told, fields.contains_key("call_analysis")));
        // The status must not contradict the stage: a `call_ended` whose call
        // still says "ongoing" is the end.
        let status = match (stage, told) {
            (Stage::Registered, _) => CallStatus::Registered,
            (Stage::Ongoing, _) => CallStatus::Ongoing,
            (Stage::Ended | Stage::Analyzed, Some(told)) if !told.is_live() => told,
            (Stage::Ended | Stage::Analyzed, _) => {
                status::from_reason(fields.get("disconnection_reason").and_then(Value::as_str))
            }
        };
        fields.insert("call_status".to_owned(), status::name(status).into());
        Some(Self {
            call_id,
            stage,
            at,
            fields,
        })
    }
}

fn is_id(id: &str) -> bool {
    !id.is_empty() && can_be_named(id)
}

fn stage_of(status: Option<CallStatus>, analyzed: bool) -> Stage {
    match status {
        None | Some(CallStatus::Registered) => Stage::Registered,
        Some(CallStatus::Ongoing) => Stage::Ongoing,
        Some(_) if analyzed => Stage::Analyzed,
        Some(_) => Stage::Ended,
    }
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
    fn the_access_token_is_dropped() {
        let seen = Observation::from_event(
            "call_started",
            call(json!({"call_id": "call_1", "access_token": "secret", "agent_name": null})),
            5,
        )
        .unwrap();
        assert_eq!(seen.stage, Stage::Ongoing);
        assert_eq!(
            Value::Object(seen.fields),
            json!({"call_id": "call_1", "call_status": "ongoing"})
        );
    }

    #[test]
    fn the_event_outweighs_a_status_that_lags_behind() {
        let seen = Observation::from_event(
            "call_ended",
            call(json!({"call_id": "c", "call_status": "ongoing", "disconnection_reason": "dial_busy"})),
            5,
        )
        .unwrap();
        assert_eq!(seen.stage, Stage::Ended);
        assert_eq!(seen.fields["call_status"], "not_connected");
    }

    #[test]
    fn a_status_that_runs_ahead_of_the_event_counts() {
        let seen = Observation::from_event(
            "transcript_updated",
            call(json!({"call_id": "c", "call_status": "ended"})),
            5,
        )
        .unwrap();
        assert_eq!(seen.stage, Stage::Ended);
    }

    #[test]
    fn an_answer_s_stage_is_what_it_says() {
        for (body, stage) in [
            (
                json!({"call_id": "c", "call_status": "registered"}),
                Stage::Registered,
            ),
            (
                json!({"call_id": "c", "call_status": "ongoing"}),
                Stage::Ongoing,
            ),
            (
                json!({"call_id": "c", "call_status": "error"}),
                Stage::Ended,
            ),
            (
                json!({"call_id": "c", "call_status": "ended", "call_analysis": null}),
                Stage::Ended,
            ),
            (
                json!({"call_id": "c", "call_status": "ended", "call_analysis": {}}),
                Stage::Analyzed,
            ),
            (json!({"call_id": "c"}), Stage::Registered),
        ] {
            let seen = Observation::from_answer(call(body.clone()), 5).unwrap();
            assert_eq!(seen.stage, stage, "{body}");
        }
    }

    #[test]
    fn without_a_call_id_there_is_nothing_to_observe() {
        for body in [json!({}), json!({"call_id": ""}), json!({"call_id": 7})] {
            assert_eq!(Observation::from_event("call_ended", call(body), 5), None);
        }
    }
}
