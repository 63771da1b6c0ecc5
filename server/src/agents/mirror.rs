//! The agents and numbers of every Retell account, kept in step with Retell:
//! when an account's key changes, when the server starts, every hour, when we
//! change something ourselves, and when a call comes with an agent nobody knew.
//!
//! Of an account of its own a business has every agent. On the server's account
//! it has those an operator assigned to it (`switchboard agent assign`), and all
//! of them as long as it is the server's only business.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::FromRef;
use retell::models::{AgentSummary, Channel, ListAgents};

use super::{Agent, numbers, pages};
use crate::accounts::{self, AccountError, MIRROR, mirror_anew, mirror_job};
use crate::ground::Ground;
use crate::jobs::{Handler, Job, Outcome, Terms};
use crate::store::{Store, StoreError, Tenant, can_be_named};
use crate::web::Shared;

/// How often every account is looked at.
pub(super) const EVERY: Duration = Duration::from_secs(60 * 60);
/// Two accounts at the same time, and one more for each that is slow.
const TERMS: Terms = Terms {
    at_once: 2,
    each: 1,
    patience: Some(Duration::from_secs(10)),
    apart: None,
    limit: Duration::from_secs(10 * 60),
};

/// Why an account could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The account cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Retell failed, or refused.
    #[error(transparent)]
    Retell(#[from] retell::Error),
}

/// What has to change in a business's list of agents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Change {
    /// Those that are new, or have another name.
    pub(super) put: Vec<Agent>,
    /// The ids of those Retell has no more.
    pub(super) gone: Vec<String>,
}

impl Change {
    /// What leads from the agents a business is known to have to those Retell
    /// lists. `has_all` is whether everything in the account is the business's.
    fn between(known: &[Agent], listed: &[Agent], has_all: bool) -> Self {
        let names = |agents: &[Agent]| -> HashMap<String, String> {
            let pairs = agents.iter().cloned();
            pairs.map(|agent| (agent.id, agent.name)).collect()
        };
        let (names_known, names_listed) = (names(known), names(listed));
        let is_news = |agent: &&Agent| {
            names_known
                .get(&agent.id)
                .map_or(has_all, |name| *name != agent.name)
        };
        Self {
            put: listed.iter().filter(is_news).cloned().collect(),
            gone: known
                .iter()
                .filter(|agent| !names_listed.contains_key(&agent.id))
                .map(|agent| agent.id.clone())
                .collect(),
        }
    }

    /// Whether nothing has to change.
    pub(super) fn is_empty(&self) -> bool {
        self.put.is_empty() && self.gone.is_empty()
    }
}

/// Has every account looked at.
pub(super) async fn run(cx: Ground) {
    if let Err(error) = ask_for_all(&cx.store, cx.clock.now_ms()).await {
        tracing::error!(%error, "no Retell account can be looked at");
    }
}

/// Has every account looked at once.
async fn ask_for_all(store: &Store, now: i64) -> Result<(), StoreError> {
    let mut tenants = store.tenants_with_own_account().await?;
    // Whoever asks for the server's account asks for all that share it.
    tenants.extend(
        store
            .tenants_of_servers_account()
            .await?
            .into_iter()
            .take(1),
    );
    for tenant in &tenants {
        store.add_job(tenant, &mirror_job(now), now).await?;
    }
    Ok(())
}

/// Has the account of a business looked at, after something in it was changed
/// through us. That was done, whether we get to see it now or within the hour.
pub(crate) async fn ask_soon(cx: &Ground, tenant: &Tenant) {
    let now = cx.clock.now_ms();
    if let Err(error) = cx.store.add_job(tenant, &mirror_anew(now), now).await {
        tracing::error!(tenant_id = tenant.id(), %error, "an account is not looked at yet");
    }
}

/// Runs the jobs that look at an account.
#[must_use]
pub(crate) fn handler<S: Shared>() -> Handler<S>
where
    accounts::Context: FromRef<S>,
{
    Handler::new(MIRROR, TERMS, look)
}

async fn look(cx: accounts::Context, tenant: Tenant, job: Job) -> Outcome {
    let Err(error) = sync(&cx, &tenant).await else {
        return Outcome::Done;
    };
    tracing::warn!(tenant_id = tenant.id(), %error, "the agents of a Retell account are not known");
    let passes = match &error {
        MirrorError::Store(_) => true,
        MirrorError::Account(error) => matches!(error, AccountError::Store(_)),
        MirrorError::Retell(error) => error.is_temporary() || error.is_outcome_unknown(),
    };
    // Within the hour it is looked at again anyway: nobody has to decide anything.
    match passes && job.attempts < job.max_attempts {
        true => Outcome::Retry(error.to_string()),
        false => Outcome::Done,
    }
}

/// Brings what is known of a business's Retell account in step with Retell; of
/// the server's account, for all businesses that share it.
///
/// # Errors
/// When Retell or the database fails.
pub async fn sync(cx: &accounts::Context, tenant: &Tenant) -> Result<(), MirrorError> {
    let own = cx.store.sealed_keys(tenant).await?.retell_key.is_some();
    let tenants = match own {
        true => vec![tenant.clone()],
        false => cx.store.tenants_of_servers_account().await?,
    };
    // Before Retell is asked: what is assigned, or another account, meanwhile is
    // not judged by what Retell said before.
    let mut before = Vec::new();
    for tenant in tenants {
        before.push((cx.store.mirrored(&tenant).await?, tenant));
    }
    let account = cx.account(tenant).await?;
    if account.own != own {
        // Changed this moment: whoever did it asked for the new one.
        return Ok(());
    }
    let listed = list(&account.client).await?;
    let numbers = numbers::list(&account.client).await?;
    let has_all = own || cx.store.only_tenant().await?.is_some();
    let now = cx.clock.now_ms();
    for (known, tenant) in before {
        let change = Change::between(&known.agents, &listed, has_all);
        if cx
            .store
            .mirror_agents(&tenant, known.account_version, &change, now)
            .await?
        {
            numbers::keep(&cx.store, &tenant, &numbers, has_all, now).await?;
        }
    }
    Ok(())
}

/// The agents of an account that talk.
///
/// # Errors
/// When Retell fails, or refuses.
pub async fn list(retell: &retell::Client) -> Result<Vec<Agent>, retell::Error> {
    let ask = |key| async move {
        let query = ListAgents {
            limit: Some(pages::PAGE),
            pagination_key: key,
            ..ListAgents::default()
        };
        retell.list_agents(&query).await
    };
    let all = pages::every("POST /v2/list-agents", ask).await?;
    Ok(all.into_iter().filter_map(agent).collect())
}

fn agent(listed: AgentSummary) -> Option<Agent> {
    let talks = listed.channel != Some(Channel::Chat) && can_be_named(&listed.agent_id);
    talks.then(|| Agent {
        name: called(listed.agent_name, &listed.agent_id),
        id: listed.agent_id,
    })
}

/// What an agent is called: its name at Retell, else its id.
#[must_use]
pub fn called(name: Option<String>, id: &str) -> String {
    name.filter(|name| !name.trim().is_empty())
        .unwrap_or_else(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn agents(pairs: &[(&str, &str)]) -> Vec<Agent> {
        let agent = |(id, name): &(&str, &str)| Agent {
            id: (*id).to_owned(),
            name: (*name).to_owned(),
        };
        pairs.iter().map(agent).collect()
    }

    #[test]
    fn whoever_has_the_whole_account_has_what_retell_lists() {
        let known = agents(&[("a", "Emma"), ("b", "Nora"), ("c", "Ada")]);
        let listed = agents(&[("a", "Emma"), ("b", "Lucía"), ("d", "Anna")]);
        assert_eq!(
            Change::between(&known, &listed, true),
            Change {
                put: agents(&[("b", "Lucía"), ("d", "Anna")]),
                gone: vec!["c".to_owned()],
            }
        );
        assert!(Change::between(&listed, &listed, true).is_empty());
    }

    #[test]
    fn whoever_shares_an_account_gets_no_agent_by_its_being_there() {
        let known = agents(&[("a", "agent_a"), ("c", "Ada")]);
        let listed = agents(&[("a", "Emma"), ("b", "Lucía")]);
        assert_eq!(
            Change::between(&known, &listed, false),
            Change {
                put: agents(&[("a", "Emma")]),
                gone: vec!["c".to_owned()],
            }
        );
    }

    #[test]
    fn an_agent_without_a_name_is_called_by_its_id_and_chats_are_left_out() {
        let listed = |value| agent(serde_json::from_value(value).unwrap());
        let named = |name| {
            listed(json!({"agent_id": "a", "agent_name": name}))
                .unwrap()
                .name
        };
        assert_eq!(named(json!(" ")), "a");
        assert_eq!(named(json!(null)), "a");
        assert_eq!(listed(json!({"agent_id": "b", "channel": "chat"})), None);
    }
}
