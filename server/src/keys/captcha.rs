//! Captchas: whether a person asks, as their providers tell it.

use std::net::IpAddr;
use std::time::Duration;

use api::keys::{Captcha, CaptchaKind};
use outbound::{Trusted, whole};
use serde::{Deserialize, Serialize};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::config::{Secret, trimmed};
use crate::invalid::Invalid;
use crate::vault::Vault;

/// How long a provider may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// A longer verdict is none.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// What Google recommends to begin with.
const MIN_SCORE: f64 = 0.5;
const TEXT_MAX_CHARS: usize = 200;
/// Both providers say that theirs are at most 2048 characters.
const TOKEN_MAX_CHARS: usize = 4096;

/// A captcha as it is stored.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SealedCaptcha {
    /// Whose.
    pub kind: CaptchaKind,
    /// The key the page shows.
    pub site_key: String,
    /// The server's key, sealed; in a column of its own.
    #[serde(skip)]
    pub secret: String,
    /// The score that is enough, 0 to 1.
    pub min_score: Option<f64>,
}

impl std::fmt::Debug for SealedCaptcha {
    /// Leaves the secret out, sealed as it is.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedCaptcha")
            .field("kind", &self.kind)
            .field("site_key", &self.site_key)
            .finish_non_exhaustive()
    }
}

/// Why a captcha does not let a request pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaptchaError {
    /// There is no token, or the provider does not believe it.
    #[error("the captcha was not solved")]
    Failed,
    /// The provider cannot be asked, or its answer not be read.
    #[error("the captcha's provider cannot be asked: {0}")]
    Unavailable(String),
}

/// Asks the providers.
#[derive(Debug)]
pub struct Captchas {
    http: Trusted,
    turnstile: Url,
    recaptcha: Url,
}

#[derive(Deserialize)]
struct Verdict {
    success: bool,
    score: Option<f64>,
}

impl Captchas {
    /// With the addresses the providers verify tokens at.
    ///
    /// # Errors
    /// When the system's TLS cannot be set up.
    pub fn new(turnstile: Url, recaptcha: Url) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: Trusted::new(Some(TIMEOUT))?,
            turnstile,
            recaptcha,
        })
    }

    /// Asks the provider whether a person solved the captcha.
    ///
    /// # Errors
    /// When not, or when it cannot be asked.
    pub async fn check(
        &self,
        captcha: &SealedCaptcha,
        secret: &Secret,
        token: Option<&str>,
        ip: IpAddr,
    ) -> Result<(), CaptchaError> {
        let token = token
            .map(str::trim)
            .filter(|token| !token.is_empty() && token.len() <= TOKEN_MAX_CHARS)
            .ok_or(CaptchaError::Failed)?;
        let address = match captcha.kind {
            CaptchaKind::Turnstile => &self.turnstile,
            CaptchaKind::RecaptchaV3 => &self.recaptcha,
        };
        let body = Serializer::new(String::new())
            .append_pair("secret", secret.expose())
            .append_pair("response", token)
            .append_pair("remoteip", &ip.to_string())
            .finish();
        let unavailable =
            |error: &dyn std::error::Error| CaptchaError::Unavailable(error.to_string());
        let answer = self
            .http
            .post(address.as_str())
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .map_err(|error| unavailable(&error.without_url()))?;
        let answer = whole(answer, ANSWER_BYTES_MAX).await;
        let answer = answer.map_err(|error| unavailable(&error))?;
        let verdict: Verdict =
            serde_json::from_slice(&answer).map_err(|error| unavailable(&error))?;
        if passes(captcha, &verdict) {
            Ok(())
        } else {
            Err(CaptchaError::Failed)
        }
    }
}

/// reCAPTCHA v3 lets everybody through and says how sure it is; Turnstile
/// decides itself.
fn passes(captcha: &SealedCaptcha, verdict: &Verdict) -> bool {
    let enough = match captcha.kind {
        CaptchaKind::Turnstile => true,
        CaptchaKind::RecaptchaV3 => verdict
            .score
            .is_some_and(|score| score >= captcha.min_score.unwrap_or(MIN_SCORE)),
    };
    verdict.success && enough
}

/// What the vault is told a captcha's secret is for.
#[must_use]
pub fn secret_purpose(key_id: &str) -> String {
    format!("public_keys/{key_id}/captcha_secret")
}

/// Checks a captcha's settings and seals its secret. Without a new secret the
/// one from `before` stays, if it is of the same provider.
pub(super) fn seal(
    given: &Captcha,
    key_id: &str,
    before: Option<&SealedCaptcha>,
    vault: &Vault,
) -> Result<SealedCaptcha, Invalid> {
    let site_key = trimmed(&given.site_key);
    if site_key.is_empty() || site_key.chars().count() > TEXT_MAX_CHARS {
        return Err(Invalid::of("site_key", "The captcha needs its site key."));
    }
    if given
        .min_score
        .is_some_and(|score| !(0.0..=1.0).contains(&score))
    {
        return Err(Invalid::of("min_score", "min_score must be from 0 to 1."));
    }
    let new = given.secret.as_deref().map(trimmed);
    let secret = match new.filter(|secret| !secret.is_empty()) {
        Some(secret) if secret.chars().count() <= TEXT_MAX_CHARS => vault
            .seal(&secret_purpose(key_id), secret)
            .map_err(|_| Invalid::of("secret", "The captcha's secret cannot be kept."))?,
        Some(_) => {
            return Err(Invalid::of(
                "secret",
                format!("The captcha's secret has more than {TEXT_MAX_CHARS} characters."),
            ));
        }
        None => before
            .filter(|before| before.kind == given.kind)
            .map(|before| before.secret.clone())
            .ok_or_else(|| Invalid::of("secret", "The captcha needs its secret."))?,
    };
    Ok(SealedCaptcha {
        kind: given.kind,
        site_key: site_key.to_owned(),
        secret,
        min_score: given.min_score,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn captcha(kind: CaptchaKind) -> SealedCaptcha {
        SealedCaptcha {
            kind,
            site_key: "site".to_owned(),
            secret: String::new(),
            min_score: Some(0.7),
        }
    }

    #[test]
    fn only_recaptcha_is_asked_how_sure_it_is() {
        let verdict = |success, score| Verdict { success, score };
        let turnstile = captcha(CaptchaKind::Turnstile);
        assert!(passes(&turnstile, &verdict(true, None)));
        assert!(!passes(&turnstile, &verdict(false, Some(1.0))));
        let recaptcha = captcha(CaptchaKind::RecaptchaV3);
        assert!(passes(&recaptcha, &verdict(true, Some(0.7))));
        assert!(!passes(&recaptcha, &verdict(true, Some(0.69))));
        assert!(!passes(&recaptcha, &verdict(true, None)));
        assert!(!passes(&recaptcha, &verdict(false, Some(0.9))));
    }
}
