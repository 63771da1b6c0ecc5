//! Chats (retell-protocol H7): by API, and by text messages with somebody
//! simulated.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use retell::models::WebhookEvent;
use serde_json::{Value, json};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::Outcome;
use super::asked::Asked;
use super::contacts::with_number;
use crate::agents::{Agent, SCENARIO_FIELD};
use crate::app::App;
use crate::conduct::create::check_metadata;
use crate::delivery::Subject;
use crate::error::ApiError;
use crate::filters;
use crate::functions;
use crate::resources::kinds::{CHAT, CHAT_AGENT, PHONE_NUMBER};
use crate::resources::pages::page;
use crate::resources::{Fields, check_reference};
use crate::talks::{Talk, Turn};
use crate::webhooks::Webhooks;
use crate::workspaces::Workspace;

type Later = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// A chat's id and whose it is: what is done to it goes on without a request.
#[derive(Clone)]
struct Chat {
    app: App,
    workspace: Arc<Workspace>,
    id: String,
}

pub(super) fn create(asked: Asked) -> Later {
    Box::pin(async move {
        let agent = asked.string("agent_id").unwrap_or_default();
        let version = asked.body.get("agent_version").cloned();
        let chat = begin(&asked, new_id(), &agent, version.as_ref(), by_api())?;
        chat.walk(None).await?;
        chat.shown()
    })
}

fn new_id() -> String {
    format!("{}{}", CHAT.prefix, Uuid::new_v4().simple())
}

fn by_api() -> Value {
    json!({ "chat_type": "api_chat" })
}

/// Begins a chat of this id, unless it goes on already.
///
/// # Errors
/// When it cannot be begun.
pub(super) fn provide(asked: &Asked, id: &str) -> Result<(), ApiError> {
    if Chat::of(asked, id).is_ok_and(|chat| chat.talk().is_some()) {
        return Ok(());
    }
    begin(asked, id.to_owned(), "agent_chat_en", None, by_api()).map(drop)
}

pub(super) fn create_sms(asked: Asked) -> Later {
    Box::pin(async move {
        let text = |name: &str| asked.text(name).unwrap_or_default();
        let (from, to) = (text("from_number"), text("to_number"));
        let (number, contact) = {
            let store = asked.workspace.store();
            let number = store.get(&PHONE_NUMBER, from, None)?;
            (number, with_number(&store, to))
        };
        let refuses = contact.is_some_and(|it| it.get("do_not_call") == Some(&Value::Bool(true)));
        if asked.flag("honor_internal_dnc") && refuses {
            let message = "The contact does not want to be written to".to_owned();
            return Err(ApiError::bad_request(message));
        }
        let own = number
            .get("outbound_sms_agents")
            .and_then(|agents| agents.get(0));
        let own = |name: &str| own.and_then(|agent| agent.get(name)).cloned();
        let overriding = asked.body.get("override_agent_id").cloned();
        let version = match &overriding {
            Some(_) => asked.body.get("override_agent_version").cloned(),
            None => own("agent_version"),
        };
        let agent = overriding.or_else(|| own("agent_id"));
        let agent = agent.as_ref().and_then(Value::as_str).ok_or_else(|| {
            ApiError::bad_request("The number has no outbound SMS agent".to_owned())
        })?;
        let kind = json!({ "chat_type": "sms_chat", "agent_number": from, "user_number": to });
        let chat = begin(&asked, new_id(), agent, version.as_ref(), kind)?;
        chat.walk(None).await?;
        let simulated = chat.clone();
        asked
            .app
            .tasks()
            .spawn(async move { simulated.answer_by_script().await });
        chat.shown()
    })
}

/// Makes a chat, before its first word.
fn begin(
    asked: &Asked,
    id: String,
    agent_id: &str,
    version: Option<&Value>,
    kind: Value,
) -> Result<Chat, ApiError> {
    let metadata = asked.body.get("metadata").filter(|it| !it.is_null());
    check_metadata(metadata)?;
    version.map_or(Ok(()), check_reference)?;
    let now_ms = asked.now_ms();
    let (agent, tag) = {
        let store = asked.workspace.store();
        let agent = store.get(&CHAT_AGENT, agent_id, version)?;
        let name = version.and_then(Value::as_str);
        let tag = store.tags(&CHAT_AGENT, agent_id)?;
        (
            Agent(agent),
            name.and_then(|name| {
                tag.get_key_value(name)
                    .map(|(name, tag)| (name.clone(), tag.clone()))
            }),
        )
    };
    if agent
        .0
        .get("response_engine")
        .is_some_and(|it| it["type"] == "custom-llm")
    {
        let message = "Chats with a custom LLM are not supported".to_owned();
        return Err(ApiError::bad_request(message));
    }
    let named = metadata.and_then(|all| all.get(SCENARIO_FIELD)?.as_str());
    let scenario = named.map_or_else(|| agent.scenario(), str::to_owned);
    let scenario = asked.app.library().get(&scenario);
    let scenario = scenario.ok_or_else(|| {
        ApiError::bad_request(format!("There is no scenario for agent {agent_id}"))
    })?;
    let given: BTreeMap<String, String> = asked
        .get("retell_llm_dynamic_variables")
        .unwrap_or_default();
    let mut fields = json!({
        "agent_id": agent_id,
        "version": agent.version(),
        "chat_status": "ongoing",
        "start_timestamp": now_ms,
        "transcript": "",
        "message_with_tool_calls": [],
        "retell_llm_dynamic_variables": given,
    });
    if let (Value::Object(fields), Value::Object(kind)) = (&mut fields, kind) {
        fields.extend(kind);
        fields.extend(metadata.map(|it| ("metadata".to_owned(), it.clone())));
        fields.extend(
            tag.as_ref()
                .map(|(name, _)| ("agent_tag".to_owned(), name.as_str().into())),
        );
    }
    let Value::Object(fields) = fields else {
        return Err(ApiError::bad_request("The chat is none".to_owned()));
    };
    asked
        .workspace
        .store()
        .create_as(&CHAT, id.clone(), fields, now_ms)?;
    let tagged = tag
        .map(|(_, tag)| tag.dynamic_variables)
        .unwrap_or_default();
    let own = [
        ("chat_id".to_owned(), id.clone()),
        ("session_type".to_owned(), "chat".to_owned()),
    ];
    let variables = own.into_iter().chain(tagged).chain(given).collect();
    let talk = Talk::new(agent, scenario, &variables);
    let chat = Chat {
        app: asked.app.clone(),
        workspace: Arc::clone(&asked.workspace),
        id,
    };
    let webhooks = Webhooks::new(&asked.app, &asked.app.tasks());
    chat.send(&webhooks, &talk, &WebhookEvent::ChatStarted);
    let talk = Arc::new(Mutex::new(talk));
    asked.app.talks().insert(chat.id.clone(), talk);
    Ok(chat)
}

pub(super) fn complete(asked: Asked) -> Later {
    Box::pin(async move {
        let content = asked.string("content").unwrap_or_default();
        let chat = Chat::ongoing(&asked, asked.text("chat_id").unwrap_or_default())?;
        let messages = chat.walk(Some(content)).await?;
        Ok(json!({ "messages": messages }))
    })
}

/// Changes what is kept with a chat, and, while it goes on, its variables.
pub(super) fn update(asked: Asked) -> Later {
    Box::pin(async move {
        let metadata = asked.body.get("metadata").filter(|it| !it.is_null());
        check_metadata(metadata)?;
        let chat = Chat::of(&asked, asked.id())?;
        let setting = asked.text("data_storage_setting");
        if setting == Some("everything_except_pii") {
            let message = "data_storage_setting: must be one of \"everything\", \
                           \"basic_attributes_only\"";
            return Err(ApiError::bad_request(message.to_owned()));
        }
        if let Some(overrides) = asked.body.get("override_dynamic_variables") {
            let overrides: Option<BTreeMap<String, String>> =
                serde_json::from_value(overrides.clone()).unwrap_or_default();
            if let Some(talk) = chat.talk() {
                let overrides = overrides.into_iter().flatten().collect();
                talk.lock().await.set_overrides(overrides);
            }
        }
        let changed = [
            ("metadata", metadata),
            (
                "data_storage_setting",
                asked.body.get("data_storage_setting"),
            ),
        ];
        asked.workspace.store().amend(&CHAT, &chat.id, |fields| {
            for (name, value) in changed {
                fields.extend(value.map(|value| (name.to_owned(), value.clone())));
            }
        });
        chat.shown()
    })
}

pub(super) fn end(asked: &Asked) -> Outcome {
    Chat::ongoing(asked, asked.id())?.end();
    Ok(Value::Null)
}

pub(super) fn list(asked: &Asked) -> Outcome {
    let filter: Fields = asked.get("filter_criteria").unwrap_or_default();
    let rows = asked.workspace.store().all(&CHAT).into_iter();
    let rows = rows.map(|(made, fields)| (made, Value::Object(fields)));
    let rows = rows.filter(|(_, chat)| filters::hold(&filter, chat, &Value::Null));
    let rows = rows.map(|(made, mut chat)| {
        if let Value::Object(chat) = &mut chat {
            chat.remove("transcript");
        }
        (made, chat)
    });
    page(CHAT.name, rows.collect(), &asked.list())
}

/// The same analysis again: there is nothing here that could find another.
pub(super) fn rerun_analysis(asked: &Asked) -> Outcome {
    let chat = Chat::of(asked, asked.id())?;
    if chat.is_ongoing() {
        asked.refuse(ApiError::unprocessable("The chat has not ended"))?;
    }
    chat.shown()
}

impl Chat {
    fn of(asked: &Asked, id: &str) -> Result<Self, ApiError> {
        asked.workspace.store().get(&CHAT, id, None)?;
        Ok(Self {
            app: asked.app.clone(),
            workspace: Arc::clone(&asked.workspace),
            id: id.to_owned(),
        })
    }

    fn ongoing(asked: &Asked, id: &str) -> Result<Self, ApiError> {
        let chat = Self::of(asked, id)?;
        if chat.is_ongoing() {
            Ok(chat)
        } else {
            Err(ApiError::unprocessable("Chat already ended"))
        }
    }

    fn shown(&self) -> Outcome {
        let fields = self.workspace.store().get(&CHAT, &self.id, None)?;
        Ok(Value::Object(fields))
    }

    fn is_ongoing(&self) -> bool {
        self.shown()
            .is_ok_and(|chat| chat["chat_status"] == "ongoing")
    }

    fn talk(&self) -> Option<Arc<Mutex<Talk>>> {
        self.app.talks().get(&self.id).cloned()
    }

    /// Goes on with the script as far as it is the agent's turn, after what
    /// the other side wrote; what is new since then.
    async fn walk(&self, heard: Option<String>) -> Result<Vec<Value>, ApiError> {
        let ended = || ApiError::unprocessable("Chat already ended");
        let talk = self.talk().ok_or_else(ended)?;
        // Held meanwhile: messages are answered one after the other.
        let mut talk = talk.lock().await;
        if !self.is_ongoing() {
            return Err(ended());
        }
        if let Some(content) = heard {
            talk.heard();
            self.note(json!({ "role": "user", "content": content }));
        }
        let mut new = Vec::new();
        while let Some(turn) = talk.next() {
            let ends = matches!(turn, Turn::End { .. });
            new.extend(self.carry_out(&mut talk, turn).await);
            if ends {
                self.end();
                break;
            }
        }
        self.end_if_silent(&talk.agent);
        Ok(new)
    }

    async fn carry_out(&self, talk: &mut Talk, turn: Turn) -> Vec<Value> {
        let invoked = |id: &str, name: &str, kind: &str, arguments: String| {
            self.note(json!({
                "role": "tool_call_invocation",
                "tool_call_id": id,
                "name": name,
                "type": kind,
                "arguments": arguments,
            }))
        };
        match turn {
            Turn::Says(content) => vec![self.note(json!({ "role": "agent", "content": content }))],
            Turn::Sms(content) => vec![self.note(json!({ "role": "sms", "content": content }))],
            Turn::Node { from, to } => vec![self.note(json!({
                "role": "node_transition",
                "former_node_name": from,
                "new_node_name": to,
            }))],
            Turn::End { id } => vec![invoked(&id, "end_call", "end_call", "{}".to_owned())],
            Turn::Tool {
                id,
                tool,
                arguments,
            } => {
                let text = Value::Object(arguments.clone()).to_string();
                let invocation = invoked(&id, &tool.name, "custom", text);
                let agent = talk.agent.clone();
                let subject = self.subject(&agent);
                let view = || json!({ "chat": self.shown().unwrap_or_default() });
                let variables = talk.variables();
                let outcome =
                    functions::call(&self.app, subject, view, &tool, &arguments, &variables).await;
                talk.learn(&outcome.variables);
                let result = self.note(json!({
                    "role": "tool_call_result",
                    "tool_call_id": id,
                    "content": outcome.content,
                    "successful": outcome.successful,
                }));
                vec![invocation, result]
            }
        }
    }

    /// Writes a message down; gives it as it is told.
    fn note(&self, mut message: Value) -> Value {
        message["message_id"] = format!("msg_{}", Uuid::new_v4().simple()).into();
        message["created_timestamp"] = self.app.clock.now_ms().into();
        self.workspace.store().amend(&CHAT, &self.id, |chat| {
            let name = match message["role"].as_str() {
                Some("agent") => Some("Agent"),
                Some("user") => Some("User"),
                _ => None,
            };
            if let (Some(name), Some(Value::String(text))) = (name, chat.get_mut("transcript")) {
                let content = message["content"].as_str().unwrap_or_default();
                text.push_str(&format!("{name}: {content}\n"));
            }
            if let Some(Value::Array(messages)) = chat.get_mut("message_with_tool_calls") {
                messages.push(message.clone());
            }
        });
        message
    }

    fn subject<'a>(&'a self, agent: &'a Agent) -> Subject<'a> {
        Subject {
            id: &self.id,
            workspace: &self.workspace,
            agent,
        }
    }

    fn send(&self, webhooks: &Webhooks, talk: &Talk, event: &WebhookEvent) {
        let chat = self.shown().unwrap_or_default();
        let body = json!({ "event": event, "chat": chat });
        let subject = self.subject(&talk.agent);
        webhooks.send(&self.app, subject, event, &body, &talk.variables());
    }

    /// Ends it; what follows from that comes by itself.
    fn end(&self) {
        let mut first = false;
        let now_ms = self.app.clock.now_ms();
        self.workspace.store().amend(&CHAT, &self.id, |chat| {
            let status = chat.insert("chat_status".to_owned(), "ended".into());
            first = status.is_some_and(|status| status == "ongoing");
            if first {
                chat.insert("end_timestamp".to_owned(), now_ms.into());
                let messages = chat
                    .get("message_with_tool_calls")
                    .and_then(Value::as_array);
                let cost = messages.map_or(0, Vec::len);
                chat.insert(
                    "chat_cost".to_owned(),
                    json!({ "combined_cost": cost, "product_costs": [] }),
                );
            }
        });
        let talk = self.app.talks().remove(&self.id);
        if let Some(talk) = talk.filter(|_| first) {
            let chat = self.clone();
            self.app
                .tasks()
                .spawn(async move { chat.follow_up(&talk).await });
        }
    }

    async fn follow_up(&self, talk: &Mutex<Talk>) {
        let talk = talk.lock().await.clone();
        let webhooks = Webhooks::new(&self.app, &self.app.tasks());
        self.send(&webhooks, &talk, &WebhookEvent::ChatEnded);
        let delay = self.app.settings().analysis_delay_ms;
        self.app.clock.sleep(delay).await;
        let (analysis, complete) = (&talk.scenario().analysis, talk.is_complete());
        let summary = analysis.summary.as_ref().filter(|_| complete);
        let sentiment = analysis.sentiment.as_deref().filter(|_| complete);
        let found = json!({
            "chat_summary": summary.map_or_else(
                || "The chat was ended before its end.".to_owned(),
                |summary| talk.variables().fill(summary),
            ),
            "user_sentiment": sentiment.unwrap_or("Neutral"),
            "chat_successful": complete && analysis.successful.unwrap_or(true),
            "custom_analysis_data": talk.variables().fill_object(&analysis.custom),
        });
        self.workspace.store().amend(&CHAT, &self.id, |chat| {
            chat.insert("chat_analysis".to_owned(), found);
        });
        self.send(&webhooks, &talk, &WebhookEvent::ChatAnalyzed);
    }

    /// Ends it when nothing more is written for as long as the agent waits.
    fn end_if_silent(&self, agent: &Agent) {
        let patience = agent
            .0
            .get("end_chat_after_silence_ms")
            .and_then(Value::as_u64);
        let patience = patience.unwrap_or(3_600_000);
        let written = |chat: &Self| {
            let chat = chat.shown().unwrap_or_default();
            chat["message_with_tool_calls"].as_array().map(Vec::len)
        };
        let (chat, before) = (self.clone(), written(self));
        self.app.tasks().spawn(async move {
            chat.app.clock.sleep(patience).await;
            if chat.is_ongoing() && written(&chat) == before {
                chat.end();
            }
        });
    }

    /// Somebody simulated writes what the script has for them.
    async fn answer_by_script(&self) {
        while let Some(talk) = self.talk() {
            let line = talk.lock().await.expected();
            let Some(line) = line else {
                return;
            };
            let pause = self.app.settings().ring_ms;
            self.app.clock.sleep(pause).await;
            if self.walk(Some(line)).await.is_err() {
                return;
            }
        }
    }
}
