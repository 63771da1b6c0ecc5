//! Several of something, each of which can be taken away again: languages, countries or whatever else there is a list of,
//! chosen by their names, so that nobody has to know a code or an id; or a business's own words, such as tags.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::field::{Notes, edited};
use super::icon::{Icon, icon};
use super::known::Known;
use super::{language, words};
use crate::words::Lang;
use crate::words::parts::Texts;
use browser::ui::dom;

/// What there is to choose from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Offer {
    /// Languages or countries.
    Known(Known),
    /// These, by their ids and what they are called.
    Listed(Signal<Vec<(String, String)>>),
    /// Any words; these are proposed.
    Words(Signal<Vec<String>>),
}

impl From<Known> for Offer {
    fn from(known: Known) -> Self {
        Self::Known(known)
    }
}

impl Offer {
    /// All of it: the code and the name of each.
    fn all(self, lang: Signal<Lang>) -> Memo<Vec<(String, String)>> {
        Memo::new(move |_| match self {
            Self::Known(known) => known.all(lang.get()),
            Self::Listed(listed) => listed.get(),
            Self::Words(words) => {
                let words = words.get().into_iter();
                words.map(|word| (word.clone(), word)).collect()
            }
        })
    }

    /// What chosen ones are called; one that is not offered any more, by its code.
    fn names(self, codes: &[String], lang: Lang) -> Vec<String> {
        match self {
            Self::Known(known) => known.names(codes, lang),
            Self::Listed(listed) => listed.with(|listed| {
                let name = |code: &String| {
                    let found = listed.iter().find(|(it, _)| it == code);
                    found.map_or(code, |(_, name)| name).clone()
                };
                codes.iter().map(name).collect()
            }),
            Self::Words(_) => codes.to_vec(),
        }
    }

    /// What somebody typed, by its codes; `None` where there is no such thing.
    fn read(self, typed: &str, all: &[(String, String)]) -> Option<Vec<String>> {
        match self {
            Self::Known(_) | Self::Listed(_) => read(typed, all),
            Self::Words(_) => Some(split(typed)),
        }
    }
}

/// The words between commas.
fn split(typed: &str) -> Vec<String> {
    let words = typed.split(',').map(str::trim);
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
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
    /// What can be chosen.
    #[prop(into)]
    of: Offer,
    /// The codes of what is chosen, in that order.
    value: RwSignal<Vec<String>>,
    #[prop(optional, into)] hint: Signal<Option<&'static str>>,
    #[prop(optional, into)] error: Signal<Option<&'static str>>,
) -> impl IntoView {
    let (lang, kit) = (language(), words());
    let texts = move || Texts::of(lang.get());
    let all = of.all(lang);
    let typed = RwSignal::new(String::new());
    let unknown = RwSignal::new(false);
    let wrong = Signal::derive(move || match unknown.get() {
        true => Some(texts().unknown()),
        false => error.get(),
    });
    let notes = Notes::new(id, hint, wrong);
    let (described, invalid) = (notes.clone(), notes.clone());
    let add = move |more: Vec<String>| {
        value.update(|chosen| {
            for code in more {
                if !chosen.contains(&code) {
                    chosen.push(code);
                }
            }
        });
    };
    let take = move || {
        let text = typed.get_untracked();
        if text.trim().is_empty() {
            return unknown.set(false);
        }
        let found = all.with_untracked(|all| of.read(&text, all));
        unknown.set(found.is_none());
        if let Some(found) = found {
            add(found);
            typed.set(String::new());
        }
    };
    let is_words = matches!(of, Offer::Words(_));
    let on_input = move |event| {
        let text = event_target_value(&event);
        match text.rsplit_once(',') {
            // A word ends with its comma; a name may have one.
            Some((words, rest)) if is_words => {
                add(split(words));
                typed.set(rest.trim_start().to_owned());
            }
            _ => typed.set(text),
        }
    };
    // What was typed before the list was here is looked for once more.
    Effect::new(move || {
        all.track();
        if unknown.get_untracked() {
            take();
        }
    });
    let has_any = move || value.with_untracked(|chosen| !chosen.is_empty());
    let on_key = move |event: KeyboardEvent| {
        let is_empty = typed.with_untracked(String::is_empty);
        match event.key().as_str() {
            _ if event.is_composing() => {}
            "Enter" if !is_empty => {
                // It is not the form that is sent.
                event.prevent_default();
                take();
            }
            // Not who holds it to delete what they typed.
            "Backspace" if is_empty && !event.repeat() && has_any() => {
                value.update(|chosen| drop(chosen.pop()));
                edited(&event);
            }
            _ => {}
        }
    };
    let remove = move |code: &str| {
        value.update(|chosen| chosen.retain(|it| it != code));
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
        let codes = value.get();
        let names = of.names(&codes, lang.get());
        codes.into_iter().zip(names).map(chip).collect_view()
    };
    let list = format!("{id}-known");
    let offered = move || {
        let chosen = value.get();
        let rest = all
            .get()
            .into_iter()
            .filter(|(code, _)| !chosen.contains(code));
        rest.map(|(_, name)| view! { <option value=name></option> })
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
                placeholder=move || (!is_words).then(|| texts().add_one())
                aria-describedby=move || described.described_by()
                aria-invalid=move || invalid.invalid()
                prop:value=typed
                on:input=on_input
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
    }

    #[test]
    fn words_are_what_stands_between_commas() {
        assert_eq!(split(" gold, key account,, "), ["gold", "key account"]);
    }
}
