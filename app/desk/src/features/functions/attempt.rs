//! Trying a function: a form made of its schema, and what it answered.

use api::functions::{FunctionRun, TryFunction};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use serde_json::{Map, Value};

use super::runs::Asked;
use super::{PATH, Shared};
use crate::data::{Errand, SaveButton, Status, api_client};
use browser::ui::http::escape;

/// An argument, as the schema has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Argument {
    name: String,
    about: String,
    kind: Kind,
    required: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Text,
    Whole,
    /// One of these.
    Choice(Vec<String>),
}

/// What a JSON Schema of an object asks for: first what must be there.
pub(super) fn arguments(schema: &Value) -> Vec<Argument> {
    let properties = schema["properties"].as_object();
    let required = schema["required"].as_array();
    let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|it| it == name));
    let argument = |(name, property): (&String, &Value)| Argument {
        name: name.clone(),
        about: property["description"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        kind: match property["enum"].as_array() {
            Some(all) => {
                let choices = all.iter().filter_map(Value::as_str);
                Kind::Choice(choices.map(str::to_owned).collect())
            }
            None if property["type"] == "integer" => Kind::Whole,
            None => Kind::Text,
        },
        required: is_required(name),
    };
    let mut all: Vec<_> = properties.into_iter().flatten().map(argument).collect();
    all.sort_by_key(|it| !it.required);
    all
}

/// What was typed; nothing of what was left empty.
fn read(typed: &[(Argument, RwSignal<String>)]) -> Map<String, Value> {
    let given = typed.iter().filter_map(|(argument, value)| {
        let text = value.get_untracked().trim().to_owned();
        let value = match argument.kind {
            _ if text.is_empty() => return None,
            // What is no number the server says.
            Kind::Whole => text.parse::<i64>().map_or(Value::String(text), Value::from),
            Kind::Text | Kind::Choice(_) => Value::String(text),
        };
        Some((argument.name.clone(), value))
    });
    given.collect()
}

/// The form, and the answer.
#[component]
pub(super) fn Attempt(
    shared: Shared,
    name: String,
    /// What it may be asked.
    arguments: Vec<Argument>,
    /// Whether it has an effect.
    changes: bool,
) -> impl IntoView {
    let texts = move || shared.texts();
    let typed: Vec<_> = arguments
        .into_iter()
        .map(|it| (it, RwSignal::new(String::new())))
        .collect();
    let fields = typed.iter().cloned();
    let fields = fields
        .map(|(argument, value)| view! { <Field shared argument value /> })
        .collect_view();
    let typed = StoredValue::new(typed);
    let answer = RwSignal::new(None::<FunctionRun>);
    let errand = Errand::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let path = format!("{PATH}/{}/try", escape(&name));
        let trial = TryFunction {
            arguments: typed.with_value(|typed| read(typed)),
            language: Some(shared.desk.lang.get_untracked().tag().to_owned()),
        };
        let work = async move { api_client::post::<FunctionRun>(&path, &trial).await };
        errand.run(shared.desk, work, move |run| answer.set(Some(run)));
    };
    let told = move || {
        if changes {
            view! { <p class="sb-notice">{texts().try_changes()}</p> }.into_any()
        } else {
            view! { <p class="sb-hint">{texts().try_reads()}</p> }.into_any()
        }
    };
    let answered = move || {
        let run = answer.get()?;
        Some(view! { <ul class="sb-runs" role="list"><Asked shared run open=true /></ul> })
    };
    view! {
        <form class="sb-form" aria-labelledby="try-title" novalidate on:submit=submit>
            <h3 id="try-title">{move || texts().try_it()}</h3>
            {told}
            <div class="sb-form-row">{fields}</div>
            <Status desk=shared.desk errand done=Signal::stored("") />
            <div class="sb-actions">
                <SaveButton desk=shared.desk errand label=shared.label(|texts| texts.try_it()) />
            </div>
            <div role="status">{answered}</div>
        </form>
    }
}

#[component]
fn Field(shared: Shared, argument: Argument, value: RwSignal<String>) -> impl IntoView {
    let texts = move || shared.texts();
    let Argument {
        name,
        about,
        kind,
        required,
    } = argument;
    let id = format!("argument-{name}");
    let hint = format!("{id}-hint");
    let kind_of_input = match kind {
        Kind::Whole => "number",
        Kind::Text | Kind::Choice(_) => "text",
    };
    let input = match kind {
        Kind::Choice(choices) => {
            let options = choices.into_iter().map(|choice| {
                let own = choice.clone();
                view! {
                    <option value=choice selected=move || value.get() == own>
                        {choice.clone()}
                    </option>
                }
            });
            view! {
                <select
                    id=id.clone()
                    class="sb-select"
                    aria-describedby=hint.clone()
                    on:change=move |event| value.set(event_target_value(&event))
                >
                    <option value="">{move || texts().nothing()}</option>
                    {options.collect_view()}
                </select>
            }
            .into_any()
        }
        Kind::Text | Kind::Whole => view! {
            <input
                id=id.clone()
                class="sb-input"
                type=kind_of_input
                autocomplete="off"
                aria-describedby=hint.clone()
                aria-required=required.to_string()
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            />
        }
        .into_any(),
    };
    view! {
        <div class="sb-field">
            <label for=id>
                <code>{name}</code>
                {required.then(|| view! { " (" {move || texts().required()} ")" })}
            </label>
            {input}
            <p class="sb-hint" id=hint>{about}</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_form_is_made_of_a_schema_and_read_back() {
        let _owner = Owner::new();
        let schema = json!({"type": "object", "required": ["name"], "properties": {
            "duration": {"type": "integer", "description": "Minutes."},
            "name": {"type": "string", "description": "Whose."},
            "weekday": {"type": "string", "enum": ["monday", "friday"]},
            "range": {"description": "Two dates."},
        }});
        let all = arguments(&schema);
        assert_eq!((all[0].name.as_str(), all[0].required), ("name", true));
        let found = |name: &str| all.iter().find(|it| it.name == name).unwrap().clone();
        assert_eq!(found("duration").kind, Kind::Whole);
        assert_eq!(found("duration").about, "Minutes.");
        let days = ["monday", "friday"].map(str::to_owned).to_vec();
        assert_eq!(found("weekday").kind, Kind::Choice(days));
        let typed: Vec<_> = [
            ("name", " Ana "),
            ("duration", "30"),
            ("range", ""),
            ("weekday", "friday"),
        ]
        .map(|(name, text)| (found(name), RwSignal::new(text.to_owned())))
        .to_vec();
        let expected = json!({"name": "Ana", "duration": 30, "weekday": "friday"});
        assert_eq!(Value::Object(read(&typed)), expected);
        typed[1].1.set("soon".to_owned());
        assert_eq!(read(&typed)["duration"], "soon");
        assert_eq!(arguments(&json!({})), []);
    }
}
