//! The Retell accounts: the server's, and those of the tenants.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use retell::RetryPolicy;
use retell::models::{ListAgents, PageQuery};

use super::{Finding, sentence};
use crate::accounts::{Account, Accounts};
use crate::config::Config;
use crate::store::Store;
use crate::vault::Vault;

/// How many agents and numbers of an account are looked at.
const PAGE: u32 = 100;
const TIMEOUT: Duration = Duration::from_secs(10);

/// Checks each account once, however many tenants share it.
pub(super) async fn check(config: &Config, store: &Store, vault: &Vault) -> Vec<Finding> {
    let accounts = match Accounts::new(config) {
        Ok(accounts) => accounts,
        Err(error) => return vec![Finding::failed("Retell", sentence(&error))],
    };
    let mut findings = Vec::new();
    let mut each: BTreeMap<String, Arc<Account>> = BTreeMap::new();
    each.insert("Retell".to_owned(), Arc::clone(accounts.server()));
    match store.every_tenant().await {
        Err(error) => findings.push(Finding::failed("tenants", sentence(&error))),
        Ok(tenants) => {
            for tenant in tenants {
                let what = format!("Retell ({})", tenant.id());
                match accounts.of(config, store, vault, &tenant).await {
                    Ok(account) if account.own => {
                        each.insert(what, account);
                    }
                    Ok(_) => {}
                    Err(error) => findings.push(Finding::failed(what, sentence(&error))),
                }
            }
        }
    }
    for (what, account) in each {
        let client = account
            .client
            .with_retry(RetryPolicy::none())
            .with_timeout(config.retell.timeout.min(TIMEOUT));
        findings.extend(check_one(config, &what, &client).await);
    }
    findings
}

async fn check_one(config: &Config, what: &str, client: &retell::Client) -> Vec<Finding> {
    let mut findings = Vec::new();
    match client.api_key_info().await {
        Ok(info) => {
            let name = info.org_name.unwrap_or(info.org_id);
            findings.push(Finding::ok(what, format!("the API key is good ({name})")));
        }
        Err(error) if error.status() == Some(403) => {
            findings.push(Finding::ok(
                what,
                "the API key is good, with limited rights",
            ));
        }
        Err(error) if error.is_unauthorized() => {
            return vec![Finding::failed(
                what,
                "the API key is not known; copy it again from the API Keys page of the dashboard",
            )];
        }
        Err(error) => return vec![Finding::failed(what, sentence(&error))],
    }
    let slots = format!("{what} concurrency");
    findings.push(match client.concurrency().await {
        Ok(now) => match (now.current_concurrency, now.concurrency_limit) {
            (Some(used), Some(limit)) if used >= limit => {
                Finding::warning(slots, format!("all {limit} slots are taken"))
            }
            (Some(used), Some(limit)) => Finding::ok(slots, format!("{used} of {limit} slots")),
            _ => Finding::warning(slots, "Retell does not say"),
        },
        Err(error) => Finding::warning(slots, sentence(&error)),
    });
    findings.push(webhooks(config, what, client).await);
    findings
}

/// Which agents and numbers have a webhook that is not ours.
async fn webhooks(config: &Config, what: &str, client: &retell::Client) -> Finding {
    let what = format!("{what} webhook addresses");
    match elsewhere(config, client).await {
        Err(error) => Finding::warning(what, sentence(&error)),
        Ok(elsewhere) if elsewhere.is_empty() => {
            Finding::ok(what, "no agent or number sends its webhooks elsewhere")
        }
        Ok(elsewhere) => Finding::warning(
            what,
            format!(
                "these send theirs elsewhere: {}; ours is {}",
                elsewhere.join(", "),
                config.url_of("/api/webhooks/retell")
            ),
        ),
    }
}

async fn elsewhere(config: &Config, client: &retell::Client) -> Result<Vec<String>, retell::Error> {
    let ours = config.url_of("/");
    let is_elsewhere = |url: &Option<String>| {
        url.as_ref()
            .is_some_and(|url| !url.is_empty() && !url.starts_with(&ours))
    };
    let mut found = Vec::new();
    let query = ListAgents {
        limit: Some(PAGE),
        ..ListAgents::default()
    };
    for agent in client.list_agents(&query).await?.items {
        let details = client.get_agent(&agent.agent_id, None).await?;
        if is_elsewhere(&details.webhook_url) {
            found.push(agent.agent_id);
        }
    }
    let query = PageQuery {
        limit: Some(PAGE),
        ..PageQuery::default()
    };
    for number in client.list_phone_numbers(&query).await?.items {
        if is_elsewhere(&number.inbound_webhook_url) {
            // A number of the business's own, not a caller's.
            found.push(number.phone_number);
        }
    }
    Ok(found)
}
