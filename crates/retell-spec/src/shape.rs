//! Shapes, a small part of JSON Schema, and whether a value has one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{LIMITS, SPEC, Wrong};

/// What a value has to look like; without any keyword, anything will do.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Shape {
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<Kind>,
    pub(crate) properties: BTreeMap<String, Shape>,
    pub(crate) required: Vec<String>,
    pub(crate) items: Option<Box<Shape>>,
    additional_properties: Option<Box<Shape>>,
    pub(crate) any_of: Vec<Shape>,
    #[serde(rename = "const")]
    pub(crate) constant: Option<Value>,
    #[serde(rename = "enum")]
    pub(crate) one_of: Vec<Value>,
    pub(crate) minimum: Option<f64>,
    pub(crate) maximum: Option<f64>,
    pub(crate) min_length: Option<usize>,
    max_length: Option<usize>,
    pub(crate) min_items: Option<usize>,
    max_items: Option<usize>,
}

/// The kinds of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
    /// A part of a form; anything here.
    File,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "true or false",
            Self::Integer => "an integer",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
            Self::File => "a file",
        }
    }

    fn is(self, value: &Value) -> bool {
        match self {
            Self::Null => value.is_null(),
            Self::Boolean => value.is_boolean(),
            Self::Integer => value.as_f64().is_some_and(|number| number.fract() == 0.0),
            Self::Number => value.is_number(),
            Self::String => value.is_string(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
            Self::File => true,
        }
    }
}

impl Shape {
    /// The shape that a JSON Schema tells, without what is not known here.
    pub(crate) fn of_schema(schema: &Value) -> Self {
        let inner = |name: &str| schema.get(name).filter(|it| it.is_object());
        let many = |name: &str| schema.get(name).and_then(Value::as_array);
        let properties = inner("properties").and_then(Value::as_object);
        Self {
            kind: schema
                .get("type")
                .and_then(|kind| serde_json::from_value(kind.clone()).ok()),
            properties: properties
                .into_iter()
                .flatten()
                .map(|(name, it)| (name.clone(), Self::of_schema(it)))
                .collect(),
            required: many("required")
                .into_iter()
                .flatten()
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect(),
            items: inner("items").map(|it| Box::new(Self::of_schema(it))),
            any_of: many("anyOf")
                .into_iter()
                .flatten()
                .map(Self::of_schema)
                .collect(),
            constant: schema.get("const").cloned(),
            one_of: many("enum").cloned().unwrap_or_default(),
            minimum: schema.get("minimum").and_then(Value::as_f64),
            maximum: schema.get("maximum").and_then(Value::as_f64),
            ..Self::default()
        }
    }

    /// The shape itself, where this is the name of one.
    pub(crate) fn resolved(&self) -> &Self {
        let named = self.reference.as_ref();
        named
            .and_then(|name| SPEC.shapes.get(name))
            .map_or(self, Self::resolved)
    }

    fn is_plain_object(&self) -> bool {
        !self.properties.is_empty() && self.additional_properties.is_none()
    }
}

/// How strictly values are checked.
pub(crate) struct Checker {
    /// The limits by hand hold.
    pub(crate) limited: bool,
    /// Unknown keys are wrong.
    pub(crate) closed: bool,
}

impl Checker {
    pub(crate) fn check(&self, shape: &Shape, value: &Value) -> Result<(), Wrong> {
        let shape = shape.resolved();
        if !shape.any_of.is_empty() {
            return self.check_any(&shape.any_of, value);
        }
        if let Some(constant) = &shape.constant
            && constant != value
        {
            return Err(Wrong::new(format!("must be {constant}")));
        }
        if !shape.one_of.is_empty() && !shape.one_of.contains(value) {
            let all: Vec<String> = shape.one_of.iter().map(Value::to_string).collect();
            return Err(Wrong::new(format!("must be one of {}", all.join(", "))));
        }
        if let Some(kind) = shape.kind
            && !kind.is(value)
        {
            return Err(Wrong::new(format!("must be {}", kind.name())));
        }
        within_limits(shape, value)?;
        match value {
            Value::Object(fields) => self.check_fields(shape, fields),
            Value::Array(items) => {
                let Some(shape) = &shape.items else {
                    return Ok(());
                };
                let mut items = items.iter().enumerate();
                items.try_for_each(|(n, item)| {
                    self.check(shape, item)
                        .map_err(|wrong| wrong.within(format!("[{n}]")))
                })
            }
            _ => Ok(()),
        }
    }

    fn check_fields(&self, shape: &Shape, fields: &Map<String, Value>) -> Result<(), Wrong> {
        if let Some(name) = shape
            .required
            .iter()
            .find(|name| !fields.contains_key(*name))
        {
            return Err(Wrong::new("is required".to_owned()).within(name.clone()));
        }
        for (name, value) in fields {
            let known = shape.properties.get(name);
            let checked = match known.or(shape.additional_properties.as_deref()) {
                Some(shape) => self.check(shape, value),
                None if self.closed && shape.is_plain_object() => {
                    Err(Wrong::new("is not known".to_owned()))
                }
                None => Ok(()),
            };
            let limit = LIMITS.properties.get(name).filter(|_| self.limited);
            checked
                .and_then(|()| limit.map_or(Ok(()), |limit| within_limits(limit, value)))
                .map_err(|wrong| wrong.within(name.clone()))?;
        }
        Ok(())
    }

    /// One of several shapes: what is wrong is told of the one that was meant,
    /// or which ones there are.
    fn check_any(&self, shapes: &[Shape], value: &Value) -> Result<(), Wrong> {
        let mut nearest: Option<((bool, bool, usize), Wrong)> = None;
        for shape in shapes {
            let Err(wrong) = self.check(shape, value) else {
                return Ok(());
            };
            let (named, chosen) = is_meant(shape.resolved(), value);
            let nearness = (named, chosen, wrong.at.len());
            if nearest.as_ref().is_none_or(|(best, _)| nearness > *best) {
                nearest = Some((nearness, wrong));
            }
        }
        let Some(((named, ..), wrong)) = nearest else {
            return Ok(());
        };
        let unnamed = unnamed(shapes, value).filter(|_| !named);
        Err(unnamed.unwrap_or(wrong))
    }
}

/// What is wrong with a value whose `type` is none of a choice's.
fn unnamed(shapes: &[Shape], value: &Value) -> Option<Wrong> {
    let given = value.get("type")?.to_string();
    let types = shapes.iter().map(|shape| {
        let name = shape.resolved().properties.get("type")?;
        name.resolved().constant.as_ref().map(Value::to_string)
    });
    let types: BTreeSet<String> = types.collect::<Option<_>>()?;
    if types.contains(&given) {
        return None;
    }
    let types = Vec::from_iter(types).join(", ");
    Some(Wrong::new(format!("must be one of {types}")).within("type".to_owned()))
}

/// Whether a value is of this kind and the fields that tell the shapes of a
/// choice apart are as this one's: those with one value, and those with a few.
fn is_meant(shape: &Shape, value: &Value) -> (bool, bool) {
    let is_kind = shape.kind.is_none_or(|kind| kind.is(value));
    let fit = |fits: fn(&Shape, &Value) -> bool| {
        let mut fields = shape.properties.iter();
        is_kind
            && fields.all(|(name, it)| value.get(name).is_none_or(|its| fits(it.resolved(), its)))
    };
    (
        fit(|field, given| field.constant.as_ref().is_none_or(|it| it == given)),
        fit(|field, given| field.one_of.is_empty() || field.one_of.contains(given)),
    )
}

fn within_limits(shape: &Shape, value: &Value) -> Result<(), Wrong> {
    let wrong = |what: String| Err(Wrong::new(what));
    match value {
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            match (shape.minimum, shape.maximum) {
                (Some(least), _) if number < least => wrong(format!("must be at least {least}")),
                (_, Some(most)) if number > most => wrong(format!("must be at most {most}")),
                _ => Ok(()),
            }
        }
        Value::String(text) => {
            let length = text.chars().count();
            match (shape.min_length, shape.max_length) {
                (Some(least), _) if length < least => {
                    wrong(format!("must have at least {least} characters"))
                }
                (_, Some(most)) if length > most => {
                    wrong(format!("must have at most {most} characters"))
                }
                _ => Ok(()),
            }
        }
        Value::Array(items) => match (shape.min_items, shape.max_items) {
            (Some(least), _) if items.len() < least => wrong(format!("must have at least {least}")),
            (_, Some(most)) if items.len() > most => wrong(format!("must have at most {most}")),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

/// Makes of texts what they stand for, where the shape wants no text. What
/// stands for nothing remains a text, for the check to refuse.
pub(crate) fn read_texts(shape: &Shape, value: &mut Value) {
    let shape = shape.resolved();
    if let Value::String(text) = value {
        let may_be = |kind: Kind| {
            let choices = shape.any_of.iter().map(Shape::resolved);
            choices.chain([shape]).any(|it| it.kind == Some(kind))
        };
        let meant = serde_json::from_str::<Value>(text).ok().filter(|meant| {
            [
                Kind::Integer,
                Kind::Number,
                Kind::Boolean,
                Kind::Array,
                Kind::Object,
            ]
            .into_iter()
            .any(|kind| may_be(kind) && kind.is(meant))
        });
        match meant {
            Some(meant) => *value = meant,
            // A list of one may be given as that one.
            None if may_be(Kind::Array) => *value = Value::Array(vec![value.take()]),
            None => {}
        }
    }
    // The same for a file.
    if shape.kind == Some(Kind::Array) && value.is_object() {
        *value = Value::Array(vec![value.take()]);
    }
    match value {
        Value::Array(items) => {
            if let Some(shape) = &shape.items {
                items.iter_mut().for_each(|item| read_texts(shape, item));
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                if let Some(shape) = shape.properties.get(name) {
                    read_texts(shape, value);
                }
            }
        }
        _ => {}
    }
}
