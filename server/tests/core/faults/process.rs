//! The server as a process of its own, which can be killed.

use program::Program;
use server::config::Database;
use tokio::process::Command;
use uuid::Uuid;

use crate::support::{API_KEY, PATIENCE, Scratch, in_time};

/// What servers that share a database must share.
pub(super) const SECRET: &str = "a secret that all servers of the tests share";

pub(super) struct Process {
    program: Program,
    pub(super) url: String,
}

impl Process {
    /// Starts a server on this database and returns once it serves.
    pub(super) async fn start(scratch: &Scratch, retell_url: &str) -> Self {
        Self::start_with(scratch, retell_url, &[]).await
    }

    /// The same with more settings.
    pub(super) async fn start_with(
        scratch: &Scratch,
        retell_url: &str,
        more: &[(&str, &str)],
    ) -> Self {
        let mut process = Self::begin(scratch, retell_url, more);
        process.ready().await;
        process
    }

    /// Starts a server that need not get as far as serving.
    pub(super) fn begin(scratch: &Scratch, retell_url: &str, more: &[(&str, &str)]) -> Self {
        let database = match &scratch.database {
            Database::Sqlite(file) => format!("sqlite://{}", file.display()),
            Database::Postgres(url) => url.expose().to_owned(),
        };
        let log = scratch.directory.join("log");
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(log)
            .unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--database-url", &database])
            .current_dir(&scratch.directory)
            .env("RETELL_API_KEY", API_KEY)
            .env("RETELL_BASE_URL", retell_url)
            .env("SWITCHBOARD_SECRET", SECRET)
            .env("SWITCHBOARD_DATA_DIR", &scratch.directory)
            .env("SWITCHBOARD_HEAL_INTERVAL_SECONDS", "3600")
            .env("SWITCHBOARD_LOG", "info")
            .envs(more.iter().copied())
            // A server that cannot print would not be the one we ship.
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        let ready = scratch.directory.join(format!("{}.json", Uuid::now_v7()));
        Self {
            program: Program::start("the server", command, &ready).unwrap(),
            url: String::new(),
        }
    }

    /// Waits until it serves. Its log says why, if it ends.
    async fn ready(&mut self) {
        let said = self.program.ready(PATIENCE).await.unwrap();
        said["url"].as_str().unwrap().clone_into(&mut self.url);
    }

    /// SIGKILL: nothing is finished, nothing is said.
    pub(super) async fn kill(mut self) {
        self.program.child().kill().await.unwrap();
    }

    /// SIGTERM, as whoever runs it stops it.
    pub(super) async fn terminate(&self) {
        self.program.terminate().await.unwrap();
    }

    /// Waits for its end, which must be a good one.
    pub(super) async fn ended_well(mut self) {
        let status = in_time(self.program.wait()).await.unwrap();
        assert!(status.success(), "{status}");
    }
}
