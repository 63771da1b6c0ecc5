//! Vonage, by its Messages API.

use std::future::ready;

use api::sms::SmsProvider;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use futures_util::future::BoxFuture;
use outbound::Checked;
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{
    Became, Forged, Hook, Inbound, Outgoing, Provider, Receipt, Refusal, Trace, number, refused,
};

const BASE: &str = "https://api.nexmo.com";
/// A text about today is worth nothing tomorrow (s).
const VALID_S: u32 = 14_400;
/// How old what was signed may be, and how far ahead the signer's clock (s).
const FRESH_S: u64 = 300;

/// An account at Vonage.
pub(super) struct Vonage {
    /// Always that kind.
    pub(super) settings: SmsProvider,
    pub(super) api_secret: String,
    /// What its webhooks are signed with.
    pub(super) signature_secret: String,
}

/// The first part of a token.
#[derive(Deserialize)]
struct Head {
    alg: String,
}

/// What a token says of the request it came with.
#[derive(Deserialize)]
struct Claims {
    /// When it was signed (Unix s).
    iat: i64,
    /// The body's SHA-256, in hexadecimal.
    payload_hash: String,
    /// Whose it is.
    api_key: String,
}

impl Vonage {
    async fn ask(&self, http: &Checked, message: Outgoing<'_>) -> Result<Option<String>, Refusal> {
        let SmsProvider::Vonage {
            api_key,
            from,
            base_url,
        } = &self.settings
        else {
            return Err(Refusal::Never("The provider is not Vonage.".to_owned()));
        };
        let base = base_url.as_deref().unwrap_or(BASE).trim_end_matches('/');
        let body = json!({
            "message_type": "text", "channel": "sms", "text": message.body,
            // Vonage writes numbers without their plus.
            "to": message.to.as_str().trim_start_matches('+'),
            "from": from.trim_start_matches('+'),
            "client_ref": message.id, "ttl": VALID_S,
            "webhook_url": message.receipt_url, "webhook_version": "v1",
        });
        let mut headers = HeaderMap::new();
        let basic = STANDARD.encode(format!("{api_key}:{}", self.api_secret));
        if let Ok(mut basic) = HeaderValue::from_str(&format!("Basic {basic}")) {
            basic.set_sensitive(true);
            headers.insert(AUTHORIZATION, basic);
        }
        let json = HeaderValue::from_static("application/json");
        headers.insert(CONTENT_TYPE, json.clone());
        headers.insert(ACCEPT, json);
        let url = format!("{base}/v1/messages");
        let answer = http
            .send(Method::POST, &url, headers, body.to_string())
            .await?;
        let status = answer.status().as_u16();
        let bytes = answer.whole().await?;
        let answer: Value = lenient::from_slice(&bytes).unwrap_or_default();
        match status {
            200..=299 => Ok(answer["message_uuid"].as_str().map(str::to_owned)),
            // Its detail may quote the number.
            _ => Err(refused(
                status,
                match code(&answer) {
                    Some(code) => format!("Vonage answered {status}, code {code}."),
                    None => format!("Vonage answered {status}."),
                },
            )),
        }
    }

    /// Whether a token is Vonage's, of this account, of this body and of now.
    fn is_signed(&self, token: &str, body: &[u8], now_s: i64) -> bool {
        let Some((signed, signature)) = token.rsplit_once('.') else {
            return false;
        };
        let Some((head, claims)) = signed.split_once('.') else {
            return false;
        };
        let Ok(signature) = URL_SAFE_NO_PAD.decode(signature) else {
            return false;
        };
        // Whoever has no secret can sign nothing, not even with an empty one.
        if self.signature_secret.is_empty() {
            return false;
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.signature_secret.as_bytes());
        if hmac::verify(&key, signed.as_bytes(), &signature).is_err() {
            return false;
        }
        let head: Option<Head> = part(head);
        let claims: Option<Claims> = part(claims);
        let (Some(head), Some(claims)) = (head, claims) else {
            return false;
        };
        let is_ours = matches!(
            &self.settings, SmsProvider::Vonage { api_key, .. } if *api_key == claims.api_key
        );
        let hash = hex::encode(Sha256::digest(body));
        let same: bool = claims.payload_hash.as_bytes().ct_eq(hash.as_bytes()).into();
        // What was signed long ago may be sent by anybody who saw it.
        let is_fresh = now_s.abs_diff(claims.iat) <= FRESH_S;
        head.alg == "HS256" && is_ours && same && is_fresh
    }
}

/// A part of a token.
fn part<T: for<'a> Deserialize<'a>>(text: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// The number of an error, which its type ends with: `…/api-errors/messages#1120`.
fn code(error: &Value) -> Option<&str> {
    let (_, code) = error["type"].as_str()?.rsplit_once('#')?;
    let is_number = !code.is_empty() && code.len() <= 6;
    (is_number && code.bytes().all(|byte| byte.is_ascii_digit())).then_some(code)
}

impl Provider for Vonage {
    fn send<'a>(
        &'a self,
        http: &'a Checked,
        message: Outgoing<'a>,
    ) -> BoxFuture<'a, Result<Option<String>, Refusal>> {
        Box::pin(self.ask(http, message))
    }

    /// The Messages API tells nothing of what it was handed; the Reports API is another product,
    /// is paid for, and lags behind. A receipt settles it, whose address has our id.
    fn look<'a>(
        &'a self,
        _: &'a Checked,
        _: Outgoing<'a>,
        _: i64,
    ) -> BoxFuture<'a, Result<Trace, Refusal>> {
        Box::pin(ready(Ok(Trace::Unknowable)))
    }

    fn verify(&self, hook: &Hook<'_>) -> Result<(), Forged> {
        let token = hook.header(AUTHORIZATION.as_str());
        let token = token.and_then(|text| text.strip_prefix("Bearer "));
        let is_signed = token.is_some_and(|it| self.is_signed(it, hook.body, hook.now_s));
        if is_signed { Ok(()) } else { Err(Forged) }
    }

    fn receipt(&self, hook: &Hook<'_>) -> Option<Receipt> {
        let body = &hook.scope["body"];
        let became = match body["status"].as_str()? {
            "delivered" | "read" => Became::Delivered,
            "undeliverable" | "rejected" => Became::Failed,
            _ => return None,
        };
        let code = code(&body["error"]);
        Some(Receipt {
            provider_id: body["message_uuid"].as_str().map(str::to_owned),
            became,
            error: code.map(|code| format!("Vonage's code {code}.")),
            opted_out: false,
        })
    }

    fn inbound(&self, hook: &Hook<'_>) -> Option<Inbound> {
        let body = &hook.scope["body"];
        let field = |name: &str| body[name].as_str();
        if field("channel")? != "sms" {
            return None;
        }
        Some(Inbound {
            number: number(field("from")?)?,
            text: field("text")?.to_owned(),
            provider_id: field("message_uuid").map(str::to_owned),
        })
    }
}
