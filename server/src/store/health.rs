//! How the database itself stands.

use sqlx::Row;

use super::{Engine, Scope, Store, StoreError, newest_version};

impl Store {
    /// The version of the schema, and the newest one we know.
    pub async fn schema_state(&self) -> Result<(i64, i64), StoreError> {
        Ok((self.schema_version().await?, newest_version()))
    }

    /// Whether something could be written; nothing is.
    ///
    /// # Errors
    /// When nothing could be, for example on a full or read-only disk.
    pub async fn check_writable(&self) -> Result<(), StoreError> {
        let mut write = self.write(Scope::Server).await?;
        sqlx::query(
            "INSERT INTO tenants (id, name, timezone, created_at) VALUES ($1, '', 'UTC', 0)",
        )
        .bind(format!("check-{}", uuid::Uuid::now_v7()))
        .execute(write.connection())
        .await?;
        // Rolled back.
        drop(write);
        Ok(())
    }

    /// Whether writing is possible: a PostgreSQL may be there and only read.
    ///
    /// # Errors
    /// When it is not.
    pub(crate) async fn check_writes(&self) -> Result<(), StoreError> {
        let mut write = self.write(Scope::Server).await?;
        sqlx::query("UPDATE tenants SET name = name WHERE 1 = 0")
            .execute(write.connection())
            .await?;
        // Rolled back.
        drop(write);
        Ok(())
    }

    /// Settings by which acknowledged data could be lost.
    pub async fn weak_settings(&self) -> Result<Vec<String>, StoreError> {
        let mut db = self.read(Scope::Server).await?;
        let rows = match self.engine {
            Engine::Sqlite => {
                sqlx::query(
                    "SELECT 'synchronous' AS name, CAST(synchronous AS TEXT) AS value \
                     FROM pragma_synchronous WHERE synchronous < 2 \
                     UNION ALL SELECT 'journal_mode', journal_mode \
                     FROM pragma_journal_mode WHERE journal_mode <> 'wal'",
                )
                .fetch_all(db.connection())
                .await?
            }
            Engine::Postgres => {
                sqlx::query(
                    "SELECT name, setting AS value FROM pg_settings \
                     WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') \
                     AND setting = 'off'",
                )
                .fetch_all(db.connection())
                .await?
            }
        };
        rows.iter()
            .map(|row| {
                let (name, value): (String, String) = (row.try_get("name")?, row.try_get("value")?);
                Ok(format!("{name} = {value}"))
            })
            .collect()
    }
}
