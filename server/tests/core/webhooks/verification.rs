//! What is believed, and what is kept of it.

use api::problem::slug;
use serde_json::json;

use crate::support::{life_of_a_call, problem, sign};
use crate::webhooks::{detail, entries, started};

#[tokio::test]
async fn a_bad_signature_is_refused_and_kept_but_never_acted_on() {
    let server = started().await;
    let body = life_of_a_call()[0].to_string();
    let now = server.app().clock.now_ms();
    let good = sign(body.as_bytes(), now);
    let of_another_key = retell::signature::sign(body.as_bytes(), "key_of_another", 1);
    let minutes = 60 * 1000;
    for (signature, slug) in [
        (None, slug::SIGNATURE_MISSING),
        (Some(String::new()), slug::SIGNATURE_MISSING),
        (Some("v=1,d=zz".to_owned()), slug::SIGNATURE_INVALID),
        (Some(of_another_key), slug::SIGNATURE_INVALID),
        (Some(sign(b"another body", now)), slug::SIGNATURE_INVALID),
        (
            Some(sign(body.as_bytes(), now - 6 * minutes)),
            slug::SIGNATURE_STALE,
        ),
        (
            Some(sign(body.as_bytes(), now + 6 * minutes)),
            slug::SIGNATURE_STALE,
        ),
    ] {
        let response = server
            .post_webhook(body.clone(), signature.as_deref())
            .await;
        problem(response, 401, slug).await;
    }
    let kept = entries(&server).await;
    // The stale ones are one entry that came twice.
    assert_eq!(kept.len(), 6);
    assert!(
        kept.iter()
            .all(|one| one.state == "rejected" && one.attempts == 0),
        "{kept:?}"
    );
    assert_eq!(kept[0].verdict, "signature-stale");
    // A signed one is acted on; had the others been, the call would be known already.
    assert_eq!(detail(&server).await, None);
    assert_eq!(server.post_webhook(body, Some(&good)).await.status(), 204);
    server.settled().await;
    assert!(detail(&server).await.is_some());
    server.stop().await;
}

#[tokio::test]
async fn clocks_may_differ_by_five_minutes() {
    let server = started().await;
    let minutes = 60 * 1000;
    for skew in [-4 * minutes, 4 * minutes] {
        let body = json!({"event": "call_started", "call": {"call_id": "c", "skew": skew}});
        let body = body.to_string();
        let signature = sign(body.as_bytes(), server.app().clock.now_ms() + skew);
        assert_eq!(
            server.post_webhook(body, Some(&signature)).await.status(),
            204
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_no_event_is_refused_and_kept() {
    let server = started().await;
    let now = server.app().clock.now_ms();
    for (body, slug) in [
        (&b"{\"event\":\"call_started\""[..], slug::BODY_NOT_JSON),
        (b"\xff\x00", slug::BODY_NOT_JSON),
        (b"[]", slug::BODY_INVALID),
        (b"{\"call\":{}}", slug::BODY_INVALID),
    ] {
        let response = server.post_webhook(body, Some(&sign(body, now))).await;
        problem(response, 400, slug).await;
        let kept = &entries(&server).await[0];
        assert_eq!(
            (kept.body.as_slice(), kept.verdict.as_str()),
            (body, "malformed")
        );
        assert_eq!(kept.state, "rejected");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_test_of_the_address_is_answered_and_does_not_fill_the_disk() {
    let server = started().await;
    for body in ["", "{}", " \r\n", " { } "] {
        assert_eq!(
            server.post_webhook(body, None).await.status(),
            204,
            "{body:?}"
        );
        let signature = sign(body.as_bytes(), server.app().clock.now_ms());
        assert_eq!(
            server.post_webhook(body, Some(&signature)).await.status(),
            204
        );
    }
    // One with a wrong signature is no test, but an attempt.
    let wrong = sign(b"other", server.app().clock.now_ms());
    problem(
        server.post_webhook("{}", Some(&wrong)).await,
        401,
        slug::SIGNATURE_INVALID,
    )
    .await;
    let kept: Vec<_> = entries(&server)
        .await
        .into_iter()
        .map(|one| one.verdict)
        .collect();
    assert_eq!(kept, ["signature-invalid"]);
    server.stop().await;
}

#[tokio::test]
async fn the_access_token_is_nowhere_kept() {
    let server = started().await;
    let webhook = json!({"event": "call_started", "call": {
        "call_id": "call_1", "access_token": "eyJhbGciOi.secret-token.x_-", "agent_id": "agent_1",
    }});
    server.webhook(&webhook).await;
    server.settled().await;
    let kept = String::from_utf8(entries(&server).await.remove(0).body).unwrap();
    assert!(!kept.contains("secret-token"), "{kept}");
    assert_eq!(kept.len(), webhook.to_string().len());
    let stored = server
        .app()
        .store
        .calls()
        .find(&server.tenant, "call_1")
        .await
        .unwrap()
        .unwrap();
    assert!(!format!("{stored:?}").contains("secret-token"));

    // Nor of what is refused, whatever it is.
    let now = server.app().clock.now_ms();
    let genuine = webhook.to_string();
    let cut = &genuine[..genuine.find("-token.x_").unwrap()];
    let beside = r#"{"access_token": "secret-token"}"#;
    let within = json!(genuine).to_string();
    let form = "event=x&access_token=secret-token";
    for body in [genuine.as_str(), cut, beside, &within, form] {
        for signature in [
            None,
            Some(sign(b"other", now)),
            Some(sign(body.as_bytes(), now)).filter(|_| body != genuine),
        ] {
            let answer = server
                .post_webhook(body.to_owned(), signature.as_deref())
                .await;
            assert!(answer.status().is_client_error());
            let kept = String::from_utf8(entries(&server).await.remove(0).body).unwrap();
            assert!(!kept.contains("secret"), "{kept}");
            assert_eq!(kept.len(), body.len());
        }
    }
    server.stop().await;
}
