//! The business's Retell account, for admins.

use api::desk::{ChangeAccount, RetellAccount};
use api::problem::slug;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json as JsonAnswer, Router};

use crate::config::{Secret, trimmed};
use crate::http::json::Json;
use crate::http::problem::ApiError;
use crate::http::staff::Staff;
use crate::staff::Role;
use crate::state::App;
use crate::tenants::accounts::{self, retell_key_purpose, webhook_key_purpose};

pub(super) fn routes() -> Router<App> {
    Router::new().route("/api/desk/account", get(show).put(change))
}

async fn show(State(app): State<App>, staff: Staff) -> Result<JsonAnswer<RetellAccount>, ApiError> {
    staff.require(Role::Admin)?;
    let sealed = app.store.sealed_keys(&staff.tenant).await?;
    Ok(JsonAnswer(RetellAccount {
        own: sealed.retell_key.is_some(),
        own_webhook_key: sealed.webhook_key.is_some(),
    }))
}

/// A key Retell refuses is not kept: with it no call could be started.
async fn change(
    State(app): State<App>,
    staff: Staff,
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
        let client = accounts::client(&app.config, &Secret::new(key))?;
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
        key.map(|key| app.vault.seal(&purpose, key))
            .transpose()
            .map_err(|error| {
                tracing::error!(%error, "a key cannot be sealed");
                ApiError::internal()
            })
    };
    let sealed_retell = seal(retell_key_purpose(id), retell_key.as_ref())?;
    let sealed_webhook = seal(webhook_key_purpose(id), webhook_key.as_ref())?;
    app.store
        .set_sealed_keys(
            &staff.tenant,
            sealed_retell.as_deref(),
            sealed_webhook.as_deref(),
            &staff.author(),
            app.clock.now_ms(),
        )
        .await?;
    Ok(JsonAnswer(RetellAccount {
        own: sealed_retell.is_some(),
        own_webhook_key: sealed_webhook.is_some(),
    }))
}
