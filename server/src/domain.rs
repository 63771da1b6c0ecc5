//! A domain as it registers itself, once: whatever else has to know of it reads
//! this, so that nothing is forgotten in silence.

use crate::keeps::Keeps;
use crate::metrics::Metric;
use crate::web::Routes;

/// A domain, for an app that shares an `S`.
pub(crate) struct Domain<S> {
    /// What it is called, as its folder is.
    pub(crate) name: &'static str,
    /// What it answers.
    pub(crate) routes: fn() -> Routes<S>,
    /// What it writes into the trail: some of [`api::audit::ACTIONS`].
    pub(crate) deeds: &'static [&'static str],
    /// What it counts.
    pub(crate) metrics: &'static [Metric],
    /// What it keeps in the database.
    pub(crate) keeps: Keeps,
}

impl<S> Domain<S> {
    /// One that answers, and nothing more.
    pub(crate) const fn new(name: &'static str, routes: fn() -> Routes<S>) -> Self {
        Self {
            name,
            routes,
            deeds: &[],
            metrics: &[],
            keeps: Keeps::NOTHING,
        }
    }
}
