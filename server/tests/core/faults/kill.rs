//! `kill -9` while webhooks stream in, again and again.

use std::collections::BTreeMap;
use std::time::Instant;

use receiver::Receiver;
use sqlx::Connection as _;

use crate::bench::Bench;
use crate::faults::process::Process;
use crate::faults::storm::{Storm, add_endpoint};
use crate::notify::mint;
use crate::support::{Scratch, raw_connection, seed};

/// How often the server is killed when nobody says.
const ROUNDS: usize = 5;

#[tokio::test]
async fn what_was_acknowledged_survives_any_number_of_kills_and_acts_once() {
    let rounds = std::env::var("SWITCHBOARD_FAULT_ROUNDS").map_or(ROUNDS, |rounds| {
        rounds
            .parse()
            .expect("SWITCHBOARD_FAULT_ROUNDS is a number")
    });
    for scratch in Scratch::each().await {
        let store = scratch.store().await;
        let tenant = seed(&store, 0).await;
        add_endpoint(&store, &tenant).await;
        store.close().await;
        let storm = Storm::new();
        let mut starts = Vec::with_capacity(rounds);
        for _ in 0..rounds {
            let begin = Instant::now();
            let server = Process::start(&scratch, "http://127.0.0.1:9").await;
            starts.push(begin.elapsed().as_millis());
            // Anywhere: in the middle of a commit, of the work after it, or idle.
            let senders = storm.blow(&server.url, storm.a_while()).await;
            server.kill().await;
            senders.join_all().await;
        }
        // The one that finds the last one's remains.
        let server = Process::start(&scratch, "http://127.0.0.1:9").await;
        let result = storm.found(&scratch, &tenant).await;
        server.kill().await;
        starts.sort_unstable();
        println!(
            "{}: {rounds} kills, start {} ms (median) to {} ms, {result}",
            scratch.engine(),
            starts[rounds / 2],
            starts[rounds - 1]
        );
        assert_eq!((result.lost, result.doubled), (0, 0), "{result}");
        assert_eq!(result.found, result.acknowledged, "{result}");
        scratch.remove().await;
    }
}

#[tokio::test]
async fn no_job_is_lost_by_a_kill_and_only_those_under_way_are_done_again() {
    /// Events, kills, and how many of them may be on their way to one endpoint.
    const EVENTS: usize = 240;
    const KILLS: usize = 3;
    const UNDER_WAY: usize = 8;
    for scratch in Scratch::each().await {
        let bench = Bench::set(scratch).await;
        let receiver = Receiver::start().await;
        bench.endpoint(&receiver.url, &["call.created"]).await;
        for number in 0..EVENTS {
            mint(&bench, &format!("call_{number}")).await;
        }
        let scratch = bench.leave().await;
        let start = async || {
            let settings = [("SWITCHBOARD_ALLOW_PRIVATE", "127.0.0.0/8")];
            Process::start_with(&scratch, "http://127.0.0.1:9", &settings).await
        };
        let mut came = BTreeMap::<String, usize>::new();
        for kill in 1..=KILLS {
            let server = start().await;
            // In the middle of it.
            while came.len() < EVENTS * kill / (KILLS + 1) {
                *came
                    .entry(receiver.next().await.id().to_owned())
                    .or_default() += 1;
            }
            server.kill().await;
            // Nobody renews the leases of the dead; the time until they end passes.
            let mut connection = raw_connection(&scratch.database).await;
            sqlx::query("UPDATE jobs SET due_at = 0 WHERE state = 'running'")
                .execute(&mut connection)
                .await
                .unwrap();
            connection.close().await.unwrap();
        }
        let server = start().await;
        while came.len() < EVENTS {
            *came
                .entry(receiver.next().await.id().to_owned())
                .or_default() += 1;
        }
        server.terminate().await;
        server.ended_well().await;
        for got in receiver.rest() {
            *came.entry(got.id().to_owned()).or_default() += 1;
        }
        let again: usize = came.values().map(|times| times - 1).sum();
        println!("{}: {KILLS} kills, {again} sent again", scratch.engine());
        assert_eq!(came.len(), EVENTS);
        assert!(again <= KILLS * UNDER_WAY, "{again} sent again");
        scratch.remove().await;
    }
}
