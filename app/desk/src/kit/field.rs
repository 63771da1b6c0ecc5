//! A control with its label, a hint below it, and what is wrong with it.

use std::collections::BTreeMap;
use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{CustomEvent, CustomEventInit, Element, Event};

use super::words;
use crate::kit::icon::{Icon, icon};
use browser::ui::dom;

/// What was not taken of what was sent: the id of its field, and what is said there as long as that
/// is so.
pub(crate) type Refused = RwSignal<Option<(String, Signal<Option<&'static str>>)>>;

/// What is said about a field besides its label.
#[derive(Clone)]
pub(super) struct Notes<E: Send + Sync + 'static = &'static str> {
    id: String,
    hint: Signal<Option<&'static str>>,
    error: Signal<Option<E>>,
    refused: Option<Refused>,
}

impl<E: IntoView + Clone + Send + Sync + From<&'static str>> Notes<E> {
    /// Those of the field with this id: what its form finds wrong, or whoever was sent it.
    pub(super) fn new(
        id: impl Into<String>,
        hint: Signal<Option<&'static str>>,
        error: Signal<Option<E>>,
    ) -> Self {
        Self {
            id: id.into(),
            hint,
            error,
            refused: use_context(),
        }
    }

    /// What is wrong.
    fn error(&self) -> Option<E> {
        let refused = || {
            let said = self.refused?.with(|it| {
                let (id, said) = it.as_ref()?;
                (*id == self.id).then_some(*said)
            });
            // Its form may be gone.
            said?.try_get().flatten().map(E::from)
        };
        self.error.get().or_else(refused)
    }

    fn hint_id(&self) -> String {
        format!("{}-hint", self.id)
    }

    fn error_id(&self) -> String {
        format!("{}-error", self.id)
    }

    /// For `aria-describedby`.
    pub(super) fn described_by(&self) -> Option<String> {
        let mut ids = Vec::new();
        if self.error().is_some() {
            ids.push(self.error_id());
        }
        if self.hint.get().is_some() {
            ids.push(self.hint_id());
        }
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    /// For `aria-invalid`.
    pub(super) fn invalid(&self) -> Option<&'static str> {
        self.error().map(|_| "true")
    }

    /// What is said below it.
    pub(super) fn view(&self) -> impl IntoView + use<E> {
        let (hint, notes) = (self.hint, self.clone());
        let hint_id = self.hint_id();
        let error = move || {
            let id = notes.error_id();
            notes.error().map(|text| {
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
    let notes = Notes::new(id.clone(), hint, error);
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

/// A colour, typed or picked.
#[component]
pub(crate) fn ColorField(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: Signal<&'static str>,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: Signal<Option<&'static str>>,
) -> impl IntoView {
    let notes: Notes = Notes::new(id.clone(), hint, Signal::default());
    let described = notes.clone();
    let kit = words();
    // The browser's own choice knows no names and nothing short.
    let picked = move || value.with(|it| is_hex(it).then(|| it.trim().to_owned()));
    view! {
        <div class="sb-field">
            <label for=id.clone()>{label}</label>
            <div class="sb-color">
                <input
                    type="color"
                    aria-label=move || kit.get().pick_color()
                    prop:value=move || picked().unwrap_or_else(|| "#0b6478".to_owned())
                    on:input=move |event| value.set(event_target_value(&event))
                />
                <input
                    id=id
                    class="sb-input"
                    type="text"
                    autocomplete="off"
                    aria-describedby=move || described.described_by()
                    prop:value=value
                    on:input=move |event| value.set(event_target_value(&event))
                />
            </div>
            {notes.view()}
        </div>
    }
}

/// Whether a colour is written as `#0a6b5c`.
fn is_hex(color: &str) -> bool {
    let digits = color.trim().strip_prefix('#');
    digits.is_some_and(|it| it.len() == 6 && it.bytes().all(|byte| byte.is_ascii_hexdigit()))
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
    lines(label, value, rows, false, &Notes::new(id, hint, error))
}

/// JSON as somebody writes it, with a sentence about what is wrong and where.
#[component]
pub(crate) fn JsonField(
    /// Unique on the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: Signal<&'static str>,
    value: RwSignal<String>,
    #[prop(optional, into)] hint: Signal<Option<&'static str>>,
    #[prop(into)] error: Signal<Option<String>>,
    #[prop(default = 4)] rows: u32,
) -> impl IntoView {
    lines(label, value, rows, true, &Notes::new(id, hint, error))
}

/// Lines of text, or of something that machines read.
fn lines<E: IntoView + Clone + Send + Sync + From<&'static str>>(
    label: Signal<&'static str>,
    value: RwSignal<String>,
    rows: u32,
    is_code: bool,
    notes: &Notes<E>,
) -> impl IntoView + use<E> {
    let (described, invalid) = (notes.clone(), notes.clone());
    view! {
        <div class="sb-field">
            <label for=notes.id.clone()>{label}</label>
            <textarea
                id=notes.id.clone()
                class="sb-input"
                style:font-family=is_code.then_some("var(--sb-mono)")
                style:font-size=is_code.then_some("var(--sb-small)")
                dir=is_code.then_some("ltr")
                rows=rows.to_string()
                autocomplete=is_code.then_some("off")
                autocapitalize=is_code.then_some("none")
                spellcheck=is_code.then_some("false")
                aria-describedby=move || described.described_by()
                aria-invalid=move || invalid.invalid()
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            ></textarea>
            {notes.view()}
        </div>
    }
}

/// Leads who sent a form to the first field that is wrong, as soon as that is said.
pub(crate) fn focus_wrong(form: NodeRef<html::Form>) {
    request_animation_frame(move || {
        let form = form.try_get_untracked().flatten();
        let wrong = form.and_then(|form| form.query_selector("[aria-invalid]").ok().flatten());
        if let Some(wrong) = wrong {
            dom::focus(&wrong);
        }
    });
}

/// How long somebody may look at one of several values before it is the one they want: arrow keys
/// step through them.
pub(crate) const SETTLED: Duration = Duration::from_millis(300);

/// Says that a button or a key changed what its form holds, as typing does.
pub(super) fn edited(event: &Event) {
    let control: Option<Element> = event.target().and_then(|it| it.dyn_into().ok());
    let form = control.and_then(|it| it.closest("form").ok().flatten());
    let init = CustomEventInit::new();
    // What stands around the form may look after it.
    init.set_bubbles(true);
    let input = CustomEvent::new_with_event_init_dict("input", &init);
    if let (Some(form), Ok(input)) = (form, input) {
        // Nobody can have stopped it.
        let _ = form.dispatch_event(&input);
    }
}

/// What a text has on each of its lines, by the name that stands before `separator`. A line without
/// one is no name that anybody takes.
pub(crate) fn named_lines(text: &str, separator: char) -> BTreeMap<String, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let named = lines.map(|line| match line.split_once(separator) {
        Some((name, value)) => (name.trim().to_owned(), value.trim().to_owned()),
        None => (format!("{line}{separator}"), String::new()),
    });
    named.collect()
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
    let notes = Notes::new(id.clone(), hint, error);
    let (described, invalid) = (notes.clone(), notes.clone());
    let options = move || {
        options
            .get()
            .into_iter()
            .map(|(option, name)| {
                let own = option.clone();
                view! {
                    <option value=option prop:selected=move || value.get() == own>
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
    #[prop(optional, into)] error: Signal<Option<&'static str>>,
) -> impl IntoView {
    let notes: Notes = Notes::new(id.clone(), hint, error);
    let (described, invalid, field_id) = (notes.clone(), notes.clone(), id.clone());
    view! {
        <div class="sb-field sb-field-check">
            <label for=field_id>
                <input
                    id=id
                    type="checkbox"
                    aria-describedby=move || described.described_by()
                    aria-invalid=move || invalid.invalid()
                    prop:checked=value
                    on:change=move |event| value.set(event_target_checked(&event))
                />
                <span>{label}</span>
            </label>
            {notes.view()}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::{is_hex, named_lines};

    #[test]
    fn what_is_named_is_read_line_by_line() {
        let headers = named_lines(
            "x-make-apikey: abc\n\n Authorization :Bearer a:b \nnonsense",
            ':',
        );
        let expected = [
            ("Authorization", "Bearer a:b"),
            ("nonsense:", ""),
            ("x-make-apikey", "abc"),
        ];
        let found: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn only_whole_colours_are_shown_as_picked() {
        assert!(is_hex(" #0a6B5c "));
        for other in ["", "#0a6", "teal", "0a6b5c", "#0a6b5g", "#0a6b5c80"] {
            assert!(!is_hex(other), "{other}");
        }
    }
}
