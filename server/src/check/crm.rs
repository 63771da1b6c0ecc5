//! The CRMs of the tenants.

use super::{Finding, sentence};
use crate::config::Config;
use crate::crm;
use crate::store::Store;
use crate::vault::Vault;

/// Tries each one out.
pub(super) async fn check(config: &Config, store: &Store, vault: &Vault) -> Vec<Finding> {
    let tried = match crm::check(config, store, vault).await {
        Ok(tried) => tried,
        Err(error) => return vec![Finding::failed("CRM", sentence(&*error))],
    };
    let finding = |(tenant, works): (crate::store::Tenant, Result<Option<String>, String>)| {
        let what = format!("CRM ({})", tenant.id());
        match works {
            Ok(Some(account)) => Finding::ok(what, format!("the key is good ({account})")),
            Ok(None) => Finding::ok(what, "the key is good"),
            Err(why) => Finding::failed(what, why),
        }
    };
    tried.into_iter().map(finding).collect()
}
