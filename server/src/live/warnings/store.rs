//! The rules, as a business lists them, and the calls they are for.

use api::warnings::WarningRuleDetails;
use sqlx::Row;

use crate::listed::Listed;
use crate::store::{Scope, StoreError, Tenant, from_json};

impl Listed for WarningRuleDetails {
    const KIND: &'static str = "warning_rule";
    const TABLE: &'static str = "warning_rules";
    const COLUMN: &'static str = "rule";
    const DEEDS: [&'static str; 3] = [
        "warning_rule.added",
        "warning_rule.changed",
        "warning_rule.removed",
    ];

    fn name(&self) -> &str {
        &self.name
    }
}

/// A call that is to be watched.
#[derive(Debug)]
pub(super) struct ToWatch {
    /// Whose.
    pub(super) tenant: Tenant,
    /// The rules, with their ids.
    pub(super) rules: Vec<(String, WarningRuleDetails)>,
}

crate::store::part! {
    /// The rules by which people are warned of what goes on in calls.
    warning_rules -> WarningRules
}

impl WarningRules<'_> {
    /// Which of the rules of its business are for a call; nothing where none is.
    pub(super) async fn of_call(self, call_id: &str) -> Result<Option<ToWatch>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let rows = sqlx::query(
            "SELECT t.id AS tenant_id, t.name AS tenant_name, t.timezone AS tenant_timezone, \
                 c.agent_id, r.id, r.rule \
             FROM calls c JOIN tenants t ON t.id = c.tenant_id \
             JOIN warning_rules r ON r.tenant_id = c.tenant_id \
             WHERE c.id = $1 ORDER BY r.id",
        )
        .bind(call_id)
        .fetch_all(db.connection())
        .await?;
        let (mut tenant, mut rules) = (None, Vec::new());
        for row in &rows {
            let id: String = row.try_get("id")?;
            let agent: &str = row.try_get("agent_id")?;
            let rule: WarningRuleDetails =
                from_json(row.try_get("rule")?, WarningRuleDetails::TABLE, &id)?;
            if rule.agents.is_empty() || rule.agents.iter().any(|it| it == agent) {
                tenant = Some(Tenant::from_row(row)?);
                rules.push((id, rule));
            }
        }
        Ok(tenant.map(|tenant| ToWatch { tenant, rules }))
    }

    /// The ids of all calls that go on at businesses with rules, and when each began (Unix ms).
    pub(super) async fn going_on(self) -> Result<Vec<(String, i64)>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let rows = sqlx::query(
            "SELECT c.id, COALESCE(c.started_at, c.created_at) AS begun FROM calls c \
             WHERE c.live = 1 AND c.status = 'ongoing' \
             AND EXISTS (SELECT 1 FROM warning_rules r WHERE r.tenant_id = c.tenant_id)",
        )
        .fetch_all(db.connection())
        .await?;
        rows.iter()
            .map(|row| Ok((row.try_get("id")?, row.try_get("begun")?)))
            .collect()
    }
}
