//! Outgoing webhooks and jobs at the desk: who may, and what is told.

use reqwest::Method;
use reqwest::header::{COOKIE, ORIGIN};
use serde_json::{Value, json};

use crate::stage::Stage;
use crate::support::problem;

const ENDPOINTS: &str = "/api/desk/webhook-endpoints";
/// Every route that reads, and those that write; `ID` is an endpoint.
const ROUTES: [(&str, &str); 16] = [
    ("GET", ENDPOINTS),
    ("POST", ENDPOINTS),
    ("GET", "/api/desk/webhook-endpoints/ID"),
    ("PUT", "/api/desk/webhook-endpoints/ID"),
    ("DELETE", "/api/desk/webhook-endpoints/ID"),
    ("POST", "/api/desk/webhook-endpoints/ID/rotate-secret"),
    ("POST", "/api/desk/webhook-endpoints/ID/switch-on"),
    ("POST", "/api/desk/webhook-endpoints/ID/switch-off"),
    ("POST", "/api/desk/webhook-endpoints/ID/test"),
    ("POST", "/api/desk/webhook-endpoints/ID/replay-failed"),
    ("GET", "/api/desk/webhook-endpoints/ID/notifications"),
    ("GET", "/api/desk/webhook-endpoints/ID/notifications/x"),
    (
        "POST",
        "/api/desk/webhook-endpoints/ID/notifications/x/replay",
    ),
    ("GET", "/api/desk/jobs"),
    ("GET", "/api/desk/jobs/parked"),
    ("POST", "/api/desk/jobs/x/retry"),
];

fn form() -> Value {
    json!({
        "url": "https://93.184.215.14/hook", "description": "CRM", "events": ["call.ended"],
        "headers": {"x-make-apikey": "a key of theirs"}, "since": 0,
    })
}

async fn ask(
    stage: &Stage,
    cookie: &str,
    method: &str,
    path: &str,
    body: &Value,
) -> reqwest::Response {
    stage
        .http
        .request(method.parse::<Method>().unwrap(), stage.url(path))
        .header(ORIGIN, stage.url(""))
        .header(COOKIE, cookie)
        .body(body.to_string())
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn an_admin_keeps_endpoints_and_sees_a_secret_once() {
    let stage = Stage::set().await;
    let cookie = stage.cookie().await;
    let ask = async |method: &str, path: &str, body: &Value| {
        ask(&stage, &cookie, method, path, body).await
    };
    let created = ask("POST", ENDPOINTS, &form()).await;
    assert_eq!(created.status(), 201);
    let created: Value = created.json().await.unwrap();
    let secret = created["secret"].as_str().unwrap();
    assert!(secret.starts_with("whsec_"));
    let own = format!(
        "{ENDPOINTS}/{}",
        created["endpoint"]["id"].as_str().unwrap()
    );
    let list = ask("GET", ENDPOINTS, &json!(null))
        .await
        .text()
        .await
        .unwrap();
    assert!(list.contains("x-make-apikey"));
    assert!(!list.contains("a key of theirs") && !list.contains(secret));

    let rotated = ask("POST", &format!("{own}/rotate-secret"), &json!({})).await;
    let rotated: Value = rotated.json().await.unwrap();
    assert_ne!(rotated["secret"], created["secret"]);
    assert!(rotated["endpoint"]["previous_secret_until"].is_i64());

    // Headers that are left out stay; an empty list takes them away.
    let mut change = form();
    change["events"] = json!(["call.analyzed", "call.created", "call.created"]);
    change.as_object_mut().unwrap().remove("headers");
    let changed: Value = ask("PUT", &own, &change).await.json().await.unwrap();
    assert_eq!(changed["events"], json!(["call.created", "call.analyzed"]));
    assert_eq!(changed["header_names"], json!(["x-make-apikey"]));
    change["headers"] = json!({});
    let changed: Value = ask("PUT", &own, &change).await.json().await.unwrap();
    assert_eq!(changed["header_names"], json!([]));

    let off: Value = ask("POST", &format!("{own}/switch-off"), &json!({}))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(off["disabled_reason"], "person");
    let test = ask("POST", &format!("{own}/test"), &json!({})).await;
    problem(test, 409, "endpoint-disabled").await;
    let on: Value = ask("POST", &format!("{own}/switch-on"), &json!({}))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(on["disabled_at"], Value::Null);
    assert_eq!(ask("DELETE", &own, &json!(null)).await.status(), 204);
    problem(ask("GET", &own, &json!(null)).await, 404, "not-found").await;
    let trail = stage
        .app()
        .store
        .audit_events()
        .page(&stage.tenant, None, 20)
        .await
        .unwrap();
    let deeds: Vec<_> = trail.iter().map(|entry| entry.action.as_str()).collect();
    for deed in [
        "created",
        "secret_rotated",
        "changed",
        "headers_changed",
        "deleted",
    ] {
        assert!(
            deeds.contains(&format!("endpoint.{deed}").as_str()),
            "{deeds:?}"
        );
    }
    assert!(!format!("{trail:?}").contains("a key of theirs"));
    stage.stop().await;
}

#[tokio::test]
async fn a_form_that_is_not_right_is_told_why() {
    let stage = Stage::set().await;
    let cookie = stage.cookie().await;
    for (field, value, status, slug) in [
        (
            "url",
            json!("http://example.com/"),
            422,
            "endpoint-address-invalid",
        ),
        (
            "url",
            json!("https://10.0.0.1/"),
            422,
            "endpoint-address-private",
        ),
        (
            "url",
            json!("https://localhost:8443/"),
            422,
            "endpoint-address-private",
        ),
        (
            "headers",
            json!({"host": "x"}),
            422,
            "endpoint-header-invalid",
        ),
        ("events", json!([]), 400, "body-invalid"),
        ("events", json!(["call.exploded"]), 400, "body-invalid"),
        ("description", json!("x".repeat(201)), 400, "body-invalid"),
        ("url", json!(7), 400, "body-invalid"),
    ] {
        let mut body = form();
        body[field] = value;
        let refused = ask(&stage, &cookie, "POST", ENDPOINTS, &body).await;
        problem(refused, status, slug).await;
    }
    for _ in 0..20 {
        let made = ask(&stage, &cookie, "POST", ENDPOINTS, &form()).await;
        assert_eq!(made.status(), 201);
    }
    let one_more = ask(&stage, &cookie, "POST", ENDPOINTS, &form()).await;
    problem(one_more, 422, "endpoint-limit").await;
    stage.stop().await;
}

#[tokio::test]
async fn other_roles_and_other_businesses_stay_outside() {
    let stage = Stage::set().await;
    let cookie = stage.cookie().await;
    let made = ask(&stage, &cookie, "POST", ENDPOINTS, &form()).await;
    let made: Value = made.json().await.unwrap();
    let id = made["endpoint"]["id"].as_str().unwrap();
    let (tenant, mut user) = stage.other_tenant().await;
    let agent = stage.sign_in(&tenant, &user).await;
    user.role = server::people::Role::Admin;
    user.id = "u3".into();
    user.email = "admin@example.com".into();
    stage
        .app()
        .store
        .people()
        .upsert(&tenant, &user, 0)
        .await
        .unwrap();
    let admin = stage.sign_in(&tenant, &user).await;
    for (method, path) in ROUTES {
        let path = path.replace("ID", id);
        let refused = ask(&stage, "", method, &path, &form()).await;
        problem(refused, 401, "sign-in-required").await;
        let refused = ask(&stage, &agent, method, &path, &form()).await;
        problem(refused, 403, "role-too-low").await;
        if path.contains(id) || path.contains("/x/") {
            let refused = ask(&stage, &admin, method, &path, &form()).await;
            problem(refused, 404, "not-found").await;
        }
    }
    let list = ask(&stage, &admin, "GET", ENDPOINTS, &json!(null)).await;
    let list: Value = list.json().await.unwrap();
    assert_eq!(list["items"], json!([]));
    stage.stop().await;
}
