//! What Retell posts to a webhook (protocol A). Verify the
//! [signature](crate::signature) on the raw bytes before reading them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::open_enum::open_enum;
use super::{Call, TranscriptItem};

open_enum! {
    /// The events of protocol A1.
    pub enum WebhookEvent {
        /// The call connected. Not sent when the dial never connected.
        CallStarted = "call_started",
        /// The call is over; the whole call without its analysis.
        CallEnded = "call_ended",
        /// The analysis is done; the whole call.
        CallAnalyzed = "call_analyzed",
        /// The turn changed.
        TranscriptUpdated = "transcript_updated",
        /// A transfer begins.
        TransferStarted = "transfer_started",
        /// A transfer connected.
        TransferBridged = "transfer_bridged",
        /// A transfer did not connect.
        TransferCancelled = "transfer_cancelled",
        /// The transferred leg is over.
        TransferEnded = "transfer_ended",
        /// A chat began.
        ChatStarted = "chat_started",
        /// A chat is over.
        ChatEnded = "chat_ended",
        /// A chat's analysis is done.
        ChatAnalyzed = "chat_analyzed",
        /// A call is ringing and wants to know its agent (protocol B).
        CallInbound = "call_inbound",
        /// A text message wants to know its agent (protocol B).
        ChatInbound = "chat_inbound",
        /// An alert rule fired (protocol A6).
        AlertTriggered = "alert_triggered",
        /// An alert is over.
        AlertResolved = "alert_resolved",
    }
}

impl WebhookEvent {
    /// Whether the event belongs to a transfer, of which a call may have several.
    #[must_use]
    pub fn is_transfer(&self) -> bool {
        matches!(
            self,
            Self::TransferStarted
                | Self::TransferBridged
                | Self::TransferCancelled
                | Self::TransferEnded
        )
    }
}

/// A webhook's body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Webhook {
    /// What happened.
    pub event: WebhookEvent,
    /// The call, for call events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Call>,
    /// The transcript of `transcript_updated`, where it is not inside `call`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript_with_tool_calls: Option<Vec<TranscriptItem>>,
    /// Where a transfer goes; the shape varies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer_destination: Option<Value>,
    /// How a transfer is made; the shape varies and its keys are camelCase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transfer_option: Option<Value>,
    /// Everything else: `chat`, `alert`, `call_inbound`, …
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Webhook {
    /// Reads a body. `None` for the empty or `{}` body that a dashboard's test
    /// button may send, which deserves a 2xx.
    ///
    /// # Errors
    /// When the body is not JSON, or JSON of another shape.
    pub fn from_body(body: &[u8]) -> Result<Option<Self>, serde_json::Error> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        let value: Value = lenient::from_slice(body)?;
        if value.as_object().is_some_and(Map::is_empty) {
            return Ok(None);
        }
        Self::deserialize(value).map(Some)
    }

    /// The transcript, wherever the event carries it.
    #[must_use]
    pub fn transcript(&self) -> Option<&[TranscriptItem]> {
        let inside = self
            .call
            .as_ref()
            .and_then(|call| call.transcript_with_tool_calls.as_deref());
        self.transcript_with_tool_calls.as_deref().or(inside)
    }

    /// How many transfers the transcript tells of so far: what tells a second
    /// one to the same destination apart.
    fn transfers(&self) -> usize {
        let items = self.transcript().unwrap_or_default().iter();
        let is_transfer = |item: &&TranscriptItem| match item {
            TranscriptItem::ToolCallInvocation(tool) => {
                tool.kind.as_ref().unwrap_or(&tool.name) == "transfer_call"
            }
            _ => false,
        };
        items.filter(is_transfer).count()
    }

    /// What is the same for every delivery of one event and differs between
    /// events. `None` where the latest delivery counts (`transcript_updated`) or
    /// no call is named.
    #[must_use]
    pub fn dedupe_key(&self) -> Option<String> {
        let call = self.call.as_ref().filter(|call| !call.call_id.is_empty())?;
        if self.event == WebhookEvent::TranscriptUpdated {
            return None;
        }
        let mut key = format!("{}:{}", self.event, call.call_id);
        if self.event.is_transfer() {
            let started = call.start_timestamp.unwrap_or_default();
            let destination = self.transfer_destination.as_ref().map(Value::to_string);
            let destination = destination.unwrap_or_default();
            key.push_str(&format!(":{started}:{destination}:{}", self.transfers()));
        }
        Some(key)
    }
}
