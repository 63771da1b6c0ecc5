//! Salesforce (integrations 2.3).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Map, Value, json};

use super::{
    Account, Api, Asked, Asks, Found, Key, Listed, MOST, Person, Provider, Refusal, Reply, Who, id,
    text,
};
use crate::crm::activity::{Activity, Ended};
use crate::template::in_address;

pub(super) const NAME: &str = "Salesforce";
/// The version of the API.
const VERSION: &str = "v67.0";
/// How the id of a lead begins; a contact's begins otherwise.
const LEAD: &str = "00Q";
/// The day's requests are used up: it does not say until when.
const USED_UP: Duration = Duration::from_secs(15 * 60);
/// A task's description is no longer.
const DESCRIPTION_MAX_CHARS: usize = 32_000;
/// A task's subject is no longer.
const SUBJECT_MAX_CHARS: usize = 255;
const FIELDS: &str = "Id,Name,Email,Phone,MobilePhone";

/// An organisation at Salesforce.
pub(in crate::crm) struct Salesforce {
    pub(super) api: Api,
    pub(super) base: String,
    pub(super) client_id: String,
    pub(super) key: Key,
    pub(super) sessions: Sessions,
    pub(super) tenant_id: String,
    pub(super) account: Account,
}

/// A token, and where it is good.
#[derive(Clone)]
struct Session {
    token: String,
    instance: String,
}

/// The tokens of businesses, which are good until they are not.
#[derive(Clone, Default)]
pub(in crate::crm) struct Sessions(Arc<Mutex<HashMap<String, Session>>>);

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

impl Sessions {
    fn of(&self, tenant_id: &str) -> Option<Session> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(tenant_id).cloned()
    }

    fn keep(&self, tenant_id: &str, session: Session) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(tenant_id.to_owned(), session);
    }

    /// Forgets the token of a business.
    pub(in crate::crm) fn forget(&self, tenant_id: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(tenant_id);
    }
}

impl Salesforce {
    /// A token that is good; one that was refused is not (`stale`).
    async fn session(&self, stale: Option<Session>) -> Result<Session, Refusal> {
        let secret = match &self.key {
            Key::Granted(granted) => {
                let stale = stale.map(|it| it.token);
                let tokens = granted.tokens(stale.as_deref()).await?;
                return Ok(Session {
                    token: tokens.access,
                    instance: tokens.at.unwrap_or_else(|| self.base.clone()),
                });
            }
            Key::Fixed(secret) => secret,
        };
        if stale.is_some() {
            self.sessions.forget(&self.tenant_id);
        }
        if let Some(session) = self.sessions.of(&self.tenant_id) {
            return Ok(session);
        }
        let url = format!("{}/services/oauth2/token", self.base);
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.client_id)
            .append_pair("client_secret", secret)
            .finish();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind)]);
        let reply = self.api.send(Method::POST, &url, headers, form).await?;
        // A wrong key is a bad request there.
        if let (400, Some(code)) = (reply.status, reply.body["error"].as_str()) {
            return Err(Refusal::Key(format!("Salesforce answered 400, {code}.")));
        }
        let answer = self.api.success(reply, |body| body["error"].as_str())?;
        let session = text(&answer["access_token"]).zip(text(&answer["instance_url"]));
        let (token, instance) = session.ok_or_else(|| self.api.odd())?;
        let session = Session {
            token,
            instance: instance.trim_end_matches('/').to_owned(),
        };
        self.sessions.keep(&self.tenant_id, session.clone());
        Ok(session)
    }

    /// Asks, and once more with a new token where the old one is over.
    async fn reply(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Reply, Refusal> {
        let mut stale = None;
        for again in [true, false] {
            let session = self.session(stale.take()).await?;
            let Session { token, instance } = &session;
            let url = format!("{instance}/services/data/{VERSION}{path}");
            let bearer = format!("Bearer {token}");
            let asked = self
                .api
                .json(method.clone(), &url, (AUTHORIZATION, &bearer), body);
            let reply = asked.await?;
            if reply.status != 401 || !again {
                return Ok(reply);
            }
            stale = Some(session);
        }
        Err(self.api.odd())
    }

    fn answer(&self, reply: Reply) -> Result<Value, Refusal> {
        if code(&reply.body) == Some("REQUEST_LIMIT_EXCEEDED") {
            let why = "Salesforce took as many requests as it takes in a day.";
            return Err(Refusal::Limited(why.to_owned(), USED_UP));
        }
        self.api.success(reply, code)
    }

    async fn query(&self, soql: &str) -> Result<Vec<Value>, Refusal> {
        let path = format!("/query?q={}", in_address(soql));
        let mut answer = self.ask(Method::GET, &path, None).await?;
        match answer["records"].take() {
            Value::Array(records) => Ok(records),
            _ => Err(self.api.odd()),
        }
    }

    /// Contacts, and leads that are none yet, for which a condition holds.
    async fn query_people(&self, condition: &str) -> Result<Vec<Value>, Refusal> {
        let contacts = format!("SELECT {FIELDS} FROM Contact WHERE {condition} LIMIT {MOST}");
        let found = self.query(&contacts).await?;
        if !found.is_empty() {
            return Ok(found);
        }
        let leads = format!(
            "SELECT {FIELDS} FROM Lead WHERE IsConverted = false AND ({condition}) LIMIT {MOST}"
        );
        self.query(&leads).await
    }
}

/// What it calls its first error.
fn code(body: &Value) -> Option<&str> {
    body[0]["errorCode"].as_str()
}

/// The record that a refused duplicate is of.
pub(super) fn duplicate(body: &Value) -> Option<String> {
    match body {
        Value::Object(fields) => fields
            .get("matchRecords")
            .and_then(|records| id(&records[0]["record"]["Id"]))
            .or_else(|| fields.values().find_map(duplicate)),
        Value::Array(items) => items.iter().find_map(duplicate),
        _ => None,
    }
}

/// A text between the quotes of SOQL.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\'', "\\'")
}

pub(super) fn found(record: &Value) -> Option<Found> {
    let phones = [text(&record["Phone"]), text(&record["MobilePhone"])];
    Some(Found {
        id: id(&record["Id"])?,
        name: text(&record["Name"]),
        email: text(&record["Email"]),
        phones: phones.into_iter().flatten().collect(),
    })
}

fn fields(person: &Person) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut put = |name: &str, value: &str| {
        if !value.is_empty() {
            fields.insert(name.to_owned(), value.into());
        }
    };
    match person.names() {
        // Who says one word means the first name.
        Some(("", word)) => put("FirstName", word),
        Some((first, last)) => {
            put("FirstName", first);
            put("LastName", last);
        }
        None => {}
    }
    put("Email", person.email.as_deref().unwrap_or_default());
    put(
        "Phone",
        person.phone.as_ref().map_or("", |phone| phone.as_str()),
    );
    fields
}

/// What a task says of a call.
fn said(activity: &Activity) -> Value {
    let facts = &activity.facts;
    let disposition = match facts.ended {
        Ended::Connected => "Connected",
        Ended::NoAnswer => "No Answer",
        Ended::Busy => "Busy",
        Ended::Voicemail => "Voicemail",
        Ended::Failed => "Failed",
    };
    json!({
        "Subject": cut(&activity.subject, SUBJECT_MAX_CHARS),
        "ActivityDate": activity.started.strftime("%Y-%m-%d").to_string(),
        "Description": cut(&activity.text(), DESCRIPTION_MAX_CHARS),
        "CallType": if facts.outbound { "Outbound" } else { "Inbound" },
        "CallDurationInSeconds": facts.duration_ms / 1000,
        "CallDisposition": disposition,
    })
}

fn kind(record: &str) -> &'static str {
    if record.starts_with(LEAD) {
        "Lead"
    } else {
        "Contact"
    }
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

impl Asks for Salesforce {
    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Refusal> {
        self.answer(self.reply(method, path, body).await?)
    }
}

impl Provider for Salesforce {
    fn account(&self) -> Asked<'_, Account> {
        async {
            self.query("SELECT Id FROM Contact LIMIT 1").await?;
            let instance = self.session(None).await?.instance;
            let host = instance.split_once("://").map(|(_, host)| host.to_owned());
            Ok(Account {
                name: host,
                records: Some(format!("{instance}/lightning/r/")),
            })
        }
        .boxed()
    }

    fn find<'a>(&'a self, who: &'a Who) -> Asked<'a, Vec<Found>> {
        async move {
            let records = match who {
                Who::Email(email) => {
                    self.query_people(&format!("Email = '{}'", quoted(email)))
                        .await?
                }
                Who::Phone(phone) => {
                    let national = phone.national();
                    let sosl = format!(
                        "FIND {{{national}}} IN PHONE FIELDS RETURNING Contact({FIELDS}), \
                         Lead({FIELDS} WHERE IsConverted = false) LIMIT {MOST}"
                    );
                    let path = format!("/search?q={}", in_address(&sosl));
                    let mut answer = self.ask(Method::GET, &path, None).await?;
                    match answer["searchRecords"].take() {
                        // What was made just now is not in the index yet.
                        Value::Array(none) if none.is_empty() => {
                            let ends = format!(
                                "Phone LIKE '%{national}' OR MobilePhone LIKE '%{national}'"
                            );
                            self.query_people(&ends).await?
                        }
                        Value::Array(found) => found,
                        _ => return Err(self.api.odd()),
                    }
                }
            };
            Ok(records.iter().filter_map(found).collect())
        }
        .boxed()
    }

    fn create<'a>(&'a self, person: &'a Person) -> Asked<'a, String> {
        async move {
            let mut fields = fields(person);
            if !fields.contains_key("LastName") {
                fields.remove("FirstName");
                fields.insert("LastName".to_owned(), person.called().into());
            }
            let body = Value::Object(fields);
            let reply = self
                .reply(Method::POST, "/sobjects/Contact", Some(&body))
                .await?;
            if code(&reply.body) == Some("DUPLICATES_DETECTED")
                && let Some(record) = duplicate(&reply.body)
            {
                return Ok(record);
            }
            id(&self.answer(reply)?["id"]).ok_or_else(|| self.api.odd())
        }
        .boxed()
    }

    fn update<'a>(&'a self, record: &'a str, person: &'a Person) -> Asked<'a, ()> {
        let path = format!("/sobjects/{}/{record}", kind(record));
        self.change(path, Value::Object(fields(person)))
    }

    fn add_activity<'a>(&'a self, record: &'a str, activity: &'a Activity) -> Asked<'a, String> {
        async move {
            let mut body = said(activity);
            body["Status"] = "Completed".into();
            body["WhoId"] = record.into();
            body["TaskSubtype"] = "Call".into();
            body["CallObject"] = cut(&activity.facts.call_id, SUBJECT_MAX_CHARS).into();
            let answer = self
                .ask(Method::POST, "/sobjects/Task", Some(&body))
                .await?;
            id(&answer["id"]).ok_or_else(|| self.api.odd())
        }
        .boxed()
    }

    fn change_activity<'a>(
        &'a self,
        _record: &'a str,
        id: &'a str,
        activity: &'a Activity,
    ) -> Asked<'a, ()> {
        self.change(format!("/sobjects/Task/{id}"), said(activity))
    }

    fn activities<'a>(&'a self, record: &'a str) -> Asked<'a, Vec<Listed>> {
        async move {
            let soql = format!(
                "SELECT Id,CallObject,Description FROM Task WHERE WhoId = '{}' \
                 ORDER BY CreatedDate DESC LIMIT {MOST}",
                quoted(record)
            );
            let tasks = self.query(&soql).await?;
            let listed = tasks.iter().filter_map(|task| {
                let texts = [text(&task["CallObject"]), text(&task["Description"])];
                Some(Listed {
                    id: id(&task["Id"])?,
                    text: texts.into_iter().flatten().collect::<Vec<_>>().join("\n"),
                })
            });
            Ok(listed.collect())
        }
        .boxed()
    }

    fn link(&self, record: &str) -> Option<String> {
        let records = self.account.records.as_deref()?;
        Some(format!("{records}{}/{record}/view", kind(record)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duplicate_names_the_record_there_is() {
        let body = json!([{
            "errorCode": "DUPLICATES_DETECTED",
            "duplicateResult": {"matchResults": [{"matchRecords": [{"record": {"Id": "003A"}}]}]},
        }]);
        assert_eq!(
            (code(&body), duplicate(&body)),
            (Some("DUPLICATES_DETECTED"), Some("003A".to_owned()))
        );
        assert_eq!(duplicate(&json!([{"message": "No."}])), None);
    }

    #[test]
    fn nothing_ends_a_quoted_text() {
        assert_eq!(quoted(r"o'brien\"), r"o\'brien\\");
    }
}
