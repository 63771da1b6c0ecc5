//! What is sent again, and what is not.

use std::time::Duration;

use retell::models::{ListCalls, TakeOverLiveCall, UpdateCall};
use retell::{Client, Error, RetryPolicy};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::mpsc;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{
    KEY, answering, client, context, new_phone_call, new_web_call, overrides, quick, recovering,
    requests,
};

#[tokio::test]
async fn what_is_safe_is_repeated_until_it_works() {
    for status in [408, 409, 429, 500, 502, 503, 504] {
        let server = recovering(status, 2, json!({"call_id": "call_1"})).await;
        client(&server.uri()).get_call("call_1").await.unwrap();
        assert_eq!(requests(&server).await, 3, "{status}");
    }
    let server = recovering(503, 2, json!({"items": []})).await;
    client(&server.uri())
        .list_calls(&ListCalls::default())
        .await
        .unwrap();
    let server = recovering(503, 2, json!({"call_id": "call_1"})).await;
    client(&server.uri())
        .update_call("call_1", &UpdateCall::default())
        .await
        .unwrap();
    let server = recovering(503, 2, json!(null)).await;
    client(&server.uri()).delete_call("call_1").await.unwrap();
    let server = recovering(503, 2, json!(null)).await;
    client(&server.uri()).stop_call("call_1").await.unwrap();
    let server = recovering(503, 2, json!({"success": true})).await;
    client(&server.uri())
        .update_live_call("call_1", &overrides())
        .await
        .unwrap();
    let server = recovering(503, 2, json!({"call_id": "call_1"})).await;
    client(&server.uri())
        .create_phone_call(&new_phone_call(Some("task-1")))
        .await
        .unwrap();
    let bodies: Vec<_> = server
        .received_requests()
        .await
        .unwrap()
        .into_iter()
        .map(|request| request.body)
        .collect();
    assert!(bodies.len() == 3 && bodies.iter().all(|body| *body == bodies[0]));
}

#[tokio::test]
async fn retries_end_after_two_and_with_a_client_error_at_once() {
    let server = answering(503, json!({})).await;
    let error = client(&server.uri()).get_call("call_1").await.unwrap_err();
    assert_eq!((error.status(), requests(&server).await), (Some(503), 3));
    assert!(
        error.to_string().ends_with("Service Unavailable"),
        "{error}"
    );
    for status in [301, 400, 401, 402, 403, 404, 422] {
        let server = answering(status, json!({})).await;
        client(&server.uri()).get_call("call_1").await.unwrap_err();
        assert_eq!(requests(&server).await, 1, "{status}");
    }
}

#[tokio::test]
async fn what_creates_or_speaks_is_never_repeated_once_answered() {
    for status in [408, 409, 429, 500, 503] {
        // Even when the server invites to it.
        let server = MockServer::start().await;
        let template = ResponseTemplate::new(status)
            .insert_header("x-should-retry", "true")
            .insert_header("retry-after", "0.001");
        Mock::given(any())
            .respond_with(template)
            .mount(&server)
            .await;
        let client = client(&server.uri());
        client.create_web_call(&new_web_call()).await.unwrap_err();
        client
            .create_phone_call(&new_phone_call(None))
            .await
            .unwrap_err();
        client.listen_live_call("call_1").await.unwrap_err();
        let listener = TakeOverLiveCall {
            participant_id: "p".into(),
        };
        client
            .take_over_live_call("call_1", &listener)
            .await
            .unwrap_err();
        client
            .update_live_call("call_1", &context())
            .await
            .unwrap_err();
        assert_eq!(requests(&server).await, 5, "{status}");
    }
}

/// Reads whole requests and hangs up on each; counts them.
async fn hanging_up() -> (String, mpsc::UnboundedReceiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, hears) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            if socket.read(&mut request).await.unwrap_or(0) > 0 {
                let _ = heard.send(());
            }
        }
    });
    (format!("http://{address}"), hears)
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_unless_it_could_mean_a_second_call() {
    let (base, mut heard) = hanging_up().await;
    let client = client(&base);
    let error = client.get_call("call_1").await.unwrap_err();
    assert!(
        matches!(error, Error::Transport { .. }) && error.is_unavailable(),
        "{error:?}"
    );
    assert_eq!(heard.len(), 3);
    while heard.try_recv().is_ok() {}

    client
        .create_phone_call(&new_phone_call(Some("task-1")))
        .await
        .unwrap_err();
    assert_eq!(heard.len(), 3);
    while heard.try_recv().is_ok() {}

    let error = client.create_web_call(&new_web_call()).await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
    client
        .create_phone_call(&new_phone_call(None))
        .await
        .unwrap_err();
    assert_eq!(heard.len(), 2);
}

#[tokio::test]
async fn a_broken_off_answer_is_a_lost_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ";
        let answers = [
            format!("{head}100\r\n\r\n{{\"call"),
            format!("{head}17\r\n\r\n{{\"call_id\":\"c_1\"}}"),
        ];
        for answer in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            assert!(socket.read(&mut request).await.unwrap() > 0);
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    assert_eq!(client(&base).get_call("c_1").await.unwrap().call_id, "c_1");
}

#[tokio::test]
async fn a_call_that_was_never_sent_is_sent_when_it_can_be() {
    // Bound, so that nobody else gets the port, but not listening yet.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let base = format!("http://{}", socket.local_addr().unwrap());
    let refused = client(&base)
        .create_web_call(&new_web_call())
        .await
        .unwrap_err();
    assert!(
        matches!(refused, Error::Connect { .. }) && refused.is_unavailable(),
        "{refused:?}"
    );
    assert!(!format!("{refused:?}").contains(&base), "{refused:?}");

    let patient = RetryPolicy {
        max_retries: u32::MAX,
        ..quick()
    };
    let client = Client::builder(KEY)
        .base_url(&base)
        .retry(patient)
        .build()
        .unwrap();
    let call = new_web_call();
    let mut creating = Box::pin(client.create_web_call(&call));
    let early = tokio::time::timeout(Duration::from_millis(50), &mut creating).await;
    assert!(early.is_err(), "nobody is listening yet: {early:?}");
    let listener = socket.listen(16).unwrap();
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        assert!(socket.read(&mut request).await.unwrap() > 0);
        let answer = r#"{"call_id":"call_1","access_token":"t"}"#;
        let head = format!(
            "HTTP/1.1 201 Created\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        socket.write_all((head + answer).as_bytes()).await.unwrap();
    });
    assert_eq!(creating.await.unwrap().call_id, "call_1");
}

#[tokio::test]
async fn advice_in_headers_is_followed() {
    let with = async |status: u16, name: &'static str, value: &str| {
        let server = MockServer::start().await;
        let template = ResponseTemplate::new(status).insert_header(name, value);
        Mock::given(any())
            .respond_with(template)
            .mount(&server)
            .await;
        let error = client(&server.uri()).get_call("call_1").await.unwrap_err();
        (requests(&server).await, error.retry_after())
    };
    let seconds = Duration::from_secs;
    assert_eq!(with(503, "x-should-retry", "false").await, (1, None));
    assert_eq!(with(400, "x-should-retry", "true").await, (3, None));
    assert_eq!(
        with(429, "retry-after-ms", "2").await,
        (3, Some(Duration::from_millis(2)))
    );
    assert_eq!(
        with(429, "retry-after", "0").await,
        (3, Some(Duration::ZERO))
    );
    // Too long to wait for here; the caller is told.
    assert_eq!(
        with(429, "retry-after", "3600").await,
        (1, Some(seconds(3600)))
    );
    assert_eq!(
        with(429, "ratelimit-reset", "90").await,
        (1, Some(seconds(90)))
    );
    let (sent, wait) = with(503, "retry-after", "Tue, 31 Dec 2199 23:59:59 GMT").await;
    assert!(sent == 1 && wait.unwrap() > seconds(3600), "{wait:?}");
    let past = with(503, "retry-after", "Sun, 06 Nov 1994 08:49:37 GMT").await;
    assert_eq!(past, (3, Some(Duration::ZERO)));
}
