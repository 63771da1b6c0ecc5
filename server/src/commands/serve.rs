//! `serve` and `demo`: the server itself.

use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use server::app::App;
use server::config::{Config, LogFormat, Mode, Source};
use server::demo;
use server::serve::{self, Running};
use tracing_subscriber::EnvFilter;

use super::tell;

/// What the server is told on the command line.
#[derive(Debug, Args)]
pub(crate) struct Options {
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
    #[serde(skip_serializing_if = "Option::is_none")]
    setup_url: Option<String>,
}

/// Runs the server until it is stopped.
pub(crate) async fn serve(mode: Mode, options: Options) -> anyhow::Result<()> {
    let (config, ready_file) = prepare(mode, options)?;
    // Before the server tells anybody that it is ready: a stop must not be missed.
    let stop = stop_signal()?;
    let running = serve::start(config).await?;
    serve_until(stop, running, mode, ready_file).await
}

#[cfg(feature = "demo")]
/// Runs the server with a local Retell beside it.
pub(crate) async fn serve_demo(
    emulator: std::net::SocketAddr,
    options: Options,
) -> anyhow::Result<()> {
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
    let config = super::settings(&source, mode)?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&config.log))
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
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
        Mode::Production | Mode::Offline => None,
    };
    let setup_url = server::tenants::setup_url(running.app()).await?;
    announce(running.app(), sign_in_url, setup_url, ready_file)?;
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
    setup_url: Option<String>,
    ready_file: Option<PathBuf>,
) -> anyhow::Result<()> {
    let ready = Ready {
        url: app.config.url_of(""),
        demo_url: app.config.url_of("/demo"),
        desk_url: app.config.url_of("/desk"),
        sign_in_url,
        setup_url,
    };
    println!("Switchboard   {}", ready.url);
    println!("Demo page     {}", ready.demo_url);
    println!(
        "Desk          {}",
        ready.sign_in_url.as_ref().unwrap_or(&ready.desk_url)
    );
    if let Some(url) = &ready.setup_url {
        println!("There is no business yet. Set the first one up here, within a day:");
        println!("Setup         {url}");
    }
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
