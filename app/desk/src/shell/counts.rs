//! What goes on and what waits, as numbers beside where it is found.

use std::collections::HashMap;

use leptos::prelude::*;
use serde::Deserialize;

use crate::data::{Desk, Loaded};
use crate::features::callbacks;

/// As many as there can be before nobody counts them any more; of call-backs as many as their
/// page asks for.
const LIVE: &str = "/api/desk/calls?status=live&limit=100";

/// A page of a list of ours, for who counts only.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Listed {
    pub(super) items: Vec<Item>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Item {
    id: String,
}

/// The numbers; they keep themselves up to date.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    /// Calls that go on.
    pub(super) live: Memo<usize>,
    /// Call-backs that are to be done.
    pub(super) waiting: Memo<usize>,
}

impl Counts {
    /// Counts for as long as the current component lives.
    pub(super) fn keep(desk: Desk) -> Self {
        let calls = Loaded::<Listed>::from(desk, LIVE);
        let waiting = Loaded::<Listed>::from(desk, callbacks::TO_DO);
        let told = desk.calls.told;
        Effect::new(move || {
            desk.missed.track();
            told.update(HashMap::clear);
        });
        let items = |list: Loaded<Listed>| match list.value.get() {
            Some(Ok(list)) => list.items,
            _ => Vec::new(),
        };
        Self {
            live: Memo::new(move |_| told.with(|told| going_on(&items(calls), told))),
            waiting: Memo::new(move |_| items(waiting).len()),
        }
    }
}

/// How many go on, of those that did when they were listed and what was told since.
fn going_on(listed: &[Item], told: &HashMap<String, bool>) -> usize {
    let still = listed
        .iter()
        .filter(|item| told.get(&item.id) != Some(&false));
    let new = told
        .iter()
        .filter(|(id, live)| **live && listed.iter().all(|item| item.id != **id));
    still.count() + new.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_since_counts_once() {
        let listed = ["a", "b"].map(|id| Item { id: id.into() });
        let told = |told: &[(&str, bool)]| {
            let told = told.iter().map(|(id, live)| ((*id).to_owned(), *live));
            going_on(&listed, &told.collect())
        };
        assert_eq!(told(&[]), 2);
        assert_eq!(told(&[("a", true), ("c", true)]), 3);
        assert_eq!(told(&[("a", false), ("d", false)]), 1);
    }
}
