//! What failures become.

use std::time::Duration;

use retell::models::UpdateCall;
use retell::{Client, Error};
use serde_json::json;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{KEY, answering, client, new_web_call, requests};

#[tokio::test]
async fn each_status_becomes_what_it_means() {
    type Is = fn(&Error) -> bool;
    let table: [(u16, Is, &str); 7] = [
        (401, Error::is_unauthorized, "is_unauthorized"),
        (402, Error::is_payment_required, "is_payment_required"),
        (403, Error::is_forbidden, "is_forbidden"),
        (404, Error::is_not_found, "is_not_found"),
        (422, Error::is_not_found, "is_not_found"),
        (429, Error::is_rate_limited, "is_rate_limited"),
        (500, Error::is_unavailable, "is_unavailable"),
    ];
    for (status, is, name) in table {
        let server = answering(status, json!({"status": "error", "message": "the words"})).await;
        let error = client(&server.uri()).get_call("call_1").await.unwrap_err();
        assert!(is(&error), "{status} {name}");
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.route(), Some("GET /v2/get-call/{call_id}"));
        assert_eq!(
            error.is_temporary(),
            matches!(status, 429 | 500),
            "{status}"
        );
        assert_eq!(
            error.to_string(),
            format!("GET /v2/get-call/{{call_id}}: status {status}: the words")
        );
        let others = table.iter().filter(|(.., other)| *other != name);
        for (_, is_other, other) in others {
            assert!(!is_other(&error), "{status} is not {other}");
        }
    }
}

#[tokio::test]
async fn unprocessable_means_not_found_only_where_it_cannot_mean_more() {
    let server = answering(422, json!({"status": "error", "message": "no"})).await;
    let client = client(&server.uri());
    let create = client.create_web_call(&new_web_call()).await.unwrap_err();
    let stop = client.stop_call("call_1").await.unwrap_err();
    let update = client
        .update_call("call_1", &UpdateCall::default())
        .await
        .unwrap_err();
    for error in [create, stop, update] {
        assert!(error.is_unprocessable() && !error.is_not_found(), "{error}");
    }
    let delete = client.delete_call("call_1").await.unwrap_err();
    assert!(delete.is_not_found() && delete.is_unprocessable());
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_a_timeout() {
    let server = MockServer::start().await;
    let template = ResponseTemplate::new(200).set_delay(Duration::from_secs(600));
    Mock::given(any())
        .respond_with(template)
        .mount(&server)
        .await;
    let client = client(&server.uri()).with_timeout(Duration::from_millis(100));
    let error = client.get_call("call_1").await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Timeout {
                route: "GET /v2/get-call/{call_id}"
            }
        ),
        "{error:?}"
    );
    assert!(error.is_timeout() && error.is_temporary() && error.status().is_none());
    let before = requests(&server).await;
    let error = client.create_web_call(&new_web_call()).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    assert!(requests(&server).await <= before + 1);
}

#[tokio::test]
async fn an_unreadable_answer_does_not_show_its_text() {
    let server = answering(200, json!({"call_id": {"name": "Jane Doe"}})).await;
    let error = client(&server.uri()).get_call("call_1").await.unwrap_err();
    assert!(
        matches!(error, Error::Decode { .. }) && !error.is_temporary(),
        "{error:?}"
    );
    assert!(!format!("{error:?} {error}").contains("Jane"), "{error:?}");
    assert_eq!(requests(&server).await, 1);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = answering(200, json!({"call_id": "stolen"})).await;
    let server = MockServer::start().await;
    let template = ResponseTemplate::new(307).insert_header("location", elsewhere.uri().as_str());
    Mock::given(any())
        .respond_with(template)
        .mount(&server)
        .await;
    let error = client(&server.uri()).get_call("call_1").await.unwrap_err();
    assert_eq!(error.status(), Some(307));
    assert_eq!(requests(&elsewhere).await, 0);
}

#[test]
fn a_client_that_cannot_work_is_refused_and_no_key_is_shown() {
    let build = |key: &str, base: &str| Client::builder(key).base_url(base).build();
    for (key, base) in [
        ("", "https://api.retellai.com"),
        ("key\nwith a line break", "https://api.retellai.com"),
        (KEY, "api.retellai.com"),
        (KEY, "ftp://api.retellai.com"),
        (KEY, "https://api.retellai.com/?key=1"),
        (KEY, ""),
    ] {
        let error = build(key, base).unwrap_err();
        assert!(
            matches!(error, Error::Config(_)) && error.route().is_none(),
            "{base}"
        );
        assert!(key.is_empty() || !error.to_string().contains(key));
    }
    let builder = Client::builder(KEY);
    assert!(!format!("{builder:?} {:?}", builder.clone().build().unwrap()).contains("secret"));
    assert_eq!(
        builder.build().unwrap().base_url(),
        "https://api.retellai.com"
    );
}
