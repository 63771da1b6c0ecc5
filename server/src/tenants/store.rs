//! Tenants as businesses: created, what they say about themselves, switched
//! off.

use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::{BusinessHours, TenantSettings};
use crate::accounts::mirror_job;
use crate::bus::Signal;
use crate::deeds::{Author, Deed, Deeds};
use crate::jobs::Jobs;
use crate::people::{NewUser, User, actor, end_every_session, insert_user};
use crate::revisions::KeptRevisions;
use crate::store::{Scope, StoreError, Tenant, Write, from_json, to_json};

/// What the revisions of what a business says about itself are kept as.
pub(super) const REVISED: &str = "business";

/// A tenant as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTenant {
    /// The tenant.
    pub tenant: Tenant,
    /// When it was created (Unix ms).
    pub created_at: i64,
    /// When it was switched off (Unix ms).
    pub disabled_at: Option<i64>,
}

crate::store::part! {
    /// The businesses of the server, and their settings.
    tenants -> Tenants
}

impl Tenants<'_> {
    /// What a business says about itself.
    pub async fn settings(self, tenant: &Tenant) -> Result<TenantSettings, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT name, timezone, languages, default_agent_id, business_hours \
             FROM tenants WHERE id = $1",
        )
        .bind(tenant.id())
        .fetch_one(db.connection())
        .await?;
        Ok(TenantSettings {
            name: row.try_get("name")?,
            timezone: row.try_get("timezone")?,
            languages: from_json(row.try_get("languages")?, "tenants", tenant.id())?,
            default_agent_id: row.try_get("default_agent_id")?,
            hours: from_json(row.try_get("business_hours")?, "tenants", tenant.id())?,
        })
    }

    /// The language the tenant speaks unless something else says (IETF tag).
    pub async fn first_language(self, tenant: &Tenant) -> Result<String, StoreError> {
        let settings = self.settings(tenant).await?;
        let first = settings.languages.into_iter().next();
        Ok(first.unwrap_or_else(|| "en".to_owned()))
    }

    /// Replaces what a business says about itself: a change of the revision `read`.
    pub async fn set_settings(
        self,
        tenant: &Tenant,
        settings: &TenantSettings,
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let before = self.settings(tenant).await?;
        let changed = changed(&before, settings);
        if changed.is_empty() {
            return Ok(());
        }
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        KeptRevisions::revise(&mut write, tenant, (REVISED, ""), read).await?;
        sqlx::query(
            "UPDATE tenants SET name = $2, timezone = $3, languages = $4, \
                 default_agent_id = $5, business_hours = $6 WHERE id = $1",
        )
        .bind(tenant.id())
        .bind(&settings.name)
        .bind(&settings.timezone)
        .bind(to_json(&settings.languages))
        .bind(settings.default_agent_id.as_deref())
        .bind(to_json(&settings.hours))
        .execute(write.connection())
        .await?;
        let details = json!({"changed": changed});
        record(&mut write, tenant, author, "tenant.changed", details, now).await?;
        write.commit().await
    }

    /// Whether there is any tenant.
    pub async fn any(self) -> Result<bool, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let row = sqlx::query("SELECT id FROM tenants LIMIT 1")
            .fetch_optional(db.connection())
            .await?;
        Ok(row.is_some())
    }

    /// Creates the first tenant with its first admin. `None` when there is one
    /// already: of two at once only one is the first.
    pub async fn create_first(
        self,
        name: &str,
        timezone: &str,
        languages: &[String],
        admin: &NewUser,
        password_hash: &str,
        now: i64,
    ) -> Result<Option<(Tenant, User)>, StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        let first = sqlx::query(
            "INSERT INTO first_setup (id, done_at) VALUES (1, $1) ON CONFLICT (id) DO NOTHING",
        )
        .bind(now)
        .execute(write.connection())
        .await?;
        let any = sqlx::query("SELECT id FROM tenants LIMIT 1")
            .fetch_optional(write.connection())
            .await?;
        if first.rows_affected() != 1 || any.is_some() {
            return Ok(None);
        }
        let tenant = insert_tenant(&mut write, name, timezone, languages, now).await?;
        insert_user(&mut write, &tenant, admin, Some(password_hash), now).await?;
        let user = User {
            id: admin.id.clone(),
            email: admin.email.clone(),
            name: admin.name.clone(),
            role: admin.role,
            password_hash: Some(password_hash.to_owned()),
        };
        let author = Author {
            actor: actor(&user),
            ..Author::system()
        };
        let details = json!({"name": name});
        record(&mut write, &tenant, &author, "tenant.created", details, now).await?;
        Jobs::enqueue(&mut write, &tenant, &mirror_job(now), now).await?;
        write.commit().await?;
        Ok(Some((tenant, user)))
    }

    /// Creates a tenant.
    pub async fn create(
        self,
        name: &str,
        timezone: &str,
        languages: &[String],
        author: &Author,
        now: i64,
    ) -> Result<Tenant, StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        let tenant = insert_tenant(&mut write, name, timezone, languages, now).await?;
        let details = json!({"name": name});
        record(&mut write, &tenant, author, "tenant.created", details, now).await?;
        Jobs::enqueue(&mut write, &tenant, &mirror_job(now), now).await?;
        write.commit().await?;
        Ok(tenant)
    }

    /// A page of the tenants in the order they were created, from after the one
    /// with the id `after`.
    pub async fn page(
        self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ListedTenant>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let rows = sqlx::query(
            "SELECT id AS tenant_id, name AS tenant_name, timezone AS tenant_timezone, \
                 created_at, disabled_at FROM tenants WHERE id > $1 ORDER BY id LIMIT $2",
        )
        .bind(after.unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(db.connection())
        .await?;
        let listed = |row: &AnyRow| {
            Ok(ListedTenant {
                tenant: Tenant::from_row(row)?,
                created_at: row.try_get("created_at")?,
                disabled_at: row.try_get("disabled_at")?,
            })
        };
        rows.iter().map(listed).collect()
    }

    /// Switches a tenant off: its people are signed out and cannot sign in, its
    /// public keys start no calls, nobody is called back for it, and its outgoing
    /// webhooks wait. Nothing is deleted.
    pub async fn disable(
        self,
        tenant: &Tenant,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query("UPDATE tenants SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL")
            .bind(tenant.id())
            .bind(now)
            .execute(write.connection())
            .await?;
        end_every_session(&mut write, tenant).await?;
        write.tell(Signal::KeysChanged);
        record(
            &mut write,
            tenant,
            author,
            "tenant.disabled",
            json!({}),
            now,
        )
        .await?;
        write.commit().await
    }

    /// Switches a tenant on again.
    pub async fn enable(
        self,
        tenant: &Tenant,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query("UPDATE tenants SET disabled_at = NULL WHERE id = $1")
            .bind(tenant.id())
            .execute(write.connection())
            .await?;
        record(&mut write, tenant, author, "tenant.enabled", json!({}), now).await?;
        write.commit().await
    }

    /// Creates a tenant, or renames the one with this id.
    pub async fn upsert(
        self,
        id: &str,
        name: &str,
        timezone: &str,
        now: i64,
    ) -> Result<Tenant, StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        let row = sqlx::query(
            "INSERT INTO tenants (id, name, timezone, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, timezone = excluded.timezone \
             RETURNING id AS tenant_id, name AS tenant_name, timezone AS tenant_timezone",
        )
        .bind(id)
        .bind(name)
        .bind(timezone)
        .bind(now)
        .fetch_one(write.connection())
        .await?;
        let tenant = Tenant::from_row(&row)?;
        write.commit().await?;
        Ok(tenant)
    }

    /// The agent a tenant's calls go to when nothing else says.
    pub async fn default_agent(self, tenant: &Tenant) -> Result<Option<String>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query("SELECT default_agent_id FROM tenants WHERE id = $1")
            .bind(tenant.id())
            .fetch_optional(db.connection())
            .await?;
        let agent = row.map(|row| row.try_get("default_agent_id")).transpose()?;
        Ok(agent.flatten())
    }
}

async fn insert_tenant(
    write: &mut Write,
    name: &str,
    timezone: &str,
    languages: &[String],
    now: i64,
) -> Result<Tenant, StoreError> {
    let row = sqlx::query(
        "INSERT INTO tenants (id, name, timezone, languages, business_hours, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         RETURNING id AS tenant_id, name AS tenant_name, timezone AS tenant_timezone",
    )
    .bind(format!("tenant_{}", Uuid::now_v7().simple()))
    .bind(name)
    .bind(timezone)
    .bind(to_json(&languages))
    .bind(to_json(&BusinessHours::default()))
    .bind(now)
    .fetch_one(write.connection())
    .await?;
    Ok(Tenant::from_row(&row)?)
}

/// The names of the settings that differ.
fn changed(before: &TenantSettings, after: &TenantSettings) -> Vec<&'static str> {
    [
        ("name", before.name != after.name),
        ("timezone", before.timezone != after.timezone),
        ("languages", before.languages != after.languages),
        (
            "default_agent",
            before.default_agent_id != after.default_agent_id,
        ),
        ("hours", before.hours != after.hours),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect()
}

async fn record(
    write: &mut Write,
    tenant: &Tenant,
    author: &Author,
    action: &'static str,
    details: Value,
    now: i64,
) -> Result<(), StoreError> {
    let deed = Deed::of_business(action, details);
    Deeds::record(write, tenant, author, &deed, now).await
}
