//! What webhooks tell about a call (retell-protocol A2).

use retell::models::{Webhook, WebhookEvent};
use serde_json::{Map, Value, json};

use crate::calls::Call;
use crate::conversation::TransferStage;
use crate::scenario::TransferStep;

/// The event of a stage of a transfer.
pub(super) fn transfer_event(stage: TransferStage) -> WebhookEvent {
    match stage {
        TransferStage::Started => WebhookEvent::TransferStarted,
        TransferStage::Bridged => WebhookEvent::TransferBridged,
        TransferStage::Cancelled => WebhookEvent::TransferCancelled,
        TransferStage::Ended => WebhookEvent::TransferEnded,
    }
}

/// The body of an event.
pub(super) fn body(call: &Call, event: &WebhookEvent, transfer: Option<&TransferStep>) -> Value {
    let mut view = call.state().view();
    if *event == WebhookEvent::CallStarted {
        view.transcript = None;
        view.transcript_object = None;
        view.transcript_with_tool_calls = None;
        view.latency = None;
    }
    if *event != WebhookEvent::CallAnalyzed {
        view.call_analysis = None;
    }
    let webhook = Webhook {
        event: event.clone(),
        transcript_with_tool_calls: view
            .transcript_with_tool_calls
            .clone()
            .filter(|_| *event == WebhookEvent::TranscriptUpdated),
        call: Some(view),
        transfer_destination: transfer.map(|transfer| json!({ "number": transfer.number })),
        transfer_option: transfer
            .map(|transfer| json!({ "type": transfer.option, "showTransfereeAsCaller": false })),
        extra: Map::new(),
    };
    // Maps with text keys and numbers are always JSON.
    serde_json::to_value(&webhook).unwrap_or_default()
}
