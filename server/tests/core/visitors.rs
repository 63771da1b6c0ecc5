//! What visitors say besides what they speak: consent, typed messages, ratings.

use api::desk::GivenConsent;
use api::problem::slug;
use api::public::CallAccess;
use serde_json::{Value, json};
use server::store::{Store, Tenant};
use wiremock::ResponseTemplate;

use crate::support::{PAGE, Scratch, TestServer, answers, asked, problem, retell_that_mints};

async fn minted(server: &TestServer) -> CallAccess {
    let request = json!({
        "key": "pk_open",
        "consent": {"text": " I agree to be recorded. ", "language": "en"},
    });
    server.mint(&request).await.json().await.unwrap()
}

async fn post(server: &TestServer, what: &str, ticket: &str, body: &Value) -> reqwest::Response {
    let url = server.url(&format!("/api/public/web-calls/call_1/{what}"));
    let request = server.http.post(url).header("origin", PAGE).json(body);
    let request = request.bearer_auth(ticket);
    request.send().await.unwrap()
}

#[tokio::test]
async fn consent_is_kept_with_the_call_and_noted_in_its_metadata() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    minted(&server).await;
    let GivenConsent { consent, given_at } = server
        .app()
        .store
        .calls()
        .consent(&server.tenant, "call_1")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(consent.text, "I agree to be recorded.");
    assert_eq!(consent.language.as_deref(), Some("en"));
    let asked = &asked(&retell).await[0];
    let asked: Value = serde_json::from_slice(&asked.body).unwrap();
    let noted = asked["metadata"]["switchboard_consent"].as_i64().unwrap();
    assert!(
        (noted..noted + 60_000).contains(&given_at),
        "{noted} {given_at}"
    );
    server.stop().await;
}

#[tokio::test]
async fn what_is_typed_reaches_the_agent_who_answers_it() {
    let retell = retell_that_mints().await;
    let success = ResponseTemplate::new(200).set_body_json(json!({"success": true}));
    answers(&retell, "PATCH", "/v2/update-live-call/call_1", success).await;
    let server = TestServer::start(&retell).await;
    let access = minted(&server).await;
    let text = json!({"text": "  Order 4711 "});
    assert_eq!(
        post(&server, "messages", &access.ticket, &text)
            .await
            .status(),
        204
    );
    let update = asked(&retell).await.pop().unwrap();
    let update: Value = serde_json::from_slice(&update.body).unwrap();
    assert_eq!(
        update,
        json!({"call_control": {
            "additional_context": "The caller typed this message: Order 4711",
            "trigger_response": true,
        }})
    );

    for unusable in ["", "   ", &"x".repeat(1_001)] {
        let answer = post(
            &server,
            "messages",
            &access.ticket,
            &json!({"text": unusable}),
        )
        .await;
        problem(answer, 422, slug::BODY_INVALID).await;
    }
    problem(
        post(&server, "messages", "no ticket", &text).await,
        401,
        slug::TICKET_INVALID,
    )
    .await;
    server.stop().await;
}

#[tokio::test]
async fn nobody_types_to_a_call_that_is_over() {
    let retell = retell_that_mints().await;
    let over = ResponseTemplate::new(422).set_body_json(json!({"status": "error"}));
    answers(&retell, "PATCH", "/v2/update-live-call/call_1", over).await;
    let server = TestServer::start(&retell).await;
    let access = minted(&server).await;
    let answer = post(
        &server,
        "messages",
        &access.ticket,
        &json!({"text": "Hello?"}),
    )
    .await;
    problem(answer, 409, slug::CALL_NOT_LIVE).await;
    server.stop().await;
}

#[tokio::test]
async fn a_rating_has_one_to_five_stars_and_the_last_one_counts() {
    let retell = retell_that_mints().await;
    let server = TestServer::start(&retell).await;
    let access = minted(&server).await;
    for stars in [0, 6] {
        let answer = post(&server, "rating", &access.ticket, &json!({"stars": stars})).await;
        problem(answer, 422, slug::BODY_INVALID).await;
    }
    for body in [
        json!({"stars": 2, "comment": "  "}),
        json!({"stars": 5, "comment": " Quick. "}),
    ] {
        let answer = post(&server, "rating", &access.ticket, &body).await;
        assert_eq!(answer.status(), 204);
    }
    let store = &server.app().store;
    let rating = store
        .calls()
        .rating(&server.tenant, "call_1")
        .await
        .unwrap();
    let rating = rating.unwrap();
    assert_eq!(
        (rating.stars, rating.comment.as_deref()),
        (5, Some("Quick."))
    );
    server.stop().await;
}

async fn tenants(store: &Store) -> [Tenant; 2] {
    let one = store
        .tenants()
        .upsert("one", "One", "UTC", 1)
        .await
        .unwrap();
    let two = store
        .tenants()
        .upsert("two", "Two", "UTC", 1)
        .await
        .unwrap();
    [one, two]
}

#[tokio::test]
async fn no_tenant_reads_or_changes_another_s() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let [one, two] = tenants(&store).await;
        let rating = |stars| api::public::Rating {
            stars,
            comment: None,
        };
        let consent = api::public::Consent {
            text: "yes".to_owned(),
            language: None,
        };
        store
            .calls()
            .rate(&one, "call_1", &rating(4), 1)
            .await
            .unwrap();
        store
            .calls()
            .add_consent(&one, "call_1", &consent, 1)
            .await
            .unwrap();
        // PostgreSQL refuses outright; SQLite changes nothing.
        let _ = store.calls().rate(&two, "call_1", &rating(1), 2).await;
        let _ = store.calls().add_consent(&two, "call_1", &consent, 2).await;
        assert_eq!(store.calls().rating(&two, "call_1").await.unwrap(), None);
        assert_eq!(store.calls().consent(&two, "call_1").await.unwrap(), None);
        assert_eq!(
            store.calls().rating(&one, "call_1").await.unwrap(),
            Some(rating(4))
        );
        store.close().await;
        scratch.remove().await;
    }
}
