//! Contacts.

mod alike;
mod imports;
mod kept;
mod many;

pub use imports::ContactImports;
pub(super) use imports::Counts;
pub(crate) use kept::KEEPS;
pub(super) use many::fold_all;

use api::calls::Number;
use api::contacts::{Contact, ContactDetails};
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::fold::fold;
use crate::deeds::{Author, Deed, Deeds};
use crate::phone::E164;
use crate::revisions::KeptRevisions;
use crate::store::{Scope, StoreError, Tenant, Write, from_json, older_than, to_json};

const COLUMNS: &str = "id, phone, more_phones, name, email, language, vip, blocked, do_not_call, \
     tags, notes, fields, created_at, updated_at, \
     COALESCE((SELECT r.revision FROM revisions r WHERE r.tenant_id = contacts.tenant_id \
         AND r.kind = 'contact' AND r.id = contacts.id), 0) AS revision";
/// What a contact is called in the trail, and among what has revisions.
const KIND: &str = "contact";

/// What a text is looked for in. What no server has folded yet is looked for as far as the
/// database knows lower case.
const NAMED: &str = "AND (COALESCE(name_folded, LOWER(name)) LIKE $4 ESCAPE '!' \
     OR email LIKE $4 ESCAPE '!' OR phone LIKE $4 ESCAPE '!' OR more_phones LIKE $4 ESCAPE '!' \
     OR COALESCE(tags_folded, LOWER(tags)) LIKE $4 ESCAPE '!')";

/// Matches what a person typed, wherever it is: a number as it is written without what people
/// put between its digits.
fn pattern(text: &str) -> String {
    let text = match Number::parse(text) {
        Some(Number::Whole(digits) | Number::Ending(digits)) => digits,
        None => fold(text),
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
            more_phones: from_json(row.try_get("more_phones")?, "contacts", &id)?,
            name: row.try_get("name")?,
            email: row.try_get("email")?,
            language: row.try_get("language")?,
            vip: row.try_get::<i64, _>("vip")? != 0,
            blocked: row.try_get::<i64, _>("blocked")? != 0,
            do_not_call: row.try_get::<i64, _>("do_not_call")? != 0,
            tags: from_json(row.try_get("tags")?, "contacts", &id)?,
            notes: row.try_get("notes")?,
            fields: from_json(row.try_get("fields")?, "contacts", &id)?,
        },
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
        revision: row.try_get("revision")?,
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
            } => (
                "AND id IN (SELECT contact_id FROM contact_numbers \
                     WHERE tenant_id = $1 AND number = $4)",
                Some(phone.to_string()),
            ),
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

    /// Has whoever has a number be known by a name, where they were known by none.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] when somebody else has changed them meanwhile.
    pub(crate) async fn introduce(
        self,
        tenant: &Tenant,
        phone: &E164,
        name: &str,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let named = |details: ContactDetails| {
            details.name.is_empty().then(|| ContactDetails {
                name: name.to_owned(),
                ..details
            })
        };
        self.know(tenant, phone, named, author, now).await
    }

    /// Has nobody call whoever has a number any more.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] when somebody else has changed them meanwhile.
    pub(crate) async fn call_no_more(
        self,
        tenant: &Tenant,
        phone: &E164,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let marked = |details: ContactDetails| {
            (!details.do_not_call).then_some(ContactDetails {
                do_not_call: true,
                ..details
            })
        };
        self.know(tenant, phone, marked, author, now).await
    }

    /// Changes what is known of whoever has a number, where there is something to change, or adds
    /// them.
    async fn know(
        self,
        tenant: &Tenant,
        phone: &E164,
        change: impl FnOnce(ContactDetails) -> Option<ContactDetails>,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let known = self.by_phone(tenant, phone).await?;
        let (known, details) = known.map(|it| ((it.id, it.revision), it.details)).unzip();
        let details = change(details.unwrap_or_else(|| ContactDetails {
            phone: Some(phone.to_string()),
            ..ContactDetails::default()
        }));
        let Some(details) = details else {
            return Ok(());
        };
        let written = match known {
            Some((id, read)) => {
                self.change(tenant, &id, &details, Some(read), author, now)
                    .await?
            }
            None => self.create(tenant, &details, author, now).await?,
        };
        match written {
            Written::Done(_) => Ok(()),
            Written::Unknown | Written::PhoneTaken => Err(StoreError::Overtaken),
        }
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
        if !insert(write, tenant, &id, details, now).await? {
            return Ok(Written::PhoneTaken);
        }
        // Without a name or a number: the trail outlives the contact.
        let deed = Deed::on(KIND, &id, "contact.created");
        Deeds::record(write, tenant, author, &deed, now).await?;
        record_calling(
            write,
            tenant,
            &id,
            (false, details.do_not_call),
            author,
            now,
        )
        .await?;
        Ok(Written::Done(Box::new(Contact {
            id,
            details: details.clone(),
            created_at: now,
            updated_at: now,
            revision: 0,
        })))
    }

    /// Replaces what is known of a contact: a change of the revision `read`. The details are
    /// checked already.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] when somebody else has changed it since.
    pub async fn change(
        self,
        tenant: &Tenant,
        id: &str,
        details: &ContactDetails,
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<Written, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let changed = Self::change_in(&mut write, tenant, id, details, read, author, now);
        done(changed.await?, write).await
    }

    /// [`Contacts::change`] as a part of a larger transaction, which goes on only where it
    /// is done.
    pub(crate) async fn change_in(
        write: &mut Write,
        tenant: &Tenant,
        id: &str,
        details: &ContactDetails,
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<Written, StoreError> {
        let before =
            sqlx::query("SELECT do_not_call FROM contacts WHERE tenant_id = $1 AND id = $2")
                .bind(tenant.id())
                .bind(id)
                .fetch_optional(write.connection())
                .await?;
        let before = before.map(|row| row.try_get::<i64, _>("do_not_call"));
        let before = before.transpose()? == Some(1);
        let written = replace(write, tenant, id, details, read, now).await?;
        if let Written::Done(_) = &written {
            let deed = Deed::on(KIND, id, "contact.changed");
            Deeds::record(write, tenant, author, &deed, now).await?;
            record_calling(
                write,
                tenant,
                id,
                (before, details.do_not_call),
                author,
                now,
            )
            .await?;
        }
        Ok(written)
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
            &Deed::on(KIND, id, "contact.deleted"),
            now,
        )
        .await?;
        write.commit().await?;
        Ok(true)
    }
}

/// Notes who had a contact be called no more, or again.
async fn record_calling(
    write: &mut Write,
    tenant: &Tenant,
    id: &str,
    (before, after): (bool, bool),
    author: &Author,
    now: i64,
) -> Result<(), StoreError> {
    let action = match (before, after) {
        (false, true) => "contact.do_not_call",
        (true, false) => "contact.callable",
        _ => return Ok(()),
    };
    Deeds::record(write, tenant, author, &Deed::on(KIND, id, action), now).await
}

/// Commits what was done; a number that another one has ends the transaction.
async fn done(written: Written, write: Write) -> Result<Written, StoreError> {
    if let Written::Done(_) = written {
        write.commit().await?;
    }
    Ok(written)
}

/// Adds a contact. False when another one has one of its numbers: then the transaction is not to
/// go on.
async fn insert(
    write: &mut Write,
    tenant: &Tenant,
    id: &str,
    details: &ContactDetails,
    now: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "INSERT INTO contacts (id, tenant_id, phone, more_phones, name, name_folded, email, \
             language, vip, blocked, do_not_call, tags, tags_folded, notes, fields, created_at, \
             updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16) \
         ON CONFLICT (tenant_id, phone) DO NOTHING",
    )
    .bind(id)
    .bind(tenant.id())
    .bind(&details.phone)
    .bind(to_json(&details.more_phones))
    .bind(&details.name)
    .bind(fold(&details.name))
    .bind(&details.email)
    .bind(&details.language)
    .bind(i64::from(details.vip))
    .bind(i64::from(details.blocked))
    .bind(i64::from(details.do_not_call))
    .bind(to_json(&details.tags))
    .bind(fold(&details.tags.join("\n")))
    .bind(&details.notes)
    .bind(to_json(&details.fields))
    .bind(now)
    .execute(write.connection())
    .await?;
    Ok(done.rows_affected() > 0 && take_numbers(write, tenant, id, details).await?)
}

/// Says anew what is known of a contact, as a change of the revision `read`.
async fn replace(
    write: &mut Write,
    tenant: &Tenant,
    id: &str,
    details: &ContactDetails,
    read: Option<i64>,
    now: i64,
) -> Result<Written, StoreError> {
    let revision = KeptRevisions::revise(write, tenant, (KIND, id), read).await?;
    sqlx::query("DELETE FROM contact_numbers WHERE tenant_id = $1 AND contact_id = $2")
        .bind(tenant.id())
        .bind(id)
        .execute(write.connection())
        .await?;
    let done = sqlx::query(
        "UPDATE contacts SET phone = $3, more_phones = $4, name = $5, name_folded = $6, \
             email = $7, language = $8, vip = $9, blocked = $10, do_not_call = $11, tags = $12, \
             tags_folded = $13, notes = $14, fields = $15, updated_at = $16 \
         WHERE tenant_id = $1 AND id = $2 RETURNING created_at",
    )
    .bind(tenant.id())
    .bind(id)
    .bind(&details.phone)
    .bind(to_json(&details.more_phones))
    .bind(&details.name)
    .bind(fold(&details.name))
    .bind(&details.email)
    .bind(&details.language)
    .bind(i64::from(details.vip))
    .bind(i64::from(details.blocked))
    .bind(i64::from(details.do_not_call))
    .bind(to_json(&details.tags))
    .bind(fold(&details.tags.join("\n")))
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
    if !take_numbers(write, tenant, id, details).await? {
        return Ok(Written::PhoneTaken);
    }
    Ok(Written::Done(Box::new(Contact {
        id: id.to_owned(),
        details: details.clone(),
        created_at,
        updated_at: now,
        revision,
    })))
}

/// Makes the numbers a contact's, which has none so far. False when one is another's.
async fn take_numbers(
    write: &mut Write,
    tenant: &Tenant,
    id: &str,
    details: &ContactDetails,
) -> Result<bool, StoreError> {
    for number in details.phones() {
        let done = sqlx::query(
            "INSERT INTO contact_numbers (tenant_id, number, contact_id) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant_id, number) DO NOTHING",
        )
        .bind(tenant.id())
        .bind(number)
        .bind(id)
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_taken(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}
