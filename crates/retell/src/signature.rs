//! Retell's request signature, `x-retell-signature: v=<unix ms>,d=<hex>` (protocol A5).
//!
//! The digest is HMAC-SHA256 over the raw body followed by the decimal timestamp.
//! Verify the bytes as they came in: JSON written anew differs.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header's name.
pub const HEADER: &str = "x-retell-signature";

/// How far a signature's time may lie from ours, in either direction (ms).
pub const TOLERANCE_MS: u64 = 300_000;

/// So many digits has a time in seconds, and for longer than we are here.
const SECONDS_DIGITS: usize = 10;

/// Why a signature was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is none.
    #[error("the signature is missing")]
    Missing,
    /// It is not `v=<digits>` and `d=<64 hex digits>`.
    #[error("the signature is malformed")]
    Malformed,
    /// It was made over another body, at another time or with another key.
    #[error("the signature does not match")]
    Mismatch,
    /// It is genuine, but more than five minutes old or ahead.
    #[error("the signature is too old or too new")]
    Stale {
        /// How far it is ahead of our clock (ms); negative when it is behind.
        ahead_ms: i64,
    },
}

/// Signs a body: the header's value.
#[must_use]
pub fn sign(body: &[u8], key: &str, now_ms: u64) -> String {
    let version = now_ms.to_string();
    let digest = hex::encode(mac(body, key, &version).finalize().into_bytes());
    format!("v={version},d={digest}")
}

/// Verifies a body against the header's value, in constant time.
///
/// # Errors
/// Whatever is wrong with the signature. Only a genuine one can be
/// [`SignatureError::Stale`].
pub fn verify(body: &[u8], key: &str, header: &str, now_ms: u64) -> Result<(), SignatureError> {
    let (version, signed_ms, digest) = read(header)?;
    mac(body, key, version)
        .verify_slice(&digest)
        .map_err(|_| SignatureError::Mismatch)?;
    fresh(signed_ms, now_ms)
}

/// Checks what can be checked before the body is there: that the header has the form of a
/// signature and a time near ours. Returns that time (Unix ms). It says nothing about who
/// made it, so it is good only for refusing early; [`verify`] decides.
///
/// # Errors
/// Whatever is wrong with the header. It may be [`SignatureError::Stale`] without being genuine.
pub fn check_header(header: &str, now_ms: u64) -> Result<u64, SignatureError> {
    let (_, signed_ms, _) = read(header)?;
    fresh(signed_ms, now_ms)?;
    Ok(signed_ms)
}

/// The time a header names (Unix ms), whoever wrote it and however long ago.
#[must_use]
pub fn signed_at(header: &str) -> Option<u64> {
    read(header).ok().map(|(_, signed_ms, _)| signed_ms)
}

fn fresh(signed_ms: u64, now_ms: u64) -> Result<(), SignatureError> {
    if now_ms.abs_diff(signed_ms) <= TOLERANCE_MS {
        return Ok(());
    }
    let ms = |ms| i64::try_from(ms).unwrap_or(i64::MAX);
    Err(SignatureError::Stale {
        ahead_ms: ms(signed_ms).saturating_sub(ms(now_ms)),
    })
}

/// The time as it is spelled, the time, and the digest.
fn read(header: &str) -> Result<(&str, u64, [u8; 32]), SignatureError> {
    if header.is_empty() {
        return Err(SignatureError::Missing);
    }
    let (version, digest) = parse(header).ok_or(SignatureError::Malformed)?;
    let signed_ms: u64 = version.parse().map_err(|_| SignatureError::Malformed)?;
    // So few digits are seconds, or a time half a century ago.
    let unit = if version.len() == SECONDS_DIGITS {
        1000
    } else {
        1
    };
    Ok((version, signed_ms.saturating_mul(unit), digest))
}

/// Whatever tidies headers on the way may turn the two parts round, set spaces beside them and
/// change letters' case: all that is as good as it was.
fn parse(header: &str) -> Option<(&str, [u8; 32])> {
    let (mut version, mut digest) = (None, None);
    for part in header.split(',') {
        let (name, value) = part.trim().split_once('=')?;
        let place = match name {
            "v" | "V" => &mut version,
            "d" | "D" => &mut digest,
            _ => return None,
        };
        if place.replace(value).is_some() {
            return None;
        }
    }
    let (version, digest) = (version?, digest?);
    let digits = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    let mut bytes = [0; 32];
    hex::decode_to_slice(digest, &mut bytes).ok()?;
    digits.then_some((version, bytes))
}

fn mac(body: &[u8], key: &str, version: &str) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any key length");
    mac.update(body);
    mac.update(version.as_bytes());
    mac
}
