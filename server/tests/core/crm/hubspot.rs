//! HubSpot, as integrations 2.2 tells it.

use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use super::double::{Consent, Person, State, Vendor, header};

pub(crate) const KEY: &str = "service-key-1";

pub(crate) const VENDOR: Vendor = Vendor {
    connection: |url| {
        json!({
            "provider": {"kind": "hubspot", "base_url": url}, "secrets": {"service_key": KEY},
        })
    },
    secret: "service_key",
    answer,
    writes: |request| request.url.path() == "/crm/objects/2026-09/calls",
    searches: |request| request.url.path().ends_with("/contacts/search"),
    check: |call| {
        assert_eq!(call["hs_call_duration"], "61500", "milliseconds");
        assert_eq!(call["hs_call_direction"], "INBOUND");
        assert_eq!(call["hs_call_status"], "COMPLETED");
        assert_eq!(call["hs_call_title"], "Call answered by Emma");
        assert_eq!(call["hs_call_from_number"], "+34612345678");
        let body = call["hs_call_body"].as_str().unwrap();
        assert!(body.starts_with("Wants &lt;tea&gt;.<br>"), "{body}");
    },
    limited: || {
        error(
            429,
            "RATE_LIMITS",
            "You have reached your TEN_SECONDLY_ROLLING limit.",
        )
        .insert_header("retry-after", "7")
    },
    rests_s: 8,
    locked_out: "HubSpot answered 401",
};

pub(crate) const CONSENT: Consent = Consent {
    connection: |url| {
        json!({
            "provider": {"kind": "hubspot", "base_url": url, "client_id": "app-1"},
            "secrets": {"client_secret": "secret-1"},
        })
    },
    page: "/oauth/authorize",
    tokens: "/oauth/2026-09/token",
    scope: "oauth crm.objects.contacts.read crm.objects.contacts.write",
    proves: false,
    in_header: false,
    lasts_s: Some(30 * 60),
    rotates: false,
};

fn error(status: u16, category: &str, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({
        "status": "error", "message": message, "category": category, "correlationId": "c-1",
    }))
}

fn answer(state: &mut State, request: &Request) -> ResponseTemplate {
    let opens = header(request, "authorization") == format!("Bearer {KEY}");
    if state.locked || !(opens || state.is_let_in(request)) {
        return error(
            401,
            "INVALID_AUTHENTICATION",
            "Authentication credentials not found.",
        );
    }
    let (method, path) = (request.method.as_str(), request.url.path());
    if method != "GET" && header(request, "content-type") != "application/json" {
        state.refuse("no JSON");
        return ResponseTemplate::new(415);
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let Some(path) = path.strip_prefix("/crm/objects/2026-09/") else {
        return match (method, path) {
            ("GET", "/account-info/2026-09/details") => ResponseTemplate::new(200).set_body_json(
                json!({"portalId": 62_515, "uiDomain": "app.hubspot.com", "timeZone": "US/Eastern"}),
            ),
            _ => {
                state.refuse(path);
                ResponseTemplate::new(404)
            }
        };
    };
    let answered = match (method, path.split('/').collect::<Vec<_>>().as_slice()) {
        ("POST", ["contacts", "search"]) => search_contacts(state, &body),
        ("POST", ["contacts"]) => create(state, &body["properties"]),
        ("PATCH", ["contacts", id]) => return change(state, id, &body["properties"]),
        ("POST", ["calls", "search"]) => search_calls(state, &body),
        ("POST", ["calls"]) => call(state, &body),
        ("PATCH", ["calls", id]) => change_call(state, id, &body),
        _ => Err("no such path".to_owned()),
    };
    answered.unwrap_or_else(|wrong| {
        state.refuse(format!("{method} {path}: {wrong}"));
        error(400, "VALIDATION_ERROR", &wrong)
    })
}

/// The filters of a search, as it is allowed to be.
fn filters(body: &Value) -> Result<Vec<&Value>, String> {
    for name in body.as_object().ok_or("no object")?.keys() {
        let known = [
            "filterGroups",
            "sorts",
            "query",
            "properties",
            "limit",
            "after",
        ];
        if !known.contains(&name.as_str()) {
            return Err(format!("{name} is unknown"));
        }
    }
    // One at most: a property, with a minus for the other way round.
    let sorts = body["sorts"].as_array().ok_or("no sorts")?;
    let sorted = |by: &Value| matches!(by.as_str(), Some("hs_timestamp" | "-hs_timestamp"));
    if sorts.len() > 1 || !sorts.iter().all(sorted) {
        return Err("sorts".to_owned());
    }
    let groups = body["filterGroups"].as_array().ok_or("no filterGroups")?;
    if !(1..=5).contains(&groups.len()) || body["limit"].as_u64().is_none_or(|limit| limit > 200) {
        return Err("too many".to_owned());
    }
    let filters = groups.iter().map(|group| &group["filters"][0]);
    let filters: Vec<_> = filters.collect();
    let operators = ["EQ", "CONTAINS_TOKEN"];
    let is_known = |it: &&Value| operators.contains(&it["operator"].as_str().unwrap_or_default());
    if !filters.iter().all(is_known) {
        return Err("an operator is unknown".to_owned());
    }
    Ok(filters)
}

fn shown(person: &Person) -> Value {
    let (first, last) = person.name.rsplit_once(' ').unwrap_or(("", &person.name));
    json!({
        "id": person.id, "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
        "archived": false,
        "properties": {
            "firstname": first, "lastname": last, "email": person.email,
            "phone": person.phones.first(), "mobilephone": null,
        },
    })
}

fn search_contacts(state: &mut State, body: &Value) -> Result<ResponseTemplate, String> {
    let filters = filters(body)?;
    let fits = |person: &Person| {
        filters.iter().any(|filter| {
            let value = filter["value"].as_str().unwrap_or_default();
            match filter["propertyName"].as_str().unwrap_or_default() {
                "email" => person.email == value,
                "phone" | "mobilephone" => person.phones.iter().any(|it| it == value),
                "hs_searchable_calculated_phone_number"
                | "hs_searchable_calculated_mobile_number" => {
                    // Without the country: what has it finds nothing.
                    !value.contains('+') && person.has_digits(value.trim_start_matches('*'))
                }
                _ => false,
            }
        })
    };
    let results: Vec<_> = state
        .people
        .iter()
        .filter(|it| fits(it))
        .map(shown)
        .collect();
    let found = json!({"total": results.len(), "results": results});
    Ok(ResponseTemplate::new(200).set_body_json(found))
}

fn create(state: &mut State, properties: &Value) -> Result<ResponseTemplate, String> {
    let text = |name: &str| properties[name].as_str().unwrap_or_default().to_owned();
    let (first, last, email) = (text("firstname"), text("lastname"), text("email"));
    if first.is_empty() && last.is_empty() && email.is_empty() {
        return Err("one of email, firstname and lastname".to_owned());
    }
    if let Some(there) = state
        .people
        .iter()
        .find(|it| !email.is_empty() && it.email == email)
    {
        let message = format!("Contact already exists. Existing ID: {}", there.id);
        return Ok(error(409, "CONFLICT", &message));
    }
    let person = Person {
        id: state.next_id(),
        name: format!("{first} {last}").trim().to_owned(),
        email,
        phones: vec![text("phone")],
    };
    let made = shown(&person);
    state.add(person);
    Ok(ResponseTemplate::new(201).set_body_json(made))
}

fn change(state: &mut State, id: &str, properties: &Value) -> ResponseTemplate {
    let email = properties["email"].as_str();
    let is_another_s = |it: &&Person| it.id != id && Some(it.email.as_str()) == email;
    if let Some(other) = state.people.iter().find(is_another_s) {
        let message = format!("Contact already exists. Existing ID: {}", other.id);
        return error(409, "CONFLICT", &message);
    }
    let Some(person) = state.person(id) else {
        return error(404, "OBJECT_NOT_FOUND", "resource not found");
    };
    if let Some(email) = email {
        person.email = email.to_owned();
    }
    let shown = shown(person);
    state.changes.push(properties.clone());
    ResponseTemplate::new(200).set_body_json(shown)
}

fn search_calls(state: &mut State, body: &Value) -> Result<ResponseTemplate, String> {
    let filters = filters(body)?;
    if filters[0]["propertyName"] != "associations.contact" {
        return Err("not of a contact".to_owned());
    }
    let of = filters[0]["value"].as_str().unwrap_or_default();
    let calls = state.activities.iter().enumerate();
    let calls = calls.filter(|(_, (contact, _))| contact == of);
    let mut calls: Vec<_> = calls.collect();
    calls.sort_by_key(|(_, (_, call))| call["hs_timestamp"].as_str().map(str::to_owned));
    if body["sorts"][0] == "-hs_timestamp" {
        calls.reverse();
    }
    let limit = body["limit"].as_u64().unwrap_or(10);
    calls.truncate(usize::try_from(limit).unwrap_or(10));
    let results: Vec<_> = calls
        .iter()
        .map(|(index, (_, call))| {
            json!({
                "id": format!("90{index}"), "properties": call, "archived": false,
                "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
            })
        })
        .collect();
    let found = json!({"total": results.len(), "results": results});
    Ok(ResponseTemplate::new(200).set_body_json(found))
}

fn call(state: &mut State, body: &Value) -> Result<ResponseTemplate, String> {
    of_call(body)?;
    let association = &body["associations"][0];
    let kind = json!([{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}]);
    let contact = association["to"]["id"]
        .as_str()
        .ok_or("no contact")?
        .to_owned();
    if association["types"] != kind || state.person(&contact).is_none() {
        return Err("no such association".to_owned());
    }
    state.activities.push((contact, body["properties"].clone()));
    let id = format!("90{}", state.activities.len() - 1);
    Ok(ResponseTemplate::new(201).set_body_json(shown_call(&id)))
}

fn change_call(state: &mut State, id: &str, body: &Value) -> Result<ResponseTemplate, String> {
    of_call(body)?;
    let number = id.strip_prefix("90").and_then(|it| it.parse().ok());
    Ok(match state.change_activity(number, &body["properties"]) {
        true => ResponseTemplate::new(200).set_body_json(shown_call(id)),
        false => error(404, "OBJECT_NOT_FOUND", "resource not found"),
    })
}

fn shown_call(id: &str) -> Value {
    json!({
        "id": id, "properties": {}, "archived": false,
        "createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
    })
}

/// Whether the properties are a call's.
fn of_call(body: &Value) -> Result<(), String> {
    const KNOWN: [&str; 8] = [
        "hs_timestamp",
        "hs_call_title",
        "hs_call_body",
        "hs_call_direction",
        "hs_call_duration",
        "hs_call_from_number",
        "hs_call_to_number",
        "hs_call_status",
    ];
    let properties = body["properties"].as_object().ok_or("no properties")?;
    if let Some(unknown) = properties
        .keys()
        .find(|name| !KNOWN.contains(&name.as_str()))
    {
        return Err(format!("{unknown} does not exist"));
    }
    if !properties.values().all(Value::is_string) || !properties.contains_key("hs_timestamp") {
        return Err("hs_timestamp, and everything a text".to_owned());
    }
    Ok(())
}
