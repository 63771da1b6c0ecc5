//! Contacts.

mod kept;

pub(crate) use kept::KEEPS;

use api::calls::Number;
use api::contacts::{Contact, ContactDetails};
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::deeds::{Author, Deed, Deeds};
use crate::phone::E164;
use crate::store::{Scope, StoreError, Tenant, Write, from_json, older_than, to_json};

const COLUMNS: &str =
    "id, phone, name, email, language, vip, blocked, tags, notes, fields, created_at, updated_at";

/// What a text is looked for in; tags are within quotes.
const NAMED: &str = "AND (LOWER(name) LIKE $4 ESCAPE '!' OR email LIKE $4 ESCAPE '!' \
     OR phone LIKE $4 ESCAPE '!' OR LOWER(tags) LIKE $4 ESCAPE '!')";

/// Matches what a person typed, wherever it is: a number as it is written without what people
/// put between its digits.
fn pattern(text: &str) -> String {
    let text = match Number::parse(text) {
        Some(Number::Whole(digits) | Number::Ending(digits)) => digits,
        None => text.trim().to_lowercase(),
    };
    let mut pattern = "%".to_owned();
    for c in text.chars() {
        if "!%_".contains(c) {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// Which contacts a list is of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactFilter {
    /// With this number.
    pub phone: Option<E164>,
    /// With this e-mail address, in lower case.
    pub email: Option<String>,
    /// With this in name, address or number, or as a tag.
    pub text: Option<String>,
}

/// What became of a contact that was to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// It is there now.
    Done(Box<Contact>),
    /// There is no such contact.
    Unknown,
    /// Another contact has its number.
    PhoneTaken,
}

fn from_row(row: &AnyRow) -> Result<Contact, StoreError> {
    let id: String = row.try_get("id")?;
    Ok(Contact {
        details: ContactDetails {
            phone: row.try_get("phone")?,
            name: row.try_get("name")?,
            email: row.try_get("email")?,
            language: row.try_get("language")?,
            vip: row.try_get::<i64, _>("vip")? != 0,
            blocked: row.try_get::<i64, _>("blocked")? != 0,
            tags: from_json(row.try_get("tags")?, "contacts", &id)?,
            notes: row.try_get("notes")?,
            fields: from_json(row.try_get("fields")?, "contacts", &id)?,
        },
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        id,
    })
}

crate::store::part! {
    /// The people each business knows.
    contacts -> Contacts
}

impl Contacts<'_> {
    /// A page of the tenant's contacts, the newest first, from before the one
    /// with the id `before`.
    pub async fn page(
        self,
        tenant: &Tenant,
        filter: &ContactFilter,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Contact>, StoreError> {
        let (condition, value) = match filter {
            ContactFilter {
                phone: Some(phone), ..
            } => ("AND phone = $4", Some(phone.to_string())),
            ContactFilter {
                email: Some(email), ..
            } => ("AND email = $4", Some(email.clone())),
            ContactFilter {
                text: Some(text), ..
            } => (NAMED, Some(pattern(text))),
            _ => ("", None),
        };
        let older = older_than("id", before, 2);
        let sql = format!(
            "SELECT {COLUMNS} FROM contacts WHERE tenant_id = $1 AND {older} {condition} \
             ORDER BY id DESC LIMIT $3"
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(before)
            .bind(i64::from(limit));
        if let Some(value) = value {
            query = query.bind(value);
        }
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = query.fetch_all(db.connection()).await?;
        rows.iter().map(from_row).collect()
    }

    /// One of the tenant's contacts.
    pub async fn find(self, tenant: &Tenant, id: &str) -> Result<Option<Contact>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM contacts WHERE tenant_id = $1 AND id = $2");
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(id)
            .fetch_optional(db.connection())
            .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// The tenant's contact with a number.
    pub async fn by_phone(
        self,
        tenant: &Tenant,
        phone: &E164,
    ) -> Result<Option<Contact>, StoreError> {
        let filter = ContactFilter {
            phone: Some(phone.clone()),
            ..ContactFilter::default()
        };
        Ok(self.page(tenant, &filter, None, 1).await?.pop())
    }

    /// Adds a contact; the details are checked already.
    pub async fn create(
        self,
        tenant: &Tenant,
        details: &ContactDetails,
        author: &Author,
        now: i64,
    ) -> Result<Written, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let created = Self::create_in(&mut write, tenant, details, author, now);
        done(created.await?, write).await
    }

    /// [`Contacts::create`] as a part of a larger transaction, which goes on only where it
    /// is done.
    pub(crate) async fn create_in(
        write: &mut Write,
        tenant: &Tenant,
        details: &ContactDetails,
        author: &Author,
        now: i64,
    ) -> Result<Written, StoreError> {
        let id = Uuid::now_v7().to_string();
        let done = sqlx::query(
            "INSERT INTO contacts (id, tenant_id, phone, name, email, language, vip, blocked, \
                 tags, notes, fields, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) \
             ON CONFLICT (tenant_id, phone) DO NOTHING",
        )
        .bind(&id)
        .bind(tenant.id())
        .bind(&details.phone)
        .bind(&details.name)
        .bind(&details.email)
        .bind(&details.language)
        .bind(i64::from(details.vip))
        .bind(i64::from(details.blocked))
        .bind(to_json(&details.tags))
        .bind(&details.notes)
        .bind(to_json(&details.fields))
        .bind(now)
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(Written::PhoneTaken);
        }
        Deeds::record(
            write,
            tenant,
            author,
            // Without a name or a number: the trail outlives the contact.
            &Deed::on("contact", &id, "contact.created"),
            now,
        )
        .await?;
        Ok(Written::Done(Box::new(Contact {
            id,
            details: details.clone(),
            created_at: now,
            updated_at: now,
        })))
    }

    /// Replaces what is known of a contact; the details are checked already.
    pub async fn change(
        self,
        tenant: &Tenant,
        id: &str,
        details: &ContactDetails,
        author: &Author,
        now: i64,
    ) -> Result<Written, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let changed = Self::change_in(&mut write, tenant, id, details, author, now);
        done(changed.await?, write).await
    }

    /// [`Contacts::change`] as a part of a larger transaction, which goes on only where it
    /// is done.
    pub(crate) async fn change_in(
        write: &mut Write,
        tenant: &Tenant,
        id: &str,
        details: &ContactDetails,
        author: &Author,
        now: i64,
    ) -> Result<Written, StoreError> {
        let done = sqlx::query(
            "UPDATE contacts SET phone = $3, name = $4, email = $5, language = $6, vip = $7, \
                 blocked = $8, tags = $9, notes = $10, fields = $11, updated_at = $12 WHERE tenant_id = $1 AND id = $2 \
             RETURNING created_at",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(&details.phone)
        .bind(&details.name)
        .bind(&details.email)
        .bind(&details.language)
        .bind(i64::from(details.vip))
        .bind(i64::from(details.blocked))
        .bind(to_json(&details.tags))
        .bind(&details.notes)
        .bind(to_json(&details.fields))
        .bind(now)
        .fetch_optional(write.connection())
        .await;
        let row = match done {
            Ok(Some(row)) => row,
            Ok(None) => return Ok(Written::Unknown),
            Err(error) if is_taken(&error) => return Ok(Written::PhoneTaken),
            Err(error) => return Err(error.into()),
        };
        let created_at = row.try_get("created_at")?;
        Deeds::record(
            write,
            tenant,
            author,
            &Deed::on("contact", id, "contact.changed"),
            now,
        )
        .await?;
        Ok(Written::Done(Box::new(Contact {
            id: id.to_owned(),
            details: details.clone(),
            created_at,
            updated_at: now,
        })))
    }

    /// Deletes a contact. False when there is no such contact.
    pub async fn delete(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query("DELETE FROM contacts WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .execute(write.connection())
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        Deeds::record(
            &mut write,
            tenant,
            author,
            &Deed::on("contact", id, "contact.deleted"),
            now,
        )
        .await?;
        write.commit().await?;
        Ok(true)
    }
}

/// Commits what was done; a number that another one has ends the transaction.
async fn done(written: Written, write: Write) -> Result<Written, StoreError> {
    if let Written::Done(_) = written {
        write.commit().await?;
    }
    Ok(written)
}

fn is_taken(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
