//! A look inside: what the emulator knows of its calls.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app::App;
use crate::calls::Call;
use crate::error::ApiError;

use super::super::body::Path;
use super::unknown;

/// All calls, newest last.
pub(super) async fn calls(State(app): State<App>) -> Json<Vec<Value>> {
    Json(app.calls().iter().map(|call| overview(call)).collect())
}

/// One call: its sessions, and counters and levels of each leg.
pub(super) async fn call(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let call = app.calls().get(&id).ok_or_else(unknown)?;
    let room = call.room.stats().await;
    let mut view = overview(&call);
    if let Value::Object(view) = &mut view {
        view.insert(
            "room".to_owned(),
            serde_json::to_value(room).unwrap_or_default(),
        );
    }
    Ok(Json(view))
}

fn overview(call: &Call) -> Value {
    let state = call.state();
    let sessions: Vec<Value> = state
        .access
        .sessions()
        .map(|(id, session)| {
            json!({
                "session_id": id,
                "leg": session.leg,
                "identity": session.identity,
                "role": session.role,
            })
        })
        .collect();
    json!({
        "call_id": call.id,
        "agent_id": call.agent.id(),
        "scenario": call.scenario.id,
        "call_type": state.object.call_type,
        "call_status": state.object.call_status,
        "disconnection_reason": state.object.disconnection_reason,
        "created_ms": call.created_ms,
        "start_timestamp": state.object.start_timestamp,
        "end_timestamp": state.object.end_timestamp,
        "room_open": state.room_open,
        "taken_over": state.taken_over,
        "watchers": state.watchers,
        "items": state.items.len(),
        "sessions": sessions,
        "recording_ms": state.recording.as_ref().map(|recording| recording.duration_ms()),
    })
}
