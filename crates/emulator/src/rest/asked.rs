//! A request, read and checked by the shape of its operation.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, IF_MATCH};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use retell_spec::Operation;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::app::App;
use crate::error::ApiError;
use crate::resources::Fields;
use crate::workspaces::Workspace;

/// What an operation is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) app: App,
    pub(super) workspace: Arc<Workspace>,
    /// The path's parameters, in order.
    pub(super) path: Vec<String>,
    pub(super) query: Fields,
    /// JSON, or a form; its files are objects of name, type, size and, where
    /// they are text, text.
    pub(super) body: Fields,
    pub(super) if_match: Option<String>,
}

impl Asked {
    pub(super) async fn read(
        app: App,
        workspace: Arc<Workspace>,
        path: Vec<String>,
        operation: Option<&Operation>,
        parts: &Parts,
        body: Body,
    ) -> Result<Self, ApiError> {
        let wrong = |wrong: retell_spec::Wrong| ApiError::bad_request(wrong.to_string());
        let texts = parts.uri.query().unwrap_or_default().as_bytes();
        let texts: Fields = form_urlencoded::parse(texts)
            .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
            .collect();
        let query = match operation {
            Some(operation) => operation.read_query(texts).map_err(wrong)?,
            None => texts,
        };
        let bytes = to_bytes(body, usize::MAX)
            .await
            .map_err(|error| ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, error.to_string()))?;
        let body = match operation {
            Some(operation) if !operation.takes_body() => Fields::new(),
            Some(operation) if operation.takes_form() => {
                let fields = read_form(&parts.headers, bytes).await?;
                operation.read_form(fields).map_err(wrong)?
            }
            operation => {
                let body = read_json(&bytes)?;
                operation
                    .map_or(Ok(()), |it| it.check_request(&body))
                    .map_err(wrong)?;
                match body {
                    Value::Object(fields) => fields,
                    _ => Fields::new(),
                }
            }
        };
        let if_match = parts.headers.get(IF_MATCH);
        let if_match = if_match
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        Ok(Self {
            app,
            workspace,
            path,
            query,
            body,
            if_match,
        })
    }

    /// The path's parameter; empty if it has none.
    pub(super) fn id(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }

    /// The path's second parameter.
    pub(super) fn second_id(&self) -> &str {
        self.path.get(1).map_or("", String::as_str)
    }

    /// The version the query names.
    pub(super) fn version(&self) -> Option<&Value> {
        self.query.get("version")
    }

    /// How a list is to be paged: some say it in the query, some in the body.
    pub(super) fn list(&self) -> Fields {
        let mut list = self.body.clone();
        list.extend(self.query.clone());
        if self.workspace.setup.conformance {
            // No list has given it.
            list.remove("pagination_key");
        }
        list
    }

    pub(super) fn now_ms(&self) -> u64 {
        self.app.clock.now_ms()
    }

    /// Refuses the request by a rule that no shape tells.
    ///
    /// # Errors
    /// The one given, unless the workspace is for conformance.
    pub(super) fn refuse(&self, error: ApiError) -> Result<(), ApiError> {
        self.workspace.refuse(error)
    }

    /// A field of the body that is text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }

    /// The same, as one's own.
    pub(super) fn string(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.body.get(name) == Some(&Value::Bool(true))
    }

    /// A field of the body, read as what its shape says it is.
    pub(super) fn get<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        let value = self.body.get(name).filter(|value| !value.is_null())?;
        serde_json::from_value(value.clone()).ok()
    }
}

/// A JSON body; an empty one counts as `{}`.
fn read_json(bytes: &Bytes) -> Result<Value, ApiError> {
    if bytes.trim_ascii().is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| ApiError::bad_request(format!("Invalid body: {error}")))
}

/// A form with files: `a`, `a[]` and `a[][b]` are its fields' names.
async fn read_form(headers: &HeaderMap, bytes: Bytes) -> Result<Fields, ApiError> {
    let unreadable = |error: multer::Error| ApiError::bad_request(format!("Invalid form: {error}"));
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::to_str);
    let kind = kind.and_then(Result::ok).unwrap_or_default();
    let boundary = multer::parse_boundary(kind).map_err(unreadable)?;
    let body = tokio_util::io::ReaderStream::new(std::io::Cursor::new(bytes));
    let mut form = multer::Multipart::new(body, boundary);
    let mut fields = Fields::new();
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.file_name().map(str::to_owned);
        let kind = field.content_type().map(ToString::to_string);
        let bytes = field.bytes().await.map_err(unreadable)?;
        let text = String::from_utf8(bytes.to_vec()).ok();
        let value = match (file, text) {
            (None, Some(text)) => Value::String(text),
            (file, text) => json!({
                "name": file.unwrap_or_else(|| "file".to_owned()),
                "type": kind,
                "size": bytes.len(),
                "text": text,
            }),
        };
        put(&mut fields, &name, value);
    }
    Ok(fields)
}

fn put(fields: &mut Fields, name: &str, value: Value) {
    let (name, rest) = name.split_once('[').unwrap_or((name, ""));
    let inner = rest
        .rsplit_once('[')
        .map(|(_, inner)| inner.trim_end_matches(']'));
    if rest.is_empty() && !fields.contains_key(name) {
        fields.insert(name.to_owned(), value);
        return;
    }
    let list = fields
        .entry(name)
        .or_insert_with(|| Value::Array(Vec::new()));
    if !list.is_array() {
        *list = Value::Array(vec![list.take()]);
    }
    let Value::Array(list) = list else {
        return;
    };
    match inner {
        // A field of the last object, or of a new one if that has it already.
        Some(inner) => match list.last_mut() {
            Some(Value::Object(last)) if !last.contains_key(inner) => {
                last.insert(inner.to_owned(), value);
            }
            _ => list.push(Value::Object(Map::from_iter([(inner.to_owned(), value)]))),
        },
        None => list.push(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forms_names_tell_lists_and_objects() {
        let mut fields = Fields::new();
        for (name, value) in [
            ("name", "n"),
            ("urls[]", "a"),
            ("urls[]", "b"),
            ("texts[][title]", "t1"),
            ("texts[][text]", "x1"),
            ("texts[][title]", "t2"),
            ("files", "f1"),
            ("files", "f2"),
        ] {
            put(&mut fields, name, value.into());
        }
        let meant = json!({
            "name": "n",
            "urls": ["a", "b"],
            "texts": [{"title": "t1", "text": "x1"}, {"title": "t2"}],
            "files": ["f1", "f2"],
        });
        assert_eq!(Value::Object(fields), meant);
    }
}
