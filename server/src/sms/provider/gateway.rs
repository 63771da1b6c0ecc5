//! Any gateway that takes HTTP, as its business describes it.

use std::collections::BTreeMap;
use std::future::ready;

use api::sms::SmsProvider;
use futures_util::future::BoxFuture;
use outbound::Checked;
use serde_json::{Value, json};

use super::{
    Became, Forged, Hook, Inbound, Outgoing, Provider, Receipt, Refusal, Trace, number, refused,
};
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
        let request = template::Request {
            method: *method,
            url,
            headers: named,
            body: body.as_ref(),
            form: *form,
            sparse: false,
        };
        let request = request.filled(&scope);
        let answer = http
            .send(request.method, &request.url, request.headers, request.body)
            .await?;
        let status = answer.status().as_u16();
        let bytes = answer.whole().await?;
        if !(200..=299).contains(&status) {
            return Err(refused(status, format!("The gateway answered {status}.")));
        }
        let answer: Value = lenient::from_slice(&bytes).unwrap_or_default();
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

    fn look<'a>(
        &'a self,
        _: &'a Checked,
        _: Outgoing<'a>,
        _: i64,
    ) -> BoxFuture<'a, Result<Trace, Refusal>> {
        let once = matches!(
            self.settings,
            SmsProvider::Gateway {
                once_by_id: true,
                ..
            }
        );
        Box::pin(ready(Ok(if once {
            Trace::Nowhere
        } else {
            Trace::Unknowable
        })))
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
