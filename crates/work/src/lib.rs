//! The one engine for work that outlives a request.
//!
//! A *job* waits in a *lane*: one business's jobs of one kind for one *group*, which is
//! whoever the job needs, such as an endpoint or a Retell account. The [`Scheduler`]
//! decides which lanes go next, so that nobody waits because somebody else is busy; it
//! is pure. The [`Runner`] claims their jobs under a lease, runs them, and notes what
//! became of them. Where jobs are kept is the [`Queue`]'s business.
//!
//! A job is run at least once: a server may die after the effect and before the note
//! that it is done, and then another one runs it again. Handlers are idempotent by rule.

mod lane;
mod pace;
mod retry;
mod runner;
mod schedule;

use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use serde_json::Value;

pub use lane::Lane;
pub use pace::Pace;
pub use retry::{Failure, after_failure};
pub use runner::Runner;
pub use schedule::{Claim, Plan, Resting, Scheduler, Verdict};

/// How the jobs of one kind are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// How many places there are: jobs at the same time, in this process.
    pub at_once: usize,
    /// How many of a group's jobs run at the same time.
    pub each: usize,
    /// A job that runs longer gives its place to another one and goes on without; as
    /// many as [`Terms::at_most`] then run in all. `None` for work that takes long by
    /// its nature.
    pub patience: Option<Duration>,
    /// A group's jobs begin no closer together.
    pub apart: Option<Duration>,
    /// A job that runs longer is cut short, and has failed.
    pub limit: Duration,
}

impl Terms {
    /// How many jobs run at most for each place, those included that gave theirs up.
    const FOR_EACH_PLACE: usize = 8;

    /// How many jobs of the kind run at the same time at most, in this process.
    #[must_use]
    pub const fn at_most(&self) -> usize {
        match self.patience {
            Some(_) => self.at_once * Self::FOR_EACH_PLACE,
            None => self.at_once,
        }
    }
}

/// A claimed job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its id; ids sort by time.
    pub id: String,
    /// Where it waited.
    pub lane: Lane,
    /// What the handler has to know.
    pub payload: Value,
    /// Which attempt this is, from 1 on.
    pub attempts: u32,
    /// The last one there is.
    pub max_attempts: u32,
    /// Why the attempt before failed.
    pub last_error: Option<String>,
    /// Names this claim: only who holds it may finish the job.
    pub claim: String,
}

/// What a handler made of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// Not yet: again from this time on (Unix ms). Counts as no attempt.
    Later(i64),
    /// The same, because whom the job needs gave no answer: its group is left alone
    /// for a while, then tried with one job, and longer each time.
    Unanswered(i64),
    /// Neither this one nor any of its group before that time (Unix ms). Counts as no
    /// attempt.
    Rest(i64),
    /// It failed; again after a pause, unless that was once too often.
    Retry(String),
    /// It cannot be done: somebody has to look at it.
    Park(String),
}

/// What is to be noted of a claimed job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It is done.
    Done,
    /// It waits until then (Unix ms), and its attempts are forgotten.
    Later(i64),
    /// It failed and is tried again.
    Retry {
        /// Not before (Unix ms).
        at: i64,
        /// Why it failed.
        reason: String,
    },
    /// It is left to a person, with the reason.
    Parked(String),
}

/// A lane in which a job waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which.
    pub lane: Lane,
    /// When its first job can be claimed (Unix ms).
    pub due_at: i64,
}

/// Where jobs are kept.
pub trait Queue: Clone + Send + Sync + 'static {
    /// Why it does not work.
    type Error: std::error::Error + Send;

    /// Every lane in which a job waits or runs, with when its first one can be claimed:
    /// its time, or the end of its lease.
    fn heads(&self) -> impl Future<Output = Result<Vec<Head>, Self::Error>> + Send;

    /// Claims jobs that can be claimed, the one that is due longest first, until `until`
    /// (Unix ms). No job is claimed by two, however many ask.
    fn claim(
        &self,
        claims: &[Claim],
        now: i64,
        until: i64,
    ) -> impl Future<Output = Result<Vec<Job>, Self::Error>> + Send;

    /// Renews a claim until then (Unix ms); `false` when it was lost.
    fn extend(
        &self,
        job: &Job,
        until: i64,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Notes what became of a job; `false` when its claim was lost, and with it the
    /// right to say so.
    fn finish(
        &self,
        job: &Job,
        end: &End,
        now: i64,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Says, from now on, whenever jobs were added.
    fn added(&self) -> BoxStream<'static, ()>;
}

type Run = dyn Fn(Job) -> BoxFuture<'static, Outcome> + Send + Sync;

/// How the jobs of one kind are run, and by what.
pub struct Handler {
    kind: &'static str,
    terms: Terms,
    run: Box<Run>,
}

impl std::fmt::Debug for Handler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handler")
            .field("kind", &self.kind)
            .field("terms", &self.terms)
            .finish_non_exhaustive()
    }
}

impl Handler {
    /// Runs the jobs of this kind.
    pub fn new<F, R>(kind: &'static str, terms: Terms, run: F) -> Self
    where
        F: Fn(Job) -> R + Send + Sync + 'static,
        R: Future<Output = Outcome> + Send + 'static,
    {
        Self {
            kind,
            terms,
            run: Box::new(move |job| Box::pin(run(job))),
        }
    }
}
