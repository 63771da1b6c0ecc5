//! Every route of the desk, tried by who may not: a person of another business,
//! and people whose role is too low. A new route is a new line of a table.

use reqwest::header::{COOKIE, ORIGIN};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use server::staff::Role;
use server::store::User;

use crate::stage::{Stage, problem};

/// What another business's admin asks for, of things that are not theirs:
/// method, path and body. Every one has to look as if there were nothing.
fn of_another_business() -> Vec<(Method, &'static str, Value)> {
    vec![
        (Method::GET, "/api/desk/calls/call_1", Value::Null),
        (Method::GET, "/api/desk/calls/call_1/events", Value::Null),
        (Method::GET, "/api/desk/calls/call_1/recording", Value::Null),
        (
            Method::PATCH,
            "/api/desk/people/u1",
            json!({"role": "agent"}),
        ),
        (
            Method::PATCH,
            "/api/desk/people/u1",
            json!({"disabled": true}),
        ),
        (Method::POST, "/api/desk/people/u1/link", Value::Null),
        (Method::DELETE, "/api/desk/me/sessions/SESSION", Value::Null),
    ]
}

/// What takes an admin: method, path and body.
fn for_admins() -> Vec<(Method, &'static str, Value)> {
    let business = json!({"name": "Mine", "timezone": "UTC", "languages": ["en"]});
    vec![
        (Method::GET, "/api/desk/audit", Value::Null),
        (Method::GET, "/api/desk/account", Value::Null),
        (Method::PUT, "/api/desk/account", json!({})),
        (Method::GET, "/api/desk/business", Value::Null),
        (Method::PUT, "/api/desk/business", business),
        (Method::GET, "/api/desk/people", Value::Null),
        (
            Method::POST,
            "/api/desk/people",
            json!({"email": "x@example.com", "name": "X", "role": "admin"}),
        ),
        (
            Method::PATCH,
            "/api/desk/people/u1",
            json!({"role": "agent"}),
        ),
        (Method::POST, "/api/desk/people/u1/link", Value::Null),
    ]
}

async fn ask(stage: &Stage, cookie: &str, method: &Method, path: &str, body: &Value) -> Response {
    let mut request = stage
        .http
        .request(method.clone(), format!("{}{path}", stage.url))
        .header(ORIGIN, &stage.url)
        .header(COOKIE, cookie);
    if !body.is_null() {
        request = request.json(body);
    }
    request.send().await.unwrap()
}

fn token_hash(cookie: &str) -> String {
    let token = cookie.split_once('=').unwrap().1;
    server::staff::Token::parse(token).unwrap().hash()
}

#[tokio::test]
async fn nobody_reaches_another_business() {
    let stage = Stage::set().await;
    stage.call("call_1").await;
    let theirs = stage.cookie().await;
    let (other, lucia) = stage.other_tenant().await;
    let admin = User {
        role: Role::Admin,
        ..lucia
    };
    stage
        .app()
        .store
        .upsert_user(&other, &admin, 0)
        .await
        .unwrap();
    let cookie = stage.cookie_of(&other, &admin).await;
    let session = &token_hash(&theirs)[..16];
    for (method, path, body) in of_another_business() {
        let path = path.replace("SESSION", session);
        let response = ask(&stage, &cookie, &method, &path, &body).await;
        assert_eq!(response.status(), 404, "{method} {path}");
    }
    // Nothing has changed, and what they do see is their own.
    let me: Value = stage
        .get("/api/desk/session")
        .header(COOKIE, &theirs)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&me["role"], &me["tenant"]),
        (&json!("admin"), &json!("Sunrise Dental"))
    );
    for (path, theirs) in [
        ("/api/desk/people", "u1"),
        ("/api/desk/calls", "call_1"),
        ("/api/desk/audit", "Sunrise"),
        ("/api/desk/business", "Sunrise"),
        ("/api/desk/me/sessions", session),
    ] {
        let text = ask(&stage, &cookie, &Method::GET, path, &Value::Null)
            .await
            .text()
            .await
            .unwrap();
        assert!(
            text.starts_with('{') && !text.contains(theirs),
            "{path}: {text}"
        );
    }
    stage.stop().await;
}

#[tokio::test]
async fn a_role_that_is_too_low_is_told_so_and_changes_nothing() {
    let stage = Stage::set().await;
    for (id, role) in [("agent", Role::Agent), ("supervisor", Role::Supervisor)] {
        let user = User {
            id: id.into(),
            email: format!("{id}@example.com"),
            name: id.into(),
            role,
            password_hash: None,
        };
        stage
            .app()
            .store
            .upsert_user(&stage.tenant, &user, 0)
            .await
            .unwrap();
        let cookie = stage.cookie_of(&stage.tenant, &user).await;
        for (method, path, body) in for_admins() {
            let response = ask(&stage, &cookie, &method, path, &body).await;
            let status = response.status();
            assert_eq!(status, 403, "{id}: {method} {path}");
            problem(response, 403, "role-too-low").await;
        }
    }
    let trail = stage
        .app()
        .store
        .audit_page(&stage.tenant, None, 10)
        .await
        .unwrap();
    assert!(trail.is_empty(), "{trail:?}");
    stage.stop().await;
}

#[tokio::test]
async fn without_a_session_nothing_is_there() {
    let stage = Stage::set().await;
    for (method, path, body) in for_admins().into_iter().chain(of_another_business()) {
        let response = ask(&stage, "", &method, path, &body).await;
        problem(response, 401, "sign-in-required").await;
    }
    stage.stop().await;
}
