//! Keys: public keys, with which pages start calls, and secret API keys, with
//! which programs drive `/api/v1`.

pub mod admin;
pub mod captcha;
pub(crate) mod http;
mod known_origins;
pub mod origins;
mod public;
mod rates;
mod secret;
mod store;

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use futures_util::future::BoxFuture;

use crate::domain::Domain;
use crate::ground::Ground;
use crate::people;
use crate::site;
use crate::store::{Store, StoreError, Tenant};
use crate::web::Shared;

pub use captcha::{Captchas, SealedCaptcha};
pub use known_origins::KnownOrigins;
pub use public::{Draft, draft, new_public_key_id, rotation_end};
pub use rates::{Allowance, ApiRates};
pub use secret::{ApiSecret, check_new_api_key};
pub(crate) use store::owners_of_key;
pub use store::{ApiKey, ApiKeys, IdempotencyKeys, PublicKey, PublicKeys, Repeat};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
    site::Context: FromRef<S>,
{
    Domain {
        deeds: &[
            "api_key.created",
            "api_key.revoked",
            "api_key.rotated",
            "public_key.changed",
            "public_key.created",
            "public_key.deleted",
            "public_key.rotated",
        ],
        keeps: store::KEEPS,
        ..Domain::new("keys", http::routes)
    }
}

/// Tells how long calls with a public key and those it replaced lasted from a time until
/// another (Unix ms both), those that go on until then (ms).
pub type UsedMs = for<'a> fn(
    &'a Store,
    &'a Tenant,
    &'a PublicKey,
    (i64, i64),
) -> BoxFuture<'a, Result<i64, StoreError>>;

/// What keys are checked with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// What every room stands on.
    pub ground: Ground,
    /// How fast programs may ask.
    pub api_rates: Arc<ApiRates>,
    /// Has captchas checked.
    pub captchas: Arc<Captchas>,
    /// The pages that may use the public API.
    pub known_origins: Arc<KnownOrigins>,
    /// Knows of calls, which keys do not.
    pub used_ms: UsedMs,
}

impl Deref for Context {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

/// How often a key's last use is written down at most (ms).
pub const LAST_USED_STEP_MS: i64 = 60_000;

/// Whether a use is worth writing down.
#[must_use]
pub fn is_news(last_used_at: Option<i64>, now: i64) -> bool {
    last_used_at.is_none_or(|last| now - last >= LAST_USED_STEP_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_written_down_once_a_minute() {
        assert!(is_news(None, 5));
        assert!(!is_news(Some(5), 5 + LAST_USED_STEP_MS - 1));
        assert!(is_news(Some(5), 5 + LAST_USED_STEP_MS));
    }
}
