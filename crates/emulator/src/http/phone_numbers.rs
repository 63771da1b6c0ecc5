//! Phone numbers (retell-protocol H4).

use axum::extract::State;
use axum::routing::{delete, get, patch, post};
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::app::App;

use super::body::{Body, Paging, Path, Query, page};
use super::error::ApiError;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/v2/list-phone-numbers", get(list))
        .route("/get-phone-number/{number}", get(one))
        .route("/create-phone-number", post(create))
        .route("/update-phone-number/{number}", patch(update))
        .route("/delete-phone-number/{number}", delete(remove))
}

async fn list(State(app): State<App>, Query(paging): Query<Paging>) -> Json<Value> {
    let numbers = app.phone_numbers();
    let rows = numbers.iter().map(|fields| {
        let id = fields
            .get("phone_number")
            .and_then(Value::as_str)
            .unwrap_or_default();
        (id.to_owned(), Value::Object(fields.clone()))
    });
    Json(page(rows.collect(), &paging))
}

async fn one(State(app): State<App>, Path(number): Path<String>) -> Result<Json<Value>, ApiError> {
    let numbers = app.phone_numbers();
    let found = numbers.get(&number).cloned();
    found
        .map(|fields| Json(Value::Object(fields)))
        .ok_or_else(unknown)
}

/// "Buys" a number: one that is made up of the area code and a count.
async fn create(
    State(app): State<App>,
    Body(mut fields): Body<Map<String, Value>>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let area = fields.remove("area_code").unwrap_or(json!(415));
    let area = area.as_u64().filter(|area| (200..=999).contains(area));
    let area = area.ok_or_else(|| ApiError::bad_request("area_code is not valid".to_owned()))?;
    let now_ms = app.clock.now_ms();
    let mut numbers = app.phone_numbers();
    if !fields.contains_key("phone_number") {
        // 555-01xx belongs to nobody.
        let free = (100..200)
            .map(|line| format!("+1{area}5550{line}"))
            .find(|number| numbers.get(number).is_none());
        let free = free.ok_or_else(|| ApiError::bad_request("no number is left".to_owned()))?;
        fields.insert("phone_number".to_owned(), free.into());
    }
    fields.insert("phone_number_type".to_owned(), "retell-twilio".into());
    fields.insert("last_modification_timestamp".to_owned(), now_ms.into());
    if !numbers.add(fields.clone()) {
        return Err(ApiError::bad_request(
            "phone_number is not a text".to_owned(),
        ));
    }
    Ok((StatusCode::CREATED, Json(Value::Object(fields))))
}

async fn update(
    State(app): State<App>,
    Path(number): Path<String>,
    Body(changes): Body<Map<String, Value>>,
) -> Result<Json<Value>, ApiError> {
    let now_ms = app.clock.now_ms();
    let mut numbers = app.phone_numbers();
    let mut fields = numbers.get(&number).cloned().ok_or_else(unknown)?;
    fields.extend(changes);
    fields.insert("phone_number".to_owned(), number.into());
    fields.insert("last_modification_timestamp".to_owned(), now_ms.into());
    numbers.add(fields.clone());
    Ok(Json(Value::Object(fields)))
}

async fn remove(
    State(app): State<App>,
    Path(number): Path<String>,
) -> Result<StatusCode, ApiError> {
    if app.phone_numbers().remove(&number) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(unknown())
    }
}

fn unknown() -> ApiError {
    ApiError::unprocessable("Phone number not found")
}
