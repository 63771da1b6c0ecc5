//! Starting and stopping an emulator.

use std::future::IntoFuture;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::config::Config;
use crate::http;
use crate::media::MediaServer;
use crate::scenario::Library;
use crate::scenario::library::LibraryError;

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where it was to listen.
        address: SocketAddr,
        /// Why it cannot.
        source: io::Error,
    },
    /// There is no UDP port for media.
    #[error("cannot open a UDP port on {host} for media: {source}")]
    Media {
        /// Where it was to be.
        host: IpAddr,
        /// Why it cannot be.
        source: io::Error,
    },
    /// A scenario cannot be used.
    #[error(transparent)]
    Scenarios(#[from] LibraryError),
    /// Nothing can be sent over HTTP, for example without the system's TLS.
    #[error("HTTP cannot be set up: {0}")]
    Http(#[from] reqwest::Error),
}

/// A running emulator.
#[derive(Debug)]
pub struct Emulator {
    app: App,
    address: SocketAddr,
    server: JoinHandle<io::Result<()>>,
}

/// How long requests under way may take at the end.
const GRACE: Duration = Duration::from_secs(3);

impl Emulator {
    /// Starts one. When this returns it is serving.
    ///
    /// # Errors
    /// When a port cannot be bound, a scenario is wrong, or TLS cannot be set up.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let mut library = Library::embedded().map_err(LibraryError::from)?;
        if let Some(directory) = &config.scenarios {
            library.add_directory(directory)?;
        }
        let wanted = SocketAddr::new(config.host, config.port);
        let listening = |source| StartError::Listen {
            address: wanted,
            source,
        };
        let listener = TcpListener::bind(wanted).await.map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let definite = Some(config.host).filter(|host| !host.is_unspecified());
        let host = config
            .media_host
            .or(definite)
            .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let media = MediaServer::bind(host)
            .await
            .map_err(|source| StartError::Media { host, source })?;
        let app = App::new(config, reachable(address), media, library)?;
        let router = http::router(app.clone());
        let shutdown = app.shutdown.clone();
        let server = axum::serve(listener, router)
            .with_graceful_shutdown(async move { shutdown.cancelled().await });
        let server = tokio::spawn(server.into_future());
        Ok(Self {
            app,
            address: reachable(address),
            server,
        })
    }

    /// Where it is reached, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.app.url
    }

    /// The key of its first workspace.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.app.config.api_key
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Ends calls and streams, and stops. Requests under way get a moment.
    pub async fn shutdown(self) {
        self.app.shutdown.cancel();
        let abort = self.server.abort_handle();
        if tokio::time::timeout(GRACE, self.server).await.is_err() {
            abort.abort();
        }
        let calls = self.app.tasks().end();
        if tokio::time::timeout(GRACE, calls).await.is_err() {
            tracing::debug!("some calls were cut off");
        }
    }
}

/// An address to connect to, for one that is listened on.
fn reachable(address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    }
}
