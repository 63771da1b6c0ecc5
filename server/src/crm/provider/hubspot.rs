//! HubSpot (integrations 2.2).

use futures_util::FutureExt as _;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::{Map, Value, json};

use super::{
    Account, Api, Asked, Asks, Found, Key, Listed, MOST, Opens, Person, Provider, Refusal, Who, id,
    text,
};
use crate::crm::activity::{Activity, Ended};

pub(super) const NAME: &str = "HubSpot";
pub(super) const BASE: &str = "https://api.hubapi.com";
/// Where the pages for people are.
pub(super) const PAGES: &str = "https://app.hubspot.com";
/// What an app has to be allowed: calls are written with what contacts are.
pub(super) const SCOPE: &str = "oauth crm.objects.contacts.read crm.objects.contacts.write";
/// The version of the API, which is a part of every path.
pub(super) const VERSION: &str = "2026-09";
/// What a call is to a contact.
const CALL_TO_CONTACT: u32 = 194;

/// An account at HubSpot.
pub(super) struct Hubspot {
    pub(super) api: Api,
    pub(super) base: String,
    pub(super) key: Key,
    pub(super) account: Account,
}

impl Asks for Hubspot {
    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Refusal> {
        let asked = |opens: &Opens| {
            let url = format!("{}{path}", self.base);
            (url, AUTHORIZATION, format!("Bearer {}", opens.token))
        };
        // Whoever is to be made is there already; what is changed does not go to somebody else.
        let makes = method == Method::POST;
        let reply = self.api.opened(&self.key, method, asked, body).await?;
        if makes
            && reply.status == 409
            && let Some(existing) = existing(&reply.body)
        {
            return Ok(json!({"id": existing}));
        }
        // Its message may quote the contact.
        self.api.success(reply, |body| body["category"].as_str())
    }
}

impl Hubspot {
    async fn search(&self, kind: &str, body: Value) -> Result<Vec<Value>, Refusal> {
        let path = format!("/crm/objects/{VERSION}/{kind}/search");
        let mut answer = self.ask(Method::POST, &path, Some(&body)).await?;
        match answer["results"].take() {
            Value::Array(found) => Ok(found),
            _ => Err(self.api.odd()),
        }
    }

    fn made(&self, answer: &Value) -> Result<String, Refusal> {
        id(&answer["id"]).ok_or_else(|| self.api.odd())
    }
}

/// The contact there is, as a conflict names it: "Contact already exists. Existing ID: 51".
pub(super) fn existing(body: &Value) -> Option<&str> {
    let (_, id) = body["message"].as_str()?.rsplit_once("Existing ID: ")?;
    let id = id.trim().trim_end_matches('.');
    (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
}

fn filter(property: &str, operator: &str, value: &str) -> Value {
    json!({"filters": [{"propertyName": property, "operator": operator, "value": value}]})
}

/// What a number or an address is looked for by. HubSpot keeps numbers without the country in
/// properties of its own for that, and finds more than the number.
fn filters(who: &Who) -> Vec<Value> {
    match who {
        Who::Phone(phone) => {
            let (e164, national) = (phone.as_str(), phone.national());
            let ends = format!("*{national}");
            vec![
                filter("hs_searchable_calculated_phone_number", "EQ", national),
                filter(
                    "hs_searchable_calculated_phone_number",
                    "CONTAINS_TOKEN",
                    &ends,
                ),
                filter(
                    "hs_searchable_calculated_mobile_number",
                    "CONTAINS_TOKEN",
                    &ends,
                ),
                filter("phone", "EQ", e164),
                filter("mobilephone", "EQ", e164),
            ]
        }
        Who::Email(email) => vec![
            filter("email", "EQ", email),
            filter("hs_additional_emails", "CONTAINS_TOKEN", email),
        ],
    }
}

pub(super) fn found(record: &Value) -> Option<Found> {
    let property = |name: &str| text(&record["properties"][name]);
    let names = [property("firstname"), property("lastname")];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let phones = [property("phone"), property("mobilephone")];
    Some(Found {
        id: id(&record["id"])?,
        name: Some(name).filter(|name| !name.is_empty()),
        email: property("email"),
        phones: phones.into_iter().flatten().collect(),
    })
}

fn properties(person: &Person) -> Map<String, Value> {
    let mut properties = Map::new();
    if let Some((first, last)) = person.names() {
        // Who says one word means the first name.
        let (first, last) = if first.is_empty() {
            (last, None)
        } else {
            (first, Some(last))
        };
        properties.insert("firstname".to_owned(), first.into());
        if let Some(last) = last {
            properties.insert("lastname".to_owned(), last.into());
        }
    }
    if let Some(email) = &person.email {
        properties.insert("email".to_owned(), email.as_str().into());
    }
    if let Some(phone) = &person.phone {
        properties.insert("phone".to_owned(), phone.as_str().into());
    }
    properties
}

fn status(ended: Ended) -> &'static str {
    match ended {
        Ended::Connected | Ended::Voicemail => "COMPLETED",
        Ended::NoAnswer => "NO_ANSWER",
        Ended::Busy => "BUSY",
        Ended::Failed => "FAILED",
    }
}

/// What a call says there.
fn said(activity: &Activity) -> Value {
    let facts = &activity.facts;
    let mut properties = json!({
        "hs_timestamp": activity.started.timestamp().to_string(),
        "hs_call_title": activity.subject,
        "hs_call_body": activity.html(),
        "hs_call_direction": if facts.outbound { "OUTBOUND" } else { "INBOUND" },
        "hs_call_duration": facts.duration_ms.to_string(),
        "hs_call_status": status(facts.ended),
    });
    for (name, number) in [
        ("hs_call_from_number", &facts.from),
        ("hs_call_to_number", &facts.to),
    ] {
        if let Some(number) = number {
            properties[name] = number.as_str().into();
        }
    }
    properties
}

impl Provider for Hubspot {
    fn account(&self) -> Asked<'_, Account> {
        async {
            let path = format!("/account-info/{VERSION}/details");
            let answer = self.ask(Method::GET, &path, None).await?;
            let portal = id(&answer["portalId"]).ok_or_else(|| self.api.odd())?;
            let domain = text(&answer["uiDomain"]);
            Ok(Account {
                records: domain.map(|it| format!("https://{it}/contacts/{portal}/record/0-1/")),
                name: Some(portal),
            })
        }
        .boxed()
    }

    fn find<'a>(&'a self, who: &'a Who) -> Asked<'a, Vec<Found>> {
        async move {
            let body = json!({
                "filterGroups": filters(who), "limit": MOST, "sorts": [], "after": "0",
                "properties": ["firstname", "lastname", "email", "phone", "mobilephone"],
            });
            let records = self.search("contacts", body).await?;
            Ok(records.iter().filter_map(found).collect())
        }
        .boxed()
    }

    fn create<'a>(&'a self, person: &'a Person) -> Asked<'a, String> {
        async move {
            let mut properties = properties(person);
            // One without a name or an address is not taken.
            if person.name.is_none() && person.email.is_none() {
                properties.insert("lastname".to_owned(), person.called().into());
            }
            let path = format!("/crm/objects/{VERSION}/contacts");
            let body = json!({"properties": properties});
            let answer = self.ask(Method::POST, &path, Some(&body)).await?;
            self.made(&answer)
        }
        .boxed()
    }

    fn update<'a>(&'a self, record: &'a str, person: &'a Person) -> Asked<'a, ()> {
        let path = format!("/crm/objects/{VERSION}/contacts/{record}");
        self.change(path, json!({"properties": properties(person)}))
    }

    fn add_activity<'a>(&'a self, record: &'a str, activity: &'a Activity) -> Asked<'a, String> {
        async move {
            let kind = json!({
                "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": CALL_TO_CONTACT,
            });
            let body = json!({
                "properties": said(activity),
                "associations": [{"to": {"id": record}, "types": [kind]}],
            });
            let path = format!("/crm/objects/{VERSION}/calls");
            let answer = self.ask(Method::POST, &path, Some(&body)).await?;
            self.made(&answer)
        }
        .boxed()
    }

    fn change_activity<'a>(
        &'a self,
        _record: &'a str,
        id: &'a str,
        activity: &'a Activity,
    ) -> Asked<'a, ()> {
        let path = format!("/crm/objects/{VERSION}/calls/{id}");
        self.change(path, json!({"properties": said(activity)}))
    }

    fn activities<'a>(&'a self, record: &'a str) -> Asked<'a, Vec<Listed>> {
        async move {
            let body = json!({
                "filterGroups": [filter("associations.contact", "EQ", record)],
                // The newest first; HubSpot takes it so, and as an object that its types lack.
                "sorts": ["-hs_timestamp"],
                "properties": ["hs_call_body"], "limit": MOST, "after": "0",
            });
            let calls = self.search("calls", body).await?;
            let listed = calls.iter().filter_map(|call| {
                let text = text(&call["properties"]["hs_call_body"]).unwrap_or_default();
                Some(Listed {
                    id: id(&call["id"])?,
                    text,
                })
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
    use crate::phone::E164;

    #[test]
    fn a_conflict_names_the_contact_there_is() {
        let message = |text: &str| json!({"message": text});
        let named = message("Contact already exists. Existing ID: 51");
        assert_eq!(existing(&named), Some("51"));
        assert_eq!(
            existing(&message("Contact already exists. Existing ID: a/b")),
            None
        );
        assert_eq!(existing(&Value::Null), None);
    }

    #[test]
    fn a_number_is_looked_for_without_its_country() {
        let who = Who::Phone(E164::parse("+34 612 345 678").unwrap());
        let all = filters(&who);
        assert_eq!(all[0]["filters"][0]["value"], "612345678");
        assert_eq!(all[3]["filters"][0]["value"], "+34612345678");
    }
}
