//! A value somebody entered that cannot be.

use std::collections::BTreeMap;

use crate::config::trimmed;

const NAME_CHARS_MAX: usize = 100;

/// Says which value, and what would do, in a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Invalid {
    /// The JSON name of the member that holds it, with dots where it is nested; none where it is
    /// several, or all of it.
    pub field: Option<String>,
    sentence: String,
}

impl Invalid {
    /// With this sentence, about no member alone.
    #[must_use]
    pub fn because(sentence: impl Into<String>) -> Self {
        Self {
            field: None,
            sentence: sentence.into(),
        }
    }

    /// The member of this JSON name is wrong, as the sentence says.
    #[must_use]
    pub fn of(field: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self {
            field: Some(field.into()),
            sentence: sentence.into(),
        }
    }

    /// The same of what stands below a member of this name.
    #[must_use]
    pub fn below(mut self, outer: &str) -> Self {
        self.field = self.field.map(|field| format!("{outer}.{field}"));
        self
    }
}

/// A name of a business or a person, without spaces around it.
#[must_use]
pub fn checked_name(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (1..=NAME_CHARS_MAX).contains(&text.chars().count());
    (fits && !text.chars().any(char::is_control)).then(|| text.to_owned())
}

const SECRETS_MAX: usize = 10;
const SECRET_MAX_CHARS: usize = 1_000;

/// Secrets by their names, as they are sealed: without what nobody saw when they were pasted.
///
/// # Errors
/// When there are too many, or one cannot be.
pub(crate) fn checked_secrets(
    named: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Invalid> {
    let seen = |(name, value): (String, String)| (name, trimmed(&value).to_owned());
    let named: BTreeMap<_, _> = named.into_iter().map(seen).collect();
    let fits = |(name, value): (&String, &String)| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        (1..=50).contains(&name.len())
            && name.bytes().all(plain)
            && (1..=SECRET_MAX_CHARS).contains(&value.chars().count())
            && !value.chars().any(char::is_control)
    };
    if named.len() > SECRETS_MAX || !named.iter().all(fits) {
        return Err(Invalid::of(
            "secrets",
            "secrets are up to 10, named by letters and digits, each of 1 to 1000 characters.",
        ));
    }
    Ok(named)
}

/// RFC 5321.
const EMAIL_CHARS_MAX: usize = 254;

/// What looks like an e-mail address, without what is around it and in lower case;
/// whether it is one, only a mail can tell.
pub(crate) fn checked_email(text: &str) -> Option<String> {
    let email = text.trim().to_lowercase();
    let (local, domain) = email.rsplit_once('@')?;
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    let fits = email.chars().count() <= EMAIL_CHARS_MAX && email.chars().all(plain);
    let named = !local.is_empty() && !domain.is_empty() && !domain.starts_with('.');
    (fits && named && !domain.ends_with('.')).then_some(email)
}

/// The same of somebody elsewhere, whose domain has a dot.
pub(crate) fn checked_public_email(text: &str) -> Option<String> {
    let email = checked_email(text)?;
    let (_, domain) = email.rsplit_once('@')?;
    domain.contains('.').then_some(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_lose_what_nobody_saw_when_they_were_pasted() {
        let named = |value: &str| BTreeMap::from([("key".to_owned(), value.to_owned())]);
        let pasted = checked_secrets(named("\u{feff}k 1\u{200b}\r\n"));
        assert_eq!(pasted, Ok(named("k 1")));
        assert!(checked_secrets(named("\u{200b}\n")).is_err());
        assert!(checked_secrets(named("k\n1")).is_err());
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        assert_eq!(
            checked_email(" Emma@Example.COM "),
            Some("emma@example.com".into())
        );
        let long = format!("{}@example.com", "a".repeat(250));
        for text in [
            "",
            "emma",
            "@example.com",
            "emma@",
            "em ma@example.com",
            "a@.com",
            "a@b.",
            &long,
        ] {
            assert_eq!(checked_email(text), None, "{text}");
        }
    }

    #[test]
    fn somebody_elsewhere_has_a_domain_with_a_dot() {
        let public = checked_public_email("zoe@example.com");
        assert_eq!(public.as_deref(), Some("zoe@example.com"));
        assert_eq!(checked_public_email("zoe@host"), None);
    }
}
