//! A scripted call: its webhooks, signed as Retell signs them, posted to a running
//! server; or one that the local Retell really holds.

mod web;

use std::path::Path;
use std::time::Duration;

use api::desk::CallSummary;
use outbound::Trusted;
use retell::signature;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::calls::{Stage, status};
use crate::config::Config;
use crate::store::{Store, StoreError};

/// How long the server may take to show the call.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a call through the local Retell may take: it is really spoken.
const WHOLE_CALL: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(100);

pub use web::{WebCall, web_call};

/// What the call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Somebody makes an appointment.
    Appointment,
    /// Somebody asks something.
    Question,
    /// Nobody says anything.
    Silent,
}

/// Who calls whom.
#[derive(Debug, Clone)]
pub struct Parties {
    /// The caller, E.164.
    pub customer: String,
    /// The number that was called, E.164.
    pub number: String,
    /// The agent that answers.
    pub agent_id: String,
}

/// Why no call was simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulateError {
    /// The script cannot be read.
    #[error("{0}")]
    Script(String),
    /// The server cannot be reached.
    #[error("the server cannot be reached: {0}")]
    Unreachable(#[from] reqwest::Error),
    /// The server does not take a webhook.
    #[error("the server answered {status} to {event}: {body}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Which webhook.
        event: String,
        /// What it said.
        body: String,
    },
    /// The server took everything, and shows nothing.
    #[error("the server took every webhook, but does not show the call {0}")]
    NotShown(String),
    /// There is no public key of this name.
    #[error("there is no public key {0}")]
    NoKey(String),
    /// The server's calls are not held by the local Retell.
    #[error("the server's calls go to {0}, and not to the local Retell; nobody joined")]
    Elsewhere(String),
    /// The visitor could not hold the call.
    #[error("the visitor: {0}")]
    Visitor(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The webhooks in the life of a call, in order. Times count back from `now_ms`,
/// when it was over.
#[must_use]
pub fn script(kind: Kind, parties: &Parties, now_ms: i64) -> Vec<Value> {
    let lines: &[(&str, &str)] = match kind {
        Kind::Appointment => &[
            ("agent", "Hello, how can I help you?"),
            ("user", "I would like an appointment for a check-up."),
            ("agent", "Tomorrow at ten is free. Shall I book that?"),
            ("user", "Yes, please."),
            ("agent", "It is booked. Goodbye!"),
        ],
        Kind::Question => &[
            ("agent", "Hello, how can I help you?"),
            ("user", "When are you open?"),
            ("agent", "From eight to six. Goodbye!"),
        ],
        Kind::Silent => &[("agent", "Hello, how can I help you?")],
    };
    let (summary, successful, reason) = match kind {
        Kind::Appointment => ("The caller booked a check-up.", true, "agent_hangup"),
        Kind::Question => (
            "The caller asked for the opening hours.",
            true,
            "user_hangup",
        ),
        Kind::Silent => ("The caller said nothing.", false, "inactivity"),
    };
    let count = i64::try_from(lines.len()).unwrap_or(0);
    let duration = count * 4_000;
    let began = now_ms - duration;
    let id = format!("call_simulated_{}", Uuid::now_v7().simple());
    let started = json!({
        "call_id": id, "call_type": "phone_call", "direction": "inbound",
        "agent_id": parties.agent_id, "call_status": "ongoing",
        "from_number": parties.customer, "to_number": parties.number,
        "start_timestamp": began, "metadata": {"simulated": true},
    });
    let items: Vec<_> = lines
        .iter()
        .zip(0_i32..)
        .map(|((role, content), place)| {
            let start = f64::from(place) * 4.0;
            json!({"role": role, "content": content,
                   "words": [{"word": content, "start": start, "end": start + 3.0}]})
        })
        .collect();
    let transcript: String = lines
        .iter()
        .map(|(role, content)| match *role {
            "agent" => format!("Agent: {content}\n"),
            _ => format!("User: {content}\n"),
        })
        .collect();
    let ended = with(
        &started,
        &json!({
            "call_status": "ended", "end_timestamp": now_ms, "duration_ms": duration,
            "disconnection_reason": reason, "transcript": transcript,
            "transcript_with_tool_calls": items, "call_cost": {"combined_cost": 7.5},
        }),
    );
    let analyzed = with(
        &ended,
        &json!({"call_analysis": {
            "call_summary": summary, "call_successful": successful,
            "user_sentiment": if successful { "Positive" } else { "Neutral" },
        }}),
    );
    let mut webhooks = vec![json!({"event": "call_started", "call": started})];
    for said in 1..=items.len() {
        webhooks.push(json!({
            "event": "transcript_updated", "call": {"call_id": id},
            "transcript_with_tool_calls": items[..said],
        }));
    }
    webhooks.push(json!({"event": "call_ended", "call": ended}));
    webhooks.push(json!({"event": "call_analyzed", "call": analyzed}));
    webhooks
}

/// An object with some fields replaced or added.
fn with(object: &Value, more: &Value) -> Value {
    let mut object = object.clone();
    for (name, value) in more.as_object().into_iter().flatten() {
        object[name] = value.clone();
    }
    object
}

/// The webhooks in a file: a JSON array of them, or one on each line.
///
/// # Errors
/// When it is neither.
pub fn read_script(path: &Path) -> Result<Vec<Value>, SimulateError> {
    let no_script = |why: String| SimulateError::Script(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| no_script(error.to_string()))?;
    let webhooks: Result<Vec<Value>, _> = if text.trim_start().starts_with('[') {
        serde_json::from_str(&text)
    } else {
        text.lines()
            .filter(|line| !line.trim().is_empty())
            .map(serde_json::from_str)
            .collect()
    };
    let webhooks = webhooks.map_err(|error| no_script(error.to_string()))?;
    if webhooks
        .iter()
        .any(|webhook| webhook["event"].as_str().is_none())
    {
        return Err(no_script("a webhook needs an event".to_owned()));
    }
    Ok(webhooks)
}

/// Posts the webhooks to the server at `url`, each signed now, and waits until
/// its database shows the last of their calls as far as they tell. `told` hears
/// of each that was taken.
///
/// # Errors
/// When the server does not take one, or does not show the call.
pub async fn replay(
    config: &Config,
    store: &Store,
    url: &str,
    webhooks: &[Value],
    mut told: impl FnMut(&str),
) -> Result<Option<CallSummary>, SimulateError> {
    let http = Trusted::new(None)?;
    let address = format!("{}/api/webhooks/retell", url.trim_end_matches('/'));
    for webhook in webhooks {
        let event = webhook["event"].as_str().unwrap_or_default();
        let body = webhook.to_string();
        let now = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default();
        let key = config.retell.webhook_key.expose();
        let signature = signature::sign(body.as_bytes(), key, now);
        let answer = http
            .post(&address)
            .header("content-type", "application/json")
            .header(signature::HEADER, signature)
            .body(body)
            .send()
            .await?;
        let status = answer.status();
        if !status.is_success() {
            return Err(SimulateError::Refused {
                status: status.as_u16(),
                event: event.to_owned(),
                body: answer.text().await.unwrap_or_default(),
            });
        }
        told(event);
    }
    let call_of = |webhook: &Value| webhook["call"]["call_id"].as_str().map(str::to_owned);
    let Some(call_id) = webhooks.iter().rev().find_map(call_of) else {
        return Ok(None);
    };
    let over = webhooks
        .iter()
        .any(|webhook| webhook["event"] == "call_analyzed");
    shown(store, &call_id, over).await.map(Some)
}

/// Has the local Retell ring one of its numbers, and follows the call at the
/// server until it is analyzed. `told` hears of each status.
///
/// # Errors
/// When the local Retell is not one or does not take the call, and when the
/// server does not show it.
pub async fn ring(
    config: &Config,
    store: &Store,
    parties: &Parties,
    mut told: impl FnMut(&str),
) -> Result<CallSummary, SimulateError> {
    let base = config.retell.base_url.as_str().trim_end_matches('/');
    let address = format!("{base}/_emulator/inbound-call");
    let answer = Trusted::new(None)?
        .post(&address)
        .json(&json!({"from_number": parties.customer, "to_number": parties.number}))
        .send()
        .await?;
    let status = answer.status();
    if status != reqwest::StatusCode::CREATED {
        return Err(SimulateError::Refused {
            status: status.as_u16(),
            event: "the call".to_owned(),
            body: answer.text().await.unwrap_or_default(),
        });
    }
    let call: Value = answer.json().await?;
    let id = call["call_id"].as_str().unwrap_or_default().to_owned();
    let mut last = None;
    let followed = async {
        loop {
            if let Some(tenant) = store.calls().tenant_of(&id).await?
                && let Some(call) = store.calls().summary(&tenant, &id).await?
            {
                if last != Some(call.status) {
                    told(status::name(call.status));
                    last = Some(call.status);
                }
                if call.user_sentiment.is_some() {
                    return Ok::<_, SimulateError>(call);
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(WHOLE_CALL, followed)
        .await
        .unwrap_or_else(|_| Err(SimulateError::NotShown(id.clone())))
}

async fn shown(store: &Store, call_id: &str, over: bool) -> Result<CallSummary, SimulateError> {
    let wanted = if over {
        Stage::Analyzed
    } else {
        Stage::Registered
    };
    let looked = async {
        loop {
            if let Some(tenant) = store.calls().tenant_of(call_id).await?
                && let Some(call) = store.calls().summary(&tenant, call_id).await?
                && (wanted == Stage::Registered || call.user_sentiment.is_some())
            {
                return Ok::<_, SimulateError>(call);
            }
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::time::timeout(PATIENCE, looked)
        .await
        .unwrap_or_else(|_| Err(SimulateError::NotShown(call_id.to_owned())))
}
