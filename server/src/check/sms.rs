//! By what the tenants send text messages.

use super::{Finding, sentence};
use crate::config::Config;
use crate::sms::{self, Standing};
use crate::store::Store;
use crate::vault::Vault;

/// Tries each one out, and sends nothing.
pub(super) async fn check(config: &Config, store: &Store, vault: &Vault) -> Vec<Finding> {
    let tried = match sms::check(config, store, vault).await {
        Ok(tried) => tried,
        Err(error) => return vec![Finding::failed("SMS", sentence(&*error))],
    };
    let finding = |(tenant, stands): (crate::store::Tenant, Result<Standing, String>)| {
        let what = format!("SMS ({})", tenant.id());
        match stands {
            Ok(Standing::Known) => Finding::ok(what, "the key is good"),
            Ok(Standing::Untried) => {
                Finding::ok(what, "it is set up; only a message tells whether it works")
            }
            Ok(Standing::LogOnly) => {
                Finding::warning(what, "messages are written into the log and not sent")
            }
            Err(why) => Finding::failed(what, why),
        }
    };
    tried.into_iter().map(finding).collect()
}
