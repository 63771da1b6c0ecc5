//! Contacts: what may be kept of a person, files of many of them, and two that are one.

mod alike;
mod file;
mod fold;
pub(crate) mod http;
mod store;

use std::collections::HashSet;

use api::contact_files::Refusal;
use api::contacts::ContactDetails;
use axum::extract::FromRef;

use crate::domain::{Domain, Task};
use crate::ground::Ground;
use crate::invalid::{Invalid, checked_public_email};
use crate::people;
use crate::phone::{E164, PhoneError};
use crate::web::Shared;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) use file::fuzz;
pub(crate) use file::{MARK, written};
pub(crate) use fold::fold;
pub use store::{ContactFilter, ContactImports, Contacts, Written};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &[
            "contact.changed",
            "contact.callable",
            "contact.created",
            "contact.deleted",
            "contact.do_not_call",
            "contact.merged",
            "contacts.exported",
            "contacts.imported",
        ],
        jobs: || vec![file::handler()],
        tasks: || vec![Task::new("folding of contacts", store::fold_all)],
        keeps: store::KEEPS,
        ..Domain::new("contacts", http::routes)
    }
}

const NAME_MAX_CHARS: usize = 200;
const LANGUAGE_MAX_CHARS: usize = 35;
pub(crate) const NOTES_MAX_CHARS: usize = 10_000;
const FIELDS_MAX_BYTES: usize = 32 * 1024;
const TAGS_MAX: usize = 50;
const TAG_MAX_CHARS: usize = 40;
const PHONES_MAX: usize = 10;

/// What cannot be kept of a person, in a sentence for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Nothing says who it is.
    #[error("A contact needs a phone, an email or a name.")]
    Nobody,
    /// A number is none: of which member, and why.
    #[error("{0}: {1}.")]
    Phone(&'static str, PhoneError),
    /// There are too many numbers.
    #[error("There are more than {PHONES_MAX} numbers.")]
    Phones,
    /// The address is none.
    #[error("email is no e-mail address.")]
    Email,
    /// The language is none.
    #[error("language is no tag such as es or pt-BR.")]
    Language,
    /// A text is too long: which, and how long it may be (characters).
    #[error("{0} has more than {1} characters.")]
    Long(&'static str, usize),
    /// A tag is too long.
    #[error("A tag has more than {TAG_MAX_CHARS} characters.")]
    Tag,
    /// There are too many tags.
    #[error("There are more than {TAGS_MAX} tags.")]
    Tags,
    /// There is too much in the business's own fields.
    #[error("fields is longer than 32 KiB.")]
    Fields,
}

impl From<Wrong> for Invalid {
    fn from(wrong: Wrong) -> Self {
        let field = match wrong {
            Wrong::Nobody => "name",
            Wrong::Phones => "more_phones",
            Wrong::Email => "email",
            Wrong::Language => "language",
            Wrong::Phone(what, _) | Wrong::Long(what, _) => what,
            Wrong::Tag | Wrong::Tags => "tags",
            Wrong::Fields => "fields",
        };
        Self::of(field, wrong.to_string())
    }
}

impl From<Wrong> for Refusal {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Nobody => Self::Nobody,
            Wrong::Phone(_, PhoneError::NotANumber) => Self::Phone,
            Wrong::Phone(_, PhoneError::Extension) => Self::Extension,
            Wrong::Email => Self::Email,
            Wrong::Language => Self::Language,
            Wrong::Long(..) | Wrong::Tag => Self::TooLong,
            Wrong::Phones | Wrong::Tags | Wrong::Fields => Self::TooMany,
        }
    }
}

/// Checks and tidies what is to be kept of a person.
///
/// # Errors
/// With what is wrong.
pub fn checked(details: ContactDetails) -> Result<ContactDetails, Wrong> {
    let first = details.phone.iter().map(|phone| ("phone", phone));
    let more = details
        .more_phones
        .iter()
        .map(|phone| ("more_phones", phone));
    let written = first.chain(more);
    let written = written.filter(|(_, phone)| !phone.trim().is_empty());
    let read = |(what, phone): (&'static str, &String)| {
        let number = E164::parse(phone).map_err(|error| Wrong::Phone(what, error))?;
        Ok(number.to_string())
    };
    let phones = written.map(read).collect::<Result<Vec<_>, _>>()?;
    checked_with(details, phones)
}

/// The same of somebody with these numbers, which were read already: that is dear, and a file has
/// many.
fn checked_with(
    mut details: ContactDetails,
    mut phones: Vec<String>,
) -> Result<ContactDetails, Wrong> {
    let given = |text: Option<String>| {
        text.map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    let mut seen = HashSet::new();
    phones.retain(|phone| seen.insert(phone.clone()));
    if phones.len() > PHONES_MAX {
        return Err(Wrong::Phones);
    }
    let mut phones = phones.into_iter();
    (details.phone, details.more_phones) = (phones.next(), phones.collect());
    details.name = details.name.trim().to_owned();
    details.email = given(details.email)
        .map(|email| checked_public_email(&email).ok_or(Wrong::Email))
        .transpose()?;
    details.language = given(details.language);
    if details.phone.is_none() && details.email.is_none() && details.name.is_empty() {
        return Err(Wrong::Nobody);
    }
    if let Some(language) = &details.language {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !language.chars().all(plain) {
            return Err(Wrong::Language);
        }
    }
    let language = details.language.as_deref().unwrap_or_default();
    for (what, text, max) in [
        ("name", details.name.as_str(), NAME_MAX_CHARS),
        ("language", language, LANGUAGE_MAX_CHARS),
        ("notes", details.notes.as_str(), NOTES_MAX_CHARS),
    ] {
        if text.chars().count() > max {
            return Err(Wrong::Long(what, max));
        }
    }
    let mut tags: Vec<String> = Vec::new();
    for tag in &details.tags {
        let tag = tag.split_whitespace().collect::<Vec<_>>().join(" ");
        if tag.chars().count() > TAG_MAX_CHARS {
            return Err(Wrong::Tag);
        }
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    if tags.len() > TAGS_MAX {
        return Err(Wrong::Tags);
    }
    details.tags = tags;
    let fields = serde_json::to_vec(&details.fields).map_or(usize::MAX, |json| json.len());
    if fields > FIELDS_MAX_BYTES {
        return Err(Wrong::Fields);
    }
    Ok(details)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(phone: &str, email: &str, name: &str) -> ContactDetails {
        ContactDetails {
            phone: Some(phone.to_owned()),
            email: Some(email.to_owned()),
            name: name.to_owned(),
            ..ContactDetails::default()
        }
    }

    #[test]
    fn a_contact_is_tidied() {
        let kept = checked(details("0049 30 901820", " Ana@Example.COM ", " Ana ")).unwrap();
        assert_eq!(kept.phone.as_deref(), Some("+4930901820"));
        assert_eq!(kept.email.as_deref(), Some("ana@example.com"));
        assert_eq!(kept.name, "Ana");
        assert_eq!(checked(details(" ", "", "Ana")).unwrap().phone, None);
    }

    #[test]
    fn the_first_number_is_the_one_they_are_called_by() {
        let mut new = details(" ", "", "Ana");
        new.more_phones = ["+34 911 23 01 00", "", "0034911230100", "+4930901820"]
            .map(str::to_owned)
            .to_vec();
        let kept = checked(new).unwrap();
        assert_eq!(kept.phone.as_deref(), Some("+34911230100"));
        assert_eq!(kept.more_phones, ["+4930901820"]);
        let mut many = details("", "", "Ana");
        many.more_phones = (0..=PHONES_MAX)
            .map(|nth| format!("+4930901{nth:03}"))
            .collect();
        assert_eq!(checked(many), Err(Wrong::Phones));
    }

    #[test]
    fn a_tag_is_there_once_and_has_single_spaces() {
        let mut new = details("", "", "Ana");
        new.tags = [" key  account ", "", "key account", "gold"]
            .map(str::to_owned)
            .to_vec();
        assert_eq!(checked(new).unwrap().tags, ["key account", "gold"]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let mut odd_language = details("", "", "Ana");
        odd_language.language = Some("en/../".to_owned());
        let mut long_notes = details("", "", "Ana");
        let mut long_tag = details("", "", "Ana");
        long_tag.tags = vec!["x".repeat(TAG_MAX_CHARS + 1)];
        let mut many_tags = details("", "", "Ana");
        many_tags.tags = (0..=TAGS_MAX).map(|nth| nth.to_string()).collect();
        long_notes.notes = "x".repeat(NOTES_MAX_CHARS + 1);
        for wrong in [
            details("", "", " "),
            details("12", "", "Ana"),
            details("", "ana", "Ana"),
            details("", "a na@example.com", "Ana"),
            odd_language,
            long_notes,
            long_tag,
            many_tags,
        ] {
            assert!(checked(wrong.clone()).is_err(), "{wrong:?}");
        }
    }
}
