//! Who sends messages: what all of them can, and which there are.

mod gateway;
mod twilio;
mod vonage;

use std::fmt;
use std::future::ready;

use api::sms::SmsProvider;
use axum::http::HeaderMap;
use futures_util::future::BoxFuture;
use outbound::{Checked, Failure};
use serde_json::{Map, Value, json};

use super::{Connection, Secrets};
use crate::phone::E164;

/// A message to be sent.
#[derive(Clone)]
pub(super) struct Outgoing<'a> {
    /// Ours.
    pub(super) id: &'a str,
    /// To whom.
    pub(super) to: &'a E164,
    /// What it says.
    pub(super) body: &'a str,
    /// Where its receipts go.
    pub(super) receipt_url: &'a str,
}

/// Why a message was not taken. The texts are for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It never will be.
    Never(String),
    /// Whoever has the number wants none.
    OptedOut,
    /// It was not, and may be later.
    Later(String),
    /// Nobody knows whether it was.
    Unsure {
        /// What happened.
        why: String,
        /// It kept us waiting for nothing.
        hangs: bool,
    },
}

/// What is found of a message of which nobody knows whether it was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trace {
    /// The provider has messages like it, by its ids.
    There(Vec<String>),
    /// It was not taken, or taking it twice is taking it once.
    Nowhere,
    /// The provider cannot be asked.
    Unknowable,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never(why) | Self::Later(why) | Self::Unsure { why, .. } => f.write_str(why),
            Self::OptedOut => f.write_str("Whoever has the number wants none."),
        }
    }
}

/// What is known of a provider without sending anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It knows the account.
    Known,
    /// Only a message tells.
    Untried,
    /// It sends nothing.
    LogOnly,
}

/// What came to the address for the provider.
pub(super) struct Hook<'a> {
    /// The whole address, as it was asked.
    pub(super) url: &'a str,
    /// `query`, and `body` by what it is.
    pub(super) scope: &'a Value,
    /// What is in its head: where the provider's signature is.
    pub(super) headers: &'a HeaderMap,
    /// The body, as it came.
    pub(super) body: &'a [u8],
    /// When it came (Unix s).
    pub(super) now_s: i64,
}

impl Hook<'_> {
    /// A header, where it is one and a text.
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// It does not come from the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Forged;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Became {
    /// It arrived.
    Delivered,
    /// It did not.
    Failed,
}

/// What a provider tells of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Receipt {
    /// The provider's id, where it tells it.
    pub(super) provider_id: Option<String>,
    /// What became of it.
    pub(super) became: Became,
    /// Why.
    pub(super) error: Option<String>,
    /// Whoever has the number wants none.
    pub(super) opted_out: bool,
}

/// A message that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Inbound {
    /// From whom.
    pub(super) number: E164,
    /// What it says.
    pub(super) text: String,
    /// The provider's id.
    pub(super) provider_id: Option<String>,
}

/// Somebody who sends messages.
pub(super) trait Provider: Send + Sync {
    /// Hands a message over; returns the provider's id, where it tells one.
    fn send<'a>(
        &'a self,
        http: &'a Checked,
        message: Outgoing<'a>,
    ) -> BoxFuture<'a, Result<Option<String>, Refusal>>;

    /// Asks who we are there.
    fn test<'a>(&'a self, _: &'a Checked) -> BoxFuture<'a, Result<Standing, Refusal>> {
        Box::pin(ready(Ok(Standing::Untried)))
    }

    /// Looks for a message that may have been taken since then (Unix ms).
    fn look<'a>(
        &'a self,
        http: &'a Checked,
        message: Outgoing<'a>,
        since: i64,
    ) -> BoxFuture<'a, Result<Trace, Refusal>>;

    /// Whether what came is the provider's, as far as it signs.
    fn verify(&self, hook: &Hook<'_>) -> Result<(), Forged>;

    /// Reads a receipt; `None` where it says nothing that matters.
    fn receipt(&self, hook: &Hook<'_>) -> Option<Receipt>;

    /// Reads a message that came.
    fn inbound(&self, hook: &Hook<'_>) -> Option<Inbound>;
}

/// The provider of a business, if it has one.
pub(super) fn of(connection: Connection) -> Option<Box<dyn Provider>> {
    let Secrets { named, .. } = connection.secrets;
    let provider: Box<dyn Provider> = match connection.settings.provider? {
        SmsProvider::LogOnly => Box::new(LogOnly),
        twilio @ SmsProvider::Twilio { .. } => Box::new(twilio::Twilio {
            settings: twilio,
            auth_token: named.get("auth_token").cloned().unwrap_or_default(),
        }),
        vonage @ SmsProvider::Vonage { .. } => Box::new(vonage::Vonage {
            settings: vonage,
            api_secret: named.get("api_secret").cloned().unwrap_or_default(),
            signature_secret: named.get("signature_secret").cloned().unwrap_or_default(),
        }),
        gateway @ SmsProvider::Gateway { .. } => Box::new(gateway::Gateway {
            settings: gateway,
            secrets: named,
        }),
    };
    Some(provider)
}

/// Sends nothing, and says so.
struct LogOnly;

impl Provider for LogOnly {
    fn send<'a>(
        &'a self,
        _: &'a Checked,
        message: Outgoing<'a>,
    ) -> BoxFuture<'a, Result<Option<String>, Refusal>> {
        tracing::warn!(
            sms_id = message.id,
            "a text message is NOT sent: the provider is for development"
        );
        Box::pin(ready(Ok(None)))
    }

    fn test<'a>(&'a self, _: &'a Checked) -> BoxFuture<'a, Result<Standing, Refusal>> {
        Box::pin(ready(Ok(Standing::LogOnly)))
    }

    fn look<'a>(
        &'a self,
        _: &'a Checked,
        _: Outgoing<'a>,
        _: i64,
    ) -> BoxFuture<'a, Result<Trace, Refusal>> {
        Box::pin(ready(Ok(Trace::Nowhere)))
    }

    fn verify(&self, _: &Hook<'_>) -> Result<(), Forged> {
        Ok(())
    }

    fn receipt(&self, _: &Hook<'_>) -> Option<Receipt> {
        None
    }

    fn inbound(&self, _: &Hook<'_>) -> Option<Inbound> {
        None
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Address(bad) if bad != outbound::BadAddress::Unknown => {
                Self::Never(bad.to_string())
            }
            Failure::Address(_) | Failure::Connect => Self::Later(failure.to_string()),
            other => Self::Unsure {
                hangs: other == Failure::Timeout,
                why: other.to_string(),
            },
        }
    }
}

/// A refusal with this status: again later where that may help. Who is out of order may have
/// taken the message before.
fn refused(status: u16, why: String) -> Refusal {
    match status {
        429 => Refusal::Later(why),
        408 | 500.. => Refusal::Unsure { why, hangs: false },
        _ => Refusal::Never(why),
    }
}

/// A number as providers write it: the plus may be missing.
fn number(text: &str) -> Option<E164> {
    let text = text.trim();
    let parsed = E164::parse(text).or_else(|_| E164::parse(&format!("+{text}")));
    parsed.ok()
}

/// What came, for paths into it: the fields of the query, and a body of a kind that is JSON,
/// the fields of a form, or the text that it is.
pub(super) fn scope(query: &str, kind: &str, bytes: &[u8]) -> Value {
    let body = if kind.starts_with("application/x-www-form-urlencoded") {
        Value::Object(form(bytes))
    } else {
        lenient::from_slice(bytes)
            .ok()
            .filter(|_| kind.starts_with("application/json"))
            .unwrap_or_else(|| String::from_utf8_lossy(bytes).into())
    };
    json!({"query": form(query.as_bytes()), "body": body})
}

/// The fields of a form, as texts.
fn form(bytes: &[u8]) -> Map<String, Value> {
    let fields = url::form_urlencoded::parse(bytes);
    fields
        .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_without_its_plus() {
        assert_eq!(number("4930901820"), number("+49 30 901820"));
        assert_eq!(number("Bank"), None);
    }

    #[test]
    fn what_may_help_later_is_tried_again() {
        let refused = |status| refused(status, String::new());
        assert!(matches!(refused(429), Refusal::Later(_)));
        assert!(matches!(refused(503), Refusal::Unsure { .. }));
        for never in [302, 400, 401] {
            assert!(matches!(refused(never), Refusal::Never(_)), "{never}");
        }
    }
}
