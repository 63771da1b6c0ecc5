//! Where people are signed in.

use std::net::IpAddr;

use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::bus::Signal;
use crate::deeds::{Author, Deed, Deeds};

use crate::store::{Scope, StoreError, Tenant, Write};

/// What names a session to people: the beginning of its token's hash. That is of
/// 256 random bits, so that these characters say nothing about the token.
const ID: &str = "substr(id_hash, 1, 16)";
/// How many of their sessions a person is shown.
const LISTED: i64 = 200;
/// A longer user agent is cut: nobody reads that far.
const USER_AGENT_CHARS: usize = 300;

/// Where a session began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionOrigin {
    /// The browser's address.
    pub ip: Option<IpAddr>,
    /// What the browser says it is.
    pub user_agent: Option<String>,
}

/// A session of a person, as the person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// Names it.
    pub id: String,
    /// The hash of its token.
    pub token_hash: String,
    /// When it began (Unix ms).
    pub created_at: i64,
    /// When it was used last (Unix ms), to ten minutes.
    pub last_seen_at: i64,
    /// The address it began at.
    pub remote_ip: Option<String>,
    /// What the browser said it is.
    pub user_agent: Option<String>,
}

crate::store::part! {
    /// Who is signed in, and signing in.
    sign_ins -> SignIns
}

impl SignIns<'_> {
    /// Begins a session of a person of the tenant.
    pub async fn create_session(
        self,
        tenant: &Tenant,
        user_id: &str,
        token_hash: &str,
        origin: &SessionOrigin,
        now: i64,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        let user_agent = origin.user_agent.as_ref().map(|text| {
            let kept = text.chars().filter(|c| !c.is_control());
            kept.take(USER_AGENT_CHARS).collect::<String>()
        });
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "INSERT INTO sessions (id_hash, user_id, tenant_id, created_at, expires_at, \
                 last_seen_at, remote_ip, user_agent) VALUES ($1, $2, $3, $4, $5, $4, $6, $7)",
        )
        .bind(token_hash)
        .bind(user_id)
        .bind(tenant.id())
        .bind(now)
        .bind(expires_at)
        .bind(origin.ip.map(|ip| ip.to_string()))
        .bind(user_agent)
        .execute(write.connection())
        .await?;
        sqlx::query("UPDATE users SET last_sign_in_at = $3 WHERE id = $1 AND tenant_id = $2")
            .bind(user_id)
            .bind(tenant.id())
            .bind(now)
            .execute(write.connection())
            .await?;
        write.commit().await
    }

    /// The open sessions of a person of the tenant, the last used first.
    pub async fn open_sessions(
        self,
        tenant: &Tenant,
        user_id: &str,
        now: i64,
    ) -> Result<Vec<OpenSession>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let sql = format!(
            "SELECT {ID} AS id, id_hash, created_at, last_seen_at, remote_ip, user_agent \
             FROM sessions WHERE user_id = $1 AND tenant_id = $2 AND expires_at > $3 \
             ORDER BY last_seen_at DESC, id_hash LIMIT $4"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(user_id)
            .bind(tenant.id())
            .bind(now)
            .bind(LISTED)
            .fetch_all(db.connection())
            .await?;
        let session = |row: &AnyRow| {
            Ok(OpenSession {
                id: row.try_get("id")?,
                token_hash: row.try_get("id_hash")?,
                created_at: row.try_get("created_at")?,
                last_seen_at: row.try_get("last_seen_at")?,
                remote_ip: row.try_get("remote_ip")?,
                user_agent: row.try_get("user_agent")?,
            })
        };
        rows.iter().map(session).collect()
    }

    /// Ends one session of a person of the tenant; gives its token's hash.
    pub async fn revoke_session(
        self,
        tenant: &Tenant,
        user_id: &str,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<Option<String>, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let sql = format!(
            "DELETE FROM sessions WHERE user_id = $1 AND tenant_id = $2 AND {ID} = $3 \
             RETURNING id_hash"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(user_id)
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(write.connection())
            .await?;
        let Some(row) = row else { return Ok(None) };
        let deed = Deed::on("session", id, "session.revoked");
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        let hash: String = row.try_get("id_hash")?;
        write.tell(Signal::SignedOut(hash.clone()));
        write.commit().await?;
        Ok(Some(hash))
    }

    /// Ends every session of a person of the tenant but one; gives the hashes
    /// of their tokens.
    pub async fn revoke_other_sessions(
        self,
        tenant: &Tenant,
        user_id: &str,
        keep: &str,
        author: &Author,
        now: i64,
    ) -> Result<Vec<String>, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let ended = end_sessions(&mut write, tenant, user_id, Some(keep)).await?;
        if !ended.is_empty() {
            let deed = Deed::on("user", user_id, "session.others_revoked")
                .with(json!({"count": ended.len()}));
            Deeds::record(&mut write, tenant, author, &deed, now).await?;
        }
        write.commit().await?;
        Ok(ended)
    }
}

/// Ends the sessions of everybody of a business, and what is open under them.
pub(crate) async fn end_every_session(
    write: &mut Write,
    tenant: &Tenant,
) -> Result<(), StoreError> {
    let ended = sqlx::query("DELETE FROM sessions WHERE tenant_id = $1 RETURNING id_hash")
        .bind(tenant.id())
        .fetch_all(write.connection())
        .await?;
    for row in ended {
        write.tell(Signal::SignedOut(row.try_get("id_hash")?));
    }
    Ok(())
}

/// Ends the sessions of a person, but one to `keep`, and what is open under them
/// on any server; gives the hashes of their tokens.
pub(crate) async fn end_sessions(
    write: &mut Write,
    tenant: &Tenant,
    user_id: &str,
    keep: Option<&str>,
) -> Result<Vec<String>, StoreError> {
    let rows = sqlx::query(
        "DELETE FROM sessions WHERE user_id = $1 AND tenant_id = $2 AND id_hash <> $3 \
         RETURNING id_hash",
    )
    .bind(user_id)
    .bind(tenant.id())
    .bind(keep.unwrap_or_default())
    .fetch_all(write.connection())
    .await?;
    let hashes = rows.iter().map(|row| row.try_get("id_hash"));
    let hashes: Vec<String> = hashes.collect::<Result<_, _>>()?;
    for hash in &hashes {
        write.tell(Signal::SignedOut(hash.clone()));
    }
    Ok(hashes)
}
