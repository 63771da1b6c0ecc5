//! Requests that are sent again.

use api::keys::ApiScope;
use api::problem::slug;
use serde_json::{Value, json};
use sqlx::Connection as _;
use wiremock::matchers::{body_partial_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::held::Held;
use crate::support::{Scratch, TestServer, asked, problem, raw_connection};
use crate::v1::{Program, make, program, retell};

/// What Retell was asked to dial, in order.
async fn dialled(retell: &MockServer) -> Vec<Value> {
    let asked = asked(retell).await;
    let dials = asked
        .iter()
        .filter(|asked| asked.url.path() == "/v2/create-phone-call");
    dials.map(|asked| asked.body_json().unwrap()).collect()
}

#[tokio::test]
async fn a_repeated_creation_is_done_once_even_over_a_restart() {
    for scratch in Scratch::each().await {
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let made = make(&server, &server.tenant, &[ApiScope::CallsWrite]).await;
        let dial = async |server: &TestServer, key: &str, to: &str| {
            let request = server.http.post(server.url("/api/v1/phone-calls"));
            let body = json!({"to_number": to, "agent_id": "agent_1"});
            let request = request
                .bearer_auth(&made.secret)
                .header("idempotency-key", key);
            request.body(body.to_string()).send().await.unwrap()
        };
        let first = dial(&server, "order 7", "+34911230100").await;
        assert_eq!(first.status(), 201);
        assert!(!first.headers().contains_key("idempotency-replayed"));
        let first = first.text().await.unwrap();
        let again = dial(&server, "order 7", "+34911230100").await;
        assert_eq!(again.status(), 201);
        assert_eq!(again.headers()["idempotency-replayed"], "true");
        assert_eq!(again.headers()["content-type"], "application/json");
        assert_eq!(again.text().await.unwrap(), first);
        let other = dial(&server, "order 7", "+34911230101").await;
        problem(other, 422, slug::IDEMPOTENCY_KEY_REUSED).await;
        for wrong in ["x".repeat(300).as_str(), "ordré", ""] {
            let wrong = dial(&server, wrong, "+34911230100").await;
            problem(wrong, 400, slug::IDEMPOTENCY_KEY_INVALID).await;
        }

        let scratch = server.stop_for_now().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let later = dial(&server, "order 7", "+34911230100").await;
        assert_eq!(later.text().await.unwrap(), first);
        let dialled = dialled(&retell).await;
        assert_eq!(dialled.len(), 1, "Retell was asked once");
        assert!(dialled[0]["idempotency_key"].is_string());
        server.stop().await;
    }
}

/// Answers of Retell's to the next calls; then it dials.
async fn fails(retell: &MockServer, statuses: &[u16]) {
    for status in statuses {
        Mock::given(method("POST"))
            .and(path("/v2/create-phone-call"))
            // Or our client would try again by itself.
            .respond_with(ResponseTemplate::new(*status).insert_header("x-should-retry", "false"))
            .up_to_n_times(1)
            .with_priority(1)
            .mount(retell)
            .await;
    }
}

#[tokio::test]
async fn what_may_have_been_dialled_is_asked_for_under_one_key_and_not_for_ever() {
    for scratch in Scratch::each().await {
        let database = scratch.database.clone();
        let retell = retell().await;
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let program = program(&server, &[ApiScope::CallsWrite]).await;
        let dial = async |address: &str, key: &str| {
            let request = program.request("POST", address);
            let body = json!({"to_number": "+34911230100"}).to_string();
            let request = request.header("idempotency-key", key).body(body);
            request.send().await.unwrap()
        };
        let action = "/api/v1/actions/RETELLAI_CREATE_A_NEW_OUTBOUND_PHONE_CALL";

        // A failure that passes is not what a repetition gets, also of an action,
        // which answers 200; and Retell can tell that they are one.
        fails(&retell, &[502, 503]).await;
        problem(
            dial("/api/v1/phone-calls", "one").await,
            502,
            slug::RETELL_FAILED,
        )
        .await;
        assert_eq!(dial("/api/v1/phone-calls", "one").await.status(), 502);
        assert_eq!(dial("/api/v1/phone-calls", "one").await.status(), 201);
        fails(&retell, &[500]).await;
        for successful in [false, true, true] {
            let answer: Value = dial(action, "two").await.json().await.unwrap();
            assert_eq!(answer["successful"], successful);
        }
        // What is asked with another key of ours is another thing to Retell.
        let keys: Vec<Value> = dialled(&retell)
            .await
            .into_iter()
            .map(|mut dialled| dialled["idempotency_key"].take())
            .collect();
        assert_eq!(keys.len(), 5);
        assert!(
            keys[..3]
                .iter()
                .all(|key| *key == keys[0] && key.is_string())
        );
        assert!(
            keys[3..]
                .iter()
                .all(|key| *key == keys[3] && *key != keys[0])
        );

        // What was not dialled for certain leaves nothing behind, what may have been
        // is not tried for longer than Retell knows the key.
        let mut connection = raw_connection(&database).await;
        for (key, statuses, later, kind) in [
            ("three", &[429_u16] as &[_], 201, None),
            ("four", &[504], 409, Some(slug::IDEMPOTENCY_OUTCOME_UNKNOWN)),
            (
                "five",
                &[504, 429],
                409,
                Some(slug::IDEMPOTENCY_OUTCOME_UNKNOWN),
            ),
        ] {
            fails(&retell, statuses).await;
            for _ in statuses {
                assert!(
                    dial("/api/v1/phone-calls", key)
                        .await
                        .status()
                        .is_server_error()
                );
            }
            sqlx::query("UPDATE idempotent_answers SET expires_at = expires_at - 3600000")
                .execute(&mut connection)
                .await
                .unwrap();
            let answer = dial("/api/v1/phone-calls", key).await;
            match kind {
                Some(kind) => drop(problem(answer, later, kind).await),
                None => assert_eq!(answer.status(), later, "{key}"),
            }
        }
        // Nor is what a server left behind that died over it.
        assert_eq!(dial("/api/v1/phone-calls", "six").await.status(), 201);
        let before = dialled(&retell).await;
        for (hours, status) in [(0, 201), (1, 409)] {
            let died = format!(
                "UPDATE idempotent_answers SET status = NULL, answer = NULL, locked_until = 0, \
                     expires_at = expires_at - {hours} * 3600000 WHERE key = 'six'"
            );
            sqlx::raw_sql(sqlx::AssertSqlSafe(died))
                .execute(&mut connection)
                .await
                .unwrap();
            assert_eq!(dial("/api/v1/phone-calls", "six").await.status(), status);
        }
        let after = dialled(&retell).await;
        assert_eq!(after.len(), before.len() + 1);
        assert_eq!(
            after.last().unwrap()["idempotency_key"],
            before.last().unwrap()["idempotency_key"]
        );
        connection.close().await.unwrap();
        server.stop().await;
    }
}

/// A web call, always by the same key.
async fn mint(program: &Program<'_>) -> reqwest::Response {
    let request = program.request("POST", "/api/v1/web-calls");
    let body = json!({"agent_id": "agent_1"}).to_string();
    let request = request.header("idempotency-key", "one").body(body);
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_creation_that_failed_is_begun_again() {
    let retell = MockServer::start().await;
    let server = TestServer::start(&retell).await;
    let program = program(&server, &[ApiScope::CallsWrite]).await;
    let failing = Mock::given(method("POST"))
        .and(path("/v3/create-web-call"))
        .respond_with(ResponseTemplate::new(500))
        .expect(1)
        .mount_as_scoped(&retell)
        .await;
    problem(mint(&program).await, 502, slug::RETELL_FAILED).await;
    drop(failing);
    let access = json!({"call_id": "call_1", "access_token": "t", "transport": "gateway"});
    Mock::given(method("POST"))
        .and(body_partial_json(json!({"agent_id": "agent_1"})))
        .respond_with(ResponseTemplate::new(201).set_body_json(access))
        .expect(1)
        .mount(&retell)
        .await;
    assert_eq!(mint(&program).await.status(), 201);
    assert_eq!(mint(&program).await.status(), 201);
    server.stop().await;
}

#[tokio::test]
async fn a_creation_that_is_under_way_is_not_begun_again() {
    let mut retell = Held::start().await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.url, |_| {}).await;
    let program = program(&server, &[ApiScope::CallsWrite]).await;
    let (done, ()) = tokio::join!(mint(&program), async {
        retell.asked().await;
        problem(mint(&program).await, 409, slug::IDEMPOTENCY_IN_PROGRESS).await;
        retell.answer();
    });
    assert_eq!(done.status(), 201);
    assert_eq!(mint(&program).await.status(), 201);
    server.stop().await;
}
