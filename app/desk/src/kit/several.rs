//! Several languages or countries, chosen by their names: nobody has to know a code.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::field::{Notes, edited};
use super::icon::{Icon, icon};
use super::known::Known;
use super::{language, words};
use crate::words::parts::Texts;
use browser::ui::dom;

/// What is chosen, with commas between.
const BETWEEN: &str = ", ";

/// The codes in a text.
fn codes(text: &str) -> Vec<String> {
    let codes = text.split([',', ' ', ';']).filter(|code| !code.is_empty());
    codes.map(str::to_owned).collect()
}

/// The codes of what somebody typed: a name, or names or codes with commas between. `None` where
/// one is neither.
fn read(typed: &str, all: &[(String, String)]) -> Option<Vec<String>> {
    let code = |part: &str| {
        let part = part.trim();
        let same = |it: &str| it.to_lowercase() == part.to_lowercase();
        let found = all.iter().find(|(code, name)| same(name) || same(code));
        found.map(|(code, _)| code.clone())
    };
    match code(typed) {
        Some(code) => Some(vec![code]),
        None => typed.split(',').map(code).collect(),
    }
}

/// The field: what is chosen, each with a way to take it away, and where one more is typed.
#[component]
pub(crate) fn SeveralField(
    /// Unique on the page.
    id: &'static str,
    #[prop(into)] label: Signal<&'static str>,
    known: Known,
    /// The codes, with commas between.
    value: RwSignal<String>,
    #[prop(optional, into)] hint: Signal<Option<&'static str>>,
    #[prop(optional, into)] error: Signal<Option<&'static str>>,
) -> impl IntoView {
    let (lang, kit) = (language(), words());
    let texts = move || Texts::of(lang.get());
    let all = Memo::new(move |_| known.all(lang.get()));
    let chosen = Memo::new(move |_| value.with(|value| codes(value)));
    let typed = RwSignal::new(String::new());
    let unknown = RwSignal::new(false);
    let wrong = Signal::derive(move || match unknown.get() {
        true => Some(texts().unknown()),
        false => error.get(),
    });
    let notes = Notes::new(id, hint, wrong);
    let (described, invalid) = (notes.clone(), notes.clone());
    let take = move || {
        let text = typed.get_untracked();
        if text.trim().is_empty() {
            return unknown.set(false);
        }
        let found = all.with_untracked(|all| read(&text, all));
        unknown.set(found.is_none());
        if let Some(found) = found {
            let mut codes = chosen.get_untracked();
            codes.extend(found);
            let mut seen = std::collections::BTreeSet::new();
            codes.retain(|code| seen.insert(code.clone()));
            value.set(codes.join(BETWEEN));
            typed.set(String::new());
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && typed.with_untracked(|text| !text.is_empty()) {
            // It is not the form that is sent.
            event.prevent_default();
            take();
        }
    };
    let remove = move |code: &str| {
        let mut codes = chosen.get_untracked();
        codes.retain(|it| it != code);
        value.set(codes.join(BETWEEN));
        // The button goes; who pressed it goes on where another is typed.
        if let Some(field) = document().get_element_by_id(id) {
            dom::focus(&field);
        }
    };
    let chip = move |(code, name): (String, String)| {
        let label = format!("{}: {name}", kit.get().remove());
        view! {
            <li class="sb-chip">
                {name}
                <button
                    type="button"
                    class="sb-chip-remove"
                    aria-label=label
                    on:click=move |event| {
                        edited(&event);
                        remove(&code);
                    }
                >
                    {icon(Icon::Close)}
                </button>
            </li>
        }
    };
    let chips = move || {
        let codes = chosen.get();
        let names = known.names(&codes, lang.get());
        codes.into_iter().zip(names).map(chip).collect_view()
    };
    let list = format!("{id}-known");
    let offered = move || {
        let names = all.get().into_iter();
        names
            .map(|(_, name)| view! { <option value=name></option> })
            .collect_view()
    };
    view! {
        <div class="sb-field">
            <label for=id>{label}</label>
            <ul class="sb-chosen" role="list">{chips}</ul>
            <input
                id=id
                class="sb-input"
                type="text"
                autocomplete="off"
                list=list.clone()
                placeholder=move || texts().add_one()
                aria-describedby=move || described.described_by()
                aria-invalid=move || invalid.invalid()
                prop:value=typed
                on:input=move |event| typed.set(event_target_value(&event))
                on:change=move |_| take()
                on:keydown=on_key
            />
            <datalist id=list>{offered}</datalist>
            {notes.view()}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_codes_are_read_and_anything_else_is_not() {
        let pair = |(code, name): (&str, &str)| (code.to_owned(), name.to_owned());
        let all = [
            ("DE", "Germany"),
            ("ES", "Spain"),
            ("HM", "Heard, and McDonald"),
        ]
        .map(pair);
        for (typed, expected) in [
            ("spain", Some(vec!["ES"])),
            (" es , DE", Some(vec!["ES", "DE"])),
            ("Heard, and McDonald", Some(vec!["HM"])),
            ("Germany, Atlantis", None),
            ("Atlantis", None),
        ] {
            let found = read(typed, &all);
            let found = found
                .as_ref()
                .map(|all| all.iter().map(String::as_str).collect());
            assert_eq!(found, expected, "{typed}");
        }
        assert_eq!(codes("en, es-MX;de"), ["en", "es-MX", "de"]);
    }
}
