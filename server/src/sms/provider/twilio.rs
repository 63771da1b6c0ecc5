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

use super::{
    Became, Forged, Hook, Inbound, Outgoing, Provider, Receipt, Refusal, Standing, Trace, number,
    refused,
};

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

/// The clock of Twilio's may be so far behind ours (ms).
const SKEW_MS: i64 = 60_000;
/// So many of the last messages to a number are looked at.
const LOOKED_AT: &str = "100";

impl Twilio {
    async fn hand_over(
        &self,
        http: &Checked,
        message: Outgoing<'_>,
    ) -> Result<Option<String>, Refusal> {
        let (from, service) = match &self.settings {
            SmsProvider::Twilio {
                from,
                messaging_service_sid,
                ..
            } => (from.as_deref(), messaging_service_sid.as_deref()),
            _ => (None, None),
        };
        let fields = [
            ("To", Some(message.to.as_str())),
            ("Body", Some(message.body)),
            ("StatusCallback", Some(message.receipt_url)),
            ("ValidityPeriod", Some(VALID_S)),
            ("From", from),
            ("MessagingServiceSid", service),
        ];
        let fields = fields.iter().filter_map(|(name, it)| Some((*name, (*it)?)));
        let answer = self.ask(http, Method::POST, "/Messages", fields).await?;
        Ok(answer["sid"].as_str().map(str::to_owned))
    }

    /// Not by `DateSent`: what waits at Twilio has none yet.
    async fn messages_like(
        &self,
        http: &Checked,
        message: Outgoing<'_>,
        since: i64,
    ) -> Result<Vec<String>, Refusal> {
        let fields = [("To", message.to.as_str()), ("PageSize", LOOKED_AT)];
        let answer = self.ask(http, Method::GET, "/Messages", fields).await?;
        let is_like = |it: &&Value| {
            let text = |name: &str| it[name].as_str().unwrap_or_default();
            let made = jiff::fmt::rfc2822::parse(text("date_created"));
            // Trial accounts put a sentence of their own before it.
            text("direction").starts_with("outbound")
                && text("body").trim().ends_with(message.body.trim())
                && made.is_ok_and(|at| at.timestamp().as_millisecond() >= since - SKEW_MS)
        };
        let all = answer["messages"].as_array().into_iter().flatten();
        let ids = all.filter(is_like).map(|it| it["sid"].as_str());
        Ok(ids.flatten().map(str::to_owned).collect())
    }

    /// Asks something of the account, or of what it has.
    async fn ask<'a>(
        &self,
        http: &Checked,
        method: Method,
        what: &str,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Value, Refusal> {
        let SmsProvider::Twilio {
            account_sid,
            base_url,
            ..
        } = &self.settings
        else {
            return Err(Refusal::Never("The provider is not Twilio.".to_owned()));
        };
        let base = base_url.as_deref().unwrap_or(BASE).trim_end_matches('/');
        let mut url = format!("{base}/2010-04-01/Accounts/{account_sid}{what}.json");
        let mut form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        if method == Method::GET && !form.is_empty() {
            url = format!("{url}?{form}");
            form.clear();
        }
        let basic = STANDARD.encode(format!("{account_sid}:{}", self.auth_token));
        let mut headers = HeaderMap::new();
        if let Ok(mut basic) = HeaderValue::from_str(&format!("Basic {basic}")) {
            basic.set_sensitive(true);
            headers.insert(AUTHORIZATION, basic);
        }
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form_type);
        let answer = http.send(method, &url, headers, form).await?;
        let status = answer.status().as_u16();
        let bytes = answer.whole().await?;
        let answer: Value = lenient::from_slice(&bytes).unwrap_or_default();
        match status {
            200..=299 => Ok(answer),
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
        Box::pin(self.hand_over(http, message))
    }

    fn test<'a>(&'a self, http: &'a Checked) -> BoxFuture<'a, Result<Standing, Refusal>> {
        Box::pin(async move {
            self.ask(http, Method::GET, "", []).await?;
            Ok(Standing::Known)
        })
    }

    fn look<'a>(
        &'a self,
        http: &'a Checked,
        message: Outgoing<'a>,
        since: i64,
    ) -> BoxFuture<'a, Result<Trace, Refusal>> {
        Box::pin(async move {
            let ids = self.messages_like(http, message, since).await?;
            Ok(if ids.is_empty() {
                Trace::Nowhere
            } else {
                Trace::There(ids)
            })
        })
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
