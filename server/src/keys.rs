//! Keys: public keys, with which pages start calls, and secret API keys, with
//! which programs drive `/api/v1`.

pub mod admin;
pub mod captcha;
mod public;
mod rates;
mod secret;

pub use captcha::{Captchas, SealedCaptcha};
pub use public::{Draft, draft, new_public_key_id, rotation_end};
pub use rates::{Allowance, ApiRates};
pub use secret::{ApiSecret, check_new_api_key};

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
