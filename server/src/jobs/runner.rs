//! Claiming jobs, running them under a lease, and noting what became of them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{Failure, Handler, Job, JobEnd, Outcome, after_failure};
use crate::bus::Topic;
use crate::clock::{Clock, DAY_MS};
use crate::store::{Store, StoreError};

/// How long a claim holds without a heartbeat (ms): so long after a server died
/// another one takes its jobs over.
const LEASE_MS: i64 = 60_000;
/// How often the lease of a running job is renewed.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// The longest sleep: another server may have added jobs.
const IDLE_PAUSE: Duration = Duration::from_secs(2);
/// How long to wait when the database does not work.
const OUTAGE_PAUSE: Duration = Duration::from_secs(1);
/// How often finished jobs are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(10 * 60);
/// How long a finished job is remembered, and its key with it (ms).
const REMEMBERED_MS: i64 = 3 * DAY_MS;

/// Runs the jobs of the kinds it has handlers for. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Runner {
    store: Store,
    clock: Clock,
    kinds: Arc<[Kind]>,
    grace: Duration,
}

#[derive(Debug)]
struct Kind {
    handler: Handler,
    free: Arc<Semaphore>,
}

/// Running jobs; aborted when dropped.
type Running = JoinSet<()>;

impl Runner {
    /// A runner for these kinds. `grace` is what running jobs have to finish
    /// once the server stops.
    #[must_use]
    pub fn new(store: Store, clock: Clock, handlers: Vec<Handler>, grace: Duration) -> Self {
        let kinds = handlers
            .into_iter()
            .map(|handler| Kind {
                free: Arc::new(Semaphore::new(handler.at_once)),
                handler,
            })
            .collect();
        Self {
            store,
            clock,
            kinds,
            grace,
        }
    }

    /// The kinds of jobs it runs.
    #[must_use]
    pub fn kinds(&self) -> Vec<&'static str> {
        self.kinds.iter().map(|kind| kind.handler.kind).collect()
    }

    /// Runs jobs until told to stop. Then those under way have some time to
    /// finish; the others are given back, for a server that goes on.
    pub async fn run(&self, stop: CancellationToken) {
        let mut running = Running::new();
        let give_back = CancellationToken::new();
        let mut forget = tokio::time::interval(FORGET_EVERY);
        // Before the first look: what is added after it is heard.
        let mut added = self.store.bus().listen(Topic::Jobs);
        loop {
            let pause = match self.claim_all(&mut running, &give_back).await {
                Ok(()) => self.until_next().await,
                Err(error) => {
                    tracing::error!(%error, "jobs cannot be claimed");
                    OUTAGE_PAUSE
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                _ = added.next() => {
                    // Said ten times, it still means one look.
                    added.heard();
                }
                // A slot became free.
                Some(_) = running.join_next() => {}
                () = tokio::time::sleep(pause) => {}
                _ = forget.tick() => self.forget().await,
            }
        }
        let grace = async {
            tokio::time::sleep(self.grace).await;
            tracing::warn!("jobs under way are given back");
            give_back.cancel();
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = async { while running.join_next().await.is_some() {} } => {}
            () = grace => {}
        }
    }

    /// Runs everything that is due now, and what that makes due now, to its end.
    /// Returns how many jobs ran.
    pub async fn work_off(&self) -> Result<usize, StoreError> {
        let mut running = Running::new();
        let never = CancellationToken::new();
        let mut done = 0;
        loop {
            self.claim_all(&mut running, &never).await?;
            if running.join_next().await.is_none() {
                return Ok(done);
            }
            done += 1;
        }
    }

    async fn claim_all(
        &self,
        running: &mut Running,
        give_back: &CancellationToken,
    ) -> Result<(), StoreError> {
        for (index, kind) in self.kinds.iter().enumerate() {
            let free = kind.free.available_permits();
            let now = self.clock.now_ms();
            // Reading first: on SQLite a claim is everybody's writing turn.
            let due = self.store.next_job_due(kind.handler.kind).await?;
            if free == 0 || due.is_none_or(|due| due > now) {
                continue;
            }
            let jobs = self
                .store
                .claim_jobs(kind.handler.kind, free, now, now + LEASE_MS)
                .await?;
            for job in jobs {
                // One for each: they were counted, and only this loop takes them.
                let slot = Arc::clone(&kind.free).try_acquire_owned();
                let (runner, give_back) = (self.clone(), give_back.clone());
                running.spawn(async move {
                    runner.run_one(index, job, &give_back).await;
                    drop(slot);
                });
            }
        }
        Ok(())
    }

    /// How long nothing of ours is due, as far as is known.
    async fn until_next(&self) -> Duration {
        let mut pause = IDLE_PAUSE;
        for kind in self.kinds.iter() {
            // A full kind waits for one of its own to end.
            if kind.free.available_permits() == 0 {
                continue;
            }
            match self.store.next_job_due(kind.handler.kind).await {
                Ok(Some(due)) => {
                    let wait = u64::try_from(due - self.clock.now_ms()).unwrap_or(0);
                    pause = pause.min(Duration::from_millis(wait));
                }
                Ok(None) => {}
                Err(_) => return OUTAGE_PAUSE,
            }
        }
        pause
    }

    async fn run_one(&self, kind: usize, job: Job, give_back: &CancellationToken) {
        let outcome = tokio::select! {
            outcome = self.handle(kind, &job) => outcome,
            () = give_back.cancelled() => Outcome::Later(self.clock.now_ms()),
            () = self.keep_lease(&job) => {
                // Another server runs it now, and notes what becomes of it.
                tracing::warn!(job_id = job.id, "the lease of a job was lost");
                return;
            }
        };
        let end = self.end(&job, outcome);
        match self.store.finish_job(&job, &end, self.clock.now_ms()).await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(job_id = job.id, "a job was taken over before its end"),
            // The lease runs out, and the job is run again.
            Err(error) => tracing::error!(job_id = job.id, %error, "a job cannot be finished"),
        }
    }

    /// Runs the handler in a task of its own: a panic is a failed attempt.
    async fn handle(&self, kind: usize, job: &Job) -> Outcome {
        if job.attempts > job.max_attempts {
            return Outcome::Park(
                job.last_error
                    .clone()
                    .unwrap_or_else(|| "The server stopped in the middle of every attempt.".into()),
            );
        }
        let tenant = match self.store.tenant(&job.tenant_id).await {
            Ok(Some(tenant)) => tenant,
            Ok(None) => return Outcome::Done,
            Err(error) => return Outcome::Retry(error.to_string()),
        };
        let work = (self.kinds[kind].handler.run)(tenant, job.clone());
        let mut task = JoinSet::new();
        task.spawn(work);
        match task.join_next().await {
            Some(Ok(outcome)) => outcome,
            Some(Err(error)) => {
                tracing::error!(job_id = job.id, kind = job.kind, %error, "a handler panicked");
                Outcome::Retry("The handler panicked; the server's log says where.".to_owned())
            }
            None => Outcome::Retry("The handler did not run.".to_owned()),
        }
    }

    /// Renews the lease as long as it can be; returns when it was lost.
    async fn keep_lease(&self, job: &Job) {
        loop {
            tokio::time::sleep(HEARTBEAT).await;
            let until = self.clock.now_ms() + LEASE_MS;
            match self.store.extend_lease(job, until).await {
                Ok(true) => {}
                Ok(false) => return,
                // It may be back before the lease runs out.
                Err(error) => tracing::warn!(job_id = job.id, %error, "a lease cannot be renewed"),
            }
        }
    }

    fn end(&self, job: &Job, outcome: Outcome) -> JobEnd {
        let now = self.clock.now_ms();
        match outcome {
            Outcome::Done => JobEnd::Done,
            Outcome::Later(at) => JobEnd::Later(at),
            Outcome::Park(reason) => {
                tracing::warn!(job_id = job.id, kind = job.kind, "job parked");
                JobEnd::Parked(reason)
            }
            Outcome::Retry(reason) => {
                match after_failure(job.attempts, job.max_attempts, now, rand::random()) {
                    Failure::RetryAt(at) => JobEnd::Retry { at, reason },
                    Failure::Park => {
                        tracing::warn!(job_id = job.id, kind = job.kind, "job parked");
                        JobEnd::Parked(reason)
                    }
                }
            }
        }
    }

    async fn forget(&self) {
        let before = self.clock.now_ms() - REMEMBERED_MS;
        if let Err(error) = self.store.forget_finished_jobs(before).await {
            tracing::error!(%error, "finished jobs cannot be forgotten");
        }
    }
}
