//! What the calendar holds of people, and for how long.

use std::future::ready;

use api::contacts::Moment;
use serde_json::{Map, Value, json};

use super::bookings::{Bookings, columns, from_row};
use crate::keeps::{
    Aging, Before, Keeps, OfCalls, OfPeople, erase_found, forget_calls, moments_by,
};
use crate::person::Person;
use crate::phone::E164;
use crate::store::{Scope, SealedColumn, Store, StoreError, Tenant};

/// Whether a booking was made in the call that `c` is a row of.
pub(crate) const BOOKED_IN_CALL: &str =
    "EXISTS (SELECT 1 FROM bookings b WHERE b.tenant_id = c.tenant_id AND b.call_id = c.id)";

pub(crate) const KEEPS: Keeps = Keeps {
    aging: &[Aging {
        name: "bookings",
        days: |retention| retention.calls_days,
        remove: |_, write, batch| Box::pin(batch.delete(write, "bookings", "ends_at", "TRUE")),
    }],
    expiring: &[|store, now, limit| Box::pin(store.bookings().drop_stale_holds(now, limit))],
    of_calls: Some(OfCalls {
        redact: None,
        count: |_, _, _, _| Box::pin(ready(Ok(()))),
        export: |store, tenant, id, document| Box::pin(export(store, tenant, id, document)),
        erase: |write, tenant, ids, _| Box::pin(forget_calls(write, tenant, "bookings", ids)),
    }),
    of_people: Some(OfPeople {
        name: "bookings",
        counter: |traces| &mut traces.bookings,
        find: |store, tenant, person| Box::pin(find(store, tenant, person)),
        erase: |write, tenant, _, found| Box::pin(erase_found(write, tenant, "bookings", found)),
    }),
    moments: Some(|store, tenant, number, before, limit| {
        Box::pin(moments(store, tenant, number, before, limit))
    }),
    // What stands in a linked calendar, or at Cal.com, is its owner's, there.
    sealed: &[
        SealedColumn::new("calcom_connections", "tenant_id", "secrets"),
        SealedColumn::new("calendar_links", "id", "password"),
    ],
    ..Keeps::NOTHING
};

impl Bookings<'_> {
    /// Forgets slots that were held and not confirmed.
    async fn drop_stale_holds(self, now: i64, limit: u32) -> Result<u64, StoreError> {
        let mut db = self.0.single(Scope::Server).await?;
        let done = sqlx::query(
            "DELETE FROM bookings WHERE id IN (SELECT id FROM bookings \
                 WHERE state = 'held' AND held_until < $1 LIMIT $2)",
        )
        .bind(now)
        .bind(i64::from(limit))
        .execute(db.connection())
        .await?;
        Ok(done.rows_affected())
    }
}

/// What was booked in a call.
async fn export(
    store: &Store,
    tenant: &Tenant,
    call_id: &str,
    document: &mut Map<String, Value>,
) -> Result<(), StoreError> {
    let rows = bookings(store, tenant, "call_id", call_id).await?;
    document.insert("bookings".to_owned(), rows.into());
    Ok(())
}

/// A booking outlives the call it was made in.
async fn find(store: &Store, tenant: &Tenant, person: &Person) -> Result<Vec<Value>, StoreError> {
    match person.phone() {
        Some(phone) => bookings(store, tenant, "phone", phone).await,
        None => Ok(Vec::new()),
    }
}

/// Held slots are no appointments yet, and what was given back never was one.
async fn moments(
    store: &Store,
    tenant: &Tenant,
    number: &E164,
    before: &Before,
    limit: u32,
) -> Result<Vec<Moment>, StoreError> {
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM bookings WHERE tenant_id = $1 AND phone = $2 AND state <> 'held' AND held_until IS NULL \
         AND (starts_at, id) < ($3, $4) ORDER BY starts_at DESC, id DESC LIMIT $5"
    );
    moments_by(store, tenant, sql, (number, before, limit), |row| {
        Ok(Moment::Booking(from_row(row)?))
    })
    .await
}

async fn bookings(
    store: &Store,
    tenant: &Tenant,
    column: &'static str,
    is: &str,
) -> Result<Vec<Value>, StoreError> {
    let sql = format!(
        "SELECT {} FROM bookings WHERE tenant_id = $1 AND {column} = $2 ORDER BY starts_at, id",
        columns!()
    );
    let mut db = store.read(Scope::Of(tenant)).await?;
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(tenant.id())
        .bind(is)
        .fetch_all(db.connection())
        .await?;
    rows.iter().map(|row| Ok(json!(from_row(row)?))).collect()
}
