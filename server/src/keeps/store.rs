//! What several domains do with their tables, whose rows have an `id` and a
//! `tenant_id`.

use api::contacts::Moment;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::{Batch, Before};
use crate::phone::E164;
use crate::store::{Scope, Store, StoreError, Tenant, Write};

impl Batch<'_> {
    /// Deletes the batch of a table, by the time in the column `at`. Only rows that
    /// fit `only` go.
    pub(crate) async fn delete(
        &self,
        write: &mut Write,
        table: &'static str,
        at: &'static str,
        only: &'static str,
    ) -> Result<u64, StoreError> {
        let sql = format!(
            "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} \
                 WHERE tenant_id = $1 AND {at} < $2 AND {only} ORDER BY {at} LIMIT $3)"
        );
        let done = sqlx::query(AssertSqlSafe(sql))
            .bind(self.tenant.id())
            .bind(self.before)
            .bind(i64::from(self.limit))
            .execute(write.connection())
            .await?;
        Ok(done.rows_affected())
    }
}

/// Deletes up to `limit` rows of a table whose time in the column `at` was over at `until`
/// (Unix ms), whosever they are, the oldest first; `key` tells them apart. Returns how many.
pub(crate) async fn forget(
    store: &Store,
    (table, key, at): (&'static str, &'static str, &'static str),
    until: i64,
    limit: u32,
) -> Result<u64, StoreError> {
    let sql = format!(
        "DELETE FROM {table} WHERE ({key}) IN \
             (SELECT {key} FROM {table} WHERE {at} <= $1 ORDER BY {at} LIMIT $2)"
    );
    let mut write = store.write(Scope::Server).await?;
    let done = sqlx::query(AssertSqlSafe(sql))
        .bind(until)
        .bind(i64::from(limit))
        .execute(write.connection())
        .await?;
    write.commit().await?;
    Ok(done.rows_affected())
}

/// Counts the rows of a table about these calls, which are named in `call_id`.
pub(crate) async fn count_of_calls(
    store: &Store,
    tenant: &Tenant,
    table: &'static str,
    ids: &[String],
) -> Result<u32, StoreError> {
    let sql =
        format!("SELECT COUNT(*) AS number FROM {table} WHERE tenant_id = $1 AND call_id = $2");
    let mut db = store.read(Scope::Of(tenant)).await?;
    let mut all = 0;
    for id in ids {
        let row = sqlx::query(AssertSqlSafe(sql.clone()))
            .bind(tenant.id())
            .bind(id)
            .fetch_one(db.connection())
            .await?;
        all += counted(&row, "number")?;
    }
    Ok(all)
}

/// These columns of the rows of a table about a call, in the order they came.
pub(crate) async fn rows_of_call(
    store: &Store,
    tenant: &Tenant,
    table: &'static str,
    columns: &'static str,
    id: &str,
) -> Result<Vec<AnyRow>, StoreError> {
    let sql =
        format!("SELECT {columns} FROM {table} WHERE tenant_id = $1 AND call_id = $2 ORDER BY id");
    let mut db = store.read(Scope::Of(tenant)).await?;
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant.id())
        .bind(id)
        .fetch_all(db.connection())
        .await?;
    Ok(rows)
}

/// How many rows are looked through at once.
const PAGE: i64 = 500;

/// What is read of those rows of a table that belong to no call, where it is somebody's.
/// Looks through every one: for rare and deliberate use.
pub(crate) async fn look_through(
    store: &Store,
    tenant: &Tenant,
    table: &'static str,
    columns: &'static str,
    read: impl Fn(&AnyRow) -> Result<Option<Value>, StoreError>,
) -> Result<Vec<Value>, StoreError> {
    let sql = format!(
        "SELECT id, {columns} FROM {table} \
         WHERE tenant_id = $1 AND call_id IS NULL AND id > $2 ORDER BY id LIMIT $3"
    );
    let mut found = Vec::new();
    let mut after = String::new();
    loop {
        let mut db = store.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(AssertSqlSafe(sql.clone()))
            .bind(tenant.id())
            .bind(&after)
            .bind(PAGE)
            .fetch_all(db.connection())
            .await?;
        let Some(last) = rows.last() else {
            return Ok(found);
        };
        after = last.try_get("id")?;
        for row in &rows {
            found.extend(read(row)?);
        }
    }
}

/// Deletes the rows of a table about these calls.
pub(crate) async fn erase_of_calls(
    write: &mut Write,
    tenant: &Tenant,
    table: &'static str,
    ids: &[String],
) -> Result<(), StoreError> {
    let sql = format!("DELETE FROM {table} WHERE tenant_id = $1 AND call_id = $2");
    each(write, tenant, sql, ids.iter().map(String::as_str)).await
}

/// Has the rows of a table no longer name these calls.
pub(crate) async fn forget_calls(
    write: &mut Write,
    tenant: &Tenant,
    table: &'static str,
    ids: &[String],
) -> Result<(), StoreError> {
    let sql = format!("UPDATE {table} SET call_id = NULL WHERE tenant_id = $1 AND call_id = $2");
    each(write, tenant, sql, ids.iter().map(String::as_str)).await
}

/// Deletes the rows of a table that were found of somebody, by their `id`.
pub(crate) async fn erase_found(
    write: &mut Write,
    tenant: &Tenant,
    table: &'static str,
    found: &[Value],
) -> Result<(), StoreError> {
    let sql = format!("DELETE FROM {table} WHERE tenant_id = $1 AND id = $2");
    let ids = found.iter().filter_map(|row| row["id"].as_str());
    each(write, tenant, sql, ids).await
}

async fn each<'a>(
    write: &mut Write,
    tenant: &Tenant,
    sql: String,
    ids: impl Iterator<Item = &'a str>,
) -> Result<(), StoreError> {
    for id in ids {
        sqlx::query(AssertSqlSafe(sql.clone()))
            .bind(tenant.id())
            .bind(id)
            .execute(write.connection())
            .await?;
    }
    Ok(())
}

/// What a statement counted in this column.
fn counted(row: &AnyRow, column: &str) -> Result<u32, sqlx::Error> {
    Ok(u32::try_from(row.try_get::<i64, _>(column)?).unwrap_or(u32::MAX))
}

/// The moments a statement finds: of the tenant `$1`, with the number `$2`, before the place
/// `($3, $4)`, and `$5` of them at most.
pub(crate) async fn moments_by(
    store: &Store,
    tenant: &Tenant,
    sql: &'static str,
    (number, before, limit): (&E164, &Before, u32),
    moment: fn(&AnyRow) -> Result<Moment, StoreError>,
) -> Result<Vec<Moment>, StoreError> {
    let mut db = store.read(Scope::Of(tenant)).await?;
    let rows = sqlx::query(sql)
        .bind(tenant.id())
        .bind(number.as_str())
        .bind(before.at)
        .bind(&before.id)
        .bind(i64::from(limit))
        .fetch_all(db.connection())
        .await?;
    rows.iter().map(moment).collect()
}
