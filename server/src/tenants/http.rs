//! What the desk and the API both do with what a business says about itself, and
//! their routes.

mod desk;
mod setup;
mod v1;

use api::business::{AgentChoice, Business};
use serde_json::{from_value, to_value};

use super::{SettingsError, TenantSettings};
use crate::agents::Whose;
use crate::deeds::Author;
use crate::ground::Ground;
use crate::store::Tenant;
use crate::web::problem::{ApiError, body_invalid};
use crate::web::{Routes, Shared};
use crate::{accounts, people};
use axum::extract::FromRef;

/// The routes of this domain.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    accounts::Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Routes::new()
        .desk(desk::routes())
        .desk(setup::routes())
        .v1(v1::routes())
}

/// What the business says about itself.
pub(crate) async fn business(cx: &Ground, tenant: &Tenant) -> Result<Business, ApiError> {
    let settings = cx.store.tenant_settings(tenant).await?;
    let agents = cx.store.agents(tenant).await?;
    let (now, zone) = (cx.clock.now_ms(), settings.time_zone());
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
pub(crate) async fn save(
    cx: &Ground,
    tenant: &Tenant,
    author: &Author,
    said: Business,
) -> Result<Business, ApiError> {
    let settings = TenantSettings {
        name: said.name,
        timezone: said.timezone,
        languages: said.languages,
        default_agent_id: said.default_agent_id,
        hours: to_value(said.hours)
            .and_then(from_value)
            .map_err(|error| body_invalid(format!("{error}.")))?,
    }
    .checked()?;
    // Others than those it is shown would be a mistake, even in an account that
    // is all its own.
    if let Some(id) = &settings.default_agent_id
        && cx.store.whose_agent(tenant, id).await? != Whose::Ours
    {
        return Err(SettingsError::Agent.into());
    }
    let now = cx.clock.now_ms();
    cx.store
        .set_tenant_settings(tenant, &settings, author, now)
        .await?;
    business(cx, tenant).await
}
