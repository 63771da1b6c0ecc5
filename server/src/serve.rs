//! Starting the server and stopping it.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::{Config, url_of_address};
use crate::secret_file;
use crate::state::App;
use crate::store::{DeliveryWriter, Store};
use crate::{calls, http, live, webhooks};

/// A server that serves.
#[derive(Debug)]
pub struct Running {
    app: App,
    address: SocketAddr,
    server: JoinHandle<std::io::Result<()>>,
    /// Stops the background tasks, once nobody gives them work any more.
    stop_workers: CancellationToken,
    workers: Vec<JoinHandle<()>>,
}

/// Opens the store, binds the address and serves.
///
/// # Errors
/// When any of that fails, with a sentence about it.
pub async fn start(config: Config) -> anyhow::Result<Running> {
    let listener = bind(&config).await?;
    start_on(listener, config).await
}

/// Binds the address.
///
/// # Errors
/// When it is taken.
pub async fn bind(config: &Config) -> anyhow::Result<TcpListener> {
    TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("Cannot listen on {}", config.listen))
}

/// Opens the store and serves on an address that is bound already.
///
/// # Errors
/// When that fails, with a sentence about it.
pub async fn start_on(listener: TcpListener, mut config: Config) -> anyhow::Result<Running> {
    let store = Store::open(&config.database)
        .await
        .context("The database cannot be opened")?;
    let secret = match &config.secret {
        Some(secret) => secret.expose().to_owned(),
        None => secret_file::read_or_make(&config.data_dir)?,
    };
    let retell = retell::Client::builder(config.retell.api_key.expose())
        .base_url(config.retell.base_url.as_str())
        .timeout(config.retell.timeout)
        .build()
        .context("The Retell client cannot be set up")?;
    let address = listener.local_addr()?;
    if config.public_url.is_none() {
        config.public_url = Some(url_of_address(address));
    }

    let (writer, _writing) = DeliveryWriter::start(store.clone());
    let app = App::new(
        config,
        store,
        retell,
        writer,
        secret.as_bytes(),
        Clock::system(),
    )
    .context("The HTTP client cannot be set up")?;
    let stop_workers = CancellationToken::new();
    let workers = vec![
        tokio::spawn(webhooks::run(app.clone(), stop_workers.clone())),
        tokio::spawn(calls::heal::run(app.clone(), stop_workers.clone())),
        tokio::spawn(live::run(app.clone(), stop_workers.clone())),
    ];
    let service = http::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(
        axum::serve(listener, service)
            .with_graceful_shutdown(app.shutdown.clone().cancelled_owned())
            .into_future(),
    );
    tracing::info!(%address, public_url = %app.config.url_of(""), "serving");
    Ok(Running {
        app,
        address,
        server,
        stop_workers,
        workers,
    })
}

impl Running {
    /// What the handlers share.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns when the server stops by itself, which it does only by a fault.
    pub async fn failed(&mut self) {
        if let Ok(Err(error)) | Err(error) = (&mut self.server).await.map_err(std::io::Error::other)
        {
            tracing::error!(%error, "the server stopped");
        }
    }

    /// Stops: no new connections; streams are told; requests under way are
    /// finished; what was taken in is worked off; the store is closed. What is
    /// not done by the deadline is cut short, which loses nothing acknowledged.
    pub async fn stop(self) {
        let deadline = self.app.config.shutdown_deadline;
        tracing::info!("stopping");
        self.app.shutdown.cancel();
        let orderly = async {
            // A server that had failed before is no news here.
            let _ = self.server.await;
            self.stop_workers.cancel();
            for worker in self.workers {
                if let Err(error) = worker.await {
                    tracing::error!(%error, "a background task had failed");
                }
            }
            self.app.store.close().await;
        };
        match tokio::time::timeout(deadline, orderly).await {
            Ok(()) => tracing::info!("stopped"),
            Err(_) => tracing::warn!("stopped before everything was finished"),
        }
    }
}

/// Writes the ready file: whoever waits for it reads where the server is.
///
/// # Errors
/// When it cannot be written.
pub fn write_ready_file(path: &Path, ready: &impl serde::Serialize) -> anyhow::Result<()> {
    // Renamed into place, so that nobody reads half of it.
    let half = path.with_extension("part");
    std::fs::write(&half, serde_json::to_vec(ready)?)
        .and_then(|()| std::fs::rename(&half, path))
        .with_context(|| format!("The ready file {} cannot be written", path.display()))
}
