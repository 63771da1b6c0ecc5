//! Other values for the agent's variables.

use api::attend::ChangeVariables;
use leptos::prelude::*;

use super::{Call, in_words};
use crate::data::{Desk, Errand, Status, api_client};
use crate::features::calls::variables::{OneMoreVariable, Typed, VariableField};
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
    let typed = Typed::new();
    let changes = move || {
        let mut all = typed.read();
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
            typed.forget();
        });
    };
    let names = Memo::new(move |_| known.with(|known| known.keys().cloned().collect::<Vec<_>>()));
    let field = move |name: String| {
        let of = name.clone();
        let value = Signal::derive(move || known.with(|known| known.get(&of).cloned()));
        view! { <VariableField name typed value /> }
    };
    view! {
        <form
            class="sb-form"
            on:input=move |_| errand.forget()
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <p class="sb-hint">{move || texts().variables_hint()}</p>
            <For each=move || names.get() key=String::clone children=field />
            <OneMoreVariable desk typed />
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
