//! The call the reader is in, above the pages that are not its own; and what both show of it.

use browser::call::staff::shell::Attendant;
use leptos::prelude::*;

use super::{Headset, in_words};
use crate::data::{Desk, Errand, Status, api_client};
use crate::kit::icon::{Icon, icon};
use crate::kit::{Confirm, Question};
use crate::nav::Link;
use crate::route::Route;
use crate::words::kit;

/// Draws the bar: a link to the call, what one does while one reads something else, and what went
/// wrong meanwhile.
pub(super) fn draw(desk: Desk) -> AnyView {
    let headset = Headset::of(desk);
    let is_elsewhere = Memo::new(move |_| {
        let page = desk.route.get().page();
        let is_its = |id: &str| headset.is_at(id);
        !matches!(page, Route::Call(id) if is_its(&id))
    });
    let shown = Memo::new(move |_| {
        is_elsewhere.get() && (headset.is_active() || headset.trouble().is_some())
    });
    (move || shown.get().then(|| view! { <Bar headset /> })).into_any()
}

#[component]
fn Bar(headset: Headset) -> impl IntoView {
    let desk = headset.desk;
    let texts = move || headset.texts();
    let question = RwSignal::new(None::<Question>);
    let ending = Errand::new();
    let id = Memo::new(move |_| headset.call.with(|call| Some(call.as_ref()?.id.clone())));
    let name = move || {
        let call = headset.call.get();
        call.map(|call| desk.texts().other_side(&call))
    };
    let link = move || {
        let to = Route::Call(id.get()?);
        Some(view! {
            <Link route=desk.route to>
                {name}
            </Link>
        })
    };
    let has_call = Memo::new(move |_| headset.has_call());
    let is_active = Memo::new(move |_| headset.is_active());
    let leave = move |_| match id.get_untracked().filter(|_| has_call.get_untracked()) {
        Some(id) => ask_to_end(desk, id, ending, question),
        None => headset.forget(),
    };
    // One button, so that who presses it keeps the focus.
    let label = move || match (has_call.get(), is_active.get()) {
        (true, _) => texts().end(),
        (_, true) => texts().stop(),
        _ => kit::Texts::of(desk.lang.get()).close(),
    };
    view! {
        <section class="sb-in-call" aria-label=move || texts().yours()>
            <strong>{link}</strong>
            <div role="status">{move || stands(headset)}</div>
            <div role="alert">{move || problem(headset)}</div>
            <div class="sb-actions">
                {move || play(headset)} {move || has_call.get().then(|| mute(headset))}
                <button
                    type="button"
                    class="sb-button"
                    class=("sb-button-danger", has_call)
                    on:click=leave
                >
                    {label}
                </button>
            </div>
            <Status desk errand=ending done=Signal::stored("") words=in_words />
            <Confirm question />
        </section>
    }
}

/// Asks, and ends the call with this id for everybody.
pub(in crate::features::calls) fn ask_to_end(
    desk: Desk,
    id: String,
    errand: Errand,
    question: RwSignal<Option<Question>>,
) {
    let texts = Headset::of(desk).texts();
    let end = Callback::new(move |()| {
        let path = api_client::call(&id) + "/end";
        let work = async move { api_client::post::<()>(&path, &()).await };
        errand.run(desk, work, |()| {});
    });
    question.set(Some(Question {
        title: texts.end_title().to_owned(),
        text: texts.end_text().to_owned(),
        yes: texts.end(),
        act: end,
    }));
}

/// Keeps the reader's voice from the caller.
pub(in crate::features::calls) fn mute(headset: Headset) -> impl IntoView {
    let press = move |_| headset.mute(!headset.view.with_untracked(|view| view.muted));
    view! {
        <button
            type="button"
            class="sb-button"
            data-key="mute"
            disabled=move || headset.on_hold.get()
            aria-pressed=move || headset.view().muted.to_string()
            on:click=press
        >
            {move || headset.texts().mute()}
        </button>
    }
}

/// Plays what the browser held back.
pub(in crate::features::calls) fn play(headset: Headset) -> Option<impl IntoView> {
    (headset.is_active() && headset.sound_blocked.get()).then(|| {
        view! {
            <button
                type="button"
                class="sb-button sb-button-primary"
                on:click=move |_| headset.act(Attendant::allow_sound)
            >
                {icon(Icon::Play)}
                {move || headset.texts().play()}
            </button>
        }
    })
}

/// Where the reader stands.
pub(in crate::features::calls) fn stands(headset: Headset) -> Option<impl IntoView> {
    let text = headset.stands();
    text.map(|text| view! { <p class="sb-attend-now">{text}</p> })
}

/// What went wrong.
pub(in crate::features::calls) fn problem(headset: Headset) -> Option<impl IntoView> {
    headset.trouble().map(|text| {
        view! {
            <p class="sb-problem">
                {icon(Icon::Alert)}
                <span>{text}</span>
            </p>
        }
    })
}
