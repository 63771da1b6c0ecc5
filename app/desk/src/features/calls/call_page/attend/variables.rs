//! Other values for the agent's variables.

use std::collections::BTreeMap;

use api::attend::ChangeVariables;
use leptos::prelude::*;

use super::{Call, in_words};
use crate::data::{Desk, Errand, Status, api_client};
use crate::kit::TextField;
use crate::words::attend::Texts;

/// What the agent was given, each to be changed, and one more. Retell takes any name, and text
/// only; what is not touched stays as it is.
#[component]
pub(super) fn Variables(desk: Desk, call: Call) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let given = call.detail.with_untracked(|detail| {
        let given = detail.as_ref().map(|it| it.dynamic_variables.clone());
        given.unwrap_or_default()
    });
    // What the agent has, as far as is known here: Retell tells of no change while a call goes on.
    let known = RwSignal::new(given);
    let typed = RwSignal::new(BTreeMap::<String, String>::new());
    let (name, value) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let changes = move || {
        let mut all = typed.get();
        let named = name.get().trim().to_owned();
        if !named.is_empty() {
            all.insert(named, value.get());
        }
        known.with(|known| all.retain(|name, value| known.get(name) != Some(value)));
        all
    };
    let errand = Errand::new();
    let send = move || {
        let variables = untrack(changes);
        if variables.is_empty() {
            return;
        }
        let path = call.path() + "/variables";
        let change = ChangeVariables {
            variables: variables.clone(),
        };
        let work = async move { api_client::patch::<()>(&path, &change).await };
        errand.run(desk, work, move |()| {
            known.update(|known| known.extend(variables));
            typed.set(BTreeMap::new());
            name.set(String::new());
            value.set(String::new());
        });
    };
    let names = Memo::new(move |_| known.with(|known| known.keys().cloned().collect::<Vec<_>>()));
    let field = move |name: String| {
        let id = format!("variable-{name}");
        let (of, to) = (name.clone(), name.clone());
        let shown = move || {
            let typed = typed.with(|typed| typed.get(&of).cloned());
            typed.or_else(|| known.with(|known| known.get(&of).cloned()))
        };
        let type_in = move |event| {
            errand.forget();
            typed.update(|typed| {
                typed.insert(to.clone(), event_target_value(&event));
            });
        };
        view! {
            <div class="sb-field">
                <label for=id.clone()><code>{name}</code></label>
                <input
                    id=id
                    class="sb-input"
                    type="text"
                    autocomplete="off"
                    maxlength=ChangeVariables::VALUE_MAX
                    prop:value=shown
                    on:input=type_in
                />
            </div>
        }
    };
    view! {
        <form
            class="sb-form"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <p class="sb-hint">{move || texts().variables_hint()}</p>
            <For each=move || names.get() key=String::clone children=field />
            <TextField
                id="variable-new-name"
                label=Signal::derive(move || texts().variable_name())
                value=name
            />
            <TextField
                id="variable-new-value"
                label=Signal::derive(move || texts().variable_value())
                value=value
            />
            <div class="sb-actions">
                <button
                    type="submit"
                    class="sb-button sb-button-primary"
                    aria-disabled=move || changes().is_empty().to_string()
                >
                    {move || texts().variables_change()}
                </button>
            </div>
            <Status
                desk
                errand
                done=Signal::derive(move || texts().variables_changed())
                words=in_words
            />
        </form>
    }
}
