//! Twilio.

use std::collections::BTreeMap;

use api::sms::SmsProvider;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;
use hmac::{Hmac, KeyInit, Mac};
use outbound::Checked;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;
use sha1::Sha1;
use subtle::ConstantTimeEq;

use super::{Became, Forged, Hook, Inbound, Outgoing, Provider, Receipt, Refusal, number, refused};

const BASE: &str = "https://api.twilio.com";
/// A text about today is worth nothing tomorrow (s).
const VALID_S: &str = "14400";
/// The number has written STOP.
const OPTED_OUT: u64 = 21_610;

/// An account at Twilio.
pub(super) struct Twilio {
    /// Always that kind.
    pub(super) settings: SmsProvider,
    pub(super) auth_token: String,
}

impl Twilio {
    async fn ask(&self, http: &Checked, message: Outgoing<'_>) -> Result<Option<String>, Refusal> {
        let SmsProvider::Twilio {
            account_sid,
            from,
            messaging_service_sid,
            base_url,
        } = &self.settings
        else {
            return Err(Refusal::Never("The provider is not Twilio.".to_owned()));
        };
        let base = base_url.as_deref().unwrap_or(BASE).trim_end_matches('/');
        let url = format!("{base}/2010-04-01/Accounts/{account_sid}/Messages.json");
        let fields = [
            ("To", Some(message.to.as_str())),
            ("Body", Some(message.body)),
            ("StatusCallback", Some(message.receipt_url)),
            ("ValidityPeriod", Some(VALID_S)),
            ("From", from.as_deref()),
            ("MessagingServiceSid", messaging_service_sid.as_deref()),
        ];
        let fields = fields
            .iter()
            .filter_map(|(name, value)| Some((name, (*value)?)));
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let basic = STANDARD.encode(format!("{account_sid}:{}", self.auth_token));
        let mut headers = HeaderMap::new();
        if let Ok(mut basic) = HeaderValue::from_str(&format!("Basic {basic}")) {
            basic.set_sensitive(true);
            headers.insert(AUTHORIZATION, basic);
        }
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form_type);
        let answer = http.send(Method::POST, &url, headers, form).await?;
        let status = answer.status().as_u16();
        let bytes = answer.whole().await?;
        let answer: Value = lenient::from_slice(&bytes).unwrap_or_default();
        match status {
            200..=299 => Ok(answer["sid"].as_str().map(str::to_owned)),
            _ if answer["code"] == OPTED_OUT => Err(Refusal::OptedOut),
            _ => {
                // Its message may quote the number.
                let code = answer["code"].as_u64().unwrap_or_default();
                Err(refused(
                    status,
                    format!("Twilio answered {status}, code {code}."),
                ))
            }
        }
    }

    /// What Twilio signs a request with: its address, and the fields by their names.
    fn signature(&self, url: &str, body: &Value) -> Vec<u8> {
        let mut text = url.to_owned();
        let fields = body.as_object().into_iter().flatten();
        for (name, value) in fields.collect::<BTreeMap<_, _>>() {
            text.push_str(name);
            text.push_str(value.as_str().unwrap_or_default());
        }
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(self.auth_token.as_bytes())
            .expect("any key will do");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

impl Provider for Twilio {
    fn send<'a>(
        &'a self,
        http: &'a Checked,
        message: Outgoing<'a>,
    ) -> BoxFuture<'a, Result<Option<String>, Refusal>> {
        Box::pin(self.ask(http, message))
    }

    fn verify(&self, hook: &Hook<'_>) -> Result<(), Forged> {
        let given = hook.header("x-twilio-signature");
        let given = given.and_then(|text| STANDARD.decode(text).ok());
        let right = self.signature(hook.url, &hook.scope["body"]);
        let same = given.is_some_and(|given| given.ct_eq(&right).into());
        if same { Ok(()) } else { Err(Forged) }
    }

    fn receipt(&self, hook: &Hook<'_>) -> Option<Receipt> {
        let field = |name: &str| hook.scope["body"][name].as_str();
        let became = match field("MessageStatus")? {
            "delivered" | "read" => Became::Delivered,
            "undelivered" | "failed" | "canceled" => Became::Failed,
            _ => return None,
        };
        let code = field("ErrorCode");
        Some(Receipt {
            provider_id: field("MessageSid").map(str::to_owned),
            became,
            opted_out: code == Some("21610"),
            error: code.map(|code| format!("Twilio's code {code}.")),
        })
    }

    fn inbound(&self, hook: &Hook<'_>) -> Option<Inbound> {
        let field = |name: &str| hook.scope["body"][name].as_str();
        Some(Inbound {
            number: number(field("From")?)?,
            text: field("Body")?.to_owned(),
            provider_id: field("MessageSid").map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The example of Twilio's documentation and of its libraries' tests.
    #[test]
    fn a_signature_is_what_twilio_makes() {
        let twilio = Twilio {
            settings: SmsProvider::LogOnly,
            auth_token: "12345".to_owned(),
        };
        let body = json!({
            "CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234",
            "From": "+14158675309", "To": "+18005551212",
        });
        let scope = json!({"body": body});
        let verified = |signature: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            if let Some(signature) = signature {
                headers.insert("x-twilio-signature", HeaderValue::from_static(signature));
            }
            twilio.verify(&Hook {
                url: "https://mycompany.com/myapp.php?foo=1&bar=2",
                scope: &scope,
                headers: &headers,
                body: b"",
                now_s: 0,
            })
        };
        assert_eq!(verified(Some("RSOYDt4T1cUTdK1PDd93/VVr8B8=")), Ok(()));
        for forged in [None, Some(""), Some("RSOYDt4T1cUTdK1PDd93/VVr8B9=")] {
            assert_eq!(verified(forged), Err(Forged));
        }
    }
}
