//! What is wrong with what Retell sends, for supervisors.

use api::inbox::AlertList;
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};

use crate::inbox::Context;
use crate::people::http::Staff;
use crate::people::{self, Role};
use crate::web::address::Path;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

pub(super) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new()
        .route("/api/desk/alerts", get(boxed(alerts)))
        .route("/api/desk/alerts/{id}/dismiss", post(boxed(dismiss)))
}

async fn alerts(
    State(cx): State<Context>,
    staff: Staff,
) -> Result<JsonAnswer<AlertList>, ApiError> {
    staff.require(Role::Supervisor)?;
    let items = cx.store.alerts().open(&staff.tenant).await?;
    Ok(JsonAnswer(AlertList { items }))
}

async fn dismiss(
    State(cx): State<Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Supervisor)?;
    let (author, now) = (staff.author(), cx.clock.now_ms());
    let dismissed = cx
        .store
        .alerts()
        .dismiss(&staff.tenant, &id, &author, now)
        .await?;
    dismissed
        .then_some(StatusCode::NO_CONTENT)
        .ok_or_else(ApiError::not_found)
}
