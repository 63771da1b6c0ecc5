//! A sign-in between its two requests, sealed for the browser's cookie.

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use url::Url;

use crate::vault::{Vault, VaultError};

use super::Callback;

/// How long somebody may take at the provider (ms).
pub const PENDING_LIFE_MS: i64 = 10 * 60 * 1000;

const PURPOSE: &str = "oidc/pending";
/// A longer address of ours there is not.
const PATH_CHARS_MAX: usize = 1000;

/// What has to be remembered until the provider answers.
#[derive(Serialize, Deserialize)]
pub(super) struct Pending {
    /// Comes back with the answer, and proves that this browser asked.
    pub(super) state: String,
    /// Comes back in the ID token.
    pub(super) nonce: String,
    /// Proves to the provider that who asked fetches the token (RFC 7636).
    pub(super) verifier: String,
    /// The page of ours where it ends.
    pub(super) to: String,
    /// The person to link the account with, who has to be signed in.
    pub(super) link_to: Option<String>,
    /// When it is over (Unix ms).
    pub(super) expires_at: i64,
}

impl Pending {
    /// For the cookie.
    pub(super) fn seal(&self, vault: &Vault) -> Result<String, VaultError> {
        let text = serde_json::to_string(self).map_err(|_| VaultError::Damaged)?;
        vault.seal(PURPOSE, &text)
    }

    /// From the cookie; `None` when it is not ours.
    pub(super) fn open(vault: &Vault, sealed: &str) -> Option<Self> {
        let text = vault.open(PURPOSE, sealed).ok()?;
        serde_json::from_str(text.expose()).ok()
    }

    /// Whether the answer is to this sign-in, and in time.
    pub(super) fn is_answered_by(&self, callback: &Callback, now_ms: i64) -> bool {
        let state = callback.state.as_deref().unwrap_or_default();
        let same: bool = state.as_bytes().ct_eq(self.state.as_bytes()).into();
        same && now_ms < self.expires_at
    }
}

/// An address without its origin, if it leads to a page of our desk and nowhere
/// else, whatever a browser makes of it.
#[must_use]
pub fn safe_path(text: &str) -> Option<String> {
    // Any origin will do: what leads to another one is not ours.
    let base = Url::parse("https://desk.invalid").ok()?;
    let url = base.join(text).ok()?;
    let plain = text.starts_with("/desk") && text.chars().count() <= PATH_CHARS_MAX;
    let ours = url.origin() == base.origin()
        && (url.path() == "/desk" || url.path().starts_with("/desk/"));
    // Back to here would begin anew for ever.
    let elsewhere = !url.path().starts_with("/desk/oidc") && !url.path().contains("//");
    (plain && ours && elsewhere).then(|| match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use crate::config::Secret;

    use super::*;

    fn pending() -> Pending {
        Pending {
            state: "state".into(),
            nonce: "nonce".into(),
            verifier: "verifier".into(),
            to: "/desk".into(),
            link_to: None,
            expires_at: 10,
        }
    }

    fn answer(state: &str) -> Callback {
        Callback {
            state: Some(state.to_owned()),
            ..Callback::default()
        }
    }

    #[test]
    fn only_pages_of_the_desk_are_gone_to() {
        for path in [
            "/desk",
            "/desk/calls/call_1",
            "/desk/calls?status=ended&q=a%20b",
            "/desk/settings/me",
        ] {
            assert_eq!(safe_path(path).as_deref(), Some(path));
        }
        assert_eq!(safe_path("/desk/calls#x").as_deref(), Some("/desk/calls"));
        let long = format!("/desk/{}", "a".repeat(PATH_CHARS_MAX));
        for text in [
            "",
            "/",
            "desk",
            "/deskevil",
            "//evil.test/desk",
            "/\\evil.test/desk",
            "https://evil.test/desk",
            "https://desk.invalid/desk",
            "/desk/../../evil",
            "/desk/..//evil.test",
            "/desk//evil.test",
            "/desk\\..\\..\\evil.test",
            "/\t/evil.test/desk",
            "javascript:alert(1)",
            "/desk/oidc",
            "/desk/oidc/callback?code=1",
            &long,
        ] {
            assert_eq!(safe_path(text), None, "{text:?}");
        }
        // Nothing that could end the header it goes into.
        let path = safe_path("/desk/calls?q=a\r\nset-cookie: x").unwrap();
        assert!(path.bytes().all(|byte| byte.is_ascii_graphic()), "{path:?}");
    }

    #[test]
    fn an_answer_belongs_to_one_sign_in_and_comes_in_time() {
        let pending = pending();
        assert!(pending.is_answered_by(&answer("state"), 9));
        assert!(!pending.is_answered_by(&answer("state"), 10));
        assert!(!pending.is_answered_by(&answer("stat"), 9));
        assert!(!pending.is_answered_by(&answer(""), 9));
        assert!(!pending.is_answered_by(&Callback::default(), 9));
    }

    #[test]
    fn a_cookie_of_somebody_else_opens_nothing() {
        let vault = Vault::new([&Secret::new("one")]).unwrap();
        let other = Vault::new([&Secret::new("two")]).unwrap();
        let sealed = pending().seal(&vault).unwrap();
        assert!(!sealed.contains("verifier"));
        let opened = Pending::open(&vault, &sealed).unwrap();
        assert_eq!(opened.verifier, "verifier");
        assert!(Pending::open(&other, &sealed).is_none());
        assert!(Pending::open(&vault, "nonsense").is_none());
        let elsewhere = vault.seal("tenants/1/retell_key", "{}").unwrap();
        assert!(Pending::open(&vault, &elsewhere).is_none());
    }
}
