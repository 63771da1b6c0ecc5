//! How the server itself is doing: whether it lives and can work, what it counts,
//! and its background work.

mod health;
mod jobs;
mod measure;
mod scrape;
mod store;

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;

use crate::domain::{Domain, Task};
use crate::ground::Ground;
use crate::inbox::Inbox;
use crate::jobs::Runner;
use crate::web::{Routes, Shared};
use crate::{live, people};

pub use health::RetellHealth;
pub(crate) use health::alive;
pub use measure::render;
pub use store::{JobLoad, Load, Loads};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &["job.discarded", "job.retried"],
        metrics: measure::METRICS,
        tasks: || {
            vec![
                Task::new("job runner", |cx: Context, stop| async move {
                    cx.runner.run(stop).await;
                }),
                Task::new("metrics", |cx: Ground, stop| async move {
                    cx.metrics.keep_up(stop).await;
                }),
            ]
        },
        ..Domain::new("operations", routes)
    }
}

/// What can be told of the server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// What is live, and what all of it stands on.
    pub live: live::Context,
    /// Takes webhooks in.
    pub inbox: Arc<Inbox>,
    /// Whether Retell can be reached, as last seen.
    pub retell_health: Arc<RetellHealth>,
    /// Runs this server's jobs.
    pub runner: Runner,
}

impl Deref for Context {
    type Target = live::Context;

    fn deref(&self) -> &live::Context {
        &self.live
    }
}

/// The routes of this room.
pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Routes::new()
        .open(health::routes())
        .open(scrape::routes())
        .desk(jobs::routes())
}
