//! Signing in: by e-mail address, by session and by one-time link. Tokens are stored
//! as hashes only: who reads the database cannot sign in with it.

mod attempts;
mod identities;
mod kept;
mod people;
mod sessions;

pub use identities::{Identities, Identity, Linking};
pub(crate) use kept::KEEPS;
pub use people::{LinkPurpose, Person, PersonChange};
pub(crate) use people::{has_admin, insert_user};
pub(crate) use sessions::end_every_session;
pub use sessions::{OpenSession, SessionOrigin, SignIns};

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{NoSuchRole, Role};
use crate::bus::Signal;

use crate::store::{Scope, StoreError, Tenant};

/// A person who may sign in at the desk.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The person's id.
    pub id: String,
    /// The e-mail address, in lower case.
    pub email: String,
    /// The person's name.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// The password's argon2id hash (PHC string); without one, only links work.
    pub password_hash: Option<String>,
}

impl std::fmt::Debug for User {
    /// Leaves everything about the person out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A session that has not expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// Whose business the person belongs to.
    pub tenant: Tenant,
    /// The person.
    pub user: User,
    /// When it was last extended (Unix ms).
    pub last_seen_at: i64,
}

pub(crate) const USER_COLUMNS: &str = "u.id AS user_id, u.email, u.name, u.role, u.password_hash, \
    t.id AS tenant_id, t.name AS tenant_name, t.timezone AS tenant_timezone";

impl User {
    pub(crate) fn from_row(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("user_id")?,
            email: row.try_get("email")?,
            name: row.try_get("name")?,
            role: row
                .try_get::<&str, _>("role")?
                .parse()
                .map_err(|error: NoSuchRole| sqlx::Error::Decode(error.into()))?,
            password_hash: row.try_get("password_hash")?,
        })
    }
}

crate::store::part! {
    /// The people who work for each business.
    people -> People
}

impl People<'_> {
    /// Creates a person of the tenant, or replaces the one with this id. A
    /// person of another tenant is left untouched.
    ///
    /// # Errors
    /// When the e-mail address belongs to somebody else, or the database fails.
    pub async fn upsert(self, tenant: &Tenant, user: &User, now: i64) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO users (id, tenant_id, email, name, role, password_hash, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (id) DO UPDATE SET email = excluded.email, name = excluded.name, \
                 role = excluded.role, password_hash = excluded.password_hash \
             WHERE users.tenant_id = excluded.tenant_id",
        )
        .bind(&user.id)
        .bind(tenant.id())
        .bind(&user.email)
        .bind(&user.name)
        .bind(user.role.name())
        .bind(user.password_hash.as_deref())
        .bind(now)
        .execute(write.connection())
        .await?;
        write.commit().await
    }

    /// The person with this e-mail address (in lower case), unless switched off.
    pub async fn by_email(self, email: &str) -> Result<Option<(Tenant, User)>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let sql = format!(
            "SELECT {USER_COLUMNS} FROM users u JOIN tenants t ON t.id = u.tenant_id \
             WHERE u.email = $1 AND u.disabled_at IS NULL AND t.disabled_at IS NULL"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(email)
            .fetch_optional(db.connection())
            .await?;
        row.map(|row| Ok((Tenant::from_row(&row)?, User::from_row(&row)?)))
            .transpose()
    }
}

impl SignIns<'_> {
    /// The session of a token, unless it has expired or its person was
    /// switched off.
    pub async fn session(
        self,
        token_hash: &str,
        now: i64,
    ) -> Result<Option<StoredSession>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let sql = format!(
            "SELECT {USER_COLUMNS}, s.last_seen_at FROM sessions s \
             JOIN users u ON u.id = s.user_id AND u.tenant_id = s.tenant_id \
             JOIN tenants t ON t.id = s.tenant_id \
             WHERE s.id_hash = $1 AND s.expires_at > $2 AND u.disabled_at IS NULL \
                 AND t.disabled_at IS NULL"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(token_hash)
            .bind(now)
            .fetch_optional(db.connection())
            .await?;
        row.map(|row| {
            Ok(StoredSession {
                tenant: Tenant::from_row(&row)?,
                user: User::from_row(&row)?,
                last_seen_at: row.try_get("last_seen_at")?,
            })
        })
        .transpose()
    }

    /// Moves a session's end into the future.
    pub async fn extend_session(
        self,
        token_hash: &str,
        now: i64,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        sqlx::query("UPDATE sessions SET last_seen_at = $2, expires_at = $3 WHERE id_hash = $1")
            .bind(token_hash)
            .bind(now)
            .bind(expires_at)
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// Ends a session, and with it what is open under it on any server.
    pub async fn end_session(self, token_hash: &str) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        sqlx::query("DELETE FROM sessions WHERE id_hash = $1")
            .bind(token_hash)
            .execute(write.connection())
            .await?;
        write.tell(Signal::SignedOut(token_hash.to_owned()));
        write.commit().await
    }

    /// Keeps a one-time sign-in link of a person of the tenant.
    pub async fn create_sign_in_link(
        self,
        tenant: &Tenant,
        user_id: &str,
        token_hash: &str,
        now: i64,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO sign_in_links (token_hash, user_id, tenant_id, created_at, expires_at) \
             SELECT $1, id, tenant_id, $3, $4 FROM users WHERE id = $2 AND tenant_id = $5",
        )
        .bind(token_hash)
        .bind(user_id)
        .bind(now)
        .bind(expires_at)
        .bind(tenant.id())
        .execute(write.connection())
        .await?;
        write.commit().await
    }

    /// Uses a one-time sign-in link up. `None` when it is unknown, was used
    /// before, or is too old; of two at once only one gets the person.
    pub async fn use_sign_in_link(
        self,
        token_hash: &str,
        now: i64,
    ) -> Result<Option<(Tenant, User)>, StoreError> {
        let mut write = self.0.write(Scope::Server).await?;
        let used = sqlx::query(
            "UPDATE sign_in_links SET used_at = $2 \
             WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 \
                 AND purpose = 'sign_in'",
        )
        .bind(token_hash)
        .bind(now)
        .execute(write.connection())
        .await?;
        if used.rows_affected() != 1 {
            return Ok(None);
        }
        let sql = format!(
            "SELECT {USER_COLUMNS} FROM sign_in_links l JOIN users u ON u.id = l.user_id \
             JOIN tenants t ON t.id = u.tenant_id \
             WHERE l.token_hash = $1 AND u.disabled_at IS NULL AND t.disabled_at IS NULL"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(token_hash)
            .fetch_optional(write.connection())
            .await?;
        let found = row
            .map(|row| Ok::<_, sqlx::Error>((Tenant::from_row(&row)?, User::from_row(&row)?)))
            .transpose()?;
        write.commit().await?;
        Ok(found)
    }
}
