//! The business's telephone numbers, for admins.

use api::routing::{NumberList, NumbersImported};
use axum::extract::{FromRef, State};
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};

use crate::accounts::{self, webhook_url};
use crate::agents::numbers;
use crate::people::http::Staff;
use crate::people::{self, Role};
use crate::web::Shared;
use crate::web::problem::ApiError;

pub(super) fn routes<S: Shared>() -> Router<S>
where
    accounts::Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new()
        .route("/api/desk/numbers", get(show_numbers))
        .route("/api/desk/numbers/import", post(import_numbers))
}

async fn show_numbers(
    State(cx): State<accounts::Context>,
    staff: Staff,
) -> Result<JsonAnswer<NumberList>, ApiError> {
    staff.require(Role::Admin)?;
    Ok(JsonAnswer(NumberList {
        items: cx.store.numbers().list(&staff.tenant).await?,
        webhook_url: webhook_url(&cx, &staff.tenant),
    }))
}

async fn import_numbers(
    State(cx): State<accounts::Context>,
    staff: Staff,
) -> Result<JsonAnswer<NumbersImported>, ApiError> {
    staff.require(Role::Admin)?;
    let imported = numbers::import(&cx, &staff.tenant, &staff.author()).await?;
    Ok(JsonAnswer(imported))
}
