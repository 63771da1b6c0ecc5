//! What every reader of a call's log can rely on.

use api::live::{ItemKind, Items};
use proptest::prelude::*;

use super::*;

const EPOCH: u64 = 0xbeef;

fn said(id: &str, content: &str) -> Item {
    Item {
        id: id.into(),
        time_ms: 0,
        kind: ItemKind::Agent {
            content: content.into(),
        },
        words: Vec::new(),
    }
}

fn tool(id: &str, content: &str) -> Item {
    let kind = ItemKind::ToolCallResult {
        tool_call_id: id.into(),
        content: content.into(),
        successful: Some(true),
    };
    Item {
        id: id.into(),
        time_ms: 0,
        kind,
        words: Vec::new(),
    }
}

fn injected(id: &str) -> Item {
    Item {
        id: id.into(),
        time_ms: 0,
        kind: ItemKind::Injected {
            content: "a whisper".into(),
        },
        words: Vec::new(),
    }
}

fn items(frame: &Frame) -> Vec<Item> {
    serde_json::from_str::<Items>(&frame.data).unwrap().items
}

fn drain(reader: &mut Reader, log: &CallLog) -> Vec<Frame> {
    std::iter::from_fn(|| reader.next(log)).collect()
}

/// What a browser does with the events: the model all properties are stated in.
#[derive(Debug, Default, Clone)]
struct Browser {
    items: Vec<Item>,
    last_event_id: Option<String>,
}

impl Browser {
    fn take(&mut self, frame: &Frame) {
        match frame.event {
            event::SNAPSHOT => self.items = items(frame),
            event::ITEMS => {
                for item in items(frame) {
                    match self.items.iter_mut().find(|known| known.id == item.id) {
                        Some(known) => *known = item,
                        None => self.items.push(item),
                    }
                }
            }
            _ => {}
        }
        if frame.id.is_some() {
            self.last_event_id.clone_from(&frame.id);
        }
    }
}

#[test]
fn a_new_reader_waits_for_the_first_data_and_gets_a_snapshot() {
    let mut log = CallLog::new(EPOCH);
    let mut reader = Reader::new(Audience::Visitor, None, &log);
    assert_eq!(reader.next(&log), None);
    assert!(log.apply(&[]));
    let frames = drain(&mut reader, &log);
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].event, event::SNAPSHOT);
    assert_eq!(frames[0].data, r#"{"items":[]}"#);
    assert_eq!(frames[0].id.as_deref(), Some("beef-0"));
}

#[test]
fn an_item_that_changed_often_is_sent_once_with_its_newest_text() {
    let mut log = CallLog::new(EPOCH);
    log.apply(&[]);
    let mut reader = Reader::new(Audience::Visitor, None, &log);
    drain(&mut reader, &log);
    for text in ["He", "Hello", "Hello there"] {
        log.apply(&[said("a", text)]);
    }
    let frames = drain(&mut reader, &log);
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].event, event::ITEMS);
    assert_eq!(frames[0].id.as_deref(), Some("beef-3"));
    assert_eq!(items(&frames[0]), [said("a", "Hello there")]);
}

#[test]
fn what_did_not_change_is_no_news() {
    let mut log = CallLog::new(EPOCH);
    assert!(log.apply(&[said("a", "Hello")]));
    let mut reader = Reader::new(Audience::Staff, None, &log);
    drain(&mut reader, &log);
    assert!(!log.apply(&[said("a", "Hello")]));
    assert_eq!(reader.next(&log), None);
}

#[test]
fn visitors_see_what_was_said_and_of_functions_only_the_names() {
    let mut log = CallLog::new(EPOCH);
    log.apply(&[said("a", "One moment"), tool("b", "{}")]);
    let mut visitor = Reader::new(Audience::Visitor, None, &log);
    let mut staff = Reader::new(Audience::Staff, None, &log);
    assert_eq!(
        items(&drain(&mut visitor, &log)[0]),
        [said("a", "One moment"), tool("b", "")]
    );
    assert_eq!(
        items(&drain(&mut staff, &log)[0]),
        [said("a", "One moment"), tool("b", "{}")]
    );
    log.apply(&[injected("c")]);
    assert_eq!(drain(&mut visitor, &log), []);
    assert_eq!(drain(&mut staff, &log).len(), 1);
}

#[test]
fn a_reader_away_longer_than_the_ring_gets_a_snapshot() {
    let mut log = CallLog::new(EPOCH);
    for n in 0..=RING {
        log.apply(&[said(&format!("item {n}"), "text")]);
    }
    let mut within = Reader::new(Audience::Staff, Some("beef-1"), &log);
    let frames = drain(&mut within, &log);
    assert_eq!(frames[0].event, event::ITEMS);
    assert_eq!(items(&frames[0]).len(), RING);
    let mut beyond = Reader::new(Audience::Staff, Some("beef-0"), &log);
    let frames = drain(&mut beyond, &log);
    assert_eq!(frames[0].event, event::SNAPSHOT);
    assert_eq!(items(&frames[0]).len(), RING + 1);
}

#[test]
fn ids_that_are_not_ours_mean_a_snapshot() {
    let mut log = CallLog::new(EPOCH);
    log.apply(&[said("a", "Hello")]);
    for id in [
        "dead-1",
        "beef-2",
        "beef--1",
        "beef",
        "",
        "ended",
        "-",
        "beef-18446744073709551616",
    ] {
        let mut reader = Reader::new(Audience::Visitor, Some(id), &log);
        assert_eq!(drain(&mut reader, &log)[0].event, event::SNAPSHOT, "{id:?}");
    }
    let mut reader = Reader::new(Audience::Visitor, Some("beef-1"), &log);
    assert_eq!(drain(&mut reader, &log), []);
}

#[test]
fn the_end_comes_last_and_once() {
    let mut log = CallLog::new(EPOCH);
    log.apply(&[said("a", "Goodbye")]);
    let mut reader = Reader::new(Audience::Visitor, None, &log);
    assert!(log.end(None));
    assert!(!log.end(Some("agent_hangup".into())));
    let frames = drain(&mut reader, &log);
    let events: Vec<_> = frames.iter().map(|frame| frame.event).collect();
    assert_eq!(events, [event::SNAPSHOT, event::ENDED]);
    assert_eq!(frames[1].data, r#"{"reason":"agent_hangup"}"#);
    assert_eq!(frames[1].id.as_deref(), Some(ENDED_ID));
    assert!(reader.is_finished());
    assert_eq!(reader.next(&log), None);
}

#[test]
fn a_call_that_ends_before_any_data_just_ends() {
    let mut log = CallLog::new(EPOCH);
    let mut reader = Reader::new(Audience::Visitor, None, &log);
    log.end(Some("error_user_not_joined".into()));
    let frames = drain(&mut reader, &log);
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].event, event::ENDED);
}

#[test]
fn each_reader_hears_once_that_the_transcript_is_unavailable() {
    let mut log = CallLog::new(EPOCH);
    let mut early = Reader::new(Audience::Visitor, None, &log);
    assert!(log.unavailable("monitor-refused"));
    assert!(!log.unavailable("monitor-refused"));
    let mut late = Reader::new(Audience::Visitor, None, &log);
    for reader in [&mut early, &mut late] {
        let frames = drain(reader, &log);
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].event, event::UNAVAILABLE);
        assert_eq!(frames[0].data, r#"{"problem":"monitor-refused"}"#);
        assert_eq!(frames[0].id, None);
    }
    log.apply(&[said("a", "Back")]);
    let mut later = Reader::new(Audience::Visitor, None, &log);
    assert_eq!(drain(&mut early, &log)[0].event, event::SNAPSHOT);
    let frames = drain(&mut later, &log);
    assert_eq!(frames.len(), 1, "the trouble is over: {frames:?}");
}

#[test]
fn a_final_snapshot_cannot_be_resumed_from() {
    let frame = final_snapshot(&[said("a", "Hello"), tool("b", "{}")], Audience::Visitor);
    assert_eq!(frame.event, event::SNAPSHOT);
    assert_eq!(frame.id, None);
    assert_eq!(items(&frame), [said("a", "Hello"), tool("b", "")]);
}

/// One thing that may happen, in any order.
#[derive(Debug, Clone)]
enum Step {
    /// The upstream sends items: (id, text, for staff only).
    Apply(Vec<(u8, u8, bool)>),
    /// The reader reads all there is.
    Read,
    /// The reader's connection breaks; it comes back with its last id.
    Resume,
    /// The reader comes back having forgotten everything.
    Forget,
    /// The transcript becomes unavailable.
    Trouble,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec((0..12_u8, 0..4_u8, any::<bool>()), 0..6).prop_map(Step::Apply),
        3 => Just(Step::Read),
        1 => Just(Step::Resume),
        1 => Just(Step::Forget),
        1 => Just(Step::Trouble),
    ]
}

proptest! {
    /// Whenever a reader joins and however often it is cut off, it ends with
    /// the items of the log that it may see, in the log's order.
    #[test]
    fn every_reader_ends_with_the_same_items(
        steps in prop::collection::vec(step(), 0..60),
        staff in any::<bool>(),
    ) {
        let audience = if staff { Audience::Staff } else { Audience::Visitor };
        let mut log = CallLog::new(EPOCH);
        let mut expected: Vec<Item> = Vec::new();
        let mut browser = Browser::default();
        let mut reader = Reader::new(audience, None, &log);
        for step in steps {
            match step {
                Step::Apply(changes) => {
                    let changes: Vec<Item> = changes
                        .into_iter()
                        .map(|(id, text, tools)| {
                            // An id keeps its kind, as at Retell.
                            let (id, text) = (format!("{id}{tools}"), text.to_string());
                            if tools { tool(&id, &text) } else { said(&id, &text) }
                        })
                        .collect();
                    log.apply(&changes);
                    for item in changes {
                        match expected.iter_mut().find(|known| known.id == item.id) {
                            Some(known) => *known = item,
                            None => expected.push(item),
                        }
                    }
                }
                Step::Read => drain(&mut reader, &log).iter().for_each(|frame| browser.take(frame)),
                Step::Resume => {
                    reader = Reader::new(audience, browser.last_event_id.as_deref(), &log);
                }
                Step::Forget => {
                    browser = Browser::default();
                    reader = Reader::new(audience, None, &log);
                }
                Step::Trouble => {
                    log.unavailable("monitor-refused");
                }
            }
        }
        drain(&mut reader, &log).iter().for_each(|frame| browser.take(frame));
        let seen = |item: Item| if staff { Some(item) } else { item.for_visitor() };
        let expected: Vec<Item> = expected.into_iter().filter_map(seen).collect();
        prop_assert_eq!(browser.items, expected);
    }

    /// A reader that is never cut off gets one snapshot and then only changes.
    #[test]
    fn a_reader_that_stays_gets_no_second_snapshot(
        batches in prop::collection::vec(prop::collection::vec((0..5_u8, 0..9_u8), 0..4), 1..40),
    ) {
        let mut log = CallLog::new(EPOCH);
        let mut reader = Reader::new(Audience::Staff, None, &log);
        let mut snapshots = 0;
        for batch in batches {
            let items: Vec<Item> = batch
                .into_iter()
                .map(|(id, text)| said(&id.to_string(), &text.to_string()))
                .collect();
            log.apply(&items);
            let frames = drain(&mut reader, &log);
            snapshots += frames.iter().filter(|frame| frame.event == event::SNAPSHOT).count();
        }
        prop_assert_eq!(snapshots, 1);
    }

    /// No id a client may send makes the server panic or lose items.
    #[test]
    fn any_last_event_id_is_survived(id in ".{0,40}") {
        let mut log = CallLog::new(EPOCH);
        log.apply(&[said("a", "Hello")]);
        let mut browser = Browser::default();
        let mut reader = Reader::new(Audience::Visitor, Some(&id), &log);
        drain(&mut reader, &log).iter().for_each(|frame| browser.take(frame));
        prop_assert!(id == "beef-1" || browser.items.len() == 1);
    }
}
