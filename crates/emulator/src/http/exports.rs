//! Exports of calls and chats (retell-protocol H9). They are asked for in
//! Retell's dashboard, so a route of the emulator's own asks for them here;
//! list-export-requests tells how far they are, and where their files are.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::App;
use crate::error::ApiError;
use crate::filters;
use crate::resources::Fields;
use crate::resources::kinds::{CHAT, EXPORT, EXPORTED};
use crate::rest::calls;
use crate::workspaces::Workspace;

use super::body::{Body, Path};

/// The columns of a file of calls, and where their values stand in one.
#[rustfmt::skip]
const OF_CALLS: &[&str] = &[
    "/call_id", "/call_type", "/agent_id", "/agent_version", "/direction", "/from_number", "/to_number",
    "/call_status", "/start_timestamp", "/end_timestamp", "/duration_ms", "/disconnection_reason",
    "/call_cost/combined_cost", "/call_analysis/user_sentiment", "/call_analysis/call_successful",
    "/call_analysis/call_summary", "/transcript",
];

/// The same for chats.
#[rustfmt::skip]
const OF_CHATS: &[&str] = &[
    "/chat_id", "/chat_type", "/agent_id", "/version", "/chat_status", "/start_timestamp", "/end_timestamp",
    "/chat_cost/combined_cost", "/chat_analysis/user_sentiment", "/chat_analysis/chat_successful",
    "/chat_analysis/chat_summary", "/transcript",
];

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/exports/{secret}/calls.csv", get(file))
        .route("/exports/{secret}/chats.csv", get(file))
}

/// What is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    #[serde(default)]
    channel: Channel,
    /// In which the file tells times.
    timezone: Option<String>,
    /// As that of list-calls or list-chats.
    #[serde(default)]
    filter_criteria: Fields,
    /// Whose it is; the first workspace's if absent.
    api_key: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Channel {
    #[default]
    Call,
    Chat,
}

/// Asks for an export, which is made on the emulator's clock; 201 with the
/// request as it is listed.
pub(super) async fn ask(
    State(app): State<App>,
    Body(request): Body<Request>,
) -> Result<Response, ApiError> {
    let key = request.api_key.as_ref().unwrap_or(&app.config.api_key);
    let workspace = app.workspaces().get(key);
    let workspace = workspace.ok_or_else(|| ApiError::not_found("Workspace not found"))?;
    let name = request.timezone.as_deref().unwrap_or("UTC");
    let zone = TimeZone::get(name)
        .map_err(|_| ApiError::bad_request("timezone: is not known".to_owned()))?;
    let (channel, listed) = match request.channel {
        Channel::Call => ("call", "POST /v3/list-calls"),
        Channel::Chat => ("chat", "POST /v3/list-chats"),
    };
    let filter = json!({ "filter_criteria": request.filter_criteria });
    retell_spec::operation(listed)
        .map_or(Ok(()), |it| it.check_request(&filter))
        .map_err(|wrong| ApiError::bad_request(wrong.to_string()))?;
    let fields = json!({ "channel": channel, "status": "created", "timezone": name });
    let fields = serde_json::from_value(fields).unwrap_or_default();
    let made = workspace
        .store()
        .create(&EXPORT, fields, app.clock.now_ms())?;
    let answer = (StatusCode::CREATED, Json(made.clone())).into_response();
    let tasks = app.tasks();
    tasks.spawn(async move {
        let id = made.get(EXPORT.id).and_then(Value::as_str);
        let tell = |changes: &[(&str, Value)]| {
            let changes = changes.iter().cloned();
            let changes = changes.map(|(name, value)| (name.to_owned(), value));
            let mut store = workspace.store();
            store.amend(&EXPORT, id.unwrap_or_default(), |it| it.extend(changes));
        };
        let delay = app.settings().knowledge_delay_ms;
        app.clock.sleep(delay).await;
        tell(&[("status", "processing".into())]);
        app.clock.sleep(delay).await;
        let (columns, rows) = covered(&app, &workspace, &request);
        match csv(columns, &rows, &zone) {
            Ok(text) => {
                let secret = Uuid::new_v4().simple().to_string();
                let url = format!("{}/exports/{secret}/{channel}s.csv", app.url);
                let text = Fields::from_iter([("text".to_owned(), text.into())]);
                let now_ms = app.clock.now_ms();
                workspace.store().insert(&EXPORTED, secret, text, now_ms);
                tell(&[("status", "completed".into()), ("url", url.into())]);
            }
            Err(error) => {
                tracing::error!(%error, "an export was not made");
                tell(&[("status", "error".into())]);
            }
        }
    });
    Ok(answer)
}

/// The calls or chats that an export covers, oldest first, and their columns.
fn covered(
    app: &App,
    workspace: &Workspace,
    request: &Request,
) -> (&'static [&'static str], Vec<Value>) {
    let filter = &request.filter_criteria;
    match request.channel {
        Channel::Call => {
            let calls = calls::chosen(app, workspace, filter).into_iter();
            (OF_CALLS, calls.map(|(_, call)| call).collect())
        }
        Channel::Chat => {
            let chats = workspace.store().all(&CHAT).into_iter();
            let chats = chats.map(|(_, chat)| Value::Object(chat));
            let chats = chats.filter(|chat| filters::hold(filter, chat, &Value::Null));
            (OF_CHATS, chats.collect())
        }
    }
}

/// A table with a header (RFC 4180).
fn csv(columns: &[&str], rows: &[Value], zone: &TimeZone) -> Result<String, csv::Error> {
    let cell = |row: &Value, column: &str| match row.pointer(column) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(value) if column.ends_with("_timestamp") => {
            let time = value.as_i64().map(Timestamp::from_millisecond);
            let time = time.and_then(Result::ok).unwrap_or_default();
            let local = time.to_zoned(zone.clone());
            local.strftime("%Y-%m-%d %H:%M:%S").to_string()
        }
        Some(value) => value.to_string(),
    };
    let mut bytes = Vec::new();
    {
        let mut table = csv::Writer::from_writer(&mut bytes);
        let names = columns.iter().map(|column| column.rsplit('/').next());
        table.write_record(names.map(Option::unwrap_or_default))?;
        for row in rows {
            table.write_record(columns.iter().map(|column| cell(row, column)))?;
        }
        table.flush()?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn file(State(app): State<App>, Path(secret): Path<String>) -> Result<Response, ApiError> {
    let workspace = app.workspaces().with(&EXPORTED, &secret);
    let workspace = workspace.ok_or_else(|| ApiError::not_found("There is no such file"))?;
    let kept = workspace.store().get(&EXPORTED, &secret, None)?;
    let text = kept.get("text").and_then(Value::as_str).map(str::to_owned);
    let shown = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment"),
    ];
    Ok((shown, text.unwrap_or_default()).into_response())
}
