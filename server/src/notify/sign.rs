//! Signatures as Standard Webhooks has them: HMAC-SHA256 over id, time and body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::config::Secret;

/// What a secret begins with, as it is shown.
const PREFIX: &str = "whsec_";
/// Random bytes of a secret; the specification asks for 24 to 64.
const SECRET_BYTES: usize = 32;

/// A new secret, as it is shown.
#[must_use]
pub fn new_secret() -> Secret {
    let bytes: [u8; SECRET_BYTES] = rand::random();
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

/// The value of `webhook-signature`: one signature for each secret, so that a
/// receiver that still has the previous one can verify, too. `timestamp` is in
/// Unix seconds.
#[must_use]
pub fn signature(secrets: &[Secret], id: &str, timestamp: i64, body: &str) -> String {
    let signatures: Vec<_> = secrets
        .iter()
        .map(|secret| {
            let signature = mac(secret, format!("{id}.{timestamp}.{body}").as_bytes());
            format!("v1,{}", STANDARD.encode(signature))
        })
        .collect();
    signatures.join(" ")
}

fn mac(secret: &Secret, content: &[u8]) -> Vec<u8> {
    let text = secret.expose();
    let text = text.strip_prefix(PREFIX).unwrap_or(text);
    // Only `new_secret` makes secrets, so that they always decode.
    let key = STANDARD.decode(text).unwrap_or_default();
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&key).expect("any key will do");
    mac.update(content);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use standardwebhooks::Webhook;

    use super::*;

    const BODY: &str = r#"{"type":"test.ping","name":"Ünïcode"}"#;

    fn headers(id: &str, timestamp: i64, signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", id.parse().unwrap());
        headers.insert("webhook-timestamp", timestamp.to_string().parse().unwrap());
        headers.insert("webhook-signature", signature.parse().unwrap());
        headers
    }

    fn now_s() -> i64 {
        jiff::Timestamp::now().as_second()
    }

    #[test]
    fn the_reference_library_accepts_what_we_sign() {
        let (secret, now) = (new_secret(), now_s());
        let receiver = Webhook::new(secret.expose()).unwrap();
        let signature = signature(&[secret], "evt_1", now, BODY);
        let good = headers("evt_1", now, &signature);
        receiver.verify(BODY.as_bytes(), &good).unwrap();
        let other_id = headers("evt_2", now, &signature);
        assert!(receiver.verify(BODY.as_bytes(), &other_id).is_err());
        assert!(receiver.verify(b"{}", &good).is_err());
    }

    #[test]
    fn both_secrets_of_a_rotation_verify() {
        let (new, old, now) = (new_secret(), new_secret(), now_s());
        let both = signature(&[new.clone(), old.clone()], "evt_1", now, BODY);
        for secret in [&new, &old] {
            let receiver = Webhook::new(secret.expose()).unwrap();
            let headers = headers("evt_1", now, &both);
            receiver.verify(BODY.as_bytes(), &headers).unwrap();
        }
        let stranger = Webhook::new(new_secret().expose()).unwrap();
        assert!(
            stranger
                .verify(BODY.as_bytes(), &headers("evt_1", now, &both))
                .is_err()
        );
    }

    #[test]
    fn the_vector_of_the_specification() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        assert_eq!(
            signature(
                &[secret],
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#,
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }
}
