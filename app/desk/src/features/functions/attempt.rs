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
struct Argument {
    name: String,
    about: String,
    kind: Kind,
    required: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Text,
    Whole,
    Number,
    /// True or false.
    Truth,
    /// A list, or an object.
    Json,
    /// One of these.
    Choice(Vec<String>),
}

impl Kind {
    fn of(property: &Value) -> Self {
        if let Some(all) = property["enum"].as_array() {
            let choices = all.iter().filter_map(Value::as_str);
            return Self::Choice(choices.map(str::to_owned).collect());
        }
        match property["type"].as_str() {
            Some("integer") => Self::Whole,
            Some("number") => Self::Number,
            Some("boolean") => Self::Truth,
            Some("array" | "object") => Self::Json,
            _ => Self::Text,
        }
    }

    /// What was typed, as it is sent. What is none of its kind the server says.
    fn read(&self, text: &str) -> Value {
        let read = match self {
            Self::Text | Self::Choice(_) => None,
            Self::Whole => text.parse::<i64>().ok().map(Value::from),
            Self::Number => text.parse::<f64>().ok().map(Value::from),
            Self::Truth => text.parse::<bool>().ok().map(Value::from),
            Self::Json => serde_json::from_str(text).ok(),
        };
        read.unwrap_or_else(|| text.into())
    }

    /// What it is chosen from, where it is.
    fn choices(&self) -> Option<Vec<String>> {
        match self {
            Self::Choice(all) => Some(all.clone()),
            Self::Truth => Some(["true", "false"].map(str::to_owned).to_vec()),
            _ => None,
        }
    }
}

/// What a JSON Schema of an object asks for: first what must be there.
fn arguments(schema: &Value) -> Vec<Argument> {
    let properties = schema["properties"].as_object();
    let required = schema["required"].as_array();
    let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|it| it == name));
    let argument = |(name, property): (&String, &Value)| Argument {
        name: name.clone(),
        about: property["description"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        kind: Kind::of(property),
        required: is_required(name),
    };
    let mut all: Vec<_> = properties.into_iter().flatten().map(argument).collect();
    all.sort_by_key(|it| !it.required);
    all
}

/// The arguments of a schema, and what was typed for each.
#[derive(Clone, Copy)]
pub(super) struct Arguments(StoredValue<Vec<(Argument, RwSignal<String>)>>);

impl Arguments {
    /// Those of a schema; nothing was typed yet.
    pub(super) fn of(schema: &Value) -> Self {
        let all = arguments(schema).into_iter();
        Self(StoredValue::new(
            all.map(|it| (it, RwSignal::new(String::new()))).collect(),
        ))
    }

    /// What was typed; nothing of what was left empty.
    pub(super) fn read(self) -> Map<String, Value> {
        self.0.with_value(|typed| {
            let given = typed.iter().filter_map(|(argument, value)| {
                let text = value.get_untracked().trim().to_owned();
                let value = (!text.is_empty()).then(|| argument.kind.read(&text))?;
                Some((argument.name.clone(), value))
            });
            given.collect()
        })
    }

    /// A field for each.
    pub(super) fn fields(self, shared: Shared) -> impl IntoView {
        let typed = self.0.get_value().into_iter();
        let fields = typed.map(|(argument, value)| view! { <Field shared argument value /> });
        view! { <div class="sb-form-row">{fields.collect_view()}</div> }
    }
}

/// The form, and the answer.
#[component]
pub(super) fn Attempt(
    shared: Shared,
    name: String,
    /// What it may be asked.
    arguments: Arguments,
    /// Whether it has an effect.
    changes: bool,
) -> impl IntoView {
    let texts = move || shared.texts();
    let answer = RwSignal::new(None::<FunctionRun>);
    let errand = Errand::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let path = format!("{PATH}/{}/try", escape(&name));
        let trial = TryFunction {
            arguments: arguments.read(),
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
        <form class="sb-form" aria-label=move || texts().try_it() novalidate on:submit=submit>
            {told}
            {arguments.fields(shared)}
            <Status desk=shared.desk errand done=Signal::stored("") />
            <div class="sb-actions">
                <SaveButton desk=shared.desk errand label=shared.label(|texts| texts.try_it()) keeps_nothing=true />
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
        _ => "text",
    };
    let input = match kind.choices() {
        Some(choices) => {
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
        None => view! {
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
            "price": {"type": "number"}, "new": {"type": "boolean"}, "tags": {"type": "array"},
        }});
        let all = arguments(&schema);
        assert_eq!((all[0].name.as_str(), all[0].required), ("name", true));
        let found = |name: &str| all.iter().find(|it| it.name == name).unwrap().clone();
        assert_eq!(found("duration").kind, Kind::Whole);
        assert_eq!(found("duration").about, "Minutes.");
        let days = ["monday", "friday"].map(str::to_owned).to_vec();
        assert_eq!(found("weekday").kind, Kind::Choice(days));
        let arguments = Arguments::of(&schema);
        let type_in = |name: &str, text: &str| {
            let typed = arguments.0.get_value();
            let (_, value) = typed.iter().find(|(it, _)| it.name == name).unwrap();
            value.set(text.to_owned());
        };
        for (name, text) in [
            ("name", " Ana "),
            ("duration", "30"),
            ("range", ""),
            ("weekday", "friday"),
            ("price", "9.5"),
            ("new", "true"),
            ("tags", r#"["vip"]"#),
        ] {
            type_in(name, text);
        }
        let expected = json!({"name": "Ana", "duration": 30, "weekday": "friday", "price": 9.5,
            "new": true, "tags": ["vip"]});
        assert_eq!(Value::Object(arguments.read()), expected);
        // What is none of its kind is sent as it was typed.
        type_in("duration", "soon");
        type_in("tags", "[");
        assert_eq!(arguments.read()["duration"], "soon");
        assert_eq!(arguments.read()["tags"], "[");
        assert!(Arguments::of(&json!({})).read().is_empty());
    }
}
