//! Short signed tokens: proof that this server let a browser do one thing.
//!
//! A token says nothing by itself. Whoever checks it names the purpose and the
//! subject, and the token proves that we signed exactly those, and until when.
//! So a ticket for one call cannot open another, and a page's nonce is no
//! ticket.
//!
//! On the wire a token is base64url without padding of
//! `version (1 byte) ‖ expiry (8 bytes, Unix ms, big-endian) ‖ HMAC-SHA256`.
//! The version names this layout. What the secret before this one signed is accepted too,
//! while secrets are changed.

use crate::clock::{DAY_MS, HOUR_MS};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac, digest::Key};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The layout. A token of any other version is refused.
const VERSION: u8 = 1;

const EXPIRY_BYTES: usize = 8;
const MAC_BYTES: usize = 32;
const TOKEN_BYTES: usize = 1 + EXPIRY_BYTES + MAC_BYTES;

/// How long a call's ticket is valid (ms): longer than the longest call Retell
/// holds (two hours), with room for the summary after it.
pub const CALL_TICKET_LIFE_MS: i64 = 4 * HOUR_MS;

/// How long a panel page may start calls (ms): a page left open over a working
/// day still calls.
pub const PANEL_NONCE_LIFE_MS: i64 = 12 * HOUR_MS;

/// How long the link that sets the first business up works (ms).
pub const SETUP_TOKEN_LIFE_MS: i64 = DAY_MS;

/// How long a call-back form may be filled in (ms).
pub const CALLBACK_FORM_LIFE_MS: i64 = 2 * HOUR_MS;

/// Signs tokens with one secret, and checks those of it and of the one before.
#[derive(Clone)]
pub struct Signer {
    mac: Hmac<Sha256>,
    before: Option<Hmac<Sha256>>,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not one of our tokens at all.
    #[error("the token is malformed")]
    Malformed,
    /// We did not sign it, or signed it for something else.
    #[error("the token was not made for this")]
    Mismatch,
    /// It was right once.
    #[error("the token has expired")]
    Expired,
}

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    CallTicket,
    PanelNonce,
    Setup,
    CallbackForm,
}

impl Purpose {
    /// Keeps what is signed for one purpose from verifying as another.
    fn domain(self) -> &'static [u8] {
        match self {
            Self::CallTicket => b"switchboard call ticket\0",
            Self::PanelNonce => b"switchboard panel nonce\0",
            Self::Setup => b"switchboard setup\0",
            Self::CallbackForm => b"switchboard callback form\0",
        }
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

impl Signer {
    /// A signer for the server's secret, of any length.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self {
            mac: keyed(secret),
            before: None,
        }
    }

    /// The same, with what an earlier secret signed still good: panels that are open
    /// while secrets are changed go on.
    #[must_use]
    pub fn after(self, before: &[u8]) -> Self {
        Self {
            before: Some(keyed(before)),
            ..self
        }
    }

    /// A ticket for what the visitor of one call does with it.
    #[must_use]
    pub fn call_ticket(&self, call_id: &str, now_ms: i64) -> String {
        self.sign(
            Purpose::CallTicket,
            call_id,
            now_ms.saturating_add(CALL_TICKET_LIFE_MS),
        )
    }

    /// Checks a ticket against the call it should open.
    ///
    /// # Errors
    /// When the ticket is not ours, is for another call, or has expired.
    pub fn verify_call_ticket(
        &self,
        ticket: &str,
        call_id: &str,
        now_ms: i64,
    ) -> Result<(), TokenError> {
        self.verify(Purpose::CallTicket, call_id, ticket, now_ms)
            .map(drop)
    }

    /// A nonce for a panel page: the page may start calls with this public key.
    #[must_use]
    pub fn panel_nonce(&self, public_key: &str, now_ms: i64) -> String {
        self.sign(
            Purpose::PanelNonce,
            public_key,
            now_ms.saturating_add(PANEL_NONCE_LIFE_MS),
        )
    }

    /// Checks a panel page's nonce against the public key it wants to use.
    ///
    /// # Errors
    /// When the nonce is not ours, is for another key, or has expired.
    pub fn verify_panel_nonce(
        &self,
        nonce: &str,
        public_key: &str,
        now_ms: i64,
    ) -> Result<(), TokenError> {
        self.verify(Purpose::PanelNonce, public_key, nonce, now_ms)
            .map(drop)
    }

    /// A token with which the first business may be set up.
    #[must_use]
    pub fn setup_token(&self, now_ms: i64) -> String {
        let expires_at = now_ms.saturating_add(SETUP_TOKEN_LIFE_MS);
        self.sign(Purpose::Setup, "", expires_at)
    }

    /// Checks a token for setting the first business up.
    ///
    /// # Errors
    /// When the token is not ours, or has expired.
    pub fn verify_setup_token(&self, token: &str, now_ms: i64) -> Result<(), TokenError> {
        self.verify(Purpose::Setup, "", token, now_ms).map(drop)
    }

    /// Proof of when a call-back form of this public key was shown. No two are
    /// the same, so that one form is one request however often it is sent.
    #[must_use]
    pub fn callback_form(&self, public_key: &str, now_ms: i64) -> String {
        let id = Uuid::new_v4().simple().to_string();
        let expires_at = now_ms.saturating_add(CALLBACK_FORM_LIFE_MS);
        let token = self.sign(
            Purpose::CallbackForm,
            &format!("{id} {public_key}"),
            expires_at,
        );
        format!("{id}.{token}")
    }

    /// Checks a form's proof against its public key, and returns how long ago
    /// the form was shown (ms).
    ///
    /// # Errors
    /// When the proof is not ours, is for another key, or has expired.
    pub fn verify_callback_form(
        &self,
        form: &str,
        public_key: &str,
        now_ms: i64,
    ) -> Result<i64, TokenError> {
        let (id, token) = form.split_once('.').ok_or(TokenError::Malformed)?;
        let subject = format!("{id} {public_key}");
        let expires_at = self.verify(Purpose::CallbackForm, &subject, token, now_ms)?;
        Ok(now_ms - (expires_at - CALLBACK_FORM_LIFE_MS))
    }

    fn sign(&self, purpose: Purpose, subject: &str, expires_at_ms: i64) -> String {
        let expiry = expires_at_ms.to_be_bytes();
        let mac = fed(&self.mac, VERSION, purpose, expiry, subject)
            .finalize()
            .into_bytes();
        let mut token = Vec::with_capacity(TOKEN_BYTES);
        token.push(VERSION);
        token.extend_from_slice(&expiry);
        token.extend_from_slice(&mac);
        BASE64_URL_SAFE_NO_PAD.encode(token)
    }

    /// Until when the token is good (Unix ms).
    fn verify(
        &self,
        purpose: Purpose,
        subject: &str,
        token: &str,
        now_ms: i64,
    ) -> Result<i64, TokenError> {
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(token)
            .map_err(|_| TokenError::Malformed)?;
        let bytes: [u8; TOKEN_BYTES] = bytes.try_into().map_err(|_| TokenError::Malformed)?;
        let (version, rest) = (bytes[0], &bytes[1..]);
        let (expiry, mac) = rest.split_at(EXPIRY_BYTES);
        let expiry: [u8; EXPIRY_BYTES] = expiry.try_into().map_err(|_| TokenError::Malformed)?;
        if version != VERSION {
            return Err(TokenError::Mismatch);
        }
        // In constant time; and before the expiry is believed.
        let signed = |by: &Hmac<Sha256>| {
            let input = fed(by, version, purpose, expiry, subject);
            input.verify_slice(mac).is_ok()
        };
        if !signed(&self.mac) && !self.before.as_ref().is_some_and(signed) {
            return Err(TokenError::Mismatch);
        }
        let expires_at_ms = i64::from_be_bytes(expiry);
        if now_ms >= expires_at_ms {
            return Err(TokenError::Expired);
        }
        Ok(expires_at_ms)
    }
}

/// A keyed hash for a secret of any length.
fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    let digest = Sha256::digest(secret);
    let mut key = Key::<Hmac<Sha256>>::default();
    key[..digest.len()].copy_from_slice(&digest);
    Hmac::new(&key)
}

/// Every field before the subject has a fixed length or ends in NUL, so no
/// two sets of fields give the same input.
fn fed(
    by: &Hmac<Sha256>,
    version: u8,
    purpose: Purpose,
    expiry: [u8; EXPIRY_BYTES],
    subject: &str,
) -> Hmac<Sha256> {
    let mut mac = by.clone();
    mac.update(purpose.domain());
    mac.update(&[version]);
    mac.update(&expiry);
    mac.update(subject.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_790_000_000_000;

    fn signer() -> Signer {
        Signer::new(b"0123456789abcdef0123456789abcdef")
    }

    #[test]
    fn a_ticket_opens_its_call_until_it_expires() {
        let ticket = signer().call_ticket("call_1", NOW);
        let at = |now| signer().verify_call_ticket(&ticket, "call_1", now);
        assert_eq!(at(NOW), Ok(()));
        assert_eq!(at(NOW + CALL_TICKET_LIFE_MS - 1), Ok(()));
        assert_eq!(at(NOW + CALL_TICKET_LIFE_MS), Err(TokenError::Expired));
    }

    #[test]
    fn a_ticket_opens_no_other_call() {
        let ticket = signer().call_ticket("call_1", NOW);
        for other in ["call_2", "call_", "call_11", "", "CALL_1"] {
            let verdict = signer().verify_call_ticket(&ticket, other, NOW);
            assert_eq!(verdict, Err(TokenError::Mismatch), "{other:?}");
        }
    }

    #[test]
    fn a_token_for_one_purpose_is_no_good_for_another() {
        let nonce = signer().panel_nonce("same", NOW);
        let ticket = signer().call_ticket("same", NOW);
        assert_eq!(signer().verify_panel_nonce(&nonce, "same", NOW), Ok(()));
        assert_eq!(
            signer().verify_call_ticket(&nonce, "same", NOW),
            Err(TokenError::Mismatch)
        );
        assert_eq!(
            signer().verify_panel_nonce(&ticket, "same", NOW),
            Err(TokenError::Mismatch)
        );
    }

    #[test]
    fn another_secret_does_not_verify_but_the_one_before() {
        let before = b"another secret";
        let ticket = Signer::new(before).call_ticket("call_1", NOW);
        let verdict = |by: Signer| by.verify_call_ticket(&ticket, "call_1", NOW);
        assert_eq!(verdict(signer()), Err(TokenError::Mismatch));
        assert_eq!(
            verdict(signer().after(b"a third")),
            Err(TokenError::Mismatch)
        );
        assert_eq!(verdict(signer().after(before)), Ok(()));
        // New ones are signed with the new secret.
        let new = signer().after(before).call_ticket("call_1", NOW);
        assert_eq!(signer().verify_call_ticket(&new, "call_1", NOW), Ok(()));
    }

    #[test]
    fn a_later_expiry_cannot_be_written_in() {
        let ticket = signer().call_ticket("call_1", NOW);
        let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(ticket).unwrap();
        bytes[1..9].copy_from_slice(&i64::MAX.to_be_bytes());
        let forged = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let verdict = signer().verify_call_ticket(&forged, "call_1", NOW);
        assert_eq!(verdict, Err(TokenError::Mismatch));
    }

    #[test]
    fn a_form_tells_its_age_and_is_good_for_its_key() {
        let form = signer().callback_form("pk_1", NOW);
        assert_ne!(form, signer().callback_form("pk_1", NOW));
        let at = |key, now| signer().verify_callback_form(&form, key, now);
        assert_eq!(at("pk_1", NOW + 2500), Ok(2500));
        assert_eq!(at("pk_2", NOW), Err(TokenError::Mismatch));
        assert_eq!(
            at("pk_1", NOW + CALLBACK_FORM_LIFE_MS),
            Err(TokenError::Expired)
        );
        let other = signer().callback_form("pk_1", NOW);
        let (id, _) = other.split_once('.').unwrap();
        let (_, token) = form.split_once('.').unwrap();
        let mixed = format!("{id}.{token}");
        assert_eq!(
            signer().verify_callback_form(&mixed, "pk_1", NOW),
            Err(TokenError::Mismatch)
        );
    }

    proptest! {
        #[test]
        fn any_changed_bit_is_noticed(byte in 0..TOKEN_BYTES, bit in 0..8_u32) {
            let ticket = signer().call_ticket("call_1", NOW);
            let mut bytes = BASE64_URL_SAFE_NO_PAD.decode(ticket).unwrap();
            bytes[byte] ^= 1 << bit;
            let forged = BASE64_URL_SAFE_NO_PAD.encode(bytes);
            prop_assert_eq!(
                signer().verify_call_ticket(&forged, "call_1", NOW),
                Err(TokenError::Mismatch)
            );
        }

        #[test]
        fn any_text_is_refused_without_panic(text in ".{0,120}") {
            prop_assert!(signer().verify_call_ticket(&text, "call_1", NOW).is_err());
        }
    }
}
