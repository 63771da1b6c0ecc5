//! The store: versions, references and pages.

use serde_json::{Value, json};

use super::pages::page;
use super::{Fields, Store, kinds, seeded};

fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other}"),
    }
}

fn with_agent() -> (Store, String) {
    let mut store = seeded(1);
    let agent = json!({
        "response_engine": {"type": "retell-llm", "llm_id": "llm_test-short"},
        "voice_id": "retell-Cimo",
    });
    let agent = store.create(&kinds::AGENT, fields(agent), 1).unwrap();
    let id = agent["agent_id"].as_str().unwrap().to_owned();
    (store, id)
}

#[test]
fn a_version_is_named_by_number_by_word_or_by_tag() {
    let (mut store, id) = with_agent();
    let kind = &kinds::AGENT;
    let version = |store: &Store, reference: Value| {
        let fields = store.get(kind, &id, Some(&reference));
        fields.ok().and_then(|fields| fields["version"].as_u64())
    };
    assert_eq!(version(&store, json!("latest_published")), None);
    store.publish(kind, &id, 0, Fields::new(), 2).unwrap();
    store.create_version(kind, &id, 0, 3).unwrap();
    let tags = [(
        "prod".to_owned(),
        super::Tag {
            version: Some(0),
            ..Default::default()
        },
    )];
    store.set_tags(kind, &id, None, tags.into()).unwrap();
    for (reference, meant) in [
        (json!(0), Some(0)),
        (json!(1), Some(1)),
        (json!(2), None),
        (json!("latest"), Some(1)),
        (json!("latest_published"), Some(0)),
        (json!("prod"), Some(0)),
        (json!("not-assigned"), Some(1)),
        (json!("v1"), None),
        (json!("Prod"), None),
        (json!(-1), None),
        (json!(true), None),
    ] {
        assert_eq!(version(&store, reference.clone()), meant, "{reference}");
    }
    let published = store.update(kind, &id, Some(&json!(0)), None, Fields::new(), 4);
    assert!(published.is_err(), "what is published does not change");
}

#[test]
fn who_writes_second_is_told_so() {
    let (mut store, id) = with_agent();
    let kind = &kinds::AGENT;
    let read = format!("\"{}\"", store.revision(kind, &id).unwrap());
    let change = || fields(json!({"agent_name": "A"}));
    store
        .update(kind, &id, None, Some(&read), change(), 2)
        .unwrap();
    store
        .update(kind, &id, None, Some(&read), change(), 3)
        .unwrap_err();
    store
        .update(kind, &id, None, Some("*"), change(), 4)
        .unwrap();
}

#[test]
fn what_is_named_must_be_there_and_stays() {
    let (mut store, id) = with_agent();
    let engine = json!({"response_engine": {"type": "retell-llm", "llm_id": "llm_none"}});
    store
        .update(&kinds::AGENT, &id, None, None, fields(engine), 2)
        .unwrap_err();
    store
        .remove(&kinds::LLM, "llm_test-short", false)
        .unwrap_err();
    store.remove(&kinds::LLM, "llm_test-short", true).unwrap();
    store
        .remove(&kinds::LLM, "llm_test-short", true)
        .unwrap_err();
}

#[test]
fn a_pages_key_outlives_its_row_and_belongs_to_its_list() {
    let rows = |without: u64| -> Vec<(u64, Value)> {
        (0..5)
            .filter(|n| *n != without)
            .map(|n| (n, n.into()))
            .collect()
    };
    let first = page("list", rows(9), &fields(json!({"limit": 2}))).unwrap();
    assert_eq!(
        (&first["items"], &first["has_more"]),
        (&json!([4, 3]), &json!(true))
    );
    let key = &first["pagination_key"];
    let next = fields(json!({"limit": 2, "pagination_key": key}));
    for without in [3, 9] {
        let second = page("list", rows(without), &next).unwrap();
        assert_eq!(second["items"], json!([2, 1]));
    }
    page("other list", rows(9), &next).unwrap_err();
    page::<u64>(
        "list",
        rows(9),
        &fields(json!({"pagination_key": "nonsense"})),
    )
    .unwrap_err();
    page(
        "list",
        rows(9),
        &fields(json!({"pagination_key": key, "skip": 1})),
    )
    .unwrap_err();
    let rest = page(
        "list",
        rows(9),
        &fields(json!({"sort_order": "ascending", "skip": 4})),
    );
    assert_eq!(rest.unwrap(), json!({"items": [4], "has_more": false}));
}
