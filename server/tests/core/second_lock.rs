//! Row-level security: what PostgreSQL refuses even where a statement of ours
//! forgot its tenant.

use server::config::Database;
use server::deeds::Author;
use sqlx::{AnyConnection, Connection, Row};

use crate::support::{Scratch, raw_connection};

/// Tables without a tenant, and why.
const SHARED: [&str; 4] = [
    // Which migrations ran, and how far.
    "_sqlx_migrations",
    "_migration_steps",
    // Holds one row: whether the first business was set up.
    "first_setup",
    // Whoever tries a password belongs to no tenant yet.
    "sign_in_attempts",
];

async fn count(connection: &mut AnyConnection, tenant: Option<&str>, table: &str) -> i64 {
    let tenant = tenant.unwrap_or_default();
    sqlx::query("SELECT set_config('switchboard.tenant', $1, false)")
        .bind(tenant)
        .execute(&mut *connection)
        .await
        .unwrap();
    let sql = format!("SELECT COUNT(*) AS n FROM {table}");
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .fetch_one(&mut *connection)
        .await
        .unwrap()
        .get("n")
}

async fn postgres() -> Option<Scratch> {
    let mut all = Scratch::each().await;
    let last = all.pop()?;
    for other in all {
        other.remove().await;
    }
    if matches!(last.database, Database::Postgres(_)) {
        return Some(last);
    }
    last.remove().await;
    None
}

#[tokio::test]
async fn every_table_of_a_tenant_is_locked() {
    let Some(scratch) = postgres().await else {
        return;
    };
    let store = scratch.store().await;
    let mut connection = raw_connection(&scratch.database).await;
    let rows = sqlx::query(
        "SELECT c.relname::text AS name, c.relrowsecurity AND c.relforcerowsecurity AS locked, \
             EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid) AS has_policy \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(rows.len() > 8, "only {} tables", rows.len());
    for row in rows {
        let name: String = row.get("name");
        if !SHARED.contains(&name.as_str()) {
            assert!(row.get::<bool, _>("locked"), "{name} is not locked");
            assert!(row.get::<bool, _>("has_policy"), "{name} has no policy");
        }
    }
    connection.close().await.unwrap();
    store.close().await;
    scratch.remove().await;
}

#[tokio::test]
async fn a_connection_sees_its_tenant_and_nobody_else() {
    let Some(scratch) = postgres().await else {
        return;
    };
    let store = scratch.store().await;
    for id in ["one", "two"] {
        let tenant = store
            .tenants()
            .upsert(id, id, "Europe/Berlin", 1)
            .await
            .unwrap();
        store
            .agents()
            .assign(&tenant, "agent", "Emma", &Author::operator(), 1)
            .await
            .unwrap();
    }
    let mut connection = raw_connection(&scratch.database).await;
    for table in ["tenants", "agents"] {
        assert_eq!(count(&mut connection, None, table).await, 0, "{table}");
        assert_eq!(count(&mut connection, Some("none"), table).await, 0);
        assert_eq!(count(&mut connection, Some("one"), table).await, 1);
        assert_eq!(count(&mut connection, Some("*"), table).await, 2);
    }
    // Nor can it write for somebody else.
    count(&mut connection, Some("one"), "agents").await;
    let written = sqlx::raw_sql(
        "INSERT INTO agents (tenant_id, id, name, updated_at) VALUES ('two', 'x', 'X', 1)",
    )
    .execute(&mut connection)
    .await;
    assert!(written.is_err());
    let moved = sqlx::raw_sql("UPDATE agents SET name = 'taken'")
        .execute(&mut connection)
        .await
        .unwrap();
    assert_eq!(moved.rows_affected(), 1);
    connection.close().await.unwrap();
    store.close().await;
    scratch.remove().await;
}
