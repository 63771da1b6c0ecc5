//! The server as a process of its own, which can be killed.

use std::process::Stdio;

use server::config::Database;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::support::{API_KEY, Scratch, in_time};

/// What servers that share a database must share.
pub(super) const SECRET: &str = "a secret that all servers of the tests share";

pub(super) struct Process {
    child: Child,
    pub(super) url: String,
    /// Kept open: a server that cannot print would not be the one we ship.
    _output: Lines<BufReader<ChildStdout>>,
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
        let mut child = Command::new(env!("CARGO_BIN_EXE_switchboard"))
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
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = in_time(output.next_line()).await.unwrap();
        let first = first.expect("the server ended; its log says why");
        let url = first.rsplit(' ').next().unwrap().trim_end_matches('/');
        Self {
            child,
            url: url.to_owned(),
            _output: output,
        }
    }

    /// SIGKILL: nothing is finished, nothing is said.
    pub(super) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// SIGTERM, as whoever runs it stops it.
    pub(super) async fn terminate(&self) {
        let id = self.child.id().unwrap().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(sent.unwrap().success());
    }

    /// Waits for its end, which must be a good one.
    pub(super) async fn ended_well(mut self) {
        let status = in_time(self.child.wait()).await.unwrap();
        assert!(status.success(), "{status}");
    }
}
