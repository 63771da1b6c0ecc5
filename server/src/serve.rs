//! Starting the server and stopping it.

mod connections;
mod open_files;
mod starting;
mod unread;

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::accounts::Accounts;
use crate::app::{self, App};
use crate::clock::Clock;
use crate::config::{Config, Secret, url_of_address};
use crate::inbox::InboxWriter;
use crate::signed::Signer;
use crate::store::Store;
use crate::vault::Vault;
use crate::{calls, secret_file};

/// A server that serves.
#[derive(Debug)]
pub struct Running {
    app: App,
    address: SocketAddr,
    server: JoinHandle<()>,
    /// Stops the background tasks, once nobody gives them work any more.
    stop_workers: CancellationToken,
    workers: Vec<JoinHandle<()>>,
    watch: Watch,
}

/// Notices when a task ends, in whatever way. The server and its workers run
/// until they are told to stop: one that ends before is a fault.
#[derive(Debug, Clone, Default)]
struct Watch {
    /// The first task that ended.
    ended: watch::Sender<Option<&'static str>>,
}

/// Tells of the end of a task when dropped, which a panic does too.
struct End {
    task: &'static str,
    watch: Watch,
}

impl Drop for End {
    fn drop(&mut self) {
        self.watch.ended.send_if_modified(|first| {
            let is_first = first.is_none();
            first.get_or_insert(self.task);
            is_first
        });
    }
}

impl Watch {
    fn spawn<T: Send + 'static>(
        &self,
        task: &'static str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        let end = End {
            task,
            watch: self.clone(),
        };
        tokio::spawn(async move {
            let _end = end;
            work.await
        })
    }

    /// The first task that ended, once one did.
    async fn first_end(&self) -> &'static str {
        let mut ended = self.ended.subscribe();
        match ended.wait_for(Option::is_some).await {
            Ok(first) => first.unwrap_or_default(),
            // Not before `self`, which has the sender, is gone.
            Err(_) => std::future::pending().await,
        }
    }
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

/// The vault with the configured keys, or with one of our own making.
///
/// # Errors
/// When the key's file cannot be read or written.
pub fn vault(config: &Config) -> anyhow::Result<Vault> {
    let own;
    let keys = if config.encryption_keys.is_empty() {
        own = [Secret::new(
            secret_file::ENCRYPTION.read_or_make(&config.data_dir)?,
        )];
        &own[..]
    } else {
        &config.encryption_keys
    };
    Vault::new(keys).context("The encryption keys cannot be used")
}

/// Opens the store and puts the parts of a server together, and what writes its
/// webhooks.
async fn assemble(config: Config, clock: Clock) -> anyhow::Result<(App, JoinHandle<()>)> {
    let store = Store::open_with(&config.database, config.database_patience)
        .await
        .context("The database cannot be opened")?;
    let secret = match &config.secret {
        Some(secret) => secret.expose().to_owned(),
        None => secret_file::SIGNING.read_or_make(&config.data_dir)?,
    };
    let mut signer = Signer::new(secret.as_bytes());
    if let Some(before) = &config.secret_before {
        signer = signer.after(before.expose().as_bytes());
    }
    let vault = vault(&config)?;
    let accounts = Accounts::new(&config).context("The Retell client cannot be set up")?;
    let (writer, writing) = InboxWriter::start(store.clone());
    let app = App::new(config, store, accounts, vault, writer, signer, clock)
        .context("The HTTP client cannot be set up")?;
    Ok((app, writing))
}

/// The parts of a server that does not serve: for commands that do some of its
/// work beside it.
///
/// # Errors
/// When they cannot be put together, with a sentence about it.
pub async fn beside(config: Config) -> anyhow::Result<App> {
    let (app, _) = assemble(config, Clock::system()).await?;
    Ok(app)
}

/// Opens the store and serves on an address that is bound already.
///
/// # Errors
/// When that fails, with a sentence about it.
pub async fn start_on(listener: TcpListener, config: Config) -> anyhow::Result<Running> {
    start_by(Clock::system(), listener, config).await
}

/// The same by another clock, for tests of what happens when it is wrong.
///
/// # Errors
/// When that fails, with a sentence about it.
pub async fn start_by(
    clock: Clock,
    listener: TcpListener,
    mut config: Config,
) -> anyhow::Result<Running> {
    let address = listener.local_addr()?;
    if config.public_url.is_none() {
        config.public_url = Some(url_of_address(address));
    }
    let settings = connections::Settings::of(&config);
    let opening = assemble(config, clock);
    let (app, writing) = starting::until(&listener, settings.clone(), opening)
        .await
        .with_context(|| format!("Cannot listen on {address}"))??;
    let news = app
        .store
        .listen(calls::read_summaries)
        .await
        .context("The database cannot be listened to")?;
    // Before webhooks come, which move on until when nothing was missed.
    let heard = app.store.inbox_entries().last_events().await?;
    calls::import::begin_after_downtime(&app.calls, &heard)
        .await
        .context("What was missed cannot be asked for")?;
    // Known before anything comes, should the database go away soon after.
    app.inbox
        .keyring
        .prepare(&app.inbox)
        .await
        .context("The keys of webhooks cannot be read")?;
    let stop_workers = CancellationToken::new();
    let watch = Watch::default();
    // Nobody waits for its end: it writes as long as anybody has the app.
    watch.spawn("webhook writer", async {
        if let Err(error) = writing.await {
            tracing::error!(%error, "webhooks cannot be kept any more");
        }
    });
    let mut workers: Vec<_> = app::tasks()
        .map(|task| watch.spawn(task.name, (task.run)(&app, stop_workers.clone())))
        .collect();
    if let Some(news) = news {
        workers.push(watch.spawn("listener", news.run(stop_workers.clone())));
    }
    let router = app::service(app.clone());
    let serving = connections::serve(listener, router, settings.until(app.shutdown.clone()));
    let server = watch.spawn("HTTP server", serving);
    tracing::info!(%address, public_url = %app.config.url_of(""), "serving");
    Ok(Running {
        app,
        address,
        server,
        stop_workers,
        workers,
        watch,
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

    /// Returns when the server or one of its workers stops by itself, which
    /// they do only by a fault; says which. Webhooks that nobody works off are
    /// better not accepted: then Retell keeps them and sends them again.
    pub async fn failed(&self) -> &'static str {
        let task = self.watch.first_end().await;
        tracing::error!(task, "stopped by itself");
        task
    }

    /// Stops: no new connections; streams are told; requests under way are
    /// finished; what was taken in is worked off; the store is closed. What is
    /// not done by the deadline is cut short, which loses nothing acknowledged.
    pub async fn stop(self) {
        let deadline = self.app.config.shutdown_deadline;
        tracing::info!("stopping");
        self.app.shutdown.cancel();
        let orderly = async {
            if let Err(error) = self.server.await {
                tracing::error!(%error, "the HTTP server had failed");
            }
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::config::{Database, Mode, Source};

    async fn running() -> (Running, std::path::PathBuf) {
        let directory = std::env::temp_dir().join(format!("switchboard-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&directory).unwrap();
        let source = Source::from_pairs([
            ("SWITCHBOARD_LISTEN", "127.0.0.1:0"),
            ("RETELL_API_KEY", "key_of_the_tests"),
            ("RETELL_BASE_URL", "http://127.0.0.1:9"),
        ]);
        let mut config = Config::read(&source, Mode::Production).unwrap();
        config.database = Database::Sqlite(directory.join("switchboard.db"));
        config.data_dir = directory.clone();
        (start(config).await.unwrap(), directory)
    }

    #[tokio::test]
    async fn a_server_that_ends_is_noticed_and_can_be_stopped() {
        let (running, directory) = running().await;
        running.server.abort();
        for _ in 0..2 {
            assert_eq!(running.failed().await, "HTTP server");
        }
        running.stop().await;
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[tokio::test]
    async fn a_worker_that_ends_is_noticed() {
        for (index, task) in app::tasks().enumerate() {
            let (running, directory) = running().await;
            running.workers[index].abort();
            assert_eq!(running.failed().await, task.name);
            running.stop().await;
            std::fs::remove_dir_all(directory).unwrap();
        }
    }

    #[tokio::test]
    async fn a_task_that_panics_is_noticed() {
        let watch = Watch::default();
        let task = watch.spawn("broken", async { assert_eq!(1, 2, "on purpose") });
        assert_eq!(watch.first_end().await, "broken");
        assert!(task.await.unwrap_err().is_panic());
    }
}
