//! Trying a function of the business's own: what its target was asked, and what it answered.

use api::functions::{OwnFunction, OwnFunctionTried, TryOwnFunction};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::{Own, PATH, words};
use crate::data::{Errand, SaveButton, Status, api_client};
use crate::features::functions::attempt::Arguments;
use crate::features::functions::outcome;
use crate::kit::TextField;
use crate::words::kit::Texts as Common;
use browser::ui::http::escape;

/// A form made of its schema, and how it went.
#[component]
pub(super) fn Trial(own: Own, function: OwnFunction) -> impl IntoView {
    let desk = own.all.desk;
    let arguments = Arguments::of(&function.details.parameters);
    let caller = RwSignal::new(String::new());
    let tried = RwSignal::new(None::<OwnFunctionTried>);
    let errand = Errand::new();
    let path = format!("{PATH}/{}/try", escape(&function.id));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let path = path.clone();
        let number = caller.get_untracked().trim().to_owned();
        let trial = TryOwnFunction {
            arguments: arguments.read(),
            caller_number: Some(number).filter(|it| !it.is_empty()),
        };
        let work = async move { api_client::post::<OwnFunctionTried>(&path, &trial).await };
        errand.run(desk, work, move |came| tried.set(Some(came)));
    };
    let heading = NodeRef::<html::H3>::new();
    heading.on_load(|heading| {
        let _ = heading.focus();
    });
    let name = function.details.name;
    let came = move || tried.get().map(|tried| view! { <Came own tried /> });
    view! {
        <form class="sb-card sb-form" aria-labelledby="own-trial" novalidate on:submit=submit>
            <h3 id="own-trial" tabindex="-1" node_ref=heading>
                {move || own.texts().trial_title(&name)}
            </h3>
            <p class="sb-hint">{own.label(|texts| texts.trial_hint())}</p>
            {arguments.fields(own.all)}
            <TextField
                id="own-caller"
                label=own.label(|texts| texts.caller())
                value=caller
                kind="tel"
                hint=own.hint(|texts| texts.caller_hint())
            />
            <Status desk errand done=Signal::stored("") words />
            <div class="sb-actions">
                <SaveButton desk errand label=own.label(|texts| texts.try_it()) keeps_nothing=true />
                <button type="button" class="sb-button" on:click=move |_| own.open.set(None)>
                    {move || Common::of(desk.lang.get()).close()}
                </button>
            </div>
            <div role="status">{came}</div>
        </form>
    }
}

/// What was asked, and what came of it.
#[component]
fn Came(own: Own, tried: OwnFunctionTried) -> impl IntoView {
    let pretty = |value| serde_json::to_string_pretty(&value).unwrap_or_default();
    let became = tried.outcome;
    let chip = move || {
        let (class, word) = outcome(became, own.all.texts());
        view! { <span class=class>{word}</span> }
    };
    let took = move || own.all.milliseconds(Some(tried.latency_ms));
    let asked = match tried.url {
        Some(url) => view! { <pre>{url}</pre> }.into_any(),
        None => view! { <p>{own.label(|texts| texts.not_asked())}</p> }.into_any(),
    };
    let sent = tried.body.map(|body| {
        view! {
            <p class="sb-row-label">{own.label(|texts| texts.sent())}</p>
            <pre>{pretty(body)}</pre>
        }
    });
    let error = tried.error.map(|error| {
        view! {
            <p class="sb-row-label">{own.label(|texts| texts.wrong())}</p>
            <pre>{error}</pre>
        }
    });
    view! {
        <div class="sb-sent">
        <div class="sb-actions">{chip} <span class="sb-row-took">{took}</span></div>
        <p class="sb-row-label">{own.label(|texts| texts.asked())}</p>
        {asked}
        {sent}
        {error}
        <p class="sb-row-label">{own.label(|texts| texts.answer())}</p>
        <pre>{pretty(tried.answer)}</pre>
        </div>
    }
}
