//! The words of an app as files, and what is made of them when it is built.
//!
//! ```text
//! texts/en/calls.json     the words of an area in a language: an object of texts by name
//! texts/en/later.….json   the same of an area whose words are loaded when they are needed
//! texts/en/language.json  the language itself: its own name, its direction …
//! texts/about/calls.json  where each text stands, for translators and as its documentation
//! ```
//!
//! A text names what is put into it: `{name}` is a word, `{#total}` a number, written as the
//! language writes numbers; `{{contact.name}}` is shown as it stands. A text in several forms is an object of them, by the categories of
//! `Intl.PluralRules`; its `{#count}` decides.
//!
//! [`Catalog`] reads the files and refuses a language that lacks a text, knows one more, or puts
//! something else into one. [`Catalog::rust`] makes a typed function of each text,
//! [`Catalog::packed`] the one file of a language that a browser loads. A text whose name is no
//! identifier (`webhook.replayed`) stands for a word of somebody else's and is found by it.

mod rust;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::{Map, Value};

pub use text::{Fault, Text};

/// How the name of an area begins whose words are loaded when they are needed, and not before.
const LATER: &str = "later.";
/// The directory beside the languages that says where each text stands.
const ABOUT: &str = "about";
/// The area that says what a language is.
const LANGUAGE: &str = "language";
/// The language that is spoken where no better one is known; the others are measured by it.
const REFERENCE: &str = "en";

/// Why the words cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file is no object of texts.
    #[error("{path} is no object of texts: {why}")]
    NoTexts {
        /// Which.
        path: String,
        /// Why not.
        why: String,
    },
    /// There is no reference language.
    #[error("there are no words in `{REFERENCE}`, by which the other languages are measured")]
    NoReference,
    /// What is wrong with some texts, a line each.
    #[error("{}", .0.join("\n"))]
    Wrong(Vec<String>),
}

/// When a browser loads words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// Before the first page.
    First,
    /// When they are needed: those of the areas whose files are called `later.….json`.
    Later,
}

/// Where a text is: its area and its name.
type Place = (String, String);

/// Words in every language.
#[derive(Debug)]
pub struct Catalog {
    /// From a language's tag to its texts, in the order of their places.
    languages: BTreeMap<String, BTreeMap<Place, Text>>,
    about: BTreeMap<Place, String>,
}

impl Catalog {
    /// Reads the words below a directory, and checks them.
    ///
    /// # Errors
    /// When a file cannot be read, or a language does not say what the others say.
    pub fn read(dir: &Path) -> Result<Self, Error> {
        let unreadable = |path: &Path, source| Error::Unreadable {
            path: path.to_owned(),
            source,
        };
        let mut files = Vec::new();
        for language in entries(dir).map_err(|it| unreadable(dir, it))? {
            for path in entries(&language).map_err(|it| unreadable(&language, it))? {
                let json = fs::read_to_string(&path).map_err(|it| unreadable(&path, it))?;
                files.push((stem(&language), stem(&path), json));
            }
        }
        Self::of(&files)
    }

    /// Words given as the language, the area and the JSON of each file.
    ///
    /// # Errors
    /// As [`Catalog::read`].
    pub fn of(files: &[(String, String, String)]) -> Result<Self, Error> {
        let mut languages: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        let mut about = BTreeMap::new();
        let mut wrong = Vec::new();
        for (language, area, json) in files {
            let path = format!("{language}/{area}.json");
            let texts: Map<String, Value> =
                serde_json::from_str(json).map_err(|error| Error::NoTexts {
                    path: path.clone(),
                    why: error.to_string(),
                })?;
            for (name, value) in texts {
                let place = (area.clone(), name);
                if language == ABOUT {
                    about.insert(place, value.as_str().unwrap_or_default().to_owned());
                    continue;
                }
                match Text::of(&value) {
                    Ok(text) => {
                        languages
                            .entry(language.clone())
                            .or_default()
                            .insert(place, text);
                    }
                    Err(fault) => wrong.push(format!("{path}: `{}` {fault}", place.1)),
                }
            }
        }
        let catalog = Self { languages, about };
        wrong.extend(catalog.differences()?);
        if wrong.is_empty() {
            Ok(catalog)
        } else {
            Err(Error::Wrong(wrong))
        }
    }

    /// What a language says that the reference does not, or the other way round.
    fn differences(&self) -> Result<Vec<String>, Error> {
        let reference = self.languages.get(REFERENCE).ok_or(Error::NoReference)?;
        let mut found = Vec::new();
        for (tag, texts) in &self.languages {
            let places: BTreeSet<_> = reference.keys().chain(texts.keys()).collect();
            for place in places {
                let (area, name) = place;
                match (reference.get(place), texts.get(place)) {
                    (Some(ours), Some(theirs)) if ours.parameters() == theirs.parameters() => {}
                    (Some(ours), Some(theirs)) => found.push(format!(
                        "{tag}/{area}.json: `{name}` is given {}, in `{REFERENCE}` {}",
                        theirs.told(),
                        ours.told()
                    )),
                    (Some(_), None) => found.push(format!("{tag}/{area}.json lacks `{name}`")),
                    _ => found.push(format!("{tag}/{area}.json: nothing else has `{name}`")),
                }
            }
        }
        for (area, name) in reference.keys().filter(|(_, name)| is_identifier(name)) {
            if area != LANGUAGE && !self.about.contains_key(&(area.clone(), name.clone())) {
                found.push(format!(
                    "{ABOUT}/{area}.json does not say where `{name}` stands"
                ));
            }
        }
        for (area, name) in self.about.keys() {
            if !reference.contains_key(&(area.clone(), name.clone())) {
                found.push(format!("{ABOUT}/{area}.json: there is no text `{name}`"));
            }
        }
        Ok(found)
    }

    /// The tags of the languages.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.languages.keys().map(String::as_str)
    }

    /// The words of a language as a browser loads them: one array, in the order in which
    /// [`Catalog::rust`] counts. Nothing for a language there is not.
    #[must_use]
    pub fn packed(&self, tag: &str, when: Load) -> String {
        let texts = self.texts(tag, when);
        Value::Array(texts.map(|(_, text)| text.packed()).collect()).to_string()
    }

    /// The Rust of the words: the languages, and a module for each area with its typed functions.
    #[must_use]
    pub fn rust(&self) -> String {
        rust::source(self)
    }

    /// What a language says of itself.
    fn own(&self, tag: &str, name: &str) -> String {
        let place = (LANGUAGE.to_owned(), name.to_owned());
        let text = self.languages.get(tag).and_then(|texts| texts.get(&place));
        text.map(Text::plain).unwrap_or_default()
    }

    /// The texts of a language that a browser loads at one time, in order.
    fn texts(&self, tag: &str, when: Load) -> impl Iterator<Item = (&Place, &Text)> {
        let texts = self.languages.get(tag).into_iter().flatten();
        texts.filter(move |((area, _), _)| {
            area != LANGUAGE && area.starts_with(LATER) == (when == Load::Later)
        })
    }
}

/// Whether a text's name can be the name of a function.
fn is_identifier(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.bytes().all(is_part)
}

/// What is in a directory, sorted.
fn entries(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths: Vec<_> = fs::read_dir(dir)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANGUAGE_FILE: &str =
        r#"{"name": "X", "direction": "ltr", "broken": "Broken.", "load_again": "Again"}"#;

    /// Words of one area, `calls`, by language; with what else there has to be.
    fn catalog(texts: &[(&str, &str)]) -> Result<Catalog, Error> {
        let mut files = Vec::new();
        for (tag, json) in texts {
            files.push((tag.to_string(), "calls".to_owned(), json.to_string()));
            if *tag != ABOUT {
                let language = LANGUAGE_FILE.to_owned();
                files.push((tag.to_string(), LANGUAGE.to_owned(), language));
            }
        }
        Catalog::of(&files)
    }

    fn wrong(texts: &[(&str, &str)]) -> String {
        catalog(texts).unwrap_err().to_string()
    }

    const ABOUT_TITLE: (&str, &str) = (ABOUT, r#"{"title": "Heads the page."}"#);

    #[test]
    fn a_language_that_lacks_a_text_or_knows_one_more_is_refused() {
        let told = wrong(&[
            ABOUT_TITLE,
            ("en", r#"{"title": "Calls"}"#),
            ("de", r#"{"titel": "Anrufe"}"#),
        ]);
        assert!(told.contains("de/calls.json lacks `title`"), "{told}");
        assert!(told.contains("nothing else has `titel`"), "{told}");
    }

    #[test]
    fn a_text_that_is_given_something_else_is_refused() {
        let told = wrong(&[
            ABOUT_TITLE,
            ("en", r#"{"title": "Calls of {name}"}"#),
            ("de", r#"{"title": "Anrufe von {nmae}"}"#),
        ]);
        assert!(
            told.contains("`title` is given {nmae}, in `en` {name}"),
            "{told}"
        );
        let told = wrong(&[
            ABOUT_TITLE,
            ("en", r#"{"title": "{#total} calls"}"#),
            ("de", r#"{"title": "{total} Anrufe"}"#),
        ]);
        assert!(
            told.contains("is given {total}, in `en` {#total}"),
            "{told}"
        );
    }

    #[test]
    fn a_text_nobody_says_the_place_of_is_refused() {
        let told = wrong(&[("en", r#"{"title": "Calls"}"#)]);
        assert!(
            told.contains("about/calls.json does not say where `title` stands"),
            "{told}"
        );
        assert!(catalog(&[("en", r#"{"user.joined": "Joined"}"#)]).is_ok());
    }

    #[test]
    fn a_fourth_language_is_nothing_but_files() {
        let en = (
            "en",
            r#"{"title": {"one": "{#count} call", "other": "{#count} calls"}}"#,
        );
        let pl = (
            "pl",
            r#"{"title": {"one": "{#count} rozmowa", "few": "{#count} rozmowy",
                "many": "{#count} rozmów", "other": "{#count} rozmowy"}}"#,
        );
        let two = catalog(&[ABOUT_TITLE, en]).unwrap();
        let more = catalog(&[ABOUT_TITLE, en, pl]).unwrap();
        assert_eq!(more.tags().collect::<Vec<_>>(), ["en", "pl"]);
        assert!(more.packed("pl", Load::First).contains("rozmów"));
        let functions = |catalog: &Catalog| {
            let rust = catalog.rust();
            rust.split_once("pub(crate) mod calls")
                .unwrap()
                .1
                .to_owned()
        };
        assert_eq!(functions(&two), functions(&more));
    }

    #[test]
    fn what_is_needed_later_is_loaded_apart_and_counted_behind_the_rest() {
        let file = |tag: &str, area: &str, json: &str| [tag, area, json].map(str::to_owned).into();
        let files: Vec<(String, String, String)> = vec![
            file("en", "language", LANGUAGE_FILE),
            file("en", "later.audit", r#"{"title": "Trail"}"#),
            file("en", "zones", r#"{"title": "Zones"}"#),
            file(ABOUT, "later.audit", r#"{"title": "Heads it."}"#),
            file(ABOUT, "zones", r#"{"title": "Heads it."}"#),
        ];
        let catalog = Catalog::of(&files).unwrap();
        assert_eq!(catalog.packed("en", Load::First), r#"["Zones"]"#);
        assert_eq!(catalog.packed("en", Load::Later), r#"["Trail"]"#);
        let rust = catalog.rust();
        assert!(rust.contains("const FIRST: usize = 1;"), "{rust}");
        let (_, audit) = rust.split_once("pub(crate) mod audit").unwrap();
        assert!(audit.contains("text(self.0, 1)"), "{audit}");
    }

    #[test]
    fn functions_take_what_their_texts_are_given() {
        let about = r#"{"title": "Heads the page.", "seen": "After the search."}"#;
        let en = r#"{"title": "Calls", "seen": {"one": "{#count} of {#all} by {who}",
            "other": "{#count} of {#all} by {who}"}, "user.joined": "Joined"}"#;
        let rust = catalog(&[(ABOUT, about), ("en", en)]).unwrap().rust();
        assert!(
            rust.contains("pub(crate) fn title(self) -> &'static str"),
            "{rust}"
        );
        let seen = "pub(crate) fn seen(self, all: i64, count: i64, who: &str) -> String";
        assert!(rust.contains(seen), "{rust}");
        assert!(rust.contains("(\"user.joined\", 2)"), "{rust}");
    }
}
