//! A value somebody entered that cannot be.

const NAME_CHARS_MAX: usize = 100;

/// Says which value, and what would do, in a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

impl Invalid {
    /// With this sentence.
    #[must_use]
    pub fn because(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

/// A name of a business or a person, without spaces around it.
#[must_use]
pub fn checked_name(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (1..=NAME_CHARS_MAX).contains(&text.chars().count());
    (fits && !text.chars().any(char::is_control)).then(|| text.to_owned())
}
