//! The conditions a filter is made of.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Number, Value};

/// How texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextOp {
    /// Is equal.
    #[serde(rename = "eq")]
    Equal,
    /// Is not equal.
    #[serde(rename = "ne")]
    NotEqual,
    /// Starts with.
    #[serde(rename = "sw")]
    StartsWith,
    /// Ends with.
    #[serde(rename = "ew")]
    EndsWith,
    /// Contains.
    #[serde(rename = "co")]
    Contains,
}

/// How numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NumberOp {
    /// Is equal.
    #[serde(rename = "eq")]
    Equal,
    /// Is not equal.
    #[serde(rename = "ne")]
    NotEqual,
    /// Is greater.
    #[serde(rename = "gt")]
    Greater,
    /// Is greater or equal.
    #[serde(rename = "ge")]
    GreaterOrEqual,
    /// Is less.
    #[serde(rename = "lt")]
    Less,
    /// Is less or equal.
    #[serde(rename = "le")]
    LessOrEqual,
}

/// Whether a value is there at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence {
    /// It is.
    #[serde(rename = "pr")]
    Present,
    /// It is not.
    #[serde(rename = "np")]
    NotPresent,
}

/// The only operator of an enum condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum In {
    In,
}

/// The only operator of a range condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Between {
    #[serde(rename = "bt")]
    Between,
}

/// The only operator of a boolean condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Is {
    #[serde(rename = "eq")]
    Equal,
}

/// Any condition, for a value of any kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// `{type: "string", op, value}`
    Text(TextFilter),
    /// `{type: "number", op, value}` or `{type: "range", op: "bt", value: [low, high]}`
    Number(NumberFilter),
    /// `{type: "enum", op: "in", value: […]}`
    OneOf(OneOf<String>),
    /// `{type: "boolean", op: "eq", value}`
    Flag(Flag),
    /// `{type: "present", op: "pr" | "np"}`
    Presence(Presence),
}

/// [`Condition`] as it is spelled.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Wire {
    String {
        op: TextOp,
        value: String,
    },
    Number {
        op: NumberOp,
        value: Number,
    },
    Range {
        op: Between,
        value: (Number, Number),
    },
    Enum {
        op: In,
        value: Vec<String>,
    },
    Boolean {
        op: Is,
        value: bool,
    },
    Present {
        op: Presence,
    },
}

impl From<Wire> for Condition {
    fn from(wire: Wire) -> Self {
        match wire {
            Wire::String { op, value } => Self::Text(TextFilter { op, value }),
            Wire::Number { op, value } => Self::Number(NumberFilter::Compare { op, value }),
            Wire::Range {
                value: (low, high), ..
            } => Self::Number(NumberFilter::Between { low, high }),
            Wire::Enum { value, .. } => Self::OneOf(OneOf(value)),
            Wire::Boolean { value, .. } => Self::Flag(Flag(value)),
            Wire::Present { op } => Self::Presence(op),
        }
    }
}

impl From<Condition> for Wire {
    fn from(condition: Condition) -> Self {
        match condition {
            Condition::Text(TextFilter { op, value }) => Self::String { op, value },
            Condition::Number(NumberFilter::Compare { op, value }) => Self::Number { op, value },
            Condition::Number(NumberFilter::Between { low, high }) => Self::Range {
                op: Between::Between,
                value: (low, high),
            },
            Condition::OneOf(OneOf(value)) => Self::Enum { op: In::In, value },
            Condition::Flag(Flag(value)) => Self::Boolean {
                op: Is::Equal,
                value,
            },
            Condition::Presence(op) => Self::Present { op },
        }
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Wire::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Wire::deserialize(deserializer).map(Self::from)
    }
}

impl Condition {
    /// Whether a call's value, `None` when it has none, meets the condition.
    /// A value that is absent or of another kind meets only "not equal" and
    /// "not present".
    #[must_use]
    pub fn holds(&self, value: Option<&Value>) -> bool {
        let value = value.filter(|value| !value.is_null());
        match self {
            Self::Presence(Presence::Present) => value.is_some(),
            Self::Presence(Presence::NotPresent) => value.is_none(),
            Self::Text(filter) => match value.and_then(Value::as_str) {
                Some(text) => filter.holds(text),
                None => filter.op == TextOp::NotEqual,
            },
            Self::Number(filter) => match value.and_then(Value::as_f64) {
                Some(number) => filter.holds(number),
                None => matches!(
                    filter,
                    NumberFilter::Compare {
                        op: NumberOp::NotEqual,
                        ..
                    }
                ),
            },
            Self::OneOf(OneOf(allowed)) => value
                .and_then(Value::as_str)
                .is_some_and(|text| allowed.iter().any(|allowed| allowed == text)),
            Self::Flag(Flag(wanted)) => value.and_then(Value::as_bool) == Some(*wanted),
        }
    }
}

/// A condition came where the key allows only another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this key takes a {0} condition")]
pub struct UnexpectedCondition(&'static str);

/// A condition on a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Condition", try_from = "Condition")]
pub struct TextFilter {
    /// How to compare.
    pub op: TextOp,
    /// With what.
    pub value: String,
}

impl TextFilter {
    /// Equal to `value`.
    #[must_use]
    pub fn equal(value: impl Into<String>) -> Self {
        Self {
            op: TextOp::Equal,
            value: value.into(),
        }
    }

    /// Whether a text meets the condition.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        let value = self.value.as_str();
        match self.op {
            TextOp::Equal => text == value,
            TextOp::NotEqual => text != value,
            TextOp::StartsWith => text.starts_with(value),
            TextOp::EndsWith => text.ends_with(value),
            TextOp::Contains => text.contains(value),
        }
    }
}

impl From<TextFilter> for Condition {
    fn from(filter: TextFilter) -> Self {
        Self::Text(filter)
    }
}

impl TryFrom<Condition> for TextFilter {
    type Error = UnexpectedCondition;

    fn try_from(condition: Condition) -> Result<Self, UnexpectedCondition> {
        match condition {
            Condition::Text(filter) => Ok(filter),
            _ => Err(UnexpectedCondition("string")),
        }
    }
}

/// A condition on a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Condition", try_from = "Condition")]
pub enum NumberFilter {
    /// Compared with one value.
    Compare {
        /// How to compare.
        op: NumberOp,
        /// With what.
        value: Number,
    },
    /// Between two values, both included.
    Between {
        /// The lower bound.
        low: Number,
        /// The upper bound.
        high: Number,
    },
}

impl NumberFilter {
    /// Compared with `value`.
    #[must_use]
    pub fn compare(op: NumberOp, value: impl Into<Number>) -> Self {
        Self::Compare {
            op,
            value: value.into(),
        }
    }

    /// Between `low` and `high`, both included.
    #[must_use]
    pub fn between(low: impl Into<Number>, high: impl Into<Number>) -> Self {
        Self::Between {
            low: low.into(),
            high: high.into(),
        }
    }

    /// Whether a number meets the condition.
    #[must_use]
    pub fn holds(&self, number: f64) -> bool {
        // Without `arbitrary_precision` every JSON number has an `f64`; NaN meets nothing.
        let float = |number: &Number| number.as_f64().unwrap_or(f64::NAN);
        match self {
            Self::Between { low, high } => float(low) <= number && number <= float(high),
            Self::Compare { op, value } => {
                let value = float(value);
                match op {
                    NumberOp::Equal => number == value,
                    NumberOp::NotEqual => number != value,
                    NumberOp::Greater => number > value,
                    NumberOp::GreaterOrEqual => number >= value,
                    NumberOp::Less => number < value,
                    NumberOp::LessOrEqual => number <= value,
                }
            }
        }
    }
}

impl From<NumberFilter> for Condition {
    fn from(filter: NumberFilter) -> Self {
        Self::Number(filter)
    }
}

impl TryFrom<Condition> for NumberFilter {
    type Error = UnexpectedCondition;

    fn try_from(condition: Condition) -> Result<Self, UnexpectedCondition> {
        match condition {
            Condition::Number(filter) => Ok(filter),
            _ => Err(UnexpectedCondition("number or range")),
        }
    }
}

/// One of these values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OneOf<T>(pub Vec<T>);

impl<T: AsRef<str>> OneOf<T> {
    /// Whether a text is one of the values.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        self.0.iter().any(|value| value.as_ref() == text)
    }
}

impl<T: AsRef<str>> Serialize for OneOf<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self
            .0
            .iter()
            .map(|value| value.as_ref().to_owned())
            .collect();
        Wire::Enum { op: In::In, value }.serialize(serializer)
    }
}

impl<'de, T: From<String>> Deserialize<'de> for OneOf<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Wire::deserialize(deserializer)? {
            Wire::Enum { value, .. } => Ok(Self(value.into_iter().map(T::from).collect())),
            _ => Err(serde::de::Error::custom(UnexpectedCondition("enum"))),
        }
    }
}

/// A condition on a yes-or-no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Condition", try_from = "Condition")]
pub struct Flag(pub bool);

impl From<Flag> for Condition {
    fn from(flag: Flag) -> Self {
        Self::Flag(flag)
    }
}

impl TryFrom<Condition> for Flag {
    type Error = UnexpectedCondition;

    fn try_from(condition: Condition) -> Result<Self, UnexpectedCondition> {
        match condition {
            Condition::Flag(flag) => Ok(flag),
            _ => Err(UnexpectedCondition("boolean")),
        }
    }
}

/// A condition on one entry of a map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyedFilter {
    /// The entry's key.
    pub key: String,
    /// What must hold for its value.
    #[serde(flatten)]
    pub condition: Condition,
}
