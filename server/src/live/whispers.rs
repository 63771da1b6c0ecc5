//! What a business's staff often tell agents during calls.

pub(super) mod store;

use api::attend::Whispers;

use crate::invalid::Invalid;

/// The sentences, as they are kept.
///
/// # Errors
/// When there are too many, or one is too long.
pub(super) fn checked(said: &Whispers) -> Result<Vec<String>, Invalid> {
    let items = said.items.iter().map(|one| one.trim());
    let items: Vec<_> = items.filter(|one| !one.is_empty()).collect();
    let (most, chars_max) = (Whispers::MOST, Whispers::CHARS_MAX);
    if items.len() > most || items.iter().any(|one| one.chars().count() > chars_max) {
        return Err(Invalid::of(
            "items",
            format!("items are up to {most}, each of up to {chars_max} characters."),
        ));
    }
    Ok(items.into_iter().map(str::to_owned).collect())
}
