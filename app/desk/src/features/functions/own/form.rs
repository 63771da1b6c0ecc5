//! The form of a function.

use api::functions::{OwnFunction, OwnFunctionList, OwnFunctionSecret};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::typed::{Typed, Wrong};
use super::{Open, Own, PATH, Texts, words};
use crate::data::{Errand, SaveButton, Status, api_client};
use crate::kit::{CheckField, JsonField, MethodField, TextArea, TextField, focus_wrong};
use crate::words::kit::Texts as Common;
use browser::ui::http::escape;

/// Adds a function, or changes one.
#[component]
pub(super) fn Form(own: Own, function: Option<OwnFunction>) -> impl IntoView {
    let desk = own.all.desk;
    let texts = move || own.texts();
    let typed = Typed::of(function.as_ref());
    let has_headers = function
        .as_ref()
        .is_some_and(|it| !it.header_names.is_empty());
    let called = function.as_ref().map(|it| it.details.name.clone());
    let before = function.map(|it| (it.id, it.revision));
    let title = {
        let called = called.clone();
        move || match &called {
            Some(name) => texts().change_title(name),
            None => texts().add_title().to_owned(),
        }
    };
    // What others are called, those that are switched off too.
    let taken = Memo::new(move |_| {
        let ours = own.all.all.value.get().and_then(Result::ok);
        let ours = ours.into_iter().flat_map(|it| it.items).map(|it| it.name);
        let own = own.list.value.get().and_then(Result::ok);
        let own = own.into_iter().flat_map(|it| it.items);
        let names = ours.chain(own.map(|it| it.details.name));
        names
            .filter(|name| called.as_ref() != Some(name))
            .collect::<Vec<_>>()
    });
    let tried = RwSignal::new(false);
    let wrong = Memo::new(move |_| match tried.get() {
        true => typed.read(&taken.get()).err().unwrap_or_default(),
        false => Vec::new(),
    });
    let error = move |of: fn(&Wrong, Texts) -> Option<&'static str>| {
        Signal::derive(move || wrong.with(|all| all.iter().find_map(|it| of(it, texts()))))
    };
    let json_error = move |of: fn(&Wrong, Texts) -> Option<String>| {
        Signal::derive(move || wrong.with(|all| all.iter().find_map(|it| of(it, texts()))))
    };
    let show = own.rivals.show_one(PATH, move |list: OwnFunctionList| {
        let id = match own.open.get_untracked() {
            Some(Open::Change(function)) => function.id,
            _ => return,
        };
        let theirs = list.items.into_iter().find(|it| it.id == id);
        own.open.set(theirs.map(|it| Open::Change(Box::new(it))));
    });
    let errand = Errand::new();
    let form = NodeRef::<html::Form>::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Ok(save) = untrack(|| typed.read(&taken.get())) else {
            focus_wrong(form);
            return;
        };
        match before.clone() {
            None => {
                let work = async move { api_client::post::<OwnFunctionSecret>(PATH, &save).await };
                errand.run(desk, work, move |made| own.show_secret(made));
            }
            Some((id, read)) => {
                let path = format!("{PATH}/{}", escape(&id));
                let done = move |_: OwnFunction| own.changed();
                own.rivals.put(errand, &path, read, &save, show, done);
            }
        }
    };
    let heading = NodeRef::<html::H3>::new();
    heading.on_load(|heading| {
        let _ = heading.focus();
    });
    let headers_hint = Signal::derive(move || match has_headers {
        true => Some(texts().headers_kept()),
        false => Some(texts().headers_hint()),
    });
    let unset = has_headers.then(|| {
        view! {
            <CheckField
                id="own-no-headers"
                label=own.label(|texts| texts.headers_unset())
                value=typed.no_headers
            />
        }
    });
    view! {
        <form
            class="sb-card sb-form"
            aria-labelledby="own-form"
            novalidate
            node_ref=form
            on:submit=submit
        >
            <h3 id="own-form" tabindex="-1" node_ref=heading>{title}</h3>
            <TextField
                id="own-name"
                label=own.label(|texts| texts.name())
                value=typed.name
                hint=own.hint(|texts| texts.name_hint())
                error=error(|wrong, texts| match wrong {
                    Wrong::Name => Some(texts.name_wrong()),
                    Wrong::Taken => Some(texts.name_taken()),
                    _ => None,
                })
            />
            <TextArea
                id="own-description"
                label=own.label(|texts| texts.description())
                value=typed.description
                rows=2
                hint=own.hint(|texts| texts.description_hint())
                error=error(|wrong, texts| {
                    (*wrong == Wrong::Description).then(|| texts.description_wrong())
                })
            />
            <JsonField
                id="own-parameters"
                label=own.label(|texts| texts.parameters())
                value=typed.parameters
                rows=10
                hint=own.hint(|texts| texts.parameters_hint())
                error=json_error(|wrong, texts| match wrong {
                    Wrong::Schema(wrong) => Some(wrong.said(texts)),
                    _ => None,
                })
            />
            <div class="sb-form-row">
                <MethodField
                    id="own-method"
                    label=own.label(|texts| texts.method())
                    value=typed.method
                />
                <TextField
                    id="own-timeout-ms"
                    label=own.label(|texts| texts.timeout())
                    value=typed.timeout
                    kind="number"
                    error=error(|wrong, texts| {
                        (*wrong == Wrong::Timeout).then(|| texts.timeout_wrong())
                    })
                />
            </div>
            <TextField
                id="own-url"
                label=own.label(|texts| texts.address())
                value=typed.url
                hint=own.hint(|texts| texts.address_hint())
                error=error(|wrong, texts| match wrong {
                    Wrong::Address => Some(texts.address_wrong()),
                    Wrong::Host => Some(texts.host_wrong()),
                    _ => None,
                })
            />
            <TextArea
                id="own-headers"
                label=own.label(|texts| texts.headers())
                value=typed.headers
                rows=2
                hint=headers_hint
                error=error(|wrong, texts| {
                    (*wrong == Wrong::Headers).then(|| texts.headers_wrong())
                })
            />
            {unset}
            <JsonField
                id="own-body"
                label=own.label(|texts| texts.body())
                value=typed.body
                hint=own.hint(|texts| texts.body_hint())
                error=json_error(|wrong, texts| match wrong {
                    Wrong::Body(wrong) => Some(wrong.said(texts)),
                    _ => None,
                })
            />
            <div class="sb-form-row">
                <TextField
                    id="own-message"
                    label=own.label(|texts| texts.message())
                    value=typed.message
                    hint=own.hint(|texts| texts.message_hint())
                />
                <TextArea
                    id="own-fields"
                    label=own.label(|texts| texts.fields())
                    value=typed.fields
                    rows=2
                    hint=own.hint(|texts| texts.fields_hint())
                    error=error(|wrong, texts| {
                        (*wrong == Wrong::Fields).then(|| texts.fields_wrong())
                    })
                />
            </div>
            <CheckField
                id="own-changes"
                label=own.label(|texts| texts.changes())
                value=typed.changes
                hint=own.hint(|texts| texts.changes_hint())
            />
            <CheckField id="own-active" label=own.label(|texts| texts.active()) value=typed.active />
            <Status desk errand words />
            <div class="sb-actions">
                <SaveButton desk errand />
                <button type="button" class="sb-button" on:click=move |_| own.open.set(None)>
                    {move || Common::of(desk.lang.get()).cancel()}
                </button>
            </div>
        </form>
    }
}
