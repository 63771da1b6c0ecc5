//! Texts and JSON with places that are filled in: `{{name}}`, or `{{args.day}}` by a path into
//! what is known, or `{{name|Caller}}`, which is `Caller` where nothing is known. Pure.

mod request;

use serde_json::Value;

pub(crate) use request::{Request, method};

/// The text with every `{{name}}` replaced by its value; `None` where one has none. What is
/// never closed stays as it is.
pub(crate) fn fill(
    template: &str,
    mut value_of: impl FnMut(&str) -> Option<String>,
) -> Option<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            break;
        };
        text.push_str(before);
        text.push_str(&value_of(name.trim())?);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// The text with every `{{path}}` replaced by what is there in `scope`, each `encoded`; by
/// nothing where nothing is.
pub(crate) fn text(template: &str, scope: &Value, encoded: impl Fn(&str) -> String) -> String {
    let value = |place: &str| plain(&stands_at(scope, place));
    fill(template, |place| Some(encoded(&value(place)))).unwrap_or_default()
}

/// What stands at a place.
fn stands_at(scope: &Value, place: &str) -> Value {
    let (path, otherwise) = match place.split_once('|') {
        Some((path, otherwise)) => (path.trim_end(), Some(otherwise.trim_start())),
        None => (place, None),
    };
    let there = at(scope, path).cloned().unwrap_or_default();
    match otherwise {
        Some(otherwise) if plain(&there).is_empty() => otherwise.into(),
        _ => there,
    }
}

/// The JSON with its texts filled in. A text that is one place alone becomes what is there,
/// whatever it is.
pub(crate) fn json(template: &Value, scope: &Value) -> Value {
    match template {
        Value::String(template) => match alone(template) {
            Some(place) => stands_at(scope, place),
            None => text(template, scope, str::to_owned).into(),
        },
        Value::Array(items) => items.iter().map(|item| json(item, scope)).collect(),
        Value::Object(fields) => {
            let filled = fields.iter();
            let filled = filled.map(|(name, value)| (name.clone(), json(value, scope)));
            Value::Object(filled.collect())
        }
        other => other.clone(),
    }
}

/// What a path such as `data.items[0].id` leads to.
pub(crate) fn at<'a>(scope: &'a Value, path: &str) -> Option<&'a Value> {
    let path = path.replace('[', ".").replace(']', "");
    let mut steps = path.split('.').filter(|step| !step.is_empty());
    steps.try_fold(scope, |value, step| match value {
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        other => other.get(step),
    })
}

/// A value in a text: without quotes, and nothing for `null`.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A value as a part of an address.
pub(crate) fn in_address(value: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    encoded.replace('+', "%20")
}

fn alone(template: &str) -> Option<&str> {
    let path = template.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!path.contains("{{")).then(|| path.trim())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_filled_in() {
        let scope = json!({"args": {"day": "1 + 1", "count": 2, "tags": ["a", "b"], "none": null}});
        let template = json!({
            "day": "{{args.day}}", "count": "{{ args.count }}", "text": "{{args.count}} x {{args.day}}",
            "first": "{{args.tags[0]}}", "second": "{{args.tags.1}}", "all": ["{{args.tags}}"],
            "none": "{{args.none}}", "gone": "<{{args.gone}}>", "open": "{{args", "true": true,
            "else": "{{ args.none | nobody }}", "not else": "{{args.count|0}}", "or": "<{{args.gone|-}}>",
        });
        let filled = json!({
            "day": "1 + 1", "count": 2, "text": "2 x 1 + 1", "first": "a", "second": "b",
            "all": [["a", "b"]], "none": null, "gone": "<>", "open": "{{args", "true": true,
            "else": "nobody", "not else": 2, "or": "<->",
        });
        assert_eq!(super::json(&template, &scope), filled);
        let address = text(
            "https://a.test/{{args.day}}?n={{args.count}}",
            &scope,
            in_address,
        );
        assert_eq!(address, "https://a.test/1%20%2B%201?n=2");
    }

    proptest! {
        #[test]
        fn whatever_is_filled_in_stays_one_part_of_an_address(value in ".{0,20}") {
            let encoded = in_address(&value);
            prop_assert!(!encoded.contains(['/', '?', '#', '&', '=', '@', ':', ' ', '\\']));
        }

        #[test]
        fn any_template_is_filled(template in "[a-z{}.| \\[\\]0-9]{0,30}") {
            json(&template.into(), &json!({"a": [{"b": 1}]}));
        }
    }
}
