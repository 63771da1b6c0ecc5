//! Invitations, passwords and sessions as the browser meets them.

use reqwest::header::{COOKIE, ORIGIN, USER_AGENT};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::stage::{PASSWORD, Stage};
use crate::support::{cookie_in, problem};

async fn send(stage: &Stage, cookie: &str, method: Method, path: &str, body: Value) -> Response {
    let request = stage
        .http
        .request(method, stage.url(path))
        .header(ORIGIN, stage.url(""))
        .header(COOKIE, cookie)
        .header(USER_AGENT, "A test");
    let request = if body.is_null() {
        request
    } else {
        request.json(&body)
    };
    request.send().await.unwrap()
}

async fn json_of(response: Response) -> Value {
    assert!(response.status().is_success(), "{}", response.status());
    response.json().await.unwrap()
}

fn token(link: &Value) -> String {
    link["url"]
        .as_str()
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn who_is_invited_chooses_a_password_and_works() {
    let stage = Stage::set().await;
    let admin = stage.cookie().await;
    let invite = json!({"email": " Lea@Example.com", "name": "Lea", "role": "supervisor"});
    let link = send(
        &stage,
        &admin,
        Method::POST,
        "/api/desk/people",
        invite.clone(),
    )
    .await;
    assert_eq!(link.status(), 201);
    let link = json_of(link).await;
    assert_eq!(link["kind"], "invitation");
    let path = format!("/api/desk/invitations/{}", token(&link));

    let taken = send(&stage, &admin, Method::POST, "/api/desk/people", invite).await;
    problem(taken, 409, "email-taken").await;
    let seen = json_of(stage.get(&path).send().await.unwrap()).await;
    // A mail scanner looks at every link, in every way that costs nothing.
    for scan in [Method::HEAD, Method::GET, Method::HEAD] {
        let address = stage.url(&path);
        let scanned = stage.http.request(scan, address).send().await.unwrap();
        assert!(scanned.status().is_success());
    }
    let expected = json!({"kind": "invitation", "tenant": "Sunrise", "name": "Lea",
        "email": "lea@example.com"});
    assert_eq!(seen, expected);
    let short = send(
        &stage,
        "",
        Method::POST,
        &path,
        json!({"password": "short"}),
    )
    .await;
    problem(short, 422, "password-unfit").await;

    let password = json!({"password": "a long enough one"});
    let joined = send(&stage, "", Method::POST, &path, password.clone()).await;
    assert_eq!(joined.status(), 200);
    let cookie = cookie_in(&joined);
    assert_eq!(json_of(joined).await["role"], "supervisor");
    assert_eq!(
        json_of(
            send(
                &stage,
                &cookie,
                Method::GET,
                "/api/desk/session",
                Value::Null
            )
            .await
        )
        .await["name"],
        "Lea"
    );
    let again = send(&stage, "", Method::POST, &path, password).await;
    problem(again, 410, "link-invalid").await;

    let signed_in = json!({"email": "lea@example.com", "password": "a long enough one"});
    let signed_in = send(&stage, "", Method::POST, "/api/desk/session", signed_in).await;
    assert_eq!(signed_in.status(), 200);
    let trail =
        json_of(send(&stage, &admin, Method::GET, "/api/desk/audit", Value::Null).await).await;
    let deeds: Vec<_> = trail["items"].as_array().unwrap().iter().collect();
    assert_eq!(
        (&deeds[0]["action"], &deeds[0]["actor_name"]),
        (&json!("user.joined"), &json!("Lea"))
    );
    assert_eq!(
        (&deeds[1]["action"], &deeds[1]["actor_name"]),
        (&json!("user.invited"), &json!("Emma"))
    );
    stage.stop().await;
}

#[tokio::test]
async fn a_revoked_session_ends_with_its_streams() {
    let stage = Stage::set().await;
    let (here, there) = (stage.cookie().await, stage.cookie().await);
    let mut stream = stage.staff_stream("/api/desk/events", &there, None).await;
    let path = "/api/desk/me/sessions";
    let open = json_of(send(&stage, &here, Method::GET, path, Value::Null).await).await;
    let open = open["items"].as_array().unwrap();
    assert_eq!(open.len(), 2);
    let other = open.iter().find(|it| it["this_one"] == false).unwrap();
    let id = other["id"].as_str().unwrap();

    let ended = send(
        &stage,
        &here,
        Method::DELETE,
        &format!("{path}/{id}"),
        Value::Null,
    )
    .await;
    assert_eq!(ended.status(), 204);
    while stream.next().await.is_some() {}
    let gone = send(
        &stage,
        &there,
        Method::GET,
        "/api/desk/session",
        Value::Null,
    )
    .await;
    problem(gone, 401, "sign-in-required").await;
    let again = send(
        &stage,
        &here,
        Method::DELETE,
        &format!("{path}/{id}"),
        Value::Null,
    )
    .await;
    problem(again, 404, "person-unknown").await;
    assert_eq!(
        send(&stage, &here, Method::GET, path, Value::Null)
            .await
            .status(),
        200
    );
    stage.stop().await;
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it_and_ends_the_other_sessions() {
    let stage = Stage::set().await;
    let (here, there) = (stage.cookie().await, stage.cookie().await);
    let change = async |current: &str, new: &str| {
        let body = json!({"current": current, "new": new});
        send(&stage, &here, Method::PUT, "/api/desk/me/password", body).await
    };
    problem(
        change("wrong", "another long one").await,
        422,
        "password-wrong",
    )
    .await;
    problem(change(PASSWORD, "short").await, 422, "password-unfit").await;
    assert_eq!(change(PASSWORD, "another long one").await.status(), 204);
    let gone = send(
        &stage,
        &there,
        Method::GET,
        "/api/desk/session",
        Value::Null,
    )
    .await;
    problem(gone, 401, "sign-in-required").await;
    assert_eq!(
        send(&stage, &here, Method::GET, "/api/desk/session", Value::Null)
            .await
            .status(),
        200
    );
    let old = json!({"email": "emma@example.com", "password": PASSWORD});
    problem(
        send(&stage, "", Method::POST, "/api/desk/session", old).await,
        401,
        "credentials-wrong",
    )
    .await;
    // Guessing at it is slowed as at the door.
    let mut last = 0;
    for _ in 0..12 {
        last = change("wrong", "another long one").await.status().as_u16();
    }
    assert_eq!(last, 429);
    stage.stop().await;
}

#[tokio::test]
async fn a_reset_link_lets_in_who_forgot() {
    let stage = Stage::set().await;
    let cookie = stage.cookie().await;
    let link = json_of(
        send(
            &stage,
            &cookie,
            Method::POST,
            "/api/desk/people/user_1/link",
            Value::Null,
        )
        .await,
    )
    .await;
    assert_eq!(link["kind"], "reset");
    assert!(link["url"].as_str().unwrap().contains("/desk/reset/"));
    let path = format!("/api/desk/invitations/{}", token(&link));
    let body = json!({"password": "a brand new one"});
    let chosen = send(&stage, "", Method::POST, &path, body).await;
    assert_eq!(chosen.status(), 200);
    let gone = send(
        &stage,
        &cookie,
        Method::GET,
        "/api/desk/session",
        Value::Null,
    )
    .await;
    problem(gone, 401, "sign-in-required").await;
    stage.stop().await;
}

#[tokio::test]
async fn a_business_is_told_apart_from_nonsense() {
    let stage = Stage::set().await;
    let cookie = stage.cookie().await;
    let path = "/api/desk/business";
    let put = async |body: Value| send(&stage, &cookie, Method::PUT, path, body).await;
    let day = json!([{"from": "00:00", "to": "24:00"}]);
    let good = json!({"name": "Sunrise", "timezone": "europe/vienna", "languages": ["de"],
        "hours": {"week": [day, day, day, day, day, day, day]}});
    let kept = json_of(put(good.clone()).await).await;
    assert_eq!(
        (&kept["timezone"], &kept["open_now"]),
        (&json!("Europe/Vienna"), &json!(true))
    );
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for (name, value, status, slug) in [
        ("name", json!(""), 422, "name-invalid"),
        ("timezone", json!("Mars"), 422, "timezone-unknown"),
        ("languages", json!([]), 422, "language-invalid"),
        ("default_agent_id", json!("agent_9"), 422, "agent-unknown"),
        (
            "hours",
            json!({"week": [[], [], [], [], [], [], [{"from": "10:00", "to": "09:00"}]]}),
            422,
            "hours-invalid",
        ),
        (
            "hours",
            json!({"week": [[], [], [], [], [], [], [{"from": "noon", "to": "13:00"}]]}),
            400,
            "body-invalid",
        ),
        (
            "hours",
            json!({"exceptions": [{"date": "2026-02-30", "open": []}]}),
            400,
            "body-invalid",
        ),
    ] {
        problem(put(with(name, value)).await, status, slug).await;
    }
    stage.stop().await;
}

#[tokio::test]
async fn a_setup_link_is_for_an_empty_store() {
    let stage = Stage::set().await;
    let app = stage.app();
    assert_eq!(server::tenants::setup_url(app).await.unwrap(), None);
    let token = app.signer.setup_token(app.clock.now_ms());
    for token in [token.as_str(), "nonsense"] {
        let path = format!("/api/desk/setup/{token}");
        problem(stage.get(&path).send().await.unwrap(), 410, "link-invalid").await;
    }
    stage.stop().await;
}
