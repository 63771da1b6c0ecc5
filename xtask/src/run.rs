//! `run` and `dev`: everything, locally, with a demo tenant.
//!
//! Without an API key of the visitor's own, the local Retell is started too
//! and the server talks to it; with one, the same server talks to Retell.

pub(crate) mod service;
mod settings;
mod watch;

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::thread::ScopedJoinHandle;
use std::time::{Duration, Instant};
use std::{fs, io};

use anyhow::{Context as _, Result, bail};
use program::Program;
use tokio::process::Command;

pub(crate) use self::settings::LOCAL_KEY;
use self::settings::{Retell, Settings};
use self::watch::{Change, Watch};
use crate::shell::{self, root};
use crate::site::{self, Profile};
use crate::toolchain;

/// How long a service may take until it serves.
pub(crate) const START: Duration = Duration::from_secs(60);

/// What the server has besides when it is built here: a local Retell of its own,
/// and a visitor who calls it.
pub(crate) const DEMO: &str = "server/demo";

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The server's port on 127.0.0.1
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The local Retell's port on 127.0.0.1
    #[arg(long, default_value_t = 8090)]
    emulator_port: u16,
}

/// `cargo xtask run`
///
/// # Errors
/// When something cannot be built or started, or a service ends by itself.
pub(crate) fn once(options: &Options) -> Result<()> {
    let settings = prepare(options)?;
    runtime()?.block_on(async {
        let mut signals = Signals::listen()?;
        let mut stack = tokio::select! {
            stack = Stack::start(&settings) => stack?,
            () = signals.next() => return Ok(()),
        };
        stack.print(&settings);
        let ended = tokio::select! {
            ended = stack.ended() => Err(ended),
            () = signals.next() => Ok(()),
        };
        stack.stop().await;
        ended
    })
}

/// `cargo xtask dev`
///
/// # Errors
/// When the first build fails or a service cannot be started. Later build
/// errors are printed, and the last good build goes on running.
pub(crate) fn watching(options: &Options) -> Result<()> {
    let settings = prepare(options)?;
    let mut watch = Watch::new()?;
    runtime()?.block_on(async {
        let mut signals = Signals::listen()?;
        let mut stack = Stack::start(&settings).await?;
        stack.print(&settings);
        loop {
            let change = tokio::select! {
                change = watch.next() => change?,
                () = signals.next() => break,
                ended = stack.ended() => {
                    shell::fail(&ended);
                    shell::step("waiting for a change");
                    Change { native: true, ..watch.next().await? }
                }
            };
            if let Err(error) = rebuild(change) {
                shell::fail(&error);
                continue;
            }
            // The server reads the site from disk: reloading the page is enough.
            if !change.native {
                shell::step("rebuilt; reload the page");
                continue;
            }
            // Demo data is in the database; only the one-time link is new.
            stack.stop().await;
            stack = Stack::start(&settings).await?;
            stack.print(&settings);
        }
        stack.stop().await;
        Ok(())
    })
}

fn prepare(options: &Options) -> Result<Settings> {
    let mut settings = Settings::read(options)?;
    settings.port = free_port(options.port, "--port", None)?;
    if settings.retell == Retell::Local {
        settings.emulator_port = free_port(
            options.emulator_port,
            "--emulator-port",
            Some(settings.port),
        )?;
    }
    toolchain::require_c_compiler()?;
    rebuild(Change {
        native: true,
        site: true,
    })?;
    Ok(settings)
}

/// Builds what has changed; side by side, because the largest crates of either
/// half are compiled on one core.
fn rebuild(change: Change) -> Result<()> {
    std::thread::scope(|scope| {
        let site = change
            .site
            .then(|| scope.spawn(|| site::build(Profile::Quick)));
        if change.native {
            build_native()?;
        }
        match site.map(ScopedJoinHandle::join) {
            None => Ok(()),
            Some(Ok(built)) => built.map(drop),
            Some(Err(panic)) => std::panic::resume_unwind(panic),
        }
    })
}

/// Builds the server and the local Retell with the dev profile; the server with
/// the visitor who speaks in `switchboard simulate-call --emulator`.
pub(crate) fn build_native() -> Result<()> {
    let first = if shell::debug_binary("switchboard").is_file() {
        ""
    } else {
        " (the first time takes a few minutes)"
    };
    shell::step(&format!("server: building it and the local Retell{first}"));
    shell::run(&mut shell::cargo([
        "build",
        "--package",
        "server",
        "--package",
        "emulator",
        "--features",
        DEMO,
        "--bins",
    ]))
    .context("the server or the local Retell does not compile")
}

/// The port, if it is free; any free one for 0. Each service is told the other's
/// before it listens, so neither can choose its own. `other` is spoken for.
fn free_port(port: u16, option: &str, other: Option<u16>) -> Result<u16> {
    // Held while another one is chosen.
    let _other = other
        .filter(|_| port == 0)
        .map(|other| TcpListener::bind((Ipv4Addr::LOCALHOST, other)));
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(listener) => Ok(listener.local_addr()?.port()),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => bail!(
            "port {port} is taken by another program: stop that one, or choose another port \
             with {option} (for example {option} {})",
            port.saturating_add(1000)
        ),
        Err(error) => Err(error).with_context(|| format!("port {port} cannot be used")),
    }
}

/// For a few services and those who talk to them.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}

/// The running services.
struct Stack {
    emulator: Option<Program>,
    server: Program,
    /// What the server wrote when it was ready.
    urls: serde_json::Value,
}

impl Stack {
    async fn start(settings: &Settings) -> Result<Self> {
        let began = Instant::now();
        let run = shell::target().join("run");
        fs::create_dir_all(&run).with_context(|| format!("cannot create {}", run.display()))?;

        let mut emulator = None;
        let mut retell = Vec::new();
        if settings.retell == Retell::Local {
            let ready = run.join("emulator.json");
            let mut command = Command::new(shell::debug_binary("retell-emulator"));
            command
                .args(["--port", &settings.emulator_port.to_string()])
                .args(["--api-key", LOCAL_KEY])
                .args(["--webhook-url", &settings.webhook_url()])
                .arg("--gentle");
            let (service, urls) = service::start("retell", command, &ready, START).await?;
            let url = urls["url"].as_str().unwrap_or_default().to_owned();
            retell = vec![
                ("RETELL_API_KEY", LOCAL_KEY.to_owned()),
                ("RETELL_WEBHOOK_SECRET", LOCAL_KEY.to_owned()),
                ("RETELL_BASE_URL", url),
            ];
            emulator = Some(service);
        }

        let mut command = Command::new(shell::debug_binary("switchboard"));
        command
            .current_dir(root())
            .args(["serve", "--demo"])
            .env("SWITCHBOARD_LISTEN", format!("127.0.0.1:{}", settings.port))
            .env("SWITCHBOARD_SITE_DIR", site::dir())
            .envs(retell);
        let started = service::start("server", command, &run.join("server.json"), START).await;
        let (server, urls) = match started {
            Ok(started) => started,
            Err(error) => {
                if let Some(emulator) = emulator {
                    emulator.stop().await;
                }
                return Err(error);
            }
        };
        shell::step(&format!(
            "running, {:.1} s after the build",
            began.elapsed().as_secs_f64()
        ));
        Ok(Self {
            emulator,
            server,
            urls,
        })
    }

    fn print(&self, settings: &Settings) {
        let url = |name: &str| self.urls[name].as_str().unwrap_or("–").to_owned();
        let retell = match settings.retell {
            Retell::Local => format!(
                "http://127.0.0.1:{}   the local one; set RETELL_API_KEY to use Retell's",
                settings.emulator_port
            ),
            Retell::Real => "Retell, with your RETELL_API_KEY".to_owned(),
        };
        let mut out = io::stdout().lock();
        let _ = writeln!(
            out,
            "\n  Demo page   {}   a business's website: click the call button and speak\
             \n  Desk        {}   signs you in, once\
             \n  Retell      {retell}\
             \n\n  Ctrl-C stops everything.\n",
            url("demo_url"),
            url("sign_in_url"),
        );
    }

    /// Waits until a service has ended by itself; tells which.
    async fn ended(&mut self) -> anyhow::Error {
        match &mut self.emulator {
            Some(emulator) => tokio::select! {
                error = self.server.ended() => error,
                error = emulator.ended() => error,
            },
            None => self.server.ended().await,
        }
    }

    /// Stops the server first: it may still hold streams to the local Retell.
    async fn stop(self) {
        self.server.stop().await;
        if let Some(emulator) = self.emulator {
            emulator.stop().await;
        }
    }
}

/// What asks us to stop.
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
        shell::step("stopping");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_says_how_to_change_it() {
        let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = holder.local_addr().unwrap().port();
        let error = free_port(port, "--emulator-port", None)
            .unwrap_err()
            .to_string();
        assert!(error.contains(&port.to_string()), "{error}");
        assert!(error.contains("--emulator-port"), "{error}");
    }

    #[test]
    fn port_0_becomes_one_that_can_be_told() {
        let server = free_port(0, "--port", None).unwrap();
        let emulator = free_port(0, "--emulator-port", Some(server)).unwrap();
        assert_ne!(server, 0);
        assert_ne!(emulator, 0);
        assert_ne!(server, emulator);
    }
}
