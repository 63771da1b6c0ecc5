//! A disk that is full, and has room again.

use std::path::{Path, PathBuf};
use std::process::Command;

use api::problem::slug;
use serde_json::json;
use server::config::Database;

use crate::support::{Scratch, TestServer, problem, session_cookie};

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
        println!("skipped: this needs the right to mount a small disk");
        scratch.remove().await;
        return;
    };
    scratch.database = Database::Sqlite(disk.0.join("switchboard.db"));
    let server = TestServer::start_with(scratch, "http://127.0.0.1:9", |_| {}).await;
    let cookie = session_cookie(&server.app().store, &server.tenant).await;
    let webhook = |n: usize| {
        // Large enough that no page that is there already takes it.
        let padding = "word ".repeat(4000);
        let call =
            json!({"call_id": format!("call_{n}"), "agent_id": "agent_1", "padding": padding});
        let body = json!({"event": "call_started", "call": call});
        async { server.webhook(&{ body }).await }
    };
    assert_eq!(webhook(0).await.status(), 204);
    server.settled().await;
    disk.fill();
    let (mut acknowledged, mut refused) = (1, 0);
    // At first there is room in files that are there already.
    for n in 1..2000 {
        let answer = webhook(n).await;
        if answer.status() == 204 {
            acknowledged += 1;
            continue;
        }
        let told = problem(answer, 503, slug::STORE_UNAVAILABLE).await;
        assert!(told.retry_after_s.is_some());
        refused += 1;
        if refused == 5 {
            break;
        }
    }
    assert!(refused > 0, "the disk was never full");
    // People can still look.
    let calls = server.http.get(server.url("/api/desk/calls"));
    let calls = calls.header("cookie", &cookie).send().await.unwrap();
    assert_eq!(calls.status(), 200);
    let kept = server.app().store.deliveries(5000).await.unwrap();
    assert_eq!(kept.len(), acknowledged);

    disk.free();
    for n in 2000..2005 {
        assert_eq!(webhook(n).await.status(), 204);
        acknowledged += 1;
    }
    server.settled().await;
    let kept = server.app().store.deliveries(5000).await.unwrap();
    assert_eq!(kept.len(), acknowledged);
    assert!(kept.iter().all(|one| one.state == "done"));
    println!(
        "disk full: {refused} refused, {acknowledged} acknowledged, {} found",
        kept.len()
    );
    server.stop().await;
    drop(disk);
}
