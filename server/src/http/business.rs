//! What the desk and the API both do with what a business says about itself.

use api::business::{AgentChoice, Business};
use serde_json::{from_value, to_value};

use super::problem::{ApiError, body_invalid};
use crate::audit::Author;
use crate::state::App;
use crate::store::Tenant;
use crate::tenants::TenantSettings;

/// What the business says about itself.
pub(super) async fn business(app: &App, tenant: &Tenant) -> Result<Business, ApiError> {
    let settings = app.store.tenant_settings(tenant).await?;
    let agents = app.store.agents(tenant).await?;
    let (now, zone) = (app.clock.now_ms(), settings.time_zone());
    let hours = to_value(&settings.hours).and_then(from_value);
    Ok(Business {
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
    })
}

/// Keeps what the business says about itself, and returns it as it is kept.
pub(super) async fn save(
    app: &App,
    tenant: &Tenant,
    author: &Author,
    said: Business,
) -> Result<Business, ApiError> {
    let agents = app.store.agents(tenant).await?;
    let settings = TenantSettings {
        name: said.name,
        timezone: said.timezone,
        languages: said.languages,
        default_agent_id: said.default_agent_id,
        hours: to_value(said.hours)
            .and_then(from_value)
            .map_err(|error| body_invalid(format!("{error}.")))?,
    }
    .checked(&agents)?;
    let now = app.clock.now_ms();
    app.store
        .set_tenant_settings(tenant, &settings, author, now)
        .await?;
    business(app, tenant).await
}
