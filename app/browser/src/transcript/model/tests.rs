//! What the transcript model promises, by example and by property.

use std::collections::HashSet;

use api::live::{Item, ItemKind};
use proptest::prelude::*;

use super::*;

fn item(id: &str, time_ms: i64, kind: ItemKind) -> Item {
    Item {
        id: id.into(),
        time_ms,
        kind,
        words: Vec::new(),
    }
}

fn agent(id: &str, time_ms: i64, words: &str) -> Item {
    item(
        id,
        time_ms,
        ItemKind::Agent {
            content: words.into(),
        },
    )
}

fn user(id: &str, time_ms: i64, words: &str) -> Item {
    item(
        id,
        time_ms,
        ItemKind::User {
            content: words.into(),
        },
    )
}

fn invocation(id: &str, time_ms: i64, call: &str) -> Item {
    let kind = ItemKind::ToolCallInvocation {
        tool_call_id: call.into(),
        name: "book_appointment".into(),
        arguments: "{}".into(),
    };
    item(id, time_ms, kind)
}

fn result(id: &str, time_ms: i64, call: &str, content: &str) -> Item {
    let kind = ItemKind::ToolCallResult {
        tool_call_id: call.into(),
        content: content.into(),
        successful: Some(true),
    };
    item(id, time_ms, kind)
}

fn apply(model: &mut Model, item: Item) -> Vec<Change> {
    let mut changes = Vec::new();
    model.apply(item, 0, &mut changes);
    changes
}

fn ids(model: &Model) -> Vec<&str> {
    model.rows().map(|row| row.item.id.as_str()).collect()
}

fn texts(finished: &[Finished]) -> Vec<&str> {
    finished.iter().map(|f| f.text.as_str()).collect()
}

#[test]
fn an_item_replaces_the_one_of_the_same_id_in_its_place() {
    let mut model = Model::new(Audience::Visitor);
    apply(&mut model, agent("1", 0, "Hel"));
    apply(&mut model, user("2", 900, "Hi"));
    let key = model.keys()[0];
    let changes = apply(&mut model, agent("1", 0, "Hello there"));
    assert_eq!(changes, [Change::Changed { index: 0, key }]);
    assert_eq!(ids(&model), ["1", "2"]);
    assert_eq!(model.row(key).unwrap().item, agent("1", 0, "Hello there"));
}

#[test]
fn the_same_item_again_changes_nothing() {
    let mut model = Model::new(Audience::Visitor);
    apply(&mut model, agent("1", 0, "Hello"));
    assert_eq!(apply(&mut model, agent("1", 0, "Hello")), []);
}

#[test]
fn rows_of_the_same_time_stay_as_they_arrived() {
    let mut model = Model::new(Audience::Visitor);
    for id in ["b", "a", "c"] {
        apply(&mut model, agent(id, 500, "x"));
    }
    apply(&mut model, agent("b", 500, "longer"));
    apply(&mut model, agent("0", 100, "earlier"));
    assert_eq!(ids(&model), ["0", "b", "a", "c"]);
}

#[test]
fn an_item_whose_time_moves_takes_its_new_place() {
    let mut model = Model::new(Audience::Visitor);
    apply(&mut model, agent("1", 100, "one"));
    apply(&mut model, agent("2", 200, "two"));
    let changes = apply(&mut model, agent("1", 300, "one"));
    assert_eq!(ids(&model), ["2", "1"]);
    assert!(matches!(
        changes[..],
        [
            Change::Removed { index: 0, .. },
            Change::Inserted { index: 1, .. }
        ]
    ));
}

#[test]
fn visitors_do_not_see_how_the_agent_works() {
    let items = [
        agent("1", 0, "Let me look"),
        invocation("2", 10, "t"),
        result("3", 20, "t", "{}"),
        item(
            "4",
            30,
            ItemKind::NodeTransition {
                from: None,
                to: Some("Booking".into()),
            },
        ),
        item(
            "5",
            40,
            ItemKind::Injected {
                content: "VIP".into(),
            },
        ),
        item("6", 50, ItemKind::Dtmf { digit: "5".into() }),
    ];
    let mut visitor = Model::new(Audience::Visitor);
    let mut staff = Model::new(Audience::Staff);
    for item in items {
        apply(&mut visitor, item.clone());
        apply(&mut staff, item);
    }
    assert_eq!(ids(&visitor), ["1", "6"]);
    assert_eq!(ids(&staff), ["1", "2", "4", "5", "6"]);
}

#[test]
fn a_result_is_shown_with_its_invocation_whichever_comes_first() {
    let mut model = Model::new(Audience::Staff);
    apply(&mut model, invocation("1", 10, "early"));
    apply(&mut model, result("2", 20, "early", "a"));
    apply(&mut model, result("3", 40, "late", "b"));
    assert_eq!(ids(&model), ["1", "3"]);
    let changes = apply(&mut model, invocation("4", 30, "late"));
    assert!(matches!(
        changes[..],
        [
            Change::Removed { index: 1, .. },
            Change::Inserted { index: 1, .. }
        ]
    ));
    let results: Vec<_> = model
        .rows()
        .map(|row| row.result.as_ref().unwrap().id.as_str())
        .collect();
    assert_eq!((ids(&model), results), (vec!["1", "4"], vec!["2", "3"]));
}

#[test]
fn a_result_is_replaced_where_it_is_shown() {
    let mut model = Model::new(Audience::Staff);
    apply(&mut model, invocation("1", 10, "t"));
    apply(&mut model, result("2", 20, "t", "first"));
    let key = model.keys()[0];
    let changes = apply(&mut model, result("2", 20, "t", "second"));
    assert_eq!(changes, [Change::Changed { index: 0, key }]);
    assert_eq!(
        model.row(key).unwrap().result,
        Some(result("2", 20, "t", "second"))
    );
}

#[test]
fn a_snapshot_replaces_what_was_there_and_keeps_the_rows_that_stay() {
    let mut model = Model::new(Audience::Staff);
    for item in [
        agent("1", 0, "a"),
        invocation("2", 10, "t"),
        result("3", 20, "t", "x"),
    ] {
        apply(&mut model, item);
    }
    let key = model.keys()[0];
    let mut changes = Vec::new();
    let items = vec![
        agent("1", 0, "a"),
        result("3", 20, "t", "x"),
        user("9", 5, "new"),
    ];
    model.snapshot(items, 0, &mut changes);
    assert_eq!(ids(&model), ["1", "9", "3"]);
    assert_eq!(model.keys()[0], key);
    assert!(
        !changes
            .iter()
            .any(|change| matches!(change, Change::Changed { .. }))
    );
}

#[test]
fn the_row_at_a_moment_is_the_last_that_had_begun() {
    let mut model = Model::new(Audience::Visitor);
    apply(&mut model, agent("1", 1000, "a"));
    apply(&mut model, agent("2", 3000, "b"));
    let at = |ms| {
        model
            .at_time(ms)
            .and_then(|key| model.row(key))
            .map(|row| row.item.id.as_str())
    };
    assert_eq!(
        [at(999), at(1000), at(2999), at(9999)],
        [None, Some("1"), Some("1"), Some("2")]
    );
}

#[test]
fn an_utterance_is_finished_by_the_next_one() {
    let mut model = Model::new(Audience::Visitor);
    apply(&mut model, agent("1", 0, "Hello"));
    assert_eq!(model.take_finished(0, 1500), []);
    apply(&mut model, user("2", 900, "Hi"));
    let finished = model.take_finished(0, 1500);
    assert_eq!(
        finished,
        [Finished {
            source: Source::Voice(Speaker::Agent),
            text: "Hello".into()
        }]
    );
    assert_eq!(model.take_finished(0, 1500), []);
}

#[test]
fn an_utterance_is_finished_by_silence_and_what_it_grows_by_is_told_later() {
    let mut model = Model::new(Audience::Visitor);
    let mut changes = Vec::new();
    model.apply(agent("1", 0, "One moment"), 1000, &mut changes);
    assert_eq!(model.take_finished(2499, 1500), []);
    assert!(model.has_untold());
    assert_eq!(texts(&model.take_finished(2500, 1500)), ["One moment"]);
    assert!(!model.has_untold());
    model.apply(agent("1", 0, "One moment please"), 3000, &mut changes);
    assert_eq!(texts(&model.take_finished(9000, 1500)), ["please"]);
}

#[test]
fn what_nobody_says_aloud_is_told_as_what_it_is() {
    let mut model = Model::new(Audience::Visitor);
    apply(&mut model, user("1", 0, "Send it to me"));
    apply(
        &mut model,
        item("2", 900, ItemKind::Dtmf { digit: "4".into() }),
    );
    let content = "Your code: 7".into();
    apply(&mut model, item("3", 950, ItemKind::Sms { content }));
    let told: Vec<_> = model
        .take_finished(9000, 1500)
        .into_iter()
        .map(|it| (it.source, it.text))
        .collect();
    assert_eq!(
        told,
        [
            (Source::Voice(Speaker::User), "Send it to me".into()),
            (Source::Key, "4".into()),
            (Source::Message, "Your code: 7".into()),
        ]
    );
}

#[test]
fn a_correction_of_what_was_told_is_not_told_again() {
    let mut model = Model::new(Audience::Visitor);
    apply(&mut model, user("1", 0, "Too day"));
    assert_eq!(texts(&model.take_finished(9000, 1500)), ["Too day"]);
    apply(&mut model, user("1", 0, "Today"));
    assert_eq!(model.take_finished(19_000, 1500), []);
}

#[test]
fn the_end_of_the_call_finishes_everything_in_order() {
    let mut model = Model::new(Audience::Visitor);
    apply(&mut model, user("2", 900, "Bye"));
    apply(&mut model, agent("1", 0, "Goodbye"));
    model.end();
    assert_eq!(texts(&model.take_finished(0, 1500)), ["Goodbye", "Bye"]);
}

#[test]
fn history_is_read_and_not_announced_but_what_was_missed_is() {
    let mut model = Model::new(Audience::Visitor);
    let history = vec![
        agent("1", 0, "old"),
        user("2", 10, "older words"),
        agent("3", 20, "now"),
    ];
    model.snapshot(history.clone(), 0, &mut Vec::new());
    assert_eq!(texts(&model.take_finished(5000, 1500)), ["now"]);
    let mut later = history;
    later.extend([user("4", 30, "missed"), agent("5", 40, "latest")]);
    model.snapshot(later, 6000, &mut Vec::new());
    assert_eq!(texts(&model.take_finished(6000, 1500)), ["missed"]);
}

#[test]
fn debug_output_carries_no_words() {
    let mut model = Model::new(Audience::Visitor);
    apply(&mut model, user("1", 0, "my secret"));
    assert!(!format!("{model:?}").contains("secret"));
}

/// A plausible delta: an id always comes with the same time and shape, and
/// only its words change.
fn delta() -> impl Strategy<Value = Item> {
    (0u8..40, 0u8..6).prop_map(|(n, version)| {
        let id = n.to_string();
        let time_ms = i64::from(n) * 7 % 13 * 100;
        let words = "word ".repeat(usize::from(version));
        match n % 5 {
            0 | 1 => agent(&id, time_ms, &words),
            2 => user(&id, time_ms, &words),
            3 => invocation(&id, time_ms, &(n / 10).to_string()),
            _ => result(&id, time_ms, &(n / 10).to_string(), &words),
        }
    })
}

/// Any delta at all, also those that contradict what came before.
fn wild_delta() -> impl Strategy<Value = Item> {
    (0u8..12, 0i64..4, 0u8..6, 0u8..3).prop_map(|(n, time_ms, kind, call)| {
        let (id, call) = (n.to_string(), call.to_string());
        match kind {
            0 => agent(&id, time_ms, &call),
            1 => user(&id, time_ms, ""),
            2 => item(
                &id,
                time_ms,
                ItemKind::NodeTransition {
                    from: None,
                    to: None,
                },
            ),
            3 => invocation(&id, time_ms, &call),
            _ => result(&id, time_ms, &call, &id),
        }
    })
}

/// The rows by definition: last version of each id, sorted by time and first
/// arrival, each first result moved into the first invocation of its call.
fn by_definition(deltas: &[Item]) -> Vec<Row> {
    let mut latest: Vec<Item> = Vec::new();
    for delta in deltas {
        match latest.iter_mut().find(|item| item.id == delta.id) {
            Some(item) => *item = delta.clone(),
            None => latest.push(delta.clone()),
        }
    }
    let call_of = |item: &Item| match &item.kind {
        ItemKind::ToolCallInvocation { tool_call_id, .. }
        | ItemKind::ToolCallResult { tool_call_id, .. } => Some(tool_call_id.clone()),
        _ => None,
    };
    let is_result = |item: &Item| matches!(item.kind, ItemKind::ToolCallResult { .. });
    let mut rows: Vec<Row> = latest
        .iter()
        .map(|item| Row {
            item: item.clone(),
            result: None,
        })
        .collect();
    let mut shown_elsewhere = HashSet::new();
    for item in latest.iter().filter(|item| is_result(item)) {
        let owner = rows
            .iter_mut()
            .find(|row| !is_result(&row.item) && call_of(&row.item) == call_of(item));
        if let Some(owner) = owner
            && owner.result.is_none()
        {
            owner.result = Some(item.clone());
            shown_elsewhere.insert(item.id.clone());
        }
    }
    rows.retain(|row| !shown_elsewhere.contains(&row.item.id));
    rows.sort_by_key(|row| row.item.time_ms);
    rows
}

/// Follows the changes as a view does; every index must be right at its step.
fn follow(view: &mut Vec<RowKey>, changes: &[Change]) {
    for change in changes {
        match *change {
            Change::Inserted { index, key } => view.insert(index, key),
            Change::Changed { index, key } => assert_eq!(view[index], key),
            Change::Removed { index, key } => assert_eq!(view.remove(index), key),
        }
    }
}

proptest! {
    #[test]
    fn deltas_in_any_order_give_the_sorted_merge(deltas in prop::collection::vec(delta(), 0..120)) {
        let mut model = Model::new(Audience::Staff);
        for delta in &deltas {
            apply(&mut model, delta.clone());
        }
        let rows: Vec<Row> = model.rows().cloned().collect();
        prop_assert_eq!(rows, by_definition(&deltas));
    }

    #[test]
    fn following_the_changes_gives_the_rows(
        deltas in prop::collection::vec(wild_delta(), 0..80),
        snapshot in prop::collection::vec(wild_delta(), 0..12),
        more in prop::collection::vec(wild_delta(), 0..40),
    ) {
        let mut model = Model::new(Audience::Staff);
        let mut view = Vec::new();
        for delta in deltas {
            follow(&mut view, &apply(&mut model, delta));
            prop_assert_eq!(&view[..], model.keys());
        }
        let mut changes = Vec::new();
        model.snapshot(snapshot.clone(), 0, &mut changes);
        follow(&mut view, &changes);
        prop_assert_eq!(&view[..], model.keys());
        let shown = model.rows().map(|row| 1 + usize::from(row.result.is_some())).sum::<usize>();
        let known: HashSet<_> = snapshot.iter().map(|item| &item.id).collect();
        prop_assert_eq!(shown, known.len());
        for delta in more {
            follow(&mut view, &apply(&mut model, delta));
        }
        prop_assert_eq!(&view[..], model.keys());
        prop_assert!(model.rows().zip(model.rows().skip(1)).all(|(a, b)| a.item.time_ms <= b.item.time_ms));
        prop_assert!(model.keys().iter().all(|key| model.row(*key).is_some()));
    }

    #[test]
    fn every_word_is_told_once_and_in_full(cuts in prop::collection::vec((1usize..6, 0u64..3000), 1..20)) {
        let words = "äöü one two three four five six seven eight nine ten eleven";
        let letters: Vec<char> = words.chars().collect();
        let mut model = Model::new(Audience::Visitor);
        let (mut now, mut length, mut told) = (0, 0, String::new());
        for (more, pause) in cuts {
            length = (length + more).min(letters.len());
            let text: String = letters[..length].iter().collect();
            model.apply(agent("1", 0, &text), now, &mut Vec::new());
            now += pause;
            for finished in model.take_finished(now, 1500) {
                told.push_str(&finished.text);
            }
        }
        model.end();
        for finished in model.take_finished(now, 1500) {
            told.push_str(&finished.text);
        }
        let squeeze = |text: &str| text.replace(' ', "");
        let said: String = letters[..length].iter().collect();
        prop_assert_eq!(squeeze(&told), squeeze(&said));
    }
}
