//! Secrets at rest: other people's keys, sealed before they reach the database.
//!
//! AES-256-GCM with a random nonce. What a secret is for is authenticated with
//! it, so that a sealed text copied into another row opens nothing there.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::config::Secret;

const VERSION: &str = "v1";
/// Characters of a key's hash that name it in what it sealed.
const KEY_NAME_CHARS: usize = 8;

/// Seals and opens secrets. The first of its keys seals, each opens what it
/// sealed: so a new key is put before the old one until everything is sealed
/// anew. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    keys: Arc<[Key]>,
}

struct Key {
    name: String,
    key: RandomizedNonceKey,
}

/// Why a secret cannot be sealed or opened. None of them says what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// There is no key at all.
    #[error("there is no encryption key")]
    NoKey,
    /// The sealed text is not one.
    #[error("the sealed secret is damaged")]
    Damaged,
    /// It was sealed with a key that is not among ours.
    #[error("the secret was sealed with an encryption key this server does not have")]
    KeyUnknown,
    /// It was changed, or belongs elsewhere.
    #[error("the sealed secret does not belong here, or was changed")]
    Mismatch,
    /// The cipher failed.
    #[error("the cipher failed")]
    Cipher,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Vault").finish_non_exhaustive()
    }
}

impl Vault {
    /// A vault with these keys, the newest first. A key is any text of enough
    /// entropy; its SHA-256 is what seals.
    ///
    /// # Errors
    /// When there is no key, or the cipher refuses one.
    pub fn new<'a>(keys: impl IntoIterator<Item = &'a Secret>) -> Result<Self, VaultError> {
        let keys = keys
            .into_iter()
            .map(|key| {
                let bytes = Sha256::digest(key.expose());
                let name = hex::encode(Sha256::digest(bytes));
                Ok(Key {
                    name: name[..KEY_NAME_CHARS].to_owned(),
                    key: RandomizedNonceKey::new(&AES_256_GCM, &bytes)
                        .map_err(|_| VaultError::Cipher)?,
                })
            })
            .collect::<Result<Arc<[_]>, _>>()?;
        if keys.is_empty() {
            return Err(VaultError::NoKey);
        }
        Ok(Self { keys })
    }

    /// Seals a secret. `purpose` says what it is and whose, such as
    /// `tenants/tenant_1/retell_key`; only with the same it opens again.
    ///
    /// # Errors
    /// When the cipher fails.
    pub fn seal(&self, purpose: &str, secret: &str) -> Result<String, VaultError> {
        let key = self.keys.first().ok_or(VaultError::NoKey)?;
        let mut text = secret.as_bytes().to_vec();
        let nonce = key
            .key
            .seal_in_place_append_tag(Aad::from(purpose), &mut text)
            .map_err(|_| VaultError::Cipher)?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut text);
        let sealed = URL_SAFE_NO_PAD.encode(sealed);
        Ok(format!("{VERSION}.{}.{sealed}", key.name))
    }

    /// Opens what [`Vault::seal`] sealed for the same purpose.
    ///
    /// # Errors
    /// When it is damaged, of another purpose, or sealed with a key we lack.
    pub fn open(&self, purpose: &str, sealed: &str) -> Result<Secret, VaultError> {
        let mut parts = sealed.splitn(3, '.');
        let (Some(VERSION), Some(name), Some(text)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(VaultError::Damaged);
        };
        let key = self.keys.iter().find(|key| key.name == name);
        let key = key.ok_or(VaultError::KeyUnknown)?;
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| VaultError::Damaged)?;
        let (nonce, text) = bytes
            .split_first_chunk::<NONCE_LEN>()
            .ok_or(VaultError::Damaged)?;
        let mut text = text.to_vec();
        let opened = key
            .key
            .open_in_place(Nonce::from(nonce), Aad::from(purpose), &mut text)
            .map_err(|_| VaultError::Mismatch)?;
        let opened = std::str::from_utf8(opened).map_err(|_| VaultError::Damaged)?;
        Ok(Secret::new(opened))
    }

    /// Whether a sealed text was sealed with the newest key.
    #[must_use]
    pub fn is_current(&self, sealed: &str) -> bool {
        let newest = self.keys.first();
        newest.is_some_and(|key| sealed.split('.').nth(1) == Some(key.name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(keys: &[&str]) -> Vault {
        let keys: Vec<_> = keys.iter().map(|&key| Secret::new(key)).collect();
        Vault::new(&keys).unwrap()
    }

    #[test]
    fn a_secret_opens_only_where_it_belongs() {
        let vault = vault(&["one"]);
        let sealed = vault.seal("tenants/a/retell_key", "key_live").unwrap();
        assert!(!sealed.contains("key_live"));
        let opened = vault.open("tenants/a/retell_key", &sealed).unwrap();
        assert_eq!(opened.expose(), "key_live");
        assert_eq!(
            vault.open("tenants/b/retell_key", &sealed),
            Err(VaultError::Mismatch)
        );
        assert_ne!(
            sealed,
            vault.seal("tenants/a/retell_key", "key_live").unwrap(),
            "every nonce is new"
        );
    }

    #[test]
    fn a_key_is_replaced_while_the_old_one_still_opens() {
        let old = vault(&["old"]);
        let both = vault(&["new", "old"]);
        let sealed = old.seal("p", "secret").unwrap();
        assert!(old.is_current(&sealed) && !both.is_current(&sealed));
        let opened = both.open("p", &sealed).unwrap();
        let again = both.seal("p", opened.expose()).unwrap();
        assert!(both.is_current(&again));
        let new = vault(&["new"]);
        assert_eq!(new.open("p", &again).unwrap().expose(), "secret");
        assert_eq!(new.open("p", &sealed), Err(VaultError::KeyUnknown));
    }

    #[test]
    fn what_is_damaged_is_not_opened() {
        let vault = vault(&["one"]);
        let sealed = vault.seal("p", "secret").unwrap();
        for text in ["", "v1", "v1..", "v2.a.b", "plain text"] {
            assert!(vault.open("p", text).is_err(), "{text}");
        }
        let (head, tail) = sealed.split_at(sealed.len() - 4);
        let other = if tail == "AAAA" { "BBBB" } else { "AAAA" };
        assert!(vault.open("p", &format!("{head}{other}")).is_err());
        assert!(Vault::new(&[]).is_err());
    }
}
