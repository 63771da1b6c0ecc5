//! The filters of the call list, on SQLite and on PostgreSQL: against the same
//! question asked of every call, in every combination chance finds.

use api::calls::{CallQuery, CallState};
use api::desk::CallSummary;
use api::warnings::{CallWarning, Severity};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use server::calls::{CallCursor, CallFilter, Claiming, Observation, TakenFrom};
use server::config::Healing;
use server::deeds::Author;
use server::store::{Store, Tenant};

use crate::support::{Scratch, key};

const NOW: i64 = 1_790_000_000_000;
const MINUTE: i64 = 60_000;
/// More than are looked at for a page.
const MANY: usize = 2_300;

/// What a call was like, in the terms of Retell's events.
fn call(index: usize) -> (Value, bool) {
    let pick = |values: &[&'static str], stride: usize| values[index / stride % values.len()];
    let kind = pick(&["web", "inbound", "outbound"], 1);
    let numbers = ["+4930123456", "+34911223344", "+4989123456"];
    let mut call = json!({
        "call_id": format!("call_{index:05}"),
        "call_type": if kind == "web" { "web_call" } else { "phone_call" },
        "agent_id": pick(&["agent_1", "agent_2"], 2),
        "start_timestamp": NOW + index as i64 / 2 * MINUTE,
    });
    if kind == "web" {
        call["metadata"] = json!({"switchboard_key": "pk_open"});
    } else {
        let (ours, theirs) = ("+4930555000", pick(&numbers, 3));
        call["direction"] = json!(kind);
        call["from_number"] = json!(if kind == "inbound" { theirs } else { ours });
        call["to_number"] = json!(if kind == "inbound" { ours } else { theirs });
    }
    let over = !index.is_multiple_of(9);
    if over {
        let lasted = (index % 7) as i64 * MINUTE;
        let reason = pick(
            &["user_hangup", "agent_hangup", "dial_busy", "error_asr"],
            5,
        );
        call["disconnection_reason"] = json!(reason);
        call["end_timestamp"] = json!(call["start_timestamp"].as_i64().unwrap() + lasted);
        call["duration_ms"] = json!(lasted);
        if !index.is_multiple_of(4) {
            call["recording_url"] = json!("https://example.com/a.wav");
            call["call_analysis"] = json!({
                "user_sentiment": pick(&["Positive", "Neutral", "Negative"], 7),
                "call_successful": index % 8 < 5,
            });
        }
    }
    (call, over)
}

async fn observe(store: &Store, tenant: &Tenant, event: &str, call: Value) {
    let call: Map<String, Value> = call.as_object().unwrap().clone();
    let seen = Observation::from_event(event, call, NOW).unwrap();
    store
        .calls()
        .observe(tenant, &seen, NOW, &Healing::default())
        .await
        .unwrap();
}

/// Some are somebody's, some are to be looked at, of some people were warned, and some are several.
async fn mark(store: &Store, tenant: &Tenant, id: &str, index: usize) {
    let (calls, author) = (store.calls(), Author::operator());
    if index % 5 == 2 {
        let who = (
            if index.is_multiple_of(2) {
                "user_1"
            } else {
                "user_2"
            },
            "Robin",
        );
        let claimed = calls
            .claim(tenant, id, who, TakenFrom::Nobody, &author, NOW)
            .await;
        assert_eq!(claimed.unwrap(), Claiming::Theirs);
    }
    if index % 6 == 1 {
        assert!(calls.flag(tenant, id, None, &author, NOW).await.unwrap());
    }
    if index % 11 == 3 {
        let warning = CallWarning {
            rule_id: "rule_1".into(),
            name: "Asks for a human".into(),
            severity: Severity::Low,
            time_ms: 0,
            at: NOW,
        };
        assert!(calls.warn(tenant, id, &warning).await.unwrap());
    }
}

async fn seed(store: &Store, count: usize) -> (Tenant, Tenant) {
    let mut tenants = Vec::new();
    for (id, count) in [("one", count), ("two", 3)] {
        let tenant = store
            .tenants()
            .upsert(id, id, "Europe/Berlin", NOW)
            .await
            .unwrap();
        for index in 0..count {
            let (mut call, over) = call(index);
            call["call_id"] = json!(format!("{id}_{index:05}"));
            let event = if over {
                "call_analyzed"
            } else {
                "call_started"
            };
            observe(store, &tenant, event, call).await;
            mark(store, &tenant, &format!("{id}_{index:05}"), index).await;
        }
        tenants.push(tenant);
    }
    let two = tenants.pop().unwrap();
    (tenants.pop().unwrap(), two)
}

fn filter(query: &CallQuery) -> CallFilter {
    CallFilter::of(query, "Europe/Berlin").unwrap()
}

/// Every page, as a browser turns them.
async fn all(store: &Store, tenant: &Tenant, query: &CallQuery, limit: u32) -> Vec<CallSummary> {
    let filter = filter(query);
    let mut calls = Vec::new();
    let mut after: Option<CallCursor> = None;
    loop {
        let page = store
            .calls()
            .page(tenant, &filter, after.as_ref(), limit)
            .await
            .unwrap();
        assert!(page.calls.len() <= limit as usize, "{query:?}");
        let short = page.calls.len() < limit as usize && page.next.is_some();
        assert_eq!(page.searched_to.is_some(), short, "{query:?}");
        calls.extend(page.calls);
        match page.next {
            // As it travels through a browser.
            Some(next) => after = Some(next.to_string().parse().unwrap()),
            None => return calls,
        }
    }
}

/// The business's day, told by another way than the server's.
fn day(ms: i64) -> String {
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
    let moment = jiff::Timestamp::from_millisecond(ms).unwrap();
    moment.to_zoned(zone).strftime("%Y-%m-%d").to_string()
}

fn queries() -> impl Strategy<Value = CallQuery> {
    let choice = |name: &'static str, values: &'static [&'static str]| {
        // Mostly few filters, now and then many.
        prop::option::weighted(0.25, prop::sample::select(values))
            .prop_map(move |value| (name, value))
    };
    [
        choice("status", &["live", "ended", "not_connected", "error"]),
        choice("call_type", &["web_call", "phone_call", "pigeon"]),
        choice("direction", &["inbound", "outbound"]),
        choice("agent_id", &["agent_1", "agent_2", "agent_3"]),
        choice("public_key_id", &["pk_open", "pk_other"]),
        choice("number", &["+4930123456", "3456", "89123456", "5000"]),
        choice("disconnection_reason", &["user_hangup", "error_asr"]),
        choice("user_sentiment", &["Positive", "Negative"]),
        choice("successful", &["true", "false"]),
        choice("has_recording", &["true", "false"]),
        choice("claimed_by", &["user_1", "user_2", "user_3"]),
        choice("flagged", &["true", "false"]),
        choice("warned", &["true", "false"]),
        choice("from", &["2026-09-21", "2026-09-22"]),
        choice("until", &["2026-09-21", "2026-09-22"]),
        choice("min_duration_s", &["60", "240"]),
        choice("max_duration_s", &["60", "240"]),
    ]
    .to_vec()
    .prop_map(|pairs| {
        let mut query = CallQuery::default();
        for (name, value) in pairs {
            if let Some(value) = value {
                query.set(name, value);
            }
        }
        query
    })
}

#[tokio::test]
async fn any_filters_give_what_passes_them_in_the_order_of_the_list() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (one, _) = seed(&store, 120).await;
        let every = all(&store, &one, &CallQuery::default(), 200).await;
        assert_eq!(every.len(), 120);
        let mut runner = TestRunner::default();
        let mut found = 0;
        for _ in 0..150 {
            let query = queries().new_tree(&mut runner).unwrap().current();
            let expected: Vec<&CallSummary> = every
                .iter()
                .filter(|call| query.matches(call, day, |_| None))
                .collect();
            found += expected.len();
            for limit in [3, 200] {
                let got = all(&store, &one, &query, limit).await;
                assert_eq!(
                    got.iter().collect::<Vec<_>>(),
                    expected,
                    "{query:?} in pages of {limit}"
                );
            }
        }
        assert!(found > 0, "no query found anything");
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn what_is_rare_in_two_ways_is_found_page_by_page() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (one, _) = seed(&store, MANY).await;
        // Either is common, and none is both: web calls have no number.
        let none = CallQuery {
            call_type: Some("web_call".into()),
            direction: Some("inbound".into()),
            ..CallQuery::default()
        };
        assert_eq!(all(&store, &one, &none, 50).await, []);
        // The list itself is walked: no index knows durations.
        let long = CallQuery {
            min_duration_s: Some(360),
            status: None,
            ..CallQuery::default()
        };
        let page = store
            .calls()
            .page(&one, &filter(&long), None, 100)
            .await
            .unwrap();
        assert!(page.calls.len() == 100 && page.searched_to.is_none());
        let short = store
            .calls()
            .page(
                &one,
                &filter(&CallQuery {
                    min_duration_s: Some(3_600),
                    ..CallQuery::default()
                }),
                None,
                200,
            )
            .await
            .unwrap();
        assert!(short.calls.is_empty() && short.next.is_some());
        assert!(short.searched_to.is_some_and(|searched| searched > NOW));
        store.close().await;
        scratch.remove().await;
    }
}

#[tokio::test]
async fn the_choices_are_the_tenants_own() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let (one, two) = seed(&store, 20).await;
        store
            .agents()
            .assign(&one, "agent_2", "Ada", &Author::operator(), NOW)
            .await
            .unwrap();
        store
            .agents()
            .assign(&two, "agent_9", "Nora", &Author::operator(), NOW)
            .await
            .unwrap();
        store
            .public_keys()
            .upsert(&one, &key("pk_open"), NOW)
            .await
            .unwrap();
        let choices = store.calls().choices(&one).await.unwrap();
        let pairs = |choices: &[api::calls::CallChoice]| -> Vec<(String, String)> {
            choices
                .iter()
                .map(|choice| (choice.id.clone(), choice.name.clone()))
                .collect()
        };
        assert_eq!(
            pairs(&choices.agents),
            [
                ("agent_2".into(), "Ada".into()),
                ("agent_1".into(), "agent_1".into())
            ]
        );
        assert_eq!(
            pairs(&choices.public_keys),
            [("pk_open".into(), "Sunrise Dental".into())]
        );
        let foreign = all(&store, &two, &CallQuery::default(), 10).await;
        assert!(foreign.iter().all(|call| call.id.starts_with("two_")));
        let live = CallQuery {
            status: Some(CallState::Live),
            ..CallQuery::default()
        };
        assert_eq!(all(&store, &two, &live, 10).await.len(), 1);
        store.close().await;
        scratch.remove().await;
    }
}
