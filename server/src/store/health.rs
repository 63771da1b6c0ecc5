//! Whether anything can be written.

use super::{Scope, Store, StoreError};

impl Store {
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
}
