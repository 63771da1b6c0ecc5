//! What the staff often tell agents during calls.

use api::attend::Whispers;
use browser::ui::http::Failure;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::data::whispers::{PATH, offered};
use crate::data::{Desk, Errand, Loaded, Loading, Rivalry, Rivals, SaveButton, Status};
use crate::kit::TextArea;
use crate::words::Lang;
use crate::words::attend::Texts;

/// What failures mean here.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let is_refused = matches!(failure, Failure::Problem { status: 422, .. });
    is_refused.then(|| Texts::of(lang).whispers_wrong())
}

/// The sentences, to be read and changed.
#[component]
pub(super) fn WhisperList(desk: Desk) -> impl IntoView {
    let (loaded, errand, show) = Loaded::<Whispers>::for_form(desk, PATH);
    let rivals = Rivals::new(desk);
    let draw = move |kept: Whispers| view! { <Form rivals show errand kept /> };
    view! {
        <Rivalry rivals />
        <Loading desk loaded draw />
    }
}

#[component]
fn Form(rivals: Rivals, show: Callback<()>, errand: Errand, kept: Whispers) -> impl IntoView {
    let desk = rivals.desk;
    let texts = move || Texts::of(desk.lang.get());
    let revision = StoredValue::new(kept.revision);
    let lines = RwSignal::new(offered(kept, untrack(texts)).join("\n"));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let items = lines.with_untracked(|lines| lines.lines().map(str::to_owned).collect());
        let body = Whispers { items, revision: 0 };
        let read = revision.get_value();
        rivals.put(errand, PATH, read, &body, show, move |kept: Whispers| {
            revision.set_value(kept.revision);
        });
    };
    view! {
        <form class="sb-card sb-form" novalidate on:submit=submit>
            <h2>{move || texts().whispers()}</h2>
            <TextArea
                id="whispers-items"
                label=Signal::derive(move || texts().whispers_lines())
                hint=Signal::derive(move || Some(texts().whispers_hint()))
                value=lines
                rows=5
            />
            <Status desk errand words=words as _ />
            <div class="sb-actions">
                <SaveButton desk errand />
            </div>
        </form>
    }
}
