//! Retell's monitor items as the items our streams carry.

use api::live::Item;
use retell::models::{MonitorItem, Transcripts};

use crate::calls::transcript;

/// What ran before the call lives on a clock of its own (retell-protocol E):
/// it is shown before everything else, in the order in which it came.
const BEFORE_THE_CALL: i64 = -1;

/// The items of a frame. One of a kind we do not know is left out.
pub(super) fn items(transcripts: Transcripts) -> Vec<Item> {
    let before = transcripts.pre_session_transcripts.into_iter();
    let during = transcripts.transcripts.into_iter();
    before
        .filter_map(|entry| {
            Some(Item {
                time_ms: BEFORE_THE_CALL,
                ..item(entry)?
            })
        })
        .chain(during.filter_map(item))
        .collect()
}

fn item(entry: MonitorItem) -> Option<Item> {
    let time_ms = transcript::milliseconds(entry.time_sec);
    Some(Item {
        id: entry.id,
        time_ms,
        kind: transcript::kind(entry.item)?,
        words: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use api::live::ItemKind;
    use retell::models::MonitorMessage;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_kind_of_item_is_carried_over() {
        let message: MonitorMessage = serde_json::from_value(json!({
            "type": "transcript_updated",
            "pre_session_transcripts": [
                {"id": "p1", "time_sec": 4.0, "role": "tool_call_invocation",
                 "tool_call_id": "t0", "name": "look_up_caller", "arguments": "{}"}],
            "transcripts": [
                {"id": "1", "time_sec": 0.4, "role": "agent", "content": "Hello",
                 "metadata": {"response_id": 0}},
                {"id": "2", "time_sec": 1.2345, "role": "user", "content": "Hi"},
                {"id": "3", "time_sec": 2, "role": "transfer_target", "content": "Yes?"},
                {"id": "4", "time_sec": 3, "role": "tool_call_invocation",
                 "tool_call_id": "t1", "name": "book", "arguments": "{\"at\":1}"},
                {"id": "5", "time_sec": 4, "role": "tool_call_result",
                 "tool_call_id": "t1", "content": "ok", "successful": true},
                {"id": "6", "time_sec": 5, "role": "node_transition",
                 "former_node_name": "Greeting", "new_node_name": "Booking"},
                {"id": "7", "time_sec": 6, "role": "dtmf", "digit": "5"},
                {"id": "8", "time_sec": 7, "role": "sms", "content": "See you"},
                {"id": "9", "time_sec": 8, "role": "injected", "content": "VIP"},
                {"id": "10", "time_sec": 9, "role": "a role from next year"}],
        }))
        .unwrap();
        let MonitorMessage::TranscriptUpdated(transcripts) = message else {
            panic!("not an update")
        };
        let items = items(transcripts);
        let times: Vec<_> = items
            .iter()
            .map(|item| (item.id.as_str(), item.time_ms))
            .collect();
        let expected = [
            ("p1", -1),
            ("1", 400),
            ("2", 1235),
            ("3", 2000),
            ("4", 3000),
            ("5", 4000),
            ("6", 5000),
            ("7", 6000),
            ("8", 7000),
            ("9", 8000),
        ];
        assert_eq!(times, expected);
        assert_eq!(
            items[1].kind,
            ItemKind::Agent {
                content: "Hello".into()
            }
        );
        assert_eq!(
            items[6].kind,
            ItemKind::NodeTransition {
                from: Some("Greeting".into()),
                to: Some("Booking".into())
            }
        );
    }
}
