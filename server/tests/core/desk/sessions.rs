//! Who may read and do what at the desk.

use reqwest::Method;
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use serde_json::{Value, json};
use server::people;

use crate::stage::{PASSWORD, Stage};
use crate::support::{cookie_in, problem};

const READS: [&str; 7] = [
    "/api/desk/session",
    "/api/desk/calls",
    "/api/desk/calls/choices",
    "/api/desk/calls/call_1",
    "/api/desk/calls/call_1/events",
    "/api/desk/calls/call_1/recording",
    "/api/desk/events",
];

#[tokio::test]
async fn without_a_session_every_route_is_closed() {
    let stage = Stage::set().await;
    stage.call("call_1").await;
    let strangers = ["", "switchboard_session=", "switchboard_session=AAAA"];
    let forged = format!("switchboard_session={}", people::Token::random().expose());
    for path in READS {
        for cookie in strangers.into_iter().chain([forged.as_str()]) {
            let response = stage.get(path).header(COOKIE, cookie).send().await.unwrap();
            problem(response, 401, "sign-in-required").await;
        }
    }
    stage.stop().await;
}

#[tokio::test]
async fn a_link_signs_in_once() {
    let stage = Stage::set().await;
    let app = stage.app();
    let now = app.clock.now_ms();
    let link = people::new_sign_in_link(&app.store, &stage.tenant, &stage.user, now)
        .await
        .unwrap();
    let path = format!("/desk/sign-in/{}", link.expose());
    // A preview does not use it up.
    let preview = stage.http.head(stage.url(&path)).send().await.unwrap();
    assert!(!preview.headers().contains_key(SET_COOKIE));

    let response = stage.get(&path).send().await.unwrap();
    assert_eq!(response.status(), 303);
    assert_eq!(response.headers()["location"], "/desk");
    let set = response.headers()[SET_COOKIE].to_str().unwrap();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(set.contains(attribute), "{set}");
    }
    let cookie = cookie_in(&response);
    let session = stage
        .get("/api/desk/session")
        .header(COOKIE, &cookie)
        .send()
        .await
        .unwrap();
    assert!(
        session.headers()[SET_COOKIE]
            .to_str()
            .unwrap()
            .starts_with(&cookie)
    );
    let session: Value = session.json().await.unwrap();
    let expected = json!({"user_id": "user_1", "name": "Emma", "email": "emma@example.com",
        "role": "admin", "tenant": "Sunrise", "timezone": "Europe/Berlin"});
    assert_eq!(session, expected);

    for path in [path.as_str(), "/desk/sign-in/nonsense"] {
        let again = stage
            .get(path)
            .header("accept-language", "de")
            .send()
            .await
            .unwrap();
        assert_eq!(again.status(), 410);
        assert!(!again.headers().contains_key(SET_COOKIE));
        assert!(
            again
                .text()
                .await
                .unwrap()
                .contains("Dieser Anmeldelink gilt nicht mehr")
        );
    }
    let bookmark = stage
        .get(&path)
        .header(COOKIE, &cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(bookmark.status(), 303);
    stage.stop().await;
}

#[tokio::test]
async fn a_link_that_is_too_old_does_not_sign_in() {
    let stage = Stage::set().await;
    let app = stage.app();
    let long_ago = app.clock.now_ms() - 25 * 60 * 60 * 1000;
    let link = people::new_sign_in_link(&app.store, &stage.tenant, &stage.user, long_ago)
        .await
        .unwrap();
    let path = format!("/desk/sign-in/{}", link.expose());
    assert_eq!(stage.get(&path).send().await.unwrap().status(), 410);
    stage.stop().await;
}

#[tokio::test]
async fn a_password_signs_in_and_a_wrong_one_says_nothing_more() {
    let stage = Stage::set().await;
    let sign_in = async |email: &str, password: &str| {
        let body = json!({"email": email, "password": password});
        stage
            .post("/api/desk/session")
            .json(&body)
            .send()
            .await
            .unwrap()
    };
    let wrong = problem(
        sign_in("emma@example.com", "wrong").await,
        401,
        "credentials-wrong",
    )
    .await;
    let unknown = problem(
        sign_in("who@example.com", PASSWORD).await,
        401,
        "credentials-wrong",
    )
    .await;
    assert_eq!((wrong.title, wrong.detail), (unknown.title, unknown.detail));

    let response = sign_in(" Emma@Example.com ", PASSWORD).await;
    assert_eq!(response.status(), 200);
    let cookie = cookie_in(&response);
    let signed_in = async || {
        let request = stage.get("/api/desk/session").header(COOKIE, &cookie);
        request.send().await.unwrap().status()
    };
    assert_eq!(signed_in().await, 200);
    let out = stage
        .http
        .delete(stage.url("/api/desk/session"))
        .header(COOKIE, &cookie)
        .header(ORIGIN, stage.url(""))
        .send()
        .await
        .unwrap();
    assert_eq!(out.status(), 204);
    assert!(
        out.headers()[SET_COOKIE]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert_eq!(
        signed_in().await,
        401,
        "the session itself is over, not only the cookie"
    );
    stage.stop().await;
}

#[tokio::test]
async fn guessing_is_slowed() {
    let stage = Stage::set().await;
    let body = json!({"email": "emma@example.com", "password": "guess"});
    let mut statuses = Vec::new();
    for _ in 0..12 {
        let response = stage
            .post("/api/desk/session")
            .json(&body)
            .send()
            .await
            .unwrap();
        statuses.push(response.status().as_u16());
        if response.status() == 429 {
            assert!(response.headers().contains_key("retry-after"));
            let told = problem(response, 429, "rate-limited").await;
            assert!(told.retry_after_s.unwrap() >= 1);
            break;
        }
    }
    assert_eq!(statuses.pop(), Some(429), "{statuses:?}");
    assert!(statuses.iter().all(|status| *status == 401));
    assert!(statuses.len() >= 10, "{statuses:?}");
    stage.stop().await;
}

#[tokio::test]
async fn a_page_of_another_site_writes_nothing() {
    let stage = Stage::set().await;
    let cookie = stage.cookie().await;
    let url = stage.url("/api/desk/session");
    for (header, value) in [
        (ORIGIN.as_str(), "https://evil.test"),
        (ORIGIN.as_str(), "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        for method in [Method::POST, Method::DELETE] {
            let response = stage
                .http
                .request(method, &url)
                .header(COOKIE, &cookie)
                .header(header, value)
                .json(&json!({"email": "emma@example.com", "password": PASSWORD}))
                .send()
                .await
                .unwrap();
            assert!(!response.headers().contains_key(SET_COOKIE));
            problem(response, 403, "cross-origin-write").await;
        }
    }
    let session = stage
        .get("/api/desk/session")
        .header(COOKIE, &cookie)
        .send()
        .await
        .unwrap();
    assert_eq!(session.status(), 200, "nobody was signed out");
    stage.stop().await;
}

#[tokio::test]
async fn bad_bodies_are_told_apart() {
    let stage = Stage::set().await;
    let post = async |body: &'static str| {
        stage
            .post("/api/desk/session")
            .body(body)
            .send()
            .await
            .unwrap()
    };
    problem(post("not json").await, 400, "body-not-json").await;
    problem(post(r#"{"email": 1}"#).await, 400, "body-invalid").await;
    stage.stop().await;
}

#[tokio::test]
async fn the_list_is_paged_with_live_calls_first() {
    let stage = Stage::set().await;
    let cookie = stage.cookie().await;
    for n in 0..5 {
        stage.call(&format!("call_{n}")).await;
    }
    let mut desk = stage.staff_stream("/api/desk/events", &cookie, None).await;
    stage
        .hear(
            "call_ended",
            json!({"call_id": "call_4", "call_status": "ended"}),
        )
        .await;
    while desk.until("call").await.data["status"] != "ended" {}

    let mut ids = Vec::new();
    let mut path = "/api/desk/calls?limit=2".to_owned();
    loop {
        let page: Value = stage
            .get(&path)
            .header(COOKIE, &cookie)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        ids.extend(
            items
                .iter()
                .map(|call| call["id"].as_str().unwrap().to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/desk/calls?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(ids.len(), 5);
    assert_eq!(ids.last().unwrap(), "call_4", "{ids:?}");

    let bad = stage
        .get("/api/desk/calls?cursor=x")
        .header(COOKIE, &cookie)
        .send()
        .await
        .unwrap();
    problem(bad, 400, "request-invalid").await;
    stage.stop().await;
}

#[tokio::test]
async fn an_address_that_makes_no_sense_is_a_problem_too() {
    let stage = Stage::set().await;
    let cookie = stage.cookie().await;
    for path in [
        "/api/desk/calls?limit=x",
        "/api/desk/calls?limit=1&limit=2",
        "/api/desk/calls?status=over",
        "/api/desk/calls?number=123",
        "/api/desk/calls?agent_id=%00",
        "/api/desk/calls?from=tomorrow",
        "/api/desk/calls?min_duration_s=-1",
        "/api/desk/calls/%ff",
        "/api/desk/calls/%ff/events",
        "/api/desk/calls/%ff/recording",
        "/api/desk/calls/call_1/recording?channels=mono&channels=multi",
        "/api/public/web-calls/%ff",
        "/api/public/web-calls/%ff/events",
        "/panel?key=a&key=b",
        "/assets/%ff",
    ] {
        let response = stage
            .get(path)
            .header(COOKIE, &cookie)
            .send()
            .await
            .unwrap();
        let told = problem(response, 400, "request-invalid").await;
        assert!(told.detail.is_some_and(|it| !it.is_empty()), "{path}");
    }
    stage.stop().await;
}

#[tokio::test]
async fn signing_out_ends_what_was_open() {
    let stage = Stage::set().await;
    stage.call("call_1").await;
    let (leaving, staying) = (stage.cookie().await, stage.cookie().await);
    let paths = ["/api/desk/events", "/api/desk/calls/call_1/events"];
    let mut ending = Vec::new();
    for path in paths {
        ending.push(stage.staff_stream(path, &leaving, None).await);
    }
    let mut going_on = stage.staff_stream(paths[0], &staying, None).await;
    let out = stage
        .http
        .delete(stage.url("/api/desk/session"))
        .header(COOKIE, &leaving)
        .header(ORIGIN, stage.url(""))
        .send()
        .await
        .unwrap();
    assert_eq!(out.status(), 204);
    for events in &mut ending {
        // What was sent before may still be under way.
        while events.next().await.is_some() {}
    }
    stage.call("call_2").await;
    assert_eq!(going_on.until("call").await.data["id"], "call_2");
    stage.stop().await;
}

#[tokio::test]
async fn one_business_cannot_see_another_s_calls() {
    let stage = Stage::set().await;
    let (other, lucia) = stage.other_tenant().await;
    stage.call("call_1").await;
    stage.call_of(&other, "call_2").await;
    let cookie = stage.sign_in(&other, &lucia).await;
    for path in ["", "/events", "/recording", "/recording?channels=multi"] {
        let path = format!("/api/desk/calls/call_1{path}");
        let response = stage
            .get(&path)
            .header(COOKIE, &cookie)
            .send()
            .await
            .unwrap();
        problem(response, 404, "call-unknown").await;
    }
    let page: Value = stage
        .get("/api/desk/calls")
        .header(COOKIE, &cookie)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!(page["items"][0]["id"], "call_2");
    stage.stop().await;
}

#[tokio::test]
async fn a_call_s_page_has_what_was_said_and_found_out() {
    let stage = Stage::set().await;
    let cookie = stage.cookie().await;
    let mut desk = stage.staff_stream("/api/desk/events", &cookie, None).await;
    stage.call("call_1").await;
    stage
        .hear(
            "call_analyzed",
            json!({"call_id": "call_1", "call_status": "ended", "duration_ms": 4000,
                   "transcript_with_tool_calls": [{"role": "agent", "content": "Hello"}],
                   "call_analysis": {"call_summary": "A short call.",
                                     "user_sentiment": "Positive", "call_successful": true}}),
        )
        .await;
    while desk.until("call").await.data["user_sentiment"] != "Positive" {}
    let response = stage
        .get("/api/desk/calls/call_1")
        .header(COOKIE, &cookie)
        .send()
        .await
        .unwrap();
    let call: Value = response.json().await.unwrap();
    assert_eq!(call["analysis_summary"], "A short call.");
    assert_eq!(call["transcript"][0]["content"], "Hello");
    assert_eq!(call["successful"], true);
    stage.stop().await;
}
