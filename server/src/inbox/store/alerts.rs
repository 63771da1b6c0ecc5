//! What Retell's alert rules said about a tenant.

use api::inbox::AlertNotice;
use serde_json::{Map, Value};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::deeds::{Author, Deed};
use crate::inbox::Alert;
use crate::store::{Scope, StoreError, Tenant, Write, from_json, to_json};

/// So many open alerts are shown.
const SHOWN: i64 = 100;

crate::store::part! {
    /// The alerts of Retell that are open.
    alerts -> Alerts
}

impl Alerts<'_> {
    /// Keeps an alert. One that was resolved stays so, whatever comes later.
    pub(crate) async fn keep(
        write: &mut Write,
        tenant: &Tenant,
        alert: &Alert,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO alerts (tenant_id, id, name, metric, retell, triggered_at, resolved_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (tenant_id, id) DO UPDATE SET \
                 name = excluded.name, metric = excluded.metric, \
                 retell = CASE WHEN alerts.resolved_at IS NULL \
                     THEN excluded.retell ELSE alerts.retell END, \
                 resolved_at = COALESCE(alerts.resolved_at, excluded.resolved_at)",
        )
        .bind(tenant.id())
        .bind(&alert.id)
        .bind(&alert.name)
        .bind(&alert.metric)
        .bind(to_json(&alert.fields))
        .bind(alert.triggered_at)
        .bind(alert.resolved_at)
        .execute(write.connection())
        .await?;
        Ok(())
    }

    /// The alerts of the tenant that nobody has dismissed, the newest first.
    pub async fn open(self, tenant: &Tenant) -> Result<Vec<AlertNotice>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT id, name, metric, retell, triggered_at, resolved_at FROM alerts \
             WHERE tenant_id = $1 AND dismissed_at IS NULL ORDER BY triggered_at DESC LIMIT $2",
        )
        .bind(tenant.id())
        .bind(SHOWN)
        .fetch_all(db.connection())
        .await?;
        rows.iter().map(notice).collect()
    }

    /// Takes an alert off the screens. Returns whether it was there.
    pub async fn dismiss(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let dismiss = sqlx::query(
            "UPDATE alerts SET dismissed_at = $3 \
             WHERE tenant_id = $1 AND id = $2 AND dismissed_at IS NULL",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(now);
        let deed = Deed::on("alert", id, "alert.dismissed");
        self.0
            .deeds()
            .done_to_one(tenant, dismiss, author, &deed, now)
            .await
    }
}

fn notice(row: &AnyRow) -> Result<AlertNotice, StoreError> {
    let id: String = row.try_get("id")?;
    let told: Map<String, Value> = from_json(row.try_get("retell")?, "alerts", &id)?;
    Ok(AlertNotice {
        name: row.try_get("name")?,
        metric: row.try_get("metric")?,
        triggered_at: row.try_get("triggered_at")?,
        resolved_at: row.try_get("resolved_at")?,
        value: told.get("current_value").cloned(),
        threshold: told.get("threshold_value").cloned(),
        id,
    })
}
