//! What comes otherwise than it is described: bodies, headers, addresses, orders.

use std::time::Duration;

use api::desk::CallStatus;
use api::inbox::EntryDetail;
use api::routing::{Rule, RuleList};
use serde_json::{Value, json};
use server::people::Role;
use sqlx::{Connection, Row};

use crate::faults::storm::add_endpoint;
use crate::support::{Desk, Scratch, TestServer, raw_connection, sign};
use crate::webhooks::{detail, entries, started};

async fn posted(server: &TestServer, path: &str, body: &str) -> reqwest::Response {
    let signature = sign(body.as_bytes(), server.app().clock.now_ms());
    let request = server.http.post(server.url(path)).body(body.to_owned());
    let request = request.header("x-retell-signature", signature);
    request.send().await.unwrap()
}

const SHARED: &str = "/api/webhooks/retell";

#[tokio::test]
async fn half_an_emoji_or_no_number_costs_no_more_than_itself() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let body = r#"{"event":"call_analyzed","call":{"call_id":"call_1","call_status":"ended",
            "disconnection_reason":"user_hangup","agent_id":"agent_1","transcript":"User: \udc4d ok",
            "latency":{"e2e":{"p50":NaN,"max":Infinity}},"call_cost":{"combined_cost":1e999},
            "retell_llm_dynamic_variables":{"\ud83d":"x"},
            "call_analysis":{"call_summary":"Thanks \ud83d","user_sentiment":"Positive"}}}"#;
        assert_eq!(posted(&server, SHARED, body).await.status(), 204);
        server.settled().await;
        let call = detail(&server).await.unwrap();
        assert_eq!(call.summary.status, CallStatus::Ended);
        assert_eq!(call.summary.user_sentiment.as_deref(), Some("Positive"));
        assert_eq!(call.analysis_summary.as_deref(), Some("Thanks \u{fffd}"));
        assert_eq!((call.latency_p50_ms, call.cost_cents), (None, None));
        // As it came.
        assert_eq!(entries(&server).await[0].body, body.as_bytes());
        server.stop().await;
    }
}

#[tokio::test]
async fn an_id_without_an_end_is_none_and_costs_no_more_than_itself() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let long = "x".repeat(9000);
        let ended = |call: Value| json!({"event": "call_ended", "call": call}).to_string();
        // Of a call that has no usable id nothing is known but that it was told.
        let nameless = ended(json!({"call_id": long, "call_status": "ended"}));
        let strange = json!({"event": long, "call": {"call_id": "call_2"}}).to_string();
        let other = ended(json!({
            "call_id": "call_1", "call_status": "ended", "agent_id": long,
            "disconnection_reason": long, "transcript": "Agent: Hello",
        }));
        for body in [&nameless, &strange, &other] {
            assert_eq!(posted(&server, SHARED, body).await.status(), 204);
        }
        server.settled().await;
        let call = detail(&server).await.unwrap();
        assert_eq!(call.summary.status, CallStatus::Ended);
        assert_eq!(call.summary.disconnection_reason, None);
        let states: Vec<_> = entries(&server).await;
        let states: Vec<_> = states.iter().map(|one| one.state.as_str()).collect();
        assert_eq!(states, ["done", "done", "ignored"]);
        server.stop().await;
    }
}

#[tokio::test]
async fn an_address_with_slashes_too_many_is_the_plain_one() {
    let server = started().await;
    for (index, path) in [
        "/api/webhooks/retell/",
        "//api/webhooks/retell",
        "/api/webhooks//retell?x=1",
        "/api/webhooks/retell/tenant_1/",
        "/api//retell/webhook/",
        "/retell//webhook",
    ]
    .iter()
    .enumerate()
    {
        let body = json!({"event": "call_started", "call": {"call_id": format!("call_{index}")}});
        let answer = posted(&server, path, &body.to_string()).await;
        assert_eq!(answer.status(), 204, "{path}");
    }
    // Whatever else seems to be a webhook is counted.
    for path in ["/API/webhooks/retell", "/", "/api/webhooks/retell/nobody"] {
        let answer = posted(&server, path, r#"{"event":"call_started"}"#).await;
        assert!(answer.status().is_client_error(), "{path}");
    }
    let metrics = server.http.get(server.url("/metrics")).send().await;
    let metrics = metrics.unwrap().text().await.unwrap();
    let counted = r#"switchboard_webhook_receipt_seconds_count{verdict="address-unknown"} 3"#;
    assert!(metrics.contains(counted), "{metrics}");
    server.stop().await;
}

#[tokio::test]
async fn a_signature_that_was_tidied_on_its_way_is_good() {
    let server = started().await;
    let body = json!({"event": "call_started", "call": {"call_id": "call_1"}}).to_string();
    let good = sign(body.as_bytes(), server.app().clock.now_ms());
    let (version, digest) = good.split_once(',').unwrap();
    for header in [
        format!("{digest},{version}"),
        format!("{version}, {digest}"),
        good.to_uppercase(),
    ] {
        let taken = server.post_webhook(body.clone(), Some(&header)).await;
        assert_eq!(taken.status(), 204, "{header}");
    }
    server.stop().await;
}

fn question(more: &Value) -> Value {
    let asked = json!({"agent_id": "agent_1", "from_number": "+12025550143",
                       "to_number": "+12025550199"});
    crate::support::with(
        &json!({"event": "call_inbound", "call_inbound": asked}),
        more,
    )
}

async fn ask(server: &TestServer, question: &Value) -> Value {
    let answer = server.webhook(question).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.unwrap()
}

/// Waits until so many entries are kept: a question's answer does not wait for it.
async fn kept(server: &TestServer, wanted: usize) {
    let kept = async {
        while entries(server).await.len() < wanted {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    crate::support::in_time(kept).await;
}

#[tokio::test]
async fn two_calls_with_the_same_bytes_are_two_and_a_repeated_question_is_one() {
    let server = started().await;
    let desk = Desk::sign_in(&server, Role::Admin).await;
    let bare = question(&json!({}));
    assert_eq!(ask(&server, &bare).await, json!({}));
    kept(&server, 1).await;
    let reject = json!({"name": "Closed", "enabled": true, "action": {"do": "reject"}});
    let _: Value = desk.post("/api/desk/routing-rules", &reject).await;
    let rejected = json!({"call_inbound": {"reject": true}});
    assert_eq!(ask(&server, &bare).await, rejected);
    kept(&server, 2).await;
    let mut answers = Vec::new();
    for entry in entries(&server).await {
        let detail: EntryDetail = desk.get(&format!("/api/desk/inbox/{}", entry.id)).await;
        answers.push(serde_json::from_str::<Value>(&detail.answer.unwrap()).unwrap());
    }
    assert_eq!(answers, [rejected.clone(), json!({})], "the newest first");

    // Retell asks again when no answer came in time: it says of which call, or when.
    let mut known = bare.clone();
    known["call_inbound"]["call_id"] = "call_1".into();
    let timed = question(&json!({"event_timestamp": 1}));
    for (index, question) in [known, timed].iter().enumerate() {
        assert_eq!(ask(&server, question).await, rejected);
        kept(&server, 3 + index).await;
        assert_eq!(ask(&server, question).await, rejected);
        let repeated = async {
            while entries(&server).await[0].duplicates == 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        crate::support::in_time(repeated).await;
    }
    assert_eq!(entries(&server).await.len(), 4);

    // Whatever became of the rules meanwhile, and whenever it is asked again.
    let open = json!({"name": "Open", "enabled": true, "action": {"do": "agent"}});
    let open: Rule = desk.post("/api/desk/routing-rules", &open).await;
    let rules: RuleList = desk.get("/api/desk/routing-rules").await;
    let mut ids: Vec<_> = rules.items.iter().map(|it| it.id.clone()).collect();
    ids.retain(|id| *id != open.id);
    ids.insert(0, open.id);
    let order = json!({"ids": ids});
    let path = "/api/desk/routing-rules/order";
    assert_eq!(desk.send("PUT", path, Some(&order)).await.status(), 204);
    let again = |id: &str| {
        let mut again = question(&json!({"event_timestamp": 2}));
        again["call_inbound"]["call_id"] = id.into();
        again
    };
    assert_eq!(ask(&server, &again("call_1")).await, rejected);
    assert_ne!(ask(&server, &again("call_2")).await, rejected);
    kept(&server, 5).await;
    assert_eq!(entries(&server).await.len(), 5);
    server.stop().await;
}

/// How often each kind of event was told of.
async fn told(server: &TestServer) -> Vec<(String, i64)> {
    let mut connection = raw_connection(&server.scratch.database).await;
    let rows =
        sqlx::query("SELECT type, COUNT(*) AS n FROM outgoing_events GROUP BY type ORDER BY type")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    connection.close().await.unwrap();
    rows.iter()
        .map(|row| (row.get("type"), row.get("n")))
        .collect()
}

fn each_once() -> Vec<(String, i64)> {
    ["analyzed", "created", "ended", "started"]
        .map(|what| (format!("call.{what}"), 1))
        .to_vec()
}

#[tokio::test]
async fn a_transferred_call_is_the_same_in_whatever_order_it_is_told() {
    let mut rows = Vec::new();
    for backwards in [false, true] {
        let server = started().await;
        add_endpoint(&server.app().store, &server.tenant).await;
        let now = server.app().clock.now_ms();
        let (begun, ended) = (now - 120_000, now - 100_000);
        let call = |more: Value| {
            let call = json!({"call_id": "call_1", "call_type": "phone_call", "agent_id": "agent_1",
                              "direction": "inbound", "from_number": "+491701234567",
                              "start_timestamp": begun});
            crate::support::with(&call, &more)
        };
        let over = json!({"call_status": "ended", "disconnection_reason": "call_transfer",
                          "end_timestamp": ended, "call_cost": {"combined_cost": 7.5},
                          "transcript_with_tool_calls": [{"role": "agent", "content": "One moment"}]});
        let destination = json!({"number": "+4930901820"});
        let analysed = crate::support::with(
            &over,
            &json!({"call_analysis": {"user_sentiment": "Positive"}}),
        );
        let mut events = vec![
            json!({"event": "call_started", "call": call(json!({"call_status": "ongoing"}))}),
            json!({"event": "transfer_started", "call": {"call_id": "call_1"},
                   "transfer_destination": destination}),
            json!({"event": "call_ended", "call": call(over)}),
            json!({"event": "call_analyzed", "call": call(analysed)}),
            json!({"event": "transfer_bridged", "call": {"call_id": "call_1"},
                   "transfer_destination": destination}),
            json!({"event": "transfer_ended", "call": call(json!({
                "call_status": "ended", "disconnection_reason": "call_transfer",
                "end_timestamp": ended, "transfer_end_timestamp": ended + 90_000}))}),
        ];
        if backwards {
            events.reverse();
        }
        for event in &events {
            assert_eq!(server.webhook(event).await.status(), 204);
            server.settled().await;
        }
        assert_eq!(told(&server).await, each_once(), "backwards: {backwards}");
        let call = detail(&server).await.unwrap();
        assert_eq!(call.summary.status, CallStatus::Ended);
        assert_eq!(call.summary.user_sentiment.as_deref(), Some("Positive"));
        assert_eq!(
            call.summary.ended_at.unwrap() - call.summary.started_at.unwrap(),
            20_000
        );
        assert_eq!((call.cost_cents, call.transcript.len()), (Some(7.5), 1));
        // What differs by the time of day.
        let facts = (call.summary.duration_ms, call.summary.disconnection_reason);
        rows.push((
            facts,
            call.transcript,
            call.summary.to_number,
            call.summary.has_recording,
        ));
        server.stop().await;
    }
    assert_eq!(rows[0], rows[1]);
}

#[tokio::test]
async fn the_same_call_told_at_two_addresses_is_told_on_once() {
    let server = started().await;
    add_endpoint(&server.app().store, &server.tenant).await;
    let now = server.app().clock.now_ms();
    let call = json!({"call_id": "call_1", "agent_id": "agent_1", "call_status": "ended",
                      "start_timestamp": now - 2000, "end_timestamp": now - 1000,
                      "call_analysis": {"user_sentiment": "Positive"}});
    let own = format!("{SHARED}/tenant_1");
    for event in ["call_started", "call_ended", "call_analyzed"] {
        let body = json!({"event": event, "call": call}).to_string();
        let (one, other) =
            tokio::join!(posted(&server, SHARED, &body), posted(&server, &own, &body));
        assert_eq!(
            (one.status(), other.status()),
            (
                reqwest::StatusCode::NO_CONTENT,
                reqwest::StatusCode::NO_CONTENT
            )
        );
    }
    server.settled().await;
    assert_eq!(told(&server).await, each_once());
    server.stop().await;
}

#[tokio::test]
async fn callers_who_withhold_their_number_are_nobody() {
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let desk = Desk::sign_in(&server, Role::Admin).await;
        let rule = json!({"name": "Lesotho", "enabled": true, "countries": ["LS"],
                          "action": {"do": "reject"}});
        let _: Value = desk.post("/api/desk/routing-rules", &rule).await;
        let withheld = [
            json!("anonymous"),
            json!(""),
            json!("+266696687"),
            json!("Restricted"),
            json!("sip:1000@10.0.0.1"),
            Value::Null,
            json!("unknown"),
        ];
        for (index, from) in withheld.iter().enumerate() {
            let asked = json!({"event": "call_inbound", "event_timestamp": index, "call_inbound": {
                "from_number": from, "to_number": "+493023125100",
            }});
            assert_eq!(ask(&server, &asked).await, json!({}), "{from}");
            let call = json!({"call_id": format!("call_{index}"), "call_type": "phone_call",
                              "direction": "inbound", "from_number": from, "agent_id": "agent_1"});
            server
                .webhook(&json!({"event": "call_ended", "call": call}))
                .await;
        }
        server.settled().await;
        let mut connection = raw_connection(&server.scratch.database).await;
        let rows = sqlx::query("SELECT from_number, number_tail FROM calls")
            .fetch_all(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        assert_eq!(rows.len(), withheld.len());
        for row in rows {
            for column in ["from_number", "number_tail"] {
                assert_eq!(row.get::<Option<String>, _>(column), None);
            }
        }
        server.stop().await;
    }
}
