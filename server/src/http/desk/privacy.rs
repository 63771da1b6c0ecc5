//! What the business keeps about people, for admins.

use api::privacy::{ErasePerson, Erased, PersonFound, Retention, WhichPerson};
use api::problem::slug;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};

use crate::http::json::Json;
use crate::http::lasting;
use crate::http::problem::{ApiError, body_invalid};
use crate::http::staff::Staff;
use crate::privacy::retention::MAX_DAYS;
use crate::privacy::{self, EraseError, NotAPerson, Person};
use crate::staff::Role;
use crate::state::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/api/desk/privacy/retention", get(retention).put(retain))
        .route("/api/desk/privacy/person", post(find))
        .route("/api/desk/privacy/export", post(export))
        .route("/api/desk/privacy/erase", post(erase))
}

async fn retention(
    State(app): State<App>,
    staff: Staff,
) -> Result<JsonAnswer<Retention>, ApiError> {
    staff.require(Role::Admin)?;
    Ok(JsonAnswer(app.store.retention(&staff.tenant).await?))
}

async fn retain(
    State(app): State<App>,
    staff: Staff,
    Json(retention): Json<Retention>,
) -> Result<JsonAnswer<Retention>, ApiError> {
    staff.require(Role::Admin)?;
    let all = [
        retention.transcripts_days,
        retention.recordings_days,
        retention.calls_days,
        retention.webhooks_days,
        retention.audit_days,
    ];
    if all
        .into_iter()
        .flatten()
        .any(|days| !(1..=MAX_DAYS).contains(&days))
    {
        return Err(body_invalid(format!("Days are from 1 to {MAX_DAYS}.")));
    }
    let now = app.clock.now_ms();
    app.store
        .set_retention(&staff.tenant, &retention, &staff.author(), now)
        .await?;
    Ok(JsonAnswer(retention))
}

async fn find(
    State(app): State<App>,
    staff: Staff,
    Json(which): Json<WhichPerson>,
) -> Result<JsonAnswer<PersonFound>, ApiError> {
    staff.require(Role::Admin)?;
    let person = Person::parse(&which.person)?;
    let found = privacy::find(&app.store, &staff.tenant, &person).await?;
    Ok(JsonAnswer(found))
}

async fn export(
    State(app): State<App>,
    staff: Staff,
    Json(which): Json<WhichPerson>,
) -> Result<Response, ApiError> {
    staff.require(Role::Admin)?;
    let person = Person::parse(&which.person)?;
    let now = app.clock.now_ms();
    let author = staff.author();
    let everything = privacy::export(&app.store, &staff.tenant, &person, &author, now).await?;
    let mut answer = JsonAnswer(everything).into_response();
    answer.headers_mut().insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"person.json\""),
    );
    answer
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

async fn erase(
    State(app): State<App>,
    staff: Staff,
    Json(erase): Json<ErasePerson>,
) -> Result<JsonAnswer<Erased>, ApiError> {
    staff.require(Role::Admin)?;
    let person = Person::parse(&erase.person)?;
    if erase.confirm.trim() != person.as_str() {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            slug::CONFIRMATION_WRONG,
            "What was typed is not the person's number or address.",
        ));
    }
    let account = match erase.at_retell {
        true => Some(app.account(&staff.tenant).await?),
        false => None,
    };
    let (author, now) = (staff.author(), app.clock.now_ms());
    let erased = lasting::to_the_end(async move {
        let retell = account.as_deref().map(|account| &account.client);
        privacy::erase(&app.store, &staff.tenant, &person, retell, &author, now).await
    })
    .await?;
    Ok(JsonAnswer(erased))
}

impl From<NotAPerson> for ApiError {
    fn from(error: NotAPerson) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            slug::PERSON_INVALID,
            "That names nobody.",
        )
        .detail(format!("{error}."))
    }
}

impl From<EraseError> for ApiError {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::LastAdmin => Self::new(
                StatusCode::CONFLICT,
                slug::LAST_ADMIN,
                "This is the business's last admin.",
            )
            .detail("Make somebody else an admin first."),
            EraseError::Store(error) => error.into(),
        }
    }
}
