//! Jobs on a queue in memory: none lost, none run twice at the same time, whatever
//! their handlers do and whoever dies.

#![expect(
    clippy::unwrap_used,
    reason = "a function that a test calls may fail the test"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream::{self, BoxStream, StreamExt as _};
use proptest::prelude::*;
use work::{Claim, End, Handler, Head, Job, Lane, Outcome, Queue, Runner, Terms};

const KIND: &str = "test";

#[derive(Debug, Clone)]
struct Row {
    job: Job,
    due_at: Option<i64>,
    end: Option<End>,
}

#[derive(Debug, Clone, Default)]
struct Memory(Arc<Mutex<Vec<Row>>>);

impl Memory {
    fn add(&self, owner: &str, group: &str, max_attempts: u32) {
        let mut rows = self.0.lock().unwrap();
        let job = Job {
            id: format!("{:04}", rows.len()),
            lane: Lane {
                kind: KIND.to_owned(),
                group: group.to_owned(),
                owner: owner.to_owned(),
            },
            payload: serde_json::Value::Null,
            attempts: 0,
            max_attempts,
            last_error: None,
            claim: String::new(),
        };
        rows.push(Row {
            job,
            due_at: Some(0),
            end: None,
        });
    }
}

impl Queue for Memory {
    type Error = std::convert::Infallible;

    async fn heads(&self) -> Result<Vec<Head>, Self::Error> {
        let rows = self.0.lock().unwrap();
        let mut heads: BTreeMap<Lane, i64> = BTreeMap::new();
        for row in rows.iter() {
            if let Some(due_at) = row.due_at {
                let head = heads.entry(row.job.lane.clone()).or_insert(due_at);
                *head = due_at.min(*head);
            }
        }
        let head = |(lane, due_at)| Head { lane, due_at };
        Ok(heads.into_iter().map(head).collect())
    }

    async fn claim(&self, claims: &[Claim], now: i64, until: i64) -> Result<Vec<Job>, Self::Error> {
        let mut rows = self.0.lock().unwrap();
        let mut jobs = Vec::new();
        for claim in claims {
            let is_due = |row: &&mut Row| {
                row.job.lane == claim.lane && row.due_at.is_some_and(|due_at| due_at <= now)
            };
            for row in rows.iter_mut().filter(is_due).take(claim.most) {
                row.due_at = Some(until);
                row.job.attempts += 1;
                row.job.claim = format!("{now}-{}", row.job.attempts);
                jobs.push(row.job.clone());
            }
        }
        Ok(jobs)
    }

    async fn extend(&self, job: &Job, until: i64) -> Result<bool, Self::Error> {
        let mut rows = self.0.lock().unwrap();
        let held = rows
            .iter_mut()
            .find(|row| (&row.job.id, &row.job.claim) == (&job.id, &job.claim));
        Ok(held.map(|row| row.due_at = Some(until)).is_some())
    }

    async fn finish(&self, job: &Job, end: &End, _: i64) -> Result<bool, Self::Error> {
        let mut rows = self.0.lock().unwrap();
        let held = rows
            .iter_mut()
            .find(|row| (&row.job.id, &row.job.claim) == (&job.id, &job.claim));
        let Some(row) = held else { return Ok(false) };
        row.due_at = match end {
            End::Done | End::Parked(_) => None,
            End::Later(at) | End::Retry { at, .. } => Some(*at),
        };
        if matches!(end, End::Later(_)) {
            row.job.attempts = 0;
        }
        row.end = Some(end.clone());
        Ok(true)
    }

    fn added(&self) -> BoxStream<'static, ()> {
        stream::pending().boxed()
    }
}

fn terms(limit: Duration) -> Terms {
    Terms {
        at_once: 3,
        each: 2,
        patience: Some(Duration::from_secs(1)),
        apart: None,
        limit,
    }
}

/// What a handler does at its first attempts, before it is done.
#[derive(Debug, Clone, Copy)]
enum Mood {
    Works,
    Panics,
    Fails,
    Waits,
    GetsNoAnswer,
}

fn mood() -> impl Strategy<Value = Mood> {
    prop_oneof![
        Just(Mood::Works),
        Just(Mood::Panics),
        Just(Mood::Fails),
        Just(Mood::Waits),
        Just(Mood::GetsNoAnswer),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Two servers on one queue, one of which is dropped in the middle of its work with
    /// all it had claimed.
    #[test]
    fn every_job_is_done_and_never_by_two_at_once(
        moods in prop::collection::vec(mood(), 1..40), dies_after in 0_usize..30,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(two_servers(moods, dies_after));
    }
}

async fn two_servers(moods: Vec<Mood>, dies_after: usize) {
    let memory = Memory::default();
    for number in 0..moods.len() {
        memory.add(&format!("o{}", number % 4), &format!("g{}", number % 3), 9);
    }
    let now = Arc::new(AtomicI64::new(1000));
    let running = Arc::new(Mutex::new(BTreeSet::<String>::new()));
    let done = Arc::new(Mutex::new(BTreeMap::<String, u32>::new()));
    let runner = || {
        let (clock, now) = (Arc::clone(&now), Arc::clone(&now));
        let (running, done, moods) = (Arc::clone(&running), Arc::clone(&done), moods.clone());
        let handler = Handler::new(KIND, terms(Duration::from_secs(60)), move |job: Job| {
            let (running, done) = (Arc::clone(&running), Arc::clone(&done));
            let mood = moods[job.id.parse::<usize>().unwrap()];
            let now = now.load(Ordering::SeqCst);
            async move {
                let is_first = job.attempts == 1 && job.last_error.is_none();
                if !running.lock().unwrap().insert(job.id.clone()) {
                    done.lock()
                        .unwrap()
                        .insert("run by two at once".to_owned(), 99);
                }
                tokio::task::yield_now().await;
                running.lock().unwrap().remove(&job.id);
                match mood {
                    Mood::Panics if job.attempts < 3 => panic!("on purpose"),
                    Mood::Fails if job.attempts < 3 => return Outcome::Retry("no".to_owned()),
                    Mood::Waits if is_first && now < 50_000 => return Outcome::Later(50_000),
                    Mood::GetsNoAnswer if now < 50_000 => return Outcome::Unanswered(50_000),
                    _ => {}
                }
                *done.lock().unwrap().entry(job.id).or_default() += 1;
                Outcome::Done
            }
        });
        let clock = move || clock.load(Ordering::SeqCst);
        Runner::new(memory.clone(), clock, vec![handler], Duration::ZERO)
    };
    let (dying, other) = (runner(), runner());
    // Dropped at some point of its work: so many turns of the executor.
    let mut work = Box::pin(dying.work_off());
    for _ in 0..dies_after {
        if futures_util::poll!(work.as_mut()).is_ready() {
            break;
        }
        tokio::task::yield_now().await;
    }
    drop(work);
    // What it ran is gone with it.
    running.lock().unwrap().clear();
    for _ in 0..200 {
        other.work_off().await.unwrap();
        // The leases of the dead end, and so do pauses.
        now.fetch_add(61_000, Ordering::SeqCst);
        if memory
            .0
            .lock()
            .unwrap()
            .iter()
            .all(|row| row.due_at.is_none())
        {
            break;
        }
    }
    let rows = memory.0.lock().unwrap();
    for row in rows.iter() {
        assert_eq!(row.end, Some(End::Done), "{row:?}");
    }
    let done = done.lock().unwrap();
    assert_eq!(done.len(), moods.len());
    // Whoever dies between the effect and its note leaves the job to be run again.
    assert!(done.values().all(|times| *times <= 2), "{done:?}");
}

#[tokio::test]
async fn a_job_that_does_not_end_is_cut_short_and_has_failed() {
    let memory = Memory::default();
    memory.add("o", "g", 1);
    let handler = Handler::new(KIND, terms(Duration::from_secs(1)), |_| {
        std::future::pending::<Outcome>()
    });
    let runner = Runner::new(memory.clone(), || 1000, vec![handler], Duration::ZERO);
    assert_eq!(runner.work_off().await.unwrap(), 1);
    let end = memory.0.lock().unwrap()[0].end.clone();
    let reason = "It took longer than 1 seconds.".to_owned();
    assert_eq!(end, Some(End::Parked(reason)));
}
