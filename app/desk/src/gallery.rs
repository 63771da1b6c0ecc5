//! Every component in every state, on one page: for those who work on how they
//! look, and for the journeys that look at them. It is a bundle of its own, and
//! no part of what a business gets.

mod answers;
mod kit;

use api::attend::{Attendant, Attending};
use api::calls::CallQuery;
use api::desk::{CallPage as Calls, CallStatus, CallSummary, Session};
use leptos::prelude::*;

use crate::data::{Desk, Load, Standing};
use crate::features::calendar::CalendarPage;
use crate::features::calls::call_page::{CallPage, LiveBar};
use crate::features::calls::more_filters::{FilterChips, MoreFilters};
use crate::features::calls::{CallList, CallsPage, Later, test_call};
use crate::features::contacts::{Beside, ContactsPage, one_or_many};
use crate::features::{functions, linked_calendars, outgoing, routing, sms};
use crate::route::Route;
use crate::shell::alerts;
use crate::shell::sidebar::Sidebar;
use crate::shell::spoken;
use crate::words::{self, Lang};
use browser::ui::http::Failure;
use browser::ui::web;
use kit::Kit;

/// Puts it on the page.
pub fn start() {
    spoken(|| {
        web::spawn(async {
            words::load_later(Lang::of_page()).await;
            answers::give();
            leptos::mount::mount_to_body(Gallery);
        });
    });
}

/// The filters, which are here already.
const LATER: Later = Later {
    form: |desk| view! { <MoreFilters desk /> }.into_any(),
    chips: |desk| view! { <FilterChips desk /> }.into_any(),
};

#[component]
fn Gallery() -> impl IntoView {
    let desk = signed_in();
    desk.route.set(Route::Calls);
    view! {
        <div class="sb-desk">
            <Sidebar desk />
            <div>
                <div role="status">
                    <p class="sb-banner">{move || desk.texts().connection_lost()}</p>
                </div>
                <alerts::Shown desk />
                <main id="content" tabindex="-1">
                    <CallsPage desk=with_calls() later=LATER />
                    <Lists />
                    <Kit desk />
                    <Sections desk />
                    <CalendarPage desk />
                    <ContactsPage desk />
                    {one_or_many(desk, "contact_1")}
                    <test_call::TestCallPage desk />
                    <CallPage
                        desk
                        id="call_of_the_gallery".to_owned()
                        beside=|desk, number, call_id| {
                            view! { <Beside desk number call_id /> }.into_any()
                        }
                    />
                    <div class="sb-page">
                        <LiveBar
                            desk
                            id="call_that_goes_on".to_owned()
                            attending=somebody_listens()
                        />
                    </div>
                </main>
            </div>
        </div>
    }
}

/// A desk at which somebody is who may see everything.
fn signed_in() -> Desk {
    let desk = Desk::new();
    desk.standing.set(Standing::SignedIn(Session {
        user_id: "user_1".to_owned(),
        name: "Lucía Fernández".to_owned(),
        email: "lucia@example.com".to_owned(),
        role: "admin".to_owned(),
        tenant: "Sunrise Dental".to_owned(),
        timezone: "Europe/Madrid".to_owned(),
    }));
    desk
}

/// Two others are in a call.
fn somebody_listens() -> Attending {
    let attendant = |nth: u8, name: &str| Attendant {
        user_id: format!("user_{nth}"),
        name: name.to_owned(),
        since: 1_795_273_300_000,
    };
    Attending {
        listeners: vec![
            attendant(2, "Robin Sommer"),
            attendant(3, "Maximiliane von und zu Hohenstein-Sonnenschein"),
        ],
        taken_over: None,
    }
}

/// What a call was about; longer than there is room for.
const ABOUT: &str = "Asked for the earliest appointment for a check-up, preferably on a Tuesday or a \
    Thursday afternoon, and whether the insurance pays for it.";

/// One call in each state a row can have, filters that are set, and a next page
/// that did not come.
fn with_calls() -> Desk {
    let desk = signed_in();
    let mut filter = CallQuery::default();
    filter.set("agent_id", "agent_1");
    filter.set("from", "2026-11-01");
    desk.filter.set(filter);
    desk.calls.restart(Calls {
        items: calls(desk.now.get_untracked()),
        next_cursor: Some("next".to_owned()),
        searched_to: Some(1_795_000_000_000),
    });
    desk.calls.more.set(Some(Load::Failed(Failure::Timeout)));
    desk
}

fn calls(now: i64) -> Vec<CallSummary> {
    let states = [
        (CallStatus::Registered, "", "", ""),
        (CallStatus::Ongoing, "", "", ""),
        (CallStatus::Ended, "user_hangup", "Positive", "+14155550123"),
        (CallStatus::Ended, "inactivity", "Negative", "+493023125100"),
        (CallStatus::Ended, "max_duration_reached", "Neutral", ""),
        (
            CallStatus::NotConnected,
            "dial_no_answer",
            "",
            "+34911230100",
        ),
        (
            CallStatus::Error,
            "error_llm_websocket_lost_connection",
            "Unknown",
            "",
        ),
    ];
    let known = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let call =
        |(nth, (status, reason, sentiment, number)): (i64, (CallStatus, &str, &str, &str))| {
            let begun = now - nth * 5_000_000;
            let over = !status.is_live();
            CallSummary {
                id: format!("call_{nth}"),
                call_type: if number.is_empty() {
                    "web_call"
                } else {
                    "phone_call"
                }
                .to_owned(),
                direction: known(number).map(|_| "inbound".to_owned()),
                from_number: known(number),
                to_number: None,
                contact_name: (nth == 2).then(|| "Lucía Fernández de Córdoba".to_owned()),
                about: known(sentiment).map(|_| ABOUT.to_owned()),
                agent_id: "agent_1".to_owned(),
                agent_name: Some("Sunrise Dental – Emma".to_owned()),
                public_key_id: None,
                status,
                created_at: begun,
                started_at: Some(begun),
                ended_at: over.then_some(begun + 95_000),
                duration_ms: over.then_some(95_000),
                disconnection_reason: known(reason),
                user_sentiment: known(sentiment),
                successful: None,
                has_recording: false,
                claimed_by: None,
                claimed_by_name: matches!(nth, 1 | 3).then(|| "Robin Sommer".to_owned()),
                flagged_at: (nth == 3).then_some(begun),
                warning: (nth == 1)
                    .then(|| "Says it is an AI, and who is responsible for it".to_owned()),
                warning_severity: None,
                warned_at: None,
            }
        };
    (0..).zip(states).map(call).collect()
}

/// Of the settings, what has most to say of each of its things.
#[component]
fn Sections(desk: Desk) -> impl IntoView {
    view! {
        <div class="sb-page sb-settings-body">
            <h1>"Outgoing webhooks"</h1>
            <outgoing::Page desk />
            <h1>"Routing"</h1>
            <routing::Page desk />
            <h1>"Functions"</h1>
            <functions::Page desk />
            <h1>"Text messages"</h1>
            <sms::Page desk />
            <h1>"Linked calendars"</h1>
            <linked_calendars::Page desk />
        </div>
    }
}

/// The list where there is nothing to list, and why.
#[component]
fn Lists() -> impl IntoView {
    let loading = signed_in();
    let failed = signed_in();
    failed.calls.first.set(Load::Failed(Failure::Offline));
    let empty = signed_in();
    empty.calls.first.set(Load::Done);
    let unmatched = signed_in();
    unmatched.calls.first.set(Load::Done);
    let mut filter = CallQuery::default();
    filter.set("status", "error");
    unmatched.filter.set(filter);
    let late = with_calls();
    late.calls.stale.set(true);
    late.calls.more.set(Some(Load::Loading));
    view! {
        <div class="sb-page">
            {[loading, failed, empty, unmatched, late]
                .map(|desk| view! { <CallList desk /> })
                .into_iter()
                .collect_view()}
        </div>
    }
}
