//! Asking Retell for the calls of a time, for admins.

use api::inbox::{ImportList, StartImport};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};

use crate::accounts::webhook_url;
use crate::calls::{Context, import};
use crate::people::http::staff::Staff;
use crate::people::{self, Role};
use crate::store::Tenant;
use crate::web::json::Json;
use crate::web::problem::{ApiError, body_invalid};
use crate::web::{Shared, boxed};

/// How many runs are shown.
const IMPORTS: u32 = 20;

pub(super) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Router::new().route(
        "/api/desk/imports",
        get(boxed(imports)).post(boxed(start_import)),
    )
}

async fn imports(
    State(cx): State<Context>,
    staff: Staff,
) -> Result<JsonAnswer<ImportList>, ApiError> {
    staff.require(Role::Admin)?;
    Ok(JsonAnswer(import_list(&cx, &staff.tenant).await?))
}

async fn import_list(cx: &Context, tenant: &Tenant) -> Result<ImportList, ApiError> {
    Ok(ImportList {
        items: cx.store.imports().list(tenant, IMPORTS).await?,
        webhook_url: webhook_url(cx, tenant),
    })
}

async fn start_import(
    State(cx): State<Context>,
    staff: Staff,
    Json(start): Json<StartImport>,
) -> Result<(StatusCode, JsonAnswer<ImportList>), ApiError> {
    staff.require(Role::Admin)?;
    if let (Some(from), Some(to)) = (start.from, start.to)
        && from >= to
    {
        return Err(body_invalid("The time has to begin before it ends."));
    }
    let name = Some(staff.user.name.clone());
    let range = (start.from, start.to);
    import::begin(&cx, &staff.tenant, "desk", name, range).await?;
    let list = import_list(&cx, &staff.tenant).await?;
    Ok((StatusCode::ACCEPTED, JsonAnswer(list)))
}
