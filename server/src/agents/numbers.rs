//! The business's numbers, as Retell lists them.

use api::routing::{Number, NumbersImported};
use retell::models::{PageQuery, PhoneNumber};

use super::pages;
use crate::accounts::{self, AccountError};
use crate::deeds::Author;
use crate::phone;
use crate::store::{Store, StoreError, Tenant};

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
    let has_all = account.own || cx.store.only_tenant().await?.as_ref() == Some(tenant);
    let listed = list(&account.client).await?;
    let now = cx.clock.now_ms();
    let ours = of_tenant(&cx.store, tenant, &listed, has_all, now).await?;
    cx.store
        .numbers()
        .replace(tenant, &ours, Some(author), now)
        .await?;
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    Ok(NumbersImported {
        numbers: count(ours.len()),
        of_others: count(listed.len() - ours.len()),
    })
}

/// The same with what was listed already, by the server itself. Written only
/// where something differs, and not into the trail: nobody did it.
pub(super) async fn keep(
    store: &Store,
    tenant: &Tenant,
    listed: &[PhoneNumber],
    has_all: bool,
    now: i64,
) -> Result<(), StoreError> {
    let mut ours = of_tenant(store, tenant, listed, has_all, now).await?;
    ours.sort_by(|a, b| a.number.cmp(&b.number));
    let mut before = store.numbers().list(tenant).await?;
    before.sort_by(|a, b| a.number.cmp(&b.number));
    // When they were read is no difference.
    for number in &mut before {
        number.imported_at = now;
    }
    if before == ours {
        return Ok(());
    }
    store.numbers().replace(tenant, &ours, None, now).await
}

async fn of_tenant(
    store: &Store,
    tenant: &Tenant,
    listed: &[PhoneNumber],
    has_all: bool,
    now: i64,
) -> Result<Vec<Number>, StoreError> {
    let agents = store.agents().names(tenant).await?;
    let is_ours = |number: &&PhoneNumber| {
        let mut answering = number.inbound_agents.iter().chain(&number.outbound_agents);
        has_all || answering.any(|one| agents.iter().any(|agent| agent.id == one.agent_id))
    };
    let ours = listed.iter().filter(is_ours).cloned();
    Ok(ours.map(|listed| number(listed, now)).collect())
}

pub(super) async fn list(retell: &retell::Client) -> Result<Vec<PhoneNumber>, retell::Error> {
    let ask = |key| async move {
        let query = PageQuery {
            limit: Some(pages::PAGE),
            pagination_key: key,
            ..PageQuery::default()
        };
        retell.list_phone_numbers(&query).await
    };
    pages::every("GET /v2/list-phone-numbers", ask).await
}

/// What Retell may not have validated is kept as it is there.
fn number(listed: PhoneNumber, now: i64) -> Number {
    let agent = listed
        .inbound_agents
        .into_iter()
        .max_by(|a, b| a.weight.total_cmp(&b.weight));
    Number {
        number: phone::canonical(&listed.phone_number),
        nickname: listed.nickname,
        agent_id: agent.map(|agent| agent.agent_id),
        inbound_webhook_url: listed.inbound_webhook_url,
        imported_at: now,
    }
}
