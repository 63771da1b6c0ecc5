//! Jobs: claimed once, run at least once, taken over, retried, parked.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use server::clock::Clock;
use server::config::Database;
use server::deeds::Author;
use server::jobs::{self, Claim, End, Handler, Job, Lane, NewJob, Outcome, Runner, Terms};
use server::store::{Store, Tenant};
use tokio::sync::{Barrier, Notify};
use tokio_util::sync::CancellationToken;
use work::Queue as _;

use crate::bench::{Bench, somebody};
use crate::support::Scratch;

const KIND: &str = "test.count";
const GRACE: Duration = Duration::from_secs(5);

/// So many at the same time, whosever they are.
fn terms(at_once: usize) -> Terms {
    Terms {
        at_once,
        each: at_once,
        patience: None,
        apart: None,
        limit: Duration::from_secs(60),
    }
}

/// What a server does that dies right afterwards.
async fn claim(store: &Store, tenant: &Tenant, now: i64, until: i64) -> Vec<Job> {
    let lane = Lane {
        kind: KIND.to_owned(),
        group: tenant.id().to_owned(),
        owner: tenant.id().to_owned(),
    };
    store
        .claim(&[Claim { lane, most: 9 }], now, until)
        .await
        .unwrap()
}

type Effects = Arc<Mutex<BTreeMap<i64, u32>>>;

fn job(number: i64, run_at: i64) -> NewJob {
    NewJob {
        kind: KIND,
        group: None,
        dedupe_key: Some(format!("number {number}")),
        payload: json!({"number": number}),
        run_at,
        max_attempts: 3,
    }
}

/// Counts how often each job was run.
fn counting(effects: &Effects) -> Handler<()> {
    let effects = Arc::clone(effects);
    Handler::new(KIND, terms(8), move |(), _, job| {
        let effects = Arc::clone(&effects);
        async move {
            let number = job.payload["number"].as_i64().unwrap();
            // Others get their turn in the middle of it.
            tokio::task::yield_now().await;
            *effects.lock().unwrap().entry(number).or_default() += 1;
            Outcome::Done
        }
    })
}

/// A runner of one kind of jobs, in an app of nothing.
fn runner(store: &Store, clock: Clock, handler: Handler<()>, grace: Duration) -> Runner {
    jobs::runner(store, clock, vec![handler], || Some(()), grace)
}

fn clock(now: &Arc<AtomicI64>) -> Clock {
    let now = Arc::clone(now);
    Clock::from_fn(move || now.load(Ordering::SeqCst))
}

async fn tenant(store: &Store) -> Tenant {
    store
        .tenants()
        .upsert("t1", "Sunrise", "Europe/Berlin", 1)
        .await
        .unwrap()
}

/// A store, a tenant and a clock that stands at 1,000.
async fn set(scratch: &Scratch) -> (Store, Tenant, Arc<AtomicI64>) {
    let store = scratch.store().await;
    let tenant = tenant(&store).await;
    (store, tenant, Arc::new(AtomicI64::new(1000)))
}

async fn done(store: Store, scratch: Scratch) {
    store.close().await;
    scratch.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_database_run_every_job_once() {
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        // SQLite has one server; two runners of it share its store.
        let other = match scratch.database {
            Database::Sqlite(_) => store.clone(),
            Database::Postgres(_) => scratch.store().await,
        };
        let tenant = tenant(&store).await;
        for number in 0..500 {
            store.jobs().add(&tenant, &job(number, 0), 1).await.unwrap();
        }
        let effects = Effects::default();
        let of = |store: &Store| runner(store, Clock::system(), counting(&effects), GRACE);
        let (one, two) = (of(&store), of(&other));
        let (first, second) = tokio::join!(one.work_off(), two.work_off());
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!(first + second, 500);
        let effects = effects.lock().unwrap().clone();
        assert_eq!(effects.len(), 500);
        assert!(effects.values().all(|times| *times == 1), "{effects:?}");
        assert_eq!(store.jobs().queue(&tenant).await.unwrap(), []);
        other.close().await;
        done(store, scratch).await;
    }
}

#[tokio::test]
async fn a_dead_server_s_job_is_taken_over_and_it_has_no_say_any_more() {
    for scratch in Scratch::each().await {
        let (store, tenant, now) = set(&scratch).await;
        store.jobs().add(&tenant, &job(1, 0), 1000).await.unwrap();
        // This server dies with the job.
        let claimed = claim(&store, &tenant, 1000, 61_000).await;
        assert_eq!((claimed.len(), claimed[0].attempts), (1, 1));
        let effects = Effects::default();
        let runner = runner(&store, clock(&now), counting(&effects), GRACE);
        now.store(60_999, Ordering::SeqCst);
        assert_eq!(runner.work_off().await.unwrap(), 0, "the lease still holds");
        assert!(store.extend(&claimed[0], 70_000).await.unwrap());
        now.store(69_999, Ordering::SeqCst);
        assert_eq!(runner.work_off().await.unwrap(), 0, "it was renewed");
        now.store(70_000, Ordering::SeqCst);
        assert_eq!(runner.work_off().await.unwrap(), 1);
        assert_eq!(effects.lock().unwrap()[&1], 1);
        // It was not dead after all.
        let end = End::Parked("late".to_owned());
        assert!(!store.finish(&claimed[0], &end, 70_001).await.unwrap());
        assert!(!store.extend(&claimed[0], 99_000).await.unwrap());
        assert_eq!(store.jobs().queue(&tenant).await.unwrap(), []);
        done(store, scratch).await;
    }
}

#[tokio::test]
async fn a_job_that_kills_every_server_is_parked() {
    let scratch = Scratch::sqlite();
    let (store, tenant, now) = set(&scratch).await;
    store.jobs().add(&tenant, &job(1, 0), 1000).await.unwrap();
    for attempt in 1..=3 {
        let at = attempt * 100_000;
        let claimed = claim(&store, &tenant, at, at + 1).await;
        assert_eq!(claimed.len(), 1);
    }
    now.store(400_000, Ordering::SeqCst);
    let effects = Effects::default();
    let runner = runner(&store, clock(&now), counting(&effects), GRACE);
    assert_eq!(runner.work_off().await.unwrap(), 1);
    assert!(effects.lock().unwrap().is_empty());
    let parked = store.jobs().parked(&tenant, None, 10).await.unwrap();
    let reason = parked[0].last_error.as_deref().unwrap();
    assert!(reason.contains("stopped in the middle"), "{reason}");
    done(store, scratch).await;
}

/// Fails or panics, as its job says.
fn failing() -> Handler<()> {
    Handler::new(KIND, terms(2), |(), _, job| async move {
        assert_ne!(job.payload["number"], 13, "on purpose");
        Outcome::Retry(format!("attempt {} failed", job.attempts))
    })
}

#[tokio::test]
async fn failures_are_repeated_later_then_parked_until_somebody_decides() {
    for scratch in Scratch::each().await {
        let (store, tenant, now) = set(&scratch).await;
        let runner = runner(&store, clock(&now), failing(), GRACE);
        for number in [1, 2, 13] {
            store
                .jobs()
                .add(&tenant, &job(number, 0), 1000)
                .await
                .unwrap();
        }
        for _ in 0..3 {
            assert_eq!(runner.work_off().await.unwrap(), 3);
            assert_eq!(runner.work_off().await.unwrap(), 0, "not at once");
            now.fetch_add(10_000, Ordering::SeqCst);
        }
        let parked = store.jobs().parked(&tenant, None, 10).await.unwrap();
        assert_eq!(parked.len(), 3);
        assert!(parked.iter().all(|job| job.attempts == 3));
        let reasons: Vec<_> = parked
            .iter()
            .map(|job| job.last_error.clone().unwrap())
            .collect();
        assert!(reasons[0].contains("panicked"), "{reasons:?}");
        assert_eq!(reasons[1], "attempt 3 failed");
        let queue = store.jobs().queue(&tenant).await.unwrap();
        assert_eq!((queue[0].state.as_str(), queue[0].count), ("parked", 3));
        let second_page = store.jobs().parked(&tenant, Some(&parked[1].id), 10).await;
        assert_eq!(second_page.unwrap(), parked[2..]);

        // Only its own business may decide.
        let other = store
            .tenants()
            .upsert("t2", "Other", "UTC", 1)
            .await
            .unwrap();
        let author = Author::operator();
        let (id, last) = (&parked[1].id, &parked[2].id);
        assert!(!store.jobs().retry(&other, id, &author, 1).await.unwrap());
        assert!(!store.jobs().discard(&other, id, &author, 1).await.unwrap());
        let at = now.load(Ordering::SeqCst);
        assert!(store.jobs().retry(&tenant, id, &author, at).await.unwrap());
        assert!(!store.jobs().retry(&tenant, id, &author, at).await.unwrap());
        assert!(
            store
                .jobs()
                .discard(&tenant, last, &author, at)
                .await
                .unwrap()
        );
        assert_eq!(runner.work_off().await.unwrap(), 1);
        let left = store.jobs().parked(&tenant, None, 10).await.unwrap();
        assert_eq!(left.len(), 1, "one runs again, one is gone");
        let trail = store.audit_events().page(&tenant, None, 10).await.unwrap();
        let actions: Vec<_> = trail.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(actions, ["job.discarded", "job.retried"]);
        done(store, scratch).await;
    }
}

#[tokio::test]
async fn the_same_key_is_the_same_job_until_it_is_forgotten() {
    for scratch in Scratch::each().await {
        let (store, tenant, now) = set(&scratch).await;
        let other = store
            .tenants()
            .upsert("t2", "Other", "UTC", 1)
            .await
            .unwrap();
        let effects = Effects::default();
        let runner = runner(&store, clock(&now), counting(&effects), GRACE);
        let run = async || {
            store.jobs().add(&tenant, &job(1, 0), 1000).await.unwrap();
            store.jobs().add(&other, &job(1, 0), 1000).await.unwrap();
            runner.work_off().await.unwrap()
        };
        assert_eq!(run().await, 2, "businesses do not share keys");
        assert_eq!(run().await, 0);
        store.jobs().forget_finished(1000, 500).await.unwrap();
        assert_eq!(run().await, 0);
        store.jobs().forget_finished(1001, 500).await.unwrap();
        assert_eq!(run().await, 2);
        done(store, scratch).await;
    }
}

#[tokio::test]
async fn a_job_waits_for_its_time_and_for_a_free_slot() {
    let scratch = Scratch::sqlite();
    let (store, tenant, now) = set(&scratch).await;
    let most = Arc::new(Mutex::new((0_u32, 0_u32)));
    // Opens when two are there at the same time.
    let two = Arc::new(Barrier::new(2));
    let counted = Arc::clone(&most);
    let handler = Handler::new(KIND, terms(2), move |(), _, _| {
        let (counted, two) = (Arc::clone(&counted), Arc::clone(&two));
        async move {
            {
                let mut counts = counted.lock().unwrap();
                counts.0 += 1;
                counts.1 = counts.1.max(counts.0);
            }
            two.wait().await;
            counted.lock().unwrap().0 -= 1;
            Outcome::Done
        }
    });
    let runner = runner(&store, clock(&now), handler, GRACE);
    for number in 0..10 {
        store
            .jobs()
            .add(&tenant, &job(number, 5000), 1)
            .await
            .unwrap();
    }
    assert_eq!(runner.work_off().await.unwrap(), 0);
    now.store(5000, Ordering::SeqCst);
    assert_eq!(runner.work_off().await.unwrap(), 10);
    assert_eq!(most.lock().unwrap().1, 2);
    done(store, scratch).await;
}

#[tokio::test]
async fn a_stop_finishes_what_it_can_and_gives_the_rest_back() {
    for scratch in Scratch::each().await {
        let (store, tenant, _) = set(&scratch).await;
        let (begun, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (hand_begun, hand_finish) = (Arc::clone(&begun), Arc::clone(&finish));
        let handler = Handler::new(KIND, terms(4), move |(), _, job| {
            let (begun, finish) = (Arc::clone(&hand_begun), Arc::clone(&hand_finish));
            async move {
                begun.notify_one();
                if job.payload["number"] == 1 {
                    finish.notified().await;
                    return Outcome::Done;
                }
                std::future::pending().await
            }
        });
        let grace = Duration::from_millis(200);
        let runner = runner(&store, Clock::system(), handler, grace);
        let stop = CancellationToken::new();
        let running = {
            let (runner, stop) = (runner.clone(), stop.clone());
            tokio::spawn(async move { runner.run(stop).await })
        };
        // The runner is woken by the commit.
        for number in [1, 2] {
            store.jobs().add(&tenant, &job(number, 0), 1).await.unwrap();
            begun.notified().await;
        }
        stop.cancel();
        finish.notify_one();
        running.await.unwrap();
        let queue = store.jobs().queue(&tenant).await.unwrap();
        assert_eq!(queue.len(), 1, "{queue:?}");
        assert_eq!((queue[0].state.as_str(), queue[0].count), ("waiting", 1));
        let now = Clock::system().now_ms();
        let again = claim(&store, &tenant, now, now + 1).await;
        assert_eq!(again[0].attempts, 1, "a stop is no attempt");
        done(store, scratch).await;
    }
}

#[tokio::test]
async fn nothing_leaves_in_the_name_of_a_business_that_is_switched_off() {
    let bench = Bench::set(Scratch::sqlite()).await;
    let (store, tenant) = (&bench.app.store, &bench.tenant);
    let kinds = [
        "hook.deliver",
        "crm.write",
        "sms.send",
        "calendar.write",
        "calcom.follow",
    ];
    for kind in kinds {
        // One that names nothing is parked as soon as somebody looks at it.
        let job = NewJob {
            kind,
            payload: json!({}),
            ..job(0, 0)
        };
        store.jobs().add(tenant, &job, bench.now()).await.unwrap();
    }
    let tenants = store.tenants();
    tenants
        .disable(tenant, &somebody(), bench.now())
        .await
        .unwrap();
    assert_eq!(bench.work_off().await, kinds.len());
    let parked = async || store.jobs().parked(tenant, None, 10).await.unwrap().len();
    assert_eq!(parked().await, 0);
    tenants
        .enable(tenant, &somebody(), bench.now())
        .await
        .unwrap();
    bench.pass(Duration::from_secs(11 * 60));
    assert_eq!(bench.work_off().await, kinds.len());
    assert_eq!(parked().await, kinds.len());
    bench.clear().await;
}
