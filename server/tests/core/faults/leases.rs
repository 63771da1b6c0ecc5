//! Two servers on one database, of which one dies with work in its hands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use server::config::Secret;
use server::deeds::Author;
use server::notify::{self, EndpointForm};
use sqlx::{Connection as _, Row as _};
use tokio::sync::watch;

use crate::faults::clock::WrongClock;
use crate::faults::process::{Process, SECRET};
use crate::faults::storm::Storm;
use crate::notify::CALLS;
use crate::support::{Scratch, TestServer, a_moment, in_time, not_run, raw_connection};

/// Nobody is there.
const RETELL: &str = "http://127.0.0.1:9";
/// Longer than work stays with a server that does not say that it lives.
const LEASE: Duration = Duration::from_secs(2 * 60);

/// A receiver that answers nobody until it is told to; knows how often each event
/// came.
struct Holding {
    url: String,
    came: Arc<Mutex<BTreeMap<String, usize>>>,
    answers: watch::Sender<bool>,
}

impl Holding {
    async fn start() -> Self {
        let came = Arc::<Mutex<BTreeMap<String, usize>>>::default();
        let answers = watch::Sender::new(false);
        let (count, gate) = (Arc::clone(&came), answers.clone());
        let take = async move |headers: HeaderMap| {
            let id = headers["webhook-id"].to_str().unwrap().to_owned();
            *count.lock().unwrap().entry(id).or_default() += 1;
            gate.subscribe().wait_for(|open| *open).await.unwrap();
            StatusCode::NO_CONTENT
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(take);
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { url, came, answers }
    }

    fn came(&self) -> BTreeMap<String, usize> {
        self.came.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn what_a_server_held_when_it_died_another_one_does() {
    let Some(scratch) = Scratch::on_postgres().await else {
        not_run("SWITCHBOARD_TEST_POSTGRES_URL names no server");
        return;
    };
    let hand = WrongClock::default();
    let b = TestServer::start_by(hand.clock(), scratch, RETELL, |config| {
        config.secret = Some(Secret::new(SECRET));
        config.outbound.allow_private = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let receiver = Holding::start().await;
    let form = EndpointForm {
        url: receiver.url.clone(),
        description: String::new(),
        events: CALLS.map(str::to_owned).to_vec(),
    };
    notify::create(
        &b.app().notify,
        &b.tenant,
        &Author::operator(),
        form,
        &BTreeMap::new(),
    )
    .await
    .unwrap();
    let private = [("SWITCHBOARD_ALLOW_PRIVATE", "127.0.0.1")];
    let a = Process::start_with(&b.scratch, RETELL, &private).await;
    let storm = Storm::new();
    let senders = [
        storm.blow(&a.url, 60).await,
        storm.blow(&b.url(""), 60).await,
    ];
    // More than one server may send to one endpoint at a time.
    let both = async {
        while receiver.came().len() < 12 {
            a_moment().await;
        }
    };
    in_time(both).await;
    a.kill().await;
    drop(senders);
    let held = receiver.came().len();
    receiver.answers.send_replace(true);
    // What A held is still A's; time passes.
    hand.set_ahead(LEASE);
    let result = storm.found(&b.scratch, &b.tenant).await;
    let mut connection = raw_connection(&b.scratch.database).await;
    let told = async {
        loop {
            let rows = sqlx::query("SELECT event_id, state FROM endpoint_deliveries")
                .fetch_all(&mut connection)
                .await
                .unwrap();
            if rows
                .iter()
                .all(|row| row.get::<&str, _>("state") == "delivered")
            {
                break rows;
            }
            a_moment().await;
        }
    };
    let told = in_time(told).await;
    connection.close().await.unwrap();
    let came = receiver.came();
    let again = came.values().filter(|times| **times > 1).count();
    println!(
        "one of two servers killed: {result}; of {} events {} received, {again} of them again, \
         {held} were under way",
        told.len(),
        came.len()
    );
    assert_eq!((result.lost, result.doubled), (0, 0), "{result}");
    let missing = told
        .iter()
        .find(|row| !came.contains_key(row.get::<&str, _>("event_id")));
    assert!(missing.is_none() && came.len() == told.len());
    // What the dead one had sent and could not say so, and nothing else.
    assert!(again <= held, "{again} of {held}");
    b.stop().await;
}
