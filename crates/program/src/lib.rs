//! A program of ours that runs beside us, for tools and tests: started, waited
//! for until it is ready, stopped.
//!
//! Each takes `--ready-file` and writes into it, as JSON, where it is. So it can
//! be given a port by the system, and nobody has to find one for it beforehand.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use std::{fs, io};

use anyhow::{Context as _, Result, anyhow, bail};
use serde_json::Value;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

/// How long one may take to end after it was asked to.
const STOP: Duration = Duration::from_secs(10);
/// How often a ready file is looked for.
const POLL: Duration = Duration::from_millis(20);

/// A running program. Dropped, it is killed.
#[derive(Debug)]
pub struct Program {
    name: String,
    child: Child,
    ready: PathBuf,
}

impl Program {
    /// Starts a command with `--ready-file` in its arguments.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(name: &str, mut command: Command, ready: &Path) -> Result<Self> {
        if let Err(error) = fs::remove_file(ready)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error).with_context(|| format!("cannot remove {}", ready.display()));
        }
        let child = command
            .arg("--ready-file")
            .arg(ready)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            ready: ready.to_owned(),
        })
    }

    /// Waits until it has written its ready file, and gives what it wrote.
    ///
    /// # Errors
    /// When it ends instead, or is not ready `within` the time.
    pub async fn ready(&mut self, within: Duration) -> Result<Value> {
        let deadline = Instant::now() + within;
        loop {
            // The file may be there before its last byte is, and is no JSON until then.
            let written = fs::read(&self.ready).ok();
            if let Some(ready) = written.and_then(|it| serde_json::from_slice(&it).ok()) {
                return Ok(ready);
            }
            tokio::select! {
                ended = self.ended() => return Err(ended),
                () = sleep(POLL) => {}
            }
            if Instant::now() > deadline {
                bail!("{} was not ready within {} s", self.name, within.as_secs());
            }
        }
    }

    /// The process: its output, if it is piped.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// The number of the process, while it runs.
    #[must_use]
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> anyhow::Error {
        match self.child.wait().await {
            Ok(status) => anyhow!(
                "{} ended by itself ({status}); its last lines say why",
                self.name
            ),
            Err(error) => anyhow!(error).context(format!("cannot wait for {}", self.name)),
        }
    }

    /// Asks it to end.
    ///
    /// # Errors
    /// When it has ended already, or cannot be asked.
    pub async fn terminate(&self) -> Result<()> {
        let id = self.id().context("it has ended")?.to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().await?;
        if asked.success() {
            return Ok(());
        }
        bail!("{} cannot be asked to end", self.name)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When the system does not tell.
    pub async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Asks it to end and waits for it; after ten seconds it is ended by force.
    pub async fn stop(mut self) {
        let asked = self.terminate().await.is_ok();
        if !asked || timeout(STOP, self.child.wait()).await.is_err() {
            let _ = self.child.kill().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(30);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]);
        command
    }

    fn file(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("program-{name}-{}", std::process::id()))
    }

    #[tokio::test]
    async fn one_is_ready_when_it_has_written_its_file() {
        let ready = file("ready");
        fs::write(&ready, "{\"url\":\"of an earlier run\"}").unwrap();
        let script = "printf '{\"url\":' >$2; printf '\"here\"}' >>$2; exec sleep 60";
        let mut program = Program::start("test", shell(script), &ready).unwrap();
        let said = program.ready(START).await.unwrap();
        program.stop().await;
        fs::remove_file(&ready).unwrap();
        assert_eq!(said["url"], "here");
    }

    #[tokio::test]
    async fn one_that_ends_at_once_is_an_error() {
        let mut program = Program::start("test", shell("exit 3"), &file("never")).unwrap();
        let error = program.ready(START).await.unwrap_err();
        assert!(error.to_string().contains("ended by itself"), "{error}");
    }

    #[tokio::test]
    async fn one_that_is_never_ready_is_not_waited_for() {
        let mut program = Program::start("test", shell("exec sleep 60"), &file("slow")).unwrap();
        let error = program.ready(Duration::ZERO).await.unwrap_err();
        program.stop().await;
        assert!(error.to_string().contains("not ready"), "{error}");
    }
}
