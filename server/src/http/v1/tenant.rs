//! The business itself.

use api::keys::ApiScope;
use api::problem::Problem;
use axum::Json as JsonAnswer;
use axum::extract::State;
use serde::Serialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::caller::ApiCaller;
use crate::http::problem::ApiError;
use crate::state::App;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show))
}

/// The business the key belongs to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TenantView {
    /// Which one.
    id: String,
    /// Its name.
    name: String,
    /// Its IANA time zone.
    timezone: String,
    /// The agent a call goes to when nothing else says.
    #[serde(skip_serializing_if = "Option::is_none")]
    default_agent_id: Option<String>,
    /// Whether it has a Retell account of its own.
    own_account: bool,
}

/// Gets the business
///
/// Scope `tenant:read`.
#[utoipa::path(get, path = "/api/v1/tenant", tag = "tenant",
    responses((status = 200, body = TenantView), (status = "default", body = Problem)))]
async fn show(
    State(app): State<App>,
    caller: ApiCaller,
) -> Result<JsonAnswer<TenantView>, ApiError> {
    caller.require(ApiScope::TenantRead)?;
    let tenant = &caller.tenant;
    Ok(JsonAnswer(TenantView {
        id: tenant.id().to_owned(),
        name: tenant.name().to_owned(),
        timezone: tenant.timezone().to_owned(),
        default_agent_id: app.store.default_agent(tenant).await?,
        own_account: app.account(tenant).await?.own,
    }))
}
