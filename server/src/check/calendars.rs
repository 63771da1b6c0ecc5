//! The linked calendars of the tenants.

use super::{Finding, sentence};
use crate::calendar;
use crate::config::Config;
use crate::store::Store;
use crate::vault::Vault;

/// Tries each one out.
pub(super) async fn check(config: &Config, store: &Store, vault: &Vault) -> Vec<Finding> {
    let tried = match calendar::check(config, store, vault).await {
        Ok(tried) => tried,
        Err(error) => return vec![Finding::failed("linked calendars", sentence(&*error))],
    };
    let findings = tried.into_iter().map(|(tenant, link, found)| {
        let whose = link.staff_id.as_deref().unwrap_or("the business");
        let what = format!("linked calendar ({}, {whose})", tenant.id());
        match (found, link.calendar) {
            (Err(why), _) => Finding::failed(what, why),
            (Ok(0), _) => Finding::failed(what, "the user has no calendar there"),
            (Ok(_), None) => Finding::warning(what, "none of the user's calendars is chosen"),
            (Ok(_), Some(_)) => Finding::ok(what, "the server knows the user"),
        }
    });
    findings.collect()
}
