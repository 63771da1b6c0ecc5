//! Calls: what we know of them, how it grows, and how it is made to settle.
//!
//! What Retell says of a call arrives late, twice, or in the wrong order, by
//! webhook or by asking. Each piece is an [`Observation`]; [`Known`] joins them
//! so that only the set of observations matters, never their order.

pub mod facts;
mod filter;
pub mod heal;
mod merge;
mod mint;
mod observation;
mod schedule;
pub mod status;
pub mod transcript;

use std::sync::Arc;

use api::desk::CallSummary;
use tokio::sync::broadcast;

pub use filter::{CallFilter, FilterError};
pub(crate) use merge::is_transcript;
pub use merge::{Change, Known, Stamp};
pub use mint::{MintError, MintLimits, Visitor, mint};
pub use observation::{METADATA_KEY, METADATA_TENANT, Observation};
pub use schedule::{is_lost, next_check, next_try};
pub use status::Stage;

/// How many changes a slow reader may fall behind before it has to load the
/// list again.
const BUS_CAPACITY: usize = 1024;

/// A call is new or changed, and the change is stored.
#[derive(Debug, Clone)]
pub struct CallChanged {
    /// Whose call it is: readers of other tenants must not see it.
    pub tenant_id: String,
    /// The row as the call list shows it.
    pub call: Arc<CallSummary>,
}

/// Tells every part of this process which calls changed.
#[derive(Debug, Clone)]
pub struct Bus(broadcast::Sender<CallChanged>);

impl Default for Bus {
    fn default() -> Self {
        Self(broadcast::Sender::new(BUS_CAPACITY))
    }
}

impl Bus {
    /// Tells it to whoever listens; nobody has to.
    pub fn send(&self, change: CallChanged) {
        // An error means that nobody listens.
        let _ = self.0.send(change);
    }

    /// Listens from now on. A reader that lags is told so by `Lagged`.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<CallChanged> {
        self.0.subscribe()
    }
}
