//! A domain as it registers itself, once: whatever else has to know of it reads
//! this, so that nothing is forgotten in silence.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::extract::FromRef;
use futures_util::FutureExt as _;
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

/// How long what panicked rests before it begins again.
const REST: Duration = Duration::from_secs(1);

type Run<S> = dyn Fn(&S, CancellationToken) -> BoxFuture<'static, ()> + Send + Sync;

/// What a domain does from the start of the server until it is told to stop.
pub(crate) struct Task<S> {
    /// What it is called in the log, should it end before.
    pub(crate) name: &'static str,
    /// Does it.
    pub(crate) run: Box<Run<S>>,
}

impl<S> Task<S> {
    /// Does this with the domain's part of the app. What panics is told in the log and begins
    /// again: it must not end the server, which would begin with the same data again.
    pub(crate) fn new<C, F, R>(name: &'static str, run: F) -> Self
    where
        C: FromRef<S> + Clone + Send + 'static,
        F: Fn(C, CancellationToken) -> R + Copy + Send + Sync + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let run = move |app: &S, stop: CancellationToken| -> BoxFuture<'static, ()> {
            let cx = C::from_ref(app);
            Box::pin(async move {
                while unless_it_panics(run(cx.clone(), stop.clone()))
                    .await
                    .is_none()
                {
                    tracing::error!(task = name, "panicked, and begins again");
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = tokio::time::sleep(REST) => {}
                    }
                }
            })
        };
        Self {
            name,
            run: Box::new(run),
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
                if unless_it_panics(run(cx.clone())).await.is_none() {
                    tracing::error!(task = name, "panicked, and is due again");
                }
            }
        })
    }
}

/// What came of the work, or nothing when it panicked.
pub(crate) async fn unless_it_panics<T>(work: impl Future<Output = T>) -> Option<T> {
    // Nobody sees what it left half done: a transaction that is not committed is none.
    AssertUnwindSafe(work).catch_unwind().await.ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

    use super::*;

    #[derive(Clone)]
    struct Turns {
        taken: Arc<AtomicU32>,
        tell: UnboundedSender<u32>,
    }

    async fn panics_at_first(turns: Turns) {
        let turn = turns.taken.fetch_add(1, Ordering::Relaxed);
        turns.tell.send(turn).unwrap();
        assert_ne!(turn, 0, "a fault of ours");
    }

    #[tokio::test]
    async fn what_panics_is_done_again() {
        let tasks: [Task<Turns>; 2] = [
            Task::new("one", |turns: Turns, stop: CancellationToken| async move {
                panics_at_first(turns).await;
                stop.cancelled().await;
            }),
            Task::every("another", Duration::from_millis(1), panics_at_first),
        ];
        for task in tasks {
            let (tell, mut told) = unbounded_channel();
            let taken = Arc::default();
            let stop = CancellationToken::new();
            let running = tokio::spawn((task.run)(&Turns { taken, tell }, stop.clone()));
            assert_eq!(told.recv().await, Some(0));
            assert_eq!(told.recv().await, Some(1));
            stop.cancel();
            running.await.unwrap();
        }
    }
}
