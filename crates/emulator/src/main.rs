//! `retell-emulator`: a local Retell as a program.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Parser;
use emulator::{Config, Emulator};
use tracing_subscriber::EnvFilter;

/// A local Retell: REST, WebRTC gateway, monitor stream, webhooks and scripted
/// agents. Everything is in memory.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// The address to listen on.
    #[arg(long, env = "RETELL_EMULATOR_HOST", default_value = "127.0.0.1")]
    host: IpAddr,

    /// The port to listen on; 0 for any.
    #[arg(long, env = "RETELL_EMULATOR_PORT", default_value_t = 8090)]
    port: u16,

    /// The address media is received at, 0.0.0.0 for all of this machine's
    /// [default: all of them where the host is loopback, otherwise the host].
    #[arg(long, env = "RETELL_EMULATOR_MEDIA_HOST")]
    media_host: Option<IpAddr>,

    /// Where the emulator is reached, for links to recordings.
    #[arg(long, env = "RETELL_EMULATOR_PUBLIC_URL")]
    public_url: Option<String>,

    /// The API key [default: RETELL_API_KEY, or key_local_emulator].
    #[arg(long, env = "RETELL_EMULATOR_API_KEY", hide_env_values = true)]
    api_key: Option<String>,

    /// The account's webhook.
    #[arg(long, env = "RETELL_EMULATOR_WEBHOOK_URL")]
    webhook_url: Option<String>,

    /// Where the agents' functions are; the function's name is added, or put
    /// in place of {tool}.
    #[arg(long, env = "RETELL_EMULATOR_FUNCTIONS_URL")]
    functions_url: Option<String>,

    /// Be kind, for demonstrations: answers in the usual order without unknown
    /// fields, ICE servers that are needed, every question asked once.
    #[arg(long, env = "RETELL_EMULATOR_GENTLE")]
    gentle: bool,

    /// A directory of scenarios (*.toml) to add.
    #[arg(long, env = "RETELL_EMULATOR_SCENARIOS")]
    scenarios: Option<PathBuf>,

    /// A file to write {"url": …} to once serving.
    #[arg(long, env = "RETELL_EMULATOR_READY_FILE")]
    ready_file: Option<PathBuf>,

    /// What is logged, e.g. `debug` or `emulator=debug`.
    #[arg(long, env = "RETELL_EMULATOR_LOG", default_value = "info,str0m=warn")]
    log: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let filter = EnvFilter::try_new(&options.log).context("--log is no filter")?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let from_retell = || {
        std::env::var("RETELL_API_KEY")
            .ok()
            .filter(|key| !key.is_empty())
    };
    // Firefox sends no media to 127.0.0.1. The signalling stays there: who does not
    // reach it has no password for the media.
    let everywhere = || {
        options
            .host
            .is_loopback()
            .then_some(Ipv4Addr::UNSPECIFIED.into())
    };
    let usual = Config::default();
    let emulator = Emulator::start(Config {
        host: options.host,
        port: options.port,
        media_host: options.media_host.or_else(everywhere),
        public_url: options.public_url,
        api_key: options
            .api_key
            .or_else(from_retell)
            .unwrap_or(usual.api_key),
        webhook_url: options.webhook_url,
        functions_url: options.functions_url,
        gentle: options.gentle,
        scenarios: options.scenarios,
    })
    .await?;
    writeln!(
        std::io::stdout(),
        "retell-emulator listens on {}",
        emulator.url()
    )?;
    if let Some(path) = &options.ready_file {
        write_ready(path, emulator.url())
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    told_to_stop().await?;
    tracing::info!("stopping");
    emulator.shutdown().await;
    Ok(())
}

/// Writes the ready file whole: a reader never sees half of it.
fn write_ready(path: &Path, url: &str) -> std::io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    std::fs::write(&part, serde_json::json!({ "url": url }).to_string())?;
    std::fs::rename(&part, path)
}

#[cfg(unix)]
async fn told_to_stop() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result?,
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn told_to_stop() -> anyhow::Result<()> {
    Ok(tokio::signal::ctrl_c().await?)
}
