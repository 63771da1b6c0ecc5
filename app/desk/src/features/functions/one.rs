//! One function: how it fares, what it was asked last, a trial, and the agents it is on for.

use api::functions::SwitchFunction;
use leptos::html;
use leptos::prelude::*;

use super::attempt::{Arguments, Attempt};
use super::fared::Fares;
use super::runs::Runs;
use super::{PATH, Shared};
use crate::data::{Errand, Pages, Status, api_client};
use crate::kit::{Tab, Tabs};
use browser::ui::http::escape;

/// The tab that is open where an address names none.
const FIRST: &str = "figures";

/// The function of this name.
#[component]
pub(super) fn One(
    shared: Shared,
    name: String,
    /// Which of its tabs is open.
    tab: Memo<String>,
) -> impl IntoView {
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
    let (tried, switched, opened) = (name.clone(), name.clone(), name.clone());
    let tabs = vec![
        Tab::new(FIRST, shared.label(|texts| texts.figures()), move || {
            view! { <Fares shared function /> }
        }),
        Tab::new("runs", shared.label(|texts| texts.runs()), move || {
            view! { <Runs shared pages /> }
        }),
        Tab::new("try", shared.label(|texts| texts.try_it()), move || {
            view! {
                <Attempt shared name=tried.clone() arguments changes />
                <details class="sb-unfold">
                    <summary>{move || texts().schema()}</summary>
                    <pre>{written.clone()}</pre>
                </details>
            }
        }),
        Tab::new("agents", shared.label(|texts| texts.state()), move || {
            view! { <Switches shared name=switched.clone() off_for /> }
        }),
    ];
    let choose = Callback::new(move |tab: &'static str| {
        shared.open(Some(match tab {
            FIRST => opened.clone(),
            tab => format!("{opened}:{tab}"),
        }));
    });
    view! {
        <section class="sb-card sb-section" aria-labelledby="function-title">
            <h2 id="function-title" tabindex="-1" node_ref=heading>
                <code>{name.clone()}</code>
            </h2>
            <p class="sb-hint">{about}</p>
            <Tabs id="function" label=Signal::stored(name) tabs open=tab choose />
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
