//! The business itself.

use api::business::{Business, Hours};
use api::keys::ApiScope;
use api::problem::Problem;
use axum::Json as JsonAnswer;
use axum::extract::{FromRef, State};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{business, save};
use crate::accounts;
use crate::web::Shared;
use crate::web::caller::ApiCaller;
use crate::web::json::Json;
use crate::web::problem::ApiError;

pub(crate) fn routes<S: Shared>() -> OpenApiRouter<S>
where
    accounts::Context: FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(show, change))
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
    /// IETF language tags, the first is the default.
    languages: Vec<String>,
    /// The agent a call goes to when nothing else says.
    #[serde(skip_serializing_if = "Option::is_none")]
    default_agent_id: Option<String>,
    /// When it is open, in its time zone.
    hours: Hours,
    /// Whether it is open now.
    open_now: bool,
    /// When it opens next (Unix ms).
    #[serde(skip_serializing_if = "Option::is_none")]
    opens_at: Option<i64>,
    /// Whether it has a Retell account of its own.
    own_account: bool,
}

/// What is to be another about the business; what is left out stays.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
struct ChangeTenant {
    /// Its name.
    name: Option<String>,
    /// Its IANA time zone.
    timezone: Option<String>,
    /// IETF language tags, the first is the default.
    languages: Option<Vec<String>>,
    /// The agent a call goes to when nothing else says; empty for none.
    default_agent_id: Option<String>,
    /// When it is open, in its time zone.
    hours: Option<Hours>,
}

impl ChangeTenant {
    fn apply(self, to: Business) -> Business {
        Business {
            name: self.name.unwrap_or(to.name),
            timezone: self.timezone.unwrap_or(to.timezone),
            languages: self.languages.unwrap_or(to.languages),
            default_agent_id: self.default_agent_id.or(to.default_agent_id),
            hours: self.hours.unwrap_or(to.hours),
            ..to
        }
    }
}

/// Gets the business
///
/// Scope `tenant:read`.
#[utoipa::path(get, path = "/api/v1/tenant", tag = "tenant",
    responses((status = 200, body = TenantView), (status = "default", body = Problem)))]
async fn show(
    State(cx): State<accounts::Context>,
    caller: ApiCaller,
) -> Result<JsonAnswer<TenantView>, ApiError> {
    caller.require(ApiScope::TenantRead)?;
    view(&cx, &caller, business(&cx, &caller.tenant).await?).await
}

/// Changes the business
///
/// What is left out stays. Scope `tenant:write`.
#[utoipa::path(patch, path = "/api/v1/tenant", tag = "tenant", request_body = ChangeTenant,
    responses((status = 200, body = TenantView), (status = "default", body = Problem)))]
async fn change(
    State(cx): State<accounts::Context>,
    caller: ApiCaller,
    Json(change): Json<ChangeTenant>,
) -> Result<JsonAnswer<TenantView>, ApiError> {
    caller.require(ApiScope::TenantWrite)?;
    let changed = change.apply(business(&cx, &caller.tenant).await?);
    let kept = save(&cx, &caller.tenant, &caller.author(), changed).await?;
    view(&cx, &caller, kept).await
}

async fn view(
    cx: &accounts::Context,
    caller: &ApiCaller,
    said: Business,
) -> Result<JsonAnswer<TenantView>, ApiError> {
    Ok(JsonAnswer(TenantView {
        id: caller.tenant.id().to_owned(),
        name: said.name,
        timezone: said.timezone,
        languages: said.languages,
        default_agent_id: said.default_agent_id,
        hours: said.hours,
        open_now: said.open_now,
        opens_at: said.opens_at,
        own_account: cx.account(&caller.tenant).await?.own,
    }))
}
