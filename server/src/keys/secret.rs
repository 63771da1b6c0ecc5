//! Secret API keys: how they are made, told once, and recognised.

use api::keys::{ApiScope, NewApiKey};

use crate::config::trimmed;
use crate::invalid::Invalid;
use crate::people::Token;

const PREFIX: &str = "sk_";
const HINT_CHARS: usize = 4;
const NAME_MAX_CHARS: usize = 80;

/// The secret of an API key: `sk_` and 256 random bits. Only its hash is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiSecret(Token);

impl ApiSecret {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(Token::random())
    }

    /// Reads what a program sent; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Token::parse(trimmed(text).strip_prefix(PREFIX)?).map(Self)
    }

    /// The text that is told once.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", self.0.expose())
    }

    /// What is stored (SHA-256, hexadecimal).
    #[must_use]
    pub fn hash(&self) -> String {
        self.0.hash()
    }

    /// The last four characters, by which people tell keys apart.
    #[must_use]
    pub fn hint(&self) -> String {
        let text = self.expose();
        text[text.len() - HINT_CHARS..].to_owned()
    }
}

/// Checks what a new API key is to be.
///
/// # Errors
/// With what is wrong.
pub fn check_new_api_key(mut new: NewApiKey, now: i64) -> Result<NewApiKey, Invalid> {
    new.name = new.name.trim().to_owned();
    if new.name.is_empty() {
        return Err(Invalid::of("name", "The key needs a name."));
    }
    if new.name.chars().count() > NAME_MAX_CHARS {
        return Err(Invalid::of("name", "The name has more than 80 characters."));
    }
    new.scopes.sort_unstable();
    new.scopes.dedup();
    if new.scopes.is_empty() {
        let all = ApiScope::ALL.map(ApiScope::name).join(", ");
        return Err(Invalid::of(
            "scopes",
            format!("The key needs at least one scope of {all}."),
        ));
    }
    if new.expires_at.is_some_and(|at| at <= now) {
        return Err(Invalid::of(
            "expires_at",
            "The key would have expired already.",
        ));
    }
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_and_neither_hash_nor_hint_show_it() {
        let secret = ApiSecret::random();
        let text = secret.expose();
        assert!(text.starts_with("sk_") && text.len() == 46);
        assert_eq!(ApiSecret::parse(&text), Some(secret.clone()));
        assert!(!secret.hash().contains(&text[3..]) && secret.hint().len() == 4);
        assert!(!format!("{secret:?}").contains(&text[3..]));
        for other in ["", "sk_", "sk_short", &text[3..], "pk_demo"] {
            assert_eq!(ApiSecret::parse(other), None, "{other}");
        }
    }

    #[test]
    fn a_key_without_name_scope_or_future_is_not_made() {
        let new = NewApiKey {
            name: " CRM ".to_owned(),
            scopes: vec![
                ApiScope::CallsWrite,
                ApiScope::CallsRead,
                ApiScope::CallsRead,
            ],
            expires_at: Some(10),
        };
        let checked = check_new_api_key(new.clone(), 5).unwrap();
        assert_eq!(checked.name, "CRM");
        assert_eq!(checked.scopes, [ApiScope::CallsRead, ApiScope::CallsWrite]);
        let no_name = NewApiKey {
            name: " ".to_owned(),
            ..new.clone()
        };
        let no_scope = NewApiKey {
            scopes: Vec::new(),
            ..new.clone()
        };
        for (wrong, now) in [(no_name, 5), (no_scope, 5), (new, 10)] {
            assert!(check_new_api_key(wrong, now).is_err());
        }
    }
}
