//! What people were warned of in calls.

use api::warnings::{CallWarning, Severity};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Calls, tell_changed};
use crate::deeds::{Author, Deed, Deeds};
use crate::store::{Connection, Scope, StoreError, Tenant};

const HIGH: &str = "high";
const LOW: &str = "low";

impl Calls<'_> {
    /// Keeps a warning with a call, of which every desk is told; what matters much flags the
    /// call besides, unless it is flagged. `false` where that rule has warned in it before, as
    /// another server may have seen, or the tenant has no such call.
    pub async fn warn(
        self,
        tenant: &Tenant,
        call_id: &str,
        warning: &CallWarning,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let is_high = warning.severity == Severity::High;
        let kept = sqlx::query(
            "INSERT INTO call_warnings (call_id, tenant_id, rule_id, name, severity, time_ms, at) \
             SELECT id, tenant_id, $3, $4, $5, $6, $7 FROM calls WHERE tenant_id = $1 AND id = $2 \
             ON CONFLICT (call_id, rule_id) DO NOTHING",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(&warning.rule_id)
        .bind(&warning.name)
        .bind(if is_high { HIGH } else { LOW })
        .bind(warning.time_ms)
        .bind(warning.at)
        .execute(write.connection())
        .await?;
        if kept.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "UPDATE calls SET warning = $3, warning_severity = $4, warned_at = $5 \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(call_id)
        .bind(&warning.name)
        .bind(if is_high { HIGH } else { LOW })
        .bind(warning.at)
        .execute(write.connection())
        .await?;
        if is_high {
            let flagged = sqlx::query(
                "UPDATE calls SET flagged = 1, flagged_at = $3, flag_reason = $4 \
                 WHERE tenant_id = $1 AND id = $2 AND flagged IS NULL",
            )
            .bind(tenant.id())
            .bind(call_id)
            .bind(warning.at)
            .bind(&warning.name)
            .execute(write.connection())
            .await?;
            if flagged.rows_affected() > 0 {
                let deed = Deed::on("call", call_id, "call.flagged");
                Deeds::record(&mut write, tenant, &Author::system(), &deed, warning.at).await?;
            }
        }
        tell_changed(&mut write, tenant, call_id).await?;
        write.commit().await?;
        Ok(true)
    }
}

/// The warnings of a call of the tenant, in the order they came.
pub(super) async fn of_call(
    db: &mut Connection,
    tenant: &Tenant,
    call_id: &str,
) -> Result<Vec<CallWarning>, StoreError> {
    let rows = sqlx::query(
        "SELECT rule_id, name, severity, time_ms, at FROM call_warnings \
         WHERE tenant_id = $1 AND call_id = $2 ORDER BY at, time_ms, rule_id",
    )
    .bind(tenant.id())
    .bind(call_id)
    .fetch_all(db)
    .await?;
    let all = rows.iter().map(warning).collect::<Result<_, _>>();
    Ok(all?)
}

/// How much a warning matters, as it is stored.
pub(super) fn severity(stored: Option<&str>) -> Option<Severity> {
    stored.map(|stored| match stored {
        HIGH => Severity::High,
        _ => Severity::Low,
    })
}

fn warning(row: &AnyRow) -> Result<CallWarning, sqlx::Error> {
    Ok(CallWarning {
        rule_id: row.try_get("rule_id")?,
        name: row.try_get("name")?,
        severity: severity(row.try_get("severity")?).unwrap_or_default(),
        time_ms: row.try_get("time_ms")?,
        at: row.try_get("at")?,
    })
}
