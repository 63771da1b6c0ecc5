//! Who of the staff takes calls.

use api::availability::{Availability, Colleagues, SayAvailability};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json as JsonAnswer, Router};

use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::people;
use crate::people::http::{Staff, Unattended};
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

pub(super) fn routes<S: Shared>() -> Router<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new()
        .route("/api/desk/availability", get(boxed(colleagues)))
        .route("/api/desk/me/availability", put(boxed(say)))
        .route("/api/desk/me/here", post(boxed(here)))
}

async fn colleagues(
    State(cx): State<Ground>,
    staff: Staff,
) -> Result<JsonAnswer<Colleagues>, ApiError> {
    let all = cx.store.availability_of_staff();
    let items = all.colleagues(&staff.tenant, cx.clock.now_ms()).await?;
    Ok(JsonAnswer(Colleagues { items }))
}

async fn say(
    State(cx): State<Ground>,
    staff: Staff,
    Json(SayAvailability { availability }): Json<SayAvailability>,
) -> Result<StatusCode, ApiError> {
    if availability == Availability::Unknown {
        let wrong = "availability is ready, busy or away.";
        return Err(Invalid::of("availability", wrong).into());
    }
    let (of_staff, now) = (cx.store.availability_of_staff(), cx.clock.now_ms());
    of_staff
        .say(&staff.tenant, &staff.user.id, availability, now)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A desk that nobody looks at lets go of its stream, and says only this.
async fn here(
    State(cx): State<Ground>,
    Unattended(staff): Unattended,
) -> Result<StatusCode, ApiError> {
    let (of_staff, now) = (cx.store.availability_of_staff(), cx.clock.now_ms());
    of_staff.seen(&staff.tenant, &[staff.user.id], now).await?;
    Ok(StatusCode::NO_CONTENT)
}
