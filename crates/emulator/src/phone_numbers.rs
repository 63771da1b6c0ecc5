//! The workspace's phone numbers (retell-protocol H4).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// The numbers, by number; open JSON objects.
#[derive(Debug)]
pub(crate) struct PhoneNumbers(BTreeMap<String, Map<String, Value>>);

impl PhoneNumbers {
    /// The numbers every emulator starts with.
    pub(crate) fn seeded(now_ms: u64) -> Self {
        let mut numbers = Self(BTreeMap::new());
        let seeds = [
            (
                "+14155550100",
                "+1 (415) 555-0100",
                "Sunrise Dental",
                "agent_demo_en",
                "agent_demo_reminder",
            ),
            (
                "+34911230100",
                "+34 911 23 01 00",
                "Clínica Dental Aurora",
                "agent_demo_es",
                "agent_demo_es",
            ),
            (
                "+493023125100",
                "+49 30 23125 100",
                "Zahnarztpraxis Sonnenschein",
                "agent_demo_de",
                "agent_demo_de",
            ),
        ];
        for (number, pretty, nickname, inbound, outbound) in seeds {
            let fields = json!({
                "phone_number": number,
                "phone_number_pretty": pretty,
                "phone_number_type": "custom",
                "nickname": nickname,
                "inbound_agents": [{ "agent_id": inbound, "weight": 1 }],
                "outbound_agents": [{ "agent_id": outbound, "weight": 1 }],
                "last_modification_timestamp": now_ms,
            });
            if let Value::Object(fields) = fields {
                numbers.add(fields);
            }
        }
        numbers
    }

    /// Adds a number, replacing the same one; false if it has none.
    pub(crate) fn add(&mut self, fields: Map<String, Value>) -> bool {
        let Some(number) = fields.get("phone_number").and_then(Value::as_str) else {
            return false;
        };
        self.0.insert(number.to_owned(), fields);
        true
    }

    /// Takes a number away; false if there is none.
    pub(crate) fn remove(&mut self, number: &str) -> bool {
        self.0.remove(number).is_some()
    }

    pub(crate) fn get(&self, number: &str) -> Option<&Map<String, Value>> {
        self.0.get(number)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Map<String, Value>> {
        self.0.values()
    }

    /// The first agent of `inbound_agents` or `outbound_agents`.
    pub(crate) fn agent(&self, number: &str, field: &str) -> Option<String> {
        let agents = self.get(number)?.get(field)?.as_array()?;
        Some(agents.first()?.get("agent_id")?.as_str()?.to_owned())
    }
}
