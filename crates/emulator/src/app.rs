//! Everything the emulator holds, in memory.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use outbound::Trusted;
use tokio_util::sync::CancellationToken;

use crate::Config;
use crate::calls::Calls;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::lock::lock;
use crate::media::MediaServer;
use crate::scenario::Library;
use crate::settings::Settings;
use crate::talks::Talk;
use crate::tasks::Tasks;
use crate::voice::Voice;
use crate::workspaces::{Workspace, Workspaces};

/// The chats that go on, by their ids.
type Talks = HashMap<String, Arc<tokio::sync::Mutex<Talk>>>;

/// A handle on the emulator's state; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct App(Arc<Inner>);

/// What [`App`] points at.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: Config,
    /// Where the emulator is reached, without a slash at the end.
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) journal: Journal,
    pub(crate) media: MediaServer,
    pub(crate) voice: Voice,
    pub(crate) http: Trusted,
    /// How many questions about inbound calls have been asked.
    pub(crate) questions: AtomicU64,
    /// Set when the emulator goes down.
    pub(crate) shutdown: CancellationToken,
    /// The scenarios it started with.
    shipped: Library,
    settings: Mutex<Settings>,
    faults: Mutex<Faults>,
    library: Mutex<Library>,
    workspaces: Mutex<Workspaces>,
    calls: Mutex<Calls>,
    talks: Mutex<Talks>,
    tasks: Mutex<Tasks>,
}

impl App {
    /// Fails when the system's TLS cannot be set up.
    pub(crate) fn new(
        config: Config,
        address: SocketAddr,
        media: MediaServer,
        library: Library,
    ) -> Result<Self, reqwest::Error> {
        let clock = Clock::default();
        let now = clock.now_ms();
        let shutdown = CancellationToken::new();
        let url = match &config.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{address}"),
        };
        Ok(Self(Arc::new(Inner {
            settings: Mutex::new(initial(&config)),
            workspaces: Mutex::new(Workspaces::of(&config.api_key, now)),
            config,
            url,
            clock,
            journal: Journal::default(),
            media,
            voice: Voice::new(),
            http: Trusted::new(None)?,
            questions: AtomicU64::new(0),
            tasks: Mutex::new(Tasks::until(&shutdown)),
            shutdown,
            shipped: library.clone(),
            faults: Mutex::default(),
            library: Mutex::new(library),
            calls: Mutex::default(),
            talks: Mutex::default(),
        })))
    }

    /// Back to how it started: no calls, nothing written down, no faults.
    /// Whatever the calls so far still had to do or to send has ended before
    /// the rest is forgotten, so that none of it comes afterwards.
    pub(crate) async fn reset(&self) {
        let ended = {
            // Under the lock in which calls are made: each belongs to what
            // ends here, or is one of the new ones.
            let mut calls = self.calls();
            *calls = Calls::default();
            std::mem::replace(&mut *lock(&self.tasks), Tasks::until(&self.shutdown))
        };
        ended.end().await;
        let now = self.clock.now_ms();
        self.talks().clear();
        self.journal.clear();
        self.questions.store(0, Ordering::Relaxed);
        self.faults().clear();
        *self.settings() = initial(&self.config);
        *self.library() = self.shipped.clone();
        *self.workspaces() = Workspaces::of(&self.config.api_key, now);
        self.clock.set_speed(1.0);
    }
}

/// The settings an emulator starts with.
fn initial(config: &Config) -> Settings {
    Settings {
        webhook_url: config.webhook_url.clone(),
        ..Settings::default()
    }
}

impl Inner {
    pub(crate) fn settings(&self) -> MutexGuard<'_, Settings> {
        lock(&self.settings)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    pub(crate) fn library(&self) -> MutexGuard<'_, Library> {
        lock(&self.library)
    }

    pub(crate) fn workspaces(&self) -> MutexGuard<'_, Workspaces> {
        lock(&self.workspaces)
    }

    /// Where a workspace's webhooks go. The first one's can be changed while
    /// the emulator runs.
    pub(crate) fn webhook_of(&self, workspace: &Workspace) -> Option<String> {
        match workspace.number {
            0 => self.settings().webhook_url.clone(),
            _ => workspace.setup.webhook_url.clone(),
        }
    }

    pub(crate) fn calls(&self) -> MutexGuard<'_, Calls> {
        lock(&self.calls)
    }

    pub(crate) fn talks(&self) -> MutexGuard<'_, Talks> {
        lock(&self.talks)
    }

    /// Where the tasks of new calls run.
    pub(crate) fn tasks(&self) -> Tasks {
        lock(&self.tasks).clone()
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
