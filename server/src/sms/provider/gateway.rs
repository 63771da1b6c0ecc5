//! Any gateway that takes HTTP, as its business describes it.

use std::collections::BTreeMap;

use api::functions::TargetMethod;
use api::sms::SmsProvider;
use futures_util::future::BoxFuture;
use outbound::Checked;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::{Became, Forged, Hook, Inbound, Outgoing, Provider, Receipt, Refusal, number, refused};
use crate::template;

/// A gateway.
pub(super) struct Gateway {
    /// Always that kind.
    pub(super) settings: SmsProvider,
    pub(super) secrets: BTreeMap<String, String>,
}

impl Gateway {
    async fn ask(&self, http: &Checked, message: Outgoing<'_>) -> Result<Option<String>, Refusal> {
        let SmsProvider::Gateway {
            method,
            url,
            headers: named,
            body,
            form,
            id,
            ..
        } = &self.settings
        else {
            return Err(Refusal::Never("The provider is no gateway.".to_owned()));
        };
        let scope = json!({
            "to": message.to.as_str(), "digits": message.to.as_str().trim_start_matches('+'),
            "text": message.body, "id": message.id, "receipt_url": message.receipt_url,
            "secrets": self.secrets,
        });
        let url = template::text(url, &scope, template::in_address);
        let (method, has_body) = match method {
            TargetMethod::Get => (Method::GET, false),
            TargetMethod::Post => (Method::POST, true),
            TargetMethod::Put => (Method::PUT, true),
            TargetMethod::Patch => (Method::PATCH, true),
            TargetMethod::Delete => (Method::DELETE, false),
        };
        let mut headers = HeaderMap::new();
        let body = body.as_ref().filter(|_| has_body);
        let body = body.map(|template| template::json(template, &scope));
        let body = match (body, form) {
            (None, _) => String::new(),
            (Some(body), true) => {
                let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
                headers.insert(CONTENT_TYPE, form_type);
                let fields = body.as_object().into_iter().flatten();
                let fields = fields.map(|(name, value)| (name, template::plain(value)));
                url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(fields)
                    .finish()
            }
            (Some(body), false) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                body.to_string()
            }
        };
        for (name, value) in named {
            let value = template::text(value, &scope, str::to_owned);
            if let (Ok(name), Ok(mut value)) =
                (HeaderName::try_from(name), HeaderValue::from_str(&value))
            {
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        let answer = http.send(method, &url, headers, body).await?;
        let (status, bytes) = super::whole(answer).await?;
        if !(200..=299).contains(&status) {
            return Err(refused(status, format!("The gateway answered {status}.")));
        }
        let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let id = id.as_ref().and_then(|path| template::at(&answer, path));
        Ok(id.map(template::plain).filter(|id| !id.is_empty()))
    }
}

impl Provider for Gateway {
    fn send<'a>(
        &'a self,
        http: &'a Checked,
        message: Outgoing<'a>,
    ) -> BoxFuture<'a, Result<Option<String>, Refusal>> {
        Box::pin(self.ask(http, message))
    }

    /// The secret in the address is all there is.
    fn verify(&self, _: &Hook<'_>) -> Result<(), Forged> {
        Ok(())
    }

    fn receipt(&self, hook: &Hook<'_>) -> Option<Receipt> {
        let SmsProvider::Gateway { receipt, .. } = &self.settings else {
            return None;
        };
        let at = |path: &str| template::at(hook.scope, path).map(template::plain);
        let state = at(&receipt.state)?;
        let became = match state {
            state if receipt.delivered.contains(&state) => Became::Delivered,
            state if receipt.failed.contains(&state) => Became::Failed,
            _ => return None,
        };
        Some(Receipt {
            provider_id: receipt.id.as_deref().and_then(at),
            became,
            error: receipt.error.as_deref().and_then(at),
            opted_out: false,
        })
    }

    fn inbound(&self, hook: &Hook<'_>) -> Option<Inbound> {
        let SmsProvider::Gateway { inbound, .. } = &self.settings else {
            return None;
        };
        let at = |path: &str| template::at(hook.scope, path).map(template::plain);
        Some(Inbound {
            number: number(&at(&inbound.number)?)?,
            text: at(&inbound.text)?,
            provider_id: None,
        })
    }
}
