//! Work that outlives a request: a job is added in the transaction of what caused it
//! ([`Jobs::enqueue`]) and run at least once, by whichever server claims it first, on
//! the engine of the crate `work`. Here are its jobs: where they are kept, and whose
//! they are.

mod parked;
mod store;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;
use futures_util::future::BoxFuture;
use serde_json::Value;

pub use parked::Parked;
pub use store::{Jobs, ParkedJob, QueueRow};
pub use work::{Claim, End, Head, Job, Lane, Outcome, Terms};

use crate::clock::{Clock, MINUTE_MS};
use crate::store::{Store, Tenant};

/// Runs the jobs of this database.
pub type Runner = work::Runner<Store>;

/// A job to be added.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    /// Which handler runs it.
    pub kind: &'static str,
    /// Whom it needs, such as an endpoint or a Retell account: one that does not answer
    /// keeps only its own jobs waiting. Where it needs nobody, its business.
    pub group: Option<String>,
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

impl NewJob {
    /// Where it waits.
    fn lane(&self, tenant: &Tenant) -> Lane {
        Lane {
            kind: self.kind.to_owned(),
            group: self.group.as_deref().unwrap_or(tenant.id()).to_owned(),
            owner: tenant.id().to_owned(),
        }
    }
}

type Run<S> = dyn Fn(&S, Tenant, Job) -> BoxFuture<'static, Outcome> + Send + Sync;

type AppOf<S> = dyn Fn() -> Option<S> + Send + Sync;

/// How the jobs of one kind are run, in an app that shares an `S`.
pub struct Handler<S> {
    kind: &'static str,
    terms: Terms,
    reaches_out: bool,
    while_switched_on: bool,
    run: Box<Run<S>>,
}

/// What waits for its business to be switched on looks again after so long (ms).
const SWITCHED_OFF_MS: i64 = 10 * MINUTE_MS;

impl<S> std::fmt::Debug for Handler<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handler")
            .field("kind", &self.kind)
            .field("terms", &self.terms)
            .finish_non_exhaustive()
    }
}

impl<S: Send + Sync + 'static> Handler<S> {
    /// Runs jobs of this kind on these terms, with a domain's part of the app.
    pub fn new<C, F, R>(kind: &'static str, terms: Terms, run: F) -> Self
    where
        C: FromRef<S>,
        F: Fn(C, Tenant, Job) -> R + Send + Sync + 'static,
        R: Future<Output = Outcome> + Send + 'static,
    {
        Self {
            kind,
            terms,
            reaches_out: false,
            while_switched_on: false,
            run: Box::new(move |app, tenant, job| Box::pin(run(C::from_ref(app), tenant, job))),
        }
    }

    /// Says that somebody outside hears of what these jobs do: doing it once more is not
    /// doing nothing.
    #[must_use]
    pub(crate) fn reaching_out(self) -> Self {
        let reaches_out = true;
        Self {
            reaches_out,
            ..self
        }
    }

    /// Has these jobs wait as long as their business is switched off: nothing leaves this server
    /// in its name meanwhile, and nothing of it is lost.
    #[must_use]
    pub(crate) fn while_switched_on(self) -> Self {
        let while_switched_on = true;
        Self {
            while_switched_on,
            ..self
        }
    }

    /// The kind of its jobs, where they reach out.
    pub(crate) fn outward_kind(&self) -> Option<&'static str> {
        self.reaches_out.then_some(self.kind)
    }

    /// The same for the engine, which knows of businesses only that they take turns.
    fn of_engine(self, store: Store, clock: Clock, app: Arc<AppOf<S>>) -> work::Handler {
        let run: Arc<Run<S>> = self.run.into();
        let waits = self.while_switched_on;
        work::Handler::new(self.kind, self.terms, move |job: Job| {
            let (store, clock) = (store.clone(), clock.clone());
            let (run, app) = (Arc::clone(&run), app());
            async move {
                let tenant = match store.tenant(&job.lane.owner).await {
                    Ok(Some(tenant)) => tenant,
                    Ok(None) => return Outcome::Done,
                    Err(error) => return Outcome::Retry(error.to_string()),
                };
                if waits {
                    match store.is_switched_on(&tenant).await {
                        Ok(true) => {}
                        Ok(false) => return Outcome::Rest(clock.now_ms() + SWITCHED_OFF_MS),
                        Err(error) => return Outcome::Retry(error.to_string()),
                    }
                }
                match app {
                    Some(app) => run(&app, tenant, job).await,
                    None => Outcome::Retry("the server is gone".to_owned()),
                }
            }
        })
    }
}

/// A runner for these kinds, in an app that is there as long as it serves. `grace` is
/// what running jobs have to finish once the server stops.
#[must_use]
pub fn runner<S: Send + Sync + 'static>(
    store: &Store,
    clock: Clock,
    handlers: Vec<Handler<S>>,
    app: impl Fn() -> Option<S> + Send + Sync + 'static,
    grace: Duration,
) -> Runner {
    let app: Arc<AppOf<S>> = Arc::new(app);
    let of_engine =
        |handler: Handler<S>| handler.of_engine(store.clone(), clock.clone(), Arc::clone(&app));
    let handlers = handlers.into_iter().map(of_engine).collect();
    Runner::new(store.clone(), move || clock.now_ms(), handlers, grace)
}
