//! The texts of the languages that are here.

use std::sync::OnceLock;

use super::{FIRST, Given, LANGUAGES, Lang, format};

/// A text: its one form, or those by the category of its number.
#[derive(Debug)]
enum Text {
    One(String),
    Plural(Vec<(&'static str, String)>),
}

/// The categories of `Intl.PluralRules`; the last is for every number that has no form.
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// Texts of each language.
type Tables = [OnceLock<Vec<Text>>; LANGUAGES.len()];

/// Those of the first page, and those that are loaded with the first of the other pages.
static TABLES: [Tables; 2] = [const { [const { OnceLock::new() }; LANGUAGES.len()] }; 2];

/// A text of a language; none until it is here.
fn find(lang: Lang, index: usize) -> Option<&'static Text> {
    let later = usize::from(index >= FIRST);
    let table = &TABLES[later][lang.index()];
    #[cfg(test)]
    table.get_or_init(|| tests::read(lang, later));
    table.get()?.get(index - later * FIRST)
}

/// Loads the words of a language that the first page needs, if they are not here yet; whether
/// they are then.
pub(crate) fn load(lang: Lang) -> impl Future<Output = bool> {
    fetch(lang, 0)
}

/// The same of those that other pages need besides. They are on their way at once.
pub(crate) fn load_later(lang: Lang) -> impl Future<Output = bool> {
    fetch(lang, 1)
}

fn fetch(lang: Lang, later: usize) -> impl Future<Output = bool> {
    let table = &TABLES[later][lang.index()];
    let coming = table.get().is_none().then(|| browser::fetch(lang, later));
    async move {
        let Some(coming) = coming else { return true };
        let Some(texts) = coming.await else {
            return false;
        };
        // Somebody else may have been faster, with the same.
        let _ = table.set(texts);
        true
    }
}

/// A text into which nothing is put.
pub(super) fn text(lang: Lang, index: usize) -> &'static str {
    match find(lang, index) {
        Some(Text::One(words)) => words,
        _ => "",
    }
}

/// A text with something in it; `count` decides on its form.
pub(super) fn fill(
    lang: Lang,
    index: usize,
    count: Option<i64>,
    given: &[(&str, Given<'_>)],
) -> String {
    let form = match (find(lang, index), count) {
        (Some(Text::One(words)), _) => words.as_str(),
        (Some(Text::Plural(forms)), Some(count)) => choose(forms, &format::category(count, lang)),
        _ => "",
    };
    put_in(form, given, lang)
}

fn choose<'a>(forms: &'a [(&str, String)], category: &str) -> &'a str {
    let of = |category: &str| forms.iter().find(|(name, _)| *name == category);
    let form = of(category).or_else(|| of("other"));
    form.map_or("", |(_, words)| words)
}

fn put_in(words: &str, given: &[(&str, Given<'_>)], lang: Lang) -> String {
    let mut text = String::with_capacity(words.len());
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        // What stands in two braces is shown as it stands.
        if let Some((shown, after)) = after.strip_prefix('{').and_then(|it| it.split_once("}}")) {
            text.extend(["{{", shown, "}}"]);
            rest = after;
            continue;
        }
        let Some((name, after)) = after.split_once('}') else {
            // The build refuses it.
            break;
        };
        let name = name.trim_start_matches('#');
        match given.iter().find(|(known, _)| *known == name) {
            Some((_, Given::Word(word))) => text.push_str(word),
            Some((_, Given::Number(number))) => text.push_str(&format::number(*number, lang)),
            None => {}
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// How the words come into a browser.
mod browser {
    use ::browser::ui::{json, web};
    use js_sys::Array;
    use wasm_bindgen::{JsCast, JsValue};

    use super::{CATEGORIES, Lang, Text};

    /// Where the page says which language's words are in which files (`start.js`).
    const ADDRESSES: &str = "switchboardWords";

    pub(super) fn fetch(lang: Lang, later: usize) -> impl Future<Output = Option<Vec<Text>>> {
        let coming = address(lang, later).map(|address| web::download(&address));
        async move {
            let texts: Array = coming?.await?.dyn_into().ok()?;
            texts.iter().map(|text| read(&text)).collect()
        }
    }

    fn address(lang: Lang, later: usize) -> Option<String> {
        let addresses = json::get(&web::window(), ADDRESSES);
        let of_language: Array = json::get(&addresses, lang.tag()).dyn_into().ok()?;
        of_language.get(later as u32).as_string()
    }

    fn read(text: &JsValue) -> Option<Text> {
        if let Some(words) = text.as_string() {
            return Some(Text::One(words));
        }
        let form = |category| Some((category, json::string(text, category)?));
        Some(Text::Plural(
            CATEGORIES.into_iter().filter_map(form).collect(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use serde_json::Value;

    use super::*;

    /// The words as the build script has put them together.
    pub(super) fn read(lang: Lang, later: usize) -> Vec<Text> {
        let name = ["json", "later.json"][later];
        let file = Path::new(env!("OUT_DIR")).join(format!("{}.{name}", lang.tag()));
        let json = fs::read(file).unwrap();
        let texts: Vec<Value> = serde_json::from_slice(&json).unwrap();
        let of = |text: &Value| match text.as_str() {
            Some(words) => Text::One(words.to_owned()),
            None => Text::Plural(
                CATEGORIES
                    .into_iter()
                    .filter_map(|it| Some((it, text[it].as_str()?.to_owned())))
                    .collect(),
            ),
        };
        texts.iter().map(of).collect()
    }

    #[test]
    fn what_stands_in_two_braces_stays() {
        let given = [("name", Given::Word("Ada"))];
        let text = put_in("{{caller.number}} is {name}", &given, Lang::default());
        assert_eq!(text, "{{caller.number}} is Ada");
    }

    #[test]
    fn a_number_without_a_form_of_its_own_has_the_last() {
        let forms = [("one", "a call".to_owned()), ("other", "calls".to_owned())];
        assert_eq!(choose(&forms, "one"), "a call");
        assert_eq!(choose(&forms, "few"), "calls");
    }
}
