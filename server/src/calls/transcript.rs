//! Retell's final transcript as the items our screens show.

use api::live::{Item, ItemKind, Word};
use retell::models::{Role, TranscriptItem, Utterance};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::visitor::TYPED;

/// The forms a transcript comes in, the richest first.
const FORMS: [&str; 3] = [
    "transcript_with_tool_calls",
    "transcript_object",
    "scrubbed_transcript_with_tool_calls",
];

/// The items of a call's transcript, from whichever form of it the call object
/// holds. An entry of a kind we do not know is left out.
#[must_use]
pub fn items(call: &Map<String, Value>) -> Vec<Item> {
    let entries = FORMS
        .iter()
        .filter_map(|form| call.get(*form)?.as_array())
        .find(|entries| !entries.is_empty());
    let Some(entries) = entries else {
        return Vec::new();
    };
    let mut clock = Clock::default();
    entries
        .iter()
        .enumerate()
        .filter_map(|(index, entry)| {
            let entry = TranscriptItem::deserialize(entry).ok()?;
            let time_ms = clock.time_of(&entry);
            Some(Item {
                id: format!("final-{index}"),
                time_ms,
                words: words(&entry),
                kind: kind(entry)?,
            })
        })
        .collect()
}

/// Only words and a few others carry times; the rest happened when what was
/// said before it ended. Time never runs backwards.
#[derive(Default)]
struct Clock {
    /// When the latest entry began.
    began: i64,
    /// When the latest words ended.
    ended: i64,
}

impl Clock {
    fn time_of(&mut self, entry: &TranscriptItem) -> i64 {
        let (start, end) = match entry {
            TranscriptItem::Utterance(utterance) => span(utterance),
            TranscriptItem::Sms(sms) => (sms.time_sec, sms.time_sec),
            TranscriptItem::Injected(injected) => (injected.time_sec, injected.time_sec),
            _ => (None, None),
        };
        self.began = start.map_or(self.ended, milliseconds).max(self.began);
        self.ended = end.map_or(self.ended, milliseconds).max(self.began);
        self.began
    }
}

fn span(utterance: &Utterance) -> (Option<f64>, Option<f64>) {
    let start = utterance.words.first().map(|word| word.start);
    let end = utterance.words.last().map(|word| word.end);
    (start, end)
}

/// When each word of an utterance was said.
fn words(entry: &TranscriptItem) -> Vec<Word> {
    let TranscriptItem::Utterance(utterance) = entry else {
        return Vec::new();
    };
    let said = utterance.words.iter().map(|it| Word {
        word: it.word.clone(),
        start_ms: milliseconds(it.start),
        end_ms: milliseconds(it.end),
    });
    said.collect()
}

/// Whole milliseconds from Retell's seconds.
pub(crate) fn milliseconds(seconds: f64) -> i64 {
    // `as` saturates, and makes 0 of what is not a number.
    (seconds * 1000.0).round() as i64
}

/// What an entry is; `None` for a kind we do not know.
pub(crate) fn kind(entry: TranscriptItem) -> Option<ItemKind> {
    Some(match entry {
        TranscriptItem::Utterance(Utterance { role, content, .. }) => match role {
            Role::Agent => ItemKind::Agent { content },
            Role::User => ItemKind::User { content },
            Role::TransferTarget => ItemKind::TransferTarget { content },
            _ => return None,
        },
        TranscriptItem::ToolCallInvocation(call) => ItemKind::ToolCallInvocation {
            tool_call_id: call.tool_call_id,
            name: call.name,
            arguments: call.arguments,
        },
        TranscriptItem::ToolCallResult(result) => ItemKind::ToolCallResult {
            tool_call_id: result.tool_call_id,
            content: result.content,
            successful: result.successful,
        },
        TranscriptItem::NodeTransition(transition) => ItemKind::NodeTransition {
            from: transition.former_node_name,
            to: transition.new_node_name,
        },
        TranscriptItem::Dtmf(dtmf) => ItemKind::Dtmf { digit: dtmf.digit },
        TranscriptItem::Sms(sms) => ItemKind::Sms {
            content: sms.content,
        },
        TranscriptItem::Injected(injected) => match injected.content.strip_prefix(TYPED) {
            Some(typed) => ItemKind::User {
                content: typed.to_owned(),
            },
            None => ItemKind::Injected {
                content: injected.content,
            },
        },
        TranscriptItem::Other(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn items_of(value: Value) -> Vec<Item> {
        let Value::Object(map) = value else {
            panic!("not an object")
        };
        items(&map)
    }

    #[test]
    fn times_come_from_the_words_and_carry_over() {
        let items = items_of(json!({"transcript_with_tool_calls": [
            {"role": "agent", "content": "Hello there", "words": [
                {"word": "Hello", "start": 0.25, "end": 0.5}, {"word": "there", "start": 0.5, "end": 1.0}]},
            {"role": "tool_call_invocation", "tool_call_id": "t1", "name": "look_up", "arguments": "{}"},
            {"role": "tool_call_result", "tool_call_id": "t1", "content": "ok", "successful": true},
            {"role": "a kind from next year"},
            {"role": "user", "content": "Hi", "words": [{"word": "Hi", "start": 1.8, "end": 2.0}]},
            {"role": "user", "content": "no words"},
            "not even an object",
            {"role": "dtmf", "digit": "5"},
        ]}));
        let times: Vec<_> = items.iter().map(|item| item.time_ms).collect();
        assert_eq!(times, [250, 1000, 1000, 1800, 2000, 2000]);
        assert_eq!(
            items[0].kind,
            ItemKind::Agent {
                content: "Hello there".to_owned()
            }
        );
        assert_eq!(
            items[5].kind,
            ItemKind::Dtmf {
                digit: "5".to_owned()
            }
        );
        assert_eq!(
            items[0].words,
            [("Hello", 250, 500), ("there", 500, 1000)].map(|(word, start_ms, end_ms)| Word {
                word: word.to_owned(),
                start_ms,
                end_ms,
            })
        );
        assert!(items[4].words.is_empty());
        let ids: std::collections::BTreeSet<_> = items.iter().map(|item| &item.id).collect();
        assert_eq!(ids.len(), items.len());
    }

    #[test]
    fn the_richest_form_that_says_something_is_taken() {
        let items = items_of(json!({
            "transcript_with_tool_calls": [],
            "transcript_object": [{"role": "user", "content": "Hi"}],
        }));
        assert_eq!(items.len(), 1);
        assert!(items_of(json!({"transcript": "Agent: Hello"})).is_empty());
    }

    #[test]
    fn overlapping_words_do_not_turn_time_back() {
        let items = items_of(json!({"transcript_object": [
            {"role": "agent", "content": "a", "words": [{"word": "a", "start": 5.0, "end": 6.0}]},
            {"role": "user", "content": "b", "words": [{"word": "b", "start": 4.0, "end": 4.5}]},
        ]}));
        assert_eq!(items[1].time_ms, 5000);
    }
}
