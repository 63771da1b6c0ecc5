//! The JSON that Switchboard's server and its browser app exchange.
//!
//! Types only: no I/O, no rules. Both sides compile this crate, so a field
//! cannot be renamed on one side alone. Times are Unix milliseconds (UTC),
//! phone numbers are E.164.

pub mod attend;
pub mod availability;
pub mod business;
pub mod calcom;
pub mod calendar;
pub mod callbacks;
pub mod calls;
pub mod contact_files;
pub mod contacts;
pub mod crm;
pub mod desk;
pub mod functions;
pub mod inbox;
pub mod jobs;
pub mod keys;
pub mod linked_calendars;
pub mod live;
pub mod marks;
pub mod notify;
mod page;
pub mod people;
pub mod privacy;
pub mod problem;
pub mod public;
pub mod routing;
pub mod sms;
pub mod warnings;
pub mod wrap_up;

pub use page::Page;
pub use problem::Problem;

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use serde::de::DeserializeOwned;
    use serde_json::json;

    use super::callbacks::CallbackState;
    use super::live::{CallStatus, Item, ItemKind};
    use super::problem::{Problem, TYPE_PREFIX, slug};
    use super::public::{Answer, CallAccess, IceServer, Sdp};
    use super::{
        availability, calendar, contact_files, contacts, crm, functions, keys, linked_calendars,
        privacy, routing, sms, warnings, wrap_up,
    };

    #[test]
    fn a_transcript_item_is_one_flat_object() {
        let item = Item {
            id: "7".into(),
            time_ms: 1200,
            kind: ItemKind::ToolCallResult {
                tool_call_id: "t".into(),
                content: "{}".into(),
                successful: None,
            },
            words: Vec::new(),
        };
        let wire = json!({
            "id": "7", "time_ms": 1200, "role": "tool_call_result",
            "tool_call_id": "t", "content": "{}"
        });
        assert_eq!(serde_json::to_value(&item).unwrap(), wire);
        assert_eq!(serde_json::from_value::<Item>(wire).unwrap(), item);
    }

    fn reads_any<T: DeserializeOwned + PartialEq + Debug>(unknown: &T) {
        let read: T = serde_json::from_value(json!("made_up")).unwrap();
        assert_eq!(read, *unknown);
    }

    #[test]
    fn what_only_a_newer_server_knows_is_read_all_the_same() {
        reads_any(&CallStatus::Unknown);
        reads_any(&CallbackState::Unknown);
        reads_any(&availability::Availability::Unknown);
        reads_any(&calendar::BookingState::Unknown);
        reads_any(&contact_files::Fate::Unknown);
        reads_any(&contact_files::ImportState::Unknown);
        reads_any(&contact_files::Refusal::Unknown);
        reads_any(&contacts::AlikeBy::Unknown);
        reads_any(&crm::CrmConsent::Unknown);
        reads_any(&crm::CrmOutcome::Unknown);
        reads_any(&crm::CrmWriteState::Unknown);
        reads_any(&functions::FunctionOutcome::Unknown);
        reads_any(&functions::ToolChange::Unknown);
        reads_any(&keys::Mode::Unknown);
        reads_any(&keys::OutOfHours::Unknown);
        reads_any(&linked_calendars::CalendarWriteState::Unknown);
        reads_any(&linked_calendars::LinkOutcome::Unknown);
        reads_any(&privacy::ErasureState::Unknown);
        reads_any(&routing::Mismatch::Unknown);
        reads_any(&sms::SmsState::Unknown);
        reads_any(&warnings::Severity::Unknown);
        reads_any(&wrap_up::Tone::Unknown);
        assert!(!CallStatus::Unknown.is_live());
        let item = json!({"id": "1", "time_ms": 5, "role": "thought", "content": "Hm"});
        let item: Item = serde_json::from_value(item).unwrap();
        assert_eq!((item.time_ms, item.kind), (5, ItemKind::Unknown));
    }

    #[test]
    fn visitors_see_what_was_said_and_not_how_the_agent_works() {
        let said = ItemKind::Agent {
            content: "Hello".into(),
        };
        let called = ItemKind::ToolCallInvocation {
            tool_call_id: "t".into(),
            name: "book_appointment".into(),
            arguments: "{}".into(),
        };
        assert!(said.for_visitors());
        assert!(!called.for_visitors());
    }

    #[test]
    fn a_problem_knows_its_slug() {
        let problem = Problem {
            kind: format!("{TYPE_PREFIX}{}", slug::KEY_DISABLED),
            title: "The key is disabled".into(),
            status: 403,
            detail: None,
            field: None,
            request_id: None,
            retry_after_s: None,
            waiting: None,
        };
        assert_eq!(problem.slug(), slug::KEY_DISABLED);
    }

    #[test]
    fn only_the_first_two_states_are_live() {
        assert!(CallStatus::Registered.is_live() && CallStatus::Ongoing.is_live());
        assert!(!CallStatus::NotConnected.is_live() && !CallStatus::Ended.is_live());
        assert!(
            CallStatus::Registered < CallStatus::Ongoing && CallStatus::Ongoing < CallStatus::Ended
        );
    }

    #[test]
    fn debug_output_carries_no_secret() {
        let access = CallAccess {
            call_id: "call_1".into(),
            access_token: "secret-token".into(),
            gateway_url: "https://api.example".into(),
            ice_servers: vec![IceServer {
                urls: vec!["turn:turn.example".into()],
                username: None,
                credential: Some("secret-turn".into()),
            }],
            expires_at: 1,
            ticket: "secret-ticket".into(),
            answer: Some(Answer {
                session_id: "session_1".into(),
                sdp: Sdp("c=IN IP4 secret-address".into()),
            }),
        };
        let text = format!("{access:?} {:?} {:?}", access.ice_servers, access.answer);
        assert!(
            text.contains("call_1") && !text.contains("secret"),
            "{text}"
        );
    }
}
