//! Dynamic variables: `{{name}}` in lines, and values taken out of function
//! answers by path (retell-protocol G6, C3).

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Names and values; values are always strings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

/// Variables may hold variables; deeper than this is taken as written.
const MAX_NESTING: usize = 4;

/// A line grown by variables beyond this is cut off there.
const MAX_FILLED: usize = 20_000;

impl Variables {
    /// The value of a variable.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets a variable.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Takes over all of the other's variables.
    pub fn merge(&mut self, other: &Self) {
        for (name, value) in &other.0 {
            self.set(name, value);
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// As a JSON object of strings.
    #[must_use]
    pub fn to_json(&self) -> Map<String, Value> {
        self.0
            .iter()
            .map(|(name, value)| (name.clone(), Value::String(value.clone())))
            .collect()
    }

    /// The text with every known `{{name}}` replaced. Unknown ones stay as
    /// they are; an empty value replaces with nothing.
    #[must_use]
    pub fn fill(&self, text: &str) -> String {
        self.fill_nested(text, MAX_NESTING)
    }

    fn fill_nested(&self, text: &str, depth: usize) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            let after = &rest[start + 2..];
            let Some(end) = after.find("}}") else { break };
            let value = self.get(after[..end].trim());
            match value {
                Some(value) if out.len() + value.len() <= MAX_FILLED => {
                    out.push_str(&rest[..start]);
                    if depth > 0 && value.contains("{{") {
                        out.push_str(&self.fill_nested(value, depth - 1));
                    } else {
                        out.push_str(value);
                    }
                    rest = &after[end + 2..];
                }
                _ => {
                    // Keep the braces and look for the next pair inside, as
                    // `{{ {{name}}` holds a known variable too.
                    out.push_str(&rest[..start + 2]);
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }

    /// A JSON value with every string in it filled.
    #[must_use]
    pub fn fill_json(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(items) => Value::Array(items.iter().map(|v| self.fill_json(v)).collect()),
            Value::Object(map) => Value::Object(self.fill_object(map)),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// A JSON object with every string in it filled.
    #[must_use]
    pub fn fill_object(&self, map: &Map<String, Value>) -> Map<String, Value> {
        map.iter()
            .map(|(key, value)| (key.clone(), self.fill_json(value)))
            .collect()
    }

    /// Sets variables from a function's answer, each by its path. Missing and
    /// null parts are skipped, anything but a string is stored as JSON text,
    /// and only an object has parts (retell-protocol C3). Returns what was set.
    pub fn extract(&mut self, answer: &Value, paths: &BTreeMap<String, String>) -> Self {
        let mut set = Self::default();
        if answer.is_object() {
            for (name, path) in paths {
                match find(answer, path) {
                    None | Some(Value::Null) => {}
                    Some(Value::String(text)) => set.set(name, text),
                    Some(other) => set.set(name, other.to_string()),
                }
            }
        }
        self.merge(&set);
        set
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Variables {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }
}

/// The part of a JSON value at a path like `data.items[0].id`.
fn find<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let mut here = value;
    for part in path.split('.') {
        let (key, indexes) = match part.find('[') {
            Some(bracket) => part.split_at(bracket),
            None => (part, ""),
        };
        if !key.is_empty() {
            here = here.as_object()?.get(key)?;
        }
        let mut rest = indexes;
        while let Some(open) = rest.strip_prefix('[') {
            let (index, after) = open.split_once(']')?;
            here = here.as_array()?.get(index.trim().parse::<usize>().ok()?)?;
            rest = after;
        }
        if !rest.is_empty() {
            return None;
        }
    }
    Some(here)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        pairs.iter().copied().collect()
    }

    #[test]
    fn known_variables_are_replaced_and_unknown_ones_stay() {
        let vars = variables(&[("name", "Ada"), ("nothing", "")]);
        assert_eq!(
            vars.fill("Hi {{name}}{{ nothing }}, {{other}}!"),
            "Hi Ada, {{other}}!"
        );
        assert_eq!(vars.fill("{{ {{name}}"), "{{ Ada");
        assert_eq!(vars.fill("open {{name"), "open {{name");
    }

    #[test]
    fn variables_may_hold_variables_but_never_without_end() {
        let vars = variables(&[("a", "x {{b}}"), ("b", "y"), ("loop", "{{loop}}")]);
        assert_eq!(vars.fill("{{a}}"), "x y");
        assert_eq!(vars.fill("{{loop}}"), "{{loop}}");
    }

    #[test]
    fn paths_reach_into_objects_and_arrays() {
        let answer = json!({"data": {"items": [{"id": "one", "n": 2}, [["deep"]]], "none": null}});
        let mut vars = Variables::default();
        let paths = [
            ("id", "data.items[0].id"),
            ("number", "data.items[0].n"),
            ("whole", "data.items[0]"),
            ("deep", "data.items[1][0][0]"),
            ("null", "data.none"),
            ("missing", "data.items[7].id"),
            ("broken", "data.items[x].id"),
        ];
        let paths = paths
            .into_iter()
            .map(|(n, p)| (n.to_owned(), p.to_owned()))
            .collect();
        let set = vars.extract(&answer, &paths);
        let expected = [
            ("deep", "deep"),
            ("id", "one"),
            ("number", "2"),
            ("whole", r#"{"id":"one","n":2}"#),
        ];
        assert_eq!(set.iter().collect::<Vec<_>>(), expected);
        assert_eq!(vars, set);
    }

    #[test]
    fn an_answer_that_is_no_object_sets_nothing() {
        let mut vars = Variables::default();
        let paths = [("a".to_owned(), "[0]".to_owned())].into_iter().collect();
        assert!(vars.extract(&json!(["x"]), &paths).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn filling_never_panics(text in ".{0,60}", value in ".{0,20}") {
            let vars = variables(&[("a", &value)]);
            let _ = vars.fill(&text);
        }
    }
}
