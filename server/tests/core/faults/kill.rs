//! `kill -9` while webhooks stream in, again and again.

use std::collections::BTreeMap;
use std::time::Instant;

use api::contact_files::ContactImport;
use receiver::Receiver;
use server::people::Role;
use sqlx::{AnyConnection, Connection as _, Row as _};

use crate::bench::Bench;
use crate::contact_files::lines;
use crate::faults::process::Process;
use crate::faults::storm::{Storm, add_endpoint};
use crate::notify::mint;
use crate::support::{Desk, Scratch, TestServer, a_moment, http, in_time, raw_connection, seed};

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
            end_leases(&mut connection).await;
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

/// Lets the time pass until the leases of the dead end.
async fn end_leases(connection: &mut AnyConnection) {
    sqlx::query("UPDATE jobs SET due_at = 0 WHERE state = 'running'")
        .execute(connection)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_file_of_contacts_is_taken_in_once_however_often_the_server_is_killed() {
    const LINES: usize = 10_000;
    const KILLS: i64 = 3;
    for scratch in Scratch::each().await {
        let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
        let desk = Desk::sign_in(&server, Role::Supervisor).await;
        let path = "/api/desk/contacts/imports?name=people.csv";
        let import = desk.upload(path, &lines(LINES)).await;
        let import: ContactImport = serde_json::from_value(import).unwrap();
        let cookie = desk.cookie().to_owned();
        let scratch = server.stop_for_now().await;
        let mut connection = raw_connection(&scratch.database).await;

        let mut server = Process::start(&scratch, "http://127.0.0.1:9").await;
        let start = format!(
            "{}/api/desk/contacts/imports/{}/start",
            server.url, import.id
        );
        let start = http().post(start).header("cookie", &cookie);
        let plan = serde_json::to_string(&import.plan).unwrap();
        assert_eq!(start.body(plan).send().await.unwrap().status(), 202);
        let lines = i64::try_from(LINES).unwrap();
        for kill in 1..=KILLS {
            // In the middle of it: of a part, of its commit, or between two.
            in_time(async {
                while taken_in(&mut connection).await.done < lines * kill / (KILLS + 1) {
                    a_moment().await;
                }
            })
            .await;
            server.kill().await;
            let now = taken_in(&mut connection).await;
            println!(
                "{}: killed at {} of {lines} lines",
                scratch.engine(),
                now.done
            );
            assert!(
                now.running && now.done < lines,
                "it was over before: {now:?}"
            );
            assert_eq!(
                (now.created, now.contacts, now.numbers),
                (now.done, now.done, now.done)
            );
            end_leases(&mut connection).await;
            server = Process::start(&scratch, "http://127.0.0.1:9").await;
        }
        let over = in_time(async {
            loop {
                let now = taken_in(&mut connection).await;
                if !now.running {
                    return now;
                }
                a_moment().await;
            }
        })
        .await;
        server.kill().await;
        connection.close().await.unwrap();
        let all = TakenIn {
            running: false,
            done: lines,
            created: lines,
            contacts: lines,
            numbers: lines,
        };
        assert_eq!(over, all);
        scratch.remove().await;
    }
}

/// How far the only file is, and what there is of it.
#[derive(Debug, PartialEq, Eq)]
struct TakenIn {
    running: bool,
    done: i64,
    created: i64,
    contacts: i64,
    numbers: i64,
}

async fn taken_in(connection: &mut AnyConnection) -> TakenIn {
    let row = sqlx::query(
        "SELECT state, done, created, (SELECT COUNT(*) FROM contacts) AS contacts, \
             (SELECT COUNT(DISTINCT number) FROM contact_numbers) AS numbers \
         FROM contact_imports",
    )
    .fetch_one(connection)
    .await
    .unwrap();
    TakenIn {
        running: row.get::<String, _>("state") == "running",
        done: row.get("done"),
        created: row.get("created"),
        contacts: row.get("contacts"),
        numbers: row.get("numbers"),
    }
}
