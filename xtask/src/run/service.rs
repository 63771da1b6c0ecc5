//! One program of ours that runs until it is stopped.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use std::{fs, io};

use anyhow::{Context as _, Result, anyhow, bail};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

/// How long a service may take to end after it was asked to.
const STOP: Duration = Duration::from_secs(10);
/// How often a ready file is looked for.
const POLL: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(crate) struct Service {
    name: &'static str,
    child: Child,
}

impl Service {
    /// Starts a program with `--ready-file` and waits until it has written
    /// that file; gives back what it wrote. Its output is forwarded, each line
    /// behind its name.
    ///
    /// # Errors
    /// When it cannot be started, ends at once or is not ready `within` the time.
    pub(crate) async fn start(
        name: &'static str,
        mut command: Command,
        ready: &Path,
        within: Duration,
    ) -> Result<(Self, serde_json::Value)> {
        if let Err(error) = fs::remove_file(ready)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error).with_context(|| format!("cannot remove {}", ready.display()));
        }
        if !io::stdout().is_terminal() {
            command.env("NO_COLOR", "1");
        }
        // A group of its own: Ctrl-C reaches only us, and we stop the services
        // in order.
        let mut child = command
            .arg("--ready-file")
            .arg(ready)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(forward(name, stdout));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(forward(name, stderr));
        }
        let mut service = Self { name, child };
        let deadline = Instant::now() + within;
        loop {
            // The file appears before its last byte does, so until then it is no JSON.
            if let Some(ready) = fs::read(ready)
                .ok()
                .and_then(|it| serde_json::from_slice(&it).ok())
            {
                return Ok((service, ready));
            }
            tokio::select! {
                ended = service.ended() => return Err(ended),
                () = sleep(POLL) => {}
            }
            if Instant::now() > deadline {
                service.stop().await;
                bail!("{name} was not ready within {} s", within.as_secs());
            }
        }
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(&mut self) -> anyhow::Error {
        match self.child.wait().await {
            Ok(status) => anyhow!(
                "{} ended by itself ({status}); see its last lines above",
                self.name
            ),
            Err(error) => anyhow!(error).context(format!("cannot wait for {}", self.name)),
        }
    }

    /// Asks it to end and waits for it; after ten seconds it is ended by force.
    pub(crate) async fn stop(mut self) {
        let Some(id) = self.child.id() else {
            return;
        };
        let asked = Command::new("kill")
            .args(["-TERM", &id.to_string()])
            .status()
            .await
            .is_ok_and(|status| status.success());
        if !asked || timeout(STOP, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }
}

async fn forward(name: &'static str, from: impl AsyncRead + Unpin) {
    let mut lines = BufReader::new(from).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        // Whoever read our output may be gone; the service goes on.
        let _ = writeln!(io::stdout(), "{name:>6} │ {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]);
        command
    }

    #[tokio::test]
    async fn a_service_is_ready_when_it_has_written_its_file() {
        let ready = std::env::temp_dir().join(format!("switchboard-ready-{}", std::process::id()));
        fs::write(&ready, "{\"url\":\"of an earlier run\"}").unwrap();
        let script = "printf '{\"url\":' >$2; printf '\"here\"}' >>$2; exec sleep 60";
        let (service, urls) = Service::start("test", shell(script), &ready, START)
            .await
            .unwrap();
        service.stop().await;
        fs::remove_file(&ready).unwrap();
        assert_eq!(urls["url"], "here");
    }

    #[tokio::test]
    async fn a_service_that_ends_at_once_is_an_error() {
        let ready = std::env::temp_dir().join(format!("switchboard-never-{}", std::process::id()));
        let error = Service::start("test", shell("exit 3"), &ready, START)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("ended by itself"), "{error}");
    }

    const START: Duration = Duration::from_secs(30);
}
