//! The calls that are being watched, and their viewers.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use api::attend::Attending;
use retell::Client;
use retell::monitor::ReconnectPolicy;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use super::log::{Audience, CallLog, Frame, Reader};
use super::upstream;
use super::waiter::{Waiter, Wake};

/// How many calls in doubt may wait to be asked about. One that is dropped is
/// asked about later anyway.
const DOUBTS: usize = 256;

/// How the hub treats the calls it watches.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// How an upstream socket is opened again.
    pub reconnect: ReconnectPolicy,
    /// How long a call stays watched after its last viewer left: a page that
    /// reloads finds it as it was.
    pub linger: Duration,
    /// After how long an upstream that gave up is tried anew while people watch.
    pub try_again: Duration,
    /// How long the upstream may still tell the last words after a webhook said
    /// that the call is over.
    pub last_words: Duration,
    /// How long one viewer's stream lives at most; its browser reconnects. So a
    /// connection nobody reads any more is not kept for good.
    pub stream_life: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            // People watch: no wait may be as long as Retell's own SDK makes it.
            reconnect: ReconnectPolicy {
                max_delay: Duration::from_secs(3),
                ..ReconnectPolicy::default()
            },
            linger: Duration::from_secs(5),
            try_again: Duration::from_secs(15),
            last_words: Duration::from_secs(1),
            stream_life: Duration::from_secs(30 * 60),
        }
    }
}

/// Every call somebody watches. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    calls: Mutex<HashMap<String, Arc<LiveCall>>>,
    pub(super) settings: Settings,
    doubts: broadcast::Sender<String>,
    pub(super) closing: CancellationToken,
}

/// One watched call.
#[derive(Debug)]
pub(super) struct LiveCall {
    pub(super) id: String,
    log: RwLock<CallLog>,
    /// Counts the changes of the log: what viewers wait on.
    changes: watch::Sender<u64>,
    viewers: watch::Sender<usize>,
    /// How many of them are the call's visitor.
    visitors: AtomicUsize,
    /// How many are people at the desk.
    staff: AtomicUsize,
    /// What a webhook said of the call.
    pub(super) news: watch::Sender<News>,
}

/// What was heard of a call from elsewhere than its upstream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum News {
    #[default]
    None,
    /// It is ongoing: the upstream will be let in now.
    Started,
    /// It is over, for this reason.
    Ended(Option<String>),
}

/// One reader of a call's transcript. Dropping it leaves.
#[derive(Debug)]
pub struct Viewer {
    call: Arc<LiveCall>,
    audience: Audience,
    reader: Reader,
    waiter: Waiter,
}

/// How much is watched on this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watched {
    /// Calls whose live transcript is read from Retell.
    pub calls: usize,
    /// Streams of visitors.
    pub visitors: usize,
    /// Streams of the desk.
    pub staff: usize,
}

impl Hub {
    /// A hub that watches nothing yet; `closing` ends all streams.
    #[must_use]
    pub fn new(settings: Settings, closing: CancellationToken) -> Self {
        let calls = Mutex::default();
        let doubts = broadcast::Sender::new(DOUBTS);
        Self {
            shared: Arc::new(Shared {
                calls,
                settings,
                doubts,
                closing,
            }),
        }
    }

    /// Watches a call, opening its upstream through `client` if nobody did yet.
    /// Must be called within a Tokio runtime.
    #[must_use]
    pub fn watch(
        &self,
        client: &Client,
        call_id: &str,
        audience: Audience,
        last_event_id: Option<&str>,
    ) -> Viewer {
        let call = {
            let mut calls = self.shared.calls();
            let call = match calls.entry(call_id.to_owned()) {
                Entry::Occupied(known) => Arc::clone(known.get()),
                Entry::Vacant(free) => {
                    let call = Arc::new(LiveCall::new(call_id));
                    let hub = Arc::clone(&self.shared);
                    tokio::spawn(upstream::run(hub, client.clone(), Arc::clone(&call)));
                    Arc::clone(free.insert(call))
                }
            };
            // Under the lock, so that the call cannot be let go in between.
            call.viewers.send_modify(|viewers| *viewers += 1);
            call
        };
        self.viewer(call, audience, last_event_id)
    }

    /// Watches a call only if it is watched already.
    #[must_use]
    pub fn join(
        &self,
        call_id: &str,
        audience: Audience,
        last_event_id: Option<&str>,
    ) -> Option<Viewer> {
        let call = {
            let calls = self.shared.calls();
            let call = Arc::clone(calls.get(call_id)?);
            call.viewers.send_modify(|viewers| *viewers += 1);
            call
        };
        Some(self.viewer(call, audience, last_event_id))
    }

    fn viewer(
        &self,
        call: Arc<LiveCall>,
        audience: Audience,
        last_event_id: Option<&str>,
    ) -> Viewer {
        let waiter = self.waiter(call.changes.subscribe());
        let reader = Reader::new(audience, last_event_id, &call.read());
        if let Some(counted) = call.counted(audience) {
            counted.fetch_add(1, Ordering::Relaxed);
        }
        Viewer {
            call,
            audience,
            reader,
            waiter,
        }
    }

    /// A waiter with this hub's end and stream life.
    pub(crate) fn waiter(&self, changes: watch::Receiver<u64>) -> Waiter {
        Waiter::new(
            changes,
            self.shared.closing.clone(),
            self.shared.settings.stream_life,
        )
    }

    /// The ids of calls that Retell should be asked about: their upstream says
    /// that they are over, or does not know them.
    #[must_use]
    pub fn doubts(&self) -> broadcast::Receiver<String> {
        self.shared.doubts.subscribe()
    }

    /// A call has begun: its upstream need not wait any longer.
    pub fn started(&self, call_id: &str) {
        if let Some(call) = self.shared.calls().get(call_id) {
            call.news.send_if_modified(|news| {
                let is_news = *news == News::None;
                if is_news {
                    *news = News::Started;
                }
                is_news
            });
        }
    }

    /// A call is over.
    pub fn ended(&self, call_id: &str, reason: Option<&str>) {
        if let Some(call) = self.shared.calls().get(call_id) {
            call.news.send_if_modified(|news| {
                let is_news = !matches!(news, News::Ended(_));
                if is_news {
                    *news = News::Ended(reason.map(str::to_owned));
                }
                is_news
            });
        }
    }

    /// Who of the staff is in a call, as far as somebody reads it along.
    pub fn attended(&self, call_id: &str, attending: &Attending) {
        if let Some(call) = self.shared.find(call_id) {
            call.update(|log| log.attend(attending));
        }
    }

    /// The ids of the calls in which some of the staff are, as far as was told.
    #[must_use]
    pub fn attended_calls(&self) -> Vec<String> {
        let calls = self.shared.calls();
        let attended = calls.values().filter(|call| call.read().is_attended());
        attended.map(|call| call.id.clone()).collect()
    }

    /// Whether somebody reads a call along here.
    #[must_use]
    pub fn is_watched(&self, call_id: &str) -> bool {
        self.shared.find(call_id).is_some()
    }

    /// Retell should be asked about a call.
    pub fn doubt(&self, call_id: &str) {
        self.shared.doubt(call_id);
    }

    /// How many calls are watched now, and by whom.
    #[must_use]
    pub fn count(&self) -> Watched {
        let calls = self.shared.calls();
        let sum = |counted: fn(&LiveCall) -> &AtomicUsize| {
            let counts = calls.values().map(|it| counted(it).load(Ordering::Relaxed));
            counts.sum()
        };
        Watched {
            calls: calls.len(),
            visitors: sum(|call| &call.visitors),
            staff: sum(|call| &call.staff),
        }
    }

    /// The ids of the calls that are watched now.
    #[must_use]
    pub fn watched(&self) -> Vec<String> {
        self.shared.calls().keys().cloned().collect()
    }
}

impl Shared {
    /// Retell should be asked about a call.
    pub(super) fn doubt(&self, call_id: &str) {
        // An error means that nobody listens.
        let _ = self.doubts.send(call_id.to_owned());
    }

    /// Lets go of a call unless somebody watches it.
    pub(super) fn release(&self, call: &LiveCall) -> bool {
        let mut calls = self.calls();
        let unwatched = *call.viewers.borrow() == 0;
        if unwatched {
            calls.remove(&call.id);
        }
        unwatched
    }

    fn find(&self, call_id: &str) -> Option<Arc<LiveCall>> {
        self.calls().get(call_id).cloned()
    }

    fn calls(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<LiveCall>>> {
        // Nothing panics under the lock; and if it did, the map is whole.
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LiveCall {
    fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            log: RwLock::new(CallLog::new(rand::random())),
            changes: watch::Sender::new(0),
            viewers: watch::Sender::new(0),
            visitors: AtomicUsize::new(0),
            staff: AtomicUsize::new(0),
            news: watch::Sender::new(News::None),
        }
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, CallLog> {
        self.log.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What counts these viewers; those that are none of people are not counted.
    fn counted(&self, audience: Audience) -> Option<&AtomicUsize> {
        match audience {
            Audience::Visitor => Some(&self.visitors),
            Audience::Staff => Some(&self.staff),
            Audience::Server => None,
        }
    }

    /// Whether the log says that the call is over.
    pub(super) fn is_over(&self) -> bool {
        self.read().is_ended()
    }

    /// Whether one of the staff speaks instead of the agent.
    pub(super) fn is_taken_over(&self) -> bool {
        self.read().is_taken_over()
    }

    /// Changes the log and wakes the viewers if `change` says that it did.
    pub(super) fn update(&self, change: impl FnOnce(&mut CallLog) -> bool) {
        let changed = change(&mut self.log.write().unwrap_or_else(PoisonError::into_inner));
        if changed {
            self.changes.send_modify(|changes| *changes += 1);
        }
    }

    /// Returns once nobody has watched for `linger`.
    pub(super) async fn unwatched(&self, linger: Duration) {
        let mut viewers = self.viewers.subscribe();
        // The sender lives in `self`: waiting on it cannot fail.
        while viewers.wait_for(|viewers| *viewers == 0).await.is_ok() {
            let returned = viewers.wait_for(|viewers| *viewers > 0);
            if tokio::time::timeout(linger, returned).await.is_err() {
                return;
            }
        }
    }
}

impl Viewer {
    /// The next event; `None` when the stream is over. Cancelling loses nothing.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            self.waiter.arm();
            if let Some(frame) = self.reader.next(&self.call.read()) {
                return Some(frame);
            }
            if self.reader.is_finished() {
                return None;
            }
            match self.waiter.wait().await {
                Wake::Changed => {}
                Wake::Closing(frame) => return Some(frame),
                Wake::Over => return None,
            }
        }
    }

    /// Whether this viewer has any of the transcript.
    #[must_use]
    pub fn has_read(&self) -> bool {
        self.reader.has_read()
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        if let Some(counted) = self.call.counted(self.audience) {
            counted.fetch_sub(1, Ordering::Relaxed);
        }
        self.call.viewers.send_modify(|viewers| *viewers -= 1);
    }
}
