//! Calls: what we know of them, how it grows, and how it is made to settle.
//!
//! What Retell says of a call arrives late, twice, or in the wrong order, by
//! webhook or by asking. Each piece is an [`Observation`]; [`Known`] joins them
//! so that only the set of observations matters, never their order.

pub mod caller;
pub mod end;
pub mod events;
mod export;
pub mod facts;
mod filter;
mod follow;
mod for_crm;
pub mod heal;
pub(crate) mod http;
pub mod import;
pub mod marks;
mod merge;
mod metrics;
mod mint;
mod moment;
mod observation;
pub mod outbound;
pub(crate) mod recordings;
mod schedule;
pub mod status;
pub(crate) mod store;
pub mod transcript;
pub mod visitor;
mod words;
pub mod wrap_up;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use axum::extract::FromRef;

use crate::domain::{Domain, Task};
use crate::ground::Ground;
use crate::store::{Store, StoreError, Tenant};
use crate::web::Shared;
use crate::{accounts, keys, people};

pub use filter::{CallFilter, FilterError};
pub(crate) use follow::CALLED_BACK;
pub(crate) use for_crm::{ended, facts_for_crm};
pub use import::Importer;
pub use merge::{Change, Deleted, Known, Stamp};
use merge::{is_recording, is_transcript, without_words};
pub use mint::{MintError, MintLimits, Visitor, WebCall, metadata, mint, start_web_call};
pub(crate) use mint::{admit, check_captcha, gateway_url, ice_servers};
pub use moment::moment;
pub(crate) use observation::METADATA_CALLBACK;
pub use observation::{METADATA_KEY, METADATA_RULE, METADATA_TENANT, METADATA_TESTER, Observation};
pub use recordings::Recordings;
pub use schedule::{is_lost, next_check, next_try};
pub use status::Stage;
pub use store::{
    Answer, CallCursor, CallNotes, CallRows, CallViews, Calls, ClaimedImport, Claiming, Follower,
    ImportProgress, Imports, NewImport, Noting, PersonCall, Place, Places, Recording, Room,
    StoredCall, TakenFrom, Unsettled, WrapUps, read_summaries, used_with_key,
};
pub(crate) use store::{Clues, Found, Hand, Observed};
pub use visitor::TypingLimit;

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &[
            "call.claimed",
            "call.dialled",
            "call.flagged",
            "call.note_changed",
            "call.note_removed",
            "call.noted",
            "call.released",
            "call.tested",
            "call.unflagged",
            "call.wrapped_up",
            "call_view.added",
            "call_view.removed",
            "calls.exported",
            "dispositions.changed",
        ],
        jobs: || vec![import::handler(), follow::handler()],
        tasks: || {
            vec![
                Task::new("healer", heal::run),
                Task::new("looking for what was missed", import::run),
                Task::every("entering what was said", ENTERED_EVERY, enter_what_was_said),
            ]
        },
        keeps: store::KEEPS,
        metrics: metrics::METRICS,
        example: events::example,
        ..Domain::new("calls", http::routes)
    }
}

/// How long it takes until a call that is over can be found by what was said in it.
const ENTERED_EVERY: Duration = Duration::from_secs(1);

async fn enter_what_was_said(cx: Context) {
    loop {
        match store::enter_some(&cx.store).await {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => {
                // They are found by it later.
                tracing::error!(%error, "what was said cannot be entered");
                return;
            }
        }
    }
}

/// What calls are made and followed with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// The Retell accounts, and what they stand on.
    pub accounts: accounts::Context,
    /// What keys are checked with.
    pub keys: keys::Context,
    /// Asks Retell for the calls of a time.
    pub importer: Arc<Importer>,
    /// How fast calls may be started.
    pub mint_limits: Arc<MintLimits>,
    /// How fast visitors may type.
    pub typing_limit: Arc<TypingLimit>,
    /// Fetches recordings.
    pub recordings: Arc<Recordings>,
    /// Knows what Retell sent, which calls do not.
    pub last_heard: LastHeard,
}

/// Tells when the tenant's last event was taken in that had its effect (Unix ms).
pub type LastHeard =
    for<'a> fn(&'a Store, &'a Tenant) -> BoxFuture<'a, Result<Option<i64>, StoreError>>;

impl Deref for Context {
    type Target = accounts::Context;

    fn deref(&self) -> &accounts::Context {
        &self.accounts
    }
}
