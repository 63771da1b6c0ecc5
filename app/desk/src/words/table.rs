//! The texts of the languages that are here.

use std::sync::OnceLock;

use super::{Given, LANGUAGES, Lang, format};

/// A text: its one form, or those by the category of its number.
#[derive(Debug)]
enum Text {
    One(String),
    Plural(Vec<(&'static str, String)>),
}

/// The categories of `Intl.PluralRules`; the last is for every number that has no form.
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

static TABLES: [OnceLock<Vec<Text>>; LANGUAGES.len()] =
    [const { OnceLock::new() }; LANGUAGES.len()];

/// The texts of a language; until they are here, none.
fn table(lang: Lang) -> &'static [Text] {
    let table = &TABLES[lang.index()];
    #[cfg(test)]
    table.get_or_init(|| tests::read(lang));
    table.get().map_or(&[], Vec::as_slice)
}

/// Loads the words of a language, if they are not here yet; whether they are then.
pub(crate) async fn load(lang: Lang) -> bool {
    if TABLES[lang.index()].get().is_some() {
        return true;
    }
    let Some(texts) = browser::fetch(lang).await else {
        return false;
    };
    // Somebody else may have been faster, with the same.
    let _ = TABLES[lang.index()].set(texts);
    true
}

/// A text into which nothing is put.
pub(super) fn text(lang: Lang, index: usize) -> &'static str {
    match table(lang).get(index) {
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
    let form = match (table(lang).get(index), count) {
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

    /// Where the page says which language's words are in which file (`start.js`).
    const ADDRESSES: &str = "switchboardWords";

    pub(super) async fn fetch(lang: Lang) -> Option<Vec<Text>> {
        let addresses = json::get(&web::window(), ADDRESSES);
        let address = json::string(&addresses, lang.tag())?;
        let texts: Array = web::download(&address).await?.dyn_into().ok()?;
        texts.iter().map(|text| read(&text)).collect()
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
    pub(super) fn read(lang: Lang) -> Vec<Text> {
        let file = Path::new(env!("OUT_DIR")).join(format!("{}.json", lang.tag()));
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
