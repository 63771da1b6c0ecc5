//! CRMs: what all of them can, and which there are.

mod generic;
mod grant;
mod hubspot;
mod pipedrive;
mod salesforce;

use std::fmt;
use std::time::Duration;

use api::crm::{CrmOutcome, CrmProvider};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use outbound::{BadAddress, Checked, Failure};
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::activity::Activity;
use super::{Client, Connection};
use crate::phone::E164;
use crate::store::Tenant;

pub(super) use grant::{App, Granted, Keeping};
pub(super) use salesforce::Sessions;

/// How long who asked too often waits that was not told.
const LIMITED: Duration = Duration::from_secs(10);
/// Nobody is made to wait longer than this.
const LIMITED_MOST: Duration = Duration::from_secs(60 * 60);
/// So many of what is found is looked at.
pub(super) const MOST: usize = 20;

/// Whose account it is, as the CRM says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Account {
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    /// What the address of a record begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) records: Option<String>,
}

/// What somebody is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// A number.
    Phone(E164),
    /// An e-mail address, in lower case.
    Email(String),
}

impl Who {
    /// What records are kept by.
    pub(super) fn key(&self) -> &str {
        match self {
            Self::Phone(phone) => phone.as_str(),
            Self::Email(email) => email,
        }
    }
}

/// What is known of somebody; of a change, what changed.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) name: Option<String>,
    pub(super) phone: Option<E164>,
    pub(super) email: Option<String>,
    pub(super) language: Option<String>,
}

impl Person {
    /// Everything before the last word, and that.
    fn names(&self) -> Option<(&str, &str)> {
        let name = self.name.as_deref()?.trim();
        Some(name.rsplit_once(char::is_whitespace).unwrap_or(("", name)))
    }

    /// What they are called where something has to be said.
    fn called(&self) -> String {
        let email = || self.email.clone();
        let phone = || self.phone.as_ref().map(E164::pretty);
        let name = self.name.clone();
        name.or_else(email).or_else(phone).unwrap_or_default()
    }
}

/// A record that was found.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Its id.
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    /// Numbers, as somebody typed them.
    pub(super) phones: Vec<String>,
}

/// Something that was written down before.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// Its id.
    pub(super) id: String,
    /// What it says.
    pub(super) text: String,
}

/// Why something is not done. The texts are for people, and say nothing of anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The key is wrong, or may not do enough.
    Key(String),
    /// There is nothing there: no such record, or no such address.
    Gone(String),
    /// It never will be done.
    Never(String),
    /// Too much was asked; not before so long.
    Limited(String, Duration),
    /// Nobody knows whether it was done; it kept us waiting for nothing, or says it is out of
    /// order.
    Unsure {
        /// What happened.
        why: String,
        /// It kept us waiting.
        hangs: bool,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(why)
            | Self::Gone(why)
            | Self::Never(why)
            | Self::Limited(why, _)
            | Self::Unsure { why, .. } => f.write_str(why),
        }
    }
}

impl Refusal {
    /// The same as what came of a test.
    pub(super) fn outcome(&self) -> CrmOutcome {
        match self {
            Self::Key(_) => CrmOutcome::Key,
            Self::Gone(_) => CrmOutcome::Address,
            Self::Never(_) => CrmOutcome::Refused,
            Self::Limited(..) => CrmOutcome::Limited,
            Self::Unsure { .. } => CrmOutcome::Silent,
        }
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Address(bad) if bad != BadAddress::Unknown => Self::Never(bad.to_string()),
            Failure::TooLong => Self::Never(failure.to_string()),
            other => Self::Unsure {
                hangs: other == Failure::Timeout,
                why: other.to_string(),
            },
        }
    }
}

type Asked<'a, T> = BoxFuture<'a, Result<T, Refusal>>;

/// A CRM.
pub(super) trait Provider: Send + Sync {
    /// Asks who we are there.
    fn account(&self) -> Asked<'_, Account>;

    /// Searches for somebody; what is found may be others, too.
    fn find<'a>(&'a self, who: &'a Who) -> Asked<'a, Vec<Found>>;

    /// Makes a record of somebody; returns its id, or that of the one there is.
    fn create<'a>(&'a self, person: &'a Person) -> Asked<'a, String>;

    /// Changes what changed of somebody.
    fn update<'a>(&'a self, record: &'a str, person: &'a Person) -> Asked<'a, ()>;

    /// Writes a call down; returns the id of what was written.
    fn add_activity<'a>(&'a self, record: &'a str, activity: &'a Activity) -> Asked<'a, String>;

    /// Says anew what was written down of a call; twice is as once.
    fn change_activity<'a>(
        &'a self,
        record: &'a str,
        id: &'a str,
        activity: &'a Activity,
    ) -> Asked<'a, ()>;

    /// Lists what was written down last; nothing where that cannot be asked.
    fn activities<'a>(&'a self, record: &'a str) -> Asked<'a, Vec<Listed>>;

    /// Where people look at a record.
    fn link(&self, record: &str) -> Option<String>;
}

/// A CRM that is asked by JSON at a path.
trait Asks: Sync {
    /// What it answers.
    fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> impl Future<Output = Result<Value, Refusal>> + Send;

    /// Changes what is at a path; what is answered is nothing new.
    fn change(&self, path: String, body: Value) -> Asked<'_, ()> {
        async move {
            self.ask(Method::PATCH, &path, Some(&body)).await?;
            Ok(())
        }
        .boxed()
    }
}

/// The name of a CRM, for what is counted.
pub(super) fn name(provider: &CrmProvider) -> &'static str {
    match provider {
        CrmProvider::Hubspot { .. } => "hubspot",
        CrmProvider::Salesforce { .. } => "salesforce",
        CrmProvider::Pipedrive { .. } => "pipedrive",
        CrmProvider::Generic(_) => "generic",
    }
}

/// The CRM of a business.
pub(super) fn of(client: &Client, tenant: &Tenant, connection: Connection) -> Box<dyn Provider> {
    let granted = Granted::of(client, tenant, &connection);
    let Connection {
        provider,
        secrets,
        account,
    } = connection;
    let http = client.http.clone();
    let secret = |name: &str| secrets.get(name).cloned().unwrap_or_default();
    let key = |name: &str| match granted {
        Some(granted) => Key::Granted(Box::new(granted)),
        None => Key::Fixed(secret(name)),
    };
    match provider {
        CrmProvider::Hubspot { base_url, .. } => Box::new(hubspot::Hubspot {
            api: Api::new(http, hubspot::NAME),
            base: base_url.unwrap_or_else(|| hubspot::BASE.to_owned()),
            key: key("service_key"),
            account,
        }),
        CrmProvider::Pipedrive { base_url, .. } => Box::new(pipedrive::Pipedrive {
            api: Api::new(http, pipedrive::NAME),
            base: base_url.unwrap_or_else(|| pipedrive::BASE.to_owned()),
            key: key("api_token"),
            account,
        }),
        CrmProvider::Salesforce {
            base_url,
            client_id,
            ..
        } => Box::new(salesforce::Salesforce {
            api: Api::new(http, salesforce::NAME),
            base: base_url,
            client_id,
            key: key("client_secret"),
            sessions: client.sessions.clone(),
            tenant_id: tenant.id().to_owned(),
            account,
        }),
        CrmProvider::Generic(generic) => Box::new(generic::Generic {
            api: Api::new(http, "The CRM"),
            described: *generic,
            secrets,
        }),
    }
}

/// What each of them reads of one answer: records that were found or made, or are there.
#[cfg(any(test, feature = "fuzz"))]
pub(super) fn read(answer: &Value) -> Vec<Found> {
    let there = |id: String| Found {
        id,
        ..Found::default()
    };
    let existing = hubspot::existing(answer).map(str::to_owned);
    let ids = [existing, salesforce::duplicate(answer)]
        .into_iter()
        .flatten();
    let found = [
        hubspot::found(answer),
        salesforce::found(answer),
        pipedrive::found(answer),
    ];
    found.into_iter().flatten().chain(ids.map(there)).collect()
}

/// What opens a CRM.
enum Key {
    /// What somebody entered.
    Fixed(String),
    /// What somebody granted, and what comes after it. Boxed, because it knows how to renew it.
    Granted(Box<Granted>),
}

/// What opens a CRM now, and where its API is where it says so.
#[derive(Clone)]
struct Opens {
    token: String,
    at: Option<String>,
}

impl Key {
    /// What opens it now.
    async fn now(&self) -> Result<Opens, Refusal> {
        self.other_than(None).await
    }

    /// The same once it was refused; nothing where there is no other.
    async fn after(&self, refused: &Opens) -> Result<Option<Opens>, Refusal> {
        match self {
            Self::Fixed(_) => Ok(None),
            Self::Granted(_) => self.other_than(Some(&refused.token)).await.map(Some),
        }
    }

    async fn other_than(&self, stale: Option<&str>) -> Result<Opens, Refusal> {
        Ok(match self {
            Self::Fixed(key) => Opens {
                token: key.clone(),
                at: None,
            },
            Self::Granted(granted) => {
                let tokens = granted.tokens(stale).await?;
                Opens {
                    token: tokens.access,
                    at: tokens.at,
                }
            }
        })
    }
}

/// How a CRM's API is asked, and what it is called.
#[derive(Debug, Clone)]
struct Api {
    http: Checked,
    name: &'static str,
}

/// An answer.
#[derive(Debug)]
struct Reply {
    status: u16,
    retry_after: Option<Duration>,
    /// JSON; `null` where it is none.
    body: Value,
}

impl Api {
    fn new(http: Checked, name: &'static str) -> Self {
        Self { http, name }
    }

    /// Asks as whoever it is opened for, and once more where what opened it is over. `asked` says
    /// by what opens it where, and with which secret in which header.
    async fn opened(
        &self,
        key: &Key,
        method: Method,
        asked: impl Fn(&Opens) -> (String, HeaderName, String) + Send,
        body: Option<&Value>,
    ) -> Result<Reply, Refusal> {
        let mut opens = key.now().await?;
        for again in [true, false] {
            let (url, header, secret) = asked(&opens);
            let method = method.clone();
            let reply = self.json(method, &url, (header, &secret), body).await?;
            if reply.status != 401 || !again {
                return Ok(reply);
            }
            let Some(next) = key.after(&opens).await? else {
                return Ok(reply);
            };
            opens = next;
        }
        Err(self.odd())
    }

    /// Asks with a secret in this header, and JSON where there is some.
    async fn json(
        &self,
        method: Method,
        url: &str,
        (header, secret): (HeaderName, &str),
        body: Option<&Value>,
    ) -> Result<Reply, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let mut secret = HeaderValue::from_str(secret)
            .map_err(|_| Refusal::Key("The key has characters that no key has.".to_owned()))?;
        secret.set_sensitive(true);
        headers.insert(header, secret);
        let body = match body {
            Some(body) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                body.to_string()
            }
            None => String::new(),
        };
        self.send(method, url, headers, body).await
    }

    async fn send(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: String,
    ) -> Result<Reply, Refusal> {
        let answer = self.http.send(method, url, headers, body).await?;
        let seconds = answer.headers().get(RETRY_AFTER);
        let seconds = seconds.and_then(|it| it.to_str().ok()?.trim().parse().ok());
        Ok(Reply {
            status: answer.status().as_u16(),
            retry_after: seconds.map(Duration::from_secs),
            body: lenient::from_slice(&answer.whole().await?).unwrap_or_default(),
        })
    }

    /// What the answer says if it is success. `code` is what the CRM calls its refusal.
    fn success(
        &self,
        reply: Reply,
        code: impl FnOnce(&Value) -> Option<&str>,
    ) -> Result<Value, Refusal> {
        match reply.status {
            200..=299 => Ok(reply.body),
            _ => Err(self.refused(&reply, code(&reply.body))),
        }
    }

    /// What a refusal means, by its status.
    fn refused(&self, reply: &Reply, code: Option<&str>) -> Refusal {
        let (name, status) = (self.name, reply.status);
        let code: String = code.into_iter().flat_map(str::chars).take(60).collect();
        let code = if code.is_empty() {
            code
        } else {
            format!(", {code}")
        };
        let why = format!("{name} answered {status}{code}.");
        match status {
            401 | 403 => Refusal::Key(why),
            404 | 410 => Refusal::Gone(why),
            429 => {
                let after = reply.retry_after.unwrap_or(LIMITED);
                Refusal::Limited(why, after.min(LIMITED_MOST))
            }
            408 | 500.. => Refusal::Unsure { why, hangs: false },
            _ => Refusal::Never(why),
        }
    }

    /// It answered with success and something else than it should.
    fn odd(&self) -> Refusal {
        Refusal::Never(format!(
            "{} answered with something else than it should.",
            self.name
        ))
    }
}

/// A text that is not empty.
fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// An id: a text or a number.
fn id(value: &Value) -> Option<String> {
    text(value).or_else(|| value.as_i64().map(|number| number.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_apart() {
        let named = |name: &str| Person {
            name: Some(name.to_owned()),
            ..Person::default()
        };
        assert_eq!(named(" Ana María Sol ").names(), Some(("Ana María", "Sol")));
        assert_eq!(named("Ana").names(), Some(("", "Ana")));
        assert_eq!(Person::default().names(), None);
    }
}
