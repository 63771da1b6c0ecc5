//! `kill -9` while webhooks stream in, again and again.

use std::time::Instant;

use crate::faults::process::Process;
use crate::faults::storm::{Storm, add_endpoint};
use crate::support::{Scratch, seed};

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
