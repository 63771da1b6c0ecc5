//! What people are warned of while calls go on: the business's rules.

mod form;
mod typed;

use api::problem::slug;
use api::routing::AgentName;
use api::warnings::{Severity, WarnWhen, WarningRule, WarningRuleDetails, WarningRuleList};
use leptos::prelude::*;

use crate::data::{ChangeOrRemove, Desk, ListAndForm, Listed, Loaded};
use crate::kit::{Button, ButtonSize, Cell, Table};
use crate::words::Lang;
use crate::words::warnings::Texts;
use browser::ui::http::Failure;
use form::Form;
use typed::empty;

const PATH: &str = "/api/desk/warning-rules";

/// What failures mean here.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    match slug.as_str() {
        slug::VALUE_INVALID | slug::AGENT_UNKNOWN => Some(Texts::of(lang).not_taken()),
        slug::NOT_FOUND => Some(Texts::of(lang).gone()),
        _ => None,
    }
}

/// When a rule warns, in words.
fn says(texts: Texts, when: &WarnWhen) -> String {
    match when {
        WarnWhen::AgentOmits { words, seconds } => {
            texts.says_agent_omits(&seconds.to_string(), &words.join(", "))
        }
        WarnWhen::CallerSays { words } => texts.says_caller_says(&words.join(", ")),
        WarnWhen::AgentSays { words } => texts.says_agent_says(&words.join(", ")),
        WarnWhen::AgentSilent { seconds } => texts.says_agent_silent(&seconds.to_string()),
        WarnWhen::CallerSilent { seconds } => texts.says_caller_silent(&seconds.to_string()),
        WarnWhen::FunctionFails { times } => texts.says_function_fails(&times.to_string()),
    }
}

/// Rules that most businesses want, to begin with: in the words of the reader's language.
fn proposals(texts: Texts) -> [WarningRuleDetails; 4] {
    let words = |lines: &str| lines.split(", ").map(str::to_owned).collect();
    let rule = |name: &str, when, severity| WarningRuleDetails {
        name: name.to_owned(),
        when,
        agents: Vec::new(),
        severity,
    };
    [
        rule(
            texts.says_ai(),
            WarnWhen::AgentOmits {
                words: words(texts.says_ai_words()),
                seconds: 15,
            },
            Severity::High,
        ),
        rule(
            texts.wants_human(),
            WarnWhen::CallerSays {
                words: words(texts.wants_human_words()),
            },
            Severity::High,
        ),
        rule(
            texts.is_upset(),
            WarnWhen::CallerSays {
                words: words(texts.is_upset_words()),
            },
            Severity::Low,
        ),
        rule(
            texts.long_silence(),
            WarnWhen::CallerSilent { seconds: 20 },
            Severity::Low,
        ),
    ]
}

/// What the parts share. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
struct Section {
    desk: Desk,
    /// The rules, and the form of one that is kept or of a new one.
    listed: Listed<WarningRuleList, Edited>,
    agents: RwSignal<Vec<AgentName>>,
}

/// Which rule, and which revision of it.
type Kept = (String, i64);
/// What the form is of: a rule that is kept, or a new one.
type Edited = (Option<Kept>, WarningRuleDetails);

fn edited(it: WarningRule) -> Edited {
    (Some((it.id, it.revision)), it.details)
}

impl Section {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    fn label(self, read: fn(Texts) -> &'static str) -> Signal<&'static str> {
        Signal::derive(move || read(self.texts()))
    }

    fn hint(self, read: fn(Texts) -> &'static str) -> Signal<Option<&'static str>> {
        Signal::derive(move || Some(read(self.texts())))
    }
}

/// The rules, and the form of one.
#[component]
pub(super) fn Warnings(desk: Desk) -> impl IntoView {
    let listed = Listed::of(desk, PATH, Loaded::from(desk, PATH));
    let section = Section {
        desk,
        listed,
        agents: RwSignal::new(Vec::new()),
    };
    let draw = move |list: WarningRuleList| {
        section.agents.set(list.agents);
        if list.items.is_empty() {
            return view! { <p class="sb-hint">{section.label(|texts| texts.none())}</p> }
                .into_any();
        }
        let columns = move || {
            let texts = section.texts();
            vec![texts.name(), texts.when(), texts.agents(), texts.actions()]
        };
        let rows = list.items.into_iter().map(|it| row(section, it));
        let rows = rows.collect_view();
        view! {
            <Table label=section.label(|texts| texts.title()) columns=columns>
                {rows}
            </Table>
        }
        .into_any()
    };
    let form = move |(kept, details)| view! { <Form section kept details /> };
    let proposed = move || {
        let propose = |details: WarningRuleDetails| {
            let name = details.name.clone();
            let open = move |()| listed.editing.set(Some((None, details.clone())));
            view! {
                <Button size=ButtonSize::Small press=open>
                    {name}
                </Button>
            }
        };
        proposals(section.texts())
            .map(propose)
            .into_iter()
            .collect_view()
    };
    view! {
        <section class="sb-card" aria-labelledby="warnings-title">
            <h2 id="warnings-title">{section.label(|texts| texts.title())}</h2>
            <p class="sb-hint">{section.label(|texts| texts.hint())}</p>
            <ListAndForm
                listed
                words=words as _
                draw
                add=section.label(|texts| texts.add())
                fresh=|| (None, empty())
                form
            >
                <div
                    class="sb-actions"
                    role="group"
                    aria-label=move || section.texts().proposals()
                >
                    <span class="sb-hint">{section.label(|texts| texts.proposals())}</span>
                    {proposed}
                </div>
            </ListAndForm>
        </section>
    }
}

fn row(section: Section, it: WarningRule) -> impl IntoView {
    let WarningRuleDetails {
        name,
        when,
        agents,
        severity,
    } = it.details.clone();
    let of = name.clone();
    let whose = move || {
        if agents.is_empty() {
            return section.texts().all_agents().to_owned();
        }
        section.agents.with(|known| {
            let named = |id: &String| {
                let found = known.iter().find(|agent| agent.id == *id);
                found.map_or_else(|| id.clone(), |agent| agent.name.clone())
            };
            agents.iter().map(named).collect::<Vec<_>>().join(", ")
        })
    };
    let flags = (severity == Severity::High).then(|| {
        view! { <span class="sb-chip sb-chip-bad">{section.label(|texts| texts.flags())}</span> }
    });
    view! {
        <tr role="row">
            <Cell column=section.label(|texts| texts.name())>
                <strong>{name}</strong>
                " "
                {flags}
            </Cell>
            <Cell column=section.label(|texts| texts.when())>
                <span>{move || says(section.texts(), &when)}</span>
            </Cell>
            <Cell column=section.label(|texts| texts.agents())>
                <span>{whose}</span>
            </Cell>
            <Cell column=section.label(|texts| texts.actions())>
                <ChangeOrRemove
                    listed=section.listed
                    of
                    id=it.id.clone()
                    details=it.details.clone()
                    edited=edited(it)
                    change=section.label(|texts| texts.change())
                    remove=section.label(|texts| texts.remove())
                    removed=move |name| section.texts().removed(name)
                />
            </Cell>
        </tr>
    }
}
