//! One function: the agents it is on for, what it is asked, a trial, and what it was asked last.

use api::functions::SwitchFunction;
use leptos::html;
use leptos::prelude::*;

use super::attempt::{Arguments, Attempt};
use super::runs::Runs;
use super::{PATH, Shared};
use crate::data::{Errand, Pages, Status, api_client};
use browser::ui::http::escape;

/// The function of this name.
#[component]
pub(super) fn One(shared: Shared, name: String) -> impl IntoView {
    let texts = move || shared.texts();
    let heading = NodeRef::<html::H2>::new();
    heading.on_load(|heading| {
        let _ = heading.focus();
    });
    let named = name.clone();
    let function = Memo::new(move |_| {
        let list = shared.all.value.get()?.ok()?;
        list.items.into_iter().find(|it| it.name == named)
    });
    // Neither changes while it is open.
    let schema = untrack(|| function.get()).map(|it| (it.parameters, it.changes));
    let (parameters, changes) = schema.unwrap_or_default();
    let written = serde_json::to_string_pretty(&parameters).unwrap_or_default();
    let arguments = Arguments::of(&parameters);
    let pages = Pages::from(
        shared.desk,
        &format!("{PATH}/{}/runs?limit=10", escape(&name)),
    );
    let about = move || function.get().map(|it| it.description);
    let off_for = Memo::new(move |_| function.get().map(|it| it.off_for).unwrap_or_default());
    view! {
        <section class="sb-card sb-section" aria-labelledby="function-title">
            <h2 id="function-title" tabindex="-1" node_ref=heading>
                <code>{name.clone()}</code>
            </h2>
            <p class="sb-hint">{about}</p>
            <Switches shared name=name.clone() off_for />
            <details class="sb-unfold">
                <summary>{move || texts().schema()}</summary>
                <pre>{written}</pre>
            </details>
            <Attempt shared name arguments changes />
            <Runs shared pages />
            <div class="sb-actions">
                <button type="button" class="sb-button" on:click=move |_| shared.open(None)>
                    {move || texts().close()}
                </button>
            </div>
        </section>
    }
}

/// Which agents may ask for it.
#[component]
fn Switches(shared: Shared, name: String, off_for: Memo<Vec<String>>) -> impl IntoView {
    let texts = move || shared.texts();
    let errand = Errand::new();
    let agents = Memo::new(move |_| {
        let list = shared.all.value.get().and_then(Result::ok);
        list.map(|list| list.agents).unwrap_or_default()
    });
    let all = move || {
        let agents = agents.get();
        if agents.is_empty() {
            return view! { <p class="sb-hint">{texts().no_agents()}</p> }.into_any();
        }
        let check = |agent: api::routing::AgentName| {
            let (id, shown, name) = (agent.id.clone(), agent.name.clone(), name.clone());
            let change = move |event| {
                let on = event_target_checked(&event);
                let (agent, function) = (escape(&agent.id), escape(&name));
                let path = format!("/api/desk/agents/{agent}/functions/{function}");
                let about = errand.about(format!("{path} {on}"));
                let body = SwitchFunction { on };
                let work = async move { api_client::put::<SwitchFunction>(&path, &body).await };
                // Whatever became of it, it is shown as it is.
                let again = move || shared.all.reload();
                about.run_then(shared.desk, work, move |_| again(), move |_| again());
            };
            view! {
                <label class="sb-check">
                    <input
                        type="checkbox"
                        class="sb-tick"
                        prop:checked=move || off_for.with(|off| !off.contains(&id))
                        on:change=change
                    />
                    <span>{shown}</span>
                </label>
            }
        };
        agents.into_iter().map(check).collect_view().into_any()
    };
    view! {
        <fieldset class="sb-fieldset">
            <legend>{move || texts().for_agents()}</legend>
            {all}
        </fieldset>
        <Status desk=shared.desk errand done=Signal::stored("") />
    }
}
