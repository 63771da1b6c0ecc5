//! The command line of Switchboard's server.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use server::config::{Config, Mode, Source};
use server::serve::{self, Running};
use server::{demo, state::App};
use tracing_subscriber::EnvFilter;

/// Retell AI voice agents on your website and at your desk.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server. Settings come from the environment and from `.env`;
    /// see `.env.example`.
    Serve {
        /// Creates a demo tenant with agents and public keys, and points at the
        /// local emulator unless RETELL_API_KEY is set.
        #[arg(long)]
        demo: bool,
        #[command(flatten)]
        options: Options,
    },
    /// Runs the server with the demo tenant, and a local Retell beside it.
    #[cfg(feature = "demo")]
    Demo {
        /// Where the local Retell listens; port 0 takes a free one.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
        emulator: std::net::SocketAddr,
        #[command(flatten)]
        options: Options,
    },
}

#[derive(Debug, Args)]
struct Options {
    /// Where to listen, such as 127.0.0.1:8080; port 0 takes a free one [SWITCHBOARD_LISTEN].
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The address browsers reach this server at [SWITCHBOARD_PUBLIC_URL].
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The database, sqlite://… or postgres://… [SWITCHBOARD_DATABASE_URL].
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// The built front end [SWITCHBOARD_SITE_DIR].
    #[arg(long, value_name = "DIRECTORY")]
    site_dir: Option<String>,
    /// Written once the server serves: JSON with its addresses.
    #[arg(long, value_name = "PATH")]
    ready_file: Option<PathBuf>,
}

/// Where to go, for people and for programs.
#[derive(Debug, Serialize)]
struct Ready {
    url: String,
    demo_url: String,
    desk_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sign_in_url: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve {
            demo: false,
            options,
        } => serve(Mode::Production, options).await,
        Command::Serve {
            demo: true,
            options,
        } => serve(Mode::Demo, options).await,
        #[cfg(feature = "demo")]
        Command::Demo { emulator, options } => serve_demo(emulator, options).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&format!("switchboard cannot run.\n{error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the log may not be set up yet, or filtered"
)]
fn tell(text: &str) {
    eprintln!("{text}");
}

async fn serve(mode: Mode, options: Options) -> anyhow::Result<()> {
    let (config, ready_file) = prepare(mode, options)?;
    // Before the server tells anybody that it is ready: a stop must not be missed.
    let stop = stop_signal()?;
    let running = serve::start(config).await?;
    serve_until(stop, running, mode, ready_file).await
}

#[cfg(feature = "demo")]
async fn serve_demo(emulator: std::net::SocketAddr, options: Options) -> anyhow::Result<()> {
    let (config, ready_file) = prepare(Mode::Demo, options)?;
    let stop = stop_signal()?;
    let (running, emulator) = demo::start(config, emulator).await?;
    let done = serve_until(stop, running, Mode::Demo, ready_file).await;
    emulator.shutdown().await;
    done
}

/// Reads the settings and sets the log up.
fn prepare(mode: Mode, options: Options) -> anyhow::Result<(Config, Option<PathBuf>)> {
    let source = Source::from_environment()?
        .with("SWITCHBOARD_LISTEN", options.listen)
        .with("SWITCHBOARD_PUBLIC_URL", options.public_url)
        .with("SWITCHBOARD_DATABASE_URL", options.database_url)
        .with("SWITCHBOARD_SITE_DIR", options.site_dir);
    let config = Config::read(&source, mode)
        .map_err(|error| anyhow::anyhow!("These settings have to be changed:\n{error}"))?;
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&config.log))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    Ok((config, options.ready_file))
}

/// Announces the server and waits for its end.
async fn serve_until(
    stop: impl Future<Output = ()>,
    running: Running,
    mode: Mode,
    ready_file: Option<PathBuf>,
) -> anyhow::Result<()> {
    let sign_in_url = match mode {
        Mode::Demo => Some(
            demo::seed(running.app())
                .await
                .context("The demo cannot be set up")?,
        ),
        Mode::Production => None,
    };
    announce(running.app(), sign_in_url, ready_file)?;
    let failed = tokio::select! {
        () = stop => None,
        task = running.failed() => Some(task),
    };
    finish(running).await;
    match failed {
        Some(task) => anyhow::bail!("The {task} stopped by itself; the log says why."),
        None => Ok(()),
    }
}

async fn finish(running: Running) {
    // A second signal does not wait.
    match stop_signal() {
        Ok(again) => tokio::select! {
            () = running.stop() => {}
            () = again => tell("Stopped at once."),
        },
        Err(_) => running.stop().await,
    }
}

#[expect(
    clippy::print_stdout,
    reason = "these lines are what a person starts the server for"
)]
fn announce(
    app: &App,
    sign_in_url: Option<String>,
    ready_file: Option<PathBuf>,
) -> anyhow::Result<()> {
    let ready = Ready {
        url: app.config.url_of(""),
        demo_url: app.config.url_of("/demo"),
        desk_url: app.config.url_of("/desk"),
        sign_in_url,
    };
    println!("Switchboard   {}", ready.url);
    println!("Demo page     {}", ready.demo_url);
    println!(
        "Desk          {}",
        ready.sign_in_url.as_ref().unwrap_or(&ready.desk_url)
    );
    match ready_file {
        Some(path) => serve::write_ready_file(&path, &ready),
        None => Ok(()),
    }
}

/// Resolves on ctrl-c or SIGTERM. The handlers are in place when this returns.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    #[cfg(unix)]
    let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
