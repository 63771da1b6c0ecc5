//! What a workspace starts with.

use serde_json::{Value, json};

use super::{Kind, Store, kinds};
use crate::agents::SCENARIO_FIELD;

/// Id, name, language and scenario of each agent.
#[rustfmt::skip]
const AGENTS: [[&str; 4]; 10] = [
    ["agent_demo_en", "Sunrise Dental – Emma", "en-US", "dental-en"],
    ["agent_demo_es", "Clínica Dental Aurora – Lucía", "es-ES", "dental-es"],
    ["agent_demo_de", "Zahnarztpraxis Sonnenschein – Anna", "de-DE", "dental-de"],
    ["agent_demo_reminder", "Sunrise Dental – Reminders", "en-US", "reminder-call-en"],
    ["agent_test_short", "Test – short", "en-US", "test-short"],
    ["agent_test_hangup", "Test – hang up", "en-US", "test-hangup"],
    ["agent_test_long", "Test – long", "en-US", "test-long"],
    ["agent_test_silent", "Test – silent", "en-US", "test-silent"],
    ["agent_test_tools", "Test – tools", "en-US", "test-tools"],
    ["agent_test_transfer", "Test – transfer", "en-US", "test-transfer"],
];

/// The same for agents that chat.
#[rustfmt::skip]
const CHAT_AGENTS: [[&str; 4]; 2] = [
    ["agent_chat_en", "Sunrise Dental – Chat", "en-US", "dental-en"],
    ["agent_chat_tools", "Test – chat with tools", "en-US", "test-tools"],
];

/// Number, how it is written, its name, and who answers and who calls.
#[rustfmt::skip]
const NUMBERS: [[&str; 5]; 3] = [
    ["+14155550100", "+1 (415) 555-0100", "Sunrise Dental", "agent_demo_en", "agent_demo_reminder"],
    ["+34911230100", "+34 911 23 01 00", "Clínica Dental Aurora", "agent_demo_es", "agent_demo_es"],
    ["+493023125100", "+49 30 23125 100", "Zahnarztpraxis Sonnenschein", "agent_demo_de", "agent_demo_de"],
];

/// Id, name, provider, gender, accent and age of each voice. All of them sound
/// the same here: the emulator has one voice per language.
#[rustfmt::skip]
const VOICES: [[&str; 6]; 5] = [
    ["retell-Cimo", "Cimo", "elevenlabs", "female", "American", "Middle Aged"],
    ["11labs-Adrian", "Adrian", "elevenlabs", "male", "American", "Young"],
    ["openai-Alloy", "Alloy", "openai", "female", "American", "Young"],
    ["cartesia-Lucia", "Lucía", "cartesia", "female", "Spanish", "Young"],
    ["cartesia-Anna", "Anna", "cartesia", "female", "German", "Middle Aged"],
];

/// The resources every workspace starts with.
pub(crate) fn seeded(now_ms: u64) -> Store {
    let mut store = Store::default();
    let mut add = |kind: &'static Kind, id: &str, fields: Value| {
        if let Value::Object(fields) = fields {
            store.insert(kind, id.to_owned(), fields, now_ms);
        }
    };
    for [id, name, provider, gender, accent, age] in VOICES {
        let fields = json!({
            "voice_name": name, "provider": provider, "gender": gender, "accent": accent, "age": age,
        });
        add(&kinds::VOICE, id, fields);
    }
    let agents = AGENTS.map(|agent| (&kinds::AGENT, agent));
    let chat_agents = CHAT_AGENTS.map(|agent| (&kinds::CHAT_AGENT, agent));
    for (kind, [id, name, language, scenario]) in agents.into_iter().chain(chat_agents) {
        let llm = format!("llm_{scenario}");
        let mut fields = json!({
            "agent_name": name,
            "language": language,
            "response_engine": { "type": "retell-llm", "llm_id": llm, "version": 0 },
            SCENARIO_FIELD: scenario,
        });
        if kind.name == kinds::AGENT.name {
            fields["voice_id"] = "retell-Cimo".into();
        }
        add(
            &kinds::LLM,
            &llm,
            json!({ "model": "gpt-4.1", "start_speaker": "agent" }),
        );
        add(kind, id, fields);
    }
    for [number, pretty, nickname, inbound, outbound] in NUMBERS {
        let fields = json!({
            "phone_number_pretty": pretty,
            "phone_number_type": "custom",
            "nickname": nickname,
            "inbound_agents": [{ "agent_id": inbound, "weight": 1 }],
            "outbound_agents": [{ "agent_id": outbound, "weight": 1 }],
        });
        add(&kinds::PHONE_NUMBER, number, fields);
    }
    store
}
