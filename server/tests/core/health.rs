//! What probes are told.

use api::problem::slug;
use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

use crate::support::{TestServer, answers, asked, problem};

async fn ready(server: &TestServer) -> (u16, Value) {
    let response = server.http.get(server.url("/readyz")).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_server_with_everything_is_ready() {
    let retell = MockServer::start().await;
    let info = ResponseTemplate::new(200).set_body_json(json!({}));
    answers(&retell, "GET", "/get-api-key-info", info).await;
    let server = TestServer::start(&retell).await;
    let alive = server
        .http
        .get(server.url("/healthz"))
        .send()
        .await
        .unwrap();
    assert_eq!(alive.status(), 200);
    for _ in 0..3 {
        let everything = json!({"status": "ready", "store": {"ok": true}, "retell": {"ok": true}});
        assert_eq!(ready(&server).await, (200, everything));
    }
    let asked = asked(&retell).await.len();
    assert_eq!(asked, 1, "the answer was not kept");
    server.stop().await;
}

#[tokio::test]
async fn without_retell_it_serves_but_says_so() {
    let retell = MockServer::start().await;
    answers(
        &retell,
        "GET",
        "/get-api-key-info",
        ResponseTemplate::new(401),
    )
    .await;
    let server = TestServer::start(&retell).await;
    let (status, body) = ready(&server).await;
    assert_eq!((status, &body["status"]), (200, &json!("degraded")));
    assert_eq!(body["retell"]["detail"], "Retell refused the API key");
    server.stop().await;
}

#[tokio::test]
async fn without_its_store_it_is_not_ready_but_alive() {
    let retell = MockServer::start().await;
    let server = TestServer::start(&retell).await;
    server.app().store.close().await;
    let (status, body) = ready(&server).await;
    assert_eq!((status, &body["status"]), (503, &json!("unavailable")));
    let alive = server
        .http
        .get(server.url("/healthz"))
        .send()
        .await
        .unwrap();
    assert_eq!(alive.status(), 200);
    server.stop().await;
}

#[tokio::test]
async fn requests_keep_tame_ids_and_lose_wild_ones() {
    let retell = MockServer::start().await;
    let server = TestServer::start(&retell).await;
    let get = |id: &'static str| {
        server
            .http
            .get(server.url("/nowhere"))
            .header("x-request-id", id)
            .send()
    };
    let tame = get("trace-1.a_b").await.unwrap();
    assert_eq!(tame.headers()["x-request-id"], "trace-1.a_b");
    let told = problem(tame, 404, slug::NOT_FOUND).await;
    assert_eq!(told.request_id.as_deref(), Some("trace-1.a_b"));
    let wild = get("a b\"}").await.unwrap();
    assert_ne!(wild.headers()["x-request-id"], "a b\"}");
    assert_eq!(wild.headers()["x-content-type-options"], "nosniff");
    server.stop().await;
}
