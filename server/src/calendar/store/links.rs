//! Linked calendars: how they are reached, and when they are busy.

use api::linked_calendars::LinkedCalendar;
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::writes;
use crate::calendar::Taken;
use crate::calendar::linked::{Times, read, replaced};
use crate::deeds::{Author, Deed, Deeds};
use crate::jobs::{Jobs, NewJob};
use crate::store::{Connection, Scope, StoreError, Tenant, from_json, to_json};

const TABLE: &str = "calendar_links";

macro_rules! columns {
    () => {
        "id, staff_id, address, user_name, password, calendar, name, busy, read_at, tried_at, \
         failed_at, reason"
    };
}

/// A linked calendar, as it is kept.
pub(in crate::calendar) struct KeptLink {
    pub(in crate::calendar) shown: LinkedCalendar,
    /// The password, sealed.
    pub(in crate::calendar) sealed: String,
    /// When it is busy.
    pub(in crate::calendar) busy: Times,
    /// When it was last tried to be read (Unix ms).
    pub(in crate::calendar) tried_at: Option<i64>,
}

impl KeptLink {
    /// One of which nothing has been read.
    pub(in crate::calendar) fn new(shown: LinkedCalendar, sealed: String) -> Self {
        Self {
            shown: LinkedCalendar {
                read_at: None,
                failed_at: None,
                reason: None,
                ..shown
            },
            sealed,
            busy: Times::new(),
            tried_at: None,
        }
    }
}

crate::store::part! {
    /// The linked calendars of each business.
    calendar_links -> CalendarLinks
}

impl CalendarLinks<'_> {
    /// The tenant's linked calendars, in the order they were linked.
    pub(in crate::calendar) async fn all(
        self,
        tenant: &Tenant,
    ) -> Result<Vec<KeptLink>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM calendar_links WHERE tenant_id = $1 ORDER BY id"
        ))
        .bind(tenant.id())
        .fetch_all(db.connection())
        .await?;
        rows.iter().map(from_row).collect()
    }

    /// One of them.
    pub(in crate::calendar) async fn find(
        self,
        tenant: &Tenant,
        id: &str,
    ) -> Result<Option<KeptLink>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM calendar_links WHERE tenant_id = $1 AND id = $2"
        ))
        .bind(tenant.id())
        .bind(id)
        .fetch_optional(db.connection())
        .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// The one that what is booked with somebody is written into: theirs, or the business's.
    pub(in crate::calendar) async fn of(
        self,
        tenant: &Tenant,
        staff_id: Option<&str>,
    ) -> Result<Option<KeptLink>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let id = link_of(db.connection(), tenant, staff_id).await?;
        drop(db);
        match id {
            Some(id) => self.find(tenant, &id).await,
            None => Ok(None),
        }
    }

    /// Links a calendar, and has it read from now on; `false` when whose it is has one.
    pub(in crate::calendar) async fn add(
        self,
        tenant: &Tenant,
        link: &KeptLink,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let (shown, id) = (&link.shown, &link.shown.id);
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "INSERT INTO calendar_links (id, tenant_id, staff_id, address, user_name, password, \
                 busy, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, '[]', $7, $7) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(tenant.id())
        .bind(&shown.staff_id)
        .bind(&shown.address)
        .bind(&shown.user)
        .bind(&link.sealed)
        .bind(now)
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let job = NewJob {
            kind: read::KIND,
            group: Some(id.clone()),
            dedupe_key: None,
            payload: json!({"link_id": id}),
            run_at: now,
            // It is read as long as it is linked.
            max_attempts: u32::MAX,
        };
        Jobs::enqueue(&mut write, tenant, &job, now).await?;
        let deed = Deed::on("calendar_link", id, "calendar_link.added");
        let deed = deed.with(json!({"staff_id": shown.staff_id}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Says anew how a calendar is reached and which it is, with what is known of it; what is
    /// booked is written into it. `false` when there is none.
    pub(in crate::calendar) async fn set(
        self,
        tenant: &Tenant,
        link: &KeptLink,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let (shown, id) = (&link.shown, &link.shown.id);
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query(
            "UPDATE calendar_links SET address = $3, user_name = $4, password = $5, \
                 calendar = $6, name = $7, busy = $8, read_at = $9, tried_at = NULL, \
                 failed_at = $10, reason = $11, updated_at = $12 \
             WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(&shown.address)
        .bind(&shown.user)
        .bind(&link.sealed)
        .bind(&shown.calendar)
        .bind(&shown.name)
        .bind(to_json(&link.busy))
        .bind(shown.read_at)
        .bind(shown.failed_at)
        .bind(&shown.reason)
        .bind(now)
        .execute(write.connection())
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        writes::put_down_all(&mut write, tenant, shown.staff_id.as_deref(), now).await?;
        let deed = Deed::on("calendar_link", id, "calendar_link.changed");
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.tell(super::bookings::changed(tenant));
        write.commit().await?;
        Ok(true)
    }

    /// Links a calendar no more; `false` when there is none. What stands in it stays there.
    pub(in crate::calendar) async fn remove(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let done = sqlx::query("DELETE FROM calendar_links WHERE tenant_id = $1 AND id = $2")
            .bind(tenant.id())
            .bind(id)
            .execute(write.connection())
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let deed = Deed::on("calendar_link", id, "calendar_link.removed");
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.tell(super::bookings::changed(tenant));
        write.commit().await?;
        Ok(true)
    }

    /// Notes when a calendar is busy: all of it, or in a part of the time (Unix ms). Nothing
    /// where it is another one by now.
    pub(in crate::calendar) async fn note_read(
        self,
        tenant: &Tenant,
        link: &KeptLink,
        part: Option<(i64, i64)>,
        busy: &Times,
        now: i64,
    ) -> Result<(), StoreError> {
        let id = &link.shown.id;
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        // Who books meanwhile sees all of it or nothing, and no part is lost to another.
        self.0.one_at_a_time(&mut write, tenant).await?;
        let row = sqlx::query(
            "SELECT busy FROM calendar_links WHERE tenant_id = $1 AND id = $2 AND calendar = $3",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(&link.shown.calendar)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { return Ok(()) };
        let before: Times = from_json(row.try_get("busy")?, TABLE, id)?;
        let busy = match part {
            Some(time) => replaced(&before, time, busy.clone()),
            None => busy.clone(),
        };
        sqlx::query(
            "UPDATE calendar_links SET busy = $3, read_at = $4, tried_at = $4, failed_at = NULL, \
                 reason = NULL WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(to_json(&busy))
        .bind(now)
        .execute(write.connection())
        .await?;
        if busy != before {
            write.tell(super::bookings::changed(tenant));
        }
        write.commit().await
    }

    /// When the linked calendar was read that cannot be read the longest (Unix ms), among those
    /// somebody is not booked by, or anybody.
    pub(in crate::calendar) async fn away_since(
        self,
        tenant: &Tenant,
        staff_id: Option<&str>,
    ) -> Result<Option<i64>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT MIN(COALESCE(read_at, created_at)) AS read_at FROM calendar_links \
             WHERE tenant_id = $1 AND calendar IS NOT NULL AND failed_at IS NOT NULL \
                 AND (staff_id IS NULL OR $3 = 1 OR staff_id = $2)",
        )
        .bind(tenant.id())
        .bind(staff_id)
        .bind(i64::from(staff_id.is_none()))
        .fetch_one(db.connection())
        .await?;
        Ok(row.try_get("read_at")?)
    }

    /// Notes that a calendar cannot be read, and why.
    pub(in crate::calendar) async fn note_away(
        self,
        tenant: &Tenant,
        id: &str,
        why: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE calendar_links SET tried_at = $4, failed_at = COALESCE(failed_at, $4), \
                 reason = $3 WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(why)
        .bind(now)
        .execute(db.connection())
        .await?;
        Ok(())
    }
}

/// What linked calendars take between two moments (Unix ms).
pub(super) async fn taken(
    connection: &mut Connection,
    tenant: &Tenant,
    (from, to): (i64, i64),
) -> Result<Vec<Taken>, StoreError> {
    let rows = sqlx::query(
        "SELECT id, staff_id, busy FROM calendar_links \
         WHERE tenant_id = $1 AND calendar IS NOT NULL AND busy <> '[]'",
    )
    .bind(tenant.id())
    .fetch_all(connection)
    .await?;
    let mut taken = Vec::new();
    for row in &rows {
        let staff_id: Option<String> = row.try_get("staff_id")?;
        let busy: Times = from_json(row.try_get("busy")?, TABLE, row.try_get("id")?)?;
        let within = busy.into_iter().filter(|it| it.0 < to && it.1 > from);
        taken.extend(within.map(|(from, to)| Taken {
            everybody: staff_id.is_none(),
            staff_id: staff_id.clone(),
            from,
            to,
        }));
    }
    Ok(taken)
}

/// The id of the calendar that what is booked with somebody is written into.
pub(super) async fn link_of(
    connection: &mut Connection,
    tenant: &Tenant,
    staff_id: Option<&str>,
) -> Result<Option<String>, StoreError> {
    let row = sqlx::query(
        "SELECT id FROM calendar_links WHERE tenant_id = $1 AND calendar IS NOT NULL \
             AND (staff_id = $2 OR staff_id IS NULL) \
         ORDER BY CASE WHEN staff_id IS NULL THEN 1 ELSE 0 END LIMIT 1",
    )
    .bind(tenant.id())
    .bind(staff_id)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.try_get("id")).transpose()?)
}

fn from_row(row: &AnyRow) -> Result<KeptLink, StoreError> {
    let id: String = row.try_get("id")?;
    Ok(KeptLink {
        busy: from_json(row.try_get("busy")?, TABLE, &id)?,
        sealed: row.try_get("password")?,
        tried_at: row.try_get("tried_at")?,
        shown: LinkedCalendar {
            id,
            staff_id: row.try_get("staff_id")?,
            address: row.try_get("address")?,
            user: row.try_get("user_name")?,
            calendar: row.try_get("calendar")?,
            name: row.try_get("name")?,
            read_at: row.try_get("read_at")?,
            failed_at: row.try_get("failed_at")?,
            reason: row.try_get("reason")?,
        },
    })
}
