//! Webhooks about calls (retell-protocol A): signed, in order, three retries.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method};
use retell::models::{Webhook, WebhookEvent};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use crate::app::App;
use crate::calls::Call;
use crate::conversation::TransferStage;
use crate::delivery::Outgoing;
use crate::journal::Delivery;
use crate::scenario::{TransferStep, Variables};
use crate::tasks::Tasks;

/// Further attempts after the first (retell-protocol A3).
const RETRIES: u32 = 3;

/// One call's webhooks. They are sent in the order given; one that fails is
/// tried again later without holding back those after it.
#[derive(Debug)]
pub(crate) struct Webhooks {
    queue: mpsc::UnboundedSender<Event>,
}

/// An event on its way. The log tells it by these names: its address may hold
/// what variables filled in.
#[derive(Debug)]
struct Event {
    call_id: String,
    name: String,
    request: Outgoing,
}

impl Webhooks {
    pub(crate) fn new(app: &App, tasks: &Tasks) -> Self {
        let (queue, mut outgoing) = mpsc::unbounded_channel::<Event>();
        let (app, retries) = (app.clone(), tasks.clone());
        tasks.spawn(async move {
            while let Some(event) = outgoing.recv().await {
                if !is_delivered(&event, &app).await {
                    retries.spawn(retry(event, app.clone()));
                }
            }
        });
        Self { queue }
    }

    /// Sends an event about a call, if anybody wants it. `variables` fill the
    /// URL.
    pub(crate) fn send(&self, app: &App, call: &Call, event: &WebhookEvent, variables: &Variables) {
        self.send_with(app, call, event, variables, None);
    }

    /// Sends an event about a transfer.
    pub(crate) fn send_transfer(
        &self,
        app: &App,
        call: &Call,
        stage: TransferStage,
        transfer: &TransferStep,
        variables: &Variables,
    ) {
        let event = match stage {
            TransferStage::Started => WebhookEvent::TransferStarted,
            TransferStage::Bridged => WebhookEvent::TransferBridged,
            TransferStage::Cancelled => WebhookEvent::TransferCancelled,
            TransferStage::Ended => WebhookEvent::TransferEnded,
        };
        let transfer = Some(transfer).filter(|_| stage != TransferStage::Ended);
        self.send_with(app, call, &event, variables, transfer);
    }

    fn send_with(
        &self,
        app: &App,
        call: &Call,
        event: &WebhookEvent,
        variables: &Variables,
        transfer: Option<&TransferStep>,
    ) {
        let url = call.agent.webhook_url().map(str::to_owned);
        let url = url.or_else(|| app.settings().webhook_url.clone());
        let Some(url) = url.filter(|_| call.agent.sends(event.as_str())) else {
            return;
        };
        let url = variables.fill(&url);
        let body = body(call, event, transfer);
        let lost = app.settings().lose_webhooks;
        let journal = app.journal.send(Delivery {
            id: 0,
            kind: "webhook",
            name: event.to_string(),
            call_id: call.id.clone(),
            url: url.clone(),
            method: Method::POST.to_string(),
            body: String::from_utf8_lossy(&body).into_owned(),
            attempts: Vec::new(),
            delivered: false,
            lost,
        });
        if lost {
            return;
        }
        let request = Outgoing {
            journal,
            method: Method::POST,
            url,
            headers: HeaderMap::new(),
            body,
            timeout: Duration::from_millis(call.agent.webhook_timeout_ms()),
        };
        // The receiver lives as long as this sender.
        drop(self.queue.send(Event {
            call_id: call.id.clone(),
            name: event.to_string(),
            request,
        }));
    }
}

fn body(call: &Call, event: &WebhookEvent, transfer: Option<&TransferStep>) -> Bytes {
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
    // Maps with text keys and numbers always have a JSON text.
    Bytes::from(serde_json::to_vec(&webhook).unwrap_or_default())
}

async fn is_delivered(event: &Event, app: &App) -> bool {
    match event.request.send(app).await {
        Ok(answer) => answer.is_success(),
        Err(error) => {
            tracing::debug!(
                %error,
                call_id = event.call_id,
                event = event.name,
                "a webhook was not answered"
            );
            false
        }
    }
}

async fn retry(event: Event, app: App) {
    let first = app.settings().webhook_backoff_ms;
    for attempt in 0..RETRIES {
        app.clock.sleep(first << attempt).await;
        if is_delivered(&event, &app).await {
            return;
        }
    }
    tracing::warn!(
        call_id = event.call_id,
        event = event.name,
        "a webhook was given up"
    );
}

/// Asks a number's inbound webhook who is to answer (retell-protocol B): the
/// `call_inbound` object of the answer, `None` when no attempt succeeded.
pub(crate) async fn ask_inbound(
    app: &App,
    url: &str,
    call_id: &str,
    call_inbound: Value,
) -> Option<Map<String, Value>> {
    let mut event = json!({
        "event": WebhookEvent::CallInbound,
        "call_inbound": call_inbound,
    });
    if !app.settings().untimed_questions {
        event["event_timestamp"] = app.clock.now_ms().into();
    }
    let body = Bytes::from(event.to_string());
    let journal = app.journal.send(Delivery {
        id: 0,
        kind: "webhook",
        name: WebhookEvent::CallInbound.to_string(),
        call_id: call_id.to_owned(),
        url: url.to_owned(),
        method: Method::POST.to_string(),
        body: String::from_utf8_lossy(&body).into_owned(),
        attempts: Vec::new(),
        delivered: false,
        lost: false,
    });
    let request = Outgoing {
        journal,
        method: Method::POST,
        url: url.to_owned(),
        headers: HeaderMap::new(),
        body,
        timeout: Duration::from_secs(10),
    };
    let first = app.settings().webhook_backoff_ms;
    for attempt in 0..=RETRIES {
        if attempt > 0 {
            app.clock.sleep(first << (attempt - 1)).await;
        }
        if let Ok(answer) = request.send(app).await
            && answer.is_success()
        {
            let answer: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            return Some(match answer.get("call_inbound") {
                Some(Value::Object(map)) => map.clone(),
                _ => Map::new(),
            });
        }
    }
    None
}
