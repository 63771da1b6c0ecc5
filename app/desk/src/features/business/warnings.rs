//! What people are warned of while calls go on: the business's rules.

mod form;
mod typed;

use api::problem::slug;
use api::routing::AgentName;
use api::warnings::{Severity, WarnWhen, WarningRule, WarningRuleDetails, WarningRuleList};
use leptos::prelude::*;
use serde::de::IgnoredAny;

use crate::data::{Desk, Errand, Loaded, Loading, Rivalry, Rivals, Status, api_client};
use crate::kit::{Cell, Table, Toast, ToastPlace};
use crate::words::Lang;
use crate::words::warnings::Texts;
use browser::ui::http::{Failure, escape};
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
    rules: Loaded<WarningRuleList>,
    agents: RwSignal<Vec<AgentName>>,
    /// The open form: of one that is kept, or of a new one.
    editing: RwSignal<Option<(Option<Kept>, WarningRuleDetails)>>,
    rivals: Rivals,
    errand: Errand,
    toast: Toast,
}

/// Which rule, and which revision of it.
type Kept = (String, i64);

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

    fn edit(self, it: WarningRule) {
        let kept = (it.id, it.revision);
        self.editing.set(Some((Some(kept), it.details)));
    }

    /// Takes one away; as long as that is told it can be put back.
    fn remove(self, it: WarningRule) {
        let path = format!("{PATH}/{}", escape(&it.id));
        let about = self.errand.about(&path);
        let work = async move { api_client::delete(&path).await };
        about.run(self.desk, work, move |()| {
            self.rules.reload();
            let said = untrack(|| self.texts()).removed(&it.details.name);
            self.toast
                .done(said, move || self.put_back(it.details.clone()));
        });
    }

    fn put_back(self, details: WarningRuleDetails) {
        let about = self.errand.about(format!("{PATH} {}", details.name));
        let work = async move { api_client::post::<IgnoredAny>(PATH, &details).await };
        about.run(self.desk, work, move |_| {
            self.rules.reload();
            self.toast.undone();
        });
    }
}

/// The rules, and the form of one.
#[component]
pub(super) fn Warnings(desk: Desk) -> impl IntoView {
    let rivals = Rivals::new(desk);
    let section = Section {
        desk,
        rules: Loaded::from(desk, PATH),
        agents: RwSignal::new(Vec::new()),
        editing: RwSignal::new(None),
        rivals,
        errand: Errand::new(),
        toast: Toast::new(),
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
    let form = move || {
        let (kept, details) = section.editing.get()?;
        Some(view! { <Form section kept details /> })
    };
    let proposed = move || {
        let propose = |details: WarningRuleDetails| {
            let name = details.name.clone();
            let open = move |_| section.editing.set(Some((None, details.clone())));
            view! {
                <button type="button" class="sb-button sb-button-small" on:click=open>
                    {name}
                </button>
            }
        };
        proposals(section.texts())
            .map(propose)
            .into_iter()
            .collect_view()
    };
    let new = move |_| {
        section.editing.set(Some((None, empty())));
    };
    view! {
        <section class="sb-card" aria-labelledby="warnings-title">
            <h2 id="warnings-title">{section.label(|texts| texts.title())}</h2>
            <p class="sb-hint">{section.label(|texts| texts.hint())}</p>
            <Loading desk loaded=section.rules draw />
            <Status desk errand=section.errand done=Signal::stored("") words />
            <ToastPlace toast=section.toast />
            <div class="sb-actions">
                <button type="button" class="sb-button" on:click=new>
                    {section.label(|texts| texts.add())}
                </button>
            </div>
            <div
                class="sb-actions"
                role="group"
                aria-label=move || section.texts().proposals()
            >
                <span class="sb-hint">{section.label(|texts| texts.proposals())}</span>
                {proposed}
            </div>
            <Rivalry rivals />
            {form}
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
    let kept = StoredValue::new(it);
    let named = StoredValue::new(name.clone());
    let label = move |verb: fn(Texts) -> &'static str| {
        move || format!("{}: {}", verb(section.texts()), named.get_value())
    };
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
                <div class="sb-actions">
                    <button
                        type="button"
                        class="sb-button sb-button-small"
                        aria-label=label(|texts| texts.change())
                        on:click=move |_| section.edit(kept.get_value())
                    >
                        {section.label(|texts| texts.change())}
                    </button>
                    <button
                        type="button"
                        class="sb-button sb-button-small"
                        aria-label=label(|texts| texts.remove())
                        on:click=move |_| section.remove(kept.get_value())
                    >
                        {section.label(|texts| texts.remove())}
                    </button>
                </div>
            </Cell>
        </tr>
    }
}
