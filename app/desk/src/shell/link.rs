//! Keeps the desk in step with the server, over one event stream.

use std::time::Duration;

use api::desk::{CallSummary, event};
use leptos::prelude::*;

use crate::data::api_client::{self, EVENTS};
use crate::data::{Desk, cache};
use browser::ui::events::{EventStream, Signal};

/// Where it is asked for what the stream tells of, by the names of its events.
const TOPICS: [(&str, &[&str]); 4] = [
    (event::CALLBACKS, &["/api/desk/callbacks", CONTACT]),
    (
        event::BOOKINGS,
        &[
            "/api/desk/calendar/bookings",
            "/api/desk/calendar/slots",
            "/api/desk/calendar/services",
            "/api/desk/calendar/staff",
            CONTACT,
        ],
    ),
    (event::FUNCTIONS, &["/api/desk/functions"]),
    (event::STAFF, &["/api/desk/availability"]),
];

/// What happened with a contact.
const CONTACT: &str = "/api/desk/contacts/";

/// How long a lost connection goes without mention (ms): most come back sooner.
const PATIENCE_MS: u64 = 2_000;

/// Follows the server for as long as the current component lives. The list is
/// loaded at once and again when the stream opens anew: what changed in
/// between was told to nobody.
pub(crate) fn keep(desk: Desk) {
    // At once, and whenever other calls are wanted.
    Effect::new(move || {
        desk.filter.track();
        desk.load_calls();
    });
    let stream = StoredValue::new_local(None);
    Effect::new(move || stream.set_value(desk.awake.get().then(|| open(desk))));
    on_cleanup(move || {
        stream.try_set_value(None);
    });
}

fn open(desk: Desk) -> EventStream {
    let open = StoredValue::new(false);
    EventStream::open(EVENTS, None, move |signal| match signal {
        Signal::Open { resumed } => {
            open.try_set_value(true);
            desk.connected.set(true);
            // The server may be another one than before.
            desk.look_for_version();
            if !resumed {
                catch_up(desk);
            }
        }
        Signal::Event {
            name: event::CALL,
            data,
        } => {
            match serde_json::from_str::<CallSummary>(data) {
                Ok(call) => {
                    if !call.status.is_live() {
                        cache::changed(&[CONTACT]);
                    }
                    let call_path = api_client::call(&call.id);
                    cache::changed(&[&(call_path.clone() + "/wrap-up"), &(call_path + "/notes")]);
                    desk.call_changed(call);
                }
                // A newer server says what this desk does not know.
                Err(_) => desk.look_for_version(),
            }
        }
        Signal::Event {
            name: event::FUNCTIONS,
            data,
        } => {
            told(event::FUNCTIONS);
            cache::changed(&[&format!("{}/functions", api_client::call(data))]);
        }
        Signal::Event {
            name: name @ (event::GIVEN | event::FLAGGED),
            data,
        } => desk.call_marked(name, data),
        Signal::Event {
            name: event::SAID,
            data,
        } => desk.calls.said(data),
        Signal::Event {
            name: event::RESYNC,
            ..
        } => catch_up(desk),
        // After the last of them the server closes the stream, and it is opened anew.
        Signal::Event { name, .. } => told(name),
        Signal::Lost => lost(desk, open),
        Signal::Refused => {
            lost(desk, open);
            // Perhaps because the session ended.
            desk.ask_who();
        }
    })
}

/// Pages that show what an event tells of ask for it again.
fn told(event: &str) {
    for (name, below) in TOPICS {
        if name == event {
            cache::changed(below);
        }
    }
}

fn catch_up(desk: Desk) {
    desk.load_calls();
    desk.missed.notify();
    cache::changed(&["/api/desk/calls"]);
    for (_, below) in TOPICS {
        cache::changed(below);
    }
}

fn lost(desk: Desk, open: StoredValue<bool>) {
    open.try_set_value(false);
    let say = move || {
        if open.try_get_value() == Some(false) {
            desk.connected.set(false);
        }
    };
    set_timeout(say, Duration::from_millis(PATIENCE_MS));
}
