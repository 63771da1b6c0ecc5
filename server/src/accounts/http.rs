//! The business's Retell account, for admins.

use std::sync::Arc;

use api::desk::{ChangeAccount, RetellAccount};
use api::problem::slug;
use axum::extract::{FromRef, Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};

use super::{Account, AccountError, SealedKeys, retell_key_purpose, webhook_key_purpose};
use crate::accounts::{self, Context};
use crate::config::{Secret, trimmed};
use crate::people::http::staff::Staff;
use crate::people::{self, Role};
use crate::web::caller::ApiCaller;
use crate::web::json::Json;
use crate::web::problem::ApiError;
use crate::web::revised::Revised;
use crate::web::{Routes, Shared, boxed};

pub(crate) fn routes<S: Shared>() -> Routes<S>
where
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    let routes = Router::new().route("/api/desk/account", get(boxed(show)).put(boxed(change)));
    Routes::new().desk(routes)
}

async fn show(
    State(cx): State<Context>,
    staff: Staff,
) -> Result<JsonAnswer<RetellAccount>, ApiError> {
    staff.require(Role::Admin)?;
    let sealed = cx.store.account_keys().sealed(&staff.tenant).await?;
    Ok(JsonAnswer(shown(&sealed)))
}

/// A key Retell refuses is not kept: with it no call could be started.
async fn change(
    State(cx): State<Context>,
    staff: Staff,
    Query(read): Query<Revised>,
    Json(change): Json<ChangeAccount>,
) -> Result<JsonAnswer<RetellAccount>, ApiError> {
    staff.require(Role::Admin)?;
    let given = |text: Option<String>| {
        text.map(|text| trimmed(&text).to_owned())
            .filter(|text| !text.is_empty())
    };
    let retell_key = given(change.retell_key);
    // Without an account of its own there is nothing another key could sign.
    let webhook_key = given(change.webhook_key).filter(|_| retell_key.is_some());
    if let Some(key) = &retell_key {
        let client = accounts::client(&cx.config, &Secret::new(key))?;
        match client.api_key_info().await {
            // A restricted key may not be allowed to look at itself.
            Ok(_) => {}
            Err(error) if error.status() == Some(403) => {}
            Err(error) if error.is_unauthorized() => {
                return Err(ApiError::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    slug::RETELL_UNAUTHORIZED,
                    "Retell does not know this API key.",
                )
                .detail("Copy it again from the API Keys page of the Retell dashboard."));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let id = staff.tenant.id();
    let seal = |purpose: String, key: Option<&String>| {
        key.map(|key| cx.vault.seal(&purpose, key))
            .transpose()
            .map_err(|error| {
                tracing::error!(%error, "a key cannot be sealed");
                ApiError::internal()
            })
    };
    let keys = cx.store.account_keys();
    let version = match read.revision {
        Some(read) => read,
        None => keys.sealed(&staff.tenant).await?.version,
    };
    let sealed = SealedKeys {
        retell_key: seal(retell_key_purpose(id), retell_key.as_ref())?,
        webhook_key: seal(webhook_key_purpose(id), webhook_key.as_ref())?,
        version,
    };
    let (author, now) = (staff.author(), cx.clock.now_ms());
    let version = keys
        .set(&staff.tenant, &cx.keepers, &sealed, &author, now)
        .await?;
    Ok(JsonAnswer(shown(&SealedKeys { version, ..sealed })))
}

fn shown(sealed: &SealedKeys) -> RetellAccount {
    RetellAccount {
        own: sealed.retell_key.is_some(),
        own_webhook_key: sealed.webhook_key.is_some(),
        revision: sealed.version,
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Store(error) => error.into(),
            error => {
                tracing::error!(%error, "a tenant's account cannot be used");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    slug::ACCOUNT_UNUSABLE,
                    "The business's Retell account cannot be used.",
                )
                .detail("An admin of the business has to enter its Retell API key again.")
            }
        }
    }
}

/// The account, if everything in it is the business's own: others' agents and
/// numbers are not to be seen, let alone deleted.
pub(crate) async fn whole_account(
    cx: &Context,
    caller: &ApiCaller,
) -> Result<Arc<Account>, ApiError> {
    if !cx.has_account_to_itself(&caller.tenant).await? {
        return Err(ApiError::own_account_required());
    }
    Ok(cx.account(&caller.tenant).await?)
}
