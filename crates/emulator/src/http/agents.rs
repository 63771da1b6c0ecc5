//! Voice agents (retell-protocol H1).

use axum::extract::State;
use axum::routing::{delete, get, patch, post};
use axum::{Json, Router};
use http::StatusCode;
use retell::models::AgentFilter;
use retell::models::filter::Condition;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::agents::Agent;
use crate::app::App;

use super::body::{Body, Paging, Path, Query, page};
use super::error::ApiError;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/create-agent", post(create))
        .route("/get-agent/{id}", get(one))
        .route("/update-agent/{id}", patch(update))
        .route("/v2/list-agents", post(list))
        .route("/delete-agent/{id}", delete(remove))
}

async fn create(
    State(app): State<App>,
    Body(fields): Body<Map<String, Value>>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    for required in ["response_engine", "voice_id"] {
        if !fields.contains_key(required) {
            return Err(ApiError::bad_request(format!("{required} is required")));
        }
    }
    let id = format!("agent_{}", Uuid::new_v4().simple());
    let agent = app.agents().add(id, fields, app.clock.now_ms());
    Ok((StatusCode::CREATED, Json(Value::Object(agent.0))))
}

async fn one(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let agents = app.agents();
    let agent = agents.get(&id).ok_or_else(unknown)?;
    Ok(Json(Value::Object(agent.0.clone())))
}

async fn update(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(fields): Body<Map<String, Value>>,
) -> Result<Json<Value>, ApiError> {
    let mut agents = app.agents();
    let agent = agents.get_mut(&id).ok_or_else(unknown)?;
    agent.change(fields, app.clock.now_ms());
    Ok(Json(Value::Object(agent.0.clone())))
}

async fn remove(State(app): State<App>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    app.agents()
        .remove(&id)
        .map(|_| StatusCode::NO_CONTENT)
        .ok_or_else(unknown)
}

#[derive(Deserialize)]
struct Wanted {
    filter_criteria: Option<AgentFilter>,
}

async fn list(
    State(app): State<App>,
    Query(paging): Query<Paging>,
    Body(wanted): Body<Wanted>,
) -> Json<Value> {
    let filter = wanted.filter_criteria.unwrap_or_default();
    let agents = app.agents();
    let rows = agents.iter().filter(|agent| matches(agent, &filter));
    Json(page(
        rows.map(|agent| (agent.id().to_owned(), agent.summary()))
            .collect(),
        &paging,
    ))
}

fn matches(agent: &Agent, filter: &AgentFilter) -> bool {
    let summary = agent.summary();
    let channel = filter.channel.clone().map(Condition::from);
    let transfer = filter.is_transfer_agent.map(Condition::from);
    let query = filter.query.as_deref().unwrap_or_default().to_lowercase();
    let name = agent.text("agent_name").unwrap_or_default().to_lowercase();
    channel.is_none_or(|condition| condition.holds(summary.get("channel")))
        && transfer.is_none_or(|condition| condition.holds(summary.get("is_transfer_agent")))
        && (name.contains(&query) || agent.id().contains(&query))
}

fn unknown() -> ApiError {
    ApiError::unprocessable("Agent not found")
}
