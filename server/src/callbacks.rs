//! Call-backs: a visitor leaves a number, and is telephoned at once or at a
//! time the business is open.
//!
//! A request is a row; a job places its call ([`place`]). Abuse is met in turn:
//! the key, the page and the rates as for a call in the browser; an ordinary
//! number of an allowed country; so many requests for a number and with a key a
//! day. Callers ask for one in a call ([`ask_in_call`]), without a page. What a program may have filled in waits for a person to look at it: the
//! program learns nothing, and nobody is forgotten whose browser fills forms in.

pub mod events;
mod follow;
pub(crate) mod http;
mod in_call;
pub mod number;
mod place;
mod queue;
mod request;
pub mod slots;
mod store;

use axum::extract::FromRef;

use crate::calls;
use crate::calls::MintError;
use crate::deeds::Author;
use crate::domain::Domain;
use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::people;
use crate::signed::TokenError;
use crate::store::{StoreError, Tenant};
use crate::web::Shared;

pub use in_call::{Arranged, Wish, ask_in_call};
pub use number::NumberError;
pub use place::{KIND, MAX_ATTEMPTS};
pub use queue::{Promise, change, claim, enter, promise, release};
pub use request::{ask, form};
pub(crate) use store::after;
pub use store::{
    Asked, Begun, CallbackCursor, CallbackRequest, Callbacks, DueCallback, Failed, NewCallbackRow,
    Nudge, Said, Task,
};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    calls::Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        deeds: &[
            "callback.called_now",
            "callback.cancelled",
            "callback.changed",
            "callback.claimed",
            "callback.entered",
            "callback.released",
        ],
        jobs: || vec![place::handler(), follow::handler()],
        keeps: store::KEEPS,
        example: events::example,
        ..Domain::new("callbacks", http::routes)
    }
}

/// How long a person takes to fill the form in at least (ms).
pub const FILL_MS: u32 = 2_500;
/// How often somebody is called by itself who is not reached; then people see to it.
pub const MAX_TRIES: i64 = 3;
/// How often a number may be asked for within 24 hours.
pub const PER_NUMBER: u32 = 3;
/// A call being placed for longer than this is stuck (ms): a server died.
pub const STUCK_MS: i64 = 5 * 60 * 1000;

/// Why a call-back is not taken, or not changed.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    /// As for a call in the browser.
    #[error(transparent)]
    Mint(#[from] MintError),
    /// The form is not ours, or too old.
    #[error("the form cannot be used: {0}")]
    Form(#[from] TokenError),
    /// The name is empty, or too long.
    #[error("a name is needed")]
    Name,
    /// The visitor did not agree.
    #[error("consent is needed")]
    Consent,
    /// The number is not called.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// The business cannot call at that time.
    #[error("this is not a time to be called at")]
    Slot,
    /// The server's account is not the business's alone.
    #[error("the business needs a Retell account of its own")]
    OwnAccountRequired,
    /// The tenant has no such call-back.
    #[error("there is no such call-back")]
    Unknown,
    /// It is being placed, or is over.
    #[error("the call-back is being placed or is over")]
    NotOpen,
    /// Somebody else sees to it, by this name.
    #[error("somebody else sees to the call-back")]
    Claimed(String),
    /// A value cannot be.
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

impl From<StoreError> for CallbackError {
    fn from(error: StoreError) -> Self {
        Self::Mint(error.into())
    }
}

/// Takes a call-back back.
///
/// # Errors
/// When there is none that waits, or the database fails.
pub async fn cancel(
    ground: &Ground,
    tenant: &Tenant,
    id: &str,
    author: &Author,
) -> Result<(), CallbackError> {
    let now = ground.clock.now_ms();
    nudged(
        ground
            .store
            .callbacks()
            .cancel(tenant, id, author, now)
            .await?,
    )
}

/// Has a call-back placed at once.
///
/// # Errors
/// When there is none that waits or failed, or the database fails.
pub async fn call_now(
    ground: &Ground,
    tenant: &Tenant,
    id: &str,
    author: &Author,
) -> Result<(), CallbackError> {
    let now = ground.clock.now_ms();
    nudged(
        ground
            .store
            .callbacks()
            .call_back_now(tenant, id, author, now)
            .await?,
    )
}

fn nudged(nudge: Nudge) -> Result<(), CallbackError> {
    match nudge {
        Nudge::Done => Ok(()),
        Nudge::Unknown => Err(CallbackError::Unknown),
        Nudge::NotOpen => Err(CallbackError::NotOpen),
        Nudge::Claimed(name) => Err(CallbackError::Claimed(name)),
    }
}
