//! Whom it is about: a telephone number or an e-mail address, and where either
//! is written.

use serde::{Deserialize, Serialize};

use crate::invalid::checked_public_email;
use crate::phone::{self, E164};

/// Somebody, by what a business knows people by. Its debug output tells nobody
/// who it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Person {
    /// By telephone number.
    Phone(E164),
    /// By e-mail address, in lower case.
    Email(String),
}

/// The text is neither a telephone number nor an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is neither a telephone number in international form, such as +49 30 901820, nor an \
     e-mail address"
)]
pub struct NotAPerson;

impl From<Person> for String {
    fn from(person: Person) -> Self {
        person.as_str().to_owned()
    }
}

impl TryFrom<String> for Person {
    type Error = NotAPerson;

    fn try_from(text: String) -> Result<Self, NotAPerson> {
        Self::parse(&text)
    }
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Phone(_) => "Phone(…)",
            Self::Email(_) => "Email(…)",
        })
    }
}

impl Person {
    /// Reads what somebody typed.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse(text: &str) -> Result<Self, NotAPerson> {
        let person = match text.contains('@') {
            true => checked_public_email(text).map(Self::Email),
            false => E164::parse(text.trim()).ok().map(Self::Phone),
        };
        person.ok_or(NotAPerson)
    }

    /// The number in E.164, or the address in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Phone(number) => number.as_str(),
            Self::Email(address) => address,
        }
    }

    /// The number, if that is what is known.
    #[must_use]
    pub fn phone(&self) -> Option<&str> {
        match self {
            Self::Phone(number) => Some(number.as_str()),
            Self::Email(_) => None,
        }
    }

    /// Whether a number is this person's, in whichever form somebody gave it.
    #[must_use]
    pub fn has_number(&self, number: &str) -> bool {
        let ending = |text: &str| text.get(text.len().saturating_sub(4)..).map(str::to_owned);
        // Reading a number is dear, and most are others'.
        self.phone().is_some_and(|own| {
            own == number || (ending(own) == ending(number) && own == phone::canonical(number))
        })
    }

    /// The address, if that is what is known.
    #[must_use]
    pub fn email(&self) -> Option<&str> {
        match self {
            Self::Phone(_) => None,
            Self::Email(address) => Some(address),
        }
    }

    /// Whether a text names this person: the number with or without its `+`, or
    /// the address in any case, and neither as a part of a longer one.
    #[must_use]
    pub fn is_named_in(&self, text: &str) -> bool {
        match self {
            Self::Phone(number) => {
                let digits = number.as_str().trim_start_matches('+');
                let is_digit = |byte: &u8| byte.is_ascii_digit();
                occurrences(text, digits).any(|(before, after)| {
                    !before.last().is_some_and(is_digit) && !after.first().is_some_and(is_digit)
                })
            }
            Self::Email(address) => {
                let text = text.to_lowercase();
                occurrences(&text, address).any(|(before, after)| {
                    let part = |byte: &u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(byte);
                    let goes_on = match after {
                        [b'.', next, ..] => next.is_ascii_alphanumeric(),
                        [next, ..] => next.is_ascii_alphanumeric() || *next == b'-',
                        [] => false,
                    };
                    !before.last().is_some_and(part) && !goes_on
                })
            }
        }
    }
}

/// What stands before and after each place where a text has another in it.
fn occurrences<'a>(
    text: &'a str,
    needle: &'a str,
) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + 'a {
    text.match_indices(needle).map(move |(at, _)| {
        let (before, rest) = text.as_bytes().split_at(at);
        (before, &rest[needle.len()..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_either_way() {
        let phone = Person::parse(" +49 30 901820 ").unwrap();
        assert_eq!(phone.phone(), Some("+4930901820"));
        let email = Person::parse("Zoe@Example.COM").unwrap();
        assert_eq!(email.email(), Some("zoe@example.com"));
        for text in [
            "",
            "zoe",
            "@example.com",
            "zoe@",
            "a b@example.com",
            "zoe@host",
            "12",
        ] {
            assert_eq!(Person::parse(text), Err(NotAPerson), "{text:?}");
        }
        assert!(!format!("{phone:?}{email:?}").contains("901820"));
    }

    #[test]
    fn a_person_is_named_only_by_all_of_it() {
        let phone = Person::parse("+4930901820").unwrap();
        for text in ["+4930901820", "{\"n\":\"4930901820\"}", "call 004930901820"] {
            assert_eq!(phone.is_named_in(text), !text.contains("0049"), "{text}");
        }
        let mexican = Person::parse("+52 55 1234 5678").unwrap();
        for (number, own) in [
            ("+525512345678", true),
            ("+5215512345678", true),
            ("+525512345679", false),
            ("5678", false),
            ("", false),
        ] {
            assert_eq!(mexican.has_number(number), own, "{number}");
        }
        assert!(!phone.is_named_in("+49309018201"));
        let email = Person::parse("bo@x.com").unwrap();
        for text in ["bo@x.com", "\"BO@X.com\"", "write to bo@x.com. Or not."] {
            assert!(email.is_named_in(text), "{text}");
        }
        for text in ["jimbo@x.com", "a.bo@x.com", "bo@x.com.au", "bo@x.community"] {
            assert!(!email.is_named_in(text), "{text}");
        }
    }
}
