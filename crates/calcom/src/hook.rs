//! Webhooks of Cal.com. Pure.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// The header with the signature, in lower case.
pub const SIGNATURE: &str = "x-cal-signature-256";

/// What is to be told: whatever becomes of a booking.
pub const TRIGGERS: [&str; 5] = [
    "BOOKING_CREATED",
    "BOOKING_RESCHEDULED",
    "BOOKING_CANCELLED",
    "BOOKING_REQUESTED",
    "BOOKING_REJECTED",
];

/// Whether a webhook is signed with a secret: the lower-case hex of its body's HMAC-SHA256.
#[must_use]
pub fn is_signed(secret: &str, body: &[u8], signature: &str) -> bool {
    let Ok(given) = hex::decode(signature.trim()) else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return false;
    };
    mac.update(body);
    !secret.is_empty() && mac.verify_slice(&given).is_ok()
}

/// The signature of a body, as Cal.com makes it.
#[must_use]
pub fn sign(secret: &str, body: &[u8]) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

/// The booking a webhook is about, by its `uid`; nothing where it is about none.
///
/// What it says of the booking is not taken from it: it may come late, twice, or after another.
#[must_use]
pub fn about(body: &[u8]) -> Option<String> {
    let said: Value = lenient::from_slice(body).ok()?;
    let kind = said.get("triggerEvent")?.as_str()?;
    let payload = said.get("payload")?;
    let uid = payload.get("uid").or_else(|| payload.get("bookingUid"))?;
    let uid = uid.as_str()?.trim();
    let plain = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    let fits = (1..=100).contains(&uid.len()) && uid.chars().all(plain);
    (kind.starts_with("BOOKING_") && fits).then(|| uid.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_has_the_secret_signs() {
        let body = br#"{"triggerEvent":"BOOKING_CREATED"}"#;
        let signature = sign("secret", body);
        // As `openssl dgst -sha256 -hmac secret` makes it.
        let theirs = "6964392879e8555db7df0d473a03a5558576786a2ce99ce1a327c08bd1011903";
        assert_eq!(signature, theirs);
        assert!(is_signed("secret", body, &signature));
        assert!(!is_signed("another", body, &signature));
        assert!(!is_signed("secret", b"{}", &signature));
        assert!(!is_signed("secret", body, "no-secret-provided"));
        assert!(
            !is_signed("", body, &sign("", body)),
            "no secret signs nothing"
        );
    }

    #[test]
    fn it_is_about_a_booking_or_about_none() {
        let about = |text: &str| about(text.as_bytes());
        let moved =
            r#"{"triggerEvent":"BOOKING_RESCHEDULED","payload":{"uid":"b2","rescheduleUid":"b1"}}"#;
        assert_eq!(about(moved).as_deref(), Some("b2"));
        let absent = r#"{"triggerEvent":"BOOKING_NO_SHOW_UPDATED","payload":{"bookingUid":"b1"}}"#;
        assert_eq!(about(absent).as_deref(), Some("b1"));
        assert_eq!(
            about(r#"{"triggerEvent":"OOO_CREATED","payload":{"uid":"o1"}}"#),
            None
        );
        assert_eq!(
            about(r#"{"triggerEvent":"BOOKING_CREATED","payload":{"uid":"a/../b"}}"#),
            None
        );
        assert_eq!(about("[]"), None);
        let half = r#"{"triggerEvent":"BOOKING_CREATED","payload":{"title":"\ud83d","price":NaN,"uid":"b1"}}"#;
        assert_eq!(about(half).as_deref(), Some("b1"));
    }
}
