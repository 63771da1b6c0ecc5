//! The provider of identities, where there is one.

use super::{Finding, sentence};
use crate::config::Config;
use crate::people::Provider;

/// Asks it for its discovery document and its keys.
pub(super) async fn check(config: &Config) -> Option<Finding> {
    let settings = config.oidc.clone()?;
    let what = format!("OpenID Connect ({})", settings.label);
    let issuer = settings.issuer.clone();
    let provider = match Provider::new(settings) {
        Ok(provider) => provider,
        Err(error) => return Some(Finding::failed(what, sentence(&error))),
    };
    Some(match provider.check().await {
        Ok(0) => Finding::failed(
            what,
            format!("{issuer} answers, but publishes no key: nobody can sign in with it"),
        ),
        Ok(keys) => Finding::ok(what, format!("{issuer} answers, with {keys} keys")),
        Err(error) => Finding::failed(
            what,
            format!(
                "{issuer} does not answer as a provider: {}; the address must be exactly the one \
                 it calls its issuer",
                sentence(&error)
            ),
        ),
    })
}
