//! The life of every kind of resource, with bodies made from the shapes of the
//! operations. Every answer is checked by its shape in the emulator itself,
//! which answers 500 where one is wrong.

use http::Method;
use proptest::prelude::*;
use retell_spec::operation;
use serde_json::{Value, json};

use crate::support::Bench;

/// The kinds as their operations name them, how they are listed, and what is
/// answered for one that is not there.
const KINDS: [(&str, &str, u16); 9] = [
    ("agent", "POST /v2/list-agents", 422),
    ("chat-agent", "POST /v2/list-agents", 422),
    ("retell-llm", "GET /v2/list-retell-llms", 422),
    ("conversation-flow", "GET /v2/list-conversation-flows", 404),
    (
        "conversation-flow-component",
        "GET /v2/list-conversation-flow-components",
        404,
    ),
    ("phone-number", "GET /v2/list-phone-numbers", 422),
    ("contact", "POST /list-contacts", 404),
    ("app", "GET /list-apps", 404),
    (
        "test-case-definition",
        "GET /v2/list-test-case-definitions?type=retell-llm&llm_id=llm_test-short",
        404,
    ),
];

/// Names what is there where a body names something, and keeps the rules that
/// no shape tells.
fn with_real_names(body: &mut Value, number: u32) {
    match body {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| with_real_names(item, number)),
        Value::Object(fields) => {
            for name in ["knowledge_base_ids", "fallback_number"] {
                fields.remove(name);
            }
            for name in ["inbound_sms_agents", "outbound_sms_agents"] {
                fields.remove(name);
            }
            for (name, value) in fields.iter_mut() {
                let is_list = value.is_array();
                match name.as_str() {
                    "response_engine" => {
                        *value = json!({"type": "retell-llm", "llm_id": "llm_test-short"});
                    }
                    "voice_id" => *value = "retell-Cimo".into(),
                    "agent_id" => *value = "agent_test_short".into(),
                    "agent_version" => *value = 0.into(),
                    "area_code" => *value = 415.into(),
                    "phone_number" => *value = format!("+1415555{number:04}").into(),
                    "inbound_agents" | "outbound_agents" if is_list => {
                        *value = json!([{"agent_id": "agent_test_short", "weight": 1}]);
                    }
                    "general_tools" | "tools" => {
                        value
                            .as_array_mut()
                            .into_iter()
                            .for_each(|it| it.truncate(1));
                        with_real_names(value, number);
                    }
                    "url" => *value = "https://shop.example".into(),
                    "timeout_ms" => *value = 1_000.into(),
                    _ => with_real_names(value, number),
                }
            }
        }
        _ => {}
    }
}

/// A body of an operation, made of random bytes.
fn body(name: &str, seed: &[u8], number: u32) -> Value {
    let mut bytes = seed.iter().cycle();
    let mut choose = |below: usize| bytes.next().map_or(0, |&byte| usize::from(byte) % below);
    let operation = operation(name).unwrap_or_else(|| panic!("{name}"));
    let mut body = operation.sample_request(&mut choose);
    with_real_names(&mut body, number);
    body
}

async fn live(bench: &Bench, seed: &[u8], number: u32) {
    for (kind, list, missing) in KINDS {
        let create = body(&format!("POST /create-{kind}"), seed, number);
        let (status, made) = bench.post(&format!("/create-{kind}"), create.clone()).await;
        assert_eq!(status, 201, "{kind} {create}: {made}");
        let id = id_of(kind, &made);
        let one = format!("/get-{kind}/{id}");
        let (status, found) = bench.get(&one).await;
        assert_eq!((status, &found), (200, &made), "{kind}");

        let (method, path) = list.split_once(' ').unwrap();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let (status, page) = bench.request(method, path, json!({})).await;
        assert_eq!(status, 200, "{kind}: {page}");
        assert_eq!(
            id_of(kind, &page["items"][0]),
            id,
            "{kind}: the newest comes first"
        );

        let (method, parameter) = match kind {
            "test-case-definition" => (Method::PUT, "test_case_definition_id".to_owned()),
            "chat-agent" => (Method::PATCH, "agent_id".to_owned()),
            "retell-llm" => (Method::PATCH, "llm_id".to_owned()),
            _ if kind.ends_with("number") => (Method::PATCH, "phone_number".to_owned()),
            _ => (Method::PATCH, format!("{}_id", kind.replace('-', "_"))),
        };
        let name = format!("{method} /update-{kind}/{{{parameter}}}");
        let change = body(&name, seed, number);
        let path = format!("/update-{kind}/{id}");
        let (status, changed) = bench.request(method, &path, change).await;
        assert_eq!(status, 200, "{kind}: {changed}");
        assert_eq!(id_of(kind, &changed), id);

        if kind.ends_with("agent") {
            versions(bench, kind, &id).await;
        }
        let delete = format!("/delete-{kind}/{id}");
        let gone = bench.request(Method::DELETE, &delete, Value::Null).await;
        assert_eq!(gone, (204, Value::Null), "{kind}");
        assert_eq!(bench.get(&one).await.0, missing, "{kind}");
        let again = bench.request(Method::DELETE, &delete, Value::Null).await.0;
        assert_eq!(again, missing, "{kind}");
    }
}

/// Draft, publish, and go on with the next.
async fn versions(bench: &Bench, kind: &str, id: &str) {
    let made = bench
        .post(
            &format!("/create-agent-version/{id}"),
            json!({"base_version": 0}),
        )
        .await;
    assert_eq!((made.0, &made.1["version"]), (201, &json!(1)), "{kind}");
    let publish = format!("/publish-agent-version/{id}");
    assert_eq!(
        bench.post(&publish, json!({"version": 0})).await,
        (200, Value::Null)
    );
    let path = format!("/update-{kind}/{id}?version=0");
    let published = bench
        .request(Method::PATCH, &path, json!({"agent_name": "A"}))
        .await;
    assert_eq!(published.0, 400, "what is published does not change");
    let (_, found) = bench
        .get(&format!("/get-{kind}/{id}?version=latest_published"))
        .await;
    assert_eq!(
        (&found["version"], &found["is_published"]),
        (&json!(0), &json!(true))
    );
    let (_, page) = bench.get(&format!("/list-agent-versions/{id}")).await;
    assert_eq!(
        (
            &page["items"][0]["version"],
            &page["items"][1]["is_published"]
        ),
        (&json!(1), &json!(true))
    );
    assert_eq!(
        bench.get(&format!("/get-{kind}/{id}?version=7")).await.0,
        422
    );
    let draft = format!("/delete-agent-version/{id}?version=1");
    assert_eq!(
        bench.request(Method::DELETE, &draft, Value::Null).await.0,
        204
    );
}

fn id_of(kind: &str, resource: &Value) -> String {
    let names = match kind {
        "chat-agent" => "agent_id".to_owned(),
        "retell-llm" => "llm_id".to_owned(),
        "phone-number" => "phone_number".to_owned(),
        _ => format!("{}_id", kind.replace('-', "_")),
    };
    let id = resource[&names].as_str();
    id.unwrap_or_else(|| panic!("{kind}: {resource}"))
        .to_owned()
}

#[test]
fn every_kind_is_made_shown_listed_changed_and_deleted() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let bench = runtime.block_on(Bench::start());
    let number = std::cell::Cell::new(0);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(12)
    });
    let seeds = proptest::collection::vec(any::<u8>(), 1..64);
    runner
        .run(&seeds, |seed| {
            number.set(number.get() + 1);
            runtime.block_on(live(&bench, &seed, number.get()));
            Ok(())
        })
        .unwrap();
}
