//! The filter grammar of list-calls against the protocol's literal JSON (G3).

#![expect(
    clippy::unwrap_used,
    reason = "a function that a test calls may fail the test"
)]

use proptest::prelude::*;
use retell::models::filter::{
    AgentVersions, CallFilter, Condition, Flag, KeyedFilter, NumberFilter, NumberOp, OneOf,
    Presence, TextFilter, TextOp, TextOrOneOf, ToolCallFilter,
};
use retell::models::{
    CallStatus, CallType, DataStorageSetting, Direction, DisconnectionReason, ListCalls, SortOrder,
    UserSentiment,
};
use serde_json::{Number, Value, json};

/// Every key of the grammar at once.
fn everything() -> (CallFilter, Value) {
    let keyed = |key: &str, condition| {
        vec![KeyedFilter {
            key: key.into(),
            condition,
        }]
    };
    let filter = CallFilter {
        agent: vec![
            AgentVersions {
                agent_id: "agent_a".into(),
                version: vec![1, 2],
            },
            AgentVersions {
                agent_id: "agent_b".into(),
                version: vec![],
            },
        ],
        agent_tag: Some(OneOf(vec!["prod".into()])),
        batch_call_id: Some(TextFilter::equal("batch_1")),
        call_id: Some(TextOrOneOf::OneOf(OneOf(vec![
            "call_1".into(),
            "call_2".into(),
        ]))),
        call_status: Some(OneOf(vec![CallStatus::Ended, CallStatus::Error])),
        call_successful: Some(Flag(true)),
        call_type: Some(OneOf(vec![CallType::WebCall])),
        combined_cost: Some(NumberFilter::Compare {
            op: NumberOp::Less,
            value: Number::from_f64(12.5).unwrap(),
        }),
        custom_analysis_data: keyed(
            "score",
            Condition::Number(NumberFilter::compare(NumberOp::GreaterOrEqual, 7)),
        ),
        custom_attributes: keyed("tier", Condition::OneOf(OneOf(vec!["gold".into()]))),
        data_storage_setting: Some(OneOf(vec![DataStorageSetting::EverythingExceptPii])),
        direction: Some(OneOf(vec![Direction::Inbound])),
        disconnection_reason: Some(OneOf(vec![
            DisconnectionReason::UserHangup,
            "brand_new_reason".into(),
        ])),
        duration_ms: Some(NumberFilter::between(1000, 60_000)),
        dynamic_variables: keyed("first_name", Condition::Presence(Presence::NotPresent)),
        e2e_latency_p50: Some(NumberFilter::compare(NumberOp::Greater, 900)),
        end_timestamp: Some(NumberFilter::compare(
            NumberOp::LessOrEqual,
            1_700_000_000_000_i64,
        )),
        from_number: Some(TextFilter {
            op: TextOp::StartsWith,
            value: "+49".into(),
        }),
        in_voicemail: Some(Flag(false)),
        metadata: keyed(
            "crm",
            Condition::Text(TextFilter {
                op: TextOp::Contains,
                value: "hub".into(),
            }),
        ),
        start_timestamp: Some(NumberFilter::between(
            1_699_000_000_000_i64,
            1_700_000_000_000_i64,
        )),
        to_number: Some(TextFilter {
            op: TextOp::EndsWith,
            value: "99".into(),
        }),
        tool_calls: vec![ToolCallFilter {
            name: Some("book appointment".into()),
            kind: Some("custom".into()),
            success: Some(Flag(true)),
            latency_ms: Some(NumberFilter::compare(NumberOp::NotEqual, 0)),
        }],
        user_sentiment: Some(OneOf(vec![UserSentiment::Positive, UserSentiment::Unknown])),
    };
    let literal = json!({
        "agent": [{"agent_id": "agent_a", "version": [1, 2]}, {"agent_id": "agent_b"}],
        "agent_tag": {"type": "enum", "op": "in", "value": ["prod"]},
        "batch_call_id": {"type": "string", "op": "eq", "value": "batch_1"},
        "call_id": {"type": "enum", "op": "in", "value": ["call_1", "call_2"]},
        "call_status": {"type": "enum", "op": "in", "value": ["ended", "error"]},
        "call_successful": {"type": "boolean", "op": "eq", "value": true},
        "call_type": {"type": "enum", "op": "in", "value": ["web_call"]},
        "combined_cost": {"type": "number", "op": "lt", "value": 12.5},
        "custom_analysis_data": [{"key": "score", "type": "number", "op": "ge", "value": 7}],
        "custom_attributes": [{"key": "tier", "type": "enum", "op": "in", "value": ["gold"]}],
        "data_storage_setting": {"type": "enum", "op": "in", "value": ["everything_except_pii"]},
        "direction": {"type": "enum", "op": "in", "value": ["inbound"]},
        "disconnection_reason":
            {"type": "enum", "op": "in", "value": ["user_hangup", "brand_new_reason"]},
        "duration_ms": {"type": "range", "op": "bt", "value": [1000, 60000]},
        "dynamic_variables": [{"key": "first_name", "type": "present", "op": "np"}],
        "e2e_latency_p50": {"type": "number", "op": "gt", "value": 900},
        "end_timestamp": {"type": "number", "op": "le", "value": 1_700_000_000_000_i64},
        "from_number": {"type": "string", "op": "sw", "value": "+49"},
        "in_voicemail": {"type": "boolean", "op": "eq", "value": false},
        "metadata": [{"key": "crm", "type": "string", "op": "co", "value": "hub"}],
        "start_timestamp":
            {"type": "range", "op": "bt", "value": [1_699_000_000_000_i64, 1_700_000_000_000_i64]},
        "to_number": {"type": "string", "op": "ew", "value": "99"},
        "tool_calls": [{
            "name": "book appointment",
            "type": "custom",
            "success": {"type": "boolean", "op": "eq", "value": true},
            "latency_ms": {"type": "number", "op": "ne", "value": 0}
        }],
        "user_sentiment": {"type": "enum", "op": "in", "value": ["Positive", "Unknown"]}
    });
    (filter, literal)
}

#[test]
fn every_key_is_written_and_read_as_the_protocol_says() {
    let (filter, literal) = everything();
    assert_eq!(serde_json::to_value(&filter).unwrap(), literal);
    assert_eq!(
        serde_json::from_value::<CallFilter>(literal).unwrap(),
        filter
    );
}

#[test]
fn a_query_writes_only_what_was_given() {
    assert_eq!(
        serde_json::to_value(ListCalls::default()).unwrap(),
        json!({})
    );
    let query = ListCalls {
        filter_criteria: Some(CallFilter {
            call_id: Some(TextOrOneOf::Text(TextFilter::equal("call_1"))),
            ..CallFilter::default()
        }),
        sort_order: Some(SortOrder::Descending),
        limit: Some(20),
        pagination_key: Some("next".into()),
        skip: Some(0),
        include_total: Some(true),
    };
    let literal = json!({
        "filter_criteria": {"call_id": {"type": "string", "op": "eq", "value": "call_1"}},
        "sort_order": "descending",
        "limit": 20,
        "pagination_key": "next",
        "skip": 0,
        "include_total": true
    });
    assert_eq!(serde_json::to_value(&query).unwrap(), literal);
    assert_eq!(serde_json::from_value::<ListCalls>(literal).unwrap(), query);
}

#[test]
fn conditions_of_another_kind_or_spelling_are_refused() {
    let refused = [
        json!({"from_number": {"type": "number", "op": "eq", "value": 1}}),
        json!({"from_number": {"type": "string", "op": "gt", "value": "a"}}),
        json!({"duration_ms": {"type": "string", "op": "eq", "value": "1"}}),
        json!({"duration_ms": {"type": "number", "op": "bt", "value": 1}}),
        json!({"duration_ms": {"type": "range", "op": "bt", "value": [1]}}),
        json!({"duration_ms": {"type": "range", "op": "bt", "value": [1, 2, 3]}}),
        json!({"duration_ms": {"op": "eq", "value": 1}}),
        json!({"call_status": {"type": "enum", "op": "eq", "value": ["ended"]}}),
        json!({"call_status": {"type": "enum", "op": "in", "value": "ended"}}),
        json!({"call_status": {"type": "string", "op": "eq", "value": "ended"}}),
        json!({"in_voicemail": {"type": "boolean", "op": "ne", "value": true}}),
        json!({"in_voicemail": {"type": "boolean", "op": "eq", "value": "true"}}),
        json!({"metadata": [{"type": "string", "op": "eq", "value": "no key"}]}),
        json!({"metadata": [{"key": "k", "type": "present", "op": "in"}]}),
        json!({"agent": [{"version": [1]}]}),
    ];
    for filter in refused {
        assert!(
            serde_json::from_value::<CallFilter>(filter.clone()).is_err(),
            "{filter}"
        );
    }
}

#[test]
fn conditions_hold_for_the_values_they_name() {
    let holds = |condition: Value, value: Option<Value>| {
        serde_json::from_value::<Condition>(condition)
            .unwrap()
            .holds(value.as_ref())
    };
    let text = |op: &str, value: &str| {
        holds(
            json!({"type": "string", "op": op, "value": "ell"}),
            Some(json!(value)),
        )
    };
    let table = [
        ("eq", "ell"),
        ("sw", "ellipse"),
        ("ew", "bell"),
        ("co", "hello"),
        ("ne", "x"),
    ];
    for (op, value) in table {
        assert!(text(op, value), "{op} {value}");
    }
    assert!(
        !text("eq", "ELL") && !text("sw", "hell") && !text("ew", "hello") && !text("ne", "ell")
    );

    let number = |op: &str, value: f64| {
        holds(
            json!({"type": "number", "op": op, "value": 5}),
            Some(json!(value)),
        )
    };
    for (op, below, equal, above) in [
        ("eq", false, true, false),
        ("ne", true, false, true),
        ("gt", false, false, true),
        ("ge", false, true, true),
        ("lt", true, false, false),
        ("le", true, true, false),
    ] {
        assert_eq!(
            [number(op, 4.9), number(op, 5.0), number(op, 5.1)],
            [below, equal, above]
        );
    }

    let range = |value| {
        holds(
            json!({"type": "range", "op": "bt", "value": [1, 2.5]}),
            Some(json!(value)),
        )
    };
    assert_eq!(
        [range(0.9), range(1.0), range(2.5), range(2.6)],
        [false, true, true, false]
    );

    let one_of = json!({"type": "enum", "op": "in", "value": ["a", "b"]});
    assert!(holds(one_of.clone(), Some(json!("b"))) && !holds(one_of.clone(), Some(json!("c"))));
    let flag = json!({"type": "boolean", "op": "eq", "value": false});
    assert!(holds(flag.clone(), Some(json!(false))) && !holds(flag.clone(), Some(json!(true))));

    let present = json!({"type": "present", "op": "pr"});
    let absent = json!({"type": "present", "op": "np"});
    for nothing in [None, Some(Value::Null)] {
        assert!(!holds(present.clone(), nothing.clone()) && holds(absent.clone(), nothing.clone()));
        assert!(!holds(one_of.clone(), nothing.clone()) && !holds(flag.clone(), nothing.clone()));
        assert!(holds(
            json!({"type": "string", "op": "ne", "value": "a"}),
            nothing.clone()
        ));
        assert!(!holds(
            json!({"type": "string", "op": "co", "value": ""}),
            nothing.clone()
        ));
        assert!(!holds(
            json!({"type": "number", "op": "lt", "value": 5}),
            nothing
        ));
    }
    assert!(holds(present, Some(json!(0))) && !holds(absent, Some(json!(0))));
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let text_op = prop::sample::select(vec![
        TextOp::Equal,
        TextOp::NotEqual,
        TextOp::StartsWith,
        TextOp::EndsWith,
        TextOp::Contains,
    ]);
    let number_op = prop::sample::select(vec![
        NumberOp::Equal,
        NumberOp::NotEqual,
        NumberOp::Greater,
        NumberOp::GreaterOrEqual,
        NumberOp::Less,
        NumberOp::LessOrEqual,
    ]);
    prop_oneof![
        (text_op, ".*").prop_map(|(op, value)| Condition::Text(TextFilter { op, value })),
        (number_op, any::<i64>())
            .prop_map(|(op, value)| Condition::Number(NumberFilter::compare(op, value))),
        any::<(i64, i64)>()
            .prop_map(|(low, high)| Condition::Number(NumberFilter::between(low, high))),
        proptest::collection::vec(".*", 0..4).prop_map(|values| Condition::OneOf(OneOf(values))),
        any::<bool>().prop_map(|value| Condition::Flag(Flag(value))),
        prop::sample::select(vec![Presence::Present, Presence::NotPresent])
            .prop_map(Condition::Presence),
    ]
}

proptest! {
    #[test]
    fn any_keyed_condition_comes_back_as_it_went(key in ".*", condition in any_condition()) {
        let filter = KeyedFilter { key, condition };
        let text = serde_json::to_string(&filter).unwrap();
        prop_assert_eq!(serde_json::from_str::<KeyedFilter>(&text).unwrap(), filter);
    }

    #[test]
    fn a_number_meets_a_comparison_or_its_opposite(value in any::<i32>(), number in any::<i32>()) {
        let holds = |op| NumberFilter::compare(op, value).holds(number.into());
        prop_assert_ne!(holds(NumberOp::Equal), holds(NumberOp::NotEqual));
        prop_assert_ne!(holds(NumberOp::Less), holds(NumberOp::GreaterOrEqual));
        prop_assert_ne!(holds(NumberOp::Greater), holds(NumberOp::LessOrEqual));
    }
}
