//! What a business lists: things of a kind that people name, each one a JSON text with an id,
//! such as its services. A kind says its table and its words in the trail; adding, changing
//! and removing is the same for all.

mod store;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use store::Lists;
pub(crate) use store::all;

use crate::bus::Signal;
use crate::store::Tenant;

/// A kind of what is listed: everything about one of it that can be changed.
pub trait Listed: Serialize + DeserializeOwned {
    /// What it is called in the trail.
    const KIND: &'static str;
    /// Its table, and the column that says what it is.
    const TABLE: &'static str;
    /// See above.
    const COLUMN: &'static str;
    /// What the trail says when it is added, changed, removed.
    const DEEDS: [&'static str; 3];

    /// What people call it.
    fn name(&self) -> &str;

    /// What is told when the tenant's are others than before.
    fn news(_tenant: &Tenant) -> Option<Signal> {
        None
    }
}
