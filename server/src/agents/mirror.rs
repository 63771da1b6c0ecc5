//! The agents, with their voices, and the numbers of every Retell account, kept in step with Retell:
//! when an account's key changes, when the server starts, every hour, when we
//! change something ourselves, and when a call comes with an agent nobody knew.
//!
//! Of an account of its own a business has every agent. On the server's account
//! it has those an operator assigned to it (`switchboard agent assign`), and all
//! of them as long as it is the server's only business.

use std::collections::HashMap;
use std::time::Duration;

use api::routing::AgentVoice;
use axum::extract::FromRef;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use retell::models::{AgentSummary, Channel, ListAgents, Voice};

use super::{Agent, numbers, pages};
use crate::accounts::{self, AccountError, MIRROR, mirror_anew, mirror_job};
use crate::ground::Ground;
use crate::jobs::{Handler, Job, Outcome, Terms};
use crate::store::{Store, StoreError, Tenant, can_be_named};
use crate::web::Shared;

/// How often every account is looked at.
pub(super) const EVERY: Duration = Duration::from_secs(60 * 60);
/// Agents that are asked for at the same time.
const AT_ONCE: usize = 4;
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
    /// Those that are new, or have another name or voice.
    pub(super) put: Vec<Agent>,
    /// The ids of those Retell has no more.
    pub(super) gone: Vec<String>,
}

impl Change {
    /// What leads from the agents a business is known to have to those Retell
    /// lists. `has_all` is whether everything in the account is the business's.
    fn between(known: &[Agent], listed: &[Agent], has_all: bool) -> Self {
        let (of_known, of_listed) = (by_id(known), by_id(listed));
        let is_news = |agent: &&Agent| {
            let known = of_known.get(agent.id.as_str());
            known.map_or(has_all, |known| known != agent)
        };
        Self {
            put: listed.iter().filter(is_news).cloned().collect(),
            gone: known
                .iter()
                .filter(|agent| !of_listed.contains_key(agent.id.as_str()))
                .map(|agent| agent.id.clone())
                .collect(),
        }
    }

    /// Whether nothing has to change.
    pub(super) fn is_empty(&self) -> bool {
        self.put.is_empty() && self.gone.is_empty()
    }
}

fn by_id<'a>(agents: impl IntoIterator<Item = &'a Agent>) -> HashMap<&'a str, &'a Agent> {
    let agents = agents.into_iter();
    agents.map(|agent| (agent.id.as_str(), agent)).collect()
}

/// Has every account looked at.
pub(super) async fn run(cx: Ground) {
    if let Err(error) = ask_for_all(&cx.store, cx.clock.now_ms()).await {
        tracing::error!(%error, "no Retell account can be looked at");
    }
}

/// Has every account looked at once.
async fn ask_for_all(store: &Store, now: i64) -> Result<(), StoreError> {
    let mut tenants = store.agents().tenants_with_own_account().await?;
    // Whoever asks for the server's account asks for all that share it.
    tenants.extend(
        store
            .agents()
            .tenants_of_servers_account()
            .await?
            .into_iter()
            .take(1),
    );
    for tenant in &tenants {
        store.jobs().add(tenant, &mirror_job(now), now).await?;
    }
    Ok(())
}

/// Has the account of a business looked at, after something in it was changed
/// through us. That was done, whether we get to see it now or within the hour.
pub(crate) async fn ask_soon(cx: &Ground, tenant: &Tenant) {
    let now = cx.clock.now_ms();
    if let Err(error) = cx.store.jobs().add(tenant, &mirror_anew(now), now).await {
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
    let own = cx
        .store
        .account_keys()
        .sealed(tenant)
        .await?
        .retell_key
        .is_some();
    let tenants = match own {
        true => vec![tenant.clone()],
        false => cx.store.agents().tenants_of_servers_account().await?,
    };
    // Before Retell is asked: what is assigned, or another account, meanwhile is
    // not judged by what Retell said before.
    let mut before = Vec::new();
    for tenant in tenants {
        before.push((cx.store.agents().mirrored(&tenant).await?, tenant));
    }
    let account = cx.account(tenant).await?;
    if account.own != own {
        // Changed this moment: whoever did it asked for the new one.
        return Ok(());
    }
    let has_all = own || cx.store.only_tenant().await?.is_some();
    let known = by_id(before.iter().flat_map(|(known, _)| &known.agents));
    let listed = list(&account.client).await?;
    let listed = with_voices(&account.client, listed, &known, has_all).await?;
    let numbers = numbers::list(&account.client).await?;
    let now = cx.clock.now_ms();
    for (known, tenant) in before {
        let change = Change::between(&known.agents, &listed, has_all);
        if cx
            .store
            .agents()
            .mirror(&tenant, known.account_version, &change, now)
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
        voice: None,
        changed_at: listed.user_modified_timestamp,
    })
}

/// Adds the voices they speak with to the agents that are some business's. Retell lists
/// agents without: each is asked for by itself, once it was changed.
async fn with_voices(
    retell: &retell::Client,
    listed: Vec<Agent>,
    known: &HashMap<&str, &Agent>,
    has_all: bool,
) -> Result<Vec<Agent>, retell::Error> {
    // A voice without its name keeps no agent from being known.
    let voices: HashMap<String, AgentVoice> = retell
        .list_voices()
        .await
        .inspect_err(|error| tracing::warn!(%error, "the names of voices are not known"))
        .unwrap_or_default()
        .into_iter()
        .map(|voice| (voice.voice_id.clone(), voice_of(voice)))
        .collect();
    let asked = listed
        .into_iter()
        .map(|agent| with_voice(retell, agent, known, &voices, has_all));
    stream::iter(asked.collect::<Vec<_>>())
        .buffered(AT_ONCE)
        .try_collect()
        .await
}

async fn with_voice(
    retell: &retell::Client,
    agent: Agent,
    known: &HashMap<&str, &Agent>,
    voices: &HashMap<String, AgentVoice>,
    has_all: bool,
) -> Result<Agent, retell::Error> {
    let before = known.get(agent.id.as_str());
    if before.is_none() && !has_all {
        return Ok(agent);
    }
    let unchanged =
        before.filter(|it| it.changed_at.is_some() && it.changed_at == agent.changed_at);
    let id = match unchanged {
        Some(before) => before.voice.as_ref().map(|voice| voice.id.clone()),
        None => match retell.get_agent(&agent.id, None).await {
            Ok(whole) => whole.voice_id,
            // Deleted this moment.
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error),
        },
    };
    let voice = id.map(|id| {
        let before = before.and_then(|it| it.voice.as_ref());
        let known = voices.get(&id).or(before.filter(|it| it.id == id));
        known.cloned().unwrap_or_else(|| nameless(id))
    });
    Ok(Agent { voice, ..agent })
}

/// A voice as Retell lists it. A sample is only linked where a browser may go.
fn voice_of(listed: Voice) -> AgentVoice {
    let url = listed.preview_audio_url;
    AgentVoice {
        name: called(listed.voice_name, &listed.voice_id),
        id: listed.voice_id,
        provider: listed.provider,
        preview_url: url.filter(|url| url.starts_with("https://")),
    }
}

/// A voice that is not among those Retell lists.
fn nameless(id: String) -> AgentVoice {
    AgentVoice {
        name: id.clone(),
        id,
        provider: None,
        preview_url: None,
    }
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
        let agent = |(id, name): &(&str, &str)| Agent::named(id, name);
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
    fn a_sample_of_a_voice_is_linked_only_where_a_browser_may_go() {
        let listed = |url: &str| {
            let voice = json!({"voice_id": "v", "preview_audio_url": url});
            voice_of(serde_json::from_value(voice).unwrap())
        };
        let good = listed("https://voices.example/v.mp3");
        assert_eq!(
            good.preview_url.as_deref(),
            Some("https://voices.example/v.mp3")
        );
        assert_eq!(good.name, "v");
        assert_eq!(listed("javascript:alert(1)"), nameless("v".to_owned()));
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
