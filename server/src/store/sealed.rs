//! The columns that hold sealed secrets, and sealing them anew.

use sqlx::Row;

use super::{Scope, Store, StoreError};
use crate::vault::Vault;

/// How many rows are looked at in one transaction.
const BATCH: i64 = 100;

/// A column of sealed secrets. What the vault is told a secret is for is
/// `table/row/column`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedColumn {
    /// The table.
    pub table: &'static str,
    /// The column that names the row.
    pub key: &'static str,
    /// The column.
    pub column: &'static str,
}

impl SealedColumn {
    /// A column of a table whose rows are named by `key`.
    #[must_use]
    pub const fn new(table: &'static str, key: &'static str, column: &'static str) -> Self {
        Self { table, key, column }
    }
}

/// A secret that cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedProblem {
    /// Its purpose: table, row and column.
    pub purpose: String,
    /// Why not.
    pub error: crate::vault::VaultError,
}

/// What sealing anew found and did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Secrets that the newest key had sealed already.
    pub current: u64,
    /// Secrets that an older key had sealed.
    pub older: u64,
    /// Secrets that none of the keys opens. They are left as they are.
    pub problems: Vec<SealedProblem>,
}

impl Store {
    /// Opens every secret in these columns, to see whether the vault can.
    pub async fn check_sealed(
        &self,
        vault: &Vault,
        columns: &[SealedColumn],
    ) -> Result<Resealed, StoreError> {
        self.each_sealed(vault, columns, Older::Left).await
    }

    /// Seals every secret in these columns with the vault's newest key that an older
    /// one had sealed.
    ///
    /// # Errors
    /// When the database fails. What was sealed until then stays so.
    pub async fn reseal(
        &self,
        vault: &Vault,
        columns: &[SealedColumn],
    ) -> Result<Resealed, StoreError> {
        self.each_sealed(vault, columns, Older::Resealed).await
    }

    async fn each_sealed(
        &self,
        vault: &Vault,
        columns: &[SealedColumn],
        older: Older,
    ) -> Result<Resealed, StoreError> {
        let mut found = Resealed::default();
        for column in columns {
            let mut after = String::new();
            while let Some(last) = self
                .sealed_batch(vault, column, &after, older, &mut found)
                .await?
            {
                after = last;
            }
        }
        Ok(found)
    }

    /// Returns the last row it looked at, if there was any.
    async fn sealed_batch(
        &self,
        vault: &Vault,
        column: &SealedColumn,
        after: &str,
        older: Older,
        found: &mut Resealed,
    ) -> Result<Option<String>, StoreError> {
        let SealedColumn { table, key, column } = column;
        let mut write = self.write(Scope::Server).await?;
        let sql = format!(
            "SELECT {key} AS row_id, {column} AS sealed FROM {table} \
             WHERE {key} > $1 AND {column} IS NOT NULL ORDER BY {key} LIMIT $2{}",
            self.for_update()
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(after)
            .bind(BATCH)
            .fetch_all(write.connection())
            .await?;
        let mut last = None;
        for row in &rows {
            let id: String = row.try_get("row_id")?;
            let sealed: String = row.try_get("sealed")?;
            let purpose = format!("{table}/{id}/{column}");
            let opened = match vault.open(&purpose, &sealed) {
                Ok(opened) => opened,
                Err(error) => {
                    found.problems.push(SealedProblem { purpose, error });
                    last = Some(id);
                    continue;
                }
            };
            if vault.is_current(&sealed) {
                found.current += 1;
            } else {
                found.older += 1;
                if older == Older::Resealed {
                    let again = vault
                        .seal(&purpose, opened.expose())
                        .map_err(|error| StoreError::NotWritten(error.to_string()))?;
                    let sql = format!("UPDATE {table} SET {column} = $2 WHERE {key} = $1");
                    sqlx::query(sqlx::AssertSqlSafe(sql))
                        .bind(&id)
                        .bind(again)
                        .execute(write.connection())
                        .await?;
                }
            }
            last = Some(id);
        }
        write.commit().await?;
        Ok(last)
    }
}

/// What becomes of secrets an older key has sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Older {
    Left,
    Resealed,
}
