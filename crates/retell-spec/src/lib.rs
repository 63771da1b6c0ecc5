//! The shapes of Retell's REST API: what each operation takes and gives. See
//! the crate's README for where they come from.

mod sample;
mod shape;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

use shape::{Checker, Shape};

/// The generated shapes.
#[derive(Deserialize)]
struct Spec {
    sdk: String,
    operations: BTreeMap<String, Operation>,
    shapes: BTreeMap<String, Shape>,
}

/// What is known beside the generated shapes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    closed: Vec<String>,
    properties: BTreeMap<String, Shape>,
}

// Both are files of this crate; a test reads them.
#[expect(clippy::expect_used, reason = "parts of the crate, not input")]
static SPEC: LazyLock<Spec> = LazyLock::new(|| {
    let mut spec: Spec = serde_json::from_str(include_str!("../spec.json")).expect("the spec");
    for (name, operation) in &mut spec.operations {
        operation.closed = LIMITS.closed.contains(name);
    }
    spec
});
#[expect(clippy::expect_used, reason = "parts of the crate, not input")]
static LIMITS: LazyLock<Limits> =
    LazyLock::new(|| serde_json::from_str(include_str!("../limits.json")).expect("the limits"));

/// The SDK the shapes are from, and its version.
#[must_use]
pub fn source() -> &'static str {
    &SPEC.sdk
}

/// All operations by their names, `METHOD /path/{parameter}`.
pub fn operations() -> impl Iterator<Item = (&'static str, &'static Operation)> {
    SPEC.operations
        .iter()
        .map(|(name, operation)| (name.as_str(), operation))
}

/// The operation of this name, `METHOD /path/{parameter}`.
#[must_use]
pub fn operation(name: &str) -> Option<&'static Operation> {
    SPEC.operations.get(name)
}

/// One operation.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    #[serde(default)]
    multipart: bool,
    /// Unknown keys of a request are refused.
    #[serde(skip)]
    closed: bool,
    query: Option<Shape>,
    request: Option<Shape>,
    response: Option<Shape>,
}

impl Operation {
    /// Whether it takes a form with files instead of JSON.
    #[must_use]
    pub fn takes_form(&self) -> bool {
        self.multipart
    }

    /// Whether it takes a body at all.
    #[must_use]
    pub fn takes_body(&self) -> bool {
        self.request.is_some()
    }

    /// Whether it answers with a body.
    #[must_use]
    pub fn gives_body(&self) -> bool {
        self.response.is_some()
    }

    /// Checks the body of a request.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check_request(&self, body: &Value) -> Result<(), Wrong> {
        self.check(body, self.closed)
    }

    /// Checks the body of a request, and that it has no key the operation does
    /// not know: what Retell lets pass, and a client may not send.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check_every_key(&self, body: &Value) -> Result<(), Wrong> {
        self.check(body, true)
    }

    fn check(&self, body: &Value, closed: bool) -> Result<(), Wrong> {
        let checker = Checker {
            limited: true,
            closed,
        };
        self.request
            .as_ref()
            .map_or(Ok(()), |shape| checker.check(shape, body))
    }

    /// Reads a query: texts become what they stand for.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read_query(&self, texts: Map<String, Value>) -> Result<Map<String, Value>, Wrong> {
        read(self.query.as_ref(), texts)
    }

    /// The names a query may have.
    pub fn query_names(&self) -> impl Iterator<Item = &str> {
        let shape = self.query.as_ref().map(Shape::resolved);
        shape
            .into_iter()
            .flat_map(|shape| shape.properties.keys().map(String::as_str))
    }

    /// Reads a form whose values are texts and files (anything but a text).
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read_form(&self, fields: Map<String, Value>) -> Result<Map<String, Value>, Wrong> {
        read(self.request.as_ref(), fields)
    }

    /// Checks the body of an answer; [`Value::Null`] is none.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check_answer(&self, body: &Value) -> Result<(), Wrong> {
        let checker = Checker {
            limited: false,
            closed: false,
        };
        match &self.response {
            Some(shape) => checker.check(shape, body),
            None if body.is_null() => Ok(()),
            None => Err(Wrong::new("a body where there is none".to_owned())),
        }
    }

    /// A body that is valid by its shape. `choose` gives a number below the
    /// one it is given; always 0 makes the smallest body.
    #[must_use]
    pub fn sample_request(&self, choose: &mut dyn FnMut(usize) -> usize) -> Value {
        self.request.as_ref().map_or_else(
            || Value::Object(Map::new()),
            |shape| sample::of(shape, None, choose),
        )
    }

    /// The smallest body that is a valid answer by its shape; [`Value::Null`]
    /// is none.
    #[must_use]
    pub fn sample_answer(&self) -> Value {
        self.response
            .as_ref()
            .map_or(Value::Null, |shape| sample::of(shape, None, &mut |_| 0))
    }
}

fn read(shape: Option<&Shape>, fields: Map<String, Value>) -> Result<Map<String, Value>, Wrong> {
    let Some(shape) = shape else {
        return Ok(fields);
    };
    let mut value = Value::Object(fields);
    shape::read_texts(shape, &mut value);
    let checker = Checker {
        limited: true,
        closed: false,
    };
    checker.check(shape, &value)?;
    match value {
        Value::Object(fields) => Ok(fields),
        _ => Ok(Map::new()),
    }
}

/// What is wrong with a value, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// From the inside out.
    at: Vec<String>,
    what: String,
}

impl Wrong {
    fn new(what: String) -> Self {
        Self {
            at: Vec::new(),
            what,
        }
    }

    fn within(mut self, key: String) -> Self {
        self.at.push(key);
        self
    }

    /// The place as `a.b[0].c`; empty for the whole.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = String::new();
        for key in self.at.iter().rev() {
            if !path.is_empty() && !key.starts_with('[') {
                path.push('.');
            }
            path.push_str(key);
        }
        path
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at.is_empty() {
            write!(f, "the body {}", self.what)
        } else {
            write!(f, "{}: {}", self.path(), self.what)
        }
    }
}

impl std::error::Error for Wrong {}

/// Checks a value by a JSON Schema from elsewhere, as far as its keywords are
/// among those that are known here; others are no restriction.
///
/// # Errors
/// The first thing that is wrong with the value.
pub fn check_schema(schema: &Value, value: &Value) -> Result<(), Wrong> {
    let checker = Checker {
        limited: false,
        closed: false,
    };
    checker.check(&Shape::of_schema(schema), value)
}
