//! One text in one language.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

/// The categories of `Intl.PluralRules`.
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];
/// The number that decides which form of a text is taken.
pub(crate) const COUNT: &str = "count";

/// A text: one form, or several by the category of its `{#count}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// It is always the same.
    One(Form),
    /// It depends on how many there are.
    Plural(BTreeMap<String, Form>),
}

/// Words, and what is put between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    words: String,
    parameters: BTreeSet<Parameter>,
}

/// What is put into a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Whether it is written as the language writes numbers.
    pub is_number: bool,
}

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Neither a text nor its forms.
    #[error("is neither a text nor an object of its forms")]
    Kind,
    /// There is nothing in it.
    #[error("says nothing")]
    Empty,
    /// A `{` without its `}`, or something else than a name between them.
    #[error("has a brace that names nothing")]
    Brace,
    /// A form of a category there is not.
    #[error("has a form for `{0}`, which is no category of Intl.PluralRules")]
    Category(String),
    /// No form for every other number.
    #[error("has no form `other`")]
    NoOther,
    /// What its forms are given differs, or no number decides.
    #[error("has forms that are given different things, or no {{#count}}")]
    Forms,
}

impl Text {
    /// Reads a text.
    ///
    /// # Errors
    /// When it is none.
    pub fn of(value: &Value) -> Result<Self, Fault> {
        match value {
            Value::String(words) => Ok(Self::One(Form::of(words)?)),
            Value::Object(forms) => Self::plural(forms),
            _ => Err(Fault::Kind),
        }
    }

    fn plural(forms: &Map<String, Value>) -> Result<Self, Fault> {
        let mut read = BTreeMap::new();
        for (category, words) in forms {
            if !CATEGORIES.contains(&category.as_str()) {
                return Err(Fault::Category(category.clone()));
            }
            let words = words.as_str().ok_or(Fault::Kind)?;
            read.insert(category.clone(), Form::of(words)?);
        }
        let other = read.get("other").ok_or(Fault::NoOther)?;
        let count = Parameter::number(COUNT);
        // A form may leave the number out: "one call".
        let given = |form: &Form| {
            let mut parameters = form.parameters.clone();
            parameters.insert(count.clone());
            parameters
        };
        let decides = other.parameters.contains(&count);
        if !decides || read.values().any(|form| given(form) != given(other)) {
            return Err(Fault::Forms);
        }
        Ok(Self::Plural(read))
    }

    /// What is put into it, in the order of names.
    #[must_use]
    pub fn parameters(&self) -> &BTreeSet<Parameter> {
        match self {
            Self::One(form) => &form.parameters,
            // There is one: it was read.
            Self::Plural(forms) => &forms["other"].parameters,
        }
    }

    /// The same, for people.
    pub(crate) fn told(&self) -> String {
        let told: Vec<_> = self.parameters().iter().map(ToString::to_string).collect();
        if told.is_empty() {
            "nothing".to_owned()
        } else {
            told.join(", ")
        }
    }

    /// Its words, as they stand in the file of a text that has one form.
    pub(crate) fn plain(&self) -> String {
        match self {
            Self::One(form) => form.words.clone(),
            Self::Plural(forms) => forms["other"].words.clone(),
        }
    }

    /// As it is loaded.
    pub(crate) fn packed(&self) -> Value {
        match self {
            Self::One(form) => Value::String(form.words.clone()),
            Self::Plural(forms) => forms
                .iter()
                .map(|(category, form)| (category.clone(), Value::String(form.words.clone())))
                .collect(),
        }
    }
}

impl Form {
    fn of(words: &str) -> Result<Self, Fault> {
        if words.trim().is_empty() {
            return Err(Fault::Empty);
        }
        let mut parameters = BTreeSet::new();
        let mut rest = words;
        while let Some(at) = rest.find(['{', '}']) {
            if let Some(shown) = rest[at..].strip_prefix("{{") {
                rest = shown.split_once("}}").ok_or(Fault::Brace)?.1;
                continue;
            }
            let (name, after) = rest[at..]
                .strip_prefix('{')
                .and_then(|rest| rest.split_once('}'))
                .ok_or(Fault::Brace)?;
            let parameter = Parameter::of(name);
            if !crate::is_identifier(&parameter.name) {
                return Err(Fault::Brace);
            }
            parameters.insert(parameter);
            rest = after;
        }
        Ok(Self {
            words: words.to_owned(),
            parameters,
        })
    }
}

impl Parameter {
    fn of(name: &str) -> Self {
        match name.strip_prefix('#') {
            Some(name) => Self::number(name),
            None => Self {
                name: name.to_owned(),
                is_number: false,
            },
        }
    }

    fn number(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            is_number: true,
        }
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.is_number { "#" } else { "" };
        write!(f, "{{{mark}{}}}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_no_text_is_refused() {
        for (value, fault) in [
            (json!(3), Fault::Kind),
            (json!(["a"]), Fault::Kind),
            (json!(" "), Fault::Empty),
            (json!("a { b"), Fault::Brace),
            (json!("a } b"), Fault::Brace),
            (json!("a {} b"), Fault::Brace),
            (json!("a {b c}"), Fault::Brace),
            (json!({"one": "{#count} call"}), Fault::NoOther),
            (json!({"other": "calls"}), Fault::Forms),
            (json!({"other": "{count} calls"}), Fault::Forms),
            (
                json!({"one": "{#count} {who}", "other": "{#count}"}),
                Fault::Forms,
            ),
            (
                json!({"some": "{#count}", "other": "{#count}"}),
                Fault::Category("some".to_owned()),
            ),
        ] {
            assert_eq!(Text::of(&value), Err(fault), "{value}");
        }
    }

    #[test]
    fn what_stands_in_two_braces_is_shown_as_it_stands() {
        let text = Text::of(&json!("{{contact.name}} is {name}")).unwrap();
        assert_eq!(text.told(), "{name}");
        assert_eq!(Text::of(&json!("a {{ b")), Err(Fault::Brace));
    }

    #[test]
    fn a_form_may_leave_the_number_out() {
        let text = Text::of(&json!({"one": "one call", "other": "{#count} calls"})).unwrap();
        assert_eq!(text.told(), "{#count}");
    }
}
