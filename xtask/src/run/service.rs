//! One program of ours whose output is shown until it is stopped.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Result;
use program::Program;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Command;

/// Starts a program and waits until it is ready; gives back what it wrote into its
/// ready file. Its output is forwarded, each line behind its name.
///
/// # Errors
/// When it cannot be started, ends at once or is not ready `within` the time.
pub(crate) async fn start(
    name: &'static str,
    mut command: Command,
    ready: &Path,
    within: Duration,
) -> Result<(Program, serde_json::Value)> {
    if !io::stdout().is_terminal() {
        command.env("NO_COLOR", "1");
    }
    // A group of its own: Ctrl-C reaches only us, and we stop the services
    // in order.
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0);
    let mut service = Program::start(name, command, ready)?;
    if let Some(stdout) = service.child().stdout.take() {
        tokio::spawn(forward(name, stdout));
    }
    if let Some(stderr) = service.child().stderr.take() {
        tokio::spawn(forward(name, stderr));
    }
    match service.ready(within).await {
        Ok(ready) => Ok((service, ready)),
        Err(error) => {
            service.stop().await;
            Err(error)
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
