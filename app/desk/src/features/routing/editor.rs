//! Making a rule, or changing one.

use api::routing::{AgentName, NumberList, Rule, RuleList};
use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::form::{Fault, Form};
use super::number_options;
use super::rules::{Editing, PATH, failed};
use crate::data::Desk;
use crate::data::{Errand, Loaded, Rivals, SaveButton, Status};
use crate::kit::{CheckField, Known, SelectField, SeveralField, TextArea, TextField};
use crate::words::kit::Texts as Common;
use crate::words::routing::Texts;

/// The fields of a form, each on its own so that typing redraws nothing else.
#[derive(Clone, Copy)]
struct Fields {
    name: RwSignal<String>,
    enabled: RwSignal<bool>,
    number: RwSignal<String>,
    caller: RwSignal<String>,
    countries: RwSignal<Vec<String>>,
    hours: RwSignal<String>,
    language: RwSignal<String>,
    calls_from: RwSignal<String>,
    /// `agent` or `reject`.
    action: RwSignal<String>,
    agent_id: RwSignal<String>,
    agent_version: RwSignal<String>,
    variables: RwSignal<String>,
    agent_override: RwSignal<String>,
}

impl Fields {
    fn of(form: Form) -> Self {
        let action = if form.reject { "reject" } else { "agent" };
        Self {
            name: RwSignal::new(form.name),
            enabled: RwSignal::new(form.enabled),
            number: RwSignal::new(form.number),
            caller: RwSignal::new(form.caller),
            countries: RwSignal::new(form.countries),
            hours: RwSignal::new(form.hours),
            language: RwSignal::new(form.language),
            calls_from: RwSignal::new(form.calls_from),
            action: RwSignal::new(action.to_owned()),
            agent_id: RwSignal::new(form.agent_id),
            agent_version: RwSignal::new(form.agent_version),
            variables: RwSignal::new(form.variables),
            agent_override: RwSignal::new(form.agent_override),
        }
    }

    fn form(self) -> Form {
        Form {
            name: self.name.get_untracked(),
            enabled: self.enabled.get_untracked(),
            number: self.number.get_untracked(),
            caller: self.caller.get_untracked(),
            countries: self.countries.get_untracked(),
            hours: self.hours.get_untracked(),
            language: self.language.get_untracked(),
            calls_from: self.calls_from.get_untracked(),
            reject: self.action.get_untracked() == "reject",
            agent_id: self.agent_id.get_untracked(),
            agent_version: self.agent_version.get_untracked(),
            variables: self.variables.get_untracked(),
            agent_override: self.agent_override.get_untracked(),
        }
    }
}

/// The form; `close` puts it away.
#[component]
pub(super) fn Editor(
    rivals: Rivals,
    edited: Editing,
    rules: Loaded<RuleList>,
    numbers: Loaded<NumberList>,
    close: Callback<()>,
) -> impl IntoView {
    let desk = rivals.desk;
    let texts = move || Texts::of(desk.lang.get());
    let (before, form) = match edited {
        Editing::New => (None, Form::empty()),
        Editing::Rule(rule) => {
            let form = Form::of(&rule.body);
            (Some((rule.id, rule.revision)), form)
        }
    };
    let is_new = before.is_none();
    let show = Callback::new(move |()| rules.reload());
    let fields = Fields::of(form);
    let faults = RwSignal::new(Vec::<Fault>::new());
    let errand = Errand::new();
    let heading = NodeRef::<html::H3>::new();
    heading.on_load(|heading| {
        let _ = heading.focus();
    });
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        match fields.form().read() {
            Err(wrong) => faults.set(wrong),
            Ok(rule) => {
                faults.set(Vec::new());
                let done = move |_: Rule| {
                    rules.reload();
                    close.run(());
                };
                let kept = before
                    .as_ref()
                    .map(|(id, revision)| (id.as_str(), *revision));
                rivals.save(errand, PATH, kept, rule, show, done);
            }
        }
    };
    view! {
        <form class="sb-card sb-form" aria-labelledby="rule-title" on:submit=save novalidate>
            <h3 id="rule-title" tabindex="-1" node_ref=heading>
                {move || if is_new { texts().new_rule() } else { texts().change_rule() }}
            </h3>
            <Conditions desk fields faults numbers />
            <Action desk fields faults rules />
            <Status desk errand words=failed />
            <div class="sb-actions">
                <SaveButton desk errand />
                <button type="button" class="sb-button" on:click=move |_| close.run(())>
                    {move || Common::of(desk.lang.get()).cancel()}
                </button>
            </div>
        </form>
    }
}

/// What is wrong with a field, if it is.
fn fault(
    desk: Desk,
    faults: RwSignal<Vec<Fault>>,
    which: Fault,
    words: fn(Texts) -> &'static str,
) -> Signal<Option<&'static str>> {
    Signal::derive(move || {
        let is_wrong = faults.with(|faults| faults.contains(&which));
        is_wrong.then(|| words(Texts::of(desk.lang.get())))
    })
}

#[component]
fn Conditions(
    desk: Desk,
    fields: Fields,
    faults: RwSignal<Vec<Fault>>,
    numbers: Loaded<NumberList>,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let number_choices = move || {
        let mut options = vec![(String::new(), texts().any_number().to_owned())];
        options.extend(number_options(numbers));
        // A number that is gone stays a choice of the rule that names it.
        let own = fields.number.get_untracked();
        if !own.is_empty() && !options.iter().any(|(number, _)| *number == own) {
            options.push((own.clone(), own));
        }
        options
    };
    let callers = move || {
        let texts = texts();
        choices([
            ("", texts.anybody()),
            ("known", texts.known()),
            ("vip", texts.vip()),
            ("unknown", texts.unknown()),
        ])
    };
    let times = move || {
        let texts = texts();
        choices([
            ("", texts.any_time()),
            ("open", texts.open()),
            ("closed", texts.closed()),
        ])
    };
    let languages = move || {
        let any = (String::new(), texts().language_any().to_owned());
        let language = fields.language;
        let known = language.with(|it| Known::Languages.with(it, desk.lang.get()));
        std::iter::once(any).chain(known).collect::<Vec<_>>()
    };
    let label = move |read: fn(Texts) -> &'static str| Signal::derive(move || read(texts()));
    let hint = move |read: fn(Texts) -> &'static str| Signal::derive(move || Some(read(texts())));
    view! {
        <TextField
            id="rule-name"
            label=label(Texts::name)
            value=fields.name
            error=fault(desk, faults, Fault::Name, Texts::name_missing)
        />
        <CheckField id="rule-enabled" label=label(Texts::enabled) value=fields.enabled />
        <fieldset>
            <legend>{move || texts().conditions()}</legend>
            <div class="sb-form-row">
                <SelectField id="rule-number" label=label(Texts::number) value=fields.number options=Signal::derive(number_choices) />
                <SelectField id="rule-caller" label=label(Texts::caller) value=fields.caller options=Signal::derive(callers) />
                <SelectField id="rule-hours" label=label(Texts::hours) value=fields.hours options=Signal::derive(times) />
            </div>
            <div class="sb-form-row">
                <SeveralField
                    id="rule-countries"
                    label=label(Texts::countries)
                    of=Known::Countries
                    value=fields.countries
                    hint=hint(Texts::countries_hint)
                    error=fault(desk, faults, Fault::Countries, Texts::countries_wrong)
                />
                <SelectField
                    id="rule-language"
                    label=label(Texts::language)
                    value=fields.language
                    options=Signal::derive(languages)
                    hint=hint(Texts::language_hint)
                />
                <TextField
                    id="rule-calls-from"
                    label=label(Texts::calls_from)
                    value=fields.calls_from
                    hint=hint(Texts::calls_from_hint)
                    error=fault(desk, faults, Fault::Calls, Texts::calls_from_wrong)
                />
            </div>
        </fieldset>
    }
}

#[component]
fn Action(
    desk: Desk,
    fields: Fields,
    faults: RwSignal<Vec<Fault>>,
    rules: Loaded<RuleList>,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let actions = move || {
        let texts = texts();
        choices([("agent", texts.to_agent()), ("reject", texts.rejected())])
    };
    let agents = move || {
        let mut options = vec![(String::new(), texts().own_agent().to_owned())];
        let known: Vec<AgentName> = match rules.value.get() {
            Some(Ok(list)) => list.agents,
            _ => Vec::new(),
        };
        options.extend(known.into_iter().map(|agent| (agent.id, agent.name)));
        let own = fields.agent_id.get_untracked();
        if !own.is_empty() && !options.iter().any(|(id, _)| *id == own) {
            options.push((own.clone(), own));
        }
        options
    };
    let label = move |read: fn(Texts) -> &'static str| Signal::derive(move || read(texts()));
    let hint = move |read: fn(Texts) -> &'static str| Signal::derive(move || Some(read(texts())));
    let agent = move || {
        (fields.action.get() != "reject").then(|| {
            view! {
                <div class="sb-form-row">
                    <SelectField id="rule-agent-id" label=label(Texts::agent) value=fields.agent_id options=Signal::derive(agents) />
                    <TextField
                        id="rule-version"
                        label=label(Texts::version)
                        value=fields.agent_version
                        hint=hint(Texts::version_hint)
                    />
                </div>
                <TextArea
                    id="rule-variables"
                    label=label(Texts::variables)
                    value=fields.variables
                    hint=hint(Texts::variables_hint)
                    error=fault(desk, faults, Fault::Variables, Texts::variables_wrong)
                />
                <TextArea
                    id="rule-agent-override"
                    label=label(Texts::changes)
                    value=fields.agent_override
                    hint=hint(Texts::changes_hint)
                    error=fault(desk, faults, Fault::Override, Texts::changes_wrong)
                    rows=3
                />
            }
        })
    };
    view! {
        <fieldset>
            <legend>{move || texts().then()}</legend>
            <SelectField id="rule-action" label=label(Texts::action) value=fields.action options=Signal::derive(actions) />
            {agent}
        </fieldset>
    }
}

fn choices<const N: usize>(options: [(&str, &str); N]) -> Vec<(String, String)> {
    options
        .map(|(value, name)| (value.to_owned(), name.to_owned()))
        .into()
}
