//! One call: its transcript while it is held and afterwards, its recording,
//! and what is known about it.

mod attend;
mod done;
mod facts;
mod follow;
mod found;
mod marks;
mod menu;
mod notes;
mod own;
mod phases;
mod recording;
mod tested;
mod visitor;
mod warned;
mod wrap_up;

use api::attend::Attending;
use api::desk::{CallDetail, CallStatus};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::chips::{duration, lasted_ms, status_chip};
use super::telephone::Telephone;
use super::transcript::staff;
use super::transcript::view::{Transcript, TranscriptTexts};
use crate::data::{Desk, Trouble};
use crate::kit::icon::{Icon, icon};
use crate::nav;
use crate::nav::title;
use crate::route::Route;
use crate::words::attend::Texts as Words;
use crate::words::call::Texts as CallTexts;
use crate::words::format::{self, Precision};
use attend::Attend;
use browser::transcript::board::OnSeek;
use done::Done;
use facts::{Analysis, Facts, Given};
use follow::{Call, Shown, Untold};
use found::Found;
use marks::Marks;
use menu::{CallMenu, Redacted};
use notes::Notes;
use phases::Phases;
use recording::{Player, Recording};
use tested::Tested;
use visitor::Visitor;
use warned::Warned;
use wrap_up::WrapUpForm;

/// What can be done with a call that goes on, without its page: for the gallery.
#[component]
pub(crate) fn LiveBar(
    desk: Desk,
    id: String,
    /// Who of the staff is in it.
    attending: Attending,
) -> impl IntoView {
    let call = Call::open(desk, id);
    call.attending.set(attending);
    view! { <Attend desk call /> }
}

/// Draws who has a number (E.164), beside the call with an id.
pub(crate) type Beside = fn(Desk, String, String) -> AnyView;

/// The page of the call with this id.
#[component]
pub(crate) fn CallPage(desk: Desk, id: String, beside: Beside) -> impl IntoView {
    // Whose call it is ends it by leaving.
    if let Some(own) = Telephone::of_call(&id) {
        on_cleanup(move || own.page_left());
    }
    let call = Call::open(desk, id);
    // Whether there is a call to show changes once; what it is changes often
    // and must not draw the page anew.
    let shown = Memo::new(move |_| call.shown.get());
    let body = move || match shown.get() {
        Shown::Loading => view! {
            <div class="sb-card" aria-busy="true">
                <p class="sb-hidden" role="status">{move || desk.texts().loading()}</p>
                {(0..6).map(|_| view! { <div class="sb-skeleton"></div> }).collect_view()}
            </div>
        }
        .into_any(),
        Shown::Missing => view! {
            <div class="sb-card sb-blank">
                <h1>{move || CallTexts::of(desk.lang.get()).call_missing()}</h1>
                <p>{move || CallTexts::of(desk.lang.get()).call_missing_hint()}</p>
            </div>
        }
        .into_any(),
        Shown::Failed(failure) => view! {
            <div class="sb-card sb-blank">
                <h1>{move || desk.texts().product()}</h1>
                <p role="alert">{move || desk.texts().failure(&failure)}</p>
                <button type="button" class="sb-button" on:click=move |_| call.load()>
                    {move || desk.texts().retry()}
                </button>
            </div>
        }
        .into_any(),
        Shown::Here => view! { <Here desk call beside /> }.into_any(),
    };
    view! {
        <div class="sb-page">
            <BackToCalls desk />
            {body}
        </div>
    }
}

/// Leads back to the list as it was filtered.
#[component]
pub(super) fn BackToCalls(desk: Desk) -> impl IntoView {
    let address = move || desk.filter.with(nav::calls_address);
    let follow = move |click: ev::MouseEvent| {
        if nav::is_plain(&click) {
            click.prevent_default();
            nav::go_to(desk.route, Route::Calls, &untrack(address));
        }
    };
    view! {
        <a class="sb-back" href=address on:click=follow>
            {icon(Icon::Back)}
            {move || desk.texts().back_to_calls()}
        </a>
    }
}

#[component]
fn Here(desk: Desk, call: Call, beside: Beside) -> impl IntoView {
    let heading = NodeRef::<html::H1>::new();
    heading.on_load(|heading| {
        // Who came by a link or a key reads on from the page's name.
        let _ = heading.focus();
    });
    let detail = call.detail;
    let name = move || {
        detail.with(|detail| {
            detail
                .as_ref()
                .map(|detail| desk.texts().other_side(&detail.summary))
                .unwrap_or_default()
        })
    };
    Effect::new(move || document().set_title(&title(&name(), desk.texts())));
    let summary = move |read: fn(&CallDetail) -> i64| {
        detail
            .with(|detail| detail.as_ref().map(read))
            .unwrap_or_default()
    };
    let when = move || {
        let at = summary(|detail| {
            detail
                .summary
                .started_at
                .unwrap_or(detail.summary.created_at)
        });
        format::date(at, desk.lang.get(), &desk.timezone(), Precision::Full)
    };
    let lasted = move || {
        duration(detail.with(|detail| lasted_ms(&detail.as_ref()?.summary, || desk.now.get())))
    };
    let player = Player::new(call);
    let agent = Memo::new(move |_| {
        detail.with(|detail| {
            detail
                .as_ref()
                .and_then(|detail| detail.summary.agent_name.clone())
        })
    });
    let has_recording = Memo::new(move |_| {
        detail.with(|detail| {
            detail
                .as_ref()
                .is_some_and(|detail| detail.summary.has_recording)
        })
    });
    let number = Memo::new(move |_| {
        detail.with(|detail| Some(detail.as_ref()?.summary.other_number()?.to_owned()))
    });
    // The words of the transcript are fixed when it is drawn: another language
    // draws it anew, from the same feed. So does the recording, which turns the
    // times into buttons.
    let transcript = move || {
        let texts = CallTexts::of(desk.lang.get());
        let texts = TranscriptTexts {
            label: texts.transcript(),
            empty: texts.transcript_empty(),
            jump_to_latest: texts.jump_to_latest(),
            agent: agent
                .get()
                .unwrap_or_else(|| texts.agent_fallback().to_owned()),
            user: desk.texts().caller(),
            transfer_target: texts.transfer_target(),
            key_pressed: texts.key_pressed(),
            text_message: texts.text_message(),
        };
        let seek_label = has_recording
            .get()
            .then(|| CallTexts::of(desk.lang.get()).play_from());
        let other = staff::drawing(desk.lang.get(), texts.clone(), seek_label, call.feed);
        let Some(label) = seek_label else {
            return view! { <Transcript feed=call.feed texts other /> }.into_any();
        };
        let on_seek = OnSeek {
            label,
            go: Box::new(move |ms| player.play_from(ms)),
        };
        view! { <Transcript feed=call.feed texts other on_seek /> }.into_any()
    };
    view! {
        <header class="sb-call-head">
            <h1 tabindex="-1" node_ref=heading>{name}</h1>
            {move || status_chip(desk, call.status.get())}
            <span class="sb-call-clock">{lasted}</span>
            <CallMenu desk call />
            <p class="sb-call-sub">
                {move || agent.get().unwrap_or_default()} <span aria-hidden="true">" · "</span> {when}
                <Tested desk call />
            </p>
        </header>
        <Trouble
            desk
            failure=Signal::derive(move || call.loaded.value.get()?.err())
            again=Callback::new(move |()| call.load())
        />
        <Marks desk call />
        <Warned desk call />
        <Attend desk call />
        <div class="sb-call-grid">
            <section
                class="sb-card sb-call-transcript"
                class:sb-growing=move || call.status.get() == CallStatus::Ongoing
                aria-labelledby="transcript-title"
            >
                <h2 id="transcript-title">{move || CallTexts::of(desk.lang.get()).transcript()}</h2>
                <div role="status">
                    {move || {
                        let refused = call.unavailable.get();
                        let refused = refused.filter(|_| call.status.get().is_live())?;
                        Some(view! {
                            <p class="sb-notice">
                                {move || match refused {
                                    Untold::TakenOver => Words::of(desk.lang.get()).not_written(),
                                    Untold::Refused => CallTexts::of(desk.lang.get()).transcript_unavailable(),
                                }}
                            </p>
                        })
                    }}
                </div>
                <Redacted desk call />
                <Found desk call player />
                {transcript}
                <Done desk call />
            </section>
            <div class="sb-call-side">
                {move || number.get().map(|number| beside(desk, number, call.id.get_value()))}
                <Recording desk call player />
                <Phases desk call />
                <WrapUpForm desk call />
                <Notes desk call />
                <Analysis desk call />
                <Facts desk call />
                <Visitor desk call />
                <Given desk call />
            </div>
        </div>
    }
}
