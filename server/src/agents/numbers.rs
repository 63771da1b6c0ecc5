//! The business's numbers, as Retell lists them.

use api::routing::{Number, NumbersImported};
use retell::models::{PageQuery, PhoneNumber};

use crate::accounts::{self, AccountError};
use crate::deeds::Author;
use crate::phone;
use crate::store::{StoreError, Tenant};

/// Numbers on a page.
const PAGE: u32 = 100;
/// Pages at most: more numbers than anybody has.
const PAGES: usize = 100;

/// Why numbers could not be imported.
#[derive(Debug, thiserror::Error)]
pub enum NumbersError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tenant's account cannot be used.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Retell failed, or refused.
    #[error(transparent)]
    Retell(#[from] retell::Error),
}

/// Replaces the tenant's numbers by those of its account. Of an account that
/// several businesses share it gets the numbers its agents answer, and all of
/// them when it is the server's only business: a number is where calls are
/// found by, so nobody may take another's.
///
/// # Errors
/// When Retell or the database fail; then nothing is changed.
pub async fn import(
    cx: &accounts::Context,
    tenant: &Tenant,
    author: &Author,
) -> Result<NumbersImported, NumbersError> {
    let account = cx.account(tenant).await?;
    let is_only = cx.store.only_tenant().await?.as_ref() == Some(tenant);
    let agents = cx.store.agent_names(tenant).await?;
    let is_ours = |number: &PhoneNumber| {
        let mut answering = number.inbound_agents.iter().chain(&number.outbound_agents);
        account.own
            || is_only
            || answering.any(|one| agents.iter().any(|agent| agent.id == one.agent_id))
    };
    let listed = list(&account.client).await?;
    let all = listed.len();
    let now = cx.clock.now_ms();
    let ours: Vec<_> = listed
        .into_iter()
        .filter(is_ours)
        .map(|listed| number(listed, now))
        .collect();
    cx.store.replace_numbers(tenant, &ours, author, now).await?;
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    Ok(NumbersImported {
        numbers: count(ours.len()),
        of_others: count(all - ours.len()),
    })
}

async fn list(retell: &retell::Client) -> Result<Vec<PhoneNumber>, retell::Error> {
    let mut all = Vec::new();
    let mut query = PageQuery {
        limit: Some(PAGE),
        ..PageQuery::default()
    };
    for _ in 0..PAGES {
        let page = retell.list_phone_numbers(&query).await?;
        all.extend(page.items);
        query.pagination_key = page.pagination_key.filter(|_| page.has_more);
        if query.pagination_key.is_none() {
            break;
        }
    }
    Ok(all)
}

/// What Retell may not have validated is kept as it is there.
fn number(listed: PhoneNumber, now: i64) -> Number {
    let agent = listed
        .inbound_agents
        .into_iter()
        .max_by(|a, b| a.weight.total_cmp(&b.weight));
    let clean = |text: String| text.replace('\0', "");
    Number {
        number: phone::canonical(&clean(listed.phone_number)),
        nickname: listed.nickname.map(clean),
        agent_id: agent.map(|agent| clean(agent.agent_id)),
        inbound_webhook_url: listed.inbound_webhook_url.map(clean),
        imported_at: now,
    }
}
