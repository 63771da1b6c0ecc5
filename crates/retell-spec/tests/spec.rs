//! The shapes as they are used: what is refused, where, and in which words.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use proptest::prelude::*;
use retell_spec::{Operation, operation, operations};
use serde_json::{Map, Value, json};

fn named(name: &str) -> &'static Operation {
    operation(name).unwrap_or_else(|| panic!("{name}"))
}

fn wrong(name: &str, body: &Value) -> String {
    named(name).check_request(body).unwrap_err().to_string()
}

#[test]
fn every_operation_of_the_sdk_is_there() {
    assert_eq!(operations().count(), 109);
    assert!(retell_spec::source().starts_with("retell-sdk "));
    let forms = operations().filter(|(_, it)| it.takes_form()).count();
    assert_eq!(forms, 5);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let create = "POST /create-agent";
    let agent = |fields: &Value| {
        let mut agent = json!({
            "response_engine": {"type": "retell-llm", "llm_id": "llm_1"},
            "voice_id": "retell-Cimo",
        });
        agent
            .as_object_mut()
            .unwrap()
            .extend(fields.as_object().unwrap().clone());
        agent
    };
    named(create).check_request(&agent(&json!({}))).unwrap();
    for (fields, told) in [
        (json!({"voice_id": 5}), "voice_id: must be a string"),
        (json!({"voice_speed": 99}), "voice_speed: must be at most 2"),
        (
            json!({"response_engine": "x"}),
            "response_engine: must be an object",
        ),
        (
            json!({"response_engine": {"type": "conversation-flow"}}),
            "response_engine.conversation_flow_id: is required",
        ),
        (
            json!({"pronunciation_dictionary": [{"word": "a", "alphabet": "ipa"}]}),
            "pronunciation_dictionary[0].phoneme: is required",
        ),
        (
            json!({"webhook_events": ["call_over"]}),
            "webhook_events[0]: must be one of",
        ),
        (
            json!({"response_engine": {"type": "a-llm"}}),
            "response_engine.type: must be one of \"conversation-flow\", \"custom-llm\"",
        ),
    ] {
        let said = wrong(create, &agent(&fields));
        assert!(said.starts_with(told), "{said}");
    }
    assert_eq!(wrong(create, &json!([])), "the body must be an object");
    let klingon = wrong(create, &agent(&json!({"language": "klingon"})));
    assert!(klingon.starts_with("language"), "{klingon}");
    let variables = json!({"agent_id": "a", "retell_llm_dynamic_variables": {"n": 5}});
    assert_eq!(
        wrong("POST /v3/create-web-call", &variables),
        "retell_llm_dynamic_variables.n: must be a string"
    );
}

#[test]
fn unknown_keys_are_refused_only_where_retell_does() {
    let live = "PATCH /v2/update-live-call/{call_id}";
    let deep = json!({"call_control": {"x": 1}});
    assert_eq!(wrong(live, &deep), "call_control.x: is not known");
    let attributes = json!({"custom_attributes": {"any": 1}, "metadata": {"any": {}}});
    named("PATCH /v2/update-call/{call_id}")
        .check_request(&attributes)
        .unwrap();
    let web_call = json!({"agent_id": "a", "unknown": 1});
    named("POST /v3/create-web-call")
        .check_request(&web_call)
        .unwrap();
}

#[test]
fn texts_of_queries_and_forms_become_what_they_stand_for() {
    let texts = |texts: &Value| texts.as_object().unwrap().clone();
    let list = named("POST /v2/list-agents");
    let read = list.read_query(texts(&json!({"limit": "7", "pagination_key": "7"})));
    assert_eq!(
        Value::Object(read.unwrap()),
        json!({"limit": 7, "pagination_key": "7"})
    );
    for (limit, told) in [
        ("abc", "limit: must be an integer"),
        ("0", "limit: must be at least 1"),
        ("1001", "limit: must be at most 1000"),
    ] {
        let refused = list
            .read_query(texts(&json!({ "limit": limit })))
            .unwrap_err();
        assert_eq!(refused.to_string(), told);
    }
    let get = named("GET /get-agent/{agent_id}");
    for (version, meant) in [("3", json!(3)), ("latest", json!("latest"))] {
        let read = get
            .read_query(texts(&json!({ "version": version })))
            .unwrap();
        assert_eq!(read["version"], meant);
    }
    let create = named("POST /create-knowledge-base");
    let form = json!({
        "knowledge_base_name": "7",
        "enable_auto_refresh": "true",
        "knowledge_base_texts": r#"[{"title": "t", "text": "x"}]"#,
        "knowledge_base_urls": "https://example.com",
    });
    let meant = json!({
        "knowledge_base_name": "7",
        "enable_auto_refresh": true,
        "knowledge_base_texts": [{"title": "t", "text": "x"}],
        "knowledge_base_urls": ["https://example.com"],
    });
    assert_eq!(
        Value::Object(create.read_form(texts(&form)).unwrap()),
        meant
    );
    assert!(create.read_form(Map::new()).is_err());
}

#[test]
fn an_answer_is_checked_without_the_limits_of_requests() {
    let voices = named("GET /list-voices");
    let voice = json!({"voice_id": "v", "voice_name": "V", "provider": "openai", "gender": "male"});
    voices.check_answer(&json!([voice])).unwrap();
    let told = voices
        .check_answer(&json!([{"voice_id": "v"}]))
        .unwrap_err();
    assert!(told.path().starts_with("[0]."), "{told}");
    let delete = named("DELETE /delete-agent/{agent_id}");
    assert!(delete.check_answer(&Value::Null).is_ok() && delete.check_answer(&voice).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn samples_are_valid(seed: Vec<u8>) {
        for (name, operation) in operations() {
            let mut bytes = seed.iter().cycle();
            let mut choose = |below: usize| bytes.next().map_or(0, |&byte| usize::from(byte) % below);
            let body = operation.sample_request(&mut choose);
            let checked = operation.check_request(&body);
            prop_assert!(checked.is_ok(), "{name}: {checked:?} {body}");
        }
    }
}
