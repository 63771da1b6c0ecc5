//! Bearer tokens: long random texts whose hash alone is stored.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

const BYTES: usize = 32;

/// A random token of 256 bits, for a session or a link.
#[derive(Clone, PartialEq, Eq)]
pub struct Token([u8; BYTES]);

impl std::fmt::Debug for Token {
    /// Shows nothing of it, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(rand::random())
    }

    /// Reads a token from a cookie or a link; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The text for the cookie or the link.
    #[must_use]
    pub fn expose(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What is stored. The token is as random as the hash, so no salt and no
    /// slow hash are needed.
    #[must_use]
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_its_hash_does_not_show_it() {
        let token = Token::random();
        assert_eq!(Token::parse(&token.expose()), Some(token.clone()));
        assert_ne!(token, Token::random());
        assert_ne!(token.hash(), hex::encode(token.0));
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        for text in [
            "",
            "abc",
            "!",
            &"A".repeat(42),
            &"A".repeat(44),
            &"ä".repeat(43),
        ] {
            assert_eq!(Token::parse(text), None, "{text:?}");
        }
    }
}
