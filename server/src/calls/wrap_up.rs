//! What people say of a call: how it came out, tags, and notes.

use std::collections::HashSet;

use api::wrap_up::{Disposition, Dispositions, KeptWrapUp, Tone, WrapUp};

use super::Context;
use crate::deeds::Author;
use crate::invalid::{Invalid, checked_name};
use crate::store::{StoreError, Tenant};

/// What its revisions and its place in the trail are kept as.
pub(super) const KIND: &str = "call";

const DISPOSITIONS_MAX: usize = 50;
const TAGS_MAX: usize = 20;
const TAG_MAX_CHARS: usize = 40;
const NOTE_MAX_CHARS: usize = 10_000;

/// Why something cannot be said of a call.
#[derive(Debug, thiserror::Error)]
pub enum WrapUpError {
    /// There is no such call.
    #[error("There is no such call.")]
    Unknown,
    /// The business wants to know how each call came out.
    #[error("Say how the call came out: `disposition` is missing.")]
    Missing,
    /// None of the business's calls comes out like this.
    #[error("`disposition` is none of the business's: {0}")]
    NoSuch(String),
    /// It is too much, or none.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The database failed, or somebody else was first.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Says of a call of the tenant all there is to say: a change of the revision `read`.
///
/// # Errors
/// See there.
pub(super) async fn wrap_up(
    cx: &Context,
    tenant: &Tenant,
    id: &str,
    said: WrapUp,
    read: Option<i64>,
    author: &Author,
) -> Result<KeptWrapUp, WrapUpError> {
    let (calls, wrap_ups) = (cx.store.calls(), cx.store.wrap_ups());
    let said = checked(said)?;
    let call = calls.summary(tenant, id).await?;
    let call = call.ok_or(WrapUpError::Unknown)?;
    let before = wrap_ups.of(tenant, id).await?;
    let before = before.and_then(|before| before.said.disposition);
    let known = wrap_ups.dispositions(tenant).await?;
    match &said.disposition {
        None if known.required && !call.status.is_live() => return Err(WrapUpError::Missing),
        // One that was taken off the list stays where it was given.
        Some(name) if said.disposition != before && !has(&known, name) => {
            return Err(WrapUpError::NoSuch(name.clone()));
        }
        _ => {}
    }
    let kept = wrap_ups
        .say(tenant, id, said, read, author, cx.clock.now_ms())
        .await?;
    kept.ok_or(WrapUpError::Unknown)
}

fn has(known: &Dispositions, name: &str) -> bool {
    known.items.iter().any(|one| one.name == name)
}

/// What is said, without what nobody means.
fn checked(said: WrapUp) -> Result<WrapUp, Invalid> {
    let disposition = said.disposition.map(|name| name.trim().to_owned());
    let mut seen = HashSet::new();
    let tags = said.tags.iter().map(|tag| tag.trim());
    let tags = tags.filter(|tag| !tag.is_empty() && seen.insert(*tag));
    let tags: Vec<_> = tags.map(str::to_owned).collect();
    if tags.len() > TAGS_MAX || tags.iter().any(|tag| tag.chars().count() > TAG_MAX_CHARS) {
        return Err(Invalid::of(
            "tags",
            format!("tags are up to {TAGS_MAX}, each of up to {TAG_MAX_CHARS} characters."),
        ));
    }
    if !said.note.trim().is_empty() {
        checked_note("note", &said.note)?;
    }
    Ok(WrapUp {
        disposition: disposition.filter(|name| !name.is_empty()),
        tags,
        note: said.note.trim().to_owned(),
    })
}

/// A note, without what surrounds it; `field` is where it stands.
///
/// # Errors
/// When it is empty or too long.
pub(super) fn checked_note<'a>(field: &'static str, text: &'a str) -> Result<&'a str, Invalid> {
    let text = text.trim();
    match text.chars().count() {
        1..=NOTE_MAX_CHARS => Ok(text),
        _ => Err(Invalid::of(
            field,
            format!("{field} has 1 to {NOTE_MAX_CHARS} characters."),
        )),
    }
}

/// How calls can come out, as it is kept.
///
/// # Errors
/// When one has no name, or one that another one has, or there are too many.
pub(super) fn checked_dispositions(said: Dispositions) -> Result<Dispositions, Invalid> {
    let mut seen = HashSet::new();
    let one = |one: Disposition| {
        let name = checked_name(&one.name).filter(|name| seen.insert(name.clone()));
        let name = name.filter(|_| one.tone != Tone::Unknown);
        Some(Disposition { name: name?, ..one })
    };
    let count = said.items.len();
    let items: Option<Vec<_>> = said.items.into_iter().map(one).collect();
    let items = items.filter(|_| count <= DISPOSITIONS_MAX);
    let items = items.ok_or_else(|| {
        Invalid::of(
            "items",
            format!("items are up to {DISPOSITIONS_MAX}, each with a name of its own, and good, neutral or bad."),
        )
    })?;
    Ok(Dispositions { items, ..said })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_means_is_not_kept() {
        let tags = ["gold", " gold ", "", "new"].map(str::to_owned).to_vec();
        let said = WrapUp {
            disposition: Some(" ".to_owned()),
            tags,
            note: " a\n".to_owned(),
        };
        let said = checked(said).unwrap();
        assert_eq!(said.disposition, None);
        assert_eq!(
            (said.tags, said.note.as_str()),
            (vec!["gold".into(), "new".into()], "a")
        );
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let tags = |tags: Vec<String>| WrapUp {
            tags,
            ..WrapUp::default()
        };
        assert!(checked(tags(vec!["x".repeat(41)])).is_err());
        assert!(checked(tags((0..21).map(|n| n.to_string()).collect())).is_err());
        let note = "x".repeat(NOTE_MAX_CHARS + 1);
        assert!(
            checked(WrapUp {
                note,
                ..WrapUp::default()
            })
            .is_err()
        );
        let named = |names: &[&str]| {
            let items = names.iter().map(|name| Disposition {
                name: (*name).to_owned(),
                ..Disposition::default()
            });
            checked_dispositions(Dispositions {
                items: items.collect(),
                ..Dispositions::default()
            })
        };
        assert!(named(&["Sold", "Not sold"]).is_ok());
        assert!(named(&["Sold", "Sold "]).is_err() && named(&[" "]).is_err());
    }
}
