//! Starting calls: who may, and what they are told when it fails.

mod line;
mod offers;

use std::time::Duration;

use api::desk::CallStatus;
use api::problem::slug;
use api::public::{CallAccess, CallOutcome};
use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

use crate::support::{
    API_KEY, PAGE, Scratch, TestServer, answers, asked, free_port, key, life_of_a_call,
    next_change, problem, retell_that_mints, with,
};

#[tokio::test]
async fn a_page_on_the_list_gets_a_call() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    let mut changes = server.app().store.bus().subscribe();
    let response = server
        .mint(&json!({
            "key": "pk_open",
            "dynamic_variables": {"first_name": "Ana", "is_admin": "yes"},
            "metadata": {"page": "/prices", "switchboard_tenant": "forged"},
        }))
        .await;
    assert_eq!(response.status(), 201);
    let text = response.text().await.unwrap();
    assert!(!text.contains(API_KEY));
    let access: CallAccess = serde_json::from_str(&text).unwrap();
    assert_eq!(access.call_id, "call_1");
    assert_eq!(access.access_token, "token_1");
    assert_eq!(access.gateway_url, retell.uri());
    assert_eq!(access.ice_servers[0].urls, ["stun:stun.example.com"]);
    assert_eq!(access.expires_at, 4_000_000_000_000);

    // Retell was told the agent, our marks, and only the variables the key allows.
    let asked = &asked(&retell).await[0];
    let asked: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(
        asked,
        json!({
            "agent_id": "agent_1",
            "metadata": {
                "page": "/prices",
                "switchboard_tenant": "tenant_1",
                "switchboard_key": "pk_open",
            },
            "retell_llm_dynamic_variables": {"first_name": "Ana"},
        })
    );

    // It is on the call list, and whoever watches the list was told.
    let change = next_change(&mut changes).await;
    assert_eq!(
        (change.tenant_id.as_str(), change.call.id.as_str()),
        ("tenant_1", "call_1")
    );
    let stored = server
        .app()
        .store
        .calls()
        .find(&server.tenant, "call_1")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(stored.summary, *change.call);
    assert_eq!(stored.summary.status, CallStatus::Registered);
    assert_eq!(stored.summary.agent_name.as_deref(), Some("Emma"));
    let detail = stored.into_detail();
    assert_eq!(detail.dynamic_variables["first_name"], "Ana");
    assert_eq!(detail.metadata, Some(json!({"page": "/prices"})));

    // The ticket opens this call and no other.
    let ask = |id: &str, ticket: &str| {
        let url = server.url(&format!("/api/public/web-calls/{id}"));
        server.http.get(url).bearer_auth(ticket).send()
    };
    let outcome: CallOutcome = ask("call_1", &access.ticket)
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(outcome.status, CallStatus::Registered);
    let refused = ask("call_2", &access.ticket).await.unwrap();
    problem(refused, 401, slug::TICKET_INVALID).await;
    problem(ask("call_1", "").await.unwrap(), 401, slug::TICKET_INVALID).await;
    server.stop().await;
}

#[tokio::test]
async fn a_ticket_for_a_call_that_is_not_ours_finds_nothing() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    let ticket = server
        .app()
        .signer
        .call_ticket("call_9", server.app().clock.now_ms());
    let call = server.url("/api/public/web-calls/call_9");
    for request in [
        server.http.get(&call),
        server.http.post(format!("{call}/end")),
    ] {
        let answer = request.bearer_auth(&ticket).send().await.unwrap();
        problem(answer, 404, slug::CALL_UNKNOWN).await;
    }
    server.stop().await;
}

#[tokio::test]
async fn keys_pages_and_agents_that_may_not() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    let open = json!({"key": "pk_open"});
    let unknown = server.mint(&json!({"key": "pk_none"})).await;
    problem(unknown, 404, slug::KEY_UNKNOWN).await;
    let disabled = server.mint(&json!({"key": "pk_disabled"})).await;
    problem(disabled, 403, slug::KEY_DISABLED).await;
    for origin in [
        Some("https://evil.test"),
        Some("null"),
        Some("https://example.org"),
        None,
    ] {
        let foreign = server.mint_from(origin, &open).await;
        problem(foreign, 403, slug::ORIGIN_NOT_ALLOWED).await;
    }
    let agent = server
        .mint(&json!({"key": "pk_open", "agent_id": "agent_of_another"}))
        .await;
    problem(agent, 422, slug::AGENT_UNKNOWN).await;
    assert!(asked(&retell).await.is_empty(), "Retell was bothered");
    let allowed = json!({"key": "pk_open", "agent_id": "agent_2"});
    assert_eq!(
        server
            .mint_from(Some("https://a.example.org"), &allowed)
            .await
            .status(),
        201
    );
    server.stop().await;
}

#[tokio::test]
async fn our_own_panel_needs_a_nonce_for_its_key() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    let own = server.app().config.origin();
    let now = server.app().clock.now_ms();
    let with_nonce = |key: &str, now: i64| json!({"key": "pk_open", "nonce": server.app().signer.panel_nonce(key, now)});
    for body in [
        json!({"key": "pk_open"}),
        json!({"key": "pk_open", "nonce": "made up"}),
        with_nonce("pk_other", now),
        with_nonce("pk_open", 0),
    ] {
        problem(
            server.mint_from(Some(&own), &body).await,
            403,
            slug::NONCE_INVALID,
        )
        .await;
    }
    // A nonce is no substitute for the right page.
    let stolen = server
        .mint_from(Some("https://evil.test"), &with_nonce("pk_open", now))
        .await;
    problem(stolen, 403, slug::ORIGIN_NOT_ALLOWED).await;
    let panel = server
        .mint_from(Some(&own), &with_nonce("pk_open", now))
        .await;
    assert_eq!(panel.status(), 201);
    server.stop().await;
}

#[tokio::test]
async fn each_failure_of_retell_s_has_its_own_problem() {
    for (retell_status, status, slug) in [
        (400, 502, slug::RETELL_REJECTED),
        (401, 502, slug::RETELL_UNAUTHORIZED),
        (402, 503, slug::RETELL_PAYMENT_REQUIRED),
        (403, 502, slug::RETELL_UNAUTHORIZED),
        (404, 422, slug::AGENT_UNKNOWN),
        (422, 422, slug::AGENT_UNKNOWN),
        (500, 502, slug::RETELL_FAILED),
        (503, 502, slug::RETELL_FAILED),
    ] {
        let retell = MockServer::start().await;
        let answer = ResponseTemplate::new(retell_status)
            .set_body_json(json!({"status": "error", "message": "an inside story"}));
        answers(&retell, "POST", "/v3/create-web-call", answer).await;
        let server = TestServer::start(&retell).await;
        let told = problem(server.mint(&json!({"key": "pk_open"})).await, status, slug).await;
        assert!(!format!("{told:?}").contains("inside story"), "{told:?}");
        server.stop().await;
    }
}

#[tokio::test]
async fn busy_lines_say_when_to_try_again() {
    let retell = MockServer::start().await;
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "7");
    answers(&retell, "POST", "/v3/create-web-call", busy).await;
    let server = TestServer::start(&retell).await;
    let told = problem(
        server.mint(&json!({"key": "pk_open"})).await,
        503,
        slug::RETELL_BUSY,
    )
    .await;
    assert_eq!(told.retry_after_s, Some(7));
    server.stop().await;
}

#[tokio::test]
async fn a_retell_that_is_down_or_slow_or_talks_nonsense() {
    let down = format!("http://127.0.0.1:{}", free_port());
    let server = TestServer::start_with(Scratch::sqlite(), &down, |_| {}).await;
    let told = server.mint(&json!({"key": "pk_open"})).await;
    problem(told, 503, slug::RETELL_UNREACHABLE).await;
    server.stop().await;

    let retell = MockServer::start().await;
    let slow = ResponseTemplate::new(201).set_delay(Duration::from_secs(60));
    answers(&retell, "POST", "/v3/create-web-call", slow).await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), |config| {
        config.retell.timeout = Duration::from_millis(50);
    })
    .await;
    let told = server.mint(&json!({"key": "pk_open"})).await;
    problem(told, 504, slug::RETELL_TIMEOUT).await;
    server.stop().await;

    for nonsense in [
        "<html>",
        "{}",
        r#"{"call_id":"c","access_token":"t","transport":"livekit"}"#,
    ] {
        let retell = MockServer::start().await;
        let answer = ResponseTemplate::new(201).set_body_string(nonsense);
        answers(&retell, "POST", "/v3/create-web-call", answer).await;
        let server = TestServer::start(&retell).await;
        let told = server.mint(&json!({"key": "pk_open"})).await;
        problem(told, 502, slug::RETELL_FAILED).await;
        server.stop().await;
    }
}

#[tokio::test]
async fn bodies_that_are_no_request() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    let post = |body: String| {
        let request = server.http.post(server.url("/api/public/web-calls"));
        request.header("origin", PAGE).body(body).send()
    };
    for body in ["", "{", "key=pk_open", "\u{0}"] {
        problem(
            post(body.to_owned()).await.unwrap(),
            400,
            slug::BODY_NOT_JSON,
        )
        .await;
    }
    for body in [
        "[]",
        "{}",
        r#"{"key":7}"#,
        r#"{"key":"pk_open","metadata":"text"}"#,
    ] {
        problem(
            post(body.to_owned()).await.unwrap(),
            400,
            slug::BODY_INVALID,
        )
        .await;
    }
    let fat = json!({"key": "pk_open", "metadata": {"x": "y".repeat(50_001)}}).to_string();
    problem(post(fat).await.unwrap(), 400, slug::BODY_INVALID).await;
    let huge = json!({"key": "pk_open", "metadata": {"x": "y".repeat(70_000)}}).to_string();
    problem(post(huge).await.unwrap(), 413, slug::BODY_TOO_LARGE).await;
    server.stop().await;
}

#[tokio::test]
async fn too_many_calls_are_put_off() {
    let retell = retell_that_mints().await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), |config| {
        config.limits.requests_per_ip_minute = 4;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let mut tight = key("pk_tight");
    tight.calls_per_ip_per_minute = 1;
    server
        .app()
        .store
        .public_keys()
        .upsert(&server.tenant, &tight, 0)
        .await
        .unwrap();
    let mint = |key: &'static str, visitor: &'static str| {
        let request = server.http.post(server.url("/api/public/web-calls"));
        request
            .header("origin", PAGE)
            .header("x-forwarded-for", visitor)
            .body(json!({"key": key}).to_string())
            .send()
    };
    assert_eq!(mint("pk_tight", "192.0.2.1").await.unwrap().status(), 201);
    let told = problem(
        mint("pk_tight", "192.0.2.1").await.unwrap(),
        429,
        slug::RATE_LIMITED,
    )
    .await;
    assert!(told.retry_after_s.is_some());
    // The key's limit for an address is not the limit of another key or address.
    assert_eq!(mint("pk_open", "192.0.2.1").await.unwrap().status(), 201);
    assert_eq!(mint("pk_tight", "192.0.2.2").await.unwrap().status(), 201);
    // Guessing keys counts as well.
    problem(
        mint("pk_guess", "192.0.2.1").await.unwrap(),
        404,
        slug::KEY_UNKNOWN,
    )
    .await;
    problem(
        mint("pk_guess", "192.0.2.1").await.unwrap(),
        429,
        slug::RATE_LIMITED,
    )
    .await;
    server.stop().await;
}

#[tokio::test]
async fn only_pages_on_some_list_may_read_the_answers() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    let preflight = |path: &str, origin: &'static str| {
        server
            .http
            .request(reqwest::Method::OPTIONS, server.url(path))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header(
                "access-control-request-headers",
                "authorization,content-type",
            )
            .send()
    };
    let allowed = preflight("/api/public/web-calls", PAGE).await.unwrap();
    assert_eq!(allowed.headers()["access-control-allow-origin"], PAGE);
    assert_eq!(
        allowed.headers()["access-control-allow-headers"],
        "authorization,content-type,last-event-id"
    );
    for (path, origin) in [
        ("/api/public/web-calls", "https://evil.test"),
        ("/api/webhooks/retell", PAGE),
    ] {
        let refused = preflight(path, origin).await.unwrap();
        assert!(
            !refused
                .headers()
                .contains_key("access-control-allow-origin"),
            "{path} {origin}"
        );
    }
    // Errors can be read, too.
    let answer = server.mint(&json!({"key": "pk_none"})).await;
    assert_eq!(answer.headers()["access-control-allow-origin"], PAGE);
    server.stop().await;
}

#[tokio::test]
async fn a_call_is_ended_at_retell_while_it_goes_on() {
    let retell = retell_that_mints().await;
    let stopped = ResponseTemplate::new(204);
    answers(&retell, "POST", "/v2/stop-call/call_1", stopped).await;
    let server = TestServer::start(&retell).await;
    let access: CallAccess = server
        .mint(&json!({"key": "pk_open"}))
        .await
        .json()
        .await
        .unwrap();
    let end = |ticket: &str| {
        let url = server.url("/api/public/web-calls/call_1/end");
        // A body of any kind.
        server
            .http
            .post(url)
            .bearer_auth(ticket)
            .header("content-type", "text/plain")
            .body("bye")
            .send()
    };
    let stops = || async {
        let asked = asked(&retell).await;
        asked
            .iter()
            .filter(|asked| asked.url.path().contains("stop-call"))
            .count()
    };
    problem(end("wrong").await.unwrap(), 401, slug::TICKET_INVALID).await;
    assert_eq!(stops().await, 0);
    assert_eq!(end(&access.ticket).await.unwrap().status(), 204);
    assert_eq!(stops().await, 1);

    let ended = json!({"event": "call_ended", "call": {"call_id": "call_1"}});
    let mut changes = server.app().store.bus().subscribe();
    server.webhook(&ended).await;
    next_change(&mut changes).await;
    assert_eq!(end(&access.ticket).await.unwrap().status(), 204);
    assert_eq!(stops().await, 1, "a call that is over was stopped again");
    server.stop().await;
}

#[tokio::test]
async fn ending_a_call_nobody_joined_is_no_error() {
    let retell = retell_that_mints().await;
    let not_ongoing = ResponseTemplate::new(422);
    answers(&retell, "POST", "/v2/stop-call/call_1", not_ongoing).await;
    let server = TestServer::start(&retell).await;
    let access: CallAccess = server
        .mint(&json!({"key": "pk_open"}))
        .await
        .json()
        .await
        .unwrap();
    let url = server.url("/api/public/web-calls/call_1/end");
    let request = server.http.post(url).bearer_auth(access.ticket);
    assert_eq!(request.send().await.unwrap().status(), 204);
    server.stop().await;
}

#[tokio::test]
async fn a_call_that_cannot_be_stored_is_not_handed_out() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    server.app().store.close().await;
    let told = server.mint(&json!({"key": "pk_open"})).await;
    problem(told, 503, slug::STORE_UNAVAILABLE).await;
    server.stop().await;
}

#[tokio::test]
async fn half_an_emoji_of_the_page_keeps_nobody_from_calling() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    // `JSON.stringify` writes a text so that was cut after so many UTF-16 units.
    let body = r#"{"key": "pk_open", "metadata": {"title": "Lamp \ud83d"}}"#;
    let asking = server.http.post(server.url("/api/public/web-calls"));
    let asking = asking.header("origin", PAGE).body(body);
    assert_eq!(asking.send().await.unwrap().status(), 201);
    let minted: Value = asked(&retell).await[0].body_json().unwrap();
    assert_eq!(minted["metadata"]["title"], "Lamp \u{fffd}");
    server.stop().await;
}

#[tokio::test]
async fn a_nul_is_no_fault_of_the_database() {
    for scratch in Scratch::each().await {
        let retell = retell_that_mints().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let unknown = server.mint(&json!({"key": "pk_open\0"})).await;
        problem(unknown, 400, slug::BODY_INVALID).await;
        let panel = server.http.get(server.url("/panel?key=%00")).send();
        assert_eq!(panel.await.unwrap().status(), 400);
        let sign_in = server
            .http
            .post(server.url("/api/desk/session"))
            .body(json!({"email": "emma\0@example.com", "password": "x"}).to_string())
            .send()
            .await
            .unwrap();
        problem(sign_in, 400, slug::BODY_INVALID).await;
        for more in [
            json!({"dynamic_variables": {"first_name": "A\0na"}}),
            json!({"metadata": {"page\0": "/"}}),
        ] {
            let refused = server.mint(&with(&json!({"key": "pk_open"}), &more)).await;
            let told = problem(refused, 400, slug::BODY_INVALID).await;
            assert!(told.detail.unwrap().contains("NUL"), "{more}");
        }
        // What Retell says is kept all the same.
        let mut began = life_of_a_call()[0].clone();
        began["call"]["metadata"] = json!({"page": "/\0"});
        began["call"]["agent_name"] = "Em\0ma".into();
        assert_eq!(server.webhook(&began).await.status(), 204);
        server.settled().await;
        let call = server
            .app()
            .store
            .calls()
            .find(&server.tenant, "call_1")
            .await;
        let detail = call.unwrap().unwrap().into_detail();
        assert_eq!(detail.metadata, Some(json!({"page": "/\u{fffd}"})));
        assert_eq!(detail.summary.agent_name.as_deref(), Some("Em\u{fffd}ma"));
        server.stop().await;
    }
}
