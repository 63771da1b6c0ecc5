//! What there is about one person, and erasing it.

mod retention;

pub use retention::Kept;

use retention::delete_call;

use api::desk::GivenConsent;
use api::privacy::Traces;
use serde_json::{Map, Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::bus::Signal;
use crate::contacts::Person;
use crate::deeds::{Author, Deed};
use crate::people::{ABLE_ADMIN, has_admin};
use crate::store::{Scope, Store, StoreError, Tenant, from_json};

/// How many calls are looked through at once.
const PAGE: i64 = 500;

/// A call with somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonCall {
    /// Which one.
    pub id: String,
    /// Whether it goes on.
    pub live: bool,
    /// Whether there is a link to its recording.
    pub has_recording: bool,
}

/// What there is about somebody besides calls.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PersonElsewhere {
    /// Entries of the contact list.
    pub contacts: Vec<Value>,
    /// Call-backs asked for.
    pub callbacks: Vec<Value>,
    /// Accounts at the desk.
    pub accounts: Vec<Value>,
    /// Webhooks that belong to no call, such as an inbound call's question.
    pub deliveries: Vec<Value>,
}

impl Store {
    /// The tenant's calls with somebody: from or to the number, or with the
    /// number or address in what Retell told of the call, such as its variables.
    /// Looks through every call, a page at a time: for rare and deliberate use.
    pub async fn calls_of_person(
        &self,
        tenant: &Tenant,
        person: &Person,
    ) -> Result<Vec<PersonCall>, StoreError> {
        // Nothing sorts before this.
        let mut after = (2, i64::MAX, String::new());
        let mut found = Vec::new();
        loop {
            let mut db = self.read(Scope::Of(tenant)).await?;
            let rows = sqlx::query(
                "SELECT id, live, created_at, has_recording, from_number, to_number, retell \
                 FROM calls WHERE tenant_id = $1 AND (live, created_at, id) < ($2, $3, $4) \
                 ORDER BY live DESC, created_at DESC, id DESC LIMIT $5",
            )
            .bind(tenant.id())
            .bind(after.0)
            .bind(after.1)
            .bind(&after.2)
            .bind(PAGE)
            .fetch_all(db.connection())
            .await?;
            let Some(last) = rows.last() else {
                return Ok(found);
            };
            after = (
                last.try_get("live")?,
                last.try_get("created_at")?,
                last.try_get("id")?,
            );
            for row in &rows {
                if is_with(row, person)? {
                    found.push(PersonCall {
                        id: row.try_get("id")?,
                        live: row.try_get::<i64, _>("live")? != 0,
                        has_recording: row.try_get::<i64, _>("has_recording")? != 0,
                    });
                }
            }
        }
    }

    /// How much there is about somebody.
    pub async fn traces(
        &self,
        tenant: &Tenant,
        person: &Person,
        calls: &[PersonCall],
    ) -> Result<Traces, StoreError> {
        let mut traces = Traces::default();
        let mut db = self.read(Scope::Of(tenant)).await?;
        for call in calls {
            let row = sqlx::query(
                "SELECT (SELECT COUNT(*) FROM transcripts \
                         WHERE tenant_id = $1 AND call_id = $2) AS transcripts, \
                     (SELECT COUNT(*) FROM webhook_deliveries \
                      WHERE tenant_id = $1 AND call_id = $2) AS deliveries, \
                     (SELECT COUNT(*) FROM outgoing_events \
                      WHERE tenant_id = $1 AND call_id = $2) AS events, \
                     (SELECT COUNT(*) FROM consents \
                      WHERE tenant_id = $1 AND call_id = $2) AS consents, \
                     (SELECT COUNT(*) FROM ratings \
                      WHERE tenant_id = $1 AND call_id = $2) AS ratings",
            )
            .bind(tenant.id())
            .bind(&call.id)
            .fetch_one(db.connection())
            .await?;
            traces.calls += 1;
            traces.recordings += u32::from(call.has_recording);
            traces.transcripts += number(&row, "transcripts")?;
            traces.deliveries += number(&row, "deliveries")?;
            traces.events += number(&row, "events")?;
            traces.consents += number(&row, "consents")?;
            traces.ratings += number(&row, "ratings")?;
        }
        drop(db);
        let elsewhere = self.everything_but_calls(tenant, person).await?;
        let count = |list: &[Value]| u32::try_from(list.len()).unwrap_or(u32::MAX);
        traces.deliveries += count(&elsewhere.deliveries);
        traces.contacts = count(&elsewhere.contacts);
        traces.callbacks = count(&elsewhere.callbacks);
        traces.accounts = count(&elsewhere.accounts);
        Ok(traces)
    }

    /// Everything stored of one call of the tenant, as JSON.
    pub async fn everything_about_call(
        &self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Value, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT c.retell, t.items FROM calls c LEFT JOIN transcripts t ON t.call_id = c.id \
             WHERE c.tenant_id = $1 AND c.id = $2",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        let mut document = json!({});
        if let Some(row) = row {
            let retell: Map<String, Value> = from_json(row.try_get("retell")?, "calls", id)?;
            document["retell"] = Value::Object(retell);
            if let Some(items) = row.try_get::<Option<&str>, _>("items")? {
                document["transcript"] = from_json(items, "transcripts", id)?;
            }
        }
        let rows = sqlx::query(
            "SELECT id, received_at, event, body FROM webhook_deliveries \
             WHERE tenant_id = $1 AND call_id = $2 ORDER BY id",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_all(db.connection())
        .await?;
        document["webhooks"] = rows.iter().map(delivery).collect::<Result<_, _>>()?;
        let rows = sqlx::query(
            "SELECT id, type, happened_at, payload FROM outgoing_events \
             WHERE tenant_id = $1 AND call_id = $2 ORDER BY id",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_all(db.connection())
        .await?;
        document["events"] = rows.iter().map(event).collect::<Result<_, _>>()?;
        drop(db);
        if let Some(GivenConsent { consent, given_at }) = self.consent(tenant, id).await? {
            document["consent"] = json!({"given_at": given_at, "consent": consent});
        }
        if let Some(rating) = self.rating(tenant, id).await? {
            document["rating"] = json!(rating);
        }
        Ok(document)
    }

    /// What there is about somebody besides calls.
    pub async fn everything_but_calls(
        &self,
        tenant: &Tenant,
        person: &Person,
    ) -> Result<PersonElsewhere, StoreError> {
        let mut elsewhere = PersonElsewhere::default();
        let mut after = String::new();
        loop {
            let mut db = self.read(Scope::Of(tenant)).await?;
            let rows = sqlx::query(
                "SELECT id, received_at, event, body FROM webhook_deliveries \
                 WHERE tenant_id = $1 AND call_id IS NULL AND id > $2 ORDER BY id LIMIT $3",
            )
            .bind(tenant.id())
            .bind(&after)
            .bind(PAGE)
            .fetch_all(db.connection())
            .await?;
            let Some(last) = rows.last() else { break };
            after = last.try_get("id")?;
            for row in &rows {
                let body: Vec<u8> = row.try_get("body")?;
                if person.is_named_in(&String::from_utf8_lossy(&body)) {
                    elsewhere.deliveries.push(delivery(row)?);
                }
            }
        }
        elsewhere.contacts = self.contacts_of_person(tenant, person).await?;
        elsewhere.callbacks = self.callbacks_of_person(tenant, person).await?;
        if let Some(email) = person.email() {
            let mut db = self.read(Scope::Of(tenant)).await?;
            let rows = sqlx::query(
                "SELECT id, email, name, role, created_at FROM users \
                 WHERE tenant_id = $1 AND email = $2",
            )
            .bind(tenant.id())
            .bind(email)
            .fetch_all(db.connection())
            .await?;
            for row in &rows {
                elsewhere.accounts.push(json!({
                    "id": row.try_get::<String, _>("id")?,
                    "email": row.try_get::<String, _>("email")?,
                    "name": row.try_get::<String, _>("name")?,
                    "role": row.try_get::<String, _>("role")?,
                    "created_at": row.try_get::<i64, _>("created_at")?,
                }));
            }
        }
        Ok(elsewhere)
    }

    async fn contacts_of_person(
        &self,
        tenant: &Tenant,
        person: &Person,
    ) -> Result<Vec<Value>, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT id, phone, name, email, language, notes, fields, created_at FROM contacts \
             WHERE tenant_id = $1 AND (phone = $2 OR email = $3)",
        )
        .bind(tenant.id())
        .bind(person.phone())
        .bind(person.email())
        .fetch_all(db.connection())
        .await?;
        rows.iter()
            .map(|row| {
                let id: String = row.try_get("id")?;
                let fields: Value = from_json(row.try_get("fields")?, "contacts", &id)?;
                Ok(json!({
                    "id": id,
                    "phone": row.try_get::<Option<String>, _>("phone")?,
                    "name": row.try_get::<String, _>("name")?,
                    "email": row.try_get::<Option<String>, _>("email")?,
                    "language": row.try_get::<Option<String>, _>("language")?,
                    "notes": row.try_get::<String, _>("notes")?,
                    "fields": fields,
                    "created_at": row.try_get::<i64, _>("created_at")?,
                }))
            })
            .collect()
    }

    /// Whether somebody is the only admin of the tenant who can still sign in.
    pub async fn is_last_admin(
        &self,
        tenant: &Tenant,
        person: &Person,
    ) -> Result<bool, StoreError> {
        let Some(email) = person.email() else {
            return Ok(false);
        };
        let mut db = self.read(Scope::Of(tenant)).await?;
        let sql = format!(
            "SELECT COUNT(CASE WHEN email = $2 THEN 1 END) AS own, COUNT(*) AS admins \
             FROM users WHERE tenant_id = $1 AND {ABLE_ADMIN}"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(email)
            .fetch_one(db.connection())
            .await?;
        Ok(number(&row, "own")? == 1 && number(&row, "admins")? == 1)
    }

    /// Deletes these calls and everything else about somebody, and notes that it
    /// was done, but not about whom. `None`, and nothing is deleted, when nobody
    /// could administer the business any more.
    pub async fn erase(
        &self,
        tenant: &Tenant,
        person: &Person,
        calls: &[PersonCall],
        at_retell: bool,
        author: &Author,
        now: i64,
    ) -> Result<Option<Traces>, StoreError> {
        let mut traces = self.traces(tenant, person, calls).await?;
        let elsewhere = self.everything_but_calls(tenant, person).await?;
        let mut write = self.write(Scope::Of(tenant)).await?;
        // Before anything else is held, which others may wait for.
        if !elsewhere.accounts.is_empty() {
            self.one_change_of_people(&mut write, tenant).await?;
        }
        let had_admin = has_admin(&mut write, tenant).await?;
        for call in calls {
            delete_call(&mut write, tenant, &call.id, now).await?;
        }
        if !calls.is_empty() {
            write.tell(Signal::CallsDeleted);
        }
        for delivery in &elsewhere.deliveries {
            sqlx::query("DELETE FROM webhook_deliveries WHERE tenant_id = $1 AND id = $2")
                .bind(tenant.id())
                .bind(delivery["id"].as_str())
                .execute(write.connection())
                .await?;
        }
        for contact in &elsewhere.contacts {
            sqlx::query("DELETE FROM contacts WHERE tenant_id = $1 AND id = $2")
                .bind(tenant.id())
                .bind(contact["id"].as_str())
                .execute(write.connection())
                .await?;
        }
        Self::erase_callbacks(&mut write, tenant, person).await?;
        for account in &elsewhere.accounts {
            let id = account["id"].as_str();
            // What the person did stays in the trail, without the name.
            sqlx::query(
                "UPDATE audit_events SET actor_name = NULL, remote_ip = NULL \
                 WHERE tenant_id = $1 AND actor_id = $2",
            )
            .bind(tenant.id())
            .bind(id)
            .execute(write.connection())
            .await?;
            sqlx::query(
                "UPDATE audit_events SET details = '{}' \
                 WHERE tenant_id = $1 AND subject_kind = 'user' AND subject_id = $2",
            )
            .bind(tenant.id())
            .bind(id)
            .execute(write.connection())
            .await?;
            // Sessions and links go with it.
            sqlx::query("DELETE FROM users WHERE tenant_id = $1 AND id = $2")
                .bind(tenant.id())
                .bind(id)
                .execute(write.connection())
                .await?;
        }
        if had_admin && !has_admin(&mut write, tenant).await? {
            return Ok(None);
        }
        traces.accounts = u32::try_from(elsewhere.accounts.len()).unwrap_or(u32::MAX);
        let deed = Deed {
            action: "person.erased",
            subject_kind: "",
            subject_id: "",
            details: json!({"erased": traces, "at_retell": at_retell}),
        };
        Self::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(Some(traces))
    }
}

fn is_with(row: &AnyRow, person: &Person) -> Result<bool, sqlx::Error> {
    let number = |column: &str| -> Result<Option<&str>, sqlx::Error> { row.try_get(column) };
    let numbers = [number("from_number")?, number("to_number")?];
    if numbers
        .into_iter()
        .flatten()
        .any(|number| person.has_number(number))
    {
        return Ok(true);
    }
    Ok(person.is_named_in(row.try_get("retell")?))
}

fn number(row: &AnyRow, column: &str) -> Result<u32, sqlx::Error> {
    Ok(u32::try_from(row.try_get::<i64, _>(column)?).unwrap_or(u32::MAX))
}

fn event(row: &AnyRow) -> Result<Value, StoreError> {
    let id: String = row.try_get("id")?;
    let payload: Value = from_json(row.try_get("payload")?, "outgoing_events", &id)?;
    Ok(json!({
        "id": id,
        "type": row.try_get::<String, _>("type")?,
        "happened_at": row.try_get::<i64, _>("happened_at")?,
        "payload": payload,
    }))
}

fn delivery(row: &AnyRow) -> Result<Value, sqlx::Error> {
    let body: Vec<u8> = row.try_get("body")?;
    Ok(json!({
        "id": row.try_get::<String, _>("id")?,
        "received_at": row.try_get::<i64, _>("received_at")?,
        "event": row.try_get::<Option<String>, _>("event")?,
        "body": String::from_utf8_lossy(&body),
    }))
}
