//! Whose key signed a webhook. Several businesses post to one address, each
//! signed with the key of its own Retell account or of the server's; what a key
//! signed may only touch the businesses of that key.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use retell::signature::{self, SignatureError};

use crate::accounts::{AccountError, OwnKeys, Signers, retell_key_purpose, webhook_key_purpose};
use crate::config::Secret;
use crate::inbox::Context;
use crate::store::{StoreError, Tenant};

/// How long the known keys are used without asking whether they changed.
const FRESH: Duration = Duration::from_secs(1);
/// How often a signature that fits no known key may make us ask sooner: a key
/// may be new, and anybody can send such a signature.
const MISSES_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();
/// How long the database is asked while there is something known to go by: a
/// caller may be waiting.
const PATIENCE: Duration = Duration::from_millis(200);

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
    /// The businesses at whose own address something came.
    tenants: Mutex<HashMap<String, Tenant>>,
    /// One reads them anew; the others wait for it.
    reading: tokio::sync::Mutex<()>,
    misses: DefaultDirectRateLimiter,
}

impl Default for Keyring {
    fn default() -> Self {
        Self {
            keys: Mutex::default(),
            tenants: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
            misses: RateLimiter::direct(Quota::per_second(MISSES_PER_SECOND)),
        }
    }
}

/// Why it cannot be said whose key signed an entry.
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

/// What a good signature says of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verified {
    /// Whose key made it.
    pub(super) signers: Signers,
    /// How far its time is ahead of ours (ms), if that is further than counts.
    pub(super) ahead_ms: Option<i64>,
}

/// An entry's signature as it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signed<'a> {
    pub(super) body: &'a [u8],
    pub(super) header: &'a str,
    /// Unix ms.
    pub(super) now: u64,
}

impl Signed<'_> {
    /// Whether this key made it, for these.
    fn with(&self, key: &Secret, signers: &Signers) -> Result<Verified, SignatureError> {
        let ahead_ms = match signature::verify(self.body, key.expose(), self.header, self.now) {
            Ok(()) => None,
            Err(SignatureError::Stale { ahead_ms }) => Some(ahead_ms),
            Err(error) => return Err(error),
        };
        Ok(Verified {
            signers: signers.clone(),
            ahead_ms,
        })
    }
}

impl Keys {
    /// Every key is tried until one fits: a stale signature is told from a
    /// wrong one only under the key that made it.
    fn verify(&self, signed: Signed<'_>) -> Result<Verified, SignatureError> {
        self.signers
            .iter()
            .map(|(key, signers)| signed.with(key, signers))
            .find(|result| *result != Err(SignatureError::Mismatch))
            .unwrap_or(Err(SignatureError::Mismatch))
    }

    /// The same with the one key of a business, its own or the server's.
    fn verify_for(
        &self,
        tenant: &Tenant,
        server_key: &Secret,
        signed: Signed<'_>,
    ) -> Result<Verified, SignatureError> {
        match self.opened.get(tenant.id()) {
            None => signed.with(server_key, &Signers::only(tenant)),
            Some((_, Some(key))) => signed.with(key, &Signers::only(tenant)),
            Some((_, None)) => Err(SignatureError::Mismatch),
        }
    }

    fn are_fresh(&self) -> bool {
        self.read_at.is_some_and(|at| at.elapsed() < FRESH)
    }
}

impl Keyring {
    fn known(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Knows some keys from the start on, to go by while the database is away. They do
    /// not count as fresh: a business may be added, or get a key, in the same second.
    pub async fn prepare(&self, cx: &Context) -> Result<(), StoreError> {
        let read_at = Instant::now().checked_sub(FRESH);
        self.read_anew(cx, &self.known(), read_at).await?;
        Ok(())
    }

    /// The keys of just now, or those known before while they cannot be had.
    async fn fresh(&self, cx: &Context) -> Result<Arc<Keys>, StoreError> {
        let known = self.known();
        if known.are_fresh() {
            return Ok(known);
        }
        let to_go_by = Some(&known).filter(|known| known.read_at.is_some());
        let reading = self.read_anew(cx, &known, Some(Instant::now()));
        or_known(reading, to_go_by.cloned()).await
    }

    /// The business with this id, at whose own address something came.
    ///
    /// # Errors
    /// When the database fails, and the business is not known from before.
    pub async fn tenant(&self, cx: &Context, id: &str) -> Result<Option<Tenant>, StoreError> {
        let tenants = || self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let known = tenants().get(id).cloned();
        let found = or_known(cx.store.tenant(id), known.map(Some)).await?;
        match &found {
            Some(tenant) => tenants().insert(id.to_owned(), tenant.clone()),
            None => tenants().remove(id),
        };
        Ok(found)
    }

    /// Reads the keys, unless somebody did since `seen`.
    async fn read_anew(
        &self,
        cx: &Context,
        seen: &Arc<Keys>,
        read_at: Option<Instant>,
    ) -> Result<Arc<Keys>, StoreError> {
        let _reading = self.reading.lock().await;
        let known = self.known();
        if !Arc::ptr_eq(&known, seen) {
            return Ok(known);
        }
        let own = cx.store.account_keys().own_keys().await?;
        let mut keys = Keys {
            only: cx
                .store
                .only_tenant()
                .await?
                .map(|tenant| tenant.id().to_owned()),
            read_at,
            ..Keys::default()
        };
        add(
            &mut keys.signers,
            cx.config.retell.webhook_key.clone(),
            None,
        );
        for sealed in own {
            let opened = match known.opened.get(&sealed.tenant_id) {
                Some((version, opened)) if *version == sealed.version => opened.clone(),
                _ => open(cx, &sealed),
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

/// What is read, or what is known from before while the database is away or slow:
/// it is good enough to verify with, and without the database little else is done.
async fn or_known<T>(
    read: impl Future<Output = Result<T, StoreError>>,
    known: Option<T>,
) -> Result<T, StoreError> {
    let Some(known) = known else {
        return read.await;
    };
    match tokio::time::timeout(PATIENCE, read).await {
        Ok(Ok(read)) => return Ok(read),
        Ok(Err(error)) => tracing::warn!(%error, "webhooks are verified from memory"),
        Err(_) => tracing::warn!("webhooks are verified from memory: the database is slow"),
    }
    Ok(known)
}

/// Whether a header has the form of a signature. Only a genuine one is called
/// stale, so its time is not looked at.
pub(super) fn check_form(header: &str) -> Result<(), SignatureError> {
    match signature::check_header(header, 0) {
        Ok(_) | Err(SignatureError::Stale { .. }) => Ok(()),
        Err(error) => Err(error),
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
fn open(cx: &Context, sealed: &OwnKeys) -> Option<Secret> {
    let id = &sealed.tenant_id;
    let (purpose, key) = match &sealed.webhook_key {
        Some(key) => (webhook_key_purpose(id), key),
        None => (retell_key_purpose(id), &sealed.retell_key),
    };
    cx.vault
        .open(&purpose, key)
        .inspect_err(|error| tracing::warn!(tenant_id = id, %error, "a webhook key is unusable"))
        .ok()
}

impl Context {
    /// Whose key signed what was posted to a shared address.
    pub(super) async fn signers(&self, signed: Signed<'_>) -> Result<Verified, NotVerified> {
        // Cheaper than the keys, and true of every one of them.
        check_form(signed.header)?;
        self.verified(|keys| keys.verify(signed)).await
    }

    /// The same for the address of one business, which takes only what its own
    /// account signed or, where it has none, the server's.
    pub(super) async fn signer(
        &self,
        signed: Signed<'_>,
        tenant: &Tenant,
    ) -> Result<Verified, NotVerified> {
        check_form(signed.header)?;
        let server_key = &self.config.retell.webhook_key;
        let result = self
            .verified(|keys| keys.verify_for(tenant, server_key, signed))
            .await;
        if let Err(NotVerified::Signature(_)) = result {
            // Its key may be one that cannot be used at all.
            self.account(tenant).await?;
        }
        result
    }

    async fn verified(
        &self,
        verify: impl Fn(&Keys) -> Result<Verified, SignatureError>,
    ) -> Result<Verified, NotVerified> {
        let keys = self.keyring.fresh(self).await?;
        match verify(&keys) {
            Err(SignatureError::Mismatch) if self.keyring.misses.check().is_ok() => {
                let keys = self
                    .keyring
                    .read_anew(self, &keys, Some(Instant::now()))
                    .await?;
                Ok(verify(&keys)?)
            }
            result => Ok(result?),
        }
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

    fn verified(key: &str, now: u64) -> Result<Verified, SignatureError> {
        let header = signature::sign(b"{}", key, 1_000_000);
        keys().verify(Signed {
            body: b"{}",
            header: &header,
            now,
        })
    }

    fn signers(key: &str, now: u64) -> Result<Signers, SignatureError> {
        verified(key, now).map(|verified| verified.signers)
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
        let stale = verified("of_a", late).unwrap();
        assert_eq!(stale.ahead_ms, Some(-300_001));
        assert_eq!(stale.signers.tenants, ["a"]);
        assert_eq!(signers("of_z", late), Err(SignatureError::Mismatch));
    }

    #[tokio::test]
    async fn what_is_known_counts_while_the_database_does_not_answer() {
        let gone = async { Err(StoreError::NotWritten("gone".to_owned())) };
        assert_eq!(or_known(gone, Some(1)).await.unwrap(), 1);
        assert_eq!(or_known(std::future::pending(), Some(1)).await.unwrap(), 1);
        assert_eq!(or_known(async { Ok(2) }, Some(1)).await.unwrap(), 2);
        let gone = async { Err(StoreError::NotWritten("gone".to_owned())) };
        assert!(or_known(gone, None::<i32>).await.is_err());
    }

    #[test]
    fn the_server_s_key_is_not_for_those_with_an_account_of_their_own() {
        assert!(Signers::server().include("x", false));
        assert!(!Signers::server().include("x", true));
    }
}
