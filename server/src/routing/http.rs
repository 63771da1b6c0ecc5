//! Routing rules, for admins; where calls are transferred to, for programs as well.

mod destinations;

use api::problem::slug;
use api::routing::{RouteAnswer, RouteQuestion, Rule, RuleAction, RuleBody, RuleList, RuleOrder};
use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json as JsonAnswer, Router};
use uuid::Uuid;

use super::rules;
use super::store::RULE;
use crate::ground::Ground;
use crate::people::http::staff::Staff;
use crate::people::{self, Role};
use crate::phone::E164;
use crate::routing::{self, RoutingError};
use crate::store::Tenant;
use crate::web::address::{Path, Query};
use crate::web::json::Json;
use crate::web::problem::{ApiError, body_invalid};
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed};

pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    let routes = Router::new()
        .route("/api/desk/routing-rules", get(boxed(list)).post(boxed(add)))
        .route("/api/desk/routing-rules/order", put(boxed(order)))
        .route("/api/desk/routing-rules/test", post(boxed(test)))
        .route(
            "/api/desk/routing-rules/{id}",
            put(boxed(change)).delete(boxed(remove)),
        );
    Routes::new().desk(routes).and(destinations::routes())
}

async fn list(State(cx): State<Ground>, staff: Staff) -> Result<JsonAnswer<RuleList>, ApiError> {
    staff.require(Role::Admin)?;
    let revisions = cx.store.revisions().of_kind(&staff.tenant, RULE).await?;
    let mut items = cx.store.routing_rules().list(&staff.tenant).await?;
    for rule in &mut items {
        rule.revision = revisions.of(&rule.id);
    }
    Ok(JsonAnswer(RuleList {
        items,
        agents: cx.store.agents().names(&staff.tenant).await?,
    }))
}

async fn add(
    State(cx): State<Ground>,
    staff: Staff,
    Json(body): Json<RuleBody>,
) -> Result<(StatusCode, JsonAnswer<Rule>), ApiError> {
    staff.require(Role::Admin)?;
    let rule = Rule {
        id: Uuid::now_v7().to_string(),
        body: checked(&cx, &staff.tenant, body).await?,
        revision: 0,
    };
    let (author, now) = (staff.author(), cx.clock.now_ms());
    cx.store
        .routing_rules()
        .add(&staff.tenant, &rule, &author, now)
        .await?;
    Ok((StatusCode::CREATED, JsonAnswer(rule)))
}

async fn change(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
    Query(read): Query<Revised>,
    Json(body): Json<RuleBody>,
) -> Result<JsonAnswer<Rule>, ApiError> {
    staff.require(Role::Admin)?;
    let mut rule = Rule {
        id,
        body: checked(&cx, &staff.tenant, body).await?,
        revision: 0,
    };
    let (author, now) = (staff.author(), cx.clock.now_ms());
    let changed = cx
        .store
        .routing_rules()
        .change(&staff.tenant, &rule, read.revision, &author, now)
        .await?;
    rule.revision = changed.ok_or_else(ApiError::not_found)?;
    Ok(JsonAnswer(rule))
}

async fn remove(
    State(cx): State<Ground>,
    staff: Staff,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Admin)?;
    let (author, now) = (staff.author(), cx.clock.now_ms());
    let removed = cx
        .store
        .routing_rules()
        .remove(&staff.tenant, &id, &author, now)
        .await?;
    if removed {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::not_found())
    }
}

async fn order(
    State(cx): State<Ground>,
    staff: Staff,
    Json(order): Json<RuleOrder>,
) -> Result<StatusCode, ApiError> {
    staff.require(Role::Admin)?;
    let (author, now) = (staff.author(), cx.clock.now_ms());
    let ordered = cx
        .store
        .routing_rules()
        .order(&staff.tenant, &order.ids, &author, now)
        .await?;
    if ordered {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(ApiError::new(
        StatusCode::CONFLICT,
        slug::RULES_CHANGED,
        "The rules were changed meanwhile.",
    )
    .detail("Load them again; somebody else added or removed one."))
}

async fn test(
    State(cx): State<Ground>,
    staff: Staff,
    Json(question): Json<RouteQuestion>,
) -> Result<JsonAnswer<RouteAnswer>, ApiError> {
    staff.require(Role::Admin)?;
    let from = question.from_number.trim();
    for (field, number) in [("from_number", from), ("to_number", &question.to_number)] {
        let is_withheld = field == "from_number" && number.is_empty();
        if !is_withheld && E164::parse(number).is_err() {
            let wrong = "Numbers are given in international form, such as +49 30 901820.";
            return Err(body_invalid(wrong).field(field));
        }
    }
    let route = routing::route(&cx, &staff.tenant, from, &question.to_number).await?;
    Ok(JsonAnswer(route.explain()))
}

/// A rule that can be kept, its numbers as E.164.
async fn checked(cx: &Ground, tenant: &Tenant, mut body: RuleBody) -> Result<RuleBody, ApiError> {
    if let Some((field, fault)) = rules::fault(&body) {
        return Err(body_invalid(fault).field(field));
    }
    if let RuleAction::Agent {
        agent_id: Some(id), ..
    } = &body.action
        && !cx.store.agents().whose(tenant, id).await?.is_usable()
    {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            slug::AGENT_UNKNOWN,
            "There is no such agent.",
        )
        .detail("The rule names none of this business's agents.")
        .field("action.agent_id"));
    }
    if let Some(number) = &body.number {
        let number = E164::parse(number)
            .map_err(|error| body_invalid(format!("{error}.")).field("number"))?;
        body.number = Some(number.to_string());
    }
    body.name = body.name.trim().to_owned();
    body.countries
        .iter_mut()
        .for_each(|code| code.make_ascii_uppercase());
    Ok(body)
}

impl From<RoutingError> for ApiError {
    fn from(error: RoutingError) -> Self {
        match error {
            RoutingError::Store(error) => error.into(),
        }
    }
}
