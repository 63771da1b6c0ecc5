//! What our tables look like at a version of the schema: read from a scratch
//! database that only the migrations have touched, so that whatever else is in
//! an operator's PostgreSQL is never taken for ours.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{AnyConnection, Connection, Row};

use crate::migrations::STEPS;
use crate::{Engine, Error, Migrations};

/// A table of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in their order.
    pub columns: Vec<Column>,
}

/// A column of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// What a column holds, on either engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers.
    Integer,
    /// Other numbers.
    Real,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}

impl Table {
    /// The columns' names, as a list in SQL.
    #[must_use]
    pub fn column_list(&self) -> String {
        let names: Vec<_> = self.columns.iter().map(|one| one.name.as_str()).collect();
        names.join(", ")
    }
}

impl Migrations {
    /// Our tables at a version, each after those its rows refer to.
    ///
    /// # Errors
    /// When the scratch database fails, or tables refer to each other in a circle.
    pub async fn tables(&self, version: i64) -> Result<Vec<Table>, Error> {
        sqlx::any::install_default_drivers();
        let mut scratch = AnyConnection::connect("sqlite::memory:").await?;
        let migrator = self.of(Engine::Sqlite);
        migrator.run_to(version, &mut scratch).await?;
        let tables = tables(&mut scratch).await?;
        scratch.close().await?;
        in_order(tables)
    }
}

/// Where `sqlx` notes which migrations were run.
pub(crate) const VERSIONS: &str = "_sqlx_migrations";

/// Whether there is a table of this name.
pub(crate) async fn has_table(
    engine: Engine,
    db: &mut AnyConnection,
    name: &'static str,
) -> Result<bool, Error> {
    let there = match engine {
        Engine::Sqlite => "SELECT COUNT(*) AS n FROM sqlite_master WHERE name = $1",
        Engine::Postgres => "SELECT COUNT(*) AS n FROM pg_class WHERE oid = to_regclass($1)",
    };
    let row = sqlx::query(there).bind(name).fetch_one(db).await?;
    Ok(row.try_get::<i64, _>("n")? > 0)
}

/// The tables that are there, each with those its rows refer to.
async fn tables(
    scratch: &mut AnyConnection,
) -> Result<BTreeMap<String, (Table, BTreeSet<String>)>, Error> {
    let rows = sqlx::query(
        "SELECT name FROM sqlite_master WHERE type = 'table' \
         AND name NOT LIKE 'sqlite_%' AND name NOT IN ($1, $2) ORDER BY name",
    )
    .bind(VERSIONS)
    .bind(STEPS)
    .fetch_all(&mut *scratch)
    .await?;
    let mut tables = BTreeMap::new();
    for row in &rows {
        let name: String = row.try_get("name")?;
        let table = Table {
            columns: columns(scratch, &name).await?,
            name,
        };
        let parents = parents(scratch, &table.name).await?;
        tables.insert(table.name.clone(), (table, parents));
    }
    Ok(tables)
}

async fn columns(scratch: &mut AnyConnection, table: &str) -> Result<Vec<Column>, Error> {
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

async fn parents(scratch: &mut AnyConnection, table: &str) -> Result<BTreeSet<String>, Error> {
    let rows = sqlx::query("SELECT \"table\" AS parent FROM pragma_foreign_key_list($1)")
        .bind(table)
        .fetch_all(scratch)
        .await?;
    rows.iter().map(|row| Ok(row.try_get("parent")?)).collect()
}

fn in_order(mut left: BTreeMap<String, (Table, BTreeSet<String>)>) -> Result<Vec<Table>, Error> {
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
            return Err(Error::NotWritten(circle));
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

    const SHOP: Migrations = Migrations {
        sqlite: &[
            ("0001_orders", "CREATE TABLE orders (id TEXT, total BIGINT)"),
            (
                "0002_lines",
                "CREATE TABLE shops (id TEXT PRIMARY KEY, picture BLOB); \
                 CREATE TABLE lines (shop TEXT REFERENCES shops (id), weight DOUBLE PRECISION)",
            ),
        ],
        postgres: &[],
        mended: &[],
        steps: &[],
    };

    #[tokio::test]
    async fn tables_come_after_those_they_refer_to() {
        let tables = SHOP.tables(SHOP.newest()).await.unwrap();
        let place = |name: &str| tables.iter().position(|one| one.name == name).unwrap();
        assert!(place("shops") < place("lines"));
        let kinds = |name: &str| tables[place(name)].columns.iter().map(|one| one.kind);
        assert!(kinds("shops").eq([Kind::Text, Kind::Bytes]));
        assert!(kinds("lines").eq([Kind::Text, Kind::Real]));
    }

    #[tokio::test]
    async fn an_earlier_version_has_fewer_tables() {
        let first = SHOP.tables(1).await.unwrap();
        assert_eq!(first.len(), 1);
        assert_eq!(first[0].column_list(), "id, total");
    }
}
