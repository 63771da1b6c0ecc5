//! Functions a business defines itself: a name, a schema, and an HTTP target that is asked
//! when an agent asks. What is sent is filled in from the arguments and the call, signed as
//! outgoing webhooks are, and goes only where the server's rules allow.

mod rules;
mod send;
mod store;

use std::collections::BTreeMap;

use api::functions::{OwnFunction, OwnFunctionDetails, SaveOwnFunction};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Context;
use crate::config::Secret;
use crate::deeds::{Author, Deed};
use crate::invalid::Invalid;
use crate::notify::sign::new_secret;
use crate::store::{StoreError, Tenant};
use crate::vault::VaultError;

pub use send::Targets;
pub(super) use send::{Scope, Sent, ask};
pub(super) use store::KIND;
pub use store::OwnFunctions;
pub(crate) use store::SEALED;
use store::deed;

/// How many a business may have.
const MOST: usize = 50;

/// Why a function is not as somebody wants it. The texts are for people.
#[derive(Debug, thiserror::Error)]
pub(super) enum OwnError {
    /// There is none.
    #[error("There is no such function.")]
    Unknown,
    /// Something that was sent cannot be.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The secrets cannot be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What nobody is to see: sealed as one.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Secrets {
    /// What requests are signed with.
    signing: String,
    /// Headers of the business's.
    headers: BTreeMap<String, String>,
}

/// A function as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    /// What others may know of it.
    pub(super) function: OwnFunction,
    /// Its [`Secrets`], sealed.
    pub(super) sealed: String,
}

impl Kept {
    /// Its secrets.
    fn secrets(&self, cx: &Context) -> Result<Secrets, OwnError> {
        let opened = cx.vault.open(&purpose(&self.function.id), &self.sealed)?;
        // Only we sealed it.
        Ok(serde_json::from_str(opened.expose()).unwrap_or(Secrets {
            signing: String::new(),
            headers: BTreeMap::new(),
        }))
    }

    fn new(
        cx: &Context,
        id: String,
        details: OwnFunctionDetails,
        secrets: &Secrets,
    ) -> Result<Self, OwnError> {
        let json = serde_json::json!(secrets).to_string();
        Ok(Self {
            sealed: cx.vault.seal(&purpose(&id), &json)?,
            function: OwnFunction {
                id,
                details,
                header_names: secrets.headers.keys().cloned().collect(),
                revision: 0,
            },
        })
    }
}

fn purpose(id: &str) -> String {
    format!("own_functions/{id}/secrets")
}

/// Adds a function. Its secret is known only now.
pub(super) async fn create(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    save: SaveOwnFunction,
) -> Result<(OwnFunction, Secret), OwnError> {
    let secret = new_secret();
    let secrets = Secrets {
        signing: secret.expose().to_owned(),
        headers: rules::headers(save.headers.unwrap_or_default())?,
    };
    let details = rules::checked(cx, save.details).await?;
    if cx.store.own_functions().list(tenant).await?.len() >= MOST {
        let many = format!("A business has at most {MOST} functions of its own.");
        return Err(Invalid::because(many).into());
    }
    let kept = Kept::new(cx, Uuid::now_v7().to_string(), details, &secrets)?;
    let now = cx.clock.now_ms();
    let added = cx
        .store
        .own_functions()
        .add(tenant, &kept, author, now)
        .await?;
    if !added {
        return Err(taken());
    }
    Ok((kept.function, secret))
}

/// Replaces what a function is; its headers where they are said.
pub(super) async fn change(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    id: &str,
    save: SaveOwnFunction,
    read: Option<i64>,
) -> Result<OwnFunction, OwnError> {
    let before = one(cx, tenant, id).await?;
    let mut secrets = before.secrets(cx)?;
    if let Some(headers) = save.headers {
        secrets.headers = rules::headers(headers)?;
    }
    let details = rules::checked(cx, save.details).await?;
    let mut kept = Kept::new(cx, id.to_owned(), details, &secrets)?;
    let done = deed(&kept, "function.changed");
    let revision = write(cx, tenant, author, &before, &kept, read, &done).await?;
    kept.function.revision = revision;
    Ok(kept.function)
}

/// Gives a function a new secret. The previous one signs no more.
pub(super) async fn rotate(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    id: &str,
) -> Result<(OwnFunction, Secret), OwnError> {
    let before = one(cx, tenant, id).await?;
    let secret = new_secret();
    let secrets = Secrets {
        signing: secret.expose().to_owned(),
        ..before.secrets(cx)?
    };
    let mut kept = Kept::new(cx, id.to_owned(), before.function.details.clone(), &secrets)?;
    let done = deed(&kept, "function.secret_rotated");
    let revision = write(cx, tenant, author, &before, &kept, None, &done).await?;
    kept.function.revision = revision;
    Ok((kept.function, secret))
}

/// The function of this id.
pub(super) async fn one(cx: &Context, tenant: &Tenant, id: &str) -> Result<Kept, OwnError> {
    let found = cx.store.own_functions().find(tenant, id).await?;
    found.ok_or(OwnError::Unknown)
}

async fn write(
    cx: &Context,
    tenant: &Tenant,
    author: &Author,
    before: &Kept,
    kept: &Kept,
    read: Option<i64>,
    done: &Deed<'_>,
) -> Result<i64, OwnError> {
    let now = cx.clock.now_ms();
    let written = cx
        .store
        .own_functions()
        .change(tenant, (before, kept), read, done, author, now);
    written.await?.ok_or_else(taken)
}

fn taken() -> OwnError {
    Invalid::of(
        "name",
        "Another function has this name, or somebody else changed it meanwhile.",
    )
    .into()
}
