//! Calls with a real WebRTC peer, from the first word to the recording.

use emulator::Config;
use http::Method;
use receiver::Receiver;
use retell::models::{
    CallStatus, DisconnectionReason, ListCalls, Role, TranscriptItem, UserSentiment,
};
use retell::signature;
use serde_json::json;

use crate::support::{Bench, KEY};

fn now_ms() -> u64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

#[tokio::test]
async fn a_call_with_a_real_peer_from_hello_to_recording() {
    let receiver = Receiver::start().await;
    let webhook_url = Some(receiver.url("/hook"));
    let bench = Bench::with(Config {
        webhook_url,
        ..Config::default()
    })
    .await;
    let (id, peer) = bench.joined("agent_test_short").await;
    peer.wait_for("the control channel", |view| view.control_open)
        .await
        .unwrap();
    peer.wait_for_voice().await.unwrap();

    // The agent's first line ends, the visitor speaks, the agent answers.
    let said = |call: &retell::models::Call, text: &str| {
        call.transcript
            .as_deref()
            .unwrap_or_default()
            .contains(text)
    };
    bench
        .call_until(&id, |call| said(call, "short test call."))
        .await;
    peer.wait_for("the end of the first line", |view| view.is_quiet(400))
        .await
        .unwrap();
    peer.forget().await;
    peer.hum(Some(440.0));
    bench
        .call_until(&id, |call| said(call, "User: Hello, can you"))
        .await;
    peer.hum(None);
    bench
        .call_until(&id, |call| said(call, "User: Hello, can you hear me?"))
        .await;
    peer.wait_for_voice().await.unwrap();
    bench
        .call_until(&id, |call| said(call, "I can hear you well."))
        .await;
    peer.wait_for("its end", |view| view.is_quiet(400))
        .await
        .unwrap();
    peer.hang_up().await.unwrap();

    let call = bench.analyzed(&id).await;
    assert_eq!(call.call_status, Some(CallStatus::Ended));
    assert_eq!(
        call.disconnection_reason,
        Some(DisconnectionReason::UserHangup)
    );
    assert_eq!(
        call.transcript.as_deref(),
        Some(
            "Agent: A short test call.\nUser: Hello, can you hear me?\n\
             Agent: Yes, I can hear you well.\n"
        )
    );
    let turns = call.transcript_object.as_ref().unwrap();
    let roles: Vec<&Role> = turns.iter().map(|turn| &turn.role).collect();
    assert_eq!(roles, [&Role::Agent, &Role::User, &Role::Agent]);
    let words: Vec<_> = turns.iter().flat_map(|turn| &turn.words).collect();
    assert!(words.iter().all(|word| word.start <= word.end));
    assert!(words.windows(2).all(|pair| pair[0].start <= pair[1].start));
    let duration = call.duration_ms.unwrap();
    assert_eq!(
        duration,
        call.end_timestamp.unwrap() - call.start_timestamp.unwrap()
    );
    assert!(
        words
            .last()
            .is_some_and(|word| word.end * 1_000.0 <= duration as f64)
    );
    let latency = call.latency.as_ref().unwrap().e2e.as_ref().unwrap();
    assert_eq!(latency.num, Some(1));
    assert!(call.call_cost.as_ref().unwrap().combined_cost.unwrap() > 0.0);
    let analysis = call.call_analysis.as_ref().unwrap();
    assert_eq!(analysis.user_sentiment, Some(UserSentiment::Neutral));
    assert!(
        analysis
            .call_summary
            .as_deref()
            .unwrap()
            .contains("Hello, can you hear me?")
    );

    let events = [
        receiver.next().await,
        receiver.next().await,
        receiver.next().await,
    ];
    let names: Vec<String> = events.iter().map(|got| got.event()).collect();
    assert_eq!(names, ["call_started", "call_ended", "call_analyzed"]);
    for got in &events {
        assert_eq!(got.path, "/hook");
        let header = got.headers[signature::HEADER].to_str().unwrap();
        signature::verify(&got.body, KEY, header, now_ms()).unwrap();
        let call = &got.json()["call"];
        assert_eq!(call["call_id"], json!(id));
        assert!(call.get("metadata").is_none(), "was never given");
    }
    assert!(events[0].json()["call"].get("transcript").is_none());
    assert!(events[1].json()["call"]["transcript"].is_string());
    assert!(events[1].json()["call"].get("call_analysis").is_none());
    assert!(events[2].json()["call"]["call_analysis"].is_object());

    recordings(&bench, &call, duration).await;
}

async fn recordings(bench: &Bench, call: &retell::models::Call, duration: i64) {
    let multi = call.recording_multi_channel_url.as_ref().unwrap();
    let wav = bench.http.get(multi).send().await.unwrap();
    assert_eq!(wav.headers()["content-type"], "audio/wav");
    let wav = wav.bytes().await.unwrap();
    let mut reader = hound::WavReader::new(wav.as_ref()).unwrap();
    let spec = reader.spec();
    assert_eq!(spec.channels, 2);
    let samples: Vec<i16> = reader.samples().map(Result::unwrap).collect();
    let loud = |channel: usize| {
        samples
            .iter()
            .skip(channel)
            .step_by(2)
            .any(|sample| sample.unsigned_abs() > 1_000)
    };
    assert!(loud(0) && loud(1), "both are heard");
    let length = i64::try_from(samples.len() / 2).unwrap() * 1_000 / i64::from(spec.sample_rate);
    assert!(
        (length - duration).abs() < 1_500,
        "{length} ms of a call of {duration} ms"
    );

    let mono = call.recording_url.as_ref().unwrap();
    let whole = bench
        .http
        .get(mono)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(
        hound::WavReader::new(whole.as_ref())
            .unwrap()
            .spec()
            .channels,
        1
    );
    let part = bench
        .http
        .get(mono)
        .header("range", "bytes=100-199")
        .send()
        .await
        .unwrap();
    assert_eq!(part.status(), 206);
    let range = format!("bytes 100-199/{}", whole.len());
    assert_eq!(part.headers()["content-range"], range.as_str());
    assert_eq!(part.bytes().await.unwrap(), whole.slice(100..200));
    let beyond = bench
        .http
        .get(mono)
        .header("range", "bytes=99999999-")
        .send()
        .await
        .unwrap();
    assert_eq!(beyond.status(), 416);
    let guessed = mono.replace("/recording.wav", "x/recording.wav");
    assert_eq!(bench.http.get(guessed).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn the_agent_hangs_up_and_says_so_on_the_control_channel() {
    let bench = Bench::start().await;
    let (id, peer) = bench.joined("agent_test_hangup").await;
    peer.wait_for("the control channel", |view| view.control_open)
        .await
        .unwrap();
    bench
        .control(
            &format!("/calls/{id}/say"),
            json!({"role": "user", "text": "Bye then."}),
        )
        .await;
    let view = peer
        .wait_for("the end", |view| !view.control.is_empty())
        .await
        .unwrap();
    assert_eq!(view.control, [r#"{"type":"status","state":"ended"}"#]);
    let call = bench.ended(&id).await;
    assert_eq!(
        call.disconnection_reason,
        Some(DisconnectionReason::AgentHangup)
    );
    let items = call.transcript_with_tool_calls.unwrap();
    assert!(
        matches!(items.last(), Some(TranscriptItem::ToolCallInvocation(last)) if last.name == "end_call")
    );
}

#[tokio::test]
async fn an_interruption_cuts_the_agents_words() {
    let bench = Bench::start().await;
    let (id, peer) = bench.joined("agent_test_long").await;
    peer.wait_for_voice().await.unwrap();
    bench
        .call_until(&id, |call| {
            call.transcript
                .as_deref()
                .unwrap_or_default()
                .contains("opening hours")
        })
        .await;
    peer.hum(Some(300.0));
    bench
        .call_until(&id, |call| {
            call.transcript
                .as_deref()
                .unwrap_or_default()
                .contains("User: ")
        })
        .await;
    peer.wait_for("the agent to stop", |view| view.is_quiet(300))
        .await
        .unwrap();
    peer.hum(None);
    let call = bench
        .call_until(&id, |call| {
            call.transcript
                .as_deref()
                .unwrap_or_default()
                .contains("Of course, go ahead.")
        })
        .await;
    let turns = call.transcript_object.unwrap();
    assert!(
        turns[0]
            .content
            .starts_with("I am going to tell you about our opening hours")
    );
    assert!(!turns[0].content.contains("Friday"), "{}", turns[0].content);
    assert_eq!(turns[1].content, "Excuse me, may I ask something?");
}

#[tokio::test]
async fn closing_the_connection_without_a_word_ends_the_call_too() {
    let bench = Bench::start().await;
    let (id, peer) = bench.joined("agent_test_silent").await;
    peer.wait_for("the connection", |view| view.connected)
        .await
        .unwrap();
    peer.close().await;
    let call = bench.ended(&id).await;
    assert_eq!(
        call.disconnection_reason,
        Some(DisconnectionReason::UserHangup)
    );
}

#[tokio::test]
async fn a_call_survives_a_cut_network_with_an_ice_restart() {
    let bench = Bench::start().await;
    let (id, peer) = bench.joined("agent_test_silent").await;
    peer.wait_for("the connection", |view| view.packets > 10)
        .await
        .unwrap();
    bench
        .control(&format!("/calls/{id}/media"), json!({ "drop": true }))
        .await;
    let inside = bench.inside_until(&id, "disconnected").await;
    assert_eq!(inside["room"]["dropped"], json!(true));
    let before = peer.view().packets;
    bench
        .control(&format!("/calls/{id}/media"), json!({ "drop": false }))
        .await;
    peer.reconnect().await.unwrap();
    peer.wait_for("audio again", |view| view.packets > before + 20)
        .await
        .unwrap();
    let inside = bench.inside_until(&id, "connected").await;
    let leg = &inside["room"]["legs"][0];
    assert!(leg["packets_in"].as_u64().unwrap() > 0 && leg["bytes_out"].as_u64().unwrap() > 0);
    assert_eq!(
        bench.client.get_call(&id).await.unwrap().call_status,
        Some(CallStatus::Ongoing)
    );
}

#[tokio::test]
async fn functions_are_called_and_their_answers_spoken() {
    let receiver = Receiver::start().await;
    receiver.answer(200, r#"{"items": [{"answer": "seventeen"}]}"#);
    let functions_url = Some(receiver.url("/functions"));
    let bench = Bench::with(Config {
        functions_url,
        ..Config::default()
    })
    .await;
    let body = json!({
        "agent_id": "agent_test_tools",
        "retell_llm_dynamic_variables": { "customer": "Ada" },
    });
    let (_, access) = bench.post("/v3/create-web-call", body).await;
    let id = access["call_id"].as_str().unwrap().to_owned();
    let token = access["access_token"].as_str().unwrap();
    let _peer = emulator::testing::Peer::connect(bench.emulator.url(), token, &id)
        .await
        .unwrap();

    let got = receiver.next().await;
    assert_eq!(got.path, "/functions/look_up");
    let header = got.headers[signature::HEADER].to_str().unwrap();
    signature::verify(&got.body, KEY, header, now_ms()).unwrap();
    let body = got.json();
    assert_eq!(body["name"], "look_up");
    assert_eq!(body["args"], json!({ "number": 7, "for": "Ada" }));
    assert_eq!(body["call"]["call_status"], "ongoing");
    assert_eq!(body["call"]["access_token"], access["access_token"]);
    let items = body["call"]["transcript_with_tool_calls"]
        .as_array()
        .unwrap();
    assert_eq!(items.last().unwrap()["role"], "tool_call_invocation");
    assert_eq!(items.last().unwrap()["name"], "look_up");

    let call = bench.analyzed(&id).await;
    let roles: Vec<&str> = call
        .transcript_with_tool_calls
        .as_ref()
        .unwrap()
        .iter()
        .map(TranscriptItem::role)
        .collect();
    assert_eq!(
        roles,
        [
            "agent",
            "node_transition",
            "tool_call_invocation",
            "tool_call_result",
            "dtmf",
            "sms",
            "agent",
            "tool_call_invocation"
        ]
    );
    assert!(
        call.transcript
            .unwrap()
            .contains("The answer is seventeen, Ada.")
    );
    let collected = call.collected_dynamic_variables.unwrap();
    assert_eq!(
        collected.get("answer").map(String::as_str),
        Some("seventeen")
    );
    assert!(!collected.contains_key("missing"));
    let analysis = call.call_analysis.unwrap();
    assert_eq!(
        analysis.call_summary.as_deref(),
        Some("The answer was seventeen.")
    );
    assert_eq!(analysis.call_successful, Some(true));
    let (_, deliveries) = bench.get("/_emulator/deliveries").await;
    assert_eq!(
        (&deliveries[0]["kind"], &deliveries[0]["delivered"]),
        (&json!("function"), &json!(true))
    );
}

#[tokio::test]
async fn a_function_that_fails_is_told_to_the_agent_and_the_call_goes_on() {
    let receiver = Receiver::start().await;
    receiver.answer(500, "broken");
    let functions_url = Some(receiver.url("/f/{tool}/run"));
    let bench = Bench::with(Config {
        functions_url,
        ..Config::default()
    })
    .await;
    let (id, _peer) = bench.joined("agent_test_tools").await;
    assert_eq!(receiver.next().await.path, "/f/look_up/run");
    let call = bench.ended(&id).await;
    let failed = call
        .transcript_with_tool_calls
        .unwrap()
        .into_iter()
        .find_map(|item| match item {
            TranscriptItem::ToolCallResult(result) => Some(result),
            _ => None,
        });
    let failed = failed.unwrap();
    assert_eq!(failed.successful, Some(false));
    assert!(failed.content.contains("500") && failed.content.contains("broken"));
    assert!(
        call.transcript
            .unwrap()
            .contains("The answer is {{answer}}, {{customer}}.")
    );
}

#[tokio::test]
async fn finished_calls_are_listed_changed_and_deleted() {
    let bench = Bench::start().await;
    let (first, peer) = bench.joined("agent_test_silent").await;
    let path = format!("/v2/update-call/{first}");
    let change = json!({ "metadata": { "note": "x" }, "custom_attributes": { "vip": true } });
    assert_eq!(
        bench.request(Method::PATCH, &path, change.clone()).await.0,
        422,
        "still ongoing"
    );
    assert_eq!(
        bench
            .request(
                Method::DELETE,
                &format!("/v2/delete-call/{first}"),
                json!({})
            )
            .await
            .0,
        422
    );
    let live: ListCalls = serde_json::from_value(json!({
        "filter_criteria": { "call_status": { "type": "enum", "op": "in", "value": ["ongoing"] } },
    }))
    .unwrap();
    assert_eq!(bench.client.list_calls(&live).await.unwrap().items.len(), 1);
    peer.hang_up().await.unwrap();
    bench.ended(&first).await;
    assert_eq!(bench.client.list_calls(&live).await.unwrap().items.len(), 0);
    let second = bench.web_call("agent_test_short").await.call_id;

    let everything = ListCalls {
        include_total: Some(true),
        ..ListCalls::default()
    };
    let all = bench.client.list_calls(&everything).await.unwrap();
    let ids: Vec<&str> = all.items.iter().map(|call| call.call_id.as_str()).collect();
    assert_eq!(
        (ids, all.total),
        (vec![second.as_str(), first.as_str()], Some(2))
    );

    let (status, call) = bench.request(Method::PATCH, &path, change).await;
    assert_eq!((status, &call["metadata"]), (200, &json!({ "note": "x" })));
    let vip = json!([{ "key": "vip", "type": "boolean", "op": "eq", "value": true }]);
    let (_, found) = bench
        .post(
            "/v3/list-calls",
            json!({ "filter_criteria": { "custom_attributes": vip } }),
        )
        .await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
    let (status, _) = bench
        .post(
            "/v3/list-calls",
            json!({ "filter_criteria": { "colour": 1 } }),
        )
        .await;
    assert_eq!(status, 400);

    let stricter = json!({ "data_storage_setting": "basic_attributes_only" });
    let (status, call) = bench.request(Method::PATCH, &path, stricter).await;
    assert_eq!((status, call.get("transcript")), (200, None));
    let looser = json!({ "data_storage_setting": "everything" });
    assert_eq!(bench.request(Method::PATCH, &path, looser).await.0, 400);
    bench.client.delete_call(&first).await.unwrap();
    assert_eq!(
        bench.client.get_call(&first).await.unwrap_err().status(),
        Some(422)
    );
}
