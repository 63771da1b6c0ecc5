//! Calls: what we know of them, how it grows, and how it is made to settle.
//!
//! What Retell says of a call arrives late, twice, or in the wrong order, by
//! webhook or by asking. Each piece is an [`Observation`]; [`Known`] joins them
//! so that only the set of observations matters, never their order.

pub mod caller;
pub mod end;
pub mod facts;
mod filter;
pub mod heal;
pub mod import;
mod merge;
mod mint;
mod moment;
mod observation;
pub mod outbound;
mod schedule;
pub mod status;
pub mod transcript;
pub mod visitor;

use std::sync::Arc;

use api::desk::CallSummary;

pub use filter::{CallFilter, FilterError};
pub use import::Importer;
pub(crate) use merge::is_transcript;
pub use merge::{Change, Known, Stamp};
pub use mint::{MintError, MintLimits, Visitor, WebCall, metadata, mint, start_web_call};
pub(crate) use mint::{admit, check_captcha};
pub use moment::moment;
pub use observation::{METADATA_KEY, METADATA_TENANT, Observation};
pub use schedule::{is_lost, next_check, next_try};
pub use status::Stage;

/// A call is new or changed, and the change is stored.
#[derive(Debug, Clone)]
pub struct CallChanged {
    /// Whose call it is: readers of other tenants must not see it.
    pub tenant_id: String,
    /// The row as the call list shows it.
    pub call: Arc<CallSummary>,
}
