//! Bookings that are to stand in linked calendars, and where they do.

use api::linked_calendars::{CalendarWrite, CalendarWriteState};
use serde_json::json;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::links::link_of;
use crate::calendar::linked::{Booked, write};
use crate::jobs::{Jobs, NewJob, Parked};
use crate::store::{Scope, Store, StoreError, Tenant, Write};

/// How often the job may fail for reasons of our own before somebody has to look at it.
const OWN_ATTEMPTS: u32 = 20;
/// So many bookings are written into a calendar that was just linked.
const AT_FIRST: i64 = 1_000;
/// What is said of a booking that stands and has something beside it.
const CLASH: &str = "Something else is in the calendar at this time.";

/// A booking that waits to be written.
pub(in crate::calendar) struct KeptWrite {
    pub(in crate::calendar) booking_id: String,
    /// Where it stands: the link, and the event's address.
    pub(in crate::calendar) stands: Option<(String, String)>,
    /// Which of the event's names.
    pub(in crate::calendar) copy: u32,
    /// How often it failed.
    pub(in crate::calendar) attempts: u32,
    /// What of the booking it is.
    updated_at: i64,
}

/// A booking to come whose event stands in a linked calendar, as it was written.
pub(in crate::calendar) struct Standing {
    pub(in crate::calendar) booking_id: String,
    /// With whom it is.
    pub(in crate::calendar) staff_id: Option<String>,
    /// The event's address.
    pub(in crate::calendar) place: String,
    /// Which of the event's names.
    pub(in crate::calendar) copy: u32,
    /// When it is (Unix ms).
    pub(in crate::calendar) time: (i64, i64),
    /// When it was written (Unix ms).
    written_at: i64,
}

/// What was written.
#[derive(Default)]
pub(in crate::calendar) struct Wrote {
    /// Where it stands now: the link, and the event's address.
    pub(in crate::calendar) stands: Option<(String, String)>,
    /// Whether something else is there at its time.
    pub(in crate::calendar) clash: bool,
}

/// Has a booking written into the calendar it belongs into, in the transaction that changes it;
/// nothing where it belongs into none and stands in none.
pub(super) async fn put_down(
    write: &mut Write,
    tenant: &Tenant,
    (booking_id, staff_id): (&str, Option<&str>),
    now: i64,
) -> Result<(), StoreError> {
    let wanted = link_of(write.connection(), tenant, staff_id).await?;
    let row =
        sqlx::query("SELECT link_id FROM calendar_writes WHERE tenant_id = $1 AND booking_id = $2")
            .bind(tenant.id())
            .bind(booking_id)
            .fetch_optional(write.connection())
            .await?;
    let stands = row.map(|row| row.try_get::<Option<String>, _>("link_id"));
    let Some(group) = wanted.or(stands.transpose()?.flatten()) else {
        return Ok(());
    };
    sqlx::query(
        "INSERT INTO calendar_writes (booking_id, tenant_id, copy, state, attempts, updated_at) \
         VALUES ($1, $2, 0, 'waiting', 0, $3) \
         ON CONFLICT (booking_id) DO UPDATE \
             SET state = 'waiting', reason = NULL, attempts = 0, updated_at = $3",
    )
    .bind(booking_id)
    .bind(tenant.id())
    .bind(now)
    .execute(write.connection())
    .await?;
    Jobs::enqueue(write, tenant, &job(group, booking_id, now), now).await
}

/// Has all that is booked with somebody, or with anybody, written into a calendar that was just
/// linked.
pub(super) async fn put_down_all(
    write: &mut Write,
    tenant: &Tenant,
    staff_id: Option<&str>,
    now: i64,
) -> Result<(), StoreError> {
    let rows = sqlx::query(
        "SELECT id, staff_id FROM bookings \
         WHERE tenant_id = $1 AND state = 'confirmed' AND starts_at > $2 \
             AND (staff_id = $3 OR $4 = 1) ORDER BY starts_at, id LIMIT $5",
    )
    .bind(tenant.id())
    .bind(now)
    .bind(staff_id)
    .bind(i64::from(staff_id.is_none()))
    .bind(AT_FIRST)
    .fetch_all(write.connection())
    .await?;
    for row in &rows {
        let (id, staff_id): (String, Option<String>) =
            (row.try_get("id")?, row.try_get("staff_id")?);
        put_down(write, tenant, (&id, staff_id.as_deref()), now).await?;
    }
    Ok(())
}

/// Whether nothing happened here to a booking since it was written so.
pub(super) async fn is_as_written(
    write: &mut Write,
    tenant: &Tenant,
    standing: &Standing,
) -> Result<bool, StoreError> {
    let row = sqlx::query(
        "SELECT calendar_writes.updated_at AS written_at \
         FROM calendar_writes JOIN bookings ON bookings.id = calendar_writes.booking_id \
         WHERE calendar_writes.tenant_id = $1 AND booking_id = $2 AND place = $3 \
             AND calendar_writes.state = 'written' AND bookings.state = 'confirmed'",
    )
    .bind(tenant.id())
    .bind(&standing.booking_id)
    .bind(&standing.place)
    .fetch_optional(write.connection())
    .await?;
    let written_at = row.map(|row| row.try_get::<i64, _>("written_at"));
    Ok(written_at.transpose()? == Some(standing.written_at))
}

/// Notes that a booking is by now what its event says: whoever read the event before that knows
/// less.
pub(super) async fn is_followed(
    write: &mut Write,
    tenant: &Tenant,
    booking_id: &str,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE calendar_writes SET updated_at = $3 WHERE tenant_id = $1 AND booking_id = $2",
    )
    .bind(tenant.id())
    .bind(booking_id)
    .bind(now)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// Notes that a booking's event is gone from where it stood, and is to stand nowhere.
pub(super) async fn is_gone(
    write: &mut Write,
    tenant: &Tenant,
    booking_id: &str,
    now: i64,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE calendar_writes SET state = 'removed', link_id = NULL, place = NULL, \
             reason = NULL, updated_at = $3 \
         WHERE tenant_id = $1 AND booking_id = $2",
    )
    .bind(tenant.id())
    .bind(booking_id)
    .bind(now)
    .execute(write.connection())
    .await?;
    Ok(())
}

fn job(group: String, booking_id: &str, now: i64) -> NewJob {
    NewJob {
        kind: write::KIND,
        group: Some(group),
        dedupe_key: None,
        payload: json!({"booking_id": booking_id}),
        run_at: now,
        max_attempts: OWN_ATTEMPTS,
    }
}

crate::store::part! {
    /// What of each business is to stand in linked calendars.
    calendar_writes -> CalendarWrites
}

impl CalendarWrites<'_> {
    /// What waits to be written of a booking.
    pub(in crate::calendar) async fn to_write(
        self,
        tenant: &Tenant,
        booking_id: &str,
    ) -> Result<Option<KeptWrite>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT link_id, place, copy, attempts, updated_at FROM calendar_writes \
             WHERE tenant_id = $1 AND booking_id = $2 AND state = 'waiting'",
        )
        .bind(tenant.id())
        .bind(booking_id)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (link, place): (Option<String>, Option<String>) =
            (row.try_get("link_id")?, row.try_get("place")?);
        Ok(Some(KeptWrite {
            booking_id: booking_id.to_owned(),
            stands: link.zip(place),
            copy: number(&row, "copy")?,
            attempts: number(&row, "attempts")?,
            updated_at: row.try_get("updated_at")?,
        }))
    }

    /// Notes where a booking stands now; `false` when it has changed since it was read, and
    /// waits on.
    pub(in crate::calendar) async fn note(
        self,
        tenant: &Tenant,
        kept: &KeptWrite,
        wrote: &Wrote,
        now: i64,
    ) -> Result<bool, StoreError> {
        let stands = wrote.stands.as_ref();
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "UPDATE calendar_writes SET link_id = $3, place = $4, \
                 state = CASE WHEN updated_at = $5 THEN $6 ELSE state END, \
                 reason = CASE WHEN updated_at = $5 THEN $7 ELSE reason END, \
                 updated_at = CASE WHEN updated_at = $5 THEN $8 ELSE updated_at END \
             WHERE tenant_id = $1 AND booking_id = $2 RETURNING state",
        )
        .bind(tenant.id())
        .bind(&kept.booking_id)
        .bind(stands.map(|it| it.0.as_str()))
        .bind(stands.map(|it| it.1.as_str()))
        .bind(kept.updated_at)
        .bind(if stands.is_some() {
            "written"
        } else {
            "removed"
        })
        .bind(wrote.clash.then_some(CLASH))
        .bind(now)
        .fetch_optional(db.connection())
        .await?;
        let state: Option<String> = row.map(|row| row.try_get("state")).transpose()?;
        Ok(state.as_deref() != Some("waiting"))
    }

    /// Notes that a booking stands nowhere, as far as we know.
    pub(in crate::calendar) async fn note_left(
        self,
        tenant: &Tenant,
        booking_id: &str,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE calendar_writes SET link_id = NULL, place = NULL \
             WHERE tenant_id = $1 AND booking_id = $2",
        )
        .bind(tenant.id())
        .bind(booking_id)
        .execute(db.connection())
        .await?;
        Ok(())
    }

    /// Has a booking written under another name.
    pub(in crate::calendar) async fn copy(
        self,
        tenant: &Tenant,
        booking_id: &str,
        copy: u32,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE calendar_writes SET copy = $3 WHERE tenant_id = $1 AND booking_id = $2",
        )
        .bind(tenant.id())
        .bind(booking_id)
        .bind(i64::from(copy))
        .execute(db.connection())
        .await?;
        Ok(())
    }

    /// Notes why a booking is not written, and whether somebody has to look at it.
    pub(in crate::calendar) async fn note_failed(
        self,
        tenant: &Tenant,
        kept: &KeptWrite,
        why: &str,
        parked: bool,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE calendar_writes SET state = $3, reason = $4, attempts = attempts + 1 \
             WHERE tenant_id = $1 AND booking_id = $2 AND state = 'waiting' AND updated_at = $5",
        )
        .bind(tenant.id())
        .bind(&kept.booking_id)
        .bind(if parked { "parked" } else { "waiting" })
        .bind(why)
        .bind(kept.updated_at)
        .execute(db.connection())
        .await?;
        Ok(())
    }

    /// A page of what was to be written for the tenant, the bookings made last first.
    pub(in crate::calendar) async fn page(
        self,
        tenant: &Tenant,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<CalendarWrite>, StoreError> {
        let older = crate::store::older_than("booking_id", before, 2);
        let sql = format!(
            "SELECT booking_id, reference, service, starts_at, calendar_writes.state AS state, \
                 reason, attempts, calendar_writes.updated_at AS updated_at FROM calendar_writes \
             JOIN bookings ON bookings.id = calendar_writes.booking_id \
             WHERE calendar_writes.tenant_id = $1 AND {older} ORDER BY booking_id DESC LIMIT $3"
        );
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(db.connection())
            .await?;
        rows.iter().map(from_row).collect()
    }

    /// The bookings to come whose events stand in a linked calendar.
    pub(in crate::calendar) async fn standing(
        self,
        tenant: &Tenant,
        link_id: &str,
        now: i64,
    ) -> Result<Vec<Standing>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT booking_id, staff_id, place, copy, starts_at, ends_at, \
                 calendar_writes.updated_at AS written_at \
             FROM calendar_writes JOIN bookings ON bookings.id = calendar_writes.booking_id \
             WHERE calendar_writes.tenant_id = $1 AND link_id = $2 \
                 AND calendar_writes.state = 'written' AND bookings.state = 'confirmed' \
                 AND starts_at > $3",
        )
        .bind(tenant.id())
        .bind(link_id)
        .bind(now)
        .fetch_all(db.connection())
        .await?;
        let standing = rows.iter().map(|row| {
            Ok(Standing {
                booking_id: row.try_get("booking_id")?,
                staff_id: row.try_get("staff_id")?,
                place: row.try_get("place")?,
                copy: number(row, "copy")?,
                time: (row.try_get("starts_at")?, row.try_get("ends_at")?),
                written_at: row.try_get("written_at")?,
            })
        });
        standing.collect()
    }

    /// Has bookings written anew that stood in a calendar and do so no more.
    pub(in crate::calendar) async fn anew(
        self,
        tenant: &Tenant,
        standing: &[Standing],
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        for one in standing {
            if is_as_written(&mut write, tenant, one).await? {
                let whose = (one.booking_id.as_str(), one.staff_id.as_deref());
                put_down(&mut write, tenant, whose, now).await?;
            }
        }
        write.commit().await
    }

    /// The bookings of a time (Unix ms) that have events in linked calendars.
    pub(in crate::calendar) async fn booked(
        self,
        tenant: &Tenant,
        (from, to): (i64, i64),
    ) -> Result<Booked, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let rows = sqlx::query(
            "SELECT booking_id, starts_at, ends_at, calendar_writes.state AS state \
             FROM calendar_writes JOIN bookings ON bookings.id = calendar_writes.booking_id \
             WHERE calendar_writes.tenant_id = $1 AND (calendar_writes.state = 'waiting' \
                 OR (bookings.state = 'confirmed' AND starts_at < $3 AND ends_at > $2))",
        )
        .bind(tenant.id())
        .bind(from)
        .bind(to)
        .fetch_all(db.connection())
        .await?;
        let booked = rows.iter().map(|row| {
            let waits = row.try_get::<&str, _>("state")? == "waiting";
            let time = (row.try_get("starts_at")?, row.try_get("ends_at")?);
            Ok((row.try_get("booking_id")?, (!waits).then_some(time)))
        });
        booked.collect()
    }
}

impl Parked for CalendarWrites<'_> {
    const KIND: &'static str = "booking";
    const DEEDS: [&'static str; 2] = ["calendar_write.replayed", "calendar_writes.replayed"];

    fn store(&self) -> &Store {
        self.0
    }

    async fn oldest(
        write: &mut Write,
        tenant: &Tenant,
        most: i64,
    ) -> Result<Vec<String>, StoreError> {
        let parked = sqlx::query_scalar(
            "SELECT booking_id FROM calendar_writes WHERE tenant_id = $1 AND state = 'parked' \
             ORDER BY booking_id LIMIT $2",
        )
        .bind(tenant.id())
        .bind(most)
        .fetch_all(write.connection());
        Ok(parked.await?)
    }

    async fn again(
        write: &mut Write,
        tenant: &Tenant,
        id: &str,
        now: i64,
    ) -> Result<Option<NewJob>, StoreError> {
        let row = sqlx::query(
            "UPDATE calendar_writes SET state = 'waiting', reason = NULL, attempts = 0, \
                 updated_at = $3 \
             WHERE tenant_id = $1 AND booking_id = $2 AND state = 'parked' RETURNING link_id",
        )
        .bind(tenant.id())
        .bind(id)
        .bind(now)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let stands: Option<String> = row.try_get("link_id")?;
        let group = stands.unwrap_or_else(|| tenant.id().to_owned());
        Ok(Some(job(group, id, now)))
    }
}

fn number(row: &AnyRow, column: &str) -> Result<u32, sqlx::Error> {
    Ok(u32::try_from(row.try_get::<i64, _>(column)?).unwrap_or(u32::MAX))
}

fn from_row(row: &AnyRow) -> Result<CalendarWrite, StoreError> {
    Ok(CalendarWrite {
        id: row.try_get("booking_id")?,
        reference: row.try_get("reference")?,
        service: row.try_get("service")?,
        starts_at: row.try_get("starts_at")?,
        state: match row.try_get("state")? {
            "waiting" => CalendarWriteState::Waiting,
            "written" => CalendarWriteState::Written,
            "removed" => CalendarWriteState::Removed,
            _ => CalendarWriteState::Parked,
        },
        reason: row.try_get("reason")?,
        attempts: number(row, "attempts")?,
        updated_at: row.try_get("updated_at")?,
    })
}
