//! Where one talks with an agent oneself: which one, and with what in its prompt.

use api::desk::{AgentList, AgentVariables};
use api::routing::AgentName;
use browser::ui::http::escape;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::call_page::BackToCalls;
use super::dial::DialPage;
use super::telephone::Telephone;
use super::variables::{OneMoreVariable, Typed, VariableField};
use crate::data::{Desk, Loaded, Loading};
use crate::kit::icon::{Icon, icon};
use crate::kit::{Empty, SelectField};
use crate::nav::{self, title};
use crate::route::Route;
use crate::words::attend::Texts as Attending;
use crate::words::call::Texts as CallTexts;
use crate::words::test_call::Texts;

/// Where a call is begun: to a number, where the address names one, or from the browser.
#[component]
pub(crate) fn NewCallPage(desk: Desk) -> impl IntoView {
    let to = Memo::new(move |_| {
        desk.route.track();
        nav::asked("to")
    });
    move || match to.get() {
        Some(to) => view! { <DialPage desk to /> }.into_any(),
        None => view! { <TestCallPage desk /> }.into_any(),
    }
}

/// Chooses an agent and calls it. Once it is heard, the page of the call goes on.
#[component]
pub(crate) fn TestCallPage(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let telephone = Telephone::of(desk);
    telephone.forget();
    on_cleanup(move || telephone.page_left());
    Effect::new(move || document().set_title(&title(texts().title(), desk.texts())));
    let live = Memo::new(move |_| telephone.live());
    Effect::new(move || {
        if let Some(id) = live.get() {
            let to = Route::Call(id);
            // Who goes back from there goes to where they came from.
            nav::replace(&to.path());
            desk.route.set(to);
        }
    });
    let agents = Loaded::<AgentList>::from(desk, "/api/desk/agents");
    let draw = move |list: AgentList| match list.items.is_empty() {
        true => view! {
            <Empty
                title=Signal::derive(move || texts().no_agents())
                hint=Signal::derive(move || texts().no_agents_hint())
            />
        }
        .into_any(),
        false => view! { <Choice desk telephone agents=list.items /> }.into_any(),
    };
    let trouble = move || {
        telephone.trouble().map(|text| {
            view! {
                <p class="sb-problem">
                    {icon(Icon::Alert)}
                    <span>{text}</span>
                </p>
            }
        })
    };
    let stands = move || telephone.stands().map(|text| view! { <p>{text}</p> });
    view! {
        <section class="sb-page" aria-labelledby="test-call-title">
            <BackToCalls desk />
            <h1 id="test-call-title">{move || texts().title()}</h1>
            <p class="sb-hint">{move || texts().hint()}</p>
            <Loading desk loaded=agents draw />
            <div role="status">{stands}</div>
            <div role="alert">{trouble}</div>
        </section>
    }
}

#[component]
fn Choice(desk: Desk, telephone: Telephone, agents: Vec<AgentName>) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let asked = nav::asked("agent").filter(|id| agents.iter().any(|it| it.id == *id));
    let first = agents.first().map(|it| it.id.clone());
    let agent = RwSignal::new(asked.or(first).unwrap_or_default());
    let options: Vec<_> = agents.into_iter().map(|it| (it.id, it.name)).collect();
    let typed = Typed::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if telephone.is_active_now() {
            telephone.hang_up();
            return;
        }
        let mut variables = untrack(|| typed.read());
        variables.retain(|_, value| !value.is_empty());
        telephone.start(agent.get_untracked(), variables);
    };
    // What was typed was for another agent's prompt.
    let chosen = Memo::new(move |_| agent.get());
    Effect::new(move || {
        chosen.track();
        typed.forget_known();
    });
    let calling = Memo::new(move |_| telephone.is_active());
    // One button, so that who presses it keeps the focus.
    let label = move || match calling.get() {
        true => Attending::of(desk.lang.get()).end(),
        false => texts().start(),
    };
    view! {
        <form class="sb-card sb-form sb-form-narrow" novalidate on:submit=submit>
            <SelectField
                id="test-call-agent"
                label=Signal::derive(move || desk.texts().agent())
                value=agent
                options=Signal::stored(options)
            />
            <fieldset>
                <legend>{move || CallTexts::of(desk.lang.get()).variables()}</legend>
                {move || view! { <Defaults desk agent=chosen.get() typed /> }}
                <OneMoreVariable desk typed />
            </fieldset>
            <div class="sb-actions">
                <button
                    type="submit"
                    class="sb-button"
                    class=("sb-button-primary", move || !calling.get())
                    class=("sb-button-danger", move || calling.get())
                    data-key=move || calling.get().then_some("end")
                >
                    {icon(Icon::Phone)}
                    {label}
                </button>
            </div>
        </form>
    }
}

/// A field for each variable the agent has something for by default. Where Retell does not tell
/// them, any can be named all the same.
#[component]
fn Defaults(desk: Desk, agent: String, typed: Typed) -> impl IntoView {
    let path = format!("/api/desk/agents/{}/variables", escape(&agent));
    let loaded = Loaded::<AgentVariables>::from(desk, path);
    let field = move |(name, placeholder): (String, String)| {
        view! { <VariableField name typed placeholder /> }
    };
    move || {
        let Some(Ok(told)) = loaded.value.get() else {
            return None;
        };
        let hint = (!told.defaults.is_empty()).then(|| {
            let hint = move || Texts::of(desk.lang.get()).defaults_hint();
            view! { <p class="sb-hint">{hint}</p> }
        });
        Some(view! {
            {hint}
            {told.defaults.into_iter().map(field).collect_view()}
        })
    }
}
