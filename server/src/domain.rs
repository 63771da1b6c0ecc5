//! A domain as it registers itself, once: whatever else has to know of it reads
//! this, so that nothing is forgotten in silence.

use std::time::Duration;

use axum::extract::FromRef;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::jobs::Handler;
use crate::keeps::Keeps;
use crate::metrics::Metric;
use crate::web::Routes;

/// A domain, for an app that shares an `S`.
pub(crate) struct Domain<S> {
    /// What it is called, as its folder is.
    pub(crate) name: &'static str,
    /// What it answers.
    pub(crate) routes: fn() -> Routes<S>,
    /// How its jobs are run.
    pub(crate) jobs: fn() -> Vec<Handler<S>>,
    /// What else it does while the server runs.
    pub(crate) tasks: fn() -> Vec<Task<S>>,
    /// What it writes into the trail, such as `user.invited`: what it is about, a dot, and
    /// what became of it. The desk has a sentence for each.
    pub(crate) deeds: &'static [&'static str],
    /// What it counts.
    pub(crate) metrics: &'static [Metric],
    /// What it keeps in the database.
    pub(crate) keeps: Keeps,
    /// What the events it tells others of look like.
    pub(crate) example: Example,
}

/// The payload of an event of this type, as if it happened at that time (Unix ms);
/// nothing where another domain tells of it.
pub(crate) type Example = fn(kind: &str, now: i64) -> Option<Map<String, Value>>;

impl<S> Domain<S> {
    /// One that answers, and nothing more.
    pub(crate) const fn new(name: &'static str, routes: fn() -> Routes<S>) -> Self {
        Self {
            name,
            routes,
            jobs: Vec::new,
            tasks: Vec::new,
            deeds: &[],
            metrics: &[],
            keeps: Keeps::NOTHING,
            example: |_, _| None,
        }
    }
}

type Run<S> = dyn Fn(&S, CancellationToken) -> BoxFuture<'static, ()> + Send + Sync;

/// What a domain does from the start of the server until it is told to stop.
pub(crate) struct Task<S> {
    /// What it is called in the log, should it end before.
    pub(crate) name: &'static str,
    /// Does it.
    pub(crate) run: Box<Run<S>>,
}

impl<S> Task<S> {
    /// Does this with the domain's part of the app.
    pub(crate) fn new<C, F, R>(name: &'static str, run: F) -> Self
    where
        C: FromRef<S>,
        F: Fn(C, CancellationToken) -> R + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        Self {
            name,
            run: Box::new(move |app, stop| Box::pin(run(C::from_ref(app), stop))),
        }
    }

    /// Does this at once and then so often. What is under way is done to its end; late,
    /// the next one is as much later.
    pub(crate) fn every<C, F, R>(name: &'static str, period: Duration, run: F) -> Self
    where
        C: FromRef<S> + Clone + Send + 'static,
        F: Fn(C) -> R + Copy + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        Self::new(name, move |cx: C, stop: CancellationToken| async move {
            let mut due = tokio::time::interval(period);
            due.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    () = stop.cancelled() => return,
                    _ = due.tick() => {}
                }
                run(cx.clone()).await;
            }
        })
    }
}
