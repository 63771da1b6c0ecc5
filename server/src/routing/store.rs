//! The rules by which inbound calls are routed, and what they are decided from.

use std::collections::BTreeMap;

use api::routing::{AgentName, Destination, DestinationDetails, Rule, RuleBody};
use serde_json::{Map, Value, json};
use sqlx::Row;

use super::KnownCaller;
use crate::agents;
use crate::deeds::{Author, Deed, Deeds};
use crate::listed::Listed;
use crate::phone::E164;
use crate::revisions::KeptRevisions;
use crate::store::{Connection, Scope, StoreError, Tenant, Write, from_json, to_json};
use crate::tenants::BusinessHours;

/// What a call to one of a tenant's numbers is decided from.
#[derive(Debug, Clone, PartialEq)]
pub struct Routing {
    /// In their order.
    pub rules: Vec<Rule>,
    /// The tenant's languages, the first is its default (IETF tags).
    pub languages: Vec<String>,
    /// When the tenant is open.
    pub business_hours: BusinessHours,
    /// Who answers when nothing else says.
    pub default_agent: Option<String>,
    /// Who answers the called number when no rule says.
    pub number_agent: Option<String>,
    /// The tenant's agents.
    pub agents: Vec<AgentName>,
}

impl Listed for DestinationDetails {
    const KIND: &'static str = "destination";
    const TABLE: &'static str = "transfer_destinations";
    const COLUMN: &'static str = "destination";
    const DEEDS: [&'static str; 3] = [
        "destination.added",
        "destination.changed",
        "destination.removed",
    ];

    fn name(&self) -> &str {
        &self.name
    }
}

crate::store::part! {
    /// The rules by which each business answers incoming calls.
    routing_rules -> RoutingRules
}

/// What a rule is called in the trail.
pub(super) const RULE: &str = "routing_rule";

impl RoutingRules<'_> {
    /// Where calls of the tenant are transferred to, in the order they are tried.
    pub async fn destinations(self, tenant: &Tenant) -> Result<Vec<Destination>, StoreError> {
        let revisions = self
            .0
            .revisions()
            .of_kind(tenant, DestinationDetails::KIND)
            .await?;
        let all = self.0.lists().all(tenant).await?.into_iter();
        let mut all: Vec<_> = all
            .map(|(id, details)| Destination {
                revision: revisions.of(&id),
                id,
                details,
            })
            .collect();
        all.sort_by_key(|it| it.details.order);
        Ok(all)
    }

    /// Everything a call to a number (E.164) of the tenant is decided from.
    pub async fn routing(self, tenant: &Tenant, number: &str) -> Result<Routing, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT languages, business_hours, default_agent_id FROM tenants WHERE id = $1",
        )
        .bind(tenant.id())
        .fetch_one(db.connection())
        .await?;
        let number_agent =
            sqlx::query("SELECT agent_id FROM numbers WHERE tenant_id = $1 AND number = $2")
                .bind(tenant.id())
                .bind(number)
                .fetch_optional(db.connection())
                .await?;
        let number_agent = number_agent
            .map(|row| row.try_get::<Option<String>, _>("agent_id"))
            .transpose()?
            .flatten();
        Ok(Routing {
            rules: rules(db.connection(), tenant).await?,
            languages: from_json(row.try_get("languages")?, "tenants", tenant.id())?,
            business_hours: from_json(row.try_get("business_hours")?, "tenants", tenant.id())?,
            default_agent: row.try_get("default_agent_id")?,
            number_agent,
            agents: agents::names(db.connection(), tenant).await?,
        })
    }

    /// The tenant's rules in their order.
    pub async fn list(self, tenant: &Tenant) -> Result<Vec<Rule>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        rules(db.connection(), tenant).await
    }

    /// Adds a rule after all others.
    pub async fn add(
        self,
        tenant: &Tenant,
        rule: &Rule,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO routing_rules (id, tenant_id, position, rule, created_at, updated_at) \
             VALUES ($1, $2, (SELECT COALESCE(MAX(position), 0) + 1 FROM routing_rules \
                              WHERE tenant_id = $2), $3, $4, $4)",
        )
        .bind(&rule.id)
        .bind(tenant.id())
        .bind(to_json(&rule.body))
        .bind(now)
        .execute(write.connection())
        .await?;
        note(&mut write, tenant, author, "routing_rule.added", rule, now).await?;
        write.commit().await
    }

    /// Replaces what a rule says: a change of the revision `read`. Returns the new revision;
    /// `None` when there is no such rule.
    pub async fn change(
        self,
        tenant: &Tenant,
        rule: &Rule,
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<Option<i64>, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let revision = KeptRevisions::revise(&mut write, tenant, (RULE, &rule.id), read).await?;
        let changed = sqlx::query(
            "UPDATE routing_rules SET rule = $3, updated_at = $4 \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(&rule.id)
        .bind(to_json(&rule.body))
        .bind(now)
        .execute(write.connection())
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(None);
        }
        note(
            &mut write,
            tenant,
            author,
            "routing_rule.changed",
            rule,
            now,
        )
        .await?;
        write.commit().await?;
        Ok(Some(revision))
    }

    /// Removes a rule. Returns whether there was one.
    pub async fn remove(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "DELETE FROM routing_rules WHERE tenant_id = $1 AND id = $2 RETURNING rule",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { return Ok(false) };
        let rule = Rule {
            id: id.to_owned(),
            body: from_json(row.try_get("rule")?, "routing_rules", id)?,
            revision: 0,
        };
        note(
            &mut write,
            tenant,
            author,
            "routing_rule.removed",
            &rule,
            now,
        )
        .await?;
        write.commit().await?;
        Ok(true)
    }

    /// Puts the tenant's rules into this order. Returns `false`, and changes
    /// nothing, when these are not all of them.
    pub async fn order(
        self,
        tenant: &Tenant,
        ids: &[String],
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let mut known: Vec<String> = rules(write.connection(), tenant)
            .await?
            .into_iter()
            .map(|rule| rule.id)
            .collect();
        let mut given = ids.to_vec();
        known.sort_unstable();
        given.sort_unstable();
        if known != given {
            return Ok(false);
        }
        for (position, id) in (1_i64..).zip(ids) {
            sqlx::query("UPDATE routing_rules SET position = $3 WHERE tenant_id = $1 AND id = $2")
                .bind(tenant.id())
                .bind(id)
                .bind(position)
                .execute(write.connection())
                .await?;
        }
        let deed = Deed::of_business("routing_rules.ordered", json!({"ids": ids}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(true)
    }

    /// The contact of the tenant with this number, as far as rules need it.
    pub async fn known_caller(
        self,
        tenant: &Tenant,
        number: &E164,
    ) -> Result<Option<KnownCaller>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT k.id, k.name, k.email, k.language, k.vip, k.blocked, k.fields \
             FROM contact_numbers n JOIN contacts k ON k.id = n.contact_id \
             WHERE n.tenant_id = $1 AND n.number = $2",
        )
        .bind(tenant.id())
        .bind(number.as_str())
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let id: String = row.try_get("id")?;
        let own: Map<String, Value> = from_json(row.try_get("fields")?, "contacts", &id)?;
        let text = |value: Value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        };
        let mut fields: BTreeMap<_, _> = own
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, text(value)))
            .collect();
        let name: String = row.try_get("name")?;
        if let Some(first) = name.split_whitespace().next() {
            fields
                .entry("first_name".to_owned())
                .or_insert_with(|| first.to_owned());
        }
        if let Some(email) = row.try_get::<Option<String>, _>("email")? {
            fields.insert("email".to_owned(), email);
        }
        fields.insert("id".to_owned(), id);
        Ok(Some(KnownCaller {
            name,
            vip: row.try_get::<i64, _>("vip")? != 0,
            blocked: row.try_get::<i64, _>("blocked")? != 0,
            language: row.try_get("language")?,
            fields,
        }))
    }
}

async fn rules(connection: &mut Connection, tenant: &Tenant) -> Result<Vec<Rule>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, rule FROM routing_rules WHERE tenant_id = $1 ORDER BY position, id",
    )
    .bind(tenant.id())
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get("id")?;
            let body: RuleBody = from_json(row.try_get("rule")?, "routing_rules", &id)?;
            Ok(Rule {
                id,
                body,
                revision: 0,
            })
        })
        .collect()
}

async fn note(
    write: &mut Write,
    tenant: &Tenant,
    author: &Author,
    action: &'static str,
    rule: &Rule,
    now: i64,
) -> Result<(), StoreError> {
    let deed = Deed::on(RULE, &rule.id, action).with(json!({"name": rule.body.name}));
    Deeds::record(write, tenant, author, &deed, now).await
}
