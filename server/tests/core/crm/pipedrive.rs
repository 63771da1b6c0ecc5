//! Pipedrive, as integrations 2.4 tells it.

use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use super::double::{Consent, Person, State, Vendor, header, query};

pub(crate) const VENDOR: Vendor = Vendor {
    connection: |url| {
        json!({
            "provider": {"kind": "pipedrive", "base_url": url}, "secrets": {"api_token": "token-1"},
        })
    },
    secret: "api_token",
    answer,
    writes: |request| request.method == "POST" && request.url.path() == "/api/v2/activities",
    searches: |request| request.url.path() == "/api/v2/persons/search",
    check: |activity| {
        assert_eq!(activity["duration"], "00:02", "whole minutes");
        assert_eq!(activity["type"], "call");
        assert_eq!(activity["done"], true);
        let note = activity["note"].as_str().unwrap();
        assert!(note.starts_with("Wants &lt;tea&gt;.<br>"), "{note}");
    },
    // It does not say after how long.
    limited: || error(429, "ERR_RATE_LIMIT"),
    rests_s: 11,
    locked_out: "Pipedrive answered 401",
};

pub(crate) const CONSENT: Consent = Consent {
    connection: |url| {
        json!({
            "provider": {"kind": "pipedrive", "base_url": url, "client_id": "app-1"},
            "secrets": {"client_secret": "secret-1"},
        })
    },
    page: "/oauth/authorize",
    tokens: "/oauth/token",
    scope: "",
    proves: false,
    in_header: true,
    lasts_s: Some(60 * 60),
    rotates: true,
};

fn error(status: u16, code: &str) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_json(json!({"success": false, "error": "No.", "code": code}))
}

fn data(status: u16, data: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({"success": true, "data": data}))
}

fn answer(state: &mut State, request: &Request) -> ResponseTemplate {
    let opens = header(request, "x-api-token") == "token-1";
    if state.locked || !(opens || state.is_let_in(request)) {
        return error(401, "ERR_UNAUTHORIZED");
    }
    let (method, path) = (request.method.as_str(), request.url.path());
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let answered = match (method, path) {
        ("GET", "/v1/users/me") => Ok(data(
            200,
            &json!({"id": 1, "company_id": 7, "company_domain": "sunrise", "timezone_name": "Europe/Berlin"}),
        )),
        ("GET", "/api/v2/persons/search") => search(state, request),
        ("POST", "/api/v2/persons") => create(state, &body),
        ("GET", "/api/v2/activities") => list(state, request),
        ("POST", "/api/v2/activities") => add(state, &body),
        ("PATCH", path) if path.starts_with("/api/v2/activities/") => {
            Ok(change(state, &path["/api/v2/activities/".len()..], &body))
        }
        _ => Err("no such path, or one that was shut".to_owned()),
    };
    answered.unwrap_or_else(|wrong| {
        state.refuse(format!("{method} {path}: {wrong}"));
        error(400, "ERR_SCHEMA_VALIDATION_FAILED")
    })
}

fn search(state: &mut State, request: &Request) -> Result<ResponseTemplate, String> {
    let (term, fields) = (query(request, "term"), query(request, "fields"));
    if term.len() < 2 || !["true", "false"].contains(&query(request, "exact_match").as_str()) {
        return Err("term".to_owned());
    }
    let fits = |person: &&Person| match fields.as_str() {
        "phone" => person.has_digits(&term),
        "email" => person.email == term,
        _ => false,
    };
    let items: Vec<_> = state
        .people
        .iter()
        .filter(fits)
        .map(|person| {
            let id: i64 = person.id.parse().unwrap();
            json!({"result_score": 0.5, "item": {
                "id": id, "type": "person", "name": person.name, "phones": person.phones,
                "emails": [person.email],
            }})
        })
        .collect();
    Ok(data(200, &json!({"items": items})))
}

fn create(state: &mut State, body: &Value) -> Result<ResponseTemplate, String> {
    let name = body["name"]
        .as_str()
        .filter(|name| !name.is_empty())
        .ok_or("name")?;
    let phone = &body["phones"][0];
    if phone["primary"] != true {
        return Err("primary is a boolean".to_owned());
    }
    let id = state.add(Person {
        id: state.next_id(),
        name: name.to_owned(),
        email: body["emails"][0]["value"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        phones: vec![phone["value"].as_str().unwrap_or_default().to_owned()],
    });
    let id: i64 = id.parse().unwrap();
    Ok(data(201, &json!({"id": id})))
}

fn list(state: &mut State, request: &Request) -> Result<ResponseTemplate, String> {
    if query(request, "sort_by") != "update_time" || query(request, "sort_direction") != "desc" {
        return Err("sort".to_owned());
    }
    let of = query(request, "person_id");
    let all = state.activities.iter().enumerate();
    let all = all.filter(|(_, (person, _))| *person == of);
    let all: Vec<_> = all
        .map(|(index, (_, activity))| json!({"id": 9_000 + index, "note": activity["note"]}))
        .collect();
    Ok(data(200, &json!(all)))
}

fn add(state: &mut State, body: &Value) -> Result<ResponseTemplate, String> {
    let person = &body["participants"][0];
    let id = person["person_id"]
        .as_i64()
        .ok_or("person_id is a number")?
        .to_string();
    let is_clock = |name: &str| {
        let text = body[name].as_str().unwrap_or_default();
        text.len() == 5 && text.as_bytes()[2] == b':'
    };
    let is_date = body["due_date"]
        .as_str()
        .is_some_and(|date| date.len() == 10);
    if !(body["done"] == true && is_clock("due_time") && is_clock("duration") && is_date) {
        return Err("done, due_date, due_time or duration".to_owned());
    }
    if person["primary"] != true || state.person(&id).is_none() {
        return Err("participants".to_owned());
    }
    state.activities.push((id, body.clone()));
    let made = json!({"id": 9_000 + state.activities.len() - 1});
    Ok(data(201, &made))
}

fn change(state: &mut State, id: &str, fields: &Value) -> ResponseTemplate {
    let number: Option<usize> = id.parse().ok();
    match state.change_activity(number.and_then(|it| it.checked_sub(9_000)), fields) {
        true => data(200, &json!({"id": number})),
        false => error(404, "ERR_NOT_FOUND"),
    }
}
