//! The voice agents: open JSON objects, as Retell's have dozens of fields, with
//! typed access to those that matter here (retell-protocol H1).

use serde_json::{Map, Value};

use crate::conversation::Rules;

/// One agent, or an agent with a call's overrides.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Agent(pub(crate) Map<String, Value>);

/// Which scenario an agent plays; a field of the emulator's own.
pub(crate) const SCENARIO_FIELD: &str = "emulator_scenario";
/// Where an agent's functions are; a field of the emulator's own.
pub(crate) const FUNCTIONS_FIELD: &str = "emulator_functions_url";

impl Agent {
    /// Its id.
    #[must_use]
    pub(crate) fn id(&self) -> &str {
        self.text("agent_id").unwrap_or_default()
    }

    /// A field that is text.
    #[must_use]
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.0
            .get(field)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    }

    fn number(&self, field: &str) -> Option<u64> {
        self.0.get(field).and_then(Value::as_u64)
    }

    /// Its version's number.
    #[must_use]
    pub(crate) fn version(&self) -> i64 {
        self.0.get("version").and_then(Value::as_i64).unwrap_or(0)
    }

    /// Its language; the first one if it has several.
    #[must_use]
    pub(crate) fn language(&self) -> &str {
        match self.0.get("language") {
            Some(Value::String(language)) => language,
            Some(Value::Array(all)) => all.first().and_then(Value::as_str).unwrap_or("en-US"),
            _ => "en-US",
        }
    }

    /// The id of the scenario it plays: its own, or the demo in its language.
    #[must_use]
    pub(crate) fn scenario(&self) -> String {
        match self.text(SCENARIO_FIELD) {
            Some(scenario) => scenario.to_owned(),
            None => match self.language().get(..2) {
                Some("es") => "dental-es".to_owned(),
                Some("de") => "dental-de".to_owned(),
                _ => "dental-en".to_owned(),
            },
        }
    }

    /// Its timers and manners.
    #[must_use]
    pub(crate) fn rules(&self) -> Rules {
        let usual = Rules::default();
        let sensitivity = self
            .0
            .get("interruption_sensitivity")
            .and_then(Value::as_f64);
        Rules {
            reminder_trigger_ms: self
                .number("reminder_trigger_ms")
                .unwrap_or(usual.reminder_trigger_ms),
            reminder_max_count: self
                .number("reminder_max_count")
                .and_then(|count| u32::try_from(count).ok())
                .unwrap_or(usual.reminder_max_count),
            end_call_after_silence_ms: self
                .number("end_call_after_silence_ms")
                .unwrap_or(usual.end_call_after_silence_ms),
            max_call_duration_ms: self
                .number("max_call_duration_ms")
                .unwrap_or(usual.max_call_duration_ms),
            begin_message_delay_ms: self.number("begin_message_delay_ms").unwrap_or(0),
            interruptible: sensitivity.is_none_or(|sensitivity| sensitivity > 0.0),
            simulated_caller: false,
            asks: self.llm_websocket_url().is_some(),
        }
    }

    /// Where it thinks, if that is elsewhere; may hold `{{variables}}`.
    #[must_use]
    pub(crate) fn llm_websocket_url(&self) -> Option<&str> {
        let engine = self.0.get("response_engine")?;
        engine.get("llm_websocket_url")?.as_str()
    }

    /// Where its webhooks go instead of the account's URL.
    #[must_use]
    pub(crate) fn webhook_url(&self) -> Option<&str> {
        self.text("webhook_url")
    }

    /// How long a webhook may take, in ms.
    #[must_use]
    pub(crate) fn webhook_timeout_ms(&self) -> u64 {
        self.number("webhook_timeout_ms").unwrap_or(10_000)
    }

    /// Whether it sends this webhook (retell-protocol A1: the lifecycle of a
    /// call or a chat by default).
    #[must_use]
    pub(crate) fn sends(&self, event: &str) -> bool {
        match self.0.get("webhook_events").and_then(Value::as_array) {
            Some(events) => events.iter().any(|wanted| wanted.as_str() == Some(event)),
            None => {
                let (of, stage) = event.split_once('_').unwrap_or_default();
                ["call", "chat"].contains(&of) && ["started", "ended", "analyzed"].contains(&stage)
            }
        }
    }

    /// The agent with the `agent` part of a call's `agent_override`.
    #[must_use]
    pub(crate) fn with_override(&self, agent_override: Option<&Value>) -> Self {
        let mut agent = self.clone();
        if let Some(Value::Object(fields)) = agent_override.and_then(|all| all.get("agent")) {
            let fields = fields.iter().filter(|(name, _)| !is_fixed(name));
            agent
                .0
                .extend(fields.map(|(name, value)| (name.clone(), value.clone())));
        }
        agent
    }
}

/// Fields that belong to the platform.
fn is_fixed(field: &str) -> bool {
    [
        "agent_id",
        "version",
        "is_published",
        "last_modification_timestamp",
    ]
    .contains(&field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn agent(fields: Value) -> Agent {
        let Value::Object(mut fields) = fields else {
            panic!("an object")
        };
        fields.insert("agent_id".to_owned(), "agent_x".into());
        Agent(fields)
    }

    #[test]
    fn a_new_agent_plays_the_demo_in_its_language() {
        assert_eq!(
            agent(json!({"language": ["de-DE", "en-US"]})).scenario(),
            "dental-de"
        );
        assert_eq!(agent(json!({"language": "es-419"})).scenario(), "dental-es");
        assert_eq!(agent(json!({})).scenario(), "dental-en");
        assert_eq!(agent(json!({SCENARIO_FIELD: "mine"})).scenario(), "mine");
    }

    #[test]
    fn overrides_change_a_copy_but_not_who_it_is() {
        let agent = agent(json!({"reminder_max_count": 3, "interruption_sensitivity": 0}));
        let changes = json!({"agent": {"agent_id": "other", "reminder_max_count": 7}});
        let changed = agent.with_override(Some(&changes));
        assert_eq!(
            (changed.id(), changed.rules().reminder_max_count),
            ("agent_x", 7)
        );
        assert_eq!(
            (
                agent.rules().reminder_max_count,
                agent.rules().interruptible
            ),
            (3, false)
        );
    }

    #[test]
    fn the_lifecycle_is_sent_unless_the_agent_says_otherwise() {
        let usual = agent(json!({}));
        assert!(usual.sends("call_ended") && !usual.sends("transcript_updated"));
        let picky = agent(json!({"webhook_events": ["transcript_updated"]}));
        assert!(!picky.sends("call_ended") && picky.sends("transcript_updated"));
    }
}
