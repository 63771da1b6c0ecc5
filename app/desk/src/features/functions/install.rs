//! Putting the functions into an agent: first what that would change.

use api::functions::{AgentTools, ToolChange, ToolDifference};
use api::problem::slug;
use leptos::ev::{MouseEvent, SubmitEvent};
use leptos::prelude::*;
use serde_json::Value;

use super::{Shared, Texts};
use crate::data::{Desk, Errand, SaveButton, Status, api_client};
use crate::kit::SelectField;
use crate::nav;
use crate::route::Route;
use crate::words::Lang;
use crate::words::test_call::Texts as TestCall;
use browser::ui::http::{Failure, escape};

fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    match failure {
        Failure::Problem { slug, .. } if slug == slug::AGENT_WITHOUT_TOOLS => {
            Some(Texts::of(lang).no_tools())
        }
        _ => None,
    }
}

/// The agent, what would change, and writing it.
#[component]
pub(super) fn Install(shared: Shared) -> impl IntoView {
    let texts = move || shared.texts();
    let agents = move || {
        let list = shared.all.value.get().and_then(Result::ok);
        let agents = list.map(|list| list.agents).unwrap_or_default().into_iter();
        agents.map(|it| (it.id, it.name)).collect::<Vec<_>>()
    };
    let agent = RwSignal::new(String::new());
    let voice = move || {
        let list = shared.all.value.get().and_then(Result::ok)?;
        let chosen = list
            .agents
            .into_iter()
            .find(|it| agent.with(|id| it.id == *id));
        let voice = chosen?.voice?;
        let sample = voice.preview_url.map(|url| {
            view! {
                <a href=url target="_blank" rel="noopener noreferrer">
                    {move || texts().voice_sample()}
                </a>
            }
        });
        Some(view! {
            <p class="sb-hint">{move || texts().voice(&voice.name)} " " {sample}</p>
        })
    };
    Effect::new(move || {
        if agent.with(String::is_empty)
            && let Some((id, _)) = agents().into_iter().next()
        {
            agent.set(id);
        }
    });
    let difference = RwSignal::new(None::<AgentTools>);
    let (comparing, writing) = (Errand::new(), Errand::new());
    // What was shown is of another agent.
    Effect::new(move || {
        agent.track();
        difference.set(None);
        writing.forget();
    });
    let path = move || {
        format!(
            "/api/desk/agents/{}/functions",
            escape(&agent.get_untracked())
        )
    };
    let compare = move |event: SubmitEvent| {
        event.prevent_default();
        if agent.with_untracked(String::is_empty) {
            return;
        }
        writing.forget();
        let path = path();
        let work = async move { api_client::get::<AgentTools>(&path).await };
        comparing.run(shared.desk, work, move |tools| difference.set(Some(tools)));
    };
    let write = move |_| {
        let path = path();
        let work = async move { api_client::put::<AgentTools>(&path, &Value::Null).await };
        writing.run(shared.desk, work, move |_| difference.set(None));
    };
    let shown = move || {
        let tools = difference.get()?;
        let is_news =
            |it: &ToolDifference| !matches!(it.change, ToolChange::Same | ToolChange::Kept);
        let anything = tools.items.iter().any(is_news);
        let rows = tools
            .items
            .into_iter()
            .map(|it| row(shared, it))
            .collect_view();
        let what = if anything {
            view! {
                <div class="sb-actions">
                    <button
                        type="button"
                        class="sb-button sb-button-primary"
                        aria-busy=move || writing.is_busy().to_string()
                        on:click=write
                    >
                        {move || texts().write()}
                    </button>
                </div>
            }
            .into_any()
        } else {
            view! { <p class="sb-done">{move || texts().up_to_date()}</p> }.into_any()
        };
        Some(view! {
            <ul class="sb-runs" role="list" aria-labelledby="install-title">{rows}</ul>
            {what}
        })
    };
    view! {
        <section class="sb-card sb-section" aria-labelledby="install-title">
            <h2 id="install-title">{move || texts().install()}</h2>
            <p class="sb-hint">{move || texts().install_hint()}</p>
            <form class="sb-form sb-form-narrow" novalidate on:submit=compare>
                <SelectField
                    id="install-agent"
                    label=shared.label(|texts| texts.agent())
                    value=agent
                    options=Signal::derive(agents)
                />
                {voice}
                <TalkTo desk=shared.desk agent />
                <Status desk=shared.desk errand=comparing done=Signal::stored("") words=words />
                <div class="sb-actions">
                    <SaveButton
                        desk=shared.desk
                        errand=comparing
                        label=shared.label(|texts| texts.compare()) keeps_nothing=true
                    />
                </div>
            </form>
            {shown}
            <Status
                desk=shared.desk
                errand=writing
                done=shared.label(|texts| texts.written())
                words=words
            />
        </section>
    }
}

/// Leads to where one talks with the agent oneself.
#[component]
fn TalkTo(desk: Desk, agent: RwSignal<String>) -> impl IntoView {
    let follow = move |click: MouseEvent| {
        if nav::is_plain(&click) {
            click.prevent_default();
            let address = agent.with_untracked(|id| nav::talk_address(id));
            nav::go_to(desk.route, Route::new_call(), &address);
        }
    };
    let shown = Memo::new(move |_| !agent.with(String::is_empty));
    let link = move || {
        view! {
            <p>
                <a
                    data-key="test_call"
                    href=move || agent.with(|id| nav::talk_address(id))
                    on:click=follow
                >
                    {move || TestCall::of(desk.lang.get()).talk_to()}
                </a>
            </p>
        }
    };
    move || shown.get().then(link)
}

fn row(shared: Shared, it: ToolDifference) -> impl IntoView {
    let texts = move || shared.texts();
    let (class, word): (_, fn(Texts) -> &'static str) = match it.change {
        ToolChange::Added => ("sb-chip sb-chip-good", |texts| texts.added()),
        ToolChange::Changed => ("sb-chip sb-chip-warn", |texts| texts.changed()),
        ToolChange::Removed => ("sb-chip sb-chip-bad", |texts| texts.removed()),
        ToolChange::Same => ("sb-chip", |texts| texts.same()),
        ToolChange::Kept => ("sb-chip", |texts| texts.kept()),
        ToolChange::Unknown => ("sb-chip", |_| "–"),
    };
    let block = move |label: fn(Texts) -> &'static str, value: Option<Value>| {
        value.map(|value| {
            let text = serde_json::to_string_pretty(&value).unwrap_or_default();
            view! {
                <p class="sb-row-label">{move || label(texts())}</p>
                <pre>{text}</pre>
            }
        })
    };
    // What stays is said once.
    let after = it.after.filter(|after| it.before.as_ref() != Some(after));
    view! {
        <li>
            <details class="sb-unfold">
                <summary>
                    <code>{it.name}</code>
                    <span class=class>{move || word(texts())}</span>
                </summary>
                {block(|texts| texts.before(), it.before)}
                {block(|texts| texts.after(), after)}
            </details>
        </li>
    }
}
