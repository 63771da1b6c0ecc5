//! Endpoints for outgoing webhooks; their events and notifications are below.

mod attempts;
mod kept;
mod log;
mod outgoing;

pub use attempts::{Attempt, Sending, Sent};
pub(crate) use kept::KEEPS;
pub use log::{NotificationDetail, NotificationRow};
pub use outgoing::Notifications;
pub(crate) use outgoing::Subscribers;

use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::forget::job as forgetting;
use crate::deeds::{Author, Deed, Deeds};
use crate::jobs::Jobs;
use crate::revisions::{KeptRevisions, Revisions};
use crate::store::{Scope, StoreError, Tenant, from_json, to_json};

/// Where a business wants its events sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its id.
    pub id: String,
    /// The address.
    pub url: String,
    /// What it is, in the business's words.
    pub description: String,
    /// The names of the event types it gets.
    pub events: Vec<String>,
    /// The names of the headers it gets; their values are sealed.
    pub header_names: Vec<String>,
    /// When it was created (Unix ms).
    pub created_at: i64,
    /// Until when its previous secret signs, too (Unix ms).
    pub previous_until: Option<i64>,
    /// When it was switched off (Unix ms).
    pub disabled_at: Option<i64>,
    /// `person`, `gone` or `failing`.
    pub disabled_reason: Option<String>,
    /// Since when nothing arrived (Unix ms).
    pub failing_since: Option<i64>,
    /// Which revision of what a person says of it this is.
    pub revision: i64,
}

/// What a person says of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointChange {
    /// The address.
    pub url: String,
    /// What it is.
    pub description: String,
    /// The names of the event types it gets.
    pub events: Vec<String>,
}

/// An endpoint to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEndpoint {
    /// Its id.
    pub id: String,
    /// What a person says of it.
    pub change: EndpointChange,
    /// Its secret, sealed.
    pub secret: String,
    /// Its own headers, a JSON object, sealed.
    pub headers: Option<String>,
    /// Their names.
    pub header_names: Vec<String>,
}

/// A new secret for an endpoint. All are sealed, each for its own column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rotation {
    /// The one it has.
    pub before: String,
    /// The new one.
    pub secret: String,
    /// The one it has, which signs too.
    pub previous: Option<String>,
    /// Until then (Unix ms).
    pub previous_until: Option<i64>,
}

const COLUMNS: &str = "id, url, description, events, header_names, created_at, previous_until, \
    disabled_at, disabled_reason, failing_since";

/// What it is called in the trail.
const KIND: &str = "webhook_endpoint";

/// What holds of an endpoint that was not deleted.
const THERE: &str = "deleted_at IS NULL";

crate::store::part! {
    /// The endpoints of each business for outgoing webhooks.
    endpoints -> Endpoints
}

impl Endpoints<'_> {
    /// The tenant's endpoints, the oldest first. There are not many: creation
    /// bounds them.
    pub async fn list(self, tenant: &Tenant) -> Result<Vec<Endpoint>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM webhook_endpoints WHERE tenant_id = $1 AND {THERE} ORDER BY id"
        );
        let revisions = self.0.revisions().of_kind(tenant, KIND).await?;
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .fetch_all(db.connection())
            .await?;
        rows.iter().map(|row| endpoint(row, &revisions)).collect()
    }

    /// One endpoint of the tenant.
    pub async fn find(self, tenant: &Tenant, id: &str) -> Result<Option<Endpoint>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM webhook_endpoints WHERE tenant_id = $1 AND id = $2 AND {THERE}"
        );
        let revisions = self.0.revisions().of_kind(tenant, KIND).await?;
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(db.connection())
            .await?;
        row.map(|row| endpoint(&row, &revisions)).transpose()
    }

    /// Creates an endpoint.
    pub async fn create(
        self,
        tenant: &Tenant,
        new: &NewEndpoint,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO webhook_endpoints (id, tenant_id, url, description, events, secret, \
                 headers, header_names, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&new.id)
        .bind(tenant.id())
        .bind(&new.change.url)
        .bind(&new.change.description)
        .bind(to_json(&new.change.events))
        .bind(&new.secret)
        .bind(new.headers.as_deref())
        .bind(to_json(&new.header_names))
        .bind(now)
        .execute(write.connection())
        .await?;
        let details = json!({"events": new.change.events, "headers": new.header_names});
        let deed = Deed::on(KIND, &new.id, "endpoint.created").with(details);
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await
    }

    /// Changes what a person said of an endpoint, a change of the revision `read`; `false` when
    /// there is none.
    pub async fn change(
        self,
        tenant: &Tenant,
        id: &str,
        change: &EndpointChange,
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        KeptRevisions::revise(&mut write, tenant, (KIND, id), read).await?;
        let done = sqlx::query(
            "UPDATE webhook_endpoints SET url = $3, description = $4, events = $5 \
             WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(&change.url)
        .bind(&change.description)
        .bind(to_json(&change.events))
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let deed = Deed::on(KIND, id, "endpoint.changed").with(json!({"events": change.events}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Replaces an endpoint's own headers, sealed; `false` when there is none.
    pub async fn set_headers(
        self,
        tenant: &Tenant,
        id: &str,
        sealed: Option<&str>,
        names: &[String],
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let replace = sqlx::query(
            "UPDATE webhook_endpoints SET headers = $3, header_names = $4 \
             WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(sealed)
        .bind(to_json(&names));
        let deed = Deed::on(KIND, id, "endpoint.headers_changed").with(json!({"headers": names}));
        self.0
            .deeds()
            .done_to_one(tenant, replace, author, &deed, now)
            .await
    }

    /// An endpoint's secret, sealed.
    pub async fn secret(self, tenant: &Tenant, id: &str) -> Result<Option<String>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row =
            sqlx::query("SELECT secret FROM webhook_endpoints WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL")
                .bind(tenant.id())
                .bind(id)
                .fetch_optional(db.connection())
                .await?;
        Ok(row.map(|row| row.try_get("secret")).transpose()?)
    }

    /// Gives an endpoint a new secret; `false` when there is no such endpoint,
    /// or it has got another one meanwhile.
    pub async fn rotate_secret(
        self,
        tenant: &Tenant,
        id: &str,
        rotation: &Rotation,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let rotate = sqlx::query(
            "UPDATE webhook_endpoints \
             SET secret = $4, previous_secret = $5, previous_until = $6 \
             WHERE tenant_id = $1 AND id = $2 AND secret = $3 AND deleted_at IS NULL",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(&rotation.before)
        .bind(&rotation.secret)
        .bind(rotation.previous.as_deref())
        .bind(rotation.previous_until);
        let deed = Deed::on(KIND, id, "endpoint.secret_rotated");
        self.0
            .deeds()
            .done_to_one(tenant, rotate, author, &deed, now)
            .await
    }

    /// Switches an endpoint off for a person; `false` when there is none.
    pub async fn switch_off(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let switch = sqlx::query(
            "UPDATE webhook_endpoints SET disabled_at = $3, disabled_reason = 'person' \
             WHERE tenant_id = $1 AND id = $2 AND disabled_at IS NULL AND deleted_at IS NULL",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(now);
        let deed = Deed::on(KIND, id, "endpoint.disabled").with(json!({"reason": "person"}));
        self.0
            .deeds()
            .done_to_one(tenant, switch, author, &deed, now)
            .await
    }

    /// Switches an endpoint on, without its past; `false` when there is none.
    pub async fn switch_on(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let switch = sqlx::query(
            "UPDATE webhook_endpoints SET disabled_at = NULL, disabled_reason = NULL, \
                 failing_since = NULL, paused_until = NULL \
             WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL",
        )
        .bind(tenant.id())
        .bind(id);
        let deed = Deed::on(KIND, id, "endpoint.enabled");
        self.0
            .deeds()
            .done_to_one(tenant, switch, author, &deed, now)
            .await
    }

    /// Deletes an endpoint; its log goes after it, in steps ([`Endpoints::forget_log`]).
    /// `false` when there is none.
    pub async fn delete(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "UPDATE webhook_endpoints SET deleted_at = $3 \
             WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(now)
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        Jobs::enqueue(&mut write, tenant, &forgetting(id, now), now).await?;
        let deed = Deed::on(KIND, id, "endpoint.deleted");
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Deletes up to `limit` entries of the log of an endpoint that was deleted, and the
    /// endpoint with the last one. Returns whether that is all.
    pub async fn forget_log(
        self,
        tenant: &Tenant,
        endpoint_id: &str,
        limit: u32,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "DELETE FROM endpoint_deliveries WHERE id IN (SELECT id FROM endpoint_deliveries \
                 WHERE tenant_id = $1 AND endpoint_id = $2 ORDER BY id LIMIT $3)",
        )
        .bind(tenant.id())
        .bind(endpoint_id)
        .bind(i64::from(limit))
        .execute(write.connection())
        .await?;
        let is_all = done.rows_affected() < u64::from(limit);
        if is_all {
            sqlx::query(
                "DELETE FROM webhook_endpoints \
                 WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NOT NULL",
            )
            .bind(tenant.id())
            .bind(endpoint_id)
            .execute(write.connection())
            .await?;
        }
        write.commit().await?;
        Ok(is_all)
    }
}

fn endpoint(row: &AnyRow, revisions: &Revisions) -> Result<Endpoint, StoreError> {
    let id: String = row.try_get("id")?;
    Ok(Endpoint {
        url: row.try_get("url")?,
        description: row.try_get("description")?,
        events: from_json(row.try_get("events")?, "webhook_endpoints", &id)?,
        header_names: from_json(row.try_get("header_names")?, "webhook_endpoints", &id)?,
        created_at: row.try_get("created_at")?,
        previous_until: row.try_get("previous_until")?,
        disabled_at: row.try_get("disabled_at")?,
        disabled_reason: row.try_get("disabled_reason")?,
        failing_since: row.try_get("failing_since")?,
        revision: revisions.of(&id),
        id,
    })
}
