//! What webhooks do to calls, and whose calls they are.

use api::desk::CallStatus;
use api::live::ItemKind;
use api::problem::slug;
use serde_json::json;
use server::deeds::Author;
use wiremock::MockServer;

use crate::support::{Scratch, TestServer, life_of_a_call, next_change, problem, sign, with};
use crate::webhooks::{detail, entries, started};

#[tokio::test]
async fn the_life_of_a_call_arrives_on_either_engine() {
    let retell = MockServer::start().await;
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, &retell.uri(), |_| {}).await;
        let mut changes = server.app().store.bus().subscribe();
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
            .calls()
            .recording(&server.tenant, "call_1")
            .await
            .unwrap();
        assert_eq!(
            recording.unwrap().mono.as_deref(),
            Some("https://example.com/call_1.wav")
        );
        let kept = entries(&server).await;
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
async fn the_same_entry_again_is_answered_and_has_no_effect() {
    let server = started().await;
    let mut changes = server.app().store.bus().subscribe();
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
    let kept = entries(&server).await;
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].duplicates, kept[0].attempts), (2, 1));
    next_change(&mut changes).await;
    assert!(changes.try_recv().is_err(), "a repetition changed the call");
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
    let states: Vec<_> = entries(server)
        .await
        .into_iter()
        .rev()
        .map(|one| one.state)
        .collect();
    assert_eq!(
        states,
        [
            "ignored", "done", "ignored", "done", "done", "ignored", "ignored", "done", "done"
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
            .tenants()
            .upsert("tenant_2", "Aurora", "Europe/Madrid", 0)
            .await
            .unwrap();
        store
            .agents()
            .assign(&other, "agent_9", "Lucía", &Author::operator(), 0)
            .await
            .unwrap();
        for tenant in [&server.tenant, &other] {
            store
                .agents()
                .assign(tenant, "agent_shared", "Both", &Author::operator(), 0)
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
            (
                "by_mark",
                json!({"metadata": {"switchboard_tenant": "tenant_2"}, "agent_id": "agent_shared"}),
            ),
        ] {
            let call = with(&json!({"call_id": call_id}), &more);
            server
                .webhook(&json!({"event": "call_started", "call": call}))
                .await;
        }
        server.settled().await;
        let whose = |call_id: &'static str| async move {
            store
                .calls()
                .tenant_of(call_id)
                .await
                .unwrap()
                .map(|tenant| tenant.id().to_owned())
        };
        assert_eq!(whose("by_agent").await.as_deref(), Some("tenant_2"));
        assert_eq!(whose("by_key").await.as_deref(), Some("tenant_1"));
        assert_eq!(whose("by_mark").await.as_deref(), Some("tenant_2"));
        for call_id in ["by_nothing", "by_both"] {
            assert_eq!(whose(call_id).await, None, "{call_id}");
        }
        // Nobody's entries were tried again and then parked, with the reason.
        let parked: Vec<_> = entries(&server)
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
