//! A domain as it registers itself, once: whatever else has to know of it reads
//! this, so that nothing is forgotten in silence.

use crate::keeps::Keeps;
use crate::web::Routes;

/// A domain, for an app that shares an `S`.
pub(crate) struct Domain<S> {
    /// What it answers.
    pub(crate) routes: fn() -> Routes<S>,
    /// What it keeps in the database.
    pub(crate) keeps: Keeps,
}
