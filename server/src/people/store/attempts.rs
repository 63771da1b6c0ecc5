//! How fast passwords are tried, over all servers on one PostgreSQL.

use sqlx::Row;

use super::sessions::SignIns;
use crate::clock::MINUTE_MS;
use crate::store::{Engine, Scope, StoreError};

impl SignIns<'_> {
    /// Counts an attempt under a name, of which `per_minute` are allowed: as
    /// many at once, and then one at a time as they come free. Gives how long to
    /// wait (ms) where there were too many. On SQLite there is one server, which
    /// counts for itself: nothing is ever too many.
    pub async fn sign_in_attempt(
        self,
        name_hash: &str,
        per_minute: u32,
        now: i64,
    ) -> Result<Option<i64>, StoreError> {
        if self.0.engine() == Engine::Sqlite {
            return Ok(None);
        }
        let step = MINUTE_MS / i64::from(per_minute.max(1));
        let burst = MINUTE_MS - step;
        let mut write = self.0.write(Scope::Server).await?;
        let counted = sqlx::query(
            "INSERT INTO sign_in_attempts (name_hash, free_at) VALUES ($1, $2 + $3) \
             ON CONFLICT (name_hash) DO UPDATE SET free_at = $3 + \
                 CASE WHEN sign_in_attempts.free_at > $2 THEN sign_in_attempts.free_at ELSE $2 END \
             WHERE sign_in_attempts.free_at <= $2 + $4",
        )
        .bind(name_hash)
        .bind(now)
        .bind(step)
        .bind(burst)
        .execute(write.connection())
        .await?;
        if counted.rows_affected() == 1 {
            write.commit().await?;
            return Ok(None);
        }
        let row = sqlx::query("SELECT free_at FROM sign_in_attempts WHERE name_hash = $1")
            .bind(name_hash)
            .fetch_optional(write.connection())
            .await?;
        let free_at = row.map_or(Ok(now), |row| row.try_get::<i64, _>("free_at"))?;
        Ok(Some((free_at - burst - now).max(0)))
    }
}
