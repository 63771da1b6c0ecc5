//! Webhooks about calls and chats (retell-protocol A): signed, in order, three retries.

use std::pin::pin;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::{HeaderMap, Method};
use retell::models::WebhookEvent;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use crate::app::App;
use crate::delivery::{Answer, Outgoing, Sending, Subject};
use crate::scenario::Variables;
use crate::tasks::Tasks;
use crate::unkind;
use crate::workspaces::Workspace;

/// Further attempts after the first (retell-protocol A3).
const RETRIES: u32 = 3;

/// The webhooks of one call or chat. They are sent in the order given; one that fails is
/// tried again later without holding back those after it.
#[derive(Debug)]
pub(crate) struct Webhooks {
    queue: mpsc::UnboundedSender<Event>,
}

/// An event on its way. The log tells it by these names: its address may hold
/// what variables filled in.
#[derive(Debug)]
struct Event {
    id: String,
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

    /// Sends an event about a call or a chat, if anybody wants it. `variables`
    /// fill the address.
    pub(crate) fn send(
        &self,
        app: &App,
        about: Subject<'_>,
        event: &WebhookEvent,
        body: &Value,
        variables: &Variables,
    ) {
        let url = about.agent.webhook_url().map(str::to_owned);
        let url = url.or_else(|| app.webhook_of(about.workspace));
        let Some(url) = url.filter(|_| about.agent.sends(event.as_str())) else {
            return;
        };
        let lost = app.settings().lose_webhooks;
        let sending = Sending {
            kind: "webhook",
            name: event.as_str(),
            about: about.id,
            method: Method::POST,
            url: variables.fill(&url),
            headers: HeaderMap::new(),
            body: unkind::text(body, app.config.gentle).into(),
            timeout: Duration::from_millis(about.agent.webhook_timeout_ms()),
            lost,
        };
        let request = Outgoing::new(app, about.workspace, sending);
        if !lost {
            // The receiver lives as long as this sender.
            drop(self.queue.send(Event {
                id: about.id.to_owned(),
                name: event.to_string(),
                request,
            }));
        }
    }
}

async fn is_delivered(event: &Event, app: &App) -> bool {
    match event.request.send(app).await {
        Ok(answer) => answer.is_success(),
        Err(error) => {
            tracing::debug!(
                %error,
                id = event.id,
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
    tracing::warn!(id = event.id, event = event.name, "a webhook was given up");
}

/// How long a question is waited for before it is asked a second time, in ms.
const PATIENCE_MS: u64 = 3_000;

/// Asks a number's inbound webhook who is to answer (retell-protocol B): the
/// `call_inbound` object of the answer, `None` when no attempt succeeded.
///
/// Every other question is as older senders put it: without the call's id and
/// without the time. One that is not answered soon comes twice.
pub(crate) async fn ask_inbound(
    app: &App,
    workspace: &Workspace,
    url: &str,
    call_id: &str,
    mut call_inbound: Value,
) -> Option<Map<String, Value>> {
    let older = !app.config.gentle && app.questions.fetch_add(1, Ordering::Relaxed) % 2 == 1;
    if !older {
        call_inbound["call_id"] = call_id.into();
    }
    let mut event = json!({
        "event": WebhookEvent::CallInbound,
        "call_inbound": call_inbound,
    });
    if !older && !app.settings().untimed_questions {
        event["event_timestamp"] = app.clock.now_ms().into();
    }
    let sending = Sending {
        kind: "webhook",
        name: "call_inbound",
        about: call_id,
        method: Method::POST,
        url: url.to_owned(),
        headers: HeaderMap::new(),
        body: unkind::text(&event, app.config.gentle).into(),
        timeout: Duration::from_secs(10),
        lost: app.settings().lose_webhooks,
    };
    let lost = sending.lost;
    let request = Outgoing::new(app, workspace, sending);
    if lost {
        return None;
    }
    let first = app.settings().webhook_backoff_ms;
    for attempt in 0..=RETRIES {
        if attempt > 0 {
            app.clock.sleep(first << (attempt - 1)).await;
        }
        if let Ok(answer) = asked(app, &request).await
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

async fn asked(app: &App, question: &Outgoing) -> Result<Answer, String> {
    let mut once = pin!(question.send(app));
    if app.config.gentle {
        return once.await;
    }
    tokio::select! {
        answer = &mut once => answer,
        () = app.clock.sleep(PATIENCE_MS) => tokio::select! {
            answer = once => answer,
            answer = question.send(app) => answer,
        },
    }
}
