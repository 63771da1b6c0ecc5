//! What is made of what comes to the address for a provider, up to the database.

use std::collections::BTreeMap;

use api::sms::{SmsInbound, SmsProvider, SmsReceipt, SmsSettings};

use axum::http::{HeaderMap, HeaderValue};

use super::provider::{self, Forged, Hook};
use super::{Connection, Secrets, text};

/// The body's kind in the first line, the query in the second; then the body.
pub fn sms(bytes: &[u8]) {
    let mut parts = bytes.splitn(3, |byte| *byte == b'\n');
    let mut part = || parts.next().unwrap_or_default();
    let (kind, query) = (
        String::from_utf8_lossy(part()).into_owned(),
        String::from_utf8_lossy(part()).into_owned(),
    );
    let scope = provider::scope(&query, &kind, part());
    let mut headers = HeaderMap::new();
    for name in ["x-twilio-signature", "authorization"] {
        if let Ok(value) = HeaderValue::from_str(&query) {
            headers.insert(name, value);
        }
    }
    let hook = Hook {
        url: "https://switchboard.example/api/webhooks/sms/a/b/inbound",
        scope: &scope,
        headers: &headers,
        body: bytes,
        now_s: 0,
    };
    let twilio = SmsProvider::Twilio {
        account_sid: "AC1".to_owned(),
        from: None,
        messaging_service_sid: None,
        base_url: None,
    };
    let vonage = SmsProvider::Vonage {
        api_key: "key".to_owned(),
        from: "Clinic".to_owned(),
        base_url: None,
    };
    let gateway = SmsProvider::Gateway {
        method: api::functions::TargetMethod::Get,
        url: "https://sms.example".to_owned(),
        headers: BTreeMap::new(),
        body: None,
        form: false,
        id: None,
        once_by_id: false,
        receipt: SmsReceipt {
            state: "query.d".to_owned(),
            id: Some("body.id".to_owned()),
            delivered: vec!["1".to_owned()],
            failed: vec!["2".to_owned()],
            error: None,
        },
        inbound: SmsInbound {
            number: "query.p".to_owned(),
            text: "body".to_owned(),
        },
    };
    for settings in [twilio, vonage, gateway] {
        let is_signed = !matches!(settings, SmsProvider::Gateway { .. });
        let connection = Connection {
            settings: SmsSettings {
                provider: Some(settings),
                ..SmsSettings::default()
            },
            secrets: Secrets {
                hook: String::new(),
                named: ["auth_token", "signature_secret"]
                    .map(|name| (name.to_owned(), "token".to_owned()))
                    .into(),
            },
        };
        let Some(provider) = provider::of(connection) else {
            continue;
        };
        if is_signed {
            assert_eq!(provider.verify(&hook), Err(Forged), "nobody has the token");
        }
        provider.receipt(&hook);
        if let Some(inbound) = provider.inbound(&hook) {
            assert!(text::segments(&inbound.text) > 0);
            let said = |it: &str| text::always(it).map(|(word, _)| word);
            assert_eq!(said(&inbound.text), said(inbound.text.trim()));
        }
    }
}
