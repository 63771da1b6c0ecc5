//! A request that templates describe.

use std::collections::BTreeMap;

use api::functions::TargetMethod;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

/// The method, and whether it has a body.
pub(crate) fn method(method: TargetMethod) -> (Method, bool) {
    match method {
        TargetMethod::Get => (Method::GET, false),
        TargetMethod::Post => (Method::POST, true),
        TargetMethod::Put => (Method::PUT, true),
        TargetMethod::Patch => (Method::PATCH, true),
        TargetMethod::Delete => (Method::DELETE, false),
    }
}

/// As it is described.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'a> {
    pub(crate) method: TargetMethod,
    pub(crate) url: &'a str,
    pub(crate) headers: &'a BTreeMap<String, String>,
    pub(crate) body: Option<&'a Value>,
    /// Whether the fields of the body are a form's.
    pub(crate) form: bool,
    /// Whether fields of the body, and entries of its lists, for which there is nothing are left
    /// out.
    pub(crate) sparse: bool,
}

/// As it is sent.
pub(crate) struct Filled {
    pub(crate) method: Method,
    pub(crate) url: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Request<'_> {
    /// With everything filled in. A header that cannot be one is left out.
    pub(crate) fn filled(&self, scope: &Value) -> Filled {
        let (method, has_body) = method(self.method);
        let mut headers = HeaderMap::new();
        let body = self.body.filter(|_| has_body);
        let body = body.map(|template| match self.sparse {
            true => sparse(template, scope).value,
            false => super::json(template, scope),
        });
        let body = match body {
            None => String::new(),
            Some(body) if self.form => {
                let form = HeaderValue::from_static("application/x-www-form-urlencoded");
                headers.insert(CONTENT_TYPE, form);
                let fields = body.as_object().into_iter().flatten();
                let fields = fields.map(|(name, value)| (name, super::plain(value)));
                url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(fields)
                    .finish()
            }
            Some(body) => {
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                body.to_string()
            }
        };
        for (name, value) in self.headers {
            let value = super::text(value, scope, str::to_owned);
            if let (Ok(name), Ok(mut value)) =
                (HeaderName::try_from(name), HeaderValue::from_str(&value))
            {
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        Filled {
            method,
            url: super::text(self.url, scope, super::in_address),
            headers,
            body,
        }
    }
}

/// A part of a body, filled in.
struct Part {
    value: Value,
    /// Whether there are places in it.
    has_places: bool,
    /// Whether something is in one of them.
    has_found: bool,
}

/// The JSON with its texts filled in, without the fields for which there is nothing, and without
/// the entries of a list of which nothing but constants would be left.
fn sparse(template: &Value, scope: &Value) -> Part {
    match template {
        Value::Array(items) => {
            let items = items.iter().map(|item| sparse(item, scope));
            of(items, |parts| {
                let there = parts.into_iter();
                let is_there =
                    |part: &Part| part.has_found || !part.has_places || !part.value.is_object();
                there.filter(is_there).map(|part| part.value).collect()
            })
        }
        Value::Object(fields) => of(fields.values().map(|it| sparse(it, scope)), |parts| {
            let named = fields.keys().cloned().zip(parts);
            let there = named.filter(|(_, part)| !part.value.is_null());
            Value::Object(there.map(|(name, part)| (name, part.value)).collect())
        }),
        Value::String(text) => {
            let value = super::json(template, scope);
            Part {
                has_places: text.contains("{{"),
                has_found: !value.is_null(),
                value,
            }
        }
        constant => Part {
            value: constant.clone(),
            has_places: false,
            has_found: false,
        },
    }
}

/// What is made of these parts.
fn of(parts: impl Iterator<Item = Part>, made: impl FnOnce(Vec<Part>) -> Value) -> Part {
    let parts: Vec<_> = parts.collect();
    Part {
        has_places: parts.iter().any(|part| part.has_places),
        has_found: parts.iter().any(|part| part.has_places && part.has_found),
        value: made(parts),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_there_is_left_out_where_that_is_wished() {
        let (headers, body) = (
            BTreeMap::new(),
            json!({
                "a": "{{a}}",
                "b": [{"c": "{{c}}", "a": "{{a}}", "d": 1}, {"c": "{{c}}", "d": 1}, {"d": 1}],
            }),
        );
        let filled = |sparse| {
            let request = Request {
                method: TargetMethod::Put,
                url: "https://a.test/{{a}}",
                headers: &headers,
                body: Some(&body),
                form: false,
                sparse,
            };
            let filled = request.filled(&json!({"a": "{{c}}"}));
            (filled.url, filled.body)
        };
        let url = "https://a.test/%7B%7Bc%7D%7D".to_owned();
        assert_eq!(
            filled(true),
            (
                url.clone(),
                r#"{"a":"{{c}}","b":[{"a":"{{c}}","d":1},{"d":1}]}"#.to_owned()
            )
        );
        assert_eq!(
            filled(false),
            (
                url,
                r#"{"a":"{{c}}","b":[{"a":"{{c}}","c":null,"d":1},{"c":null,"d":1},{"d":1}]}"#
                    .to_owned()
            )
        );
    }
}
