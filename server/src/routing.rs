//! Who answers an inbound call: the business's rules, and what is known of the
//! caller; and who is there when a caller wants a person. The decisions themselves
//! ([`rules`], [`destinations`]) are pure.

mod caller;
pub mod destinations;
pub(crate) mod http;
pub mod rules;
mod store;

use std::collections::BTreeMap;

use api::routing::{AgentName, RouteAnswer};
use axum::extract::FromRef;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde_json::{Map, Value, json};

use crate::calls::{self, METADATA_RULE, METADATA_TENANT};
use crate::domain::Domain;
use crate::ground::Ground;
use crate::people;
use crate::phone::{self, E164};
use crate::store::{StoreError, Tenant};
use crate::web::Shared;

pub use caller::{History, KnownCaller};
pub use rules::Contact;
use rules::{Decision, Situation};
pub use store::{Routing, RoutingRules};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &[
            "destination.added",
            "destination.changed",
            "destination.removed",
            "routing_rule.added",
            "routing_rule.changed",
            "routing_rule.removed",
            "routing_rules.ordered",
        ],
        ..Domain::new("routing", http::routes)
    }
}

/// Why a call could not be routed.
#[derive(Debug, thiserror::Error)]
pub enum RoutingError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where a call goes, and what that was decided from.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// What the rules say.
    pub decision: Decision,
    /// What they were told.
    pub situation: Situation,
    /// Who answers when no rule names an agent and the number has none at
    /// Retell.
    pub default_agent: Option<String>,
    /// What the rules and the agents are.
    pub routing: Routing,
}

/// Decides where a call of this moment goes.
pub async fn route(
    cx: &Ground,
    tenant: &Tenant,
    from_number: &str,
    to_number: &str,
) -> Result<Route, RoutingError> {
    let from = calls::caller::number(from_number).and_then(|number| E164::parse(number).ok());
    // What is no number of ours is compared as it came.
    let to = phone::canonical(to_number);
    let routing = cx.store.routing_rules().routing(tenant, &to).await?;
    let contact = match &from {
        Some(from) => caller::look_up(cx, tenant, from).await?,
        None => None,
    };
    let contact = contact.map_or(Contact::Unknown, Contact::Known);
    let now = now(cx, tenant);
    let mut situation = situation(tenant, &routing, from.as_ref(), to, contact, &now);
    if let Some(from) = &from {
        situation.history = caller::history(cx, tenant, from, &situation.language, &now).await?;
    }
    if routing.rules.iter().any(|it| it.body.calls_from.is_some()) {
        situation.live_calls = cx.store.calls().count_live(tenant).await?;
    }
    let mut decision = rules::decide(&routing.rules, &situation);
    if let Decision::Agent { agent_id, .. } = &mut decision {
        *agent_id = usable(cx, tenant, &routing.agents, agent_id.take()).await?;
    }
    let default_agent = usable(cx, tenant, &routing.agents, routing.default_agent.clone()).await?;
    Ok(Route {
        decision,
        situation,
        default_agent,
        routing,
    })
}

/// The same while the database cannot be asked, from what was decided from when this number
/// was called last, and what is remembered of the caller. How many calls go on is not known then.
pub fn route_from_memory(
    cx: &Ground,
    tenant: &Tenant,
    routing: &Routing,
    from_number: &str,
    to_number: &str,
    contact: Contact,
) -> Route {
    let from = calls::caller::number(from_number).and_then(|number| E164::parse(number).ok());
    let to = phone::canonical(to_number);
    let now = now(cx, tenant);
    let situation = situation(tenant, routing, from.as_ref(), to, contact, &now);
    Route {
        decision: rules::decide(&routing.rules, &situation),
        situation,
        default_agent: routing.default_agent.clone(),
        routing: routing.clone(),
    }
}

/// What a business's clocks show.
fn now(cx: &Ground, tenant: &Tenant) -> Zoned {
    let tz = TimeZone::get(tenant.timezone()).unwrap_or(TimeZone::UTC);
    Timestamp::from_millisecond(cx.clock.now_ms())
        .unwrap_or_default()
        .to_zoned(tz)
}

/// What is known of a call without asking for what was before it.
fn situation(
    tenant: &Tenant,
    routing: &Routing,
    from: Option<&E164>,
    to: String,
    contact: Contact,
    now: &Zoned,
) -> Situation {
    let language = contact
        .known()
        .and_then(|contact| contact.language.clone())
        .or_else(|| routing.languages.first().cloned())
        .unwrap_or_else(|| "en".to_owned());
    Situation {
        from: from.map(ToString::to_string),
        country: from.and_then(E164::country),
        to,
        business: tenant.name().to_owned(),
        contact,
        history: History::default(),
        open: routing
            .business_hours
            .is_open(now.timestamp().as_millisecond(), now.time_zone()),
        language,
        live_calls: 0,
    }
}

/// The agent, if the tenant may use it: what names it may be older than the
/// account the business has now.
async fn usable(
    cx: &Ground,
    tenant: &Tenant,
    agents: &[AgentName],
    agent_id: Option<String>,
) -> Result<Option<String>, StoreError> {
    let Some(id) = agent_id else { return Ok(None) };
    let is_listed = agents.iter().any(|agent| agent.id == id);
    if is_listed || cx.store.agents().whose(tenant, &id).await?.is_usable() {
        return Ok(Some(id));
    }
    tracing::warn!(tenant_id = tenant.id(), agent_id = %id, "a rule names another's agent");
    Ok(None)
}

impl Route {
    /// What Retell is answered: the inside of `call_inbound`. A rejection goes
    /// alone, because anything wrong beside it would void it.
    #[must_use]
    pub fn inner(&self, tenant_id: &str, has_own_agent: bool) -> Value {
        let (agent_id, version, changes, rule) = match &self.decision {
            Decision::Reject { .. } => return json!({"reject": true}),
            Decision::Agent {
                rule_id,
                agent_id,
                agent_version,
                agent_override,
                ..
            } => (
                agent_id.clone(),
                agent_version.clone(),
                agent_override.clone(),
                Some(rule_id),
            ),
            Decision::NoRule { .. } => Default::default(),
        };
        // Without any agent the call would not be taken.
        let agent_id = agent_id.or_else(|| self.default_agent.clone().filter(|_| !has_own_agent));
        let mut answer = Map::new();
        if let Some(agent_id) = agent_id {
            answer.insert("override_agent_id".to_owned(), agent_id.into());
            if let Some(version) = version {
                // Retell tells a number from the name of an environment.
                let version = version
                    .parse()
                    .map_or(Value::from(version), |number: u32| number.into());
                answer.insert("override_agent_version".to_owned(), version);
            }
        }
        let variables = self.variables();
        if !variables.is_empty() {
            answer.insert("dynamic_variables".to_owned(), json!(variables));
        }
        if let Some(changes) = changes {
            answer.insert("agent_override".to_owned(), changes);
        }
        if let Some(rule) = rule {
            answer.insert(
                "metadata".to_owned(),
                json!({METADATA_TENANT: tenant_id, METADATA_RULE: rule}),
            );
        }
        Value::Object(answer)
    }

    /// What the agent is told: what is known of the caller, and what the rule says.
    fn variables(&self) -> BTreeMap<String, String> {
        let mut told = match &self.decision {
            Decision::Reject { .. } => return BTreeMap::new(),
            Decision::Agent { .. } | Decision::NoRule { .. } => self.situation.known(),
        };
        if let Decision::Agent { variables, .. } = &self.decision {
            told.extend(variables.clone());
        }
        told
    }

    /// The same for people.
    #[must_use]
    pub fn explain(self) -> RouteAnswer {
        let name_of = |id: String| AgentName {
            name: self
                .routing
                .agents
                .iter()
                .find(|agent| agent.id == id)
                .map_or_else(|| id.clone(), |agent| agent.name.clone()),
            id,
            voice: None,
        };
        let number_agent = self.routing.number_agent.clone();
        let fallback = number_agent.or(self.default_agent.clone());
        let variables = self.variables();
        let (rule, rejected, agent, passed) = match self.decision {
            Decision::Reject { rule, passed } => (rule, true, None, passed),
            Decision::Agent {
                rule,
                agent_id,
                passed,
                ..
            } => (Some(rule), false, agent_id.or(fallback), passed),
            Decision::NoRule { passed } => (None, false, fallback, passed),
        };
        RouteAnswer {
            rule,
            rejected,
            agent: agent.map(name_of),
            variables,
            contact: self.situation.contact.known().map(|it| it.name.clone()),
            country: self.situation.country,
            language: self.situation.language,
            open: self.situation.open,
            passed,
        }
    }
}

#[cfg(test)]
mod tests;
