//! Two who change the same thing: nobody says anew what somebody else has changed since it was
//! read, on both databases.

use api::problem::slug;
use serde_json::{Value, json};
use server::people::Role;

use wiremock::{MockServer, ResponseTemplate};

use crate::support::{Desk, Scratch, TestServer, answers, problem};

/// What a business has one of, and two that it can be.
fn wholes() -> Vec<(&'static str, Value, Value)> {
    let business =
        |name: &str| json!({"name": name, "timezone": "Europe/Madrid", "languages": ["en"]});
    let crm = |address: &str| {
        let provider = json!({"kind": "hubspot", "base_url": address});
        json!({"provider": provider, "secrets": {"service_key": "key"}})
    };
    vec![
        ("business", business("Sunrise"), business("Sunset")),
        (
            "calendar/settings",
            json!({"capacity": 2}),
            json!({"capacity": 3}),
        ),
        (
            "privacy/retention",
            json!({"calls_days": 10}),
            json!({"calls_days": 20}),
        ),
        (
            "sms-settings",
            json!({"per_day": 10}),
            json!({"per_day": 20}),
        ),
        ("crm", crm("http://127.0.0.1:9"), crm("http://127.0.0.1:8")),
        (
            "calendar/calcom",
            json!({"base_url": "http://127.0.0.1:9/v2", "api_key": "key"}),
            json!({"base_url": "http://127.0.0.1:8/v2", "api_key": "key"}),
        ),
    ]
}

/// A list of a business, one of it, and what that can become.
fn listed() -> Vec<(&'static str, Value, Value)> {
    let named = |name: &str, more: Value| {
        let mut it = more;
        it["name"] = json!(name);
        it
    };
    let two = |path, more: Value| (path, named("one", more.clone()), named("two", more));
    let endpoint = |text: &str| json!({"url": "http://127.0.0.1:9/", "events": ["call.ended"], "description": text});
    let function = json!({
        "description": "Finds.", "url": "http://127.0.0.1:9/",
        "parameters": {"type": "object", "properties": {}},
    });
    vec![
        two("calendar/services", json!({"minutes": 30})),
        two("calendar/staff", json!({})),
        two("contacts", json!({})),
        two("transfer-destinations", json!({"to": "+4930901820"})),
        two(
            "warning-rules",
            json!({"when": "function_fails", "times": 2}),
        ),
        two("sms-templates", json!({"texts": {"en": "Hi"}})),
        two(
            "routing-rules",
            json!({"enabled": true, "action": {"do": "reject"}}),
        ),
        two(
            "public-keys",
            json!({"agents": ["agent_1"], "origins": ["https://e.test"]}),
        ),
        two("own-functions", function),
        ("webhook-endpoints", endpoint("one"), endpoint("two")),
    ]
}

/// The thing as a list shows it, or alone.
async fn read(desk: &Desk<'_>, path: &str, id: Option<&str>) -> Value {
    let read: Value = desk.get(path).await;
    let Some(id) = id else { return read };
    let items = read["items"].as_array().unwrap().iter();
    items.clone().find(|it| it["id"] == id).unwrap().clone()
}

/// One changes it, and then the other, who has read what it was before.
async fn race(desk: &Desk<'_>, list: &str, id: Option<&str>, [one, two]: [&Value; 2]) {
    let path = id.map_or_else(|| list.to_owned(), |id| format!("{list}/{id}"));
    let seen = read(desk, list, id).await["revision"].as_i64().unwrap();
    let of = |revision: i64| format!("{path}?revision={revision}");
    let late = of(seen);
    let both = tokio::join!(
        desk.send("PUT", &late, Some(one)),
        desk.send("PUT", &late, Some(two)),
    );
    // Whoever is second: what says nothing new would be done already.
    let (done, lost, [one, two]) = match both {
        (first, second) if first.status() == 200 => (first, second, [one, two]),
        (first, second) => (second, first, [two, one]),
    };
    assert_eq!(done.status(), 200, "{path}");
    let done: Value = done.json().await.unwrap();
    problem(lost, 409, slug::CHANGED_MEANWHILE).await;
    let late = desk.send("PUT", &late, Some(two)).await;
    problem(late, 409, slug::CHANGED_MEANWHILE).await;

    let theirs = read(desk, list, id).await;
    assert_eq!(theirs["revision"], done["revision"], "{path}");
    for (name, value) in one.as_object().unwrap() {
        if !["secrets", "api_key", "retell_key"].contains(&name.as_str()) {
            assert_eq!(theirs[name], *value, "{path}: {name}");
        }
    }
    // Who has seen theirs may replace it, and who does not care.
    let seen = theirs["revision"].as_i64().unwrap();
    assert_eq!(desk.send("PUT", &of(seen), Some(two)).await.status(), 200);
    assert_eq!(desk.send("PUT", &path, Some(one)).await.status(), 200);
    assert_eq!(read(desk, list, id).await["revision"], seen + 2, "{path}");
}

#[tokio::test]
async fn what_somebody_else_changed_meanwhile_is_not_replaced() {
    for scratch in Scratch::each().await {
        let retell = MockServer::start().await;
        let known = ResponseTemplate::new(200).set_body_json(json!({"org_id": "org_1"}));
        answers(&retell, "GET", "/get-api-key-info", known).await;
        let server = TestServer::start_with(scratch, &retell.uri(), |config| {
            config.outbound.allow_private = vec!["127.0.0.1".parse().unwrap()];
        })
        .await;
        let desk = Desk::sign_in(&server, Role::Admin).await;
        for (path, one, two) in wholes() {
            race(&desk, &format!("/api/desk/{path}"), None, [&one, &two]).await;
        }
        for (path, one, two) in listed() {
            let path = format!("/api/desk/{path}");
            let made: Value = desk.post(&path, &one).await;
            let made = ["function", "endpoint"]
                .iter()
                .find_map(|name| made.get(name))
                .unwrap_or(&made);
            let id = made["id"].as_str().unwrap();
            race(&desk, &path, Some(id), [&two, &one]).await;
            let gone = format!("{path}/unheard-of?revision=0");
            assert_eq!(desk.send("PUT", &gone, Some(&one)).await.status(), 404);
        }
        // Last: with another account the business has other agents.
        let keys = ["key_one", "key_two"].map(|key| json!({"retell_key": key}));
        race(&desk, "/api/desk/account", None, [&keys[0], &keys[1]]).await;
        server.stop().await;
    }
}
