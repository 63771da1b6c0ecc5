//! The models against realistic JSON, and against what next week may bring.

#![expect(
    clippy::unwrap_used,
    reason = "a function that a test calls may fail the test"
)]

use proptest::prelude::*;
use retell::models::{
    Agent, AgentSummary, Call, CallList, CallStatus, CallType, CreatePhoneCall, CreateWebCall,
    DataStorageSetting, Direction, DisconnectionReason, FunctionCall, ListenLiveCall, Page,
    PhoneNumber, Role, TranscriptItem, Transport, UpdateLiveCall, UserSentiment, VersionRef, Voice,
    WebCallAccess, WebhookEvent,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const WEB_CALL: &str = include_str!("data/web_call.json");
const PHONE_CALL: &str = include_str!("data/phone_call.json");

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

/// Reads a value, writes it again, and finds the same value.
fn keeps<T: DeserializeOwned + Serialize>(value: &Value) -> T {
    let model: T = read(value.clone());
    assert_eq!(&serde_json::to_value(&model).unwrap(), value);
    model
}

#[test]
fn a_web_call_is_read_whole_and_written_back() {
    let call: Call = keeps(&serde_json::from_str(WEB_CALL).unwrap());
    assert_eq!(call.call_type, Some(CallType::WebCall));
    assert_eq!(call.call_status, Some(CallStatus::Ended));
    assert_eq!(
        call.disconnection_reason,
        Some(DisconnectionReason::AgentHangup)
    );
    assert_eq!(
        call.data_storage_setting,
        Some(DataStorageSetting::Everything)
    );
    assert_eq!(call.duration_ms, Some(48_877));
    assert_eq!(call.latency.unwrap().e2e.unwrap().p50, Some(812.5));
    assert_eq!(
        call.call_cost.unwrap().product_costs[0].product,
        "elevenlabs_tts"
    );
    let analysis = call.call_analysis.unwrap();
    assert_eq!(analysis.user_sentiment, Some(UserSentiment::Positive));
    assert_eq!(analysis.custom_analysis_data.unwrap()["slot"], "10:30");
    assert_eq!(call.transcript_object.unwrap()[0].words[1].end, 1.02);
    assert_eq!(
        call.extra["field_of_next_week"],
        json!({"anything": [1, 2, 3]})
    );

    let items = call.transcript_with_tool_calls.unwrap();
    let roles: Vec<_> = items.iter().map(TranscriptItem::role).collect();
    let expected = [
        "agent",
        "node_transition",
        "tool_call_invocation",
        "tool_call_result",
        "dtmf",
        "sms",
        "injected",
        "telepathy",
    ];
    assert_eq!(roles, expected);
    assert_eq!(items[0].as_utterance().unwrap().role, Role::Agent);
    let TranscriptItem::ToolCallInvocation(invocation) = &items[2] else {
        panic!("not an invocation: {:?}", items[2]);
    };
    assert_eq!(invocation.kind.as_deref(), Some("custom"));
    assert_eq!(
        invocation.extra["metadata"]["backup_model_used"]["selection_latency_ms"],
        812
    );
    assert!(matches!(&items[7], TranscriptItem::Other(map) if map["strength"] == 11));
}

#[test]
fn a_phone_call_is_read_whole_and_written_back() {
    let call: Call = keeps(&serde_json::from_str(PHONE_CALL).unwrap());
    assert_eq!(call.call_type, Some(CallType::PhoneCall));
    assert_eq!(call.direction, Some(Direction::Outbound));
    assert_eq!(call.from_number.as_deref(), Some("+14155550100"));
    assert_eq!(call.start_timestamp, None);
    assert!(call.call_status.unwrap().is_over());
    assert_eq!(call.extra["batch_call_id"], "batch_call_1");
}

#[test]
fn a_call_may_be_nothing_but_its_id() {
    let call: Call = keeps(&json!({"call_id": "call_1"}));
    assert_eq!(
        call,
        Call {
            call_id: "call_1".into(),
            ..Call::default()
        }
    );
    assert!(serde_json::from_value::<Call>(json!({"call_type": "web_call"})).is_err());
}

#[test]
fn null_is_absent_and_odd_spellings_are_forgiven() {
    let call: Call = read(json!({
        "call_id": "call_1",
        "call_status": null,
        "agent_version": "7",
        "start_timestamp": 1_795_255_200_123.0,
        "end_timestamp": null,
        "retell_llm_dynamic_variables": {"a": "x", "n": 3, "b": true, "gone": null},
        "transcript_object": [{"role": "agent", "content": null, "words": null}],
        "transcript_with_tool_calls": null,
        "call_cost": {"combined_cost": 1, "product_costs": [{"product": "x", "cost": 1}]},
        "latency": {"e2e": {"num": 3.0, "values": null}}
    }));
    assert_eq!(call.call_status, None);
    assert_eq!(call.agent_version, Some(7));
    assert_eq!(call.start_timestamp, Some(1_795_255_200_123));
    let variables = call.retell_llm_dynamic_variables.unwrap();
    assert_eq!(json!(variables), json!({"a": "x", "n": "3", "b": "true"}));
    assert_eq!(call.transcript_object.unwrap()[0].content, "");
    assert_eq!(call.latency.unwrap().e2e.unwrap().num, Some(3));
}

#[test]
fn unknown_enum_values_keep_their_text() {
    let call: Call = keeps(&json!({
        "call_id": "call_1",
        "call_type": "hologram_call",
        "call_status": "paused",
        "disconnection_reason": "solar_flare",
        "data_storage_setting": "only_vowels"
    }));
    assert_eq!(call.call_status, Some(CallStatus::Other("paused".into())));
    assert!(!call.call_status.unwrap().is_over());
    let reason = call.disconnection_reason.unwrap();
    assert_eq!(
        (reason.as_str(), reason.call_status()),
        ("solar_flare", None)
    );
}

#[test]
fn every_known_reason_has_a_status() {
    assert_eq!(DisconnectionReason::KNOWN.len(), 39);
    let count = |status: &CallStatus| {
        let with = |reason: &&DisconnectionReason| reason.call_status().as_ref() == Some(status);
        DisconnectionReason::KNOWN.iter().filter(with).count()
    };
    assert_eq!(count(&CallStatus::Ended), 14);
    assert_eq!(count(&CallStatus::NotConnected), 10);
    assert_eq!(count(&CallStatus::Error), 15);
}

#[test]
fn items_of_an_unexpected_shape_are_kept_whole() {
    for value in [
        json!({"role": "agent", "content": {"parts": []}}),
        json!({"role": "dtmf", "digit": ["1", "2"]}),
        json!({"role": 7, "content": "x"}),
        json!({"content": "no role"}),
        json!({}),
    ] {
        let item: TranscriptItem = keeps(&value);
        assert!(matches!(item, TranscriptItem::Other(_)), "{value}");
    }
}

#[test]
fn web_call_access_is_read_and_its_secrets_are_not_shown() {
    let access: WebCallAccess = read(json!({
        "call_id": "call_1",
        "access_token": "secret-token",
        "transport": "gateway",
        "ice_servers": [
            {"urls": "stun:stun.example.org:3478"},
            {"urls": ["turn:t.example.org"], "username": "secret-user", "credential": "secret-pw"}
        ],
        "expires_at": 1_795_255_230_000_i64,
        "call_color": "blue"
    }));
    assert_eq!(access.transport, Some(Transport::Gateway));
    assert_eq!(access.ice_servers[0].urls, ["stun:stun.example.org:3478"]);
    assert_eq!(
        access.ice_servers[1].credential.as_deref(),
        Some("secret-pw")
    );
    assert!(!format!("{access:?}").contains("secret"));
    let written = serde_json::to_value(&access).unwrap();
    assert_eq!(
        written["ice_servers"][0],
        json!({"urls": ["stun:stun.example.org:3478"]})
    );

    let older: WebCallAccess = read(json!({"call_id": "c", "access_token": "t"}));
    assert_eq!(
        (older.transport, older.expires_at, older.ice_servers.len()),
        (None, None, 0)
    );

    let odd: WebCallAccess = read(json!({
        "call_id": "c",
        "access_token": "t",
        "transport": 7,
        "ice_servers": [{"urls": "stun:a"}, null, 7, "stun:b", {"url": "stun:c"}, {"urls": {}}],
        "expires_at": "soon"
    }));
    assert_eq!(odd.ice_servers.len(), 1);
    assert_eq!((odd.transport, odd.expires_at), (None, None));
    for no_list in [json!({}), json!("stun:a"), json!(null)] {
        let odd = json!({"call_id": "c", "access_token": "t", "ice_servers": no_list});
        assert!(read::<WebCallAccess>(odd).ice_servers.is_empty());
    }

    let listener: ListenLiveCall = read(json!({
        "access_token": "secret-token",
        "expires_at": 1,
        "participant_id": "listener_1",
        "room_name": "room",
        "transport": "gateway",
        "ice_servers": [{"urls": ["turn:x"], "credential": "secret-pw"}],
        "gateway_ip": "192.0.2.1"
    }));
    assert_eq!(listener.participant_id, "listener_1");
    assert!(!format!("{listener:?}").contains("secret"));
    let call: Call = serde_json::from_str(WEB_CALL).unwrap();
    let shown = format!("{call:?}");
    assert!(
        !shown.contains("eyJ") && !shown.contains("appointment"),
        "{shown}"
    );
}

#[test]
fn requests_write_only_what_was_given() {
    let web = CreateWebCall {
        agent_id: "agent_1".into(),
        ..CreateWebCall::default()
    };
    assert_eq!(
        serde_json::to_value(&web).unwrap(),
        json!({"agent_id": "agent_1"})
    );
    let version = |value: Value| {
        keeps::<CreateWebCall>(&json!({"agent_id": "a", "agent_version": value})).agent_version
    };
    assert_eq!(version(json!(3)), Some(VersionRef::Number(3)));
    assert_eq!(
        version(json!("latest_published")),
        Some("latest_published".into())
    );
    let phone: CreatePhoneCall = keeps(&json!({
        "from_number": "+14155550100",
        "to_number": "+493012345678",
        "override_agent_version": "prod",
        "honor_internal_dnc": true,
        "idempotency_key": "task-1"
    }));
    assert_eq!(phone.idempotency_key.as_deref(), Some("task-1"));
}

#[test]
fn live_overrides_tell_null_from_absent_and_refuse_what_retell_refuses() {
    let overrides = |value: Value| {
        keeps::<UpdateLiveCall>(&json!({"fields_to_override": value}))
            .fields_to_override
            .unwrap()
            .override_dynamic_variables
    };
    assert_eq!(overrides(json!({})), None);
    assert_eq!(
        overrides(json!({"override_dynamic_variables": null})),
        Some(None)
    );
    let given = overrides(json!({"override_dynamic_variables": {"a": "b"}}))
        .unwrap()
        .unwrap();
    assert_eq!(given["a"], "b");
    for unknown in [
        json!({"metadata": {}}),
        json!({"fields_to_override": {"agent_id": "x"}}),
        json!({"call_control": {"additional_context": "x", "whisper": true}}),
    ] {
        assert!(
            serde_json::from_value::<UpdateLiveCall>(unknown.clone()).is_err(),
            "{unknown}"
        );
    }
}

#[test]
fn agents_voices_and_numbers_are_read() {
    let agent: Agent = keeps(&json!({
        "agent_id": "agent_1",
        "version": 4,
        "is_published": true,
        "agent_name": "Emma",
        "language": ["en-US", "es-ES"],
        "voice_id": "11labs-Adrian",
        "response_engine": {"type": "retell-llm", "llm_id": "llm_1", "version": 4},
        "webhook_url": "https://example.org/hook",
        "webhook_events": ["call_started", "call_dreamt"],
        "webhook_timeout_ms": 10000,
        "interruption_sensitivity": 0.9
    }));
    let events = agent.webhook_events.unwrap();
    assert_eq!(
        events,
        [
            WebhookEvent::CallStarted,
            WebhookEvent::Other("call_dreamt".into())
        ]
    );
    assert_eq!(agent.extra["interruption_sensitivity"], 0.9);

    let page: Page<AgentSummary> = keeps(&json!({
        "items": [{
            "agent_id": "agent_1",
            "agent_name": "Emma",
            "channel": "voice",
            "is_suspended": false,
            "tags": {"prod": {"version": 3, "dynamic_variables": {"a": "b"}}},
            "user_modified_timestamp": 1_795_255_200_123_i64
        }],
        "has_more": true,
        "pagination_key": "agent_1"
    }));
    assert_eq!(page.items[0].tags["prod"].version, Some(3));

    let number: PhoneNumber = keeps(&json!({
        "phone_number": "+14155550100",
        "phone_number_pretty": "(415) 555-0100",
        "phone_number_type": "retell-twilio",
        "inbound_agents": [{"agent_id": "agent_1", "weight": 1.0, "agent_version": "prod"}],
        "area_code": 415
    }));
    assert_eq!(number.inbound_agents[0].agent_version, Some("prod".into()));
    let voices: Vec<Voice> = keeps(&json!([
        {"voice_id": "v", "voice_name": "Adrian", "provider": "elevenlabs", "gender": "male"}
    ]));
    assert_eq!(voices[0].provider.as_deref(), Some("elevenlabs"));

    let list: CallList = read(json!({"items": [{"call_id": "c"}], "has_more": false, "total": 9}));
    assert_eq!((list.items.len(), list.total), (1, Some(9)));
    let call: FunctionCall =
        read(json!({"name": "f", "args": {"day": 1}, "call": {"call_id": "c"}}));
    assert_eq!(
        (
            call.args["day"].as_i64(),
            call.call.unwrap().call_id.as_str()
        ),
        (Some(1), "c")
    );
}

proptest! {
    #[test]
    fn any_spelling_of_an_enum_comes_back(text in ".*") {
        let reason = DisconnectionReason::from(text.as_str());
        prop_assert_eq!(reason.as_str(), text.as_str());
        let json = serde_json::to_string(&reason).unwrap();
        prop_assert_eq!(serde_json::from_str::<DisconnectionReason>(&json).unwrap(), reason);
    }

    #[test]
    fn an_item_with_any_role_and_field_is_read(
        role in "[a-z_]{0,25}|agent|user|sms|dtmf|injected|tool_call_result",
        key in "[a-z_]{1,12}|content|words|metadata|digit|time_sec",
        text in ".*",
        number in any::<i32>(),
    ) {
        for odd in [json!(text), json!(number), json!([text]), json!({"x": number}), Value::Null] {
            let value = json!({"role": role, key.clone(): odd});
            let item = serde_json::from_value::<TranscriptItem>(value.clone());
            prop_assert!(item.is_ok(), "{}", value);
        }
    }

    #[test]
    fn fields_nobody_knows_survive(name in "zz_[a-z]{1,12}", number in any::<i64>()) {
        let value = json!({"call_id": "c", name.clone(): {"n": number}});
        let call: Call = serde_json::from_value(value.clone()).unwrap();
        prop_assert_eq!(&call.extra[&name]["n"], number);
        prop_assert_eq!(serde_json::to_value(&call).unwrap(), value);
    }
}
