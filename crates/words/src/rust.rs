//! The Rust that is made of words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::text::{COUNT, Parameter, Text};
use crate::{Catalog, LATER, Load, REFERENCE, is_identifier};

/// What an area has: the place in the order of all texts, the name, and the text.
type Area<'a> = Vec<(usize, &'a str, &'a Text)>;

pub(crate) fn source(catalog: &Catalog) -> String {
    let mut areas: BTreeMap<&str, Area<'_>> = BTreeMap::new();
    let first = catalog.texts(REFERENCE, Load::First);
    let texts = first.chain(catalog.texts(REFERENCE, Load::Later));
    for (index, ((area, name), text)) in texts.enumerate() {
        areas.entry(area).or_default().push((index, name, text));
    }
    let mut code = languages(catalog);
    let _ = writeln!(
        code,
        "/// So many texts come first; the others are loaded when they are needed.\n\
         const FIRST: usize = {};",
        catalog.texts(REFERENCE, Load::First).count()
    );
    for (area, texts) in &areas {
        code.push_str(&module(catalog, area, texts));
    }
    code.push_str(&samples(&areas));
    code
}

fn languages(catalog: &Catalog) -> String {
    let mut code = String::from("/// The languages there are, by their tags.\n");
    let _ = writeln!(
        code,
        "pub(crate) const LANGUAGES: [Language; {}] = [",
        catalog.languages.len()
    );
    for tag in catalog.tags() {
        let _ = writeln!(
            code,
            "Language {{ tag: {tag:?}, name: {:?}, direction: {:?}, broken: {:?}, load_again: {:?} }},",
            catalog.own(tag, "name"),
            catalog.own(tag, "direction"),
            catalog.own(tag, "broken"),
            catalog.own(tag, "load_again"),
        );
    }
    let reference = catalog.tags().position(|tag| tag == REFERENCE);
    let _ = writeln!(
        code,
        "];\n/// Which of them is spoken where no better one is known.\n\
         const REFERENCE: usize = {};",
        reference.unwrap_or_default()
    );
    code
}

/// What the module of an area is called.
fn module_of(area: &str) -> &str {
    area.strip_prefix(LATER).unwrap_or(area)
}

fn module(catalog: &Catalog, area: &str, texts: &Area<'_>) -> String {
    let typed = || texts.iter().filter(|(_, name, _)| is_identifier(name));
    let filled = typed().any(|(_, _, text)| !text.parameters().is_empty());
    let plain = typed().any(|(_, _, text)| text.parameters().is_empty());
    let mut used = vec!["Lang"];
    used.extend((typed().count() < texts.len()).then_some("Found"));
    used.extend(filled.then_some("Given, fill"));
    used.extend(plain.then_some("text"));
    let module = module_of(area);
    let mut code = format!(
        "/// The words of `{area}`.\npub(crate) mod {module} {{\nuse super::{{{}}};\n\
         /// The words in a language.\n\
         #[derive(Debug, Clone, Copy, PartialEq, Eq)]\npub(crate) struct Texts(Lang);\n\
         impl Texts {{\n/// The words in a language.\n\
         pub(crate) fn of(lang: Lang) -> Self {{ Self(lang) }}\n",
        used.join(", ")
    );
    for (index, name, text) in typed() {
        let place = (area.to_owned(), (*name).to_owned());
        let about = catalog.about.get(&place).map_or("", String::as_str);
        code.push_str(&function(*index, name, text, about));
    }
    let found: Vec<_> = texts
        .iter()
        .filter(|(_, name, _)| !is_identifier(name))
        .map(|(index, name, _)| format!("({name:?}, {index})"))
        .collect();
    if !found.is_empty() {
        let _ = writeln!(
            code,
            "}}\nimpl Found for Texts {{\n\
             const NAMES: &'static [(&'static str, usize)] = &[{}];\n\
             fn lang(self) -> Lang {{ self.0 }}",
            found.join(", ")
        );
    }
    code.push_str("}\n}\n");
    code
}

fn function(index: usize, name: &str, text: &Text, about: &str) -> String {
    let parameters = text.parameters();
    let mut code = format!("/// {about}\npub(crate) fn {name}(self");
    for it in parameters {
        let kind = if it.is_number { "i64" } else { "&str" };
        let _ = write!(code, ", {}: {kind}", it.name);
    }
    if parameters.is_empty() {
        let _ = writeln!(code, ") -> &'static str {{ text(self.0, {index}) }}");
        return code;
    }
    let given: Vec<_> = parameters.iter().map(given).collect();
    let count = match text {
        Text::One(_) => "None".to_owned(),
        Text::Plural(_) => format!("Some({COUNT})"),
    };
    let _ = writeln!(
        code,
        ") -> String {{ fill(self.0, {index}, {count}, &[{}]) }}",
        given.join(", ")
    );
    code
}

fn given(parameter: &Parameter) -> String {
    let kind = if parameter.is_number {
        "Number"
    } else {
        "Word"
    };
    format!("({0:?}, Given::{kind}({0}))", parameter.name)
}

/// Every text with something in it, for the test that renders all of them.
fn samples(areas: &BTreeMap<&str, Area<'_>>) -> String {
    let mut code = String::from(
        "/// Every text, rendered with its parameters, the number being this.\n\
         #[cfg(test)]\npub(crate) fn samples(lang: Lang, number: i64) -> Vec<(&'static str, String)> {\nvec![\n",
    );
    for (area, texts) in areas {
        let area = module_of(area);
        for (_, name, text) in texts.iter().filter(|(_, name, _)| is_identifier(name)) {
            let arguments: Vec<_> = text
                .parameters()
                .iter()
                .map(|it| {
                    if it.is_number {
                        "number".to_owned()
                    } else {
                        format!("\"‹{}›\"", it.name)
                    }
                })
                .collect();
            let owned = if arguments.is_empty() {
                ".to_owned()"
            } else {
                ""
            };
            let _ = writeln!(
                code,
                "(\"{area}.{name}\", {area}::Texts::of(lang).{name}({}){owned}),",
                arguments.join(", ")
            );
        }
        for (index, name, _) in texts.iter().filter(|(_, name, _)| !is_identifier(name)) {
            let _ = writeln!(
                code,
                "({:?}, text(lang, {index}).to_owned()),",
                format!("{area}.{name}")
            );
        }
    }
    code.push_str("]\n}\n");
    code
}
