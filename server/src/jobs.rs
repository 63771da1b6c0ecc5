//! Work that outlives a request: a job is added in the transaction of what
//! caused it ([`Store::enqueue`]) and run at least once, by whichever server
//! claims it first.
//!
//! Handlers are idempotent by rule: a server may die after the effect and
//! before the note that it is done, and then another one runs the job again.

mod runner;
pub mod schedule;
mod store;

use futures_util::future::BoxFuture;
use serde_json::Value;

pub use runner::Runner;
pub use schedule::{Failure, after_failure};
pub use store::{Job, JobEnd, ParkedJob, QueueRow};

use crate::store::Tenant;

/// A job to be added.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Which handler runs it.
    pub kind: &'static str,
    /// Two jobs of a kind with the same key are one, as long as the first is
    /// remembered.
    pub dedupe_key: Option<String>,
    /// What the handler has to know. Ids, not copies: the rows may change.
    pub payload: Value,
    /// Not before (Unix ms).
    pub run_at: i64,
    /// After so many failed attempts it is parked.
    pub max_attempts: u32,
}

/// What a handler made of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// Not yet: again from this time on (Unix ms). Counts as no attempt.
    Later(i64),
    /// It failed; again after a pause, unless that was once too often.
    Retry(String),
    /// It cannot be done: somebody has to look at it.
    Park(String),
}

type Run = dyn Fn(Tenant, Job) -> BoxFuture<'static, Outcome> + Send + Sync;

/// How the jobs of one kind are run.
pub struct Handler {
    kind: &'static str,
    at_once: usize,
    run: Box<Run>,
}

impl std::fmt::Debug for Handler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handler")
            .field("kind", &self.kind)
            .field("at_once", &self.at_once)
            .finish_non_exhaustive()
    }
}

impl Handler {
    /// Runs jobs of this kind, up to `at_once` at the same time in this process.
    pub fn new<F, R>(kind: &'static str, at_once: usize, run: F) -> Self
    where
        F: Fn(Tenant, Job) -> R + Send + Sync + 'static,
        R: Future<Output = Outcome> + Send + 'static,
    {
        Self {
            kind,
            at_once,
            run: Box::new(move |tenant, job| Box::pin(run(tenant, job))),
        }
    }
}
