//! The calls: what is known of each, who may join, and who watches.
//!
//! A call's task runs it; everything else reads and changes what is shared
//! here, and sends the task [`Command`]s.

pub(crate) mod access;
pub(crate) mod outcome;
pub(crate) mod wire;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use retell::models::monitor::CallEnded;
use retell::models::{
    self, CallStatus, DataStorageSetting, DisconnectionReason, MonitorMessage, Transcripts,
};
use serde_json::{Map, Value};
use tokio::sync::{broadcast, mpsc};

use crate::agents::Agent;
use crate::conversation::{Input, Item, Latencies};
use crate::lock::lock;
use crate::media::{LegId, LegRole, Room};
use crate::recording::Recording;
use crate::scenario::Scenario;
use crate::tasks::Tasks;
use crate::voice::Speech;
use crate::workspaces::Workspace;

use access::Access;

/// How many updates a watcher may lag behind before it gets a snapshot again.
pub(crate) const MONITOR_BACKLOG: usize = 256;

/// The calls by id, in order of their ids' creation.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    by_id: BTreeMap<String, Arc<Call>>,
    /// Workspace and `idempotency_key` to call and when it was made
    /// (retell-protocol G1).
    by_key: HashMap<(usize, String), (String, u64)>,
}

/// How many samples of recordings are kept: 256 MB, more than an hour of both
/// parties.
const MAX_RECORDED_SAMPLES: usize = 128 * 1024 * 1024;

/// How long an `idempotency_key` gives the earlier call, in ms.
const KEY_LIFE_MS: u64 = 3_600_000;

impl Calls {
    pub(crate) fn get(&self, id: &str) -> Option<Arc<Call>> {
        self.by_id.get(id).cloned()
    }

    /// A call of this workspace.
    pub(crate) fn of(&self, workspace: &Workspace, id: &str) -> Option<Arc<Call>> {
        self.get(id)
            .filter(|call| call.workspace.number == workspace.number)
    }

    /// All calls of this workspace.
    pub(crate) fn all_of(&self, workspace: &Workspace) -> impl Iterator<Item = &Arc<Call>> {
        let number = workspace.number;
        self.iter()
            .filter(move |call| call.workspace.number == number)
    }

    pub(crate) fn insert(&mut self, call: Arc<Call>) {
        self.by_id.insert(call.id.clone(), call);
    }

    pub(crate) fn remove(&mut self, id: &str) {
        self.by_id.remove(id);
    }

    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Call>> {
        self.by_id.values()
    }

    /// How many are registered or ongoing.
    pub(crate) fn active(&self) -> u64 {
        self.iter().filter(|call| !call.is_over()).count() as u64
    }

    /// How many of this workspace's are.
    pub(crate) fn active_of(&self, workspace: &Workspace) -> u64 {
        self.all_of(workspace)
            .filter(|call| !call.is_over())
            .count() as u64
    }

    pub(crate) fn with_key(
        &self,
        workspace: &Workspace,
        key: &str,
        now_ms: u64,
    ) -> Option<Arc<Call>> {
        let (id, made) = self.by_key.get(&(workspace.number, key.to_owned()))?;
        (now_ms < made + KEY_LIFE_MS)
            .then(|| self.get(id))
            .flatten()
    }

    pub(crate) fn remember_key(&mut self, key: String, call: &Call, now_ms: u64) {
        self.by_key
            .retain(|_, (_, made)| now_ms < *made + KEY_LIFE_MS);
        self.by_key
            .insert((call.workspace.number, key), (call.id.clone(), now_ms));
    }

    /// Forgets the oldest recordings, if all together have become too large
    /// to be kept in memory.
    pub(crate) fn forget_old_recordings(&self) {
        let mut room = MAX_RECORDED_SAMPLES;
        for call in self.iter().rev() {
            let mut state = call.state();
            if let Some(recording) = &state.recording {
                let samples = recording.user().len() + recording.agent().len();
                match room.checked_sub(samples) {
                    Some(left) => room = left,
                    None => state.recording = None,
                }
            }
        }
    }
}

/// One call.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) id: String,
    /// When it was asked for, in Unix ms.
    pub(crate) created_ms: u64,
    /// Whose it is.
    pub(crate) workspace: Arc<Workspace>,
    /// The agent with this call's overrides.
    pub(crate) agent: Agent,
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) room: Room,
    /// Guards its recording's links.
    pub(crate) secret: String,
    /// Where everything it does runs.
    pub(crate) tasks: Tasks,
    pub(crate) state: Mutex<CallState>,
    pub(crate) commands: mpsc::UnboundedSender<Command>,
    /// Made for the first watcher: its backlog would outlive the call.
    pub(crate) monitor: Mutex<Option<broadcast::Sender<MonitorMessage>>>,
    pub(crate) over: AtomicBool,
}

/// What a call's task is told.
#[derive(Debug)]
pub(crate) enum Command {
    /// Something happens to the conversation.
    Give(Input),
    /// A leg has been answered.
    Joined(LegId, LegRole),
    /// A line is ready to be played.
    Spoken(u64, Arc<Speech>),
    /// A line of a simulated caller is ready to be played.
    CallerSpoken(Arc<Speech>),
    /// A listener takes over.
    TakeOver(LegId),
    /// The room breaks down.
    Kill,
}

/// What changes in a call.
#[derive(Debug)]
pub(crate) struct CallState {
    /// The call object, without what [`view`](Self::view) adds.
    pub(crate) object: models::Call,
    /// The transcript.
    pub(crate) items: Vec<Item>,
    pub(crate) latencies: Latencies,
    /// The room exists, or has existed.
    pub(crate) room_open: bool,
    pub(crate) access: Access,
    pub(crate) watchers: usize,
    /// The transcript goes on; not after a take-over.
    pub(crate) transcribed: bool,
    pub(crate) taken_over: bool,
    /// The script was played to its end.
    pub(crate) complete: bool,
    pub(crate) recording: Option<Arc<Recording>>,
    /// Set by update-call, filtered by, but not shown (retell-protocol G2).
    pub(crate) custom_attributes: Map<String, Value>,
}

impl CallState {
    pub(crate) fn is_ongoing(&self) -> bool {
        self.object.call_status == Some(CallStatus::Ongoing)
    }

    pub(crate) fn is_over(&self) -> bool {
        self.object
            .call_status
            .as_ref()
            .is_some_and(CallStatus::is_over)
    }

    /// Puts new and changed entries of the transcript where they belong.
    pub(crate) fn merge(&mut self, changed: &[Item]) {
        for item in changed {
            match self.items.iter().rposition(|known| known.id == item.id) {
                Some(place) => self.items[place] = item.clone(),
                None => self.items.push(item.clone()),
            }
        }
    }

    /// The whole call object, as webhooks and functions get it.
    pub(crate) fn view(&self) -> models::Call {
        let mut call = self.object.clone();
        if call.start_timestamp.is_some() {
            let items = wire::in_order(&self.items);
            call.transcript = Some(wire::text(&items));
            call.transcript_object = Some(wire::utterances(&items));
            call.transcript_with_tool_calls = Some(wire::with_tool_calls(&items));
            call.latency = Some(outcome::latency(&self.latencies));
        }
        call
    }

    /// The call object as get-call gives it: without what is not stored.
    pub(crate) fn stored(&self) -> models::Call {
        let mut call = self.view();
        let basic = call.data_storage_setting == Some(DataStorageSetting::BasicAttributesOnly);
        if basic && self.is_over() {
            call.transcript = None;
            call.transcript_object = None;
            call.transcript_with_tool_calls = None;
            call.recording_url = None;
            call.recording_multi_channel_url = None;
            call.public_log_url = None;
            call.retell_llm_dynamic_variables = None;
            call.collected_dynamic_variables = None;
        }
        call
    }

    /// What tells a watcher that there is no more to see, if so.
    pub(crate) fn ending(&self) -> Option<MonitorMessage> {
        let over = self.is_over() || !self.transcribed;
        let taken = Some(DisconnectionReason::CallTakeOver).filter(|_| !self.transcribed);
        over.then(|| {
            MonitorMessage::CallEnded(CallEnded {
                event_timestamp: self.object.end_timestamp,
                disconnection_reason: taken.or_else(|| self.object.disconnection_reason.clone()),
            })
        })
    }

    /// What a new watcher gets first.
    pub(crate) fn snapshot(&self) -> MonitorMessage {
        MonitorMessage::TranscriptSnapshot(Transcripts {
            transcripts: self.items.iter().map(wire::monitor_item).collect(),
            ..Transcripts::default()
        })
    }
}

impl Call {
    pub(crate) fn state(&self) -> MutexGuard<'_, CallState> {
        lock(&self.state)
    }

    /// Tells the call's task; nothing if the call is over.
    pub(crate) fn tell(&self, command: Command) {
        // The only failure: the task has ended, and there is nothing to tell.
        drop(self.commands.send(command));
    }

    /// Tells the watchers; nothing if there are none.
    pub(crate) fn publish(&self, message: MonitorMessage) {
        if let Some(monitor) = &*lock(&self.monitor) {
            drop(monitor.send(message));
        }
    }

    /// Whether it has ended; known without its lock.
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// It has ended.
    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::Release);
    }

    /// There is no more to watch.
    pub(crate) fn close(&self) {
        *lock(&self.monitor) = None;
    }

    /// Everything published from now on.
    pub(crate) fn watch(&self) -> broadcast::Receiver<MonitorMessage> {
        let mut monitor = lock(&self.monitor);
        monitor
            .get_or_insert_with(|| broadcast::Sender::new(MONITOR_BACKLOG))
            .subscribe()
    }
}
