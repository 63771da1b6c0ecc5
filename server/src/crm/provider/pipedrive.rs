//! Pipedrive (integrations 2.4): persons and activities by the second version of its API,
//! the user by the first, which alone has it.

use futures_util::FutureExt as _;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderName};
use serde_json::{Value, json};

use super::{
    Account, Api, Asked, Asks, Found, Key, Listed, MOST, Opens, Person, Provider, Refusal, Who, id,
    text,
};
use crate::crm::activity::Activity;
use crate::phone::E164;
use crate::template::in_address;

pub(super) const NAME: &str = "Pipedrive";
/// Where somebody lets an app in.
pub(super) const CONSENT: &str = "https://oauth.pipedrive.com";
pub(super) const BASE: &str = "https://api.pipedrive.com";
const TOKEN: HeaderName = HeaderName::from_static("x-api-token");
const MINUTES_MAX: i64 = 24 * 60 - 1;

/// A company at Pipedrive.
pub(super) struct Pipedrive {
    pub(super) api: Api,
    pub(super) base: String,
    pub(super) key: Key,
    pub(super) account: Account,
}

impl Asks for Pipedrive {
    /// The `data` of the answer.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Refusal> {
        // Who connects it says by that which company's it is.
        let asked = |opens: &Opens| {
            let url = format!("{}{path}", opens.at.as_ref().unwrap_or(&self.base));
            match &self.key {
                Key::Fixed(token) => (url, TOKEN, token.clone()),
                Key::Granted(_) => (url, AUTHORIZATION, format!("Bearer {}", opens.token)),
            }
        };
        let reply = self.api.opened(&self.key, method, asked, body).await?;
        // What it says in words may quote the person.
        let mut answer = self.api.success(reply, |body| body["code"].as_str())?;
        Ok(answer["data"].take())
    }
}

impl Pipedrive {
    async fn search(&self, term: &str, field: &str, exact: bool) -> Result<Vec<Found>, Refusal> {
        let path = format!(
            "/api/v2/persons/search?term={}&fields={field}&exact_match={exact}&limit={MOST}",
            in_address(term)
        );
        let data = self.ask(Method::GET, &path, None).await?;
        let items = data["items"].as_array().ok_or_else(|| self.api.odd())?;
        Ok(items
            .iter()
            .filter_map(|item| found(&item["item"]))
            .collect())
    }

    fn made(&self, data: &Value) -> Result<String, Refusal> {
        id(&data["id"]).ok_or_else(|| self.api.odd())
    }
}

pub(super) fn found(person: &Value) -> Option<Found> {
    let texts = |name: &str| {
        let all = person[name].as_array().into_iter().flatten();
        all.filter_map(text).collect::<Vec<_>>()
    };
    Some(Found {
        id: id(&person["id"])?,
        name: text(&person["name"]),
        email: texts("emails").into_iter().next(),
        phones: texts("phones"),
    })
}

/// What an activity says of a call.
fn said(activity: &Activity) -> Value {
    let (began, minutes) = (activity.utc(), activity.minutes().min(MINUTES_MAX));
    json!({
        "subject": activity.subject,
        "due_date": began.strftime("%Y-%m-%d").to_string(),
        "due_time": began.strftime("%H:%M").to_string(),
        "duration": format!("{:02}:{:02}", minutes / 60, minutes % 60),
        "note": activity.html(),
    })
}

/// Those there are and this one, unless it is one of them.
fn with(there: &Value, value: &str) -> Option<Value> {
    let mut all = there.as_array().cloned().unwrap_or_default();
    let is_it = |one: &Value| {
        let is_same = |text: &str| text.eq_ignore_ascii_case(value);
        one["value"].as_str().is_some_and(is_same)
    };
    if all.iter().any(is_it) {
        return None;
    }
    let primary = all.is_empty();
    all.push(json!({"value": value, "primary": primary, "label": "work"}));
    Some(all.into())
}

impl Provider for Pipedrive {
    fn account(&self) -> Asked<'_, Account> {
        async {
            let user = self.ask(Method::GET, "/v1/users/me", None).await?;
            let domain = text(&user["company_domain"]).ok_or_else(|| self.api.odd())?;
            Ok(Account {
                records: Some(format!("https://{domain}.pipedrive.com/person/")),
                name: Some(domain),
            })
        }
        .boxed()
    }

    fn find<'a>(&'a self, who: &'a Who) -> Asked<'a, Vec<Found>> {
        async move {
            match who {
                Who::Email(email) => self.search(email, "email", true).await,
                Who::Phone(phone) => self.search(phone.national(), "phone", false).await,
            }
        }
        .boxed()
    }

    fn create<'a>(&'a self, person: &'a Person) -> Asked<'a, String> {
        async move {
            let mut body = json!({"name": person.called()});
            let phone = person.phone.as_ref().map(E164::as_str);
            for (name, value) in [("phones", phone), ("emails", person.email.as_deref())] {
                if let Some(all) = value.and_then(|value| with(&Value::Null, value)) {
                    body[name] = all;
                }
            }
            let data = self
                .ask(Method::POST, "/api/v2/persons", Some(&body))
                .await?;
            self.made(&data)
        }
        .boxed()
    }

    fn update<'a>(&'a self, record: &'a str, person: &'a Person) -> Asked<'a, ()> {
        async move {
            let path = format!("/api/v2/persons/{record}");
            let mut body = json!({});
            if let Some(name) = &person.name {
                body["name"] = name.as_str().into();
            }
            if person.phone.is_some() || person.email.is_some() {
                // A list that is sent replaces the one there is.
                let there = self.ask(Method::GET, &path, None).await?;
                let phone = person.phone.as_ref().map(E164::as_str);
                for (name, value) in [("phones", phone), ("emails", person.email.as_deref())] {
                    if let Some(all) = value.and_then(|value| with(&there[name], value)) {
                        body[name] = all;
                    }
                }
            }
            if body != json!({}) {
                self.ask(Method::PATCH, &path, Some(&body)).await?;
            }
            Ok(())
        }
        .boxed()
    }

    fn add_activity<'a>(&'a self, record: &'a str, activity: &'a Activity) -> Asked<'a, String> {
        async move {
            let person: i64 = record.parse().map_err(|_| self.api.odd())?;
            let mut body = said(activity);
            body["type"] = "call".into();
            body["done"] = true.into();
            body["participants"] = json!([{"person_id": person, "primary": true}]);
            let data = self
                .ask(Method::POST, "/api/v2/activities", Some(&body))
                .await?;
            self.made(&data)
        }
        .boxed()
    }

    fn change_activity<'a>(
        &'a self,
        _record: &'a str,
        id: &'a str,
        activity: &'a Activity,
    ) -> Asked<'a, ()> {
        self.change(format!("/api/v2/activities/{id}"), said(activity))
    }

    fn activities<'a>(&'a self, record: &'a str) -> Asked<'a, Vec<Listed>> {
        async move {
            let path = format!(
                "/api/v2/activities?person_id={}&sort_by=update_time&sort_direction=desc&limit={MOST}",
                in_address(record)
            );
            let data = self.ask(Method::GET, &path, None).await?;
            let listed = data.as_array().into_iter().flatten().filter_map(|one| {
                let text = text(&one["note"]).unwrap_or_default();
                Some(Listed { id: id(&one["id"])?, text })
            });
            Ok(listed.collect())
        }
        .boxed()
    }

    fn link(&self, record: &str) -> Option<String> {
        Some(format!("{}{record}", self.account.records.as_deref()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_added_to_those_there_are() {
        let there = json!([{"value": "ana@example.com", "primary": true}]);
        assert_eq!(with(&there, "Ana@Example.com"), None);
        let all = with(&there, "a@example.com").unwrap();
        assert_eq!(
            (all[0]["primary"].clone(), all[1]["primary"].clone()),
            (json!(true), json!(false))
        );
        assert_eq!(
            with(&Value::Null, "a@example.com").unwrap()[0]["primary"],
            true
        );
    }
}
