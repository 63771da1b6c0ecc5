//! What every room stands on.

use std::ops::Deref;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Config;
use crate::keeps::Keepers;
use crate::metrics::Metrics;
use crate::signed::Signer;
use crate::store::Store;
use crate::vault::Vault;

/// The ground of a running server. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ground(Arc<Parts>);

/// What is in the [`Ground`].
#[derive(Debug)]
pub struct Parts {
    /// The settings; `public_url` is always set here.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// What the domains keep in it.
    pub keepers: Keepers,
    /// Seals secrets that are kept.
    pub vault: Vault,
    /// Signs tickets and nonces.
    pub signer: Signer,
    /// Counts what happens.
    pub metrics: Arc<Metrics>,
    /// The time of day.
    pub clock: Clock,
    /// Cancelled when the server begins to stop: streams say goodbye then.
    pub shutdown: CancellationToken,
}

impl From<Parts> for Ground {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Ground {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
