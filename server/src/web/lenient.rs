//! Bodies as no-code tools and older integrations send them: a field under any
//! of its names or under two at once, a number where a text belongs, an object as
//! JSON in a text, `null` for what is absent.

use std::iter;

use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::json::Json;
use super::problem::{ApiError, body_invalid};
use crate::invalid::Invalid;
use crate::phone;

/// A JSON object whose fields come in many ways.
#[derive(Debug)]
pub(crate) struct Lenient<T>(pub(crate) T);

/// What is read leniently.
pub(crate) trait Fields: DeserializeOwned {
    /// The fields that are, each once; others are read as they come.
    const FIELDS: &'static [Field];
}

/// A field: its name, what it is, and the other names it comes under.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field(
    pub(crate) &'static str,
    pub(crate) Kind,
    pub(crate) &'static [&'static str],
);

/// What a field is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A text; a number or a truth value is written as one.
    Text,
    /// A telephone number.
    Phone,
    /// A whole number, perhaps as a text.
    Whole,
    /// An object, perhaps as JSON in a text.
    Object,
    /// An object of texts.
    Texts,
}

impl<S: Send + Sync, T: Fields> FromRequest<S> for Lenient<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let Json(fields) = Json::<Map<String, Value>>::from_request(request, state).await?;
        read(fields).map(Self)
    }
}

/// Reads an object's fields.
///
/// # Errors
/// When one is not what it should be, or comes twice and differs.
pub(crate) fn read<T: Fields>(mut fields: Map<String, Value>) -> Result<T, ApiError> {
    fields.retain(|_, value| !value.is_null());
    for Field(name, kind, others) in T::FIELDS {
        let mut first: Option<(&str, Value)> = None;
        for &spelling in iter::once(name).chain(*others) {
            let given = fields.remove(spelling);
            let Some(value) = given.and_then(|value| kind.tidy(value)) else {
                continue;
            };
            kind.check(spelling, &value)?;
            match &first {
                None => first = Some((spelling, value)),
                Some((_, same)) if *same == value => {}
                Some((other, _)) => {
                    let both = format!("{other} and {spelling} mean the same and differ.");
                    return Err(Invalid::because(both).into());
                }
            }
        }
        if let Some((_, value)) = first {
            fields.insert((*name).to_owned(), value);
        }
    }
    serde_json::from_value(Value::Object(fields)).map_err(|error| body_invalid(format!("{error}.")))
}

impl Kind {
    /// The value as it should have come, as far as it can be told; `None` for none.
    fn tidy(self, value: Value) -> Option<Value> {
        Some(match (self, value) {
            (Self::Text, value @ (Value::Number(_) | Value::Bool(_))) => text(value),
            (Self::Phone, Value::String(number)) => phone::canonical(&number).into(),
            (Self::Whole, Value::String(digits)) => match digits.trim().parse::<i64>() {
                Ok(number) => number.into(),
                Err(_) => digits.into(),
            },
            (Self::Object | Self::Texts, Value::String(json)) if json.trim().is_empty() => {
                return None;
            }
            (Self::Object, value) => object(value),
            (Self::Texts, value) => match object(value) {
                Value::Object(fields) => fields
                    .into_iter()
                    .filter(|(_, value)| !value.is_null())
                    .map(|(name, value)| (name, text(value)))
                    .collect(),
                other => other,
            },
            (_, value) => value,
        })
    }

    /// Complains in words where the type of the field would do it in a program's.
    fn check(self, name: &str, value: &Value) -> Result<(), ApiError> {
        let wrong = match self {
            Self::Phone if value.is_number() => format!(
                "{name} is the number {value}, of which nobody can tell the country. Send it as a \
                 text with a plus, such as \"+{value}\"."
            ),
            Self::Text | Self::Phone if !value.is_string() => format!("{name} is a text."),
            Self::Whole if !value.is_number() => format!("{name} is a whole number."),
            Self::Object | Self::Texts if !value.is_object() => format!("{name} is an object."),
            _ => return Ok(()),
        };
        Err(body_invalid(wrong))
    }
}

/// A plain value as a text; what is in lists and objects, as JSON.
fn text(value: Value) -> Value {
    match value {
        Value::String(_) => value,
        other => other.to_string().into(),
    }
}

fn object(value: Value) -> Value {
    match value {
        Value::String(json) => serde_json::from_str(&json).unwrap_or(Value::String(json)),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use axum::http::StatusCode;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Order {
        to: Option<String>,
        title: Option<String>,
        limit: Option<u32>,
        metadata: Option<Map<String, Value>>,
        #[serde(default)]
        variables: BTreeMap<String, String>,
    }

    impl Fields for Order {
        const FIELDS: &'static [Field] = &[
            Field("to", Kind::Phone, &["phone", "phoneNumber"]),
            Field("title", Kind::Text, &[]),
            Field("limit", Kind::Whole, &[]),
            Field("metadata", Kind::Object, &[]),
            Field("variables", Kind::Texts, &["dynamicVariables"]),
        ];
    }

    fn order(body: Value) -> Result<Order, ApiError> {
        let Value::Object(fields) = body else {
            panic!("no object");
        };
        read(fields)
    }

    #[test]
    fn what_tools_send_is_read_as_it_is_meant() {
        let meant = order(json!({
            "to": "+12025550143", "title": "7", "limit": 3, "metadata": {"order": 1},
            "variables": {"count": "3", "vip": "true", "tags": "[1]"},
        }));
        let sent = order(json!({
            "phone": "+1 (202) 555-0143", "to": "+12025550143", "phoneNumber": null, "title": 7,
            "limit": "3", "metadata": "{\"order\":1}",
            "dynamicVariables": {"count": 3, "vip": true, "note": null, "tags": [1]},
        }));
        assert_eq!(sent, meant);
        let nothing = json!({"to": null, "metadata": null, "variables": null, "limit": null});
        assert_eq!(order(nothing), order(json!({})));
        assert_eq!(order(json!({"metadata": ""})), order(json!({})));
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_names() {
        for (body, status, words) in [
            (
                json!({"to": "+12025550143", "phone": "+12025550144"}),
                StatusCode::UNPROCESSABLE_ENTITY,
                "to and phone mean the same and differ.",
            ),
            (
                json!({"phoneNumber": 12_025_550_143_u64}),
                StatusCode::BAD_REQUEST,
                "\"+12025550143\"",
            ),
            (json!({"to": []}), StatusCode::BAD_REQUEST, "to is a text."),
            (
                json!({"limit": "few"}),
                StatusCode::BAD_REQUEST,
                "limit is a whole number.",
            ),
            (
                json!({"metadata": "1"}),
                StatusCode::BAD_REQUEST,
                "metadata is an object.",
            ),
            (
                json!({"variables": [1]}),
                StatusCode::BAD_REQUEST,
                "variables is an object.",
            ),
        ] {
            let refused = order(body).unwrap_err();
            assert_eq!(refused.status(), status, "{words}");
            let said = refused.sentence();
            assert!(said.contains(words), "{said}");
        }
    }
}
