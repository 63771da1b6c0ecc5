//! Which revision of something a business says is the current one, so that nobody says anew
//! what somebody else has changed since it was read.

mod store;

use std::collections::HashMap;

pub(crate) use store::KeptRevisions;

/// The revisions of things of a kind.
#[derive(Debug)]
pub(crate) struct Revisions(HashMap<String, i64>);

impl Revisions {
    /// The one of this id.
    pub(crate) fn of(&self, id: &str) -> i64 {
        self.0.get(id).copied().unwrap_or_default()
    }
}
