//! Everything the emulator holds, in memory.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use outbound::Trusted;
use tokio_util::sync::CancellationToken;

use crate::Config;
use crate::agents::Agents;
use crate::calls::Calls;
use crate::clock::Clock;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::media::MediaServer;
use crate::phone_numbers::PhoneNumbers;
use crate::scenario::{Library, Variables};
use crate::settings::Settings;
use crate::tasks::Tasks;
use crate::voice::Voice;

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
    /// Set when the emulator goes down.
    pub(crate) shutdown: CancellationToken,
    /// The scenarios it started with.
    shipped: Library,
    settings: Mutex<Settings>,
    faults: Mutex<Faults>,
    library: Mutex<Library>,
    agents: Mutex<Agents>,
    phone_numbers: Mutex<PhoneNumbers>,
    calls: Mutex<Calls>,
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
            config,
            url,
            clock,
            journal: Journal::default(),
            media,
            voice: Voice::new(),
            http: Trusted::new(None)?,
            tasks: Mutex::new(Tasks::until(&shutdown)),
            shutdown,
            shipped: library.clone(),
            faults: Mutex::default(),
            library: Mutex::new(library),
            agents: Mutex::new(Agents::seeded(now)),
            phone_numbers: Mutex::new(PhoneNumbers::seeded(now)),
            calls: Mutex::default(),
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
        self.journal.clear();
        self.faults().clear();
        *self.settings() = initial(&self.config);
        *self.library() = self.shipped.clone();
        *self.agents() = Agents::seeded(now);
        *self.phone_numbers() = PhoneNumbers::seeded(now);
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

    pub(crate) fn agents(&self) -> MutexGuard<'_, Agents> {
        lock(&self.agents)
    }

    pub(crate) fn phone_numbers(&self) -> MutexGuard<'_, PhoneNumbers> {
        lock(&self.phone_numbers)
    }

    pub(crate) fn calls(&self) -> MutexGuard<'_, Calls> {
        lock(&self.calls)
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

/// Locks what is whole after every statement: a panic elsewhere while it was
/// held leaves nothing half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Variables as JSON names them.
pub(crate) fn variables(map: Option<&BTreeMap<String, String>>) -> Variables {
    map.into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}
