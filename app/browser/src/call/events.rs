//! The call's event stream: the transcript as it is spoken, and the end of the
//! call as our server learns it.

use api::live::{Item, ItemKind, event};
use wasm_bindgen::JsValue;

use super::mint::Access;
use crate::ui::events::{EventStream, Signal};
use crate::ui::json;

/// What the stream said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallEvent {
    /// Everything so far.
    Snapshot(Vec<Item>),
    /// New or changed items.
    Items(Vec<Item>),
    /// The transcript cannot be read for now; the call goes on.
    Unavailable,
    /// It can be read, again or at last.
    Available,
    /// The call is over.
    Ended(RemoteEnd),
}

/// Why Retell ended a call, as far as a visitor is told a difference
/// (retell-protocol G5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteEnd {
    /// The agent hung up.
    Agent,
    /// The visitor did.
    Visitor,
    /// Nobody spoke for too long.
    Silence,
    /// The call's longest duration was reached.
    Length,
    /// The call was transferred.
    Transfer,
    /// Staff ended it.
    Staff,
    /// The agent failed.
    Failure,
    /// Something else, or nothing that is known.
    Other,
}

impl RemoteEnd {
    /// Reads a `disconnection_reason`.
    #[must_use]
    pub fn of(reason: &str) -> Self {
        match reason {
            "agent_hangup" => Self::Agent,
            "user_hangup" => Self::Visitor,
            "inactivity" => Self::Silence,
            "max_duration_reached" => Self::Length,
            "call_transfer" | "transfer_bridged" => Self::Transfer,
            "manual_stopped" => Self::Staff,
            _ if reason.starts_with("error_") => Self::Failure,
            _ => Self::Other,
        }
    }
}

/// Follows the stream of a call until what is returned is dropped. `report` gets
/// what was said, and as it came.
pub fn follow(access: &Access, report: impl Fn(CallEvent, &JsValue) + 'static) -> EventStream {
    let token = Some(&*access.ticket);
    EventStream::open(&access.events_url(), token, move |signal| {
        let (name, data) = match signal {
            Signal::Event { name, data } => (name, data),
            Signal::Open { .. } => return report(CallEvent::Available, &JsValue::UNDEFINED),
            Signal::Lost | Signal::Refused => (event::UNAVAILABLE, ""),
        };
        let data = json::parse(data).unwrap_or(JsValue::UNDEFINED);
        let event = match name {
            event::SNAPSHOT => CallEvent::Snapshot(items(&data)),
            event::ITEMS => CallEvent::Items(items(&data)),
            event::UNAVAILABLE => CallEvent::Unavailable,
            event::ENDED => {
                let reason = json::string(&data, "reason").unwrap_or_default();
                CallEvent::Ended(RemoteEnd::of(&reason))
            }
            _ => return,
        };
        report(event, &data);
    })
}

fn items(data: &JsValue) -> Vec<Item> {
    json::array(data, "items").iter().filter_map(item).collect()
}

/// Reads an [`Item`] a visitor may see; others the server keeps back.
fn item(value: &JsValue) -> Option<Item> {
    let text = |name| json::string(value, name);
    let kind = match text("role")?.as_str() {
        "agent" => ItemKind::Agent {
            content: text("content")?,
        },
        "user" => ItemKind::User {
            content: text("content")?,
        },
        "transfer_target" => ItemKind::TransferTarget {
            content: text("content")?,
        },
        "dtmf" => ItemKind::Dtmf {
            digit: text("digit")?,
        },
        "sms" => ItemKind::Sms {
            content: text("content")?,
        },
        _ => return None,
    };
    Some(Item {
        id: text("id")?,
        time_ms: json::number(value, "time_ms")? as i64,
        kind,
        words: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::RemoteEnd;

    #[test]
    fn retells_reasons_are_told_apart() {
        for (reason, end) in [
            ("agent_hangup", RemoteEnd::Agent),
            ("inactivity", RemoteEnd::Silence),
            ("transfer_bridged", RemoteEnd::Transfer),
            ("error_llm_websocket_open", RemoteEnd::Failure),
            ("from_the_future", RemoteEnd::Other),
            ("", RemoteEnd::Other),
        ] {
            assert_eq!(RemoteEnd::of(reason), end, "{reason}");
        }
    }
}
