//! The webhook inbox: what is taken, what is refused, and what it does.

use api::desk::{CallDetail, CallStatus};
use api::live::ItemKind;
use api::problem::slug;
use serde_json::{Value, json};
use server::calls::CallFilter;
use server::store::{Delivery, DeliveryWriter};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wiremock::MockServer;

use crate::support::{Scratch, TestServer, life_of_a_call, next_change, problem, sign, with};

async fn detail(server: &TestServer) -> Option<CallDetail> {
    let call = server
        .app()
        .store
        .call(&server.tenant, "call_1")
        .await
        .unwrap();
    call.map(server::store::StoredCall::into_detail)
}

async fn deliveries(server: &TestServer) -> Vec<Delivery> {
    server.app().store.deliveries(100).await.unwrap()
}

async fn started() -> TestServer {
    TestServer::start(&MockServer::start().await).await
}

#[tokio::test]
async fn the_life_of_a_call_arrives_on_either_engine() {
    let retell = MockServer::start().await;
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let mut changes = server.app().bus.subscribe();
        for webhook in life_of_a_call() {
            assert_eq!(server.webhook(&webhook).await.status(), 204);
        }
        while next_change(&mut changes)
            .await
            .call
            .user_sentiment
            .is_none()
        {}
        let call = detail(&server).await.unwrap();
        assert_eq!(call.summary.status, CallStatus::Ended);
        assert_eq!(call.summary.started_at, Some(1_790_000_001_000));
        assert_eq!(call.summary.duration_ms, Some(30_000));
        assert_eq!(
            call.summary.disconnection_reason.as_deref(),
            Some("user_hangup")
        );
        assert_eq!(call.summary.successful, Some(true));
        assert!(call.summary.has_recording);
        assert_eq!(call.cost_cents, Some(7.5));
        assert_eq!(call.latency_p50_ms, Some(820.0));
        assert_eq!(call.analysis_summary.as_deref(), Some("Said hello."));
        assert_eq!(call.analysis_data["mood"], "sunny");
        let times: Vec<_> = call.transcript.iter().map(|item| item.time_ms).collect();
        assert_eq!(times, [500, 900, 1500]);
        assert_eq!(
            call.transcript[2].kind,
            ItemKind::User {
                content: "Hi".to_owned()
            }
        );
        let recording = server
            .app()
            .store
            .recording(&server.tenant, "call_1")
            .await
            .unwrap();
        assert_eq!(
            recording.unwrap().mono.as_deref(),
            Some("https://example.com/call_1.wav")
        );
        let kept = deliveries(&server).await;
        assert_eq!(kept.len(), 4);
        assert!(kept.iter().all(|one| one.state == "done"), "{kept:?}");
        assert!(
            kept.iter()
                .all(|one| one.tenant_id.as_deref() == Some("tenant_1"))
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn order_and_repetition_do_not_matter() {
    let life = life_of_a_call();
    let mut expected = None;
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
        let server = started().await;
        for index in order.into_iter().chain(order) {
            assert_eq!(server.webhook(&life[index]).await.status(), 204);
        }
        server.settled().await;
        let mut call = detail(&server).await.unwrap();
        // The first news decides where it stands in the list.
        call.summary.created_at = 0;
        assert_eq!(
            &call,
            expected.get_or_insert_with(|| call.clone()),
            "{order:?}"
        );
        server.stop().await;
    }
}

#[tokio::test]
async fn the_same_delivery_again_is_answered_and_has_no_effect() {
    let server = started().await;
    let mut changes = server.app().bus.subscribe();
    let body = life_of_a_call()[0].to_string();
    let signature = sign(body.as_bytes(), server.app().clock.now_ms());
    for _ in 0..3 {
        assert_eq!(
            server
                .post_webhook(body.clone(), Some(&signature))
                .await
                .status(),
            204
        );
    }
    server.settled().await;
    let kept = deliveries(&server).await;
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].duplicates, kept[0].attempts), (2, 1));
    next_change(&mut changes).await;
    assert!(changes.try_recv().is_err(), "a repetition changed the call");
    server.stop().await;
}

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
        (Some(good.to_uppercase()), slug::SIGNATURE_INVALID),
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
    let kept = deliveries(&server).await;
    assert_eq!(kept.len(), 8);
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
        let kept = &deliveries(&server).await[0];
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
    let kept: Vec<_> = deliveries(&server)
        .await
        .into_iter()
        .map(|one| one.verdict)
        .collect();
    assert_eq!(kept, ["signature-invalid"]);
    server.stop().await;
}

#[tokio::test]
async fn a_long_transcript_is_taken_and_an_endless_body_is_not() {
    let server = started().await;
    let long = "word ".repeat(1024 * 1024);
    let webhook = json!({"event": "call_ended", "call": {"call_id": "call_1", "transcript": long}});
    let free = server.app().inbox.large_bodies.available_permits();
    assert_eq!(server.webhook(&webhook).await.status(), 204);
    assert_eq!(server.app().inbox.large_bodies.available_permits(), free);
    let signature = sign(b"", server.app().clock.now_ms());
    let answer = half_sent(&server, Some(&signature), 8 * 1024 * 1024 + 1, b"").await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains(slug::BODY_TOO_LARGE), "{answer}");
    server.stop().await;
}

/// The answer to a webhook that declares a length, or none and comes in one
/// chunk, and of which no more comes than `beginning`.
async fn half_sent(
    server: &TestServer,
    signature: Option<&str>,
    declared: impl Into<Option<usize>>,
    beginning: &[u8],
) -> String {
    let mut head = "POST /api/webhooks/retell HTTP/1.1\r\nhost: localhost\r\n".to_owned();
    if let Some(signature) = signature {
        head += &format!("x-retell-signature: {signature}\r\n");
    }
    if beginning.is_empty() {
        // Were the body read, the answer would begin with a 100.
        head += "expect: 100-continue\r\n";
    }
    match declared.into() {
        Some(length) => head += &format!("content-length: {length}\r\n\r\n"),
        None => {
            let length = beginning.len();
            head += &format!("transfer-encoding: chunked\r\n\r\n{length:x}\r\n");
        }
    }
    let mut stream = TcpStream::connect(server.running.address()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(beginning).await.unwrap();
    let mut answer = Vec::new();
    // The server hangs up: it does not wait for a body it will not read.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_large_body_without_a_likely_signature_is_refused_unread() {
    let server = started().await;
    let now = server.app().clock.now_ms();
    let hour = 60 * 60 * 1000;
    for (signature, slug) in [
        (None, slug::SIGNATURE_MISSING),
        (Some("v=1,d=zz".to_owned()), slug::SIGNATURE_INVALID),
        (Some(sign(b"", now - hour)), slug::SIGNATURE_STALE),
        (Some(sign(b"", now + hour)), slug::SIGNATURE_STALE),
    ] {
        // One more byte than is read of anybody's.
        let large = 16 * 1024 + 1;
        let declared = half_sent(&server, signature.as_deref(), large, b"").await;
        let body = vec![b' '; large];
        let undeclared = half_sent(&server, signature.as_deref(), None, &body).await;
        for answer in [declared, undeclared] {
            assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
            assert!(answer.contains(slug), "{answer}");
        }
    }
    // One that may be genuine is read, and then found not to be.
    let body = format!("{:20000}", "{");
    let response = server.post_webhook(body, Some(&sign(b"other", now))).await;
    problem(response, 401, slug::SIGNATURE_INVALID).await;
    let kept = deliveries(&server).await;
    assert_eq!((kept.len(), kept[0].body.len()), (1, 1024));
    server.stop().await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let server = impatient().await;
    let answer = half_sent(&server, None, 100, b"{").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains(slug::BODY_TIMEOUT), "{answer}");
    assert!(deliveries(&server).await.is_empty());
    server.stop().await;
}

#[tokio::test]
async fn only_so_many_large_bodies_are_read_at_once() {
    let server = impatient().await;
    let places = &server.app().inbox.large_bodies;
    let taken = places.acquire_many(16).await.unwrap();
    assert_eq!(places.available_permits(), 0);
    let signature = sign(b"", server.app().clock.now_ms());
    let answer = half_sent(&server, Some(&signature), 20_000, b"").await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    drop(taken);
    server.stop().await;
}

/// A server that waits for a body for a short time only.
async fn impatient() -> TestServer {
    TestServer::start_with(Scratch::sqlite(), "http://127.0.0.1:9", |config| {
        config.webhooks.body_timeout = std::time::Duration::from_millis(50);
    })
    .await
}

#[tokio::test]
async fn the_access_token_is_nowhere_kept() {
    let server = started().await;
    let webhook = json!({"event": "call_started", "call": {
        "call_id": "call_1", "access_token": "eyJhbGciOi.secret-token.x_-", "agent_id": "agent_1",
    }});
    server.webhook(&webhook).await;
    server.settled().await;
    let kept = String::from_utf8(deliveries(&server).await.remove(0).body).unwrap();
    assert!(!kept.contains("secret-token"), "{kept}");
    assert_eq!(kept.len(), webhook.to_string().len());
    let stored = server
        .app()
        .store
        .call(&server.tenant, "call_1")
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
            let kept = String::from_utf8(deliveries(&server).await.remove(0).body).unwrap();
            assert!(!kept.contains("secret"), "{kept}");
            assert_eq!(kept.len(), body.len());
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn addresses_that_existing_integrations_use_work_too() {
    let server = started().await;
    for (index, path) in [
        "/api/webhooks/retell",
        "/api/retell/webhook",
        "/retell/webhook",
    ]
    .iter()
    .enumerate()
    {
        let body = json!({"event": "call_started", "call": {"call_id": format!("call_{index}")}});
        let body = body.to_string();
        let signature = sign(body.as_bytes(), server.app().clock.now_ms());
        let request = server.http.post(server.url(path)).body(body);
        let response = request
            .header("x-retell-signature", signature)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 204, "{path}");
    }
    let get = server
        .http
        .get(server.url("/api/webhooks/retell"))
        .send()
        .await
        .unwrap();
    problem(get, 405, slug::METHOD_NOT_ALLOWED).await;
    server.stop().await;
}

#[tokio::test]
async fn every_kind_of_event_is_kept_and_none_breaks_the_worker() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        every_kind_of_event(&server).await;
        server.stop().await;
    }
}

async fn every_kind_of_event(server: &TestServer) {
    for webhook in [
        json!({"event": "alert_triggered", "alert": {"name": "costs"}}),
        json!({"event": "alert_resolved", "alert": {"alert_incident_id": "i", "name": "costs"}}),
        json!({"event": "chat_ended", "chat": {"chat_id": "chat_1"}}),
        json!({"event": "transfer_started", "call": {"call_id": "call_1"},
               "transfer_destination": {"number": "+491701234567"},
               "transfer_option": {"type": "warm_transfer"}}),
        json!({"event": "an_event_from_next_year", "call": {"call_id": "call_1"}}),
        json!({"event": "call_ended", "call": "not an object"}),
        json!({"event": "call_ended", "call": {"call_id": 7}}),
        json!({"event": "call_ended", "call": {"call_id": "call_\u{0}"}}),
        json!({"event": "call_ended\u{0}", "call": {"call_id": "call_2", "agent_name": "A\u{0}"}}),
    ] {
        assert_eq!(server.webhook(&webhook).await.status(), 204, "{webhook}");
    }
    server.settled().await;
    let states: Vec<_> = deliveries(server)
        .await
        .into_iter()
        .rev()
        .map(|one| one.state)
        .collect();
    assert_eq!(
        states,
        [
            "ignored", "done", "ignored", "done", "done", "ignored", "ignored", "ignored", "done"
        ]
    );
    assert_eq!(
        detail(server).await.unwrap().summary.status,
        CallStatus::Ongoing
    );
}

#[tokio::test]
async fn a_call_finds_its_tenant_by_itself_its_key_or_its_agent() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let store = &server.app().store;
        let other = store
            .upsert_tenant("tenant_2", "Aurora", "Europe/Madrid", 0)
            .await
            .unwrap();
        store
            .upsert_agent(&other, "agent_9", "Lucía", Some("es"), 0)
            .await
            .unwrap();
        for tenant in [&server.tenant, &other] {
            store
                .upsert_agent(tenant, "agent_shared", "Both", None, 0)
                .await
                .unwrap();
        }
        for (call_id, more) in [
            ("by_agent", json!({"agent_id": "agent_9"})),
            (
                "by_key",
                json!({"metadata": {"switchboard_key": "pk_open"}, "agent_id": "agent_9"}),
            ),
            ("by_nothing", json!({"agent_id": "agent_unheard_of"})),
            ("by_both", json!({"agent_id": "agent_shared"})),
        ] {
            let call = with(&json!({"call_id": call_id}), &more);
            server
                .webhook(&json!({"event": "call_started", "call": call}))
                .await;
        }
        server.settled().await;
        let whose = |call_id: &'static str| async move {
            store
                .tenant_of_call(call_id)
                .await
                .unwrap()
                .map(|tenant| tenant.id().to_owned())
        };
        assert_eq!(whose("by_agent").await.as_deref(), Some("tenant_2"));
        assert_eq!(whose("by_key").await.as_deref(), Some("tenant_1"));
        for call_id in ["by_nothing", "by_both"] {
            assert_eq!(whose(call_id).await, None, "{call_id}");
        }
        // Nobody's deliveries were tried again and then parked, with the reason.
        let parked: Vec<_> = deliveries(&server)
            .await
            .into_iter()
            .filter(|one| one.state == "parked")
            .map(|one| (one.attempts, one.error))
            .collect();
        let reason = Some("no tenant is known for its call".to_owned());
        assert_eq!(parked, [(8, reason.clone()), (8, reason)]);
        // Once known, a call stays with its tenant whatever it says of itself.
        let moved = json!({"call_id": "by_agent", "metadata": {"switchboard_key": "pk_open"}});
        server
            .webhook(&json!({"event": "call_ended", "call": moved}))
            .await;
        server.settled().await;
        assert_eq!(whose("by_agent").await.as_deref(), Some("tenant_2"));
        server.stop().await;
    }
}

#[tokio::test]
async fn nothing_is_acknowledged_that_is_not_stored() {
    let server = started().await;
    server.app().store.close().await;
    let response = server.webhook(&life_of_a_call()[0]).await;
    problem(response, 503, slug::STORE_UNAVAILABLE).await;
    server.stop().await;
}

#[tokio::test]
async fn what_was_acknowledged_before_a_crash_is_worked_off_after_it() {
    for scratch in Scratch::each().await {
        // A server that took a webhook in and died before working it off.
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let scratch = server.stop_for_now().await;
        let store = scratch.store().await;
        let (writer, _task) = DeliveryWriter::start(store.clone());
        let body = json!({"event": "call_ended", "call": {"call_id": "call_1"}}).to_string();
        writer.keep(accepted(body)).await.unwrap();
        store.close().await;

        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        server.settled().await;
        assert_eq!(
            detail(&server).await.unwrap().summary.status,
            CallStatus::Ended
        );
        server.stop().await;
    }
}

fn accepted(body: String) -> server::store::NewDelivery {
    server::store::NewDelivery {
        id: uuid::Uuid::now_v7().to_string(),
        received_at: 1,
        body_sha256: "hash".to_owned(),
        body: body.into_bytes(),
        signature: None,
        content_type: None,
        user_agent: None,
        remote_ip: None,
        verdict: server::store::Verdict::Accepted,
        accepted: Some(server::store::Accepted {
            dedupe_key: "hash".to_owned(),
            signed_at: 1,
            event: "call_ended".to_owned(),
            call_id: Some("call_1".to_owned()),
        }),
        signers: None,
        tenant_id: None,
        answered: None,
    }
}

#[tokio::test]
async fn many_webhooks_at_once_are_all_kept_and_each_acts_once() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let bodies: Vec<Value> = (0..150)
            .map(|index| {
                let call = json!({"call_id": format!("call_{}", index % 50), "n": index});
                json!({"event": "call_started", "call": call})
            })
            .collect();
        let answers =
            futures_util::future::join_all(bodies.iter().map(|body| server.webhook(body))).await;
        assert!(answers.iter().all(|answer| answer.status() == 204));
        server.settled().await;
        let page = server
            .app()
            .store
            .call_page(&server.tenant, &CallFilter::default(), None, 100)
            .await
            .unwrap();
        assert_eq!((page.calls.len(), page.next), (50, None));
        let kept = server.app().store.deliveries(1000).await.unwrap();
        assert_eq!(kept.len(), 150);
        assert!(
            kept.iter()
                .all(|one| one.state == "done" && one.attempts == 1)
        );
        server.stop().await;
    }
}
