//! What our tables look like at a version of the schema: read from a scratch
//! database that only the migrations have touched, so that whatever else is in
//! an operator's PostgreSQL is never taken for ours.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AnyConnection, Connection, Row};

use super::migrations::migrator;
use super::{Engine, StoreError};

/// A table of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
}

/// A column of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Kind,
}

/// What a column holds, on either engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer,
    Real,
    Text,
    Bytes,
}

impl Table {
    /// The columns' names, as a list in SQL.
    pub(crate) fn column_list(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|one| one.name.as_str()).collect();
        names.join(", ")
    }
}

/// The version the newest migration brings.
pub(crate) fn newest_version() -> i64 {
    let all = migrator(Engine::Sqlite);
    all.migrations
        .iter()
        .map(|one| one.version)
        .max()
        .unwrap_or(0)
}

/// Our tables at a version, each after those its rows refer to.
///
/// # Errors
/// When the scratch database fails, or tables refer to each other in a circle.
pub(crate) async fn tables(version: i64) -> Result<Vec<Table>, StoreError> {
    sqlx::any::install_default_drivers();
    let mut scratch = AnyConnection::connect("sqlite::memory:").await?;
    migrator(Engine::Sqlite)
        .run_to(version, &mut scratch)
        .await?;
    let rows = sqlx::query(
        "SELECT name FROM sqlite_master WHERE type = 'table' \
         AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations' ORDER BY name",
    )
    .fetch_all(&mut scratch)
    .await?;
    let mut left = BTreeMap::new();
    for row in &rows {
        let name: String = row.try_get("name")?;
        let table = Table {
            columns: columns(&mut scratch, &name).await?,
            name,
        };
        let parents = parents(&mut scratch, &table.name).await?;
        left.insert(table.name.clone(), (table, parents));
    }
    scratch.close().await?;
    in_order(left)
}

async fn columns(scratch: &mut AnyConnection, table: &str) -> Result<Vec<Column>, StoreError> {
    let rows = sqlx::query("SELECT name, type AS declared FROM pragma_table_info($1) ORDER BY cid")
        .bind(table)
        .fetch_all(scratch)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Column {
                name: row.try_get("name")?,
                kind: kind(row.try_get("declared")?),
            })
        })
        .collect()
}

/// By SQLite's own rule of affinity.
fn kind(declared: &str) -> Kind {
    match declared {
        _ if declared.contains("INT") => Kind::Integer,
        _ if declared.contains("BLOB") => Kind::Bytes,
        _ if declared.contains("DOUBLE") || declared.contains("REAL") => Kind::Real,
        _ => Kind::Text,
    }
}

async fn parents(scratch: &mut AnyConnection, table: &str) -> Result<BTreeSet<String>, StoreError> {
    let rows = sqlx::query("SELECT \"table\" AS parent FROM pragma_foreign_key_list($1)")
        .bind(table)
        .fetch_all(scratch)
        .await?;
    rows.iter().map(|row| Ok(row.try_get("parent")?)).collect()
}

fn in_order(
    mut left: BTreeMap<String, (Table, BTreeSet<String>)>,
) -> Result<Vec<Table>, StoreError> {
    let mut ordered = Vec::new();
    while !left.is_empty() {
        let ready: Vec<_> = left
            .iter()
            .filter(|(_, (_, parents))| parents.iter().all(|parent| !left.contains_key(parent)))
            .map(|(name, _)| name.clone())
            .collect();
        if ready.is_empty() {
            let names: Vec<_> = left.into_keys().collect();
            let circle = format!("the tables {} refer to each other", names.join(", "));
            return Err(StoreError::NotWritten(circle));
        }
        for name in ready {
            ordered.extend(left.remove(&name).map(|(table, _)| table));
        }
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tables_come_after_those_they_refer_to() {
        let tables = tables(newest_version()).await.unwrap();
        let place = |name| tables.iter().position(|one| one.name == name).unwrap();
        assert!(place("tenants") < place("users"));
        assert!(place("users") < place("sessions"));
        assert!(place("calls") < place("transcripts"));
        let deliveries = &tables[place("webhook_deliveries")];
        let body = deliveries.columns.iter().find(|one| one.name == "body");
        assert_eq!(body.unwrap().kind, Kind::Bytes);
    }

    #[tokio::test]
    async fn an_earlier_version_has_fewer_columns() {
        let first = tables(1).await.unwrap();
        let tenants = first.iter().find(|one| one.name == "tenants").unwrap();
        assert_eq!(tenants.column_list(), "id, name, timezone, created_at");
        assert!(!first.iter().any(|one| one.name == "audit_events"));
    }
}
