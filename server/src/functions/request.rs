//! How a function is asked for: the bodies Retell sends, those of integrations that are
//! older than it, and requests without one. Pure.

use std::collections::HashMap;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::store::can_be_named;

/// How the key begins of what is told by its id.
pub(super) const BY_ID: &str = "id ";
/// How the key of one begins that is known by its arguments.
pub(super) const BY_ARGUMENTS: &str = "as ";
/// Headers that name the call, where the body holds the arguments alone.
const CALL_HEADERS: [&str; 3] = ["x-retell-call-id", "x-call-id", "call-id"];

/// A function somebody asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Request {
    /// Its name.
    pub(super) name: String,
    /// What it is asked.
    pub(super) arguments: Map<String, Value>,
    /// Retell's call object, as far as it was sent.
    pub(super) call: Map<String, Value>,
    /// The call.
    pub(super) call_id: Option<String>,
    /// This asking among others of the call.
    pub(super) tool_call_id: Option<String>,
    /// The language the address names (IETF tag).
    pub(super) language: Option<String>,
    /// Whether the answer goes below `result`, as older integrations read it.
    pub(super) wrapped: bool,
}

/// What came beside the body.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// The function the path names.
    pub(super) name: Option<&'a str>,
    /// What follows the question mark.
    pub(super) query: &'a HashMap<String, String>,
    /// The value of a header.
    pub(super) header: &'a dyn Fn(&str) -> Option<String>,
}

impl Request {
    /// Reads a body, or the query of a request that has none; `None` where no function is
    /// named, or the body is no JSON object.
    pub(super) fn read(body: &[u8], around: Around<'_>) -> Option<Self> {
        let query = around.query;
        let body: Map<String, Value> = match body {
            [] => query
                .iter()
                .map(|(name, value)| (name.clone(), value.clone().into()))
                .collect(),
            bytes => lenient::from_slice(bytes).ok()?,
        };
        let mut asked = Self::of_body(body, around.name)?;
        let usable = |id: &String| !id.is_empty() && can_be_named(id);
        let beside = || {
            let mut headers = CALL_HEADERS.iter();
            headers
                .find_map(|name| (around.header)(name))
                .or_else(|| query.get("call_id").cloned())
        };
        asked.call_id = asked.call_id.or_else(beside).filter(usable);
        asked.tool_call_id = asked.tool_call_id.filter(usable);
        asked.language = query.get("language").cloned();
        Some(asked)
    }

    fn of_body(mut body: Map<String, Value>, path: Option<&str>) -> Option<Self> {
        let object = |value: Option<Value>| match value {
            Some(Value::Object(fields)) => Some(fields),
            // Older senders write it as a text.
            Some(Value::String(text)) => serde_json::from_str(&text).ok(),
            _ => None,
        };
        let said = ["name", "function_name"];
        let given = ["args", "arguments", "parameters"];
        let has_arguments = given.iter().any(|name| body.contains_key(*name));
        let is_text = |name: &&str| body.get(*name).is_some_and(Value::is_string);
        let named = said.into_iter().find(is_text);
        // A body of arguments alone may well have one called `name`.
        let is_whole = has_arguments && (named.is_some() || body.contains_key("call"));
        if !is_whole && path.is_some() {
            let call_id = text(body.remove("call_id"));
            return Some(Self {
                name: path?.to_owned(),
                arguments: body,
                call_id,
                ..Self::default()
            });
        }
        let current = body.contains_key("args");
        let arguments = given.into_iter().find_map(|name| object(body.remove(name)));
        let call = object(body.remove("call").or_else(|| body.remove("chat")));
        let call = call.unwrap_or_default();
        let name = path.map(str::to_owned);
        let name = name.or_else(|| named.and_then(|name| text(body.remove(name))))?;
        let call_id = call.get("call_id").or_else(|| call.get("chat_id"));
        Some(Self {
            call_id: text(call_id.cloned()).or_else(|| text(body.remove("call_id"))),
            tool_call_id: invocation(&call, &name).or_else(|| text(body.remove("tool_call_id"))),
            name,
            arguments: arguments.unwrap_or_default(),
            call,
            language: None,
            wrapped: !current,
        })
    }

    /// What tells this asking from others of its call: the same again has the same key. A
    /// function that changes nothing is done anew where nothing tells.
    pub(super) fn key(&self, changes: bool) -> Option<String> {
        if let Some(id) = &self.tool_call_id {
            return Some(format!("{BY_ID}{id}"));
        }
        changes.then(|| {
            let asked = serde_json::json!([self.name, self.arguments]);
            format!(
                "{BY_ARGUMENTS}{}",
                hex::encode(Sha256::digest(asked.to_string()))
            )
        })
    }
}

fn text(value: Option<Value>) -> Option<String> {
    match value {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The id of the invocation that is under way: the last one of the function.
fn invocation(call: &Map<String, Value>, name: &str) -> Option<String> {
    let items = call.get("transcript_with_tool_calls")?.as_array()?;
    let is_it = |item: &&Value| item["role"] == "tool_call_invocation" && item["name"] == name;
    let item = items.iter().rev().find(is_it)?;
    Some(item["tool_call_id"].as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &str, path: Option<&str>, query: &[(&str, &str)]) -> Option<Request> {
        let query = query.iter();
        let query = query.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let around = Around {
            name: path,
            query: &query.collect(),
            header: &|name| (name == "x-call-id").then(|| "call_header".to_owned()),
        };
        Request::read(body.as_bytes(), around)
    }

    #[test]
    fn the_body_retell_sends_is_read_with_its_invocation() {
        let body = json!({"name": "book", "args": {"name": "Ana"}, "call": {
            "call_id": "call_1",
            "transcript_with_tool_calls": [
                {"role": "tool_call_invocation", "tool_call_id": "t1", "name": "book"},
                {"role": "tool_call_result", "tool_call_id": "t1", "content": "{}"},
                {"role": "tool_call_invocation", "tool_call_id": "t2", "name": "book"},
            ],
        }});
        for path in [None, Some("book")] {
            let asked = read(&body.to_string(), path, &[]).unwrap();
            assert_eq!(asked.name, "book");
            assert_eq!(asked.arguments["name"], "Ana");
            assert_eq!(asked.call_id.as_deref(), Some("call_1"));
            assert_eq!(asked.key(false).as_deref(), Some("id t2"));
            assert!(!asked.wrapped);
        }
    }

    #[test]
    fn older_bodies_are_read_and_answered_as_they_expect() {
        for body in [
            json!({"name": "book", "arguments": {"a": 1}, "call_id": "call_1"}),
            json!({"function_name": "book", "parameters": {"a": 1}, "call_id": "call_1"}),
            json!({"function_name": "book", "parameters": "{\"a\": 1}", "call_id": "call_1"}),
        ] {
            let asked = read(&body.to_string(), None, &[]).unwrap();
            assert_eq!(
                (asked.name.as_str(), asked.wrapped),
                ("book", true),
                "{body}"
            );
            assert_eq!(
                asked.arguments,
                *json!({"a": 1}).as_object().unwrap(),
                "{body}"
            );
            assert_eq!(asked.call_id.as_deref(), Some("call_1"), "{body}");
        }
    }

    #[test]
    fn arguments_alone_and_none_at_all_are_read_by_their_address() {
        let alone = read(
            r#"{"name": "Ana", "date": "2026-12-01"}"#,
            Some("book"),
            &[],
        )
        .unwrap();
        assert_eq!((alone.name.as_str(), alone.arguments.len()), ("book", 2));
        assert_eq!(alone.call_id.as_deref(), Some("call_header"));
        let fixed = read(r#"{"call_id": "call_1"}"#, Some("book"), &[]).unwrap();
        assert_eq!(
            (fixed.call_id.as_deref(), fixed.arguments.len()),
            (Some("call_1"), 0)
        );
        let query = [
            ("call_id", "call_2"),
            ("date", "2026-12-01"),
            ("language", "es"),
        ];
        let asked = read("", Some("find"), &query).unwrap();
        assert_eq!(asked.arguments["date"], "2026-12-01");
        assert_eq!(asked.call_id.as_deref(), Some("call_2"));
        assert_eq!(asked.language.as_deref(), Some("es"));
        assert_eq!(read("[]", Some("book"), &[]), None);
        assert_eq!(read("{}", None, &[]), None);
    }

    #[test]
    fn what_changes_something_is_told_by_what_it_was_asked() {
        let asked = |body: &str| read(body, Some("book"), &[]).unwrap();
        let (one, other) = (asked(r#"{"a": 1}"#), asked(r#"{"a": 2}"#));
        assert_eq!(one.key(false), None);
        assert_eq!(one.key(true), asked(r#"{"a": 1}"#).key(true));
        assert_ne!(one.key(true), other.key(true));
    }
}
