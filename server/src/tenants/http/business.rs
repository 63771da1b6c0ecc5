//! What the business says about itself, for admins and for programs.

use api::business::{AgentChoice, Business, Hours};
use api::keys::ApiScope;
use api::problem::Problem;
use axum::extract::{FromRef, State};
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};
use serde::Deserialize;
use serde_json::{from_value, to_value};
use utoipa_axum::router::OpenApiRouter;

use crate::agents::Whose;
use crate::deeds::Author;
use crate::ground::Ground;
use crate::people::http::{Actor, Staff};
use crate::people::{self, Role};
use crate::store::Tenant;
use crate::tenants::store::REVISED;
use crate::tenants::{SettingsError, TenantSettings};
use crate::web::address::Query;
use crate::web::json::Json;
use crate::web::problem::{ApiError, body_invalid};
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new().route("/api/desk/business", get(boxed(show)).put(boxed(replace)));
    let v1 = OpenApiRouter::new().routes(routes!(show, change));
    Routes::new().desk(desk).v1(v1)
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
    responses((status = 200, body = Business), (status = "default", body = Problem)))]
async fn show(State(cx): State<Ground>, actor: Actor) -> Result<JsonAnswer<Business>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantRead)?;
    Ok(JsonAnswer(business(&cx, &actor.tenant).await?))
}

/// Changes the business
///
/// What is left out stays. Scope `tenant:write`.
#[utoipa::path(patch, path = "/api/v1/tenant", tag = "tenant", request_body = ChangeTenant,
    responses((status = 200, body = Business), (status = "default", body = Problem)))]
async fn change(
    State(cx): State<Ground>,
    actor: Actor,
    Json(change): Json<ChangeTenant>,
) -> Result<JsonAnswer<Business>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let before = business(&cx, &actor.tenant).await?;
    // What is left out stays as somebody else may be changing it.
    let read = Some(before.revision);
    let changed = change.apply(before);
    let kept = save(&cx, &actor.tenant, &actor.author, changed, read).await?;
    Ok(JsonAnswer(kept))
}

/// Says all of it anew, as the desk does: what is left out is no more.
async fn replace(
    State(cx): State<Ground>,
    staff: Staff,
    Query(read): Query<Revised>,
    Json(said): Json<Business>,
) -> Result<JsonAnswer<Business>, ApiError> {
    staff.require(Role::Admin)?;
    let kept = save(&cx, &staff.tenant, &staff.author(), said, read.revision).await?;
    Ok(JsonAnswer(kept))
}

/// What the business says about itself.
async fn business(cx: &Ground, tenant: &Tenant) -> Result<Business, ApiError> {
    // The revision first: what is newer than it is only asked about once more.
    let revision = cx.store.revisions().current(tenant, REVISED).await?;
    let settings = cx.store.tenants().settings(tenant).await?;
    let agents = cx.store.agents().list(tenant).await?;
    let (now, zone) = (cx.clock.now_ms(), settings.time_zone());
    let hours = to_value(&settings.hours).and_then(from_value);
    Ok(Business {
        revision,
        id: tenant.id().to_owned(),
        own_account: cx
            .store
            .account_keys()
            .sealed(tenant)
            .await?
            .retell_key
            .is_some(),
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

/// Keeps what the business says about itself, a change of the revision `read`, and returns it
/// as it is kept.
async fn save(
    cx: &Ground,
    tenant: &Tenant,
    author: &Author,
    said: Business,
    read: Option<i64>,
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
        && cx.store.agents().whose(tenant, id).await? != Whose::Ours
    {
        return Err(SettingsError::Agent.into());
    }
    let now = cx.clock.now_ms();
    cx.store
        .tenants()
        .set_settings(tenant, &settings, read, author, now)
        .await?;
    business(cx, tenant).await
}
