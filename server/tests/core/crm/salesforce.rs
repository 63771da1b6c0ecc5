//! Salesforce, as integrations 2.3 tells it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wiremock::{Request, ResponseTemplate};

use super::double::{Consent, Person, State, Vendor, header, query};

const DATA: &str = "/services/data/v67.0";

pub(crate) const VENDOR: Vendor = Vendor {
    connection: |url| {
        json!({
            "provider": {"kind": "salesforce", "base_url": url, "client_id": "app-1"},
            "secrets": {"client_secret": "secret-1"},
        })
    },
    secret: "client_secret",
    answer,
    writes: |request| request.url.path() == format!("{DATA}/sobjects/Task"),
    searches: |request| request.url.path() == format!("{DATA}/search"),
    check: |task| {
        assert_eq!(task["CallDurationInSeconds"], 61);
        assert_eq!(task["CallType"], "Inbound");
        assert_eq!(task["CallObject"], "call_1");
        let text = task["Description"].as_str().unwrap();
        assert!(text.starts_with("Wants <tea>.\n"), "{text}");
    },
    limited: || error(403, "REQUEST_LIMIT_EXCEEDED"),
    rests_s: 16 * 60,
    locked_out: "Salesforce answered 400, invalid_client",
};

pub(crate) const CONSENT: Consent = Consent {
    connection: |url| {
        json!({
            "provider": {
                "kind": "salesforce", "base_url": url, "client_id": "app-1", "consent": true,
            },
            "secrets": {"client_secret": "secret-1"},
        })
    },
    page: "/services/oauth2/authorize",
    tokens: "/services/oauth2/token",
    scope: "api refresh_token",
    proves: true,
    in_header: false,
    // It is good until it is not.
    lasts_s: None,
    rotates: true,
};

fn error(status: u16, code: &str) -> ResponseTemplate {
    let body = json!([{"message": "No.", "errorCode": code, "fields": []}]);
    ResponseTemplate::new(status).set_body_json(body)
}

fn answer(state: &mut State, request: &Request) -> ResponseTemplate {
    let (method, path) = (request.method.as_str(), request.url.path());
    if path == "/services/oauth2/token" {
        return token(state, request);
    }
    // A token is good for some requests only, so that a new one has to be asked for.
    let bearer = format!("Bearer token-{}", state.tokens);
    let opens = header(request, "authorization") == bearer;
    if state.locked || !(opens || state.is_let_in(request)) {
        return error(401, "INVALID_SESSION_ID");
    }
    let Some(path) = path.strip_prefix(DATA) else {
        state.refuse(path);
        return error(404, "NOT_FOUND");
    };
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let answered = match (method, path) {
        ("GET", "/search") => search(state, &query(request, "q")),
        ("GET", "/query") => select(state, &query(request, "q")),
        ("POST", "/sobjects/Contact") => create(state, &body),
        ("POST", "/sobjects/Task") => task(state, &body),
        ("PATCH", path) if path.starts_with("/sobjects/Task/") => {
            Ok(change_task(state, &path["/sobjects/Task/".len()..], &body))
        }
        _ => Err("no such path".to_owned()),
    };
    answered.unwrap_or_else(|wrong| {
        state.refuse(format!("{method} {path}: {wrong}"));
        error(400, "MALFORMED_QUERY")
    })
}

fn token(state: &mut State, request: &Request) -> ResponseTemplate {
    let form = url::form_urlencoded::parse(&request.body).into_owned();
    let form: BTreeMap<String, String> = form.collect();
    let is = |name: &str, value: &str| form.get(name).is_some_and(|it| it == value);
    let good = is("grant_type", "client_credentials")
        && is("client_id", "app-1")
        && is("client_secret", "secret-1");
    if state.locked || !good {
        let body = json!({"error": "invalid_client", "error_description": "invalid"});
        return ResponseTemplate::new(400).set_body_json(body);
    }
    state.tokens += 1;
    ResponseTemplate::new(200).set_body_json(json!({
        "access_token": format!("token-{}", state.tokens), "instance_url": state.url,
        "id": format!("{}/id/00D/005", state.url), "token_type": "Bearer",
        "issued_at": "1790000000000", "signature": "s",
    }))
}

fn shown(person: &Person) -> Value {
    json!({
        "attributes": {"type": "Contact", "url": format!("{DATA}/sobjects/Contact/{}", person.id)},
        "Id": person.id, "Name": person.name, "Email": person.email,
        "Phone": person.phones.first(), "MobilePhone": null,
    })
}

/// Finds what was there from the beginning: what is made is not in the index yet.
fn search(state: &mut State, sosl: &str) -> Result<ResponseTemplate, String> {
    let digits = sosl.strip_prefix("FIND {").ok_or("no FIND")?;
    let (digits, rest) = digits.split_once('}').ok_or("no end")?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("reserved characters".to_owned());
    }
    if !rest.starts_with(" IN PHONE FIELDS RETURNING Contact(Id,") {
        return Err(rest.to_owned());
    }
    let indexed = state.people.iter().take(2);
    let found: Vec<_> = indexed
        .filter(|it| it.has_digits(digits))
        .map(shown)
        .collect();
    Ok(ResponseTemplate::new(200).set_body_json(json!({"searchRecords": found})))
}

fn select(state: &mut State, soql: &str) -> Result<ResponseTemplate, String> {
    let quoted = soql.split('\'').nth(1).unwrap_or_default();
    let records: Vec<Value> = if soql == "SELECT Id FROM Contact LIMIT 1" {
        state.people.iter().take(1).map(shown).collect()
    } else if soql.contains(" FROM Task WHERE WhoId = ")
        && soql.contains("ORDER BY CreatedDate DESC")
    {
        let tasks = state.activities.iter().enumerate();
        let tasks = tasks.filter(|(_, (who, _))| who == quoted);
        tasks
            .map(|(index, (_, task))| {
                let mut task = task.clone();
                task["Id"] = json!(format!("00T{index}"));
                task
            })
            .collect()
    } else if soql.contains(" FROM Lead WHERE IsConverted = false AND (") {
        Vec::new()
    } else if soql.contains(" FROM Contact WHERE Phone LIKE '%") {
        let digits = quoted.trim_start_matches('%');
        let fits = |it: &&Person| it.phones.iter().any(|phone| phone.ends_with(digits));
        state.people.iter().filter(fits).map(shown).collect()
    } else if soql.contains(" FROM Contact WHERE Email = '") {
        let fits = |it: &&Person| it.email == quoted;
        state.people.iter().filter(fits).map(shown).collect()
    } else {
        return Err(soql.to_owned());
    };
    let found = json!({"totalSize": records.len(), "done": true, "records": records});
    Ok(ResponseTemplate::new(200).set_body_json(found))
}

fn create(state: &mut State, fields: &Value) -> Result<ResponseTemplate, String> {
    let text = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
    let known = ["FirstName", "LastName", "Email", "Phone"];
    let names = fields.as_object().ok_or("no fields")?.keys();
    if text("LastName").is_empty() || !names.into_iter().all(|it| known.contains(&it.as_str())) {
        return Err("REQUIRED_FIELD_MISSING".to_owned());
    }
    let id = state.add(Person {
        id: format!("003{}", state.next_id()),
        name: format!("{} {}", text("FirstName"), text("LastName"))
            .trim()
            .to_owned(),
        email: text("Email"),
        phones: vec![text("Phone")],
    });
    let made = json!({"id": id, "success": true, "errors": []});
    Ok(ResponseTemplate::new(201).set_body_json(made))
}

fn task(state: &mut State, fields: &Value) -> Result<ResponseTemplate, String> {
    const KNOWN: [&str; 10] = [
        "Subject",
        "Status",
        "ActivityDate",
        "WhoId",
        "Description",
        "TaskSubtype",
        "CallType",
        "CallDurationInSeconds",
        "CallDisposition",
        "CallObject",
    ];
    let mut names = fields.as_object().ok_or("no fields")?.keys();
    if let Some(unknown) = names.find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(format!("INVALID_FIELD {unknown}"));
    }
    let who = fields["WhoId"].as_str().unwrap_or_default().to_owned();
    let is_date = fields["ActivityDate"]
        .as_str()
        .is_some_and(|date| date.len() == 10);
    if fields["TaskSubtype"] != "Call" || !is_date || state.person(&who).is_none() {
        return Err("no such task".to_owned());
    }
    state.activities.push((who, fields.clone()));
    let id = format!("00T{}", state.activities.len() - 1);
    let made = json!({"id": id, "success": true, "errors": []});
    Ok(ResponseTemplate::new(201).set_body_json(made))
}

fn change_task(state: &mut State, id: &str, fields: &Value) -> ResponseTemplate {
    let number = id.strip_prefix("00T").and_then(|it| it.parse().ok());
    match state.change_activity(number, fields) {
        true => ResponseTemplate::new(204),
        false => error(404, "NOT_FOUND"),
    }
}
