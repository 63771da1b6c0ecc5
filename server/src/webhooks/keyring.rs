//! Whose key signed a webhook. Several businesses post to one address, each
//! signed with the key of its own Retell account or of the server's; what a key
//! signed may only touch the businesses of that key.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use retell::signature::{self, SignatureError};
use serde::{Deserialize, Serialize};

use crate::config::Secret;
use crate::state::App;
use crate::store::{OwnKeys, StoreError, Tenant};
use crate::tenants::AccountError;
use crate::tenants::accounts::{retell_key_purpose, webhook_key_purpose};

/// How long the known keys are used without asking whether they changed.
const FRESH: Duration = Duration::from_secs(1);
/// How often a signature that fits no known key may make us ask sooner: a key
/// may be new, and anybody can send such a signature.
const MISSES_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();

/// The businesses whose key signed a delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signers {
    /// The server's key did: every business without an account of its own.
    #[serde(default)]
    pub server: bool,
    /// These businesses' own key did, or it was posted to the address of one.
    #[serde(default)]
    pub tenants: Vec<String>,
}

impl Signers {
    /// Only one business.
    #[must_use]
    pub fn only(tenant: &Tenant) -> Self {
        Self {
            server: false,
            tenants: vec![tenant.id().to_owned()],
        }
    }

    /// Every business that uses the server's account.
    #[must_use]
    pub fn server() -> Self {
        Self {
            server: true,
            tenants: Vec::new(),
        }
    }

    /// Whether what they signed may touch a business: `own_account` says
    /// whether that has an account of its own.
    #[must_use]
    pub fn include(&self, tenant_id: &str, own_account: bool) -> bool {
        self.tenants.iter().any(|id| id == tenant_id) || (self.server && !own_account)
    }
}

/// Every key that may sign, as last read.
#[derive(Debug, Default)]
struct Keys {
    /// Each key once, with whose it is.
    signers: Vec<(Secret, Signers)>,
    /// The keys of each business with an account of its own, and the count of
    /// their changes when they were opened.
    opened: HashMap<String, (i64, Option<Secret>)>,
    /// The server's only business.
    only: Option<String>,
    read_at: Option<Instant>,
}

/// The keys that may sign webhooks on the shared addresses.
#[derive(Debug)]
pub struct Keyring {
    keys: Mutex<Arc<Keys>>,
    /// One reads them anew; the others wait for it.
    reading: tokio::sync::Mutex<()>,
    misses: DefaultDirectRateLimiter,
}

impl Default for Keyring {
    fn default() -> Self {
        Self {
            keys: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            misses: RateLimiter::direct(Quota::per_second(MISSES_PER_SECOND)),
        }
    }
}

/// Why it cannot be said whose key signed a delivery.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotVerified {
    #[error(transparent)]
    Signature(#[from] SignatureError),
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<StoreError> for NotVerified {
    fn from(error: StoreError) -> Self {
        Self::Account(error.into())
    }
}

/// A delivery's signature as it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signed<'a> {
    pub(super) body: &'a [u8],
    pub(super) header: &'a str,
    /// Unix ms.
    pub(super) now: u64,
}

impl Signed<'_> {
    fn with(&self, key: &Secret) -> Result<(), SignatureError> {
        signature::verify(self.body, key.expose(), self.header, self.now)
    }
}

impl Keys {
    /// Every key is tried until one fits: a stale signature is told from a
    /// wrong one only under the key that made it.
    fn signers_of(&self, signed: Signed<'_>) -> Result<Signers, SignatureError> {
        for (key, signers) in &self.signers {
            match signed.with(key) {
                Err(SignatureError::Mismatch) => {}
                Ok(()) => return Ok(signers.clone()),
                Err(error) => return Err(error),
            }
        }
        Err(SignatureError::Mismatch)
    }

    fn are_fresh(&self) -> bool {
        self.read_at.is_some_and(|at| at.elapsed() < FRESH)
    }
}

impl Keyring {
    fn known(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn fresh(&self, app: &App) -> Result<Arc<Keys>, StoreError> {
        let known = self.known();
        if known.are_fresh() {
            return Ok(known);
        }
        self.read_anew(app, &known).await
    }

    /// Reads the keys, unless somebody did since `seen`.
    async fn read_anew(&self, app: &App, seen: &Arc<Keys>) -> Result<Arc<Keys>, StoreError> {
        let _reading = self.reading.lock().await;
        let known = self.known();
        if !Arc::ptr_eq(&known, seen) {
            return Ok(known);
        }
        let read_at = Some(Instant::now());
        let own = app.store.own_keys().await?;
        let mut keys = Keys {
            only: app
                .store
                .only_tenant()
                .await?
                .map(|tenant| tenant.id().to_owned()),
            read_at,
            ..Keys::default()
        };
        add(
            &mut keys.signers,
            app.config.retell.webhook_key.clone(),
            None,
        );
        for sealed in own {
            let opened = match known.opened.get(&sealed.tenant_id) {
                Some((version, opened)) if *version == sealed.version => opened.clone(),
                _ => open(app, &sealed),
            };
            if let Some(key) = opened.clone() {
                add(&mut keys.signers, key, Some(&sealed.tenant_id));
            }
            keys.opened
                .insert(sealed.tenant_id, (sealed.version, opened));
        }
        let keys = Arc::new(keys);
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&keys);
        Ok(keys)
    }
}

/// Adds whose key it is to the key, which may be somebody else's too.
fn add(signers: &mut Vec<(Secret, Signers)>, key: Secret, tenant_id: Option<&str>) {
    let index = match signers.iter().position(|(known, _)| *known == key) {
        Some(index) => index,
        None => {
            signers.push((key, Signers::default()));
            signers.len() - 1
        }
    };
    match tenant_id {
        Some(id) => signers[index].1.tenants.push(id.to_owned()),
        None => signers[index].1.server = true,
    }
}

/// The key that signs a business's webhooks; `None` when it cannot be opened,
/// which its admin has to mend.
fn open(app: &App, sealed: &OwnKeys) -> Option<Secret> {
    let id = &sealed.tenant_id;
    let (purpose, key) = match &sealed.webhook_key {
        Some(key) => (webhook_key_purpose(id), key),
        None => (retell_key_purpose(id), &sealed.retell_key),
    };
    app.vault
        .open(&purpose, key)
        .inspect_err(|error| tracing::warn!(tenant_id = id, %error, "a webhook key is unusable"))
        .ok()
}

impl App {
    /// Whose key signed what was posted to a shared address.
    pub(super) async fn signers(&self, signed: Signed<'_>) -> Result<Signers, NotVerified> {
        // Cheaper than the keys, and true of every one of them.
        signature::check_header(signed.header, signed.now).or_else(|error| match error {
            // Only a genuine one is called stale.
            SignatureError::Stale => Ok(0),
            error => Err(error),
        })?;
        let keys = self.keyring.fresh(self).await?;
        match keys.signers_of(signed) {
            Err(SignatureError::Mismatch) if self.keyring.misses.check().is_ok() => {
                let keys = self.keyring.read_anew(self, &keys).await?;
                Ok(keys.signers_of(signed)?)
            }
            result => Ok(result?),
        }
    }

    /// The same for the address of one business, which takes only what its own
    /// account signed or, where it has none, the server's.
    pub(super) async fn signer(
        &self,
        signed: Signed<'_>,
        tenant: &Tenant,
    ) -> Result<Signers, NotVerified> {
        let account = self.account(tenant).await?;
        signed.with(&account.webhook_key)?;
        Ok(Signers::only(tenant))
    }

    /// The server's only business, whose everything is that nobody else claims.
    pub(super) async fn only_tenant(&self) -> Result<Option<String>, StoreError> {
        Ok(self.keyring.fresh(self).await?.only.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        let mut keys = Keys::default();
        add(&mut keys.signers, Secret::new("of_server"), None);
        add(&mut keys.signers, Secret::new("of_a"), Some("a"));
        add(&mut keys.signers, Secret::new("of_both"), Some("b"));
        add(&mut keys.signers, Secret::new("of_both"), Some("c"));
        keys
    }

    fn signers(key: &str, now: u64) -> Result<Signers, SignatureError> {
        let header = signature::sign(b"{}", key, 1_000_000);
        keys().signers_of(Signed {
            body: b"{}",
            header: &header,
            now,
        })
    }

    #[test]
    fn a_key_signs_for_the_businesses_that_have_it() {
        assert_eq!(signers("of_server", 1_000_000), Ok(Signers::server()));
        let both = signers("of_both", 1_000_000).unwrap();
        assert_eq!(both.tenants, ["b", "c"]);
        assert!(both.include("c", true) && !both.include("a", false));
        assert_eq!(signers("of_z", 1_000_000), Err(SignatureError::Mismatch));
    }

    #[test]
    fn only_a_genuine_signature_is_stale() {
        let late = 1_000_000 + signature::TOLERANCE_MS + 1;
        assert_eq!(signers("of_a", late), Err(SignatureError::Stale));
        assert_eq!(signers("of_z", late), Err(SignatureError::Mismatch));
    }

    #[test]
    fn the_server_s_key_is_not_for_those_with_an_account_of_their_own() {
        assert!(Signers::server().include("x", false));
        assert!(!Signers::server().include("x", true));
    }
}
