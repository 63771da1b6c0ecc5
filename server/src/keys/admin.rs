//! Making, changing, replacing and taking back keys: the same for the desk,
//! the API and the command line.

use api::keys::{
    ApiKeyView, Captcha, CreatedApiKey, NewApiKey, PublicKeySettings, PublicKeyView, Rotate,
};
use uuid::Uuid;

use super::store::PUBLIC_KEY;
use super::{
    ApiKey, ApiSecret, Context, Draft, PublicKey, SealedCaptcha, check_new_api_key, draft,
    new_public_key_id, rotation_end,
};
use crate::deeds::Author;
use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::store::{Store, StoreError, Tenant};
use crate::tenants::day;
use crate::vault::{Vault, VaultError};

/// Why a key is not as it should be now.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A value is not possible.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The tenant has no such key.
    #[error("there is no such key")]
    Unknown,
    /// It was replaced or taken back already.
    #[error("the key was replaced or revoked already")]
    Over,
    /// A secret cannot be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The tenant's public keys, the newest first, with the minutes of the day.
pub async fn public_keys(cx: &Context, tenant: &Tenant) -> Result<Vec<PublicKeyView>, KeyError> {
    let now = cx.clock.now_ms();
    let mut views = Vec::new();
    let revisions = cx.store.revisions().of_kind(tenant, PUBLIC_KEY).await?;
    for key in cx.store.public_keys().list(tenant).await? {
        // Of the others nobody asks what they have left.
        let today = match key.works(now) {
            true => Some(minutes_today(cx, tenant, &key).await?),
            false => None,
        };
        let revision = revisions.of(&key.id);
        views.push(view(key, today, revision));
    }
    Ok(views)
}

/// One of the tenant's public keys.
///
/// # Errors
/// When there is none, or the database fails.
pub async fn public_key(
    cx: &Context,
    tenant: &Tenant,
    id: &str,
) -> Result<PublicKeyView, KeyError> {
    // The revision first: what is newer than it is only asked about once more.
    let revisions = cx.store.revisions().of_kind(tenant, PUBLIC_KEY).await?;
    let key = cx.store.public_keys().own(tenant, id).await?;
    let key = key.ok_or(KeyError::Unknown)?;
    let today = minutes_today(cx, tenant, &key).await?;
    Ok(view(key, Some(today), revisions.of(id)))
}

/// Makes a public key.
///
/// # Errors
/// When a value is not possible, or the database fails.
pub async fn create_public_key(
    cx: &Ground,
    tenant: &Tenant,
    settings: PublicKeySettings,
    author: &Author,
) -> Result<PublicKeyView, KeyError> {
    let now = cx.clock.now_ms();
    new_public_key(&cx.store, &cx.vault, tenant, settings, author, now).await
}

/// [`create_public_key`], beside a server.
///
/// # Errors
/// When a value is not possible, or the database fails.
pub async fn new_public_key(
    store: &Store,
    vault: &Vault,
    tenant: &Tenant,
    settings: PublicKeySettings,
    author: &Author,
    now: i64,
) -> Result<PublicKeyView, KeyError> {
    let id = new_public_key_id();
    let draft = draft(settings, &id, None, vault)?;
    check_agents(store, tenant, &draft.settings.agents, &[]).await?;
    let key = PublicKey {
        family: id.clone(),
        created_at: now,
        ..key(id, draft)
    };
    if !store
        .public_keys()
        .create(tenant, &key, author, now)
        .await?
    {
        return Err(KeyError::Over);
    }
    Ok(view(key, None, 0))
}

/// Replaces what a public key allows: a change of the revision `read`.
///
/// # Errors
/// When a value is not possible, there is no such key, or the database fails.
pub async fn change_public_key(
    cx: &Context,
    tenant: &Tenant,
    id: &str,
    settings: PublicKeySettings,
    read: Option<i64>,
    author: &Author,
) -> Result<PublicKeyView, KeyError> {
    let now = cx.clock.now_ms();
    let before = cx.store.public_keys().own(tenant, id).await?;
    let before = before.ok_or(KeyError::Unknown)?;
    let draft = draft(settings, id, before.captcha.as_ref(), &cx.vault)?;
    check_agents(&cx.store, tenant, &draft.settings.agents, &before.agents).await?;
    let changed = key(id.to_owned(), draft);
    if !cx
        .store
        .public_keys()
        .change(tenant, &changed, read, author, now)
        .await?
    {
        return Err(KeyError::Unknown);
    }
    public_key(cx, tenant, id).await
}

/// Replaces a public key by a new one of the same rights.
///
/// # Errors
/// When the time is not possible, there is no such key, it was replaced already,
/// or the database fails.
pub async fn rotate_public_key(
    cx: &Ground,
    tenant: &Tenant,
    id: &str,
    rotate: Rotate,
    author: &Author,
) -> Result<PublicKeyView, KeyError> {
    let now = cx.clock.now_ms();
    let ends_at = rotation_end(rotate.works_until, now)?;
    let old = cx.store.public_keys().own(tenant, id).await?;
    let old = old.ok_or(KeyError::Unknown)?;
    let new_id = new_public_key_id();
    let new = PublicKey {
        captcha: resealed(&cx.vault, &old, &new_id)?,
        created_at: now,
        expires_at: None,
        replaced_by: None,
        last_used_at: None,
        id: new_id,
        ..old
    };
    let rotated = cx
        .store
        .public_keys()
        .rotate(tenant, id, &new, ends_at, author, now)
        .await?;
    if !rotated {
        return Err(KeyError::Over);
    }
    Ok(view(new, None, 0))
}

/// Deletes a public key.
///
/// # Errors
/// When there is no such key, or the database fails.
pub async fn delete_public_key(
    cx: &Ground,
    tenant: &Tenant,
    id: &str,
    author: &Author,
) -> Result<(), KeyError> {
    let now = cx.clock.now_ms();
    match cx
        .store
        .public_keys()
        .delete(tenant, id, author, now)
        .await?
    {
        true => Ok(()),
        false => Err(KeyError::Unknown),
    }
}

/// Makes a secret API key.
///
/// # Errors
/// When a value is not possible, or the database fails.
pub async fn create_api_key(
    cx: &Ground,
    tenant: &Tenant,
    new: NewApiKey,
    author: &Author,
) -> Result<CreatedApiKey, KeyError> {
    new_api_key(&cx.store, tenant, new, author, cx.clock.now_ms()).await
}

/// [`create_api_key`], beside a server.
///
/// # Errors
/// When a value is not possible, or the database fails.
pub async fn new_api_key(
    store: &Store,
    tenant: &Tenant,
    new: NewApiKey,
    author: &Author,
    now: i64,
) -> Result<CreatedApiKey, KeyError> {
    let new = check_new_api_key(new, now)?;
    let secret = ApiSecret::random();
    let key = ApiKey {
        id: Uuid::now_v7().to_string(),
        name: new.name,
        hint: secret.hint(),
        scopes: new.scopes,
        created_at: now,
        created_by: author.actor.name().map(str::to_owned),
        expires_at: new.expires_at,
        revoked_at: None,
        replaced_by: None,
        last_used_at: None,
    };
    store
        .api_keys()
        .create(tenant, &key, &secret.hash(), author, now)
        .await?;
    Ok(CreatedApiKey {
        secret: secret.expose(),
        key: api_key_view(key),
    })
}

/// Replaces a secret API key by a new one of the same rights.
///
/// # Errors
/// When the time is not possible, there is no such key, it is over, or the
/// database fails.
pub async fn rotate_api_key(
    cx: &Ground,
    tenant: &Tenant,
    id: &str,
    rotate: Rotate,
    author: &Author,
) -> Result<CreatedApiKey, KeyError> {
    let now = cx.clock.now_ms();
    let ends_at = rotation_end(rotate.works_until, now)?;
    let old = cx.store.api_keys().find(tenant, id).await?;
    let old = old.ok_or(KeyError::Unknown)?;
    let secret = ApiSecret::random();
    let new = ApiKey {
        id: Uuid::now_v7().to_string(),
        hint: secret.hint(),
        created_at: now,
        created_by: author.actor.name().map(str::to_owned),
        replaced_by: None,
        last_used_at: None,
        ..old
    };
    let hash = secret.hash();
    let rotated = cx
        .store
        .api_keys()
        .rotate(tenant, id, &new, &hash, ends_at, author, now)
        .await?;
    if !rotated {
        return Err(KeyError::Over);
    }
    Ok(CreatedApiKey {
        secret: secret.expose(),
        key: api_key_view(new),
    })
}

/// Takes a secret API key back.
///
/// # Errors
/// When there is no such key that works, or the database fails.
pub async fn revoke_api_key(
    cx: &Ground,
    tenant: &Tenant,
    id: &str,
    author: &Author,
) -> Result<(), KeyError> {
    let now = cx.clock.now_ms();
    match cx.store.api_keys().revoke(tenant, id, author, now).await? {
        true => Ok(()),
        false => Err(KeyError::Unknown),
    }
}

/// Checks that the agents are the tenant's. Those the key has already are asked
/// about at every call: a key that lost one can still be changed.
async fn check_agents(
    store: &Store,
    tenant: &Tenant,
    agents: &[String],
    before: &[String],
) -> Result<(), KeyError> {
    for agent in agents.iter().filter(|agent| !before.contains(agent)) {
        if !store.agents().whose(tenant, agent).await?.is_usable() {
            let reason = format!("{agent:?} is none of this business's agents.");
            return Err(Invalid::of("agents", reason).into());
        }
    }
    Ok(())
}

/// A secret API key as it is shown.
#[must_use]
pub fn api_key_view(key: ApiKey) -> ApiKeyView {
    ApiKeyView {
        id: key.id,
        name: key.name,
        hint: key.hint,
        scopes: key.scopes,
        created_at: key.created_at,
        created_by: key.created_by,
        expires_at: key.expires_at,
        revoked_at: key.revoked_at,
        replaced_by: key.replaced_by,
        last_used_at: key.last_used_at,
    }
}

fn key(id: String, draft: Draft) -> PublicKey {
    let settings = draft.settings;
    PublicKey {
        id,
        name: settings.name,
        title: settings.title,
        agents: settings.agents,
        origins: settings.origins,
        variables: settings.variables,
        modes: settings.modes,
        calls_per_minute: settings.calls_per_minute,
        calls_per_ip_per_minute: settings.calls_per_ip_per_minute,
        minutes_per_day: settings.minutes_per_day,
        max_concurrent: settings.max_concurrent,
        out_of_hours: settings.out_of_hours,
        countries: settings.countries,
        callbacks_per_day: settings.callbacks_per_day,
        captcha: draft.captcha,
        appearance: settings.appearance,
        disabled: settings.disabled,
        ..PublicKey::default()
    }
}

fn view(key: PublicKey, minutes_today: Option<u32>, revision: i64) -> PublicKeyView {
    PublicKeyView {
        settings: PublicKeySettings {
            name: key.name,
            title: key.title,
            agents: key.agents,
            origins: key.origins,
            modes: key.modes,
            variables: key.variables,
            calls_per_minute: key.calls_per_minute,
            calls_per_ip_per_minute: key.calls_per_ip_per_minute,
            minutes_per_day: key.minutes_per_day,
            max_concurrent: key.max_concurrent,
            out_of_hours: key.out_of_hours,
            countries: key.countries,
            callbacks_per_day: key.callbacks_per_day,
            captcha: key.captcha.map(|captcha| Captcha {
                kind: captcha.kind,
                site_key: captcha.site_key,
                secret: None,
                min_score: captcha.min_score,
            }),
            appearance: key.appearance,
            disabled: key.disabled,
        },
        created_at: key.created_at,
        last_used_at: key.last_used_at,
        expires_at: key.expires_at,
        replaced_by: key.replaced_by,
        minutes_today,
        revision,
        id: key.id,
    }
}

async fn minutes_today(cx: &Context, tenant: &Tenant, key: &PublicKey) -> Result<u32, StoreError> {
    let now = cx.clock.now_ms();
    let (midnight, _) = day::bounds(tenant.timezone(), now);
    let used = (cx.used_ms)(&cx.store, tenant, key, (midnight, now)).await?;
    // A minute that was begun shows.
    Ok(u32::try_from((used + 59_999) / 60_000).unwrap_or(u32::MAX))
}

/// A key's captcha, its secret sealed for another key.
fn resealed(
    vault: &Vault,
    old: &PublicKey,
    new_id: &str,
) -> Result<Option<SealedCaptcha>, VaultError> {
    let Some(captcha) = old.captcha.clone() else {
        return Ok(None);
    };
    let secret = vault.open(&super::captcha::secret_purpose(&old.id), &captcha.secret)?;
    let sealed = vault.seal(&super::captcha::secret_purpose(new_id), secret.expose())?;
    Ok(Some(SealedCaptcha {
        secret: sealed,
        ..captcha
    }))
}
