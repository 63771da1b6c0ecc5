//! Claiming jobs, running them under a lease, and noting what became of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{
    End, Failure, Handler, Job, Outcome, Plan, Queue, Resting, Scheduler, Verdict, after_failure,
};

/// How long a claim holds without a heartbeat (ms): so long after a server died
/// another one takes its jobs over.
const LEASE_MS: i64 = 60_000;
/// How often the lease of a running job is renewed.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The longest sleep: another server may have added jobs.
const IDLE_PAUSE: Duration = Duration::from_secs(2);
/// How long to wait when another server was quicker.
const LOST_PAUSE: Duration = Duration::from_millis(50);
/// How long to wait when the queue does not work.
const OUTAGE_PAUSE: Duration = Duration::from_secs(1);

/// Runs the jobs of the kinds it has handlers for. Cheap to clone.
#[derive(Debug)]
pub struct Runner<Q>(Arc<Inner<Q>>);

impl<Q> Clone for Runner<Q> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Inner<Q> {
    queue: Q,
    now_ms: Box<dyn Fn() -> i64 + Send + Sync>,
    handlers: HashMap<&'static str, Handler>,
    scheduler: Mutex<Scheduler>,
    grace: Duration,
}

impl<Q> std::fmt::Debug for Inner<Q> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner")
            .field("handlers", &self.handlers)
            .field("scheduler", &self.scheduler)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}

/// Running jobs; aborted when dropped.
type Running = JoinSet<()>;

impl<Q: Queue> Runner<Q> {
    /// A runner of these jobs, by a clock that says the time (Unix ms). `grace` is
    /// what running jobs have to finish once the server stops.
    #[must_use]
    pub fn new(
        queue: Q,
        now_ms: impl Fn() -> i64 + Send + Sync + 'static,
        handlers: Vec<Handler>,
        grace: Duration,
    ) -> Self {
        let terms = handlers.iter().map(|handler| (handler.kind, handler.terms));
        Self(Arc::new(Inner {
            queue,
            now_ms: Box::new(now_ms),
            scheduler: Mutex::new(Scheduler::new(terms)),
            handlers: handlers
                .into_iter()
                .map(|handler| (handler.kind, handler))
                .collect(),
            grace,
        }))
    }

    /// The kinds of jobs it runs, in the order of their names.
    #[must_use]
    pub fn kinds(&self) -> Vec<&'static str> {
        let mut kinds: Vec<_> = self.0.handlers.keys().copied().collect();
        kinds.sort_unstable();
        kinds
    }

    /// The groups that this runner leaves alone for now.
    #[must_use]
    pub fn resting(&self) -> Vec<Resting> {
        self.scheduler().resting(self.now())
    }

    /// Runs jobs until told to stop. Then those under way have some time to finish; the
    /// others are given back, for a server that goes on.
    pub async fn run(&self, stop: CancellationToken) {
        let mut running = Running::new();
        let give_back = CancellationToken::new();
        // Before the first look: what is added after it is heard.
        let mut added = self.0.queue.added();
        loop {
            let pause = match self.round(&mut running, &give_back).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::error!(%error, "jobs cannot be claimed");
                    OUTAGE_PAUSE
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                Some(()) = added.next() => {}
                Some(_) = running.join_next() => {
                    // What ended together needs one look.
                    while running.try_join_next().is_some() {}
                }
                () = tokio::time::sleep(pause) => {}
            }
        }
        let grace = async {
            tokio::time::sleep(self.0.grace).await;
            tracing::warn!("jobs under way are given back");
            give_back.cancel();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = async { while running.join_next().await.is_some() {} } => {}
            () = grace => {}
        }
    }

    /// Runs everything that can run now, and what that makes due now, to its end.
    /// Returns how many jobs ran.
    ///
    /// # Errors
    /// When the queue does not work.
    pub async fn work_off(&self) -> Result<usize, Q::Error> {
        let mut running = Running::new();
        let never = CancellationToken::new();
        let mut done = 0;
        loop {
            self.round(&mut running, &never).await?;
            if running.join_next().await.is_none() {
                return Ok(done);
            }
            done += 1;
        }
    }

    /// Begins what goes next. Returns for how long there is nothing more to begin, as
    /// far as is known, unless a job ends.
    async fn round(
        &self,
        running: &mut Running,
        give_back: &CancellationToken,
    ) -> Result<Duration, Q::Error> {
        loop {
            let now = self.now();
            let heads = self.0.queue.heads().await?;
            let (mut due, mut next) = (Vec::with_capacity(heads.len()), None::<i64>);
            for head in heads {
                if head.due_at <= now {
                    due.push(head.lane);
                } else if self.0.handlers.contains_key(head.lane.kind.as_str()) {
                    next = Some(next.map_or(head.due_at, |next| next.min(head.due_at)));
                }
            }
            let Plan { claims, look_at } = self.scheduler().plan(now, &due);
            let next = [next, look_at].into_iter().flatten().min();
            let pause = next.map_or(IDLE_PAUSE, |at| until(now, at).min(IDLE_PAUSE));
            if claims.is_empty() {
                return Ok(pause);
            }
            let most: usize = claims.iter().map(|claim| claim.most).sum();
            let jobs = self.0.queue.claim(&claims, now, now + LEASE_MS).await?;
            let claimed = jobs.len();
            for job in jobs {
                self.scheduler().begun(&job.id, &job.lane, now);
                let (runner, give_back) = (self.clone(), give_back.clone());
                running.spawn(async move { runner.run_one(job, &give_back).await });
            }
            match claimed {
                0 => return Ok(pause.min(LOST_PAUSE)),
                // When the next job of an emptied lane is due is not known.
                _ if claimed < most => {}
                _ => return Ok(pause),
            }
        }
    }

    async fn run_one(&self, job: Job, give_back: &CancellationToken) {
        let mut entry = Entry {
            scheduler: &self.0.scheduler,
            now_ms: &self.0.now_ms,
            job: &job,
            verdict: Verdict::Nothing,
        };
        let outcome = tokio::select! {
            outcome = self.handle(&job) => outcome,
            () = give_back.cancelled() => Outcome::Later(self.now()),
            () = self.keep_lease(&job) => {
                // Another server runs it now, and notes what becomes of it.
                tracing::warn!(job_id = job.id, "the lease of a job was lost");
                return;
            }
        };
        entry.verdict = verdict(&outcome);
        let end = self.end(&job, outcome);
        match self.0.queue.finish(&job, &end, self.now()).await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(job_id = job.id, "a job was taken over before its end"),
            // The lease runs out, and the job is run again.
            Err(error) => tracing::error!(job_id = job.id, %error, "a job cannot be finished"),
        }
    }

    /// Runs the handler in a task of its own: a panic is a failed attempt.
    async fn handle(&self, job: &Job) -> Outcome {
        if job.attempts > job.max_attempts {
            return Outcome::Park(
                job.last_error
                    .clone()
                    .unwrap_or_else(|| "The server stopped in the middle of every attempt.".into()),
            );
        }
        let Some(handler) = self.0.handlers.get(job.lane.kind.as_str()) else {
            // None is claimed whose kind has no handler.
            return Outcome::Later(self.now());
        };
        let mut task = JoinSet::new();
        task.spawn((handler.run)(job.clone()));
        match tokio::time::timeout(handler.terms.limit, task.join_next()).await {
            Ok(Some(Ok(outcome))) => outcome,
            Ok(Some(Err(error))) => {
                tracing::error!(job_id = job.id, kind = handler.kind, %error, "a handler panicked");
                Outcome::Retry("The handler panicked; the server's log says where.".to_owned())
            }
            Ok(None) => Outcome::Retry("The handler did not run.".to_owned()),
            Err(_) => {
                let limit = handler.terms.limit.as_secs();
                tracing::error!(
                    job_id = job.id,
                    kind = handler.kind,
                    limit,
                    "a job was cut short"
                );
                Outcome::Retry(format!("It took longer than {limit} seconds."))
            }
        }
    }

    /// Renews the lease as long as it can be; returns when it was lost.
    async fn keep_lease(&self, job: &Job) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            match self.0.queue.extend(job, self.now() + LEASE_MS).await {
                Ok(true) => {}
                Ok(false) => return,
                // It may be back before the lease runs out.
                Err(error) => tracing::warn!(job_id = job.id, %error, "a lease cannot be renewed"),
            }
        }
    }

    fn end(&self, job: &Job, outcome: Outcome) -> End {
        let now = self.now();
        let kind = &job.lane.kind;
        match outcome {
            Outcome::Done => End::Done,
            Outcome::Later(at) | Outcome::Unanswered(at) | Outcome::Rest(at) => End::Later(at),
            Outcome::Park(reason) => {
                tracing::warn!(job_id = job.id, kind, "job parked");
                End::Parked(reason)
            }
            Outcome::Retry(reason) => {
                match after_failure(job.attempts, job.max_attempts, now, rand::random()) {
                    Failure::RetryAt(at) => End::Retry { at, reason },
                    Failure::Park => {
                        tracing::warn!(job_id = job.id, kind, "job parked");
                        End::Parked(reason)
                    }
                }
            }
        }
    }

    fn now(&self) -> i64 {
        (self.0.now_ms)()
    }

    fn scheduler(&self) -> MutexGuard<'_, Scheduler> {
        locked(&self.0.scheduler)
    }
}

/// A running job, as the scheduler knows it; given back however it ends.
struct Entry<'a> {
    scheduler: &'a Mutex<Scheduler>,
    now_ms: &'a (dyn Fn() -> i64 + Send + Sync),
    job: &'a Job,
    verdict: Verdict,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        let now = (self.now_ms)();
        let (id, lane) = (&self.job.id, &self.job.lane);
        locked(self.scheduler).ended(id, lane, now, self.verdict);
    }
}

fn locked(scheduler: &Mutex<Scheduler>) -> MutexGuard<'_, Scheduler> {
    scheduler.lock().unwrap_or_else(PoisonError::into_inner)
}

fn verdict(outcome: &Outcome) -> Verdict {
    match outcome {
        Outcome::Done | Outcome::Later(_) => Verdict::Answered,
        Outcome::Unanswered(_) => Verdict::Unanswered,
        Outcome::Rest(until) => Verdict::Rest(*until),
        Outcome::Retry(_) | Outcome::Park(_) => Verdict::Nothing,
    }
}

fn until(now: i64, at: i64) -> Duration {
    Duration::from_millis(u64::try_from(at - now).unwrap_or(0))
}
