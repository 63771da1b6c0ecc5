//! The accounts at Cal.com of the tenants.

use super::{Finding, sentence};
use crate::calendar;
use crate::config::Config;
use crate::store::Store;
use crate::vault::Vault;

/// Tries each one out.
pub(super) async fn check(config: &Config, store: &Store, vault: &Vault) -> Vec<Finding> {
    let tried = match calendar::check_calcom(config, store, vault).await {
        Ok(tried) => tried,
        Err(error) => return vec![Finding::failed("Cal.com", sentence(&*error))],
    };
    let finding = |(tenant, came): (String, Result<String, String>)| {
        let what = format!("Cal.com ({tenant})");
        match came {
            Ok(account) => Finding::ok(what, format!("the key is good ({account})")),
            Err(why) => Finding::failed(what, why),
        }
    };
    tried.into_iter().map(finding).collect()
}
