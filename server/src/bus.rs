//! Tells every part of every server what changed, once it is stored.
//!
//! What is to be told is named in the transaction that changes it, so nobody
//! hears of what was rolled back. On SQLite it is told within the process, right
//! after the commit. On PostgreSQL it travels with the commit to every server,
//! this one included: all hear it the same way and in the same order.

use std::sync::Arc;

use api::desk::CallSummary;
use tokio::sync::broadcast::{self, error::RecvError, error::TryRecvError};

/// A call is new or changed, and the change is stored.
#[derive(Debug, Clone)]
pub struct CallChanged {
    /// Whose call it is: readers of other tenants must not see it.
    pub tenant_id: String,
    /// The row as the call list shows it.
    pub call: Arc<CallSummary>,
}

/// How far a slow reader may fall behind before it has to look for itself.
const CAPACITY: usize = 1024;

/// Something other than a call that several servers have to know of.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// The session with this token hash was ended.
    SignedOut(String),
    /// Calls of the tenant with this id were deleted.
    CallsDeleted(String),
    /// A public key is new, or changed, or its business is switched off.
    KeysChanged,
    /// More webhooks wait than one server works off at a time.
    WebhooksWaiting,
    /// A job was enqueued.
    JobsWaiting,
    /// A call-back of the tenant with this id is new or changed.
    CallbacksChanged(String),
    /// A booking of the tenant with this id is new or changed, or what can be booked is.
    BookingsChanged(String),
    /// Free times that were read elsewhere for the tenant with this id are others by now.
    SlotsChanged(String),
    /// A function was asked for in a call, or has answered.
    FunctionAsked {
        /// Whose call it is.
        tenant_id: String,
        /// Which; empty for none.
        call_id: String,
    },
    /// Who of the staff is in a call changed.
    CallAttended {
        /// Whose call it is.
        tenant_id: String,
        /// Which.
        call_id: String,
    },
    /// Somebody of the tenant with this id takes calls now, or does not any more.
    AvailabilityChanged(String),
    /// Somebody else gave one of the staff a call.
    CallGiven {
        /// Whose call it is.
        tenant_id: String,
        /// Which.
        call_id: String,
        /// To whom.
        user_id: String,
    },
    /// Somebody marked a call for a supervisor to look at.
    CallFlagged {
        /// Whose call it is.
        tenant_id: String,
        /// Which.
        call_id: String,
        /// Who did; empty for a program.
        user_id: String,
    },
    /// Nobody knows what was not heard: whoever listens has to look for itself.
    #[serde(skip)]
    Missed,
}

/// What a [`Signal`] is about: who listens is woken for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// [`Signal::CallsDeleted`]; what changed comes by [`Bus::subscribe`].
    Calls,
    /// [`Signal::SignedOut`]
    Sessions,
    /// [`Signal::KeysChanged`]
    Keys,
    /// [`Signal::WebhooksWaiting`]
    Webhooks,
    /// [`Signal::JobsWaiting`]
    Jobs,
    /// What desks are told besides calls: [`Signal::CallbacksChanged`],
    /// [`Signal::BookingsChanged`], [`Signal::FunctionAsked`], [`Signal::CallAttended`],
    /// [`Signal::AvailabilityChanged`], [`Signal::CallGiven`], [`Signal::CallFlagged`]
    Desks,
    /// [`Signal::SlotsChanged`]
    Slots,
}

const TOPICS: [Topic; 7] = [
    Topic::Calls,
    Topic::Sessions,
    Topic::Keys,
    Topic::Webhooks,
    Topic::Jobs,
    Topic::Desks,
    Topic::Slots,
];

impl Signal {
    /// `None` for what concerns every topic.
    fn topic(&self) -> Option<Topic> {
        match self {
            Self::CallsDeleted(_) => Some(Topic::Calls),
            Self::SignedOut(_) => Some(Topic::Sessions),
            Self::KeysChanged => Some(Topic::Keys),
            Self::WebhooksWaiting => Some(Topic::Webhooks),
            Self::JobsWaiting => Some(Topic::Jobs),
            Self::CallbacksChanged(_)
            | Self::BookingsChanged(_)
            | Self::FunctionAsked { .. }
            | Self::CallAttended { .. }
            | Self::AvailabilityChanged(_)
            | Self::CallGiven { .. }
            | Self::CallFlagged { .. } => Some(Topic::Desks),
            Self::SlotsChanged(_) => Some(Topic::Slots),
            Self::Missed => None,
        }
    }
}

/// Where everything told in this process arrives. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bus {
    calls: broadcast::Sender<CallChanged>,
    signals: [broadcast::Sender<Signal>; TOPICS.len()],
}

impl Default for Bus {
    fn default() -> Self {
        Self {
            calls: broadcast::Sender::new(CAPACITY),
            signals: TOPICS.map(|_| broadcast::Sender::new(CAPACITY)),
        }
    }
}

impl Bus {
    /// Every change of a call from now on. A reader that lags is told so by
    /// `Lagged`.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<CallChanged> {
        self.calls.subscribe()
    }

    /// Every signal about one topic from now on.
    #[must_use]
    pub fn listen(&self, topic: Topic) -> Ear {
        Ear(self.signals[topic as usize].subscribe())
    }

    /// A call changed. Nobody has to listen.
    pub(crate) fn call(&self, change: CallChanged) {
        drop(self.calls.send(change));
    }

    /// Passes a signal on. Nobody has to listen.
    pub(crate) fn signal(&self, signal: &Signal) {
        for topic in TOPICS {
            if signal.topic().is_none_or(|about| about == topic) {
                drop(self.signals[topic as usize].send(signal.clone()));
            }
        }
    }
}

/// Listens to the signals about one topic.
#[derive(Debug)]
pub struct Ear(broadcast::Receiver<Signal>);

impl Ear {
    /// The next signal. Cancelling loses none.
    pub async fn next(&mut self) -> Signal {
        match self.0.recv().await {
            Ok(signal) => signal,
            Err(RecvError::Lagged(_)) => Signal::Missed,
            // The bus is gone, and with it whoever could tell anything.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }

    /// What was told since this was last asked.
    pub fn told(&mut self) -> Vec<Signal> {
        let mut told = Vec::new();
        loop {
            match self.0.try_recv() {
                Ok(signal) => told.push(signal),
                Err(TryRecvError::Lagged(_)) => told.push(Signal::Missed),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return told,
            }
        }
    }

    /// Whether anything was told since this was last asked.
    pub fn heard(&mut self) -> bool {
        !self.told().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_listens_hears_its_topic_and_of_what_was_missed() {
        let bus = Bus::default();
        let mut keys = bus.listen(Topic::Keys);
        let mut jobs = bus.listen(Topic::Jobs);
        for signal in [
            Signal::JobsWaiting,
            Signal::SignedOut("a".into()),
            Signal::KeysChanged,
            Signal::Missed,
        ] {
            bus.signal(&signal);
        }
        assert_eq!(keys.next().await, Signal::KeysChanged);
        assert_eq!(keys.next().await, Signal::Missed);
        assert!(!keys.heard());
        assert!(jobs.heard());
        assert!(!jobs.heard());
    }

    #[tokio::test]
    async fn who_is_too_slow_is_told_to_look() {
        let bus = Bus::default();
        let mut slow = bus.listen(Topic::Jobs);
        for _ in 0..=CAPACITY {
            bus.signal(&Signal::JobsWaiting);
        }
        assert_eq!(slow.next().await, Signal::Missed);
        assert_eq!(slow.next().await, Signal::JobsWaiting);
    }
}
