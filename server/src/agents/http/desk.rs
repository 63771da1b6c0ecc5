//! The business's agents, for everybody at the desk, and its telephone numbers, for admins.

use api::desk::{AgentList, AgentVariables};
use api::routing::{NumberList, NumbersImported};
use axum::extract::{FromRef, State};
use axum::routing::{get, post};
use axum::{Json as JsonAnswer, Router};

use crate::accounts::{self, webhook_url};
use crate::agents::{numbers, variables};
use crate::people::http::Staff;
use crate::people::{self, Role};
use crate::web::address::Path;
use crate::web::problem::ApiError;
use crate::web::{Shared, boxed};

pub(super) fn routes<S: Shared>() -> Router<S>
where
    accounts::Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new()
        .route("/api/desk/agents", get(boxed(show_agents)))
        .route(
            "/api/desk/agents/{id}/variables",
            get(boxed(show_variables)),
        )
        .route("/api/desk/numbers", get(boxed(show_numbers)))
        .route("/api/desk/numbers/import", post(boxed(import_numbers)))
}

async fn show_agents(
    State(cx): State<accounts::Context>,
    staff: Staff,
) -> Result<JsonAnswer<AgentList>, ApiError> {
    Ok(JsonAnswer(AgentList {
        items: cx.store.agents().names(&staff.tenant).await?,
    }))
}

async fn show_variables(
    State(cx): State<accounts::Context>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<JsonAnswer<AgentVariables>, ApiError> {
    let agents = cx.store.agents();
    if !agents.whose(&staff.tenant, &id).await?.is_usable() {
        return Err(ApiError::not_found());
    }
    let account = cx.account(&staff.tenant).await?;
    Ok(JsonAnswer(AgentVariables {
        defaults: variables::defaults(&account.client, &id).await?,
    }))
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
