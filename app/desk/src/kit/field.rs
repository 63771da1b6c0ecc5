//! A control with its label, a hint below it, and what is wrong with it.

use leptos::prelude::*;

use crate::kit::icon::{Icon, icon};

/// What is said about a field besides its label.
#[derive(Clone)]
struct Notes {
    id: String,
    hint: Signal<Option<&'static str>>,
    error: Signal<Option<&'static str>>,
}

impl Notes {
    fn hint_id(&self) -> String {
        format!("{}-hint", self.id)
    }

    fn error_id(&self) -> String {
        format!("{}-error", self.id)
    }

    /// For `aria-describedby`.
    fn described_by(&self) -> Option<String> {
        let mut ids = Vec::new();
        if self.error.get().is_some() {
            ids.push(self.error_id());
        }
        if self.hint.get().is_some() {
            ids.push(self.hint_id());
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn invalid(&self) -> Option<&'static str> {
        self.error.get().map(|_| "true")
    }

    fn view(&self) -> impl IntoView + use<> {
        let (hint, error) = (self.hint, self.error);
        let (hint_id, error_id) = (self.hint_id(), self.error_id());
        let error = move || {
            let id = error_id.clone();
            error.get().map(|text| {
                view! {
                    <p class="sb-field-error" id=id>
                        {icon(Icon::Alert)}
                        {text}
                    </p>
                }
            })
        };
        let hint = move || {
            let id = hint_id.clone();
            hint.get()
                .map(|text| view! { <p class="sb-hint" id=id>{text}</p> })
        };
        view! {
            {error}
            {hint}
        }
    }
}

/// One line of text.
#[component]
pub(crate) fn TextField(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: Signal<&'static str>,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: Signal<Option<&'static str>>,
    #[prop(optional, into)] error: Signal<Option<&'static str>>,
    /// The `type` of the input.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    /// Suggestions: the id of a `datalist`.
    #[prop(optional)]
    list: Option<&'static str>,
) -> impl IntoView {
    let notes = Notes {
        id: id.clone(),
        hint,
        error,
    };
    let (described, invalid) = (notes.clone(), notes.clone());
    view! {
        <div class="sb-field">
            <label for=id.clone()>{label}</label>
            <input
                id=id
                class="sb-input"
                type=kind
                autocomplete=autocomplete
                list=list
                aria-describedby=move || described.described_by()
                aria-invalid=move || invalid.invalid()
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            />
            {notes.view()}
        </div>
    }
}

/// Several lines of text.
#[component]
pub(crate) fn TextArea(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: Signal<&'static str>,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: Signal<Option<&'static str>>,
    #[prop(optional, into)] error: Signal<Option<&'static str>>,
    #[prop(default = 4)] rows: u32,
) -> impl IntoView {
    let notes = Notes {
        id: id.clone(),
        hint,
        error,
    };
    let (described, invalid) = (notes.clone(), notes.clone());
    view! {
        <div class="sb-field">
            <label for=id.clone()>{label}</label>
            <textarea
                id=id
                class="sb-input"
                rows=rows.to_string()
                aria-describedby=move || described.described_by()
                aria-invalid=move || invalid.invalid()
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
            {notes.view()}
        </div>
    }
}

/// One of several.
#[component]
pub(crate) fn SelectField(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: Signal<&'static str>,
    value: RwSignal<String>,
    /// The values and what they are called.
    #[prop(into)]
    options: Signal<Vec<(String, String)>>,
    #[prop(optional, into)] hint: Signal<Option<&'static str>>,
    #[prop(optional, into)] error: Signal<Option<&'static str>>,
) -> impl IntoView {
    let notes = Notes {
        id: id.clone(),
        hint,
        error,
    };
    let (described, invalid) = (notes.clone(), notes.clone());
    let options = move || {
        options
            .get()
            .into_iter()
            .map(|(option, name)| {
                let own = option.clone();
                view! {
                    <option value=option selected=move || value.get() == own>
                        {name}
                    </option>
                }
            })
            .collect_view()
    };
    view! {
        <div class="sb-field">
            <label for=id.clone()>{label}</label>
            <select
                id=id
                class="sb-select"
                aria-describedby=move || described.described_by()
                aria-invalid=move || invalid.invalid()
                on:change=move |event| value.set(event_target_value(&event))
            >
                {options}
            </select>
            {notes.view()}
        </div>
    }
}

/// Yes or no.
#[component]
pub(crate) fn CheckField(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: Signal<&'static str>,
    value: RwSignal<bool>,
    #[prop(optional, into)] hint: Signal<Option<&'static str>>,
) -> impl IntoView {
    let notes = Notes {
        id: id.clone(),
        hint,
        error: Signal::default(),
    };
    let (described, field_id) = (notes.clone(), id.clone());
    view! {
        <div class="sb-field sb-field-check">
            <label for=field_id>
                <input
                    id=id
                    type="checkbox"
                    aria-describedby=move || described.described_by()
                    prop:checked=value
                    on:change=move |event| value.set(event_target_checked(&event))
                />
                <span>{label}</span>
            </label>
            {notes.view()}
        </div>
    }
}
