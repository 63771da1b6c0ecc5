//! Making, changing, replacing and deleting public keys.

use serde_json::json;

use super::{PublicKey, PublicKeys};
use crate::bus::Signal;
use crate::deeds::{Author, Deed, Deeds};
use crate::revisions::KeptRevisions;
use crate::store::{Scope, StoreError, Tenant, Write, to_json};

/// What a public key is called in the trail.
pub(in crate::keys) const PUBLIC_KEY: &str = "public_key";

impl PublicKeys<'_> {
    /// Creates a public key of the tenant, or replaces what it allows. A key of
    /// another tenant is left untouched. Not on the trail: for the demo.
    pub async fn upsert(
        self,
        tenant: &Tenant,
        key: &PublicKey,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let created = insert(&mut write, tenant, key, now).await?;
        if !created {
            update(&mut write, tenant, key, now).await?;
        }
        write.tell(Signal::KeysChanged);
        write.commit().await
    }

    /// Creates a public key of the tenant. False when there is one of this id.
    pub async fn create(
        self,
        tenant: &Tenant,
        key: &PublicKey,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        if !insert(&mut write, tenant, key, now).await? {
            return Ok(false);
        }
        let deed =
            Deed::on(PUBLIC_KEY, &key.id, "public_key.created").with(json!({ "name": key.name }));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.tell(Signal::KeysChanged);
        write.commit().await?;
        Ok(true)
    }

    /// Replaces what one of the tenant's public keys allows: a change of the revision `read`.
    /// False when there is no such key.
    pub async fn change(
        self,
        tenant: &Tenant,
        key: &PublicKey,
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        KeptRevisions::revise(&mut write, tenant, (PUBLIC_KEY, &key.id), read).await?;
        if !update(&mut write, tenant, key, now).await? {
            return Ok(false);
        }
        let details = json!({ "name": key.name, "disabled": key.disabled });
        let deed = Deed::on(PUBLIC_KEY, &key.id, "public_key.changed").with(details);
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.tell(Signal::KeysChanged);
        write.commit().await?;
        Ok(true)
    }

    /// Replaces one of the tenant's public keys by `new`, which is of the same
    /// family. The old one works until `old_ends_at`. False when there is no such
    /// key, or it was replaced already.
    pub async fn rotate(
        self,
        tenant: &Tenant,
        old_id: &str,
        new: &PublicKey,
        old_ends_at: i64,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let replaced = sqlx::query(
            "UPDATE public_keys SET replaced_by = $3, expires_at = $4 \
             WHERE tenant_id = $1 AND id = $2 AND replaced_by IS NULL",
        )
        .bind(tenant.id())
        .bind(old_id)
        .bind(&new.id)
        .bind(old_ends_at)
        .execute(write.connection())
        .await?;
        if replaced.rows_affected() == 0 || !insert(&mut write, tenant, new, now).await? {
            return Ok(false);
        }
        let details = json!({ "name": new.name, "new": new.id, "old_ends_at": old_ends_at });
        let deed = Deed::on(PUBLIC_KEY, old_id, "public_key.rotated").with(details);
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.tell(Signal::KeysChanged);
        write.commit().await?;
        Ok(true)
    }

    /// Deletes one of the tenant's public keys. Its calls stay. False when there
    /// is no such key.
    pub async fn delete(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let delete = sqlx::query("DELETE FROM public_keys WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id);
        let deed = Deed::on(PUBLIC_KEY, id, "public_key.deleted");
        self.0
            .deeds()
            .done_and_told(tenant, delete, author, &deed, now, Signal::KeysChanged)
            .await
    }
}

/// False when there is a key of this id.
async fn insert(
    write: &mut Write,
    tenant: &Tenant,
    key: &PublicKey,
    now: i64,
) -> Result<bool, StoreError> {
    let family = if key.family.is_empty() {
        &key.id
    } else {
        &key.family
    };
    let done = sqlx::query(
        "INSERT INTO public_keys (id, tenant_id, name, title, agents, origins, variables, modes, \
             calls_per_minute, calls_per_ip_per_minute, minutes_per_day, max_concurrent, captcha, \
             appearance, family, created_at, disabled_at, captcha_secret, out_of_hours, \
             countries, callbacks_per_day) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
             $18, $19, $20, $21) \
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(&key.id)
    .bind(tenant.id())
    .bind(&key.name)
    .bind(&key.title)
    .bind(to_json(&key.agents))
    .bind(to_json(&key.origins))
    .bind(to_json(&key.variables))
    .bind(to_json(&key.modes))
    .bind(i64::from(key.calls_per_minute))
    .bind(i64::from(key.calls_per_ip_per_minute))
    .bind(key.minutes_per_day.map(i64::from))
    .bind(key.max_concurrent.map(i64::from))
    .bind(key.captcha.as_ref().map(to_json))
    .bind(to_json(&key.appearance))
    .bind(family)
    .bind(now)
    .bind(key.disabled.then_some(now))
    .bind(key.captcha.as_ref().map(|captcha| captcha.secret.as_str()))
    .bind(key.out_of_hours.name())
    .bind(to_json(&key.countries))
    .bind(i64::from(key.callbacks_per_day))
    .execute(write.connection())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// False when the tenant has no such key.
async fn update(
    write: &mut Write,
    tenant: &Tenant,
    key: &PublicKey,
    now: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE public_keys SET name = $3, title = $4, agents = $5, origins = $6, \
             variables = $7, modes = $8, calls_per_minute = $9, calls_per_ip_per_minute = $10, \
             minutes_per_day = $11, max_concurrent = $12, captcha = $13, appearance = $14, \
             disabled_at = $15, captcha_secret = $16, out_of_hours = $17, countries = $18, \
             callbacks_per_day = $19 \
         WHERE tenant_id = $1 AND id = $2",
    )
    .bind(tenant.id())
    .bind(&key.id)
    .bind(&key.name)
    .bind(&key.title)
    .bind(to_json(&key.agents))
    .bind(to_json(&key.origins))
    .bind(to_json(&key.variables))
    .bind(to_json(&key.modes))
    .bind(i64::from(key.calls_per_minute))
    .bind(i64::from(key.calls_per_ip_per_minute))
    .bind(key.minutes_per_day.map(i64::from))
    .bind(key.max_concurrent.map(i64::from))
    .bind(key.captcha.as_ref().map(to_json))
    .bind(to_json(&key.appearance))
    .bind(key.disabled.then_some(now))
    .bind(key.captcha.as_ref().map(|captcha| captcha.secret.as_str()))
    .bind(key.out_of_hours.name())
    .bind(to_json(&key.countries))
    .bind(i64::from(key.callbacks_per_day))
    .execute(write.connection())
    .await?;
    Ok(done.rows_affected() > 0)
}
