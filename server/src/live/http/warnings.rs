//! The rules by which people are warned during calls, for admins and for programs.

use api::keys::ApiScope;
use api::problem::{Problem, slug};
use api::warnings::{WarningRule, WarningRuleDetails, WarningRuleList};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, put};
use axum::{Json as JsonAnswer, Router};
use utoipa_axum::router::OpenApiRouter;

use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::listed::Listed;
use crate::live::warnings::checked;
use crate::people::http::Actor;
use crate::people::{self, Role};
use crate::store::Tenant;
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed, routes};

pub(super) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    let desk = Router::new()
        .route("/api/desk/warning-rules", get(boxed(list)).post(boxed(add)))
        .route(
            "/api/desk/warning-rules/{id}",
            put(boxed(change)).delete(boxed(remove)),
        );
    let v1 = OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(change, remove));
    Routes::new().desk(desk).v1(v1)
}

/// Lists what people are warned of during calls
///
/// In the order the rules were added. Scope `tenant:read`.
#[utoipa::path(get, path = "/api/v1/warning-rules", tag = "warning rules",
    responses((status = 200, body = WarningRuleList), (status = "default", body = Problem)))]
async fn list(
    State(cx): State<Ground>,
    actor: Actor,
) -> Result<JsonAnswer<WarningRuleList>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantRead)?;
    let tenant = &actor.tenant;
    let revisions = cx.store.revisions();
    let revisions = revisions.of_kind(tenant, WarningRuleDetails::KIND).await?;
    let all = cx.store.lists().all(tenant).await?.into_iter();
    let items = all.map(|(id, details)| WarningRule {
        revision: revisions.of(&id),
        id,
        details,
    });
    Ok(JsonAnswer(WarningRuleList {
        items: items.collect(),
        agents: cx.store.agents().names(tenant).await?,
    }))
}

/// Adds a rule
///
/// It is for calls that begin from then on. A business has at most 20. Scope `tenant:write`.
#[utoipa::path(post, path = "/api/v1/warning-rules", tag = "warning rules",
    request_body = WarningRuleDetails,
    responses((status = 201, body = WarningRule), (status = "default", body = Problem)))]
async fn add(
    State(cx): State<Ground>,
    actor: Actor,
    Json(details): Json<WarningRuleDetails>,
) -> Result<(StatusCode, JsonAnswer<WarningRule>), ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let (tenant, author) = (&actor.tenant, &actor.author);
    let details = of_the_business(&cx, tenant, checked(details)?).await?;
    let lists = cx.store.lists();
    if lists.all::<WarningRuleDetails>(tenant).await?.len() >= WarningRuleDetails::MOST {
        return Err(Invalid::because("a business has at most 20 rules.").into());
    }
    let id = lists
        .add(tenant, &details, author, cx.clock.now_ms())
        .await?;
    let added = WarningRule {
        id,
        details,
        revision: 0,
    };
    Ok((StatusCode::CREATED, JsonAnswer(added)))
}

/// Replaces a rule
///
/// For calls that begin from then on. Scope `tenant:write`.
#[utoipa::path(put, path = "/api/v1/warning-rules/{id}", tag = "warning rules",
    params(("id" = String, Path), Revised), request_body = WarningRuleDetails,
    responses((status = 200, body = WarningRule), (status = "default", body = Problem)))]
async fn change(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
    Query(read): Query<Revised>,
    Json(details): Json<WarningRuleDetails>,
) -> Result<JsonAnswer<WarningRule>, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let (tenant, author) = (&actor.tenant, &actor.author);
    let details = of_the_business(&cx, tenant, checked(details)?).await?;
    let now = cx.clock.now_ms();
    let changed = cx
        .store
        .lists()
        .change(tenant, &id, &details, read.revision, author, now)
        .await?;
    let revision = changed.ok_or_else(unknown)?;
    Ok(JsonAnswer(WarningRule {
        id,
        details,
        revision,
    }))
}

/// Removes a rule
///
/// What it warned of stays with its calls. Scope `tenant:write`.
#[utoipa::path(delete, path = "/api/v1/warning-rules/{id}", tag = "warning rules",
    params(("id" = String, Path)),
    responses((status = 204), (status = "default", body = Problem)))]
async fn remove(
    State(cx): State<Ground>,
    actor: Actor,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    actor.require(Role::Admin, ApiScope::TenantWrite)?;
    let now = cx.clock.now_ms();
    let removed = cx
        .store
        .lists()
        .remove::<WarningRuleDetails>(&actor.tenant, &id, &actor.author, now)
        .await?;
    removed
        .then_some(StatusCode::NO_CONTENT)
        .ok_or_else(unknown)
}

/// The rule, if it names none but the business's own agents.
async fn of_the_business(
    cx: &Ground,
    tenant: &Tenant,
    mut details: WarningRuleDetails,
) -> Result<WarningRuleDetails, ApiError> {
    details.agents.sort_unstable();
    details.agents.dedup();
    let own = match details.agents.is_empty() {
        true => Vec::new(),
        false => cx.store.agents().names(tenant).await?,
    };
    let is_own = |id: &String| own.iter().any(|agent| agent.id == *id);
    if details.agents.iter().all(is_own) {
        return Ok(details);
    }
    Err(ApiError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        slug::AGENT_UNKNOWN,
        "There is no such agent.",
    )
    .detail("The rule names an agent that is none of this business's."))
}

fn unknown() -> ApiError {
    ApiError::not_found().detail("There is no such rule.")
}
