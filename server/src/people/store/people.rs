//! The people of a tenant: added, changed, and the one-time links with which
//! they choose a password.

use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::deeds::{Author, Deed, Deeds};
use crate::people::{NewUser, NoSuchRole, PeopleError, Role};

use super::People;
use super::sessions::end_sessions;
use crate::people::User;
use crate::store::{Scope, StoreError, Tenant, Write};

/// A person as the admins of the business see them.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// The person's id.
    pub id: String,
    /// The e-mail address, in lower case.
    pub email: String,
    /// The name.
    pub name: String,
    /// What the person may do.
    pub role: Role,
    /// Whether there is a password.
    pub has_password: bool,
    /// When they were added (Unix ms).
    pub created_at: i64,
    /// When they were switched off (Unix ms).
    pub disabled_at: Option<i64>,
    /// When they last signed in (Unix ms).
    pub last_sign_in_at: Option<i64>,
}

impl std::fmt::Debug for Person {
    /// Leaves everything about the person out, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Person")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What is to change about a person; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonChange {
    /// Another name.
    pub name: Option<String>,
    /// Another role.
    pub role: Option<Role>,
    /// Switched off, or on again.
    pub disabled: Option<bool>,
}

/// What a one-time link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Opens a session at once.
    SignIn,
    /// Lets somebody new choose a password.
    Invitation,
    /// Lets somebody choose another password.
    Reset,
}

impl LinkPurpose {
    /// As it is stored and sent.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Invitation => "invitation",
            Self::Reset => "reset",
        }
    }

    fn parse(name: &str) -> Self {
        [Self::Invitation, Self::Reset]
            .into_iter()
            .find(|purpose| purpose.name() == name)
            .unwrap_or(Self::SignIn)
    }
}

impl Person {
    /// Whether they were invited and never came.
    #[must_use]
    pub fn is_invited(&self) -> bool {
        !self.has_password && self.last_sign_in_at.is_none()
    }

    fn from_row(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            email: row.try_get("email")?,
            name: row.try_get("name")?,
            role: row
                .try_get::<&str, _>("role")?
                .parse()
                .map_err(|error: NoSuchRole| sqlx::Error::Decode(error.into()))?,
            has_password: row.try_get::<i64, _>("has_password")? != 0,
            created_at: row.try_get("created_at")?,
            disabled_at: row.try_get("disabled_at")?,
            last_sign_in_at: row.try_get("last_sign_in_at")?,
        })
    }
}

const COLUMNS: &str = "id, email, name, role, \
    CASE WHEN password_hash IS NULL THEN 0 ELSE 1 END AS has_password, \
    created_at, disabled_at, last_sign_in_at";

impl People<'_> {
    /// A page of the tenant's people, in the order they were added, from after
    /// the person with the id `after`.
    pub async fn page(
        self,
        tenant: &Tenant,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Person>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM users WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(after.unwrap_or_default())
            .bind(i64::from(limit))
            .fetch_all(db.connection())
            .await?;
        let people = rows.iter().map(Person::from_row);
        Ok(people.collect::<Result<_, _>>()?)
    }

    /// A person of the tenant.
    pub async fn find(self, tenant: &Tenant, id: &str) -> Result<Option<Person>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let sql = format!("SELECT {COLUMNS} FROM users WHERE tenant_id = $1 AND id = $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(db.connection())
            .await?;
        Ok(row.as_ref().map(Person::from_row).transpose()?)
    }

    /// The tenant and the id of whoever has an e-mail address, switched off or
    /// not.
    pub async fn find_person(self, email: &str) -> Result<Option<(Tenant, String)>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let row = sqlx::query(
            "SELECT u.id, t.id AS tenant_id, t.name AS tenant_name, \
                 t.timezone AS tenant_timezone \
             FROM users u JOIN tenants t ON t.id = u.tenant_id WHERE u.email = $1",
        )
        .bind(email)
        .fetch_optional(db.connection())
        .await?;
        row.map(|row| Ok((Tenant::from_row(&row)?, row.try_get("id")?)))
            .transpose()
    }

    /// Adds a person with an invitation. `false` when the e-mail address is
    /// taken.
    pub async fn invite(
        self,
        tenant: &Tenant,
        new: &NewUser,
        token_hash: &str,
        expires_at: i64,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        if !insert_user(&mut write, tenant, new, None, now).await? {
            return Ok(false);
        }
        let purpose = LinkPurpose::Invitation;
        insert_link(
            &mut write, tenant, &new.id, purpose, token_hash, now, expires_at,
        )
        .await?;
        let details = json!({"email": new.email, "name": new.name, "role": new.role.name()});
        record(
            &mut write,
            tenant,
            author,
            "user.invited",
            &new.id,
            details,
            now,
        )
        .await?;
        write.commit().await?;
        Ok(true)
    }

    /// Changes of one business's people come one after the other: two admins
    /// cannot demote or erase each other at once.
    pub(crate) async fn one_change_of_people(
        self,
        write: &mut Write,
        tenant: &Tenant,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT id FROM tenants WHERE id = $1{}",
            self.0.for_update()
        );
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .fetch_optional(write.connection())
            .await?;
        Ok(())
    }

    /// Changes a person of the tenant; gives the hashes of the sessions that
    /// ended by it. The business keeps an admin who is switched on, whatever
    /// happens at once.
    ///
    /// # Errors
    /// When the database fails; the inner error when it may not be.
    pub async fn change(
        self,
        tenant: &Tenant,
        id: &str,
        change: &PersonChange,
        author: &Author,
        now: i64,
    ) -> Result<Result<Vec<String>, PeopleError>, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        self.one_change_of_people(&mut write, tenant).await?;
        let sql = format!("SELECT {COLUMNS} FROM users WHERE tenant_id = $1 AND id = $2");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(write.connection())
            .await?;
        let Some(row) = row else {
            return Ok(Err(PeopleError::Unknown));
        };
        let person = Person::from_row(&row)?;
        let name = change.name.as_deref().unwrap_or(&person.name);
        let role = change.role.unwrap_or(person.role);
        let disabled_at = match change.disabled {
            Some(true) => Some(person.disabled_at.unwrap_or(now)),
            Some(false) => None,
            None => person.disabled_at,
        };
        sqlx::query(
            "UPDATE users SET name = $3, role = $4, disabled_at = $5 \
             WHERE id = $1 AND tenant_id = $2",
        )
        .bind(id)
        .bind(tenant.id())
        .bind(name)
        .bind(role.name())
        .bind(disabled_at)
        .execute(write.connection())
        .await?;
        let was_admin = person.role == Role::Admin && person.disabled_at.is_none();
        let is_admin = role == Role::Admin && disabled_at.is_none();
        if was_admin && !is_admin && !has_admin(&mut write, tenant).await? {
            return Ok(Err(PeopleError::LastAdmin));
        }
        let mut deeds = Vec::new();
        if name != person.name {
            let details = json!({"name": name, "old_name": person.name});
            deeds.push(("user.renamed", details));
        }
        if role != person.role {
            let details =
                json!({"name": name, "role": role.name(), "old_role": person.role.name()});
            deeds.push(("user.role_changed", details));
        }
        let mut ended = Vec::new();
        match (person.disabled_at.is_some(), disabled_at.is_some()) {
            (false, true) => {
                ended = end_sessions(&mut write, tenant, id, None).await?;
                // What was sent to them must not let them in again.
                forget_links(&mut write, tenant, id).await?;
                deeds.push(("user.disabled", json!({"name": name})));
            }
            (true, false) => deeds.push(("user.enabled", json!({"name": name}))),
            _ => {}
        }
        for (action, details) in deeds {
            record(&mut write, tenant, author, action, id, details, now).await?;
        }
        write.commit().await?;
        Ok(Ok(ended))
    }

    /// Replaces a person's own password and ends their other sessions; gives
    /// the hashes of those.
    pub async fn set_own_password(
        self,
        tenant: &Tenant,
        user_id: &str,
        password_hash: &str,
        keep_session: &str,
        author: &Author,
        now: i64,
    ) -> Result<Vec<String>, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        set_password(&mut write, tenant, user_id, password_hash).await?;
        let ended = end_sessions(&mut write, tenant, user_id, Some(keep_session)).await?;
        forget_links(&mut write, tenant, user_id).await?;
        let action = "user.password_changed";
        record(&mut write, tenant, author, action, user_id, json!({}), now).await?;
        write.commit().await?;
        Ok(ended)
    }

    /// Makes a link with which a person of the tenant chooses a password;
    /// earlier ones stop working.
    #[expect(clippy::too_many_arguments, reason = "one link has so many sides")]
    pub async fn replace_password_link(
        self,
        tenant: &Tenant,
        user_id: &str,
        purpose: LinkPurpose,
        token_hash: &str,
        expires_at: i64,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        forget_links(&mut write, tenant, user_id).await?;
        insert_link(
            &mut write, tenant, user_id, purpose, token_hash, now, expires_at,
        )
        .await?;
        let row = sqlx::query("SELECT name FROM users WHERE id = $1 AND tenant_id = $2")
            .bind(user_id)
            .bind(tenant.id())
            .fetch_one(write.connection())
            .await?;
        let details = json!({"name": row.try_get::<String, _>("name")?, "kind": purpose.name()});
        let action = "user.link_made";
        record(&mut write, tenant, author, action, user_id, details, now).await?;
        write.commit().await
    }

    /// Whom a link for choosing a password is for, while it works.
    pub async fn password_link(
        self,
        token_hash: &str,
        now: i64,
    ) -> Result<Option<(Tenant, User, LinkPurpose)>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let sql = format!(
            "SELECT {}, l.purpose FROM sign_in_links l JOIN users u ON u.id = l.user_id \
             JOIN tenants t ON t.id = u.tenant_id \
             WHERE l.token_hash = $1 AND l.used_at IS NULL AND l.expires_at > $2 \
                 AND l.purpose <> 'sign_in' AND u.disabled_at IS NULL AND t.disabled_at IS NULL",
            super::USER_COLUMNS
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(token_hash)
            .bind(now)
            .fetch_optional(db.connection())
            .await?;
        row.map(|row| {
            let purpose = LinkPurpose::parse(row.try_get("purpose")?);
            Ok((Tenant::from_row(&row)?, User::from_row(&row)?, purpose))
        })
        .transpose()
    }

    /// Uses a link for choosing a password up: sets it, ends every session of
    /// the person, and gives the hashes of those. `None` when the link was used
    /// meanwhile: of two at once only one sets its password.
    pub async fn use_password_link(
        self,
        tenant: &Tenant,
        user_id: &str,
        token_hash: &str,
        password_hash: &str,
        author: &Author,
        now: i64,
    ) -> Result<Option<Vec<String>>, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "UPDATE sign_in_links SET used_at = $3 \
             WHERE token_hash = $1 AND tenant_id = $2 AND used_at IS NULL AND expires_at > $3 \
             RETURNING purpose",
        )
        .bind(token_hash)
        .bind(tenant.id())
        .bind(now)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let action = match LinkPurpose::parse(row.try_get("purpose")?) {
            LinkPurpose::Invitation => "user.joined",
            LinkPurpose::Reset | LinkPurpose::SignIn => "user.password_reset",
        };
        set_password(&mut write, tenant, user_id, password_hash).await?;
        let ended = end_sessions(&mut write, tenant, user_id, None).await?;
        forget_links(&mut write, tenant, user_id).await?;
        record(&mut write, tenant, author, action, user_id, json!({}), now).await?;
        write.commit().await?;
        Ok(Some(ended))
    }
}

/// Adds a person; `false` when the e-mail address is taken.
pub(crate) async fn insert_user(
    write: &mut Write,
    tenant: &Tenant,
    new: &NewUser,
    password_hash: Option<&str>,
    now: i64,
) -> Result<bool, StoreError> {
    let added = sqlx::query(
        "INSERT INTO users (id, tenant_id, email, name, role, password_hash, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (email) DO NOTHING",
    )
    .bind(&new.id)
    .bind(tenant.id())
    .bind(&new.email)
    .bind(&new.name)
    .bind(new.role.name())
    .bind(password_hash)
    .bind(now)
    .execute(write.connection())
    .await?;
    Ok(added.rows_affected() == 1)
}

async fn insert_link(
    write: &mut Write,
    tenant: &Tenant,
    user_id: &str,
    purpose: LinkPurpose,
    token_hash: &str,
    now: i64,
    expires_at: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sign_in_links (token_hash, user_id, tenant_id, purpose, created_at, \
             expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(token_hash)
    .bind(user_id)
    .bind(tenant.id())
    .bind(purpose.name())
    .bind(now)
    .bind(expires_at)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// Forgets the links of a person that were not used.
pub(crate) async fn forget_links(
    write: &mut Write,
    tenant: &Tenant,
    user_id: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM sign_in_links WHERE user_id = $1 AND tenant_id = $2 AND used_at IS NULL",
    )
    .bind(user_id)
    .bind(tenant.id())
    .execute(write.connection())
    .await?;
    Ok(())
}

async fn set_password(
    write: &mut Write,
    tenant: &Tenant,
    user_id: &str,
    password_hash: &str,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET password_hash = $3 WHERE id = $1 AND tenant_id = $2")
        .bind(user_id)
        .bind(tenant.id())
        .bind(password_hash)
        .execute(write.connection())
        .await?;
    Ok(())
}

/// What is true of the row of an admin who can sign in: one who was invited and
/// never came cannot rescue a business.
pub(super) const ABLE_ADMIN: &str = "role = 'admin' AND disabled_at IS NULL \
     AND (password_hash IS NOT NULL OR last_sign_in_at IS NOT NULL)";

/// Whether the business has an admin who can sign in.
pub(crate) async fn has_admin(write: &mut Write, tenant: &Tenant) -> Result<bool, StoreError> {
    let sql = format!("SELECT id FROM users WHERE tenant_id = $1 AND {ABLE_ADMIN} LIMIT 1");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.id())
        .fetch_optional(write.connection())
        .await?;
    Ok(row.is_some())
}

async fn record(
    write: &mut Write,
    tenant: &Tenant,
    author: &Author,
    action: &'static str,
    user_id: &str,
    details: Value,
    now: i64,
) -> Result<(), StoreError> {
    let deed = Deed::on("user", user_id, action).with(details);
    Deeds::record(write, tenant, author, &deed, now).await
}
