//! The rules in their order: add, change, move, remove.

use api::problem::slug;
use api::routing::{Caller, Hours, NumberList, Rule, RuleAction, RuleBody, RuleList, RuleOrder};
use leptos::ev;
use leptos::prelude::*;

use super::editor::Editor;
use crate::data::Desk;
use crate::data::api_client;
use crate::data::{Errand, Loaded, Loading, Rivalry, Rivals, Status};
use crate::kit::{Confirm, Empty, Question, Toast, ToastPlace};
use crate::nav;
use crate::route::Section;
use crate::words::Lang;
use crate::words::routing::Texts;
use browser::ui::dom;
use browser::ui::http::{Failure, escape};

/// Where the rules are.
pub(super) const PATH: &str = "/api/desk/routing-rules";

/// Stands in the address for the id of a rule that is yet to be.
const NEW: &str = "new";

/// Which rule is edited.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Editing {
    New,
    Rule(Box<Rule>),
}

/// The rules and what can be done with them.
#[component]
pub(super) fn Rules(
    desk: Desk,
    rules: Loaded<RuleList>,
    numbers: Loaded<NumberList>,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let open = nav::open_in(desk.route, Section::Routing);
    let rivals = Rivals::new(desk);
    let editing = Memo::new(move |before: Option<&Option<Editing>>| {
        let id = open.get()?;
        if id == NEW {
            return Some(Editing::New);
        }
        // What is being typed stays, though the rules are loaded anew; unless somebody else has
        // changed the rule.
        if !rivals.any()
            && let Some(Some(Editing::Rule(rule))) = before
            && rule.id == id
        {
            return Some(Editing::Rule(rule.clone()));
        }
        let rules = rules.value.get()?.ok()?;
        let rule = rules.items.into_iter().find(|rule| rule.id == id)?;
        Some(Editing::Rule(Box::new(rule)))
    });
    let edit = move |id: Option<String>| nav::open(desk.route, Section::Routing, id);
    let question = RwSignal::new(None::<Question>);
    let errand = Errand::new();
    let toast = Toast::new();
    let draw = move |list: RuleList| {
        if list.items.is_empty() {
            let empty = view! {
                <Empty title=Signal::derive(move || texts().no_rules()) hint=Signal::derive(move || texts().no_rules_hint()) />
            };
            return empty.into_any();
        }
        let count = list.items.len();
        let rows = list
            .items
            .iter()
            .enumerate()
            .map(|(index, rule)| {
                let place = Place { index, count };
                row(
                    desk,
                    rule.clone(),
                    place,
                    &list,
                    Parts {
                        rules,
                        question,
                        errand,
                        toast,
                    },
                )
            })
            .collect_view();
        view! {
            <ol class="sb-rules" aria-label=move || texts().rules()>
                {rows}
            </ol>
            <p class="sb-hint">{move || texts().order_hint()}</p>
        }
        .into_any()
    };
    let editor = move || {
        editing.get().map(|edited| {
            let close = Callback::new(move |()| edit(None));
            view! { <Editor rivals edited rules numbers close /> }
        })
    };
    view! {
        <section class="sb-section" aria-labelledby="rules-title">
            <h2 id="rules-title">{move || texts().rules()}</h2>
            <Loading desk loaded=rules draw />
            <Status desk errand done=Signal::stored("") words=failed />
            <ToastPlace toast />
            <div class="sb-actions">
                <button
                    type="button"
                    class="sb-button"
                    on:click=move |_| edit(Some(NEW.to_owned()))
                >
                    {move || texts().add()}
                </button>
            </div>
            <Rivalry rivals />
            {editor}
        </section>
        <Confirm question />
    }
}

/// What a failed change means.
pub(super) fn failed(failure: &Failure, lang: Lang) -> Option<&'static str> {
    match failure {
        Failure::Problem { slug, .. } if slug == slug::RULES_CHANGED => {
            Some(Texts::of(lang).changed_meanwhile())
        }
        Failure::Problem { slug, .. } if slug == slug::BODY_INVALID => {
            Some(Texts::of(lang).not_a_rule())
        }
        _ => None,
    }
}

#[derive(Clone, Copy)]
struct Parts {
    rules: Loaded<RuleList>,
    question: RwSignal<Option<Question>>,
    errand: Errand,
    toast: Toast,
}

#[derive(Clone, Copy)]
struct Place {
    index: usize,
    count: usize,
}

/// Moves a rule by one place, and the focus with it.
fn shift(desk: Desk, parts: Parts, index: usize, to: usize) {
    let Some(Ok(before)) = parts.rules.value.get_untracked() else {
        return;
    };
    if index.max(to) >= before.items.len() {
        return;
    }
    let mut moved = before.clone();
    moved.items.swap(index, to);
    let rule = moved.items[to].clone();
    reorder(desk, parts, moved, move || {
        let row = document().get_element_by_id(&format!("rule-{}", rule.id));
        if let Some(row) = row {
            dom::focus(&row);
        }
        let texts = Texts::of(desk.lang.get_untracked());
        let place = i64::try_from(to + 1).unwrap_or_default();
        parts
            .toast
            .done(texts.moved(&rule.body.name, place), move || {
                reorder(desk, parts, before.clone(), move || parts.toast.undone());
            });
    });
}

/// Puts the rules into an order, and says so once they are drawn in it.
fn reorder(desk: Desk, parts: Parts, rules: RuleList, done: impl FnOnce() + 'static) {
    let order = RuleOrder {
        ids: rules.items.iter().map(|rule| rule.id.clone()).collect(),
    };
    let about = parts.errand.about(format!("order {:?}", order.ids));
    let work = async move { api_client::put::<()>(&format!("{PATH}/order"), &order).await };
    about.run(desk, work, move |()| {
        parts.rules.set(rules);
        request_animation_frame(done);
    });
}

fn row(
    desk: Desk,
    rule: Rule,
    place: Place,
    list: &RuleList,
    parts: Parts,
) -> impl IntoView + use<> {
    let texts = move || Texts::of(desk.lang.get());
    let Place { index, count } = place;
    let agents = list.agents.clone();
    let name = rule.body.name.clone();
    let id = rule.id.clone();
    let dom_id = format!("rule-{id}");
    let enabled = rule.body.enabled;
    let labelled = |read: fn(Texts, &str) -> String| {
        let name = name.clone();
        move || read(texts(), &name)
    };
    let (up_label, down_label) = (labelled(Texts::up), labelled(Texts::down));
    let (edit_label, remove_label) = (labelled(Texts::edit), labelled(Texts::remove));
    let body = StoredValue::new(rule.body.clone());
    let says = move || body.with_value(|body| conditions(body, texts()));
    let goes = move || {
        body.with_value(|body| match &body.action {
            RuleAction::Reject => texts().rejected().to_owned(),
            RuleAction::Agent { agent_id: None, .. } => texts().own_agent().to_owned(),
            RuleAction::Agent {
                agent_id: Some(id), ..
            } => agents
                .iter()
                .find(|agent| agent.id == *id)
                .map_or_else(|| id.clone(), |agent| agent.name.clone()),
        })
    };
    let up = move || {
        if let Some(to) = index.checked_sub(1) {
            shift(desk, parts, index, to);
        }
    };
    let down = move || shift(desk, parts, index, index + 1);
    let key = move |event: ev::KeyboardEvent| {
        if !event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "ArrowUp" => up(),
            "ArrowDown" => down(),
            _ => return,
        }
        event.prevent_default();
    };
    let edited = rule.id;
    let edit = move |_| nav::open(desk.route, Section::Routing, Some(edited.clone()));
    let asked = name.clone();
    let remove = move |_| {
        let texts = Texts::of(desk.lang.get_untracked());
        let id = id.clone();
        let act = move |()| {
            let path = format!("{PATH}/{}", escape(&id));
            let about = parts.errand.about(&path);
            let work = async move { api_client::delete(&path).await };
            about.run(desk, work, move |()| parts.rules.reload());
        };
        parts.question.set(Some(Question {
            title: texts.remove(&asked),
            text: texts.remove_text().to_owned(),
            yes: texts.remove_yes(),
            act: Callback::new(act),
        }));
    };
    view! {
        <li class="sb-card sb-rule" id=dom_id tabindex="-1" on:keydown=key>
            <div class="sb-rule-says">
                <strong>{name}</strong>
                {(!enabled)
                    .then(|| view! { <span class="sb-chip">{move || texts().switched_off()}</span> })}
                <p class="sb-hint">{says}</p>
                <p>"→ " {goes}</p>
            </div>
            <div class="sb-actions">
                <button
                    type="button"
                    class="sb-button sb-button-small"
                    aria-label=up_label
                    disabled={index == 0}
                    on:click=move |_| up()
                >
                    "↑"
                </button>
                <button
                    type="button"
                    class="sb-button sb-button-small"
                    aria-label=down_label
                    disabled={index + 1 == count}
                    on:click=move |_| down()
                >
                    "↓"
                </button>
                <button type="button" class="sb-button sb-button-small" on:click=edit>
                    {edit_label}
                </button>
                <button
                    type="button"
                    class="sb-button sb-button-small sb-button-danger"
                    on:click=remove
                >
                    {remove_label}
                </button>
            </div>
        </li>
    }
}

/// For whom a rule is, in a line.
fn conditions(rule: &RuleBody, texts: Texts) -> String {
    let mut parts = Vec::new();
    parts.extend(rule.number.clone());
    parts.extend(rule.caller.map(|caller| {
        match caller {
            Caller::Known => texts.known(),
            Caller::Vip => texts.vip(),
            Caller::Unknown => texts.unknown(),
        }
        .to_owned()
    }));
    if !rule.countries.is_empty() {
        parts.push(rule.countries.join(", "));
    }
    parts.extend(rule.hours.map(|hours| {
        match hours {
            Hours::Open => texts.open(),
            Hours::Closed => texts.closed(),
        }
        .to_owned()
    }));
    parts.extend(rule.language.clone());
    parts.extend(
        rule.calls_from
            .map(|calls| texts.calls_or_more(calls.into())),
    );
    if parts.is_empty() {
        return texts.every_call().to_owned();
    }
    parts.join(" · ")
}
