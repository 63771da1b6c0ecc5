//! Contacts: what may be kept of a person.

pub(crate) mod http;
mod store;

use api::contacts::ContactDetails;
use axum::extract::FromRef;

use crate::domain::Domain;
use crate::ground::Ground;
use crate::invalid::{Invalid, checked_public_email};
use crate::people;
use crate::phone::E164;
use crate::web::Shared;
pub use store::{ContactFilter, Contacts, Written};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &["contact.changed", "contact.created", "contact.deleted"],
        keeps: store::KEEPS,
        ..Domain::new("contacts", http::routes)
    }
}

const NAME_MAX_CHARS: usize = 200;
const LANGUAGE_MAX_CHARS: usize = 35;
const NOTES_MAX_CHARS: usize = 10_000;
const FIELDS_MAX_BYTES: usize = 32 * 1024;
const TAGS_MAX: usize = 50;
const TAG_MAX_CHARS: usize = 40;

/// Checks and tidies what is to be kept of a person.
///
/// # Errors
/// With what is wrong.
pub fn checked(mut details: ContactDetails) -> Result<ContactDetails, Invalid> {
    let given = |text: Option<String>| {
        text.map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    details.phone = given(details.phone)
        .map(|phone| E164::parse(&phone))
        .transpose()
        .map_err(|error| Invalid::because(format!("phone: {error}.")))?
        .map(|phone| phone.to_string());
    details.name = details.name.trim().to_owned();
    details.email = given(details.email)
        .map(|email| checked_public_email(&email))
        .map(|email| email.ok_or_else(|| Invalid::because("email is no e-mail address.")))
        .transpose()?;
    details.language = given(details.language);
    if details.phone.is_none() && details.email.is_none() && details.name.is_empty() {
        return Err(Invalid::because(
            "A contact needs a phone, an email or a name.",
        ));
    }
    if let Some(language) = &details.language {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if !language.chars().all(plain) {
            return Err(Invalid::because("language is no tag such as es or pt-BR."));
        }
    }
    let language = details.language.as_deref().unwrap_or_default();
    for (what, text, max) in [
        ("name", details.name.as_str(), NAME_MAX_CHARS),
        ("language", language, LANGUAGE_MAX_CHARS),
        ("notes", details.notes.as_str(), NOTES_MAX_CHARS),
    ] {
        if text.chars().count() > max {
            return Err(Invalid::because(format!(
                "{what} has more than {max} characters."
            )));
        }
    }
    let mut tags: Vec<String> = Vec::new();
    for tag in &details.tags {
        let tag = tag.split_whitespace().collect::<Vec<_>>().join(" ");
        if tag.chars().count() > TAG_MAX_CHARS {
            return Err(Invalid::because(format!(
                "A tag has more than {TAG_MAX_CHARS} characters."
            )));
        }
        if !tag.is_empty() && !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    if tags.len() > TAGS_MAX {
        return Err(Invalid::because(format!(
            "There are more than {TAGS_MAX} tags."
        )));
    }
    details.tags = tags;
    let fields = serde_json::to_vec(&details.fields).map_or(usize::MAX, |json| json.len());
    if fields > FIELDS_MAX_BYTES {
        return Err(Invalid::because("fields is longer than 32 KiB."));
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
