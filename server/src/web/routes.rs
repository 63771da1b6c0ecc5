//! What a domain answers, by who may ask.

use axum::Router;
use utoipa_axum::router::OpenApiRouter;

/// What all handlers share. Each takes its part of it by `FromRef`, so that no
/// domain has to know the whole.
pub(crate) trait Shared: Clone + Send + Sync + 'static {}

impl<S: Clone + Send + Sync + 'static> Shared for S {}

/// The routes of a domain, or of several.
pub(crate) struct Routes<S> {
    /// For whoever comes: visitors' pages, Retell, a monitor.
    pub(crate) open: Router<S>,
    /// For staff, behind a session, in pages of ours.
    pub(crate) desk: Router<S>,
    /// For programs with a secret API key; they are in the document.
    pub(crate) v1: OpenApiRouter<S>,
    /// The same, where older integrations look for it; not in the document.
    pub(crate) aliases: Router<S>,
}

impl<S: Shared> Routes<S> {
    /// None yet.
    pub(crate) fn new() -> Self {
        Self {
            open: Router::new(),
            desk: Router::new(),
            v1: OpenApiRouter::new(),
            aliases: Router::new(),
        }
    }

    /// With these for whoever comes.
    pub(crate) fn open(mut self, routes: Router<S>) -> Self {
        self.open = self.open.merge(routes);
        self
    }

    /// With these for staff.
    pub(crate) fn desk(mut self, routes: Router<S>) -> Self {
        self.desk = self.desk.merge(routes);
        self
    }

    /// With these for programs.
    pub(crate) fn v1(mut self, routes: OpenApiRouter<S>) -> Self {
        self.v1 = self.v1.merge(routes);
        self
    }

    /// With these for programs that are older than the document.
    pub(crate) fn aliases(mut self, routes: Router<S>) -> Self {
        self.aliases = self.aliases.merge(routes);
        self
    }

    /// With those of another domain.
    pub(crate) fn and(self, other: Self) -> Self {
        self.open(other.open)
            .desk(other.desk)
            .v1(other.v1)
            .aliases(other.aliases)
    }
}
