//! What the business says about itself, for admins.

use api::business::Business;
use axum::extract::{FromRef, State};
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};

use super::{business, save};
use crate::ground::Ground;
use crate::people::http::staff::Staff;
use crate::people::{self, Role};
use crate::web::Shared;
use crate::web::json::Json;
use crate::web::problem::ApiError;

pub(crate) fn routes<S: Shared>() -> Router<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new().route("/api/desk/business", get(show).put(change))
}

async fn show(State(cx): State<Ground>, staff: Staff) -> Result<JsonAnswer<Business>, ApiError> {
    staff.require(Role::Admin)?;
    Ok(JsonAnswer(business(&cx, &staff.tenant).await?))
}

async fn change(
    State(cx): State<Ground>,
    staff: Staff,
    Json(said): Json<Business>,
) -> Result<JsonAnswer<Business>, ApiError> {
    staff.require(Role::Admin)?;
    let kept = save(&cx, &staff.tenant, &staff.author(), said).await?;
    Ok(JsonAnswer(kept))
}
