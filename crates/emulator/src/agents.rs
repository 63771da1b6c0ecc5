//! The voice agents: open JSON objects, as Retell's have dozens of fields, with
//! typed access to those that matter here (retell-protocol H1).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

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
        }
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
    /// call by default).
    #[must_use]
    pub(crate) fn sends(&self, event: &str) -> bool {
        match self.0.get("webhook_events").and_then(Value::as_array) {
            Some(events) => events.iter().any(|wanted| wanted.as_str() == Some(event)),
            None => ["call_started", "call_ended", "call_analyzed"].contains(&event),
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

    /// Changes fields, as update-agent does.
    pub(crate) fn change(&mut self, fields: Map<String, Value>, now_ms: u64) {
        self.0
            .extend(fields.into_iter().filter(|(name, _)| !is_fixed(name)));
        self.0
            .insert("last_modification_timestamp".to_owned(), now_ms.into());
    }

    /// How list-agents shows it.
    #[must_use]
    pub(crate) fn summary(&self) -> Value {
        json!({
            "agent_id": self.id(),
            "agent_name": self.0.get("agent_name").cloned().unwrap_or(Value::Null),
            "channel": "voice",
            "is_suspended": false,
            "is_transfer_agent": self.0.get("is_transfer_agent") == Some(&Value::Bool(true)),
            "tags": {},
            "user_modified_timestamp": self.0.get("last_modification_timestamp"),
        })
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

/// The agents by id.
#[derive(Debug)]
pub(crate) struct Agents(BTreeMap<String, Agent>);

impl Agents {
    /// The agents every emulator starts with.
    pub(crate) fn seeded(now_ms: u64) -> Self {
        let seeds = [
            (
                "agent_demo_en",
                "Sunrise Dental – Emma",
                "en-US",
                "dental-en",
            ),
            (
                "agent_demo_es",
                "Clínica Dental Aurora – Lucía",
                "es-ES",
                "dental-es",
            ),
            (
                "agent_demo_de",
                "Zahnarztpraxis Sonnenschein – Anna",
                "de-DE",
                "dental-de",
            ),
            (
                "agent_demo_reminder",
                "Sunrise Dental – Reminders",
                "en-US",
                "reminder-call-en",
            ),
            ("agent_test_short", "Test – short", "en-US", "test-short"),
            (
                "agent_test_hangup",
                "Test – hang up",
                "en-US",
                "test-hangup",
            ),
            ("agent_test_long", "Test – long", "en-US", "test-long"),
            ("agent_test_silent", "Test – silent", "en-US", "test-silent"),
            ("agent_test_tools", "Test – tools", "en-US", "test-tools"),
            (
                "agent_test_transfer",
                "Test – transfer",
                "en-US",
                "test-transfer",
            ),
        ];
        let mut agents = Self(BTreeMap::new());
        for (id, name, language, scenario) in seeds {
            let fields = json!({
                "agent_name": name,
                "language": language,
                "response_engine": { "type": "retell-llm", "llm_id": format!("llm_{scenario}"), "version": 0 },
                "voice_id": "retell-Cimo",
                SCENARIO_FIELD: scenario,
            });
            if let Value::Object(fields) = fields {
                agents.add(id.to_owned(), fields, now_ms);
            }
        }
        agents
    }

    /// Adds an agent, replacing one of the same id.
    pub(crate) fn add(&mut self, id: String, fields: Map<String, Value>, now_ms: u64) -> Agent {
        let mut agent = Agent(Map::new());
        agent.change(fields, now_ms);
        agent
            .0
            .insert("agent_id".to_owned(), Value::String(id.clone()));
        agent.0.insert("version".to_owned(), 0.into());
        agent.0.insert("is_published".to_owned(), true.into());
        agent.0.entry("channel").or_insert_with(|| "voice".into());
        self.0.insert(id, agent.clone());
        agent
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Agent> {
        self.0.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut Agent> {
        self.0.get_mut(id)
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<Agent> {
        self.0.remove(id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Agent> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(fields: Value) -> Agent {
        let Value::Object(fields) = fields else {
            panic!("an object")
        };
        Agents(BTreeMap::new()).add("agent_x".to_owned(), fields, 1)
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
