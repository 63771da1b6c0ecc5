//! The emulator's own routes, `/_emulator/…`: looking inside, making things
//! happen, faults and time. Documented in the crate's README.

mod inbound;
mod state;

use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderMap, HeaderValue, StatusCode};
use retell::models::DisconnectionReason;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::calls::Command;
use crate::conversation::{Input, Kind as Noted};
use crate::error::ApiError;
use crate::faults::Fault;
use crate::resources::{Kind, kinds};
use crate::scenario::Step;
use crate::scenario::parse::parse;
use crate::settings::{MOST, Settings};
use crate::workspaces::Setup;

use super::body::{Body, Path};
use super::{exports, nowhere};

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/health", get(health))
        .route("/reset", post(reset))
        .route("/seed", post(seed))
        .route("/requests", get(requests))
        .route("/deliveries", get(deliveries))
        .route("/calls", get(state::calls))
        .route("/calls/{id}", get(state::call))
        .route("/calls/{id}/say", post(say))
        .route("/calls/{id}/dtmf", post(dtmf))
        .route("/calls/{id}/kill", post(kill))
        .route("/calls/{id}/end", post(end))
        .route("/calls/{id}/media", post(media))
        .route("/inbound-call", post(inbound::call))
        .route("/export-requests", post(exports::ask))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/clock", get(clock).post(set_clock))
        .route("/settings", get(settings).put(set_settings))
        .route("/scenarios", get(scenarios))
        .method_not_allowed_fallback(nowhere)
        .layer(middleware::from_fn(keep_pages_out))
}

/// Refuses what a page of another site has a browser send: these routes have
/// no key, and a reset does its harm without its answer being read.
async fn keep_pages_out(request: Request, next: Next) -> Result<Response, ApiError> {
    if is_from_elsewhere(request.headers()) {
        let message = "Not for pages of other sites".to_owned();
        return Err(ApiError::new(StatusCode::FORBIDDEN, message));
    }
    Ok(next.run(request).await)
}

/// A browser says where a request is from; anything else has no reason to.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    let header = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    match header("sec-fetch-site") {
        Some(site) => site != b"same-origin" && site != b"none",
        None => header("origin").is_some_and(|origin| {
            let host = origin.splitn(3, |byte| *byte == b'/').nth(2);
            host.is_none() || host != header("host")
        }),
    }
}

async fn health(State(app): State<App>) -> Json<Value> {
    Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "url": app.url,
        "active_calls": app.calls().active(),
    }))
}

async fn reset(State(app): State<App>) -> StatusCode {
    app.reset().await;
    StatusCode::NO_CONTENT
}

/// What can be added at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    #[serde(default)]
    agents: Vec<Map<String, Value>>,
    #[serde(default)]
    chat_agents: Vec<Map<String, Value>>,
    #[serde(default)]
    phone_numbers: Vec<Map<String, Value>>,
    #[serde(default)]
    scenarios: Vec<ScenarioText>,
    /// Further workspaces, and other terms for those that are there.
    #[serde(default)]
    workspaces: Vec<Setup>,
    /// Whose resources the others are; the first workspace's if absent.
    api_key: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ScenarioText {
    id: String,
    toml: String,
}

async fn seed(State(app): State<App>, Body(seed): Body<Seed>) -> Result<StatusCode, ApiError> {
    for scenario in &seed.scenarios {
        let parsed = parse(&format!("{}.toml", scenario.id), &scenario.toml)
            .map_err(|error| ApiError::bad_request(error.to_string()))?;
        app.library().insert(parsed);
    }
    let now_ms = app.clock.now_ms();
    for setup in seed.workspaces {
        app.workspaces().add(setup, now_ms);
    }
    let key = seed.api_key.as_ref().unwrap_or(&app.config.api_key);
    let workspace = app.workspaces().get(key);
    let workspace = workspace.ok_or_else(|| ApiError::not_found("Workspace not found"))?;
    for (kind, all) in [
        (&kinds::AGENT, seed.agents),
        (&kinds::CHAT_AGENT, seed.chat_agents),
        (&kinds::PHONE_NUMBER, seed.phone_numbers),
    ] {
        for mut fields in all {
            let id = fields
                .get(kind.id)
                .and_then(Value::as_str)
                .map(str::to_owned);
            let id = id
                .ok_or_else(|| ApiError::bad_request(format!("{} needs {}", kind.name, kind.id)))?;
            for (name, value) in usual(kind) {
                fields.entry(name).or_insert(value);
            }
            workspace.store().insert(kind, id, fields, now_ms);
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// What a seeded resource has that does not say otherwise, so that it has its
/// shape.
fn usual(kind: &Kind) -> Vec<(&'static str, Value)> {
    if kind.name == kinds::PHONE_NUMBER.name {
        return vec![("phone_number_type", "custom".into())];
    }
    let engine = json!({ "type": "retell-llm", "llm_id": "llm_test-short", "version": 0 });
    vec![
        ("response_engine", engine),
        ("voice_id", "retell-Cimo".into()),
    ]
}

async fn requests(State(app): State<App>) -> Response {
    Json(app.journal.received()).into_response()
}

async fn deliveries(State(app): State<App>) -> Response {
    Json(app.journal.deliveries()).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Saying {
    role: Role,
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Agent,
    User,
}

async fn say(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(saying): Body<Saying>,
) -> Result<StatusCode, ApiError> {
    if saying.text.trim().is_empty() {
        return Err(ApiError::bad_request("text must not be empty".to_owned()));
    }
    let input = match saying.role {
        Role::Agent => Input::Do(Box::new(Step::Agent(saying.text))),
        Role::User => Input::SayAsCaller(saying.text),
    };
    tell(&app, &id, Command::Give(input))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    digit: String,
}

async fn dtmf(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(key): Body<Key>,
) -> Result<StatusCode, ApiError> {
    tell(
        &app,
        &id,
        Command::Give(Input::Note(Noted::Dtmf(key.digit))),
    )
}

async fn kill(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    tell(&app, &id, Command::Kill)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ending {
    reason: Option<String>,
}

async fn end(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(ending): Body<Ending>,
) -> Result<StatusCode, ApiError> {
    let usual = || DisconnectionReason::AgentHangup.to_string();
    tell(
        &app,
        &id,
        Command::Give(Input::End(ending.reason.unwrap_or_else(usual))),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Media {
    drop: bool,
}

async fn media(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(media): Body<Media>,
) -> Result<StatusCode, ApiError> {
    let call = app.calls().get(&id).ok_or_else(unknown)?;
    call.room.set_dropped(media.drop);
    Ok(StatusCode::NO_CONTENT)
}

fn tell(app: &App, id: &str, command: Command) -> Result<StatusCode, ApiError> {
    let call = app.calls().get(id).ok_or_else(unknown)?;
    if call.state().is_over() {
        return Err(ApiError::unprocessable("The call is over"));
    }
    call.tell(command);
    Ok(StatusCode::NO_CONTENT)
}

fn unknown() -> ApiError {
    ApiError::not_found("Call not found")
}

async fn faults(State(app): State<App>) -> Json<Vec<Fault>> {
    Json(app.faults().list())
}

async fn add_fault(
    State(app): State<App>,
    Body(fault): Body<Fault>,
) -> Result<StatusCode, ApiError> {
    let added = app.faults().add(fault);
    added.map_err(|error| ApiError::bad_request(error.to_owned()))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_faults(State(app): State<App>) -> StatusCode {
    app.faults().clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Speed {
    speed: f64,
}

async fn clock(State(app): State<App>) -> Json<Value> {
    Json(json!({ "speed": app.clock.speed(), "now_ms": app.clock.now_ms() }))
}

async fn set_clock(
    State(app): State<App>,
    Body(wanted): Body<Speed>,
) -> Result<StatusCode, ApiError> {
    if app.clock.set_speed(wanted.speed) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::bad_request(
            "speed must be a positive number".to_owned(),
        ))
    }
}

async fn settings(State(app): State<App>) -> Json<Settings> {
    Json(app.settings().clone())
}

/// Changes those settings that are given.
async fn set_settings(
    State(app): State<App>,
    Body(changes): Body<Map<String, Value>>,
) -> Result<Json<Settings>, ApiError> {
    let too_much = |(_, value): &(&String, &Value)| value.as_u64().is_some_and(|n| n > MOST);
    if let Some((name, value)) = changes.iter().find(too_much) {
        let message = format!("{name} is {value}; the most is {MOST}");
        return Err(ApiError::bad_request(message));
    }
    let mut settings = app.settings();
    let changed = serde_json::to_value(&*settings).and_then(|mut all| {
        if let Value::Object(all) = &mut all {
            all.extend(changes);
        }
        serde_json::from_value::<Settings>(all)
    });
    *settings = changed.map_err(|error| ApiError::bad_request(error.to_string()))?;
    Ok(Json(settings.clone()))
}

async fn scenarios(State(app): State<App>) -> Json<Value> {
    let library = app.library();
    let all = library.iter().map(|scenario| {
        json!({
            "id": scenario.id,
            "name": scenario.name,
            "language": scenario.language,
            "agent_lines": scenario.agent_lines(),
            "visitor_lines": scenario.visitor_lines(),
        })
    });
    Json(Value::Array(all.collect()))
}
