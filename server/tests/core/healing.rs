//! Calls whose webhooks never came.

use std::sync::Arc;
use std::time::Duration;

use api::desk::CallStatus;
use api::problem::slug;
use axum::extract::Path;
use axum::{Json, Router, routing};
use serde_json::{Value, json};
use server::calls::{Observation, Room, heal};
use server::config::Config;
use server::keys::PublicKey;
use server::people::{SessionOrigin, User};
use tokio::net::TcpListener;
use tokio::sync::{Barrier, Notify};
use tokio_util::sync::CancellationToken;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

use crate::support::{
    Scratch, TestServer, answers, asked, in_time, key, life_of_a_call, next_change, problem,
    retell_that_mints, with,
};

/// Every call is due for a question the moment it changes.
fn at_once(config: &mut Config) {
    config.healing.registered_after = Duration::ZERO;
    config.healing.ongoing_after = Duration::ZERO;
    config.healing.analysis_after = Duration::ZERO;
}

/// Retell's next answers about `call_1`, after those it has to give already.
async fn then_answers(retell: &MockServer, times: u64, answer: ResponseTemplate) {
    Mock::given(matchers::path("/v2/get-call/call_1"))
        .respond_with(answer)
        .up_to_n_times(times)
        .mount(retell)
        .await;
}

fn tells(call: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(call)
}

/// Asks so often, each time about the one call.
async fn rounds(server: &TestServer, times: usize) {
    for _ in 0..times {
        assert_eq!(heal::round(&server.app().calls).await.unwrap(), 1);
    }
}

/// A Retell that answers get-call as no mock can.
async fn serve(get_call: routing::MethodRouter) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().route("/v2/get-call/{id}", get_call);
    tokio::spawn(axum::serve(listener, router).into_future());
    url
}

/// Stores calls that have just begun.
async fn begun(server: &TestServer, calls: usize) {
    let app = server.app();
    let now = app.clock.now_ms();
    for index in 0..calls {
        let call = with(
            &life_of_a_call()[0]["call"],
            &json!({"call_id": format!("call_{index}")}),
        );
        let Value::Object(call) = call else {
            panic!("not an object")
        };
        let seen = Observation::from_event("call_started", call, now).unwrap();
        app.store
            .calls()
            .observe(&server.tenant, &seen, now, &app.config.healing)
            .await
            .unwrap();
    }
}

async fn status(server: &TestServer) -> CallStatus {
    let store = &server.app().store;
    store
        .calls()
        .summary(&server.tenant, "call_1")
        .await
        .unwrap()
        .unwrap()
        .status
}

#[tokio::test]
async fn a_call_all_of_whose_webhooks_were_lost_is_told_by_retell() {
    for scratch in Scratch::each().await {
        let retell = retell_that_mints().await;
        let finished = life_of_a_call()[3]["call"].clone();
        let answer = ResponseTemplate::new(200).set_body_json(finished);
        answers(&retell, "GET", "/v2/get-call/call_1", answer).await;
        let server = TestServer::start_with(scratch, &retell.uri(), at_once).await;
        server.mint(&json!({"key": "pk_open"})).await;
        let mut changes = server.app().store.bus().subscribe();
        assert_eq!(heal::round(&server.app().calls).await.unwrap(), 1);
        while next_change(&mut changes).await.call.status != CallStatus::Ended {}
        let call = server
            .app()
            .store
            .calls()
            .find(&server.tenant, "call_1")
            .await
            .unwrap()
            .unwrap();
        assert_eq!(call.items.len(), 3);
        assert_eq!(call.summary.user_sentiment.as_deref(), Some("Positive"));
        assert!(!format!("{call:?}").contains("token_1"));
        // Settled: nobody asks again.
        assert_eq!(heal::round(&server.app().calls).await.unwrap(), 0);
        server.stop().await;
    }
}

#[tokio::test]
async fn the_task_asks_by_itself_and_again_until_the_analysis_is_there() {
    let retell = MockServer::start().await;
    let life = life_of_a_call();
    let ended = ResponseTemplate::new(200).set_body_json(&life[2]["call"]);
    let analyzed = ResponseTemplate::new(200).set_body_json(&life[3]["call"]);
    wiremock::Mock::given(wiremock::matchers::path("/v2/get-call/call_1"))
        .respond_with(ended)
        .up_to_n_times(2)
        .mount(&retell)
        .await;
    answers(&retell, "GET", "/v2/get-call/call_1", analyzed).await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), |config| {
        config.healing.interval = Duration::from_millis(5);
        config.healing.registered_after = Duration::from_millis(1);
        config.healing.ongoing_after = Duration::from_millis(1);
        config.healing.analysis_after = Duration::from_millis(1);
    })
    .await;
    let mut changes = server.app().store.bus().subscribe();
    server.webhook(&life[0]).await;
    while next_change(&mut changes)
        .await
        .call
        .user_sentiment
        .is_none()
    {}
    server.stop().await;
}

#[tokio::test]
async fn an_answer_with_half_an_emoji_in_it_heals_the_call() {
    let retell = retell_that_mints().await;
    let call = r#"{"call_id":"call_1","call_type":"web_call","agent_id":"agent_1",
        "call_status":"ended","disconnection_reason":"user_hangup","start_timestamp":1790000001000,
        "latency":{"e2e":{"p50":NaN}},"call_analysis":{"call_summary":"Thanks \ud83d"}}"#;
    let answer = ResponseTemplate::new(200).set_body_raw(call, "application/json");
    answers(&retell, "GET", "/v2/get-call/call_1", answer).await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), at_once).await;
    server.mint(&json!({"key": "pk_open"})).await;
    rounds(&server, 1).await;
    let call = server
        .app()
        .store
        .calls()
        .find(&server.tenant, "call_1")
        .await;
    let call = call.unwrap().unwrap().into_detail();
    assert_eq!(call.summary.status, CallStatus::Ended);
    assert_eq!(call.analysis_summary.as_deref(), Some("Thanks \u{fffd}"));
    server.stop().await;
}

#[tokio::test]
async fn what_was_missed_during_a_downtime_is_asked_for_at_the_start() {
    let retell = retell_that_mints().await;
    let answer = ResponseTemplate::new(200).set_body_json(life_of_a_call()[3]["call"].clone());
    answers(&retell, "GET", "/v2/get-call/call_1", answer).await;
    // Neither server would ask about this call for an hour.
    let patient = |config: &mut Config| {
        config.healing.registered_after = Duration::from_secs(3600);
    };
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), patient).await;
    server.mint(&json!({"key": "pk_open"})).await;
    assert_eq!(heal::round(&server.app().calls).await.unwrap(), 0);
    let scratch = server.stop_for_now().await;

    let server = TestServer::start_with(scratch, &retell.uri(), patient).await;
    let healed = async {
        while status(&server).await.is_live() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    in_time(healed).await;
    server.stop().await;
}

#[tokio::test]
async fn a_call_nobody_joined_holds_its_line_no_longer_than_its_token_lives() {
    for scratch in Scratch::each().await {
        let retell = MockServer::start().await;
        let expires_at = jiff::Timestamp::now().as_millisecond() + 1_000;
        let minted = ResponseTemplate::new(201).set_body_json(json!({
            "call_id": "call_1", "access_token": "token_1", "transport": "gateway",
            "expires_at": expires_at,
        }));
        answers(&retell, "POST", "/v3/create-web-call", minted).await;
        let gone = json!({
            "call_id": "call_1", "call_type": "web_call", "agent_id": "agent_1",
            "call_status": "error", "disconnection_reason": "error_user_not_joined",
        });
        answers(&retell, "GET", "/v2/get-call/call_1", tells(&gone)).await;
        // Nothing else would have anybody ask about this call for a minute.
        let server = TestServer::start_with(scratch, &retell.uri(), |config| {
            config.healing.interval = Duration::from_millis(5);
        })
        .await;
        let one = PublicKey {
            max_concurrent: Some(1),
            ..key("pk_one")
        };
        let store = &server.app().store;
        store
            .public_keys()
            .upsert(&server.tenant, &one, 0)
            .await
            .unwrap();
        assert_eq!(server.mint(&json!({"key": "pk_one"})).await.status(), 201);
        let busy = server.mint(&json!({"key": "pk_one"})).await;
        problem(busy, 429, slug::LINES_BUSY).await;
        let freed = async {
            while status(&server).await.is_live() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        in_time(freed).await;
        assert!(server.app().clock.now_ms() > expires_at);
        let found = store
            .places()
            .reserve(&server.tenant, &one, 0, expires_at)
            .await;
        assert!(matches!(found.unwrap(), Room::Free(Some(_))));
        server.stop().await;
    }
}

#[tokio::test]
async fn a_live_call_retell_denies_three_times_is_over() {
    let retell = retell_that_mints().await;
    let unknown = ResponseTemplate::new(422).set_body_json(json!({"status": "error"}));
    answers(&retell, "GET", "/v2/get-call/call_1", unknown).await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), at_once).await;
    server.mint(&json!({"key": "pk_open"})).await;
    for _ in 0..2 {
        assert_eq!(heal::round(&server.app().calls).await.unwrap(), 1);
        assert_eq!(status(&server).await, CallStatus::Registered);
    }
    assert_eq!(heal::round(&server.app().calls).await.unwrap(), 1);
    let store = &server.app().store;
    let call = store
        .calls()
        .summary(&server.tenant, "call_1")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(call.status, CallStatus::Error);
    assert_eq!(
        call.disconnection_reason.as_deref(),
        Some("unknown_to_retell")
    );
    server.stop().await;
}

#[tokio::test]
async fn a_retell_that_fails_or_tells_of_another_call_changes_nothing() {
    let answers_of_retell: [ResponseTemplate; 4] = [
        ResponseTemplate::new(401),
        ResponseTemplate::new(200).set_body_string("nonsense"),
        ResponseTemplate::new(200)
            .set_body_json(json!({"call_id": "call_2", "call_status": "ended"})),
        ResponseTemplate::new(200).set_body_json(Value::Null),
    ];
    for answer in answers_of_retell {
        let retell = retell_that_mints().await;
        answers(&retell, "GET", "/v2/get-call/call_1", answer).await;
        let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), at_once).await;
        server.mint(&json!({"key": "pk_open"})).await;
        for _ in 0..4 {
            assert_eq!(heal::round(&server.app().calls).await.unwrap(), 1);
        }
        assert_eq!(status(&server).await, CallStatus::Registered);
        assert_eq!(
            server
                .app()
                .store
                .calls()
                .tenant_of("call_2")
                .await
                .unwrap(),
            None
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn only_denials_in_a_row_end_a_live_call() {
    for scratch in Scratch::each().await {
        let retell = retell_that_mints().await;
        let ongoing = life_of_a_call()[0]["call"].clone();
        let unknown = || ResponseTemplate::new(422).set_body_json(json!({"status": "error"}));
        then_answers(&retell, 3, tells(&ongoing)).await;
        then_answers(&retell, 3, ResponseTemplate::new(500)).await;
        then_answers(&retell, 2, unknown()).await;
        then_answers(&retell, 1, tells(&ongoing)).await;
        then_answers(&retell, 2, unknown()).await;
        then_answers(&retell, 1, ResponseTemplate::new(429)).await;
        let server = TestServer::start_with(scratch, &retell.uri(), at_once).await;
        server.mint(&json!({"key": "pk_open"})).await;
        for _ in 0..12 {
            rounds(&server, 1).await;
            assert_eq!(status(&server).await, CallStatus::Ongoing);
        }
        // No answer in between is no answer to the contrary.
        then_answers(&retell, 1, unknown()).await;
        rounds(&server, 1).await;
        assert_eq!(status(&server).await, CallStatus::Error);
        server.stop().await;
    }
}

#[tokio::test]
async fn healing_outlives_an_outage_of_retell() {
    for scratch in Scratch::each().await {
        let retell = MockServer::start().await;
        let life = life_of_a_call();
        let server = TestServer::start_with(scratch, &retell.uri(), at_once).await;
        server.webhook(&life[2]).await;
        server.settled().await;
        // Far more often than a call without news is asked about.
        for refusal in [500, 503, 429, 401] {
            then_answers(&retell, 5, ResponseTemplate::new(refusal)).await;
        }
        rounds(&server, 20).await;
        let asked = asked(&retell).await;
        let asked = asked
            .iter()
            .filter(|asked| asked.url.path() == "/v2/get-call/call_1");
        assert_eq!(asked.count(), 20, "a round repeated its questions");
        then_answers(&retell, 1, tells(&life[3]["call"])).await;
        rounds(&server, 1).await;
        let store = &server.app().store;
        let call = store
            .calls()
            .summary(&server.tenant, "call_1")
            .await
            .unwrap();
        let sentiment = call.unwrap().user_sentiment;
        assert_eq!(sentiment.as_deref(), Some("Positive"));
        assert_eq!(heal::round(&server.app().calls).await.unwrap(), 0);
        server.stop().await;
    }
}

#[tokio::test]
async fn a_call_that_gets_no_analysis_is_given_up() {
    let retell = MockServer::start().await;
    let life = life_of_a_call();
    answers(
        &retell,
        "GET",
        "/v2/get-call/call_1",
        tells(&life[2]["call"]),
    )
    .await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell.uri(), at_once).await;
    server.webhook(&life[2]).await;
    server.settled().await;
    rounds(&server, 8).await;
    assert_eq!(heal::round(&server.app().calls).await.unwrap(), 0);
    server.stop().await;
}

#[tokio::test]
async fn a_round_asks_about_several_calls_at_once() {
    let together = Arc::new(Barrier::new(4));
    let retell = serve(routing::get(async move |Path(id): Path<String>| {
        // One after the other, each question would wait here until it fails.
        together.wait().await;
        let finished = life_of_a_call()[3]["call"].clone();
        Json(with(&finished, &json!({"call_id": id})))
    }))
    .await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell, at_once).await;
    begun(&server, 4).await;
    assert_eq!(heal::round(&server.app().calls).await.unwrap(), 4);
    for index in 0..4 {
        let id = format!("call_{index}");
        let store = &server.app().store;
        let call = store.calls().summary(&server.tenant, &id).await.unwrap();
        assert_eq!(call.unwrap().status, CallStatus::Ended, "{id}");
    }
    server.stop().await;
}

#[tokio::test]
async fn healing_stops_in_the_middle_of_a_round() {
    let asked = Arc::new(Notify::new());
    let retell = serve(routing::get({
        let asked = Arc::clone(&asked);
        async move || -> &'static str {
            asked.notify_one();
            std::future::pending().await
        }
    }))
    .await;
    let server = TestServer::start_with(Scratch::sqlite(), &retell, |_| {}).await;
    // Waiting for all their answers in vain takes longer than this test waits.
    begun(&server, 40).await;
    let stop = CancellationToken::new();
    let healing = tokio::spawn(heal::run(server.app().calls.clone(), stop.clone()));
    asked.notified().await;
    stop.cancel();
    in_time(healing).await.unwrap();
    server.stop().await;
}

#[tokio::test]
async fn expired_sign_ins_are_deleted_without_anybody_signing_in() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let now = jiff::Timestamp::now().as_millisecond();
        let tenant = store
            .tenants()
            .upsert("tenant_1", "Sunrise", "Europe/Berlin", now)
            .await
            .unwrap();
        let user = User {
            id: "user_1".to_owned(),
            email: "ada@example.com".to_owned(),
            name: "Ada".to_owned(),
            role: server::people::Role::Admin,
            password_hash: None,
        };
        store.people().upsert(&tenant, &user, now).await.unwrap();
        for (token, end) in [("expired", now - 1), ("valid", now + 3_600_000)] {
            store
                .sign_ins()
                .create_session(
                    &tenant,
                    &user.id,
                    token,
                    &SessionOrigin::default(),
                    now - 2,
                    end,
                )
                .await
                .unwrap();
            store
                .sign_ins()
                .create_sign_in_link(&tenant, &user.id, token, now - 2, end)
                .await
                .unwrap();
        }
        store.close().await;

        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let store = &server.app().store;
        // At a time when it had not expired, for as long as it is there. Links go before.
        let gone = async {
            while store
                .sign_ins()
                .session("expired", now - 2)
                .await
                .unwrap()
                .is_some()
            {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        in_time(gone).await;
        let link = |token| store.sign_ins().use_sign_in_link(token, now - 2);
        assert!(link("expired").await.unwrap().is_none());
        assert!(link("valid").await.unwrap().is_some());
        assert!(
            store
                .sign_ins()
                .session("valid", now)
                .await
                .unwrap()
                .is_some()
        );
        server.stop().await;
    }
}
