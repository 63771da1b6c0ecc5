//! A disk that is full, and has room again.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use api::problem::slug;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use scratch_postgres::Cluster;
use serde_json::{Value, json};
use server::config::Database;
use server::inbox::Entry;

use crate::support::{Scratch, TestServer, not_run, problem, session_cookie};

/// A small disk, gone after the test.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where mounting is not allowed.
    fn mount(at: &Path, megabytes: u32) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(at)
            .output();
        mounted
            .is_ok_and(|mounted| mounted.status.success())
            .then(|| Self(at.to_owned()))
    }

    /// Takes all the room there is.
    fn fill(&self) {
        use std::io::Write as _;
        let mut filler = std::fs::File::create(self.filler()).unwrap();
        for block in [64 * 1024, 4096, 1] {
            while filler.write_all(&vec![0; block]).is_ok() {}
        }
    }

    fn free(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: the database's files may still be open.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_nothing_is_acknowledged_that_is_not_on_it() {
    let mut scratch = Scratch::sqlite();
    let Some(disk) = SmallDisk::mount(&scratch.directory.join("disk"), 16) else {
        not_run("this needs the right to mount a small disk");
        scratch.remove().await;
        return;
    };
    scratch.database = Database::Sqlite(disk.0.join("switchboard.db"));
    let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
    let cookie = session_cookie(&server.app().store, &server.tenant).await;
    let mut stream = Stream::of(&server).await;
    disk.fill();
    stream.until_refused().await;
    // People can still look.
    let calls = server.http.get(server.url("/api/desk/calls"));
    let calls = calls.header("cookie", &cookie).send().await.unwrap();
    assert_eq!(calls.status(), 200);
    stream.check().await;
    disk.free();
    println!("disk full, {}", stream.goes_on().await);
    server.stop().await;
    drop(disk);
}

#[tokio::test]
async fn postgresql_on_a_full_disk_costs_nothing_that_was_acknowledged() {
    if scratch_postgres::programs().is_none() {
        not_run("PostgreSQL is not installed");
        return;
    }
    let own = Scratch::sqlite();
    let Some(disk) = SmallDisk::mount(&own.directory.join("disk"), 160) else {
        not_run("this needs the right to mount a small disk");
        own.remove().await;
        return;
    };
    // Whoever runs PostgreSQL has to get there.
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&own.directory, open).unwrap();
    let place = disk.0.join("cluster");
    let mut cluster = tokio::task::spawn_blocking(move || Cluster::start_in(&place).unwrap())
        .await
        .unwrap();
    let scratch = Scratch::on_postgres_at(&cluster.url()).await;
    let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
    let mut stream = Stream::of(&server).await;
    disk.fill();
    stream.until_refused().await;
    disk.free();
    // It may have given up for want of room for its log, which a person then
    // starts again.
    let cluster = tokio::task::spawn_blocking(move || {
        cluster.stop();
        cluster.resume().unwrap();
        cluster
    })
    .await
    .unwrap();
    println!("disk full, {}", stream.goes_on().await);
    server.stop().await;
    drop(cluster);
    drop(disk);
    own.remove().await;
}

/// Webhooks one after the other, and what became of them.
struct Stream<'a> {
    server: &'a TestServer,
    sent: usize,
    /// Their calls.
    acknowledged: BTreeSet<String>,
    refused: usize,
}

impl<'a> Stream<'a> {
    /// One that was taken and worked off.
    async fn of(server: &'a TestServer) -> Self {
        let mut stream = Self {
            server,
            sent: 0,
            acknowledged: BTreeSet::new(),
            refused: 0,
        };
        assert_eq!(stream.send().await.status(), 204);
        server.settled().await;
        stream
    }

    async fn send(&mut self) -> reqwest::Response {
        let id = format!("call_{}", self.sent);
        self.sent += 1;
        // Large enough that no page that is there already takes it, and of a kind
        // that no database makes small.
        let mut random = StdRng::seed_from_u64(u64::try_from(self.sent).unwrap());
        let padding: String = (0..20_000)
            .map(|_| char::from(random.random_range(b'a'..=b'z')))
            .collect();
        let call = json!({"call_id": id, "agent_id": "agent_1", "padding": padding});
        let webhook = json!({"event": "call_started", "call": call});
        let answer = self.server.webhook(&webhook).await;
        if answer.status() == 204 {
            self.acknowledged.insert(id);
        }
        answer
    }

    /// Goes on until several were refused. At first there is room in files that
    /// are there already.
    async fn until_refused(&mut self) {
        for _ in 0..5000 {
            let answer = self.send().await;
            if answer.status() == 204 {
                continue;
            }
            let told = problem(answer, 503, slug::STORE_UNAVAILABLE).await;
            assert!(told.retry_after_s.is_some());
            self.refused += 1;
            if self.refused == 5 {
                return;
            }
        }
        panic!("the disk was never full");
    }

    async fn kept(&self) -> Vec<Entry> {
        let entries = self.server.app().store.inbox_entries();
        entries.inbox_entries(10_000).await.unwrap()
    }

    /// What was acknowledged is there, and nothing else.
    async fn check(&self) {
        assert_eq!(self.kept().await.len(), self.acknowledged.len());
    }

    /// There is room again: everything is taken and worked off, what came before
    /// included. Returns the counts.
    async fn goes_on(mut self) -> String {
        for _ in 0..5 {
            assert_eq!(self.send().await.status(), 204);
        }
        self.server.settled().await;
        let kept = self.kept().await;
        // One may be stored whose commit nobody could confirm any more.
        assert!(kept.iter().all(|one| one.state == "done"));
        let call = |one: &Entry| {
            let webhook: Value = serde_json::from_slice(&one.body).unwrap();
            webhook["call"]["call_id"].as_str().unwrap().to_owned()
        };
        let there: BTreeSet<_> = kept.iter().map(call).collect();
        let found = self.acknowledged.intersection(&there).count();
        let lost = self.acknowledged.len() - found;
        let doubled = kept.len() - there.len();
        assert_eq!((lost, doubled), (0, 0));
        format!(
            "{}: {} refused, {} sent, {} acknowledged, {found} found, {lost} lost, {doubled} doubled",
            self.server.scratch.engine(),
            self.refused,
            self.sent,
            self.acknowledged.len(),
        )
    }
}
