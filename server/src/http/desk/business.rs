//! What the business says about itself, for admins.

use api::business::{AgentChoice, Business};
use axum::extract::State;
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};
use serde_json::{from_value, to_value};

use crate::http::json::Json;
use crate::http::problem::{ApiError, body_invalid};
use crate::http::staff::Staff;
use crate::staff::Role;
use crate::state::App;
use crate::store::Tenant;
use crate::tenants::TenantSettings;

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/desk/business", get(show).put(change))
}

async fn show(State(app): State<App>, staff: Staff) -> Result<JsonAnswer<Business>, ApiError> {
    staff.require(Role::Admin)?;
    business(&app, &staff.tenant).await
}

async fn change(
    State(app): State<App>,
    staff: Staff,
    Json(business): Json<Business>,
) -> Result<JsonAnswer<Business>, ApiError> {
    staff.require(Role::Admin)?;
    let agents = app.store.agents(&staff.tenant).await?;
    let settings = TenantSettings {
        name: business.name,
        timezone: business.timezone,
        languages: business.languages,
        default_agent_id: business.default_agent_id,
        hours: to_value(business.hours)
            .and_then(from_value)
            .map_err(|error| body_invalid(format!("{error}.")))?,
    }
    .checked(&agents)?;
    let now = app.clock.now_ms();
    app.store
        .set_tenant_settings(&staff.tenant, &settings, &staff.author(), now)
        .await?;
    self::business(&app, &staff.tenant).await
}

async fn business(app: &App, tenant: &Tenant) -> Result<JsonAnswer<Business>, ApiError> {
    let settings = app.store.tenant_settings(tenant).await?;
    let agents = app.store.agents(tenant).await?;
    let (now, zone) = (app.clock.now_ms(), settings.time_zone());
    let hours = to_value(&settings.hours).and_then(from_value);
    Ok(JsonAnswer(Business {
        open_now: settings.hours.is_open(now, &zone),
        opens_at: settings.hours.next_opening(now, &zone),
        name: settings.name,
        timezone: settings.timezone,
        languages: settings.languages,
        default_agent_id: settings.default_agent_id,
        hours: hours.map_err(|error| {
            tracing::error!(%error, "business hours cannot be shown");
            ApiError::internal()
        })?,
        agents: agents
            .into_iter()
            .map(|agent| AgentChoice {
                id: agent.id,
                name: agent.name,
            })
            .collect(),
    }))
}
