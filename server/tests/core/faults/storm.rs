//! A stream of signed webhooks from many senders at once, out of order and with
//! repetitions, and what must be true of it afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use api::desk::CallStatus;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use server::deeds::Author;
use server::notify::{EndpointChange, NewEndpoint};
use server::store::{Store, Tenant};
use sha2::{Digest, Sha256};
use sqlx::{AnyConnection, Connection, Row};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::support::{
    Scratch, a_moment, in_time, life_of_a_call, raw_connection, settled, sign, with,
};

/// Senders at once.
const SENDERS: usize = 16;
/// Calls whose webhooks are mixed with each other's.
const AT_ONCE: usize = 24;

/// When the calls of the examples connected (Unix ms).
const STARTED_AT: i64 = 1_790_000_001_000;
/// What must be there once: calls, what endpoints are told of one, the notifications
/// of that, and the jobs that send them.
const TWICE: [&str; 4] = [
    "SELECT id FROM calls GROUP BY id HAVING COUNT(*) > 1",
    "SELECT call_id, type FROM outgoing_events GROUP BY call_id, type HAVING COUNT(*) > 1",
    "SELECT event_id FROM endpoint_deliveries GROUP BY event_id, endpoint_id HAVING COUNT(*) > 1",
    "SELECT payload FROM jobs WHERE kind = 'hook.deliver' GROUP BY payload HAVING COUNT(*) > 1",
];

/// One webhook of one call.
type Event = (usize, usize);

/// What was sent so far, and what became of it. Cheap to clone.
#[derive(Clone)]
pub(super) struct Storm {
    ledger: Arc<Mutex<Ledger>>,
    acknowledged: watch::Sender<usize>,
    http: reqwest::Client,
    /// How much later than in the examples everything happens (ms): what is too
    /// old is not told to endpoints.
    later: i64,
}

struct Ledger {
    random: StdRng,
    /// Still to be sent, or to be sent again.
    waiting: Vec<Event>,
    calls: usize,
    acknowledged: BTreeSet<Event>,
    sent: usize,
    repeated: usize,
    refused: usize,
}

/// What was found in the end.
#[derive(Debug, Default)]
pub(super) struct Found {
    sent: usize,
    repeated: usize,
    pub(super) acknowledged: usize,
    pub(super) found: usize,
    pub(super) lost: usize,
    pub(super) doubled: usize,
}

impl std::fmt::Display for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            sent,
            repeated,
            acknowledged,
            found,
            lost,
            doubled,
        } = self;
        write!(
            f,
            "{sent} sent ({repeated} of them again), {acknowledged} events acknowledged, \
             {found} found, {lost} lost, {doubled} doubled"
        )
    }
}

impl Storm {
    pub(super) fn new() -> Self {
        Self {
            ledger: Arc::new(Mutex::new(Ledger::new())),
            acknowledged: watch::Sender::new(0),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            later: now_ms() - STARTED_AT - 60_000,
        }
    }

    /// Sends to this server until it has acknowledged so many more; then what is
    /// under way goes on by itself.
    pub(super) async fn blow(&self, url: &str, more: usize) -> JoinSet<()> {
        let mut senders = JoinSet::new();
        for _ in 0..SENDERS {
            let (storm, url) = (self.clone(), url.to_owned());
            senders.spawn(async move { while storm.send_one(&url).await {} });
        }
        let mut seen = self.acknowledged.subscribe();
        let until = *seen.borrow() + more;
        in_time(seen.wait_for(|count| *count >= until))
            .await
            .unwrap();
        senders
    }

    /// So many acknowledgements from now: anywhere in what the server does.
    pub(super) fn a_while(&self) -> usize {
        self.ledger.lock().unwrap().random.random_range(1..120)
    }

    /// Sends one webhook; `false` when nobody answers any more.
    async fn send_one(&self, url: &str) -> bool {
        let event = self.ledger.lock().unwrap().take();
        let body = self.body(event);
        let now = now_ms();
        let answer = self
            .http
            .post(format!("{url}/api/webhooks/retell"))
            .header("x-retell-signature", sign(body.as_bytes(), now))
            .body(body)
            .send()
            .await;
        let mut ledger = self.ledger.lock().unwrap();
        match answer.map(|answer| answer.status().as_u16()) {
            Ok(204) => {
                ledger.acknowledged.insert(event);
                drop(ledger);
                self.acknowledged.send_modify(|count| *count += 1);
                true
            }
            // Its database is away, or its clock is off.
            Ok(503 | 401) => {
                ledger.refused += 1;
                ledger.waiting.push(event);
                true
            }
            Ok(status) => panic!("{event:?} was answered with {status}"),
            // Nobody knows whether it was taken: as Retell does, it is sent again.
            Err(_) => {
                ledger.waiting.push(event);
                false
            }
        }
    }

    /// What was acknowledged so far, and the counts of it.
    fn told(&self) -> (BTreeSet<Event>, Found) {
        let ledger = self.ledger.lock().unwrap();
        let told = Found {
            sent: ledger.sent,
            repeated: ledger.repeated,
            acknowledged: ledger.acknowledged.len(),
            ..Found::default()
        };
        (ledger.acknowledged.clone(), told)
    }

    /// How many were refused.
    pub(super) fn refused(&self) -> usize {
        self.ledger.lock().unwrap().refused
    }

    /// Waits until so many more were refused.
    pub(super) async fn until_refused(&self, more: usize) {
        let until = self.refused() + more;
        let refused = async {
            while self.refused() < until {
                a_moment().await;
            }
        };
        in_time(refused).await;
    }

    /// Looks for everything that was acknowledged, and for anything that is
    /// there twice. The inbox must be worked off by now.
    pub(super) async fn found(&self, scratch: &Scratch, tenant: &Tenant) -> Found {
        let store = scratch.store().await;
        settled(&store).await;
        let mut connection = raw_connection(&scratch.database).await;
        let entries = entries(&mut connection).await;
        let (events, mut result) = self.told();
        for event in &events {
            let key = hex::encode(Sha256::digest(self.body(*event)));
            match entries.get(&key).map(Vec::as_slice) {
                None => result.lost += 1,
                Some([state]) => {
                    assert_eq!(state, "done", "{event:?}");
                    result.found += 1;
                }
                Some(_) => result.doubled += 1,
            }
        }
        for call in events
            .iter()
            .map(|(call, _)| *call)
            .collect::<BTreeSet<_>>()
        {
            let known = |stage| events.contains(&(call, stage));
            self.check_call(&store, tenant, call, known).await;
            check_told(&mut connection, call, known).await;
        }
        for twice in TWICE {
            result.doubled += sqlx::query(twice)
                .fetch_all(&mut connection)
                .await
                .unwrap()
                .len();
        }
        connection.close().await.unwrap();
        store.close().await;
        result
    }
}

impl Storm {
    fn body(&self, (call, stage): Event) -> String {
        let webhook = &life_of_a_call()[stage];
        let mut told = with(&webhook["call"], &json!({"call_id": call_id(call)}));
        for time in ["start_timestamp", "end_timestamp"] {
            if let Some(at) = told[time].as_i64() {
                told[time] = (at + self.later).into();
            }
        }
        with(webhook, &json!({"call": told})).to_string()
    }

    /// What was acknowledged of a call must be known of it. More may be: a
    /// webhook may be taken in, and its answer lost.
    async fn check_call(
        &self,
        store: &Store,
        tenant: &Tenant,
        call: usize,
        known: impl Fn(usize) -> bool,
    ) {
        let id = call_id(call);
        let stored = store.calls().find(tenant, &id).await.unwrap().unwrap();
        let call = &stored.summary;
        if known(0) {
            assert_eq!(call.started_at, Some(STARTED_AT + self.later), "{id}");
            assert!(
                call.status >= CallStatus::Ongoing,
                "{id}: {:?}",
                call.status
            );
        }
        if known(1) {
            assert!(!stored.items.is_empty(), "{id}");
        }
        if known(2) || known(3) {
            assert_eq!(call.status, CallStatus::Ended, "{id}");
            assert_eq!(call.duration_ms, Some(30_000), "{id}");
            assert_eq!(stored.items.len(), 3, "{id}");
            let retell: &serde_json::Map<String, Value> = &stored.retell;
            assert_eq!(retell["call_cost"]["combined_cost"], 7.5, "{id}");
        }
        if known(3) {
            assert_eq!(call.user_sentiment.as_deref(), Some("Positive"), "{id}");
        }
    }
}

impl Ledger {
    /// What chance decides is printed, and can be had again.
    fn new() -> Self {
        let seed = std::env::var("SWITCHBOARD_TEST_SEED").map_or_else(
            |_| rand::random(),
            |seed| seed.parse().expect("SWITCHBOARD_TEST_SEED is a number"),
        );
        eprintln!("SWITCHBOARD_TEST_SEED={seed}");
        Self {
            random: StdRng::seed_from_u64(seed),
            waiting: Vec::new(),
            calls: 0,
            acknowledged: BTreeSet::new(),
            sent: 0,
            repeated: 0,
            refused: 0,
        }
    }

    /// The next to be sent: any of those that wait, or one that was taken before.
    fn take(&mut self) -> Event {
        self.sent += 1;
        while self.waiting.len() < AT_ONCE {
            let call = self.calls;
            self.calls += 1;
            self.waiting
                .extend((0..life_of_a_call().len()).map(|stage| (call, stage)));
        }
        if self.random.random_ratio(1, 6)
            && let Some(old) = self.any_acknowledged()
        {
            self.repeated += 1;
            return old;
        }
        let at = self.random.random_range(0..self.waiting.len());
        self.waiting.swap_remove(at)
    }

    fn any_acknowledged(&mut self) -> Option<Event> {
        let at = self.random.random_range(0..self.acknowledged.len().max(1));
        self.acknowledged.iter().nth(at).copied()
    }
}

fn call_id(call: usize) -> String {
    format!("call_{call}")
}

/// The states of the entries of each body; what was refused is kept, too.
async fn entries(connection: &mut AnyConnection) -> BTreeMap<String, Vec<String>> {
    let rows =
        sqlx::query("SELECT body_sha256, state FROM webhook_deliveries WHERE state <> 'rejected'")
            .fetch_all(connection)
            .await
            .unwrap();
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        let state: String = row.get("state");
        found.entry(row.get("body_sha256")).or_default().push(state);
    }
    found
}

/// Has the business told of every call; nobody is at the address.
pub(crate) async fn add_endpoint(store: &Store, tenant: &Tenant) {
    let endpoint = NewEndpoint {
        id: "ep_1".to_owned(),
        change: EndpointChange {
            url: "https://127.0.0.1:9".to_owned(),
            description: String::new(),
            events: ["created", "started", "ended", "analyzed"]
                .map(|what| format!("call.{what}"))
                .to_vec(),
        },
        secret: "sealed".to_owned(),
        headers: None,
        header_names: Vec::new(),
    };
    store
        .endpoints()
        .create(tenant, &endpoint, &Author::operator(), 0)
        .await
        .unwrap();
}

fn now_ms() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(now.unwrap().as_millis()).unwrap()
}

/// What endpoints are told follows from what was acknowledged.
async fn check_told(connection: &mut AnyConnection, call: usize, known: impl Fn(usize) -> bool) {
    let rows = sqlx::query("SELECT type FROM outgoing_events WHERE call_id = $1")
        .bind(call_id(call))
        .fetch_all(connection)
        .await
        .unwrap();
    let told: BTreeSet<String> = rows.iter().map(|row| row.get("type")).collect();
    for (is_due, kind) in [
        (true, "call.created"),
        (known(0), "call.started"),
        (known(2) || known(3), "call.ended"),
        (known(3), "call.analyzed"),
    ] {
        assert!(!is_due || told.contains(kind), "{call}: {told:?}");
    }
}
