//! A CRM as BottleCRM is: a wrong key is forbidden, what is made is answered with 200, and there
//! is a search of its own for numbers (counterparts 1.1).

use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use super::double::{Person, State, Vendor, header, query};

pub(crate) const VENDOR: Vendor = Vendor {
    connection: |url| {
        let person = json!({
            "first_name": "{{first_name}}", "last_name": "{{last_name}}", "email": "{{email}}",
            "phone": "{{phone}}",
        });
        let search = json!({"phone": "{{phone}}", "email": "", "first_name": "", "last_name": ""});
        json!({
            "provider": {
                "kind": "generic",
                "headers": {"authorization": "Bearer {{secrets.token}}"},
                "test": {"method": "GET", "url": format!("{url}/api/contacts/?limit=1")},
                "find_by_phone": {
                    "url": format!("{url}/api/contacts/duplicates/"), "body": search,
                    "records": "duplicates", "id": "id", "name": "name", "email": "email",
                    "phones": ["phone"],
                },
                "create": {"url": format!("{url}/api/contacts/"), "body": person, "id": "id"},
                "update": {
                    "method": "PATCH", "url": format!("{url}/api/contacts/{{{{record}}}}/"),
                    "body": person,
                },
                "add_activity": {
                    "url": format!("{url}/api/interactions/"), "id": "id",
                    "body": {
                        "kind": "call", "contact": "{{record}}",
                        "direction": "{{activity.direction}}",
                        "occurred_at": "{{activity.started_at}}",
                        "duration_seconds": "{{activity.duration_s}}",
                        "outcome": "{{activity.outcome}}", "subject": "{{activity.subject}}",
                        "body": "{{activity.text}}",
                    },
                },
                "update_activity": {
                    "method": "PATCH",
                    "url": format!("{url}/api/interactions/{{{{activity.id}}}}/"),
                    "body": {"subject": "{{activity.subject}}", "body": "{{activity.text}}"},
                },
                "activities": {
                    "method": "GET",
                    "url": format!("{url}/api/interactions/?contact={{{{record}}}}&limit=20"),
                    "items": "interactions", "id": "id", "text": "body",
                },
                "record_url": format!("{url}/contacts/{{{{record}}}}"),
            },
            "secrets": {"token": "bcrm_pat_1"},
        })
    },
    secret: "token",
    answer,
    writes: |request| request.method == "POST" && request.url.path() == "/api/interactions/",
    searches: |request| request.url.path() == "/api/contacts/duplicates/",
    check: |interaction| {
        assert_eq!(interaction["duration_seconds"], 61);
        assert_eq!(interaction["direction"], "inbound");
        let text = interaction["body"].as_str().unwrap();
        assert!(text.starts_with("Wants <tea>.\n"), "{text}");
    },
    limited: || ResponseTemplate::new(429).insert_header("retry-after", "3"),
    rests_s: 4,
    locked_out: "The CRM answered 403",
};

fn answer(state: &mut State, request: &Request) -> ResponseTemplate {
    if state.locked || header(request, "authorization") != "Bearer bcrm_pat_1" {
        let body = json!({"detail": "Organization context is required. Please login again."});
        return ResponseTemplate::new(403).set_body_json(body);
    }
    let (method, path) = (request.method.as_str(), request.url.path());
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let answered = match (method, path) {
        ("GET", "/api/contacts/") => Ok(ResponseTemplate::new(200).set_body_json(json!({}))),
        ("POST", "/api/contacts/duplicates/") => Ok(search(state, &body)),
        ("POST", "/api/contacts/") => create(state, &body),
        ("GET", "/api/interactions/") => Ok(list(state, &query(request, "contact"))),
        ("POST", "/api/interactions/") => add(state, &body),
        ("PATCH", path) if path.starts_with("/api/interactions/i-") => {
            Ok(change(state, &path["/api/interactions/i-".len()..], &body))
        }
        _ => Err("no such path".to_owned()),
    };
    answered.unwrap_or_else(|wrong| {
        state.refuse(format!("{method} {path}: {wrong}"));
        let body = json!({"error": true, "errors": {wrong: ["This field is required."]}});
        ResponseTemplate::new(400).set_body_json(body)
    })
}

fn search(state: &mut State, body: &Value) -> ResponseTemplate {
    let phone = body["phone"].as_str().unwrap_or_default();
    // It knows the country of the business, and finds by the end of a number.
    let digits = &phone[phone.len().saturating_sub(9)..];
    let found = state.people.iter().filter(|it| it.has_digits(digits));
    let found: Vec<_> = found
        .map(|it| json!({"id": it.id, "name": it.name, "email": it.email, "phone": it.phones[0]}))
        .collect();
    ResponseTemplate::new(200).set_body_json(json!({"duplicates": found}))
}

fn create(state: &mut State, body: &Value) -> Result<ResponseTemplate, String> {
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    if text("last_name").is_empty() {
        return Err("last_name".to_owned());
    }
    // What is null is not taken.
    if body
        .as_object()
        .is_some_and(|fields| fields.values().any(Value::is_null))
    {
        return Err("null".to_owned());
    }
    let id = state.add(Person {
        id: state.next_id(),
        name: text("last_name"),
        email: text("email"),
        phones: vec![text("phone")],
    });
    let made = json!({"error": false, "message": "Contact created Successfuly", "id": id});
    Ok(ResponseTemplate::new(200).set_body_json(made))
}

fn list(state: &mut State, of: &str) -> ResponseTemplate {
    let all = state.activities.iter().enumerate();
    let all = all.filter(|(_, (contact, _))| contact == of);
    let all: Vec<_> = all
        .map(|(index, (_, one))| json!({"id": format!("i-{index}"), "body": one["body"]}))
        .collect();
    ResponseTemplate::new(200).set_body_json(json!({"interactions": all, "count": all.len()}))
}

fn add(state: &mut State, body: &Value) -> Result<ResponseTemplate, String> {
    let contact = body["contact"].as_str().unwrap_or_default().to_owned();
    let outcomes = ["connected", "no_answer", "voicemail", "busy"];
    let is_known = |it: &Value| it.as_str().is_some_and(|it| outcomes.contains(&it));
    if body["kind"] != "call" || !body["duration_seconds"].is_i64() || !is_known(&body["outcome"]) {
        return Err("kind".to_owned());
    }
    if state.person(&contact).is_none() {
        return Err("contact".to_owned());
    }
    state.activities.push((contact, body.clone()));
    let made = json!({"id": format!("i-{}", state.activities.len() - 1)});
    Ok(ResponseTemplate::new(201).set_body_json(made))
}

fn change(state: &mut State, id: &str, body: &Value) -> ResponseTemplate {
    let number = id.trim_end_matches('/').parse().ok();
    match state.change_activity(number, body) {
        true => ResponseTemplate::new(200).set_body_json(json!({"error": false})),
        false => ResponseTemplate::new(404),
    }
}
