//! The workspaces: each has an API key, a webhook, resources and terms of its
//! own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use http::StatusCode;
use http::header::{AUTHORIZATION, HeaderMap};
use serde::Deserialize;

use crate::error::ApiError;
use crate::lock::lock;
use crate::resources::{Kind, Store, seeded};

/// A workspace as it is set up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Setup {
    /// Its API key, which also signs what is sent for it.
    pub(crate) api_key: String,
    /// Where its webhooks go, where an agent has no address of its own.
    pub(crate) webhook_url: Option<String>,
    /// Nothing that costs is done for it: 402.
    pub(crate) unpaid: bool,
    /// What its key may do, e.g. `Call.Read`; everything if absent. What it
    /// may not do is 403.
    pub(crate) rights: Option<Vec<String>>,
    /// Requests a minute; further ones are 429, with `Retry-After`.
    pub(crate) requests_per_minute: Option<u64>,
    /// It is for the tests that come with Retell's SDKs: whatever they name is
    /// there, and rules they do not keep are not insisted on.
    pub(crate) conformance: bool,
}

/// One workspace.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) setup: Setup,
    /// Its number; the first is the one the emulator was started for.
    pub(crate) number: usize,
    /// Shared with the same workspace on earlier terms, for which something may
    /// still be under way.
    store: Arc<Mutex<Store>>,
    minute: Mutex<Minute>,
    /// Whose request it is, in a workspace for conformance.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// How many requests came in the current minute.
#[derive(Debug, Default)]
struct Minute {
    begun_ms: u64,
    requests: u64,
}

const MINUTE_MS: u64 = 60_000;

impl Workspace {
    pub(crate) fn key(&self) -> &str {
        &self.setup.api_key
    }

    pub(crate) fn org_id(&self) -> String {
        match self.number {
            0 => "org_emulator".to_owned(),
            number => format!("org_emulator_{number}"),
        }
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }

    /// Counts a request.
    ///
    /// # Errors
    /// When there were too many in this minute.
    pub(crate) fn admit(&self, now_ms: u64) -> Result<(), ApiError> {
        let Some(most) = self.setup.requests_per_minute else {
            return Ok(());
        };
        let mut minute = lock(&self.minute);
        let passed = now_ms.saturating_sub(minute.begun_ms);
        if passed >= MINUTE_MS {
            *minute = Minute {
                begun_ms: now_ms,
                requests: 0,
            };
        }
        minute.requests += 1;
        if minute.requests <= most {
            return Ok(());
        }
        let left = MINUTE_MS.saturating_sub(passed).div_ceil(1_000);
        Err(ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many requests".to_owned(),
        )
        .retry_after(left))
    }

    /// # Errors
    /// When its key may not do this, e.g. `Call.Write`.
    pub(crate) fn check_right(&self, right: &str) -> Result<(), ApiError> {
        match &self.setup.rights {
            Some(rights) if !rights.iter().any(|it| it == right) => Err(ApiError::new(
                StatusCode::FORBIDDEN,
                format!("The API key lacks the permission {right}"),
            )),
            _ => Ok(()),
        }
    }

    /// Refuses a request by a rule that no shape tells; not for conformance.
    ///
    /// # Errors
    /// The one given.
    pub(crate) fn refuse(&self, error: ApiError) -> Result<(), ApiError> {
        if self.setup.conformance {
            Ok(())
        } else {
            Err(error)
        }
    }

    /// Waits for the requests before this one to be answered.
    pub(crate) async fn turn(&self) -> tokio::sync::OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }

    /// # Errors
    /// When nobody pays for it.
    pub(crate) fn check_payment(&self) -> Result<(), ApiError> {
        if self.setup.unpaid {
            let message = "Trial has ended, please add a payment method".to_owned();
            return Err(ApiError::new(StatusCode::PAYMENT_REQUIRED, message));
        }
        Ok(())
    }
}

/// All workspaces by their keys.
#[derive(Debug)]
pub(crate) struct Workspaces(BTreeMap<String, Arc<Workspace>>);

impl Workspaces {
    /// Only the one with this key.
    pub(crate) fn of(api_key: &str, now_ms: u64) -> Self {
        let mut workspaces = Self(BTreeMap::new());
        let setup = Setup {
            api_key: api_key.to_owned(),
            ..Setup::default()
        };
        workspaces.add(setup, now_ms);
        workspaces
    }

    /// Adds one, with the resources every one starts with. One of the same
    /// key keeps its resources and its number.
    pub(crate) fn add(&mut self, setup: Setup, now_ms: u64) {
        let known = self.0.get(&setup.api_key);
        let workspace = Workspace {
            number: known.map_or(self.0.len(), |known| known.number),
            store: known.map_or_else(
                || Arc::new(Mutex::new(seeded(now_ms))),
                |known| Arc::clone(&known.store),
            ),
            minute: Mutex::default(),
            turn: Arc::default(),
            setup,
        };
        self.0
            .insert(workspace.setup.api_key.clone(), Arc::new(workspace));
    }

    pub(crate) fn get(&self, key: &str) -> Option<Arc<Workspace>> {
        self.0.get(key).cloned()
    }

    /// The one a request's key opens.
    ///
    /// # Errors
    /// When there is no key, or it is not known.
    pub(crate) fn opened_by(&self, headers: &HeaderMap) -> Result<Arc<Workspace>, ApiError> {
        let key = bearer(headers).ok_or_else(|| ApiError::unauthorized("API key is missing"))?;
        self.get(key)
            .ok_or_else(|| ApiError::unauthorized("Invalid API Key"))
    }

    /// The one that has this resource; the first if several have.
    pub(crate) fn with(&self, kind: &Kind, id: &str) -> Option<Arc<Workspace>> {
        let having = self.0.values().filter(|it| it.store().has(kind, id));
        having.min_by_key(|it| it.number).cloned()
    }
}

/// The bearer token of a request.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
