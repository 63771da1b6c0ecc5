//! The demo in one process: the server, and a local Retell beside it.

use std::net::SocketAddr;

use anyhow::Context;
use emulator::Emulator;
use tokio::net::TcpListener;

use crate::config::{Config, Secret};
use crate::serve::{self, Running};

/// The address of the endpoint Retell sends webhooks to.
const WEBHOOKS: &str = "/api/webhooks/retell";

/// Where its agents' functions are.
const FUNCTIONS: &str = "/api/functions";

/// Starts an emulator on `emulator_address` and a server that uses it, whatever
/// Retell the settings name.
///
/// # Errors
/// When an address is taken, or the server cannot start.
pub async fn start(
    mut config: Config,
    emulator_address: SocketAddr,
) -> anyhow::Result<(Running, Emulator)> {
    let listener = serve::bind(&config).await?;
    let emulator = Emulator::start(emulator::Config {
        host: emulator_address.ip(),
        port: emulator_address.port(),
        api_key: config.retell.api_key.expose().to_owned(),
        webhook_url: Some(beside(&listener, WEBHOOKS)?),
        functions_url: Some(beside(&listener, FUNCTIONS)?),
        gentle: true,
        ..emulator::Config::default()
    })
    .await
    .context("The emulator cannot start")?;
    config.retell.base_url = emulator
        .url()
        .parse()
        .context("The emulator's address is not a URL")?;
    config.retell.webhook_key = Secret::new(config.retell.api_key.expose());
    config.retell.default_agent = None;
    let running = serve::start_on(listener, config).await?;
    Ok((running, emulator))
}

/// The emulator is beside the server: it needs no public address.
fn beside(listener: &TcpListener, path: &str) -> anyhow::Result<String> {
    let url = crate::config::url_of_address(listener.local_addr()?);
    Ok(format!("{}{path}", url.as_str().trim_end_matches('/')))
}
