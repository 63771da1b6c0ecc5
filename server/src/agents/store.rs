//! Which agents are a tenant's own.

mod numbers;

use std::collections::HashMap;

use api::routing::{AgentName, AgentVoice};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::mirror::Change;
use crate::accounts::{Asked, Owner, select_owners};
use crate::deeds::{Author, Deed, Deeds};
use crate::keeps::Keeps;
use crate::store::{Connection, Scope, StoreError, Tenant, Write, from_json, to_json};
pub use numbers::Numbers;

/// What this domain keeps.
pub(super) const KEEPS: Keeps = Keeps {
    // Of an account of its own a business names whatever it likes: on the server's, where
    // others have theirs, it has what it is assigned.
    of_account: Some(|write, tenant| Box::pin(forget_agents(write, tenant))),
    ..Keeps::NOTHING
};

/// How many of its agents a business is shown.
const AGENTS_LISTED: i64 = 500;

/// An agent as the business calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Its id at Retell.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The voice it speaks with, once it is known.
    pub voice: Option<AgentVoice>,
    /// When somebody last changed it there (Unix ms), which its voice is of.
    pub changed_at: Option<i64>,
}

impl Agent {
    /// One of which no more is known.
    #[must_use]
    pub fn named(id: &str, name: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            voice: None,
            changed_at: None,
        }
    }
}

/// Whose an agent is, as a business asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// One of the business's agents.
    Ours,
    /// None we know of. The whole account is the business's, though, so it is
    /// ours if there is one: Retell knows.
    OursIfAny,
    /// Not the business's.
    NotOurs,
}

impl Whose {
    /// Whether the business may name it.
    #[must_use]
    pub fn is_usable(self) -> bool {
        self != Self::NotOurs
    }
}

/// The agents a business is known to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mirrored {
    /// All of them.
    pub(super) agents: Vec<Agent>,
    /// Counts the changes of its account.
    pub(super) account_version: i64,
}

async fn forget_agents(write: &mut Write, tenant: &Tenant) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM agents WHERE tenant_id = $1")
        .bind(tenant.id())
        .execute(write.connection())
        .await?;
    Ok(())
}

/// Those who have an agent: businesses may share one.
pub(crate) async fn owners_of_agent<'a>(
    connection: &mut Connection,
    asked: &'a mut Asked,
    id: &str,
) -> Result<&'a [Owner], StoreError> {
    let sql = select_owners!("FROM agents a JOIN tenants t ON t.id = a.tenant_id WHERE a.id = $1");
    asked.owners(connection, sql, Some(id)).await
}

/// Those who have a telephone number: businesses may share one.
pub(crate) async fn owners_of_number<'a>(
    connection: &mut Connection,
    asked: &'a mut Asked,
    number: &str,
) -> Result<&'a [Owner], StoreError> {
    let sql =
        select_owners!("FROM numbers n JOIN tenants t ON t.id = n.tenant_id WHERE n.number = $1");
    asked.owners(connection, sql, Some(number)).await
}

crate::store::part! {
    /// The agents of each business, as they are at Retell, and whose they are.
    agents -> Agents
}

impl Agents<'_> {
    /// Whose an agent is. Whatever takes the id of an agent asks here: on an
    /// account that businesses share, none may use another's.
    pub async fn whose(self, tenant: &Tenant, id: &str) -> Result<Whose, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let row = sqlx::query(
            "SELECT CAST(CASE \
                 WHEN EXISTS (SELECT 1 FROM agents WHERE tenant_id = $1 AND id = $2) THEN 2 \
                 WHEN EXISTS (SELECT 1 FROM tenants WHERE id = $1 AND retell_key IS NOT NULL) \
                     OR NOT EXISTS (SELECT 1 FROM tenants WHERE id <> $1) THEN 1 \
                 ELSE 0 END AS BIGINT) AS whose",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_one(db.connection())
        .await?;
        Ok(match row.try_get("whose")? {
            2_i64 => Whose::Ours,
            1 => Whose::OursIfAny,
            _ => Whose::NotOurs,
        })
    }

    /// Makes an agent of the account that businesses share one of the tenant's,
    /// beside those that have it already.
    pub async fn assign(
        self,
        tenant: &Tenant,
        id: &str,
        name: &str,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        put(&mut write, tenant, &Agent::named(id, name), now).await?;
        let deed = Deed::on("agent", id, "agent.assigned").with(json!({"name": name}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await
    }

    /// Takes an agent from the tenant; `false` when it had none of this id.
    pub async fn release(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        if !remove(&mut write, tenant, id).await? {
            return Ok(false);
        }
        let deed = Deed::on("agent", id, "agent.released");
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(true)
    }

    /// The ids of the tenants that have an agent of the server's account, by its
    /// id.
    pub async fn owners(self) -> Result<HashMap<String, Vec<String>>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let rows = sqlx::query(
            "SELECT a.id, a.tenant_id FROM agents a JOIN tenants t ON t.id = a.tenant_id \
             WHERE t.retell_key IS NULL ORDER BY a.tenant_id",
        )
        .fetch_all(db.connection())
        .await?;
        let mut owners: HashMap<String, Vec<String>> = HashMap::new();
        for row in rows {
            let of_agent = owners.entry(row.try_get("id")?).or_default();
            of_agent.push(row.try_get("tenant_id")?);
        }
        Ok(owners)
    }

    /// The agents of a tenant, by name.
    pub async fn list(self, tenant: &Tenant) -> Result<Vec<Agent>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT id, name, voice, changed_at FROM agents WHERE tenant_id = $1 \
             ORDER BY name, id LIMIT $2",
        )
        .bind(tenant.id())
        .bind(AGENTS_LISTED)
        .fetch_all(db.connection())
        .await?;
        rows.iter().map(agent).collect()
    }

    /// The tenant's agents, by name.
    pub async fn names(self, tenant: &Tenant) -> Result<Vec<AgentName>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        names(db.connection(), tenant).await
    }

    /// Every agent of a tenant, and which account of it they are of.
    pub(super) async fn mirrored(self, tenant: &Tenant) -> Result<Mirrored, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let account_version = account_version(db.connection(), tenant).await?;
        let rows =
            sqlx::query("SELECT id, name, voice, changed_at FROM agents WHERE tenant_id = $1")
                .bind(tenant.id())
                .fetch_all(db.connection())
                .await?;
        Ok(Mirrored {
            agents: rows.iter().map(agent).collect::<Result<_, _>>()?,
            account_version,
        })
    }

    /// Changes which agents a tenant has, as Retell lists them; `false` when the
    /// tenant has another account by now, of which that list says nothing.
    pub(super) async fn mirror(
        self,
        tenant: &Tenant,
        of_version: i64,
        change: &Change,
        now: i64,
    ) -> Result<bool, StoreError> {
        if change.is_empty() {
            let mut db = self.0.read(Scope::Of(tenant)).await?;
            return Ok(account_version(db.connection(), tenant).await? == of_version);
        }
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        if account_version(write.connection(), tenant).await? != of_version {
            return Ok(false);
        }
        for agent in &change.put {
            put(&mut write, tenant, agent, now).await?;
        }
        for id in &change.gone {
            remove(&mut write, tenant, id).await?;
        }
        write.commit().await?;
        Ok(true)
    }

    /// The tenants that work and have a Retell account of their own.
    pub(super) async fn tenants_with_own_account(self) -> Result<Vec<Tenant>, StoreError> {
        self.working_tenants("retell_key IS NOT NULL").await
    }

    /// The tenants that work and use the server's Retell account.
    pub(super) async fn tenants_of_servers_account(self) -> Result<Vec<Tenant>, StoreError> {
        self.working_tenants("retell_key IS NULL").await
    }

    async fn working_tenants(self, that: &'static str) -> Result<Vec<Tenant>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let sql = format!(
            "SELECT id AS tenant_id, name AS tenant_name, timezone AS tenant_timezone \
             FROM tenants WHERE disabled_at IS NULL AND {that} ORDER BY id"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .fetch_all(db.connection())
            .await?;
        let tenants = rows.iter().map(Tenant::from_row);
        Ok(tenants.collect::<Result<_, _>>()?)
    }
}

fn agent(row: &AnyRow) -> Result<Agent, StoreError> {
    let id: String = row.try_get("id")?;
    Ok(Agent {
        voice: voice(row, &id)?,
        id,
        name: row.try_get("name")?,
        changed_at: row.try_get("changed_at")?,
    })
}

fn voice(row: &AnyRow, id: &str) -> Result<Option<AgentVoice>, StoreError> {
    let voice: Option<&str> = row.try_get("voice")?;
    voice.map(|text| from_json(text, "agents", id)).transpose()
}

async fn account_version(connection: &mut Connection, tenant: &Tenant) -> Result<i64, StoreError> {
    let row = sqlx::query("SELECT account_version FROM tenants WHERE id = $1")
        .bind(tenant.id())
        .fetch_one(connection)
        .await?;
    Ok(row.try_get("account_version")?)
}

async fn put(
    write: &mut Write,
    tenant: &Tenant,
    agent: &Agent,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO agents (tenant_id, id, name, voice, changed_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (tenant_id, id) DO UPDATE \
         SET name = excluded.name, voice = excluded.voice, changed_at = excluded.changed_at, \
             updated_at = excluded.updated_at",
    )
    .bind(tenant.id())
    .bind(&agent.id)
    .bind(&agent.name)
    .bind(agent.voice.as_ref().map(to_json))
    .bind(agent.changed_at)
    .bind(now)
    .execute(write.connection())
    .await?;
    Ok(())
}

async fn remove(write: &mut Write, tenant: &Tenant, id: &str) -> Result<bool, StoreError> {
    let done = sqlx::query("DELETE FROM agents WHERE tenant_id = $1 AND id = $2")
        .bind(tenant.id())
        .bind(id)
        .execute(write.connection())
        .await?;
    Ok(done.rows_affected() > 0)
}

/// The tenant's agents, by name.
pub(crate) async fn names(
    connection: &mut Connection,
    tenant: &Tenant,
) -> Result<Vec<AgentName>, StoreError> {
    let rows =
        sqlx::query("SELECT id, name, voice FROM agents WHERE tenant_id = $1 ORDER BY name, id")
            .bind(tenant.id())
            .fetch_all(connection)
            .await?;
    rows.iter()
        .map(|row| {
            let id: String = row.try_get("id")?;
            Ok(AgentName {
                voice: voice(row, &id)?,
                id,
                name: row.try_get("name")?,
            })
        })
        .collect()
}
