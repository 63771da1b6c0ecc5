//! What the business says about itself, for admins.

use api::business::Business;
use axum::extract::State;
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};

use crate::http::business::{business, save};
use crate::http::json::Json;
use crate::http::problem::ApiError;
use crate::http::staff::Staff;
use crate::staff::Role;
use crate::state::App;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/desk/business", get(show).put(change))
}

async fn show(State(app): State<App>, staff: Staff) -> Result<JsonAnswer<Business>, ApiError> {
    staff.require(Role::Admin)?;
    Ok(JsonAnswer(business(&app, &staff.tenant).await?))
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    Json(said): Json<Business>,
) -> Result<JsonAnswer<Business>, ApiError> {
    staff.require(Role::Admin)?;
    let kept = save(&app, &staff.tenant, &staff.author(), said).await?;
    Ok(JsonAnswer(kept))
}
