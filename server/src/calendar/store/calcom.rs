//! The business's account at Cal.com, and what is booked there.

use api::calendar::{Booking, BookingState, ConfirmBooking, Service};
use calcom::Status;
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::Row;
use uuid::Uuid;

use super::bookings::{NewRow, changed, columns, from_row, insert, name, note_change};
use super::found::find;
use crate::bus::Signal;
use crate::calendar::calcom::follow;
use crate::deeds::{Author, Deed, Deeds};
use crate::jobs::{Jobs, NewJob};
use crate::phone::E164;
use crate::revisions::KeptRevisions;
use crate::store::{Scope, StoreError, Tenant, Write};

/// What the revisions of how Cal.com is reached are kept as.
pub(in crate::calendar) const REVISED_CALCOM: &str = "calcom";

/// How often the job may fail for reasons of our own before somebody has to look at it.
const OWN_ATTEMPTS: u32 = 20;
/// What was sent is looked for after so long (ms), should nobody have heard what became of it.
const LOOKED_FOR_MS: i64 = 60_000;
/// Its time is kept here for so long meanwhile (ms).
const SENDING_MS: i64 = 60 * 60_000;

/// How Cal.com is reached, as it is kept.
pub(in crate::calendar) struct KeptConnection {
    pub(in crate::calendar) base_url: String,
    /// The secrets, sealed.
    pub(in crate::calendar) sealed: String,
    pub(in crate::calendar) account: Option<String>,
}

crate::store::part! {
    /// The account at Cal.com of each business.
    calcom_connections -> CalcomConnections
}

impl CalcomConnections<'_> {
    /// The tenant's.
    pub(in crate::calendar) async fn of(
        self,
        tenant: &Tenant,
    ) -> Result<Option<KeptConnection>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT base_url, secrets, account FROM calcom_connections WHERE tenant_id = $1",
        )
        .bind(tenant.id())
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(KeptConnection {
            base_url: row.try_get("base_url")?,
            sealed: row.try_get("secrets")?,
            account: row.try_get("account")?,
        }))
    }

    /// The businesses that have one.
    pub(in crate::calendar) async fn tenants(self) -> Result<Vec<String>, StoreError> {
        let mut db = self.0.read(Scope::Server).await?;
        let rows = sqlx::query("SELECT tenant_id FROM calcom_connections ORDER BY tenant_id")
            .fetch_all(db.connection())
            .await?;
        rows.iter()
            .map(|row| Ok(row.try_get("tenant_id")?))
            .collect()
    }

    /// Says how the tenant's is reached; it is checked already, and a change of the revision
    /// `read`. What it is called is asked anew.
    pub(in crate::calendar) async fn set(
        self,
        tenant: &Tenant,
        (base_url, sealed): (&str, &str),
        read: Option<i64>,
        author: &Author,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        KeptRevisions::revise(&mut write, tenant, (REVISED_CALCOM, ""), read).await?;
        sqlx::query(
            "INSERT INTO calcom_connections (tenant_id, base_url, secrets, updated_at) \
             VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant_id) DO UPDATE \
                 SET base_url = $2, secrets = $3, account = NULL, updated_at = $4",
        )
        .bind(tenant.id())
        .bind(base_url)
        .bind(sealed)
        .bind(now)
        .execute(write.connection())
        .await?;
        let deed = Deed::of_business("calcom.changed", json!({"base_url": base_url}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.tell(Signal::SlotsChanged(tenant.id().to_owned()));
        write.commit().await
    }

    /// Notes what the account is called.
    pub(in crate::calendar) async fn set_account(
        self,
        tenant: &Tenant,
        account: &str,
    ) -> Result<(), StoreError> {
        let mut db = self.0.single(Scope::Of(tenant)).await?;
        sqlx::query("UPDATE calcom_connections SET account = $2 WHERE tenant_id = $1")
            .bind(tenant.id())
            .bind(account)
            .execute(db.connection())
            .await?;
        Ok(())
    }

    /// Takes it away; `false` when the tenant has none. What is booked there stays.
    pub(in crate::calendar) async fn remove(
        self,
        tenant: &Tenant,
        author: &Author,
        now: i64,
    ) -> Result<bool, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        KeptRevisions::revise(&mut write, tenant, (REVISED_CALCOM, ""), None).await?;
        let done = sqlx::query("DELETE FROM calcom_connections WHERE tenant_id = $1")
            .bind(tenant.id())
            .execute(write.connection())
            .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let deed = Deed::of_business("calcom.removed", json!({}));
        Deeds::record(&mut write, tenant, author, &deed, now).await?;
        write.tell(Signal::SlotsChanged(tenant.id().to_owned()));
        write.commit().await?;
        Ok(true)
    }
}

/// What is known of a booking that is kept at Cal.com.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::calendar) struct KeptAt {
    pub(in crate::calendar) event_type: u64,
    /// What it is known by there, once it is booked.
    pub(in crate::calendar) uid: Option<String>,
    /// What keeps its time until then.
    pub(in crate::calendar) reservation: Option<String>,
    /// Whether it was sent and nobody knows what became of it.
    pub(in crate::calendar) is_sent: bool,
}

crate::store::part! {
    /// What of each business is booked at Cal.com.
    calcom_bookings -> CalcomBookings
}

impl CalcomBookings<'_> {
    /// What is known of a booking; nothing where it is kept here.
    pub(in crate::calendar) async fn of(
        self,
        tenant: &Tenant,
        booking_id: &str,
    ) -> Result<Option<KeptAt>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(
            "SELECT event_type, uid, reservation, sent_at FROM calcom_bookings \
             WHERE tenant_id = $1 AND booking_id = $2",
        )
        .bind(tenant.id())
        .bind(booking_id)
        .fetch_optional(db.connection())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let event_type: i64 = row.try_get("event_type")?;
        let sent_at: Option<i64> = row.try_get("sent_at")?;
        Ok(Some(KeptAt {
            event_type: event_type.unsigned_abs(),
            uid: row.try_get("uid")?,
            reservation: row.try_get("reservation")?,
            is_sent: sent_at.is_some(),
        }))
    }

    /// Notes that a time is kept there, or about to be booked.
    pub(in crate::calendar) async fn hold(
        self,
        tenant: &Tenant,
        (service, event_type): (&Service, u64),
        new: &NewRow,
        (ends_at, reservation): (i64, Option<&str>),
        now: i64,
    ) -> Result<Booking, StoreError> {
        let mut booking = Booking {
            id: Uuid::now_v7().to_string(),
            reference: String::new(),
            state: BookingState::Held,
            held_until: new.held_until.or(Some(now + SENDING_MS)),
            pending: false,
            service_id: service.id.clone(),
            service: service.details.name.clone(),
            staff_id: None,
            staff: None,
            name: new.name.clone(),
            phone: new.phone.clone(),
            notes: new.notes.clone(),
            call_id: new.call_id.clone(),
            starts_at: new.starts_at,
            ends_at,
            created_at: now,
            updated_at: now,
        };
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        insert(&mut write, tenant, &mut booking, no_time(new.starts_at)).await?;
        keep(
            &mut write,
            tenant,
            &booking.id,
            event_type,
            (None, reservation),
        )
        .await?;
        write.tell(changed(tenant));
        write.tell(Signal::SlotsChanged(tenant.id().to_owned()));
        write.commit().await?;
        Ok(booking)
    }

    /// Notes that a booking is about to be sent, and for whom, and has it looked for in a while:
    /// whoever sends it may not live to hear what became of it.
    pub(in crate::calendar) async fn begin(
        self,
        tenant: &Tenant,
        booking: &Booking,
        who: &ConfirmBooking,
        now: i64,
    ) -> Result<Booking, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let row = sqlx::query(concat!(
            "UPDATE bookings SET name = COALESCE($3, name), phone = COALESCE($4, phone), \
                 notes = COALESCE($5, notes), updated_at = $6, \
                 held_until = CASE WHEN state = 'held' THEN $7 ELSE NULL END \
             WHERE tenant_id = $1 AND id = $2 RETURNING ",
            columns!()
        ))
        .bind(tenant.id())
        .bind(&booking.id)
        .bind(&who.name)
        .bind(&who.phone)
        .bind(&who.notes)
        .bind(now)
        .bind(now + SENDING_MS)
        .fetch_one(write.connection())
        .await?;
        // One that stood before is another one there.
        sqlx::query(
            "UPDATE calcom_bookings SET sent_at = $3, uid = NULL \
             WHERE tenant_id = $1 AND booking_id = $2",
        )
        .bind(tenant.id())
        .bind(&booking.id)
        .bind(now)
        .execute(write.connection())
        .await?;
        let job = NewJob {
            kind: follow::KIND,
            group: None,
            dedupe_key: None,
            payload: json!({"booking_id": booking.id}),
            run_at: now + LOOKED_FOR_MS,
            max_attempts: OWN_ATTEMPTS,
        };
        Jobs::enqueue(&mut write, tenant, &job, now).await?;
        write.commit().await?;
        from_row(&row)
    }

    /// Notes that what was sent is surely not booked; its time is let go where somebody else has
    /// it.
    pub(in crate::calendar) async fn not_booked(
        self,
        tenant: &Tenant,
        booking_id: &str,
        is_let_go: bool,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        sqlx::query(
            "UPDATE calcom_bookings SET sent_at = NULL WHERE tenant_id = $1 AND booking_id = $2",
        )
        .bind(tenant.id())
        .bind(booking_id)
        .execute(write.connection())
        .await?;
        if is_let_go {
            sqlx::query(
                "UPDATE bookings SET state = 'cancelled', held_until = $3, updated_at = $3 \
                 WHERE tenant_id = $1 AND id = $2 AND state = 'held'",
            )
            .bind(tenant.id())
            .bind(booking_id)
            .bind(now)
            .execute(write.connection())
            .await?;
            write.tell(changed(tenant));
        }
        write.tell(Signal::SlotsChanged(tenant.id().to_owned()));
        write.commit().await
    }

    /// Has a booking of ours be as it is there, and tells what became of it.
    pub(in crate::calendar) async fn settle(
        self,
        tenant: &Tenant,
        booking_id: &str,
        there: &calcom::Booking,
        author: &Author,
        now: i64,
    ) -> Result<Option<Booking>, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        self.0.one_at_a_time(&mut write, tenant).await?;
        let Some(before) = find(write.connection(), tenant, booking_id).await? else {
            return Ok(None);
        };
        sqlx::query(
            "UPDATE calcom_bookings SET uid = $3, reservation = NULL, sent_at = NULL \
             WHERE tenant_id = $1 AND booking_id = $2",
        )
        .bind(tenant.id())
        .bind(booking_id)
        .bind(&there.uid)
        .execute(write.connection())
        .await?;
        let after = Booking {
            state: match there.status.stands() {
                true => BookingState::Confirmed,
                false => BookingState::Cancelled,
            },
            pending: there.status == Status::Pending,
            held_until: None,
            starts_at: there.starts_at,
            ends_at: there.ends_at,
            staff: there.host.clone().or_else(|| before.staff.clone()),
            ..before.clone()
        };
        let action = became(&before, &after);
        if after != before {
            sqlx::query(
                "UPDATE bookings SET state = $3, pending = $4, held_until = NULL, starts_at = $5, \
                     ends_at = $6, busy_from = $5, busy_to = $5, staff = $7, updated_at = $8 \
                 WHERE tenant_id = $1 AND id = $2",
            )
            .bind(tenant.id())
            .bind(booking_id)
            .bind(name(after.state))
            .bind(i64::from(after.pending))
            .bind(after.starts_at)
            .bind(after.ends_at)
            .bind(&after.staff)
            .bind(now)
            .execute(write.connection())
            .await?;
            write.tell(changed(tenant));
        }
        if let Some(action) = action {
            // Whoever is booked has it in a calendar of theirs already: none that is linked is
            // written into.
            note_change(&mut write, tenant, author, action, &after, now).await?;
        }
        write.tell(Signal::SlotsChanged(tenant.id().to_owned()));
        write.commit().await?;
        Ok(Some(Booking {
            updated_at: now,
            ..after
        }))
    }

    /// Which booking of ours is known there by one of these, or has this mark.
    pub(in crate::calendar) async fn known(
        self,
        tenant: &Tenant,
        uids: &[&str],
        mark: Option<&str>,
    ) -> Result<Option<String>, StoreError> {
        let mut db = self.0.read(Scope::Of(tenant)).await?;
        for uid in uids {
            let row = sqlx::query(
                "SELECT booking_id FROM calcom_bookings WHERE tenant_id = $1 AND uid = $2",
            )
            .bind(tenant.id())
            .bind(*uid)
            .fetch_optional(db.connection())
            .await?;
            if let Some(row) = row {
                return Ok(Some(row.try_get("booking_id")?));
            }
        }
        let Some(mark) = mark else { return Ok(None) };
        // One that is moved keeps its mark, and so may one that took its place.
        let row = sqlx::query(
            "SELECT booking_id FROM calcom_bookings \
             WHERE tenant_id = $1 AND booking_id = $2 AND uid IS NULL",
        )
        .bind(tenant.id())
        .bind(mark)
        .fetch_optional(db.connection())
        .await?;
        row.map(|row| Ok(row.try_get("booking_id")?)).transpose()
    }

    /// Takes in what was booked there by others; nothing where it is known.
    pub(in crate::calendar) async fn take_in(
        self,
        tenant: &Tenant,
        service: &Service,
        there: &calcom::Booking,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        self.0.one_at_a_time(&mut write, tenant).await?;
        let row =
            sqlx::query("SELECT 1 AS one FROM calcom_bookings WHERE tenant_id = $1 AND uid = $2")
                .bind(tenant.id())
                .bind(&there.uid)
                .fetch_optional(write.connection())
                .await?;
        let (Some(event_type), None) = (there.event_type, row) else {
            return Ok(());
        };
        let phone = there.phone.as_deref().map(E164::parse);
        let mut booking = Booking {
            id: Uuid::now_v7().to_string(),
            reference: String::new(),
            state: BookingState::Confirmed,
            held_until: None,
            pending: there.status == Status::Pending,
            service_id: service.id.clone(),
            service: service.details.name.clone(),
            staff_id: None,
            staff: there.host.clone(),
            name: there.name.clone(),
            phone: phone.and_then(Result::ok).map(|it| it.to_string()),
            notes: String::new(),
            call_id: None,
            starts_at: there.starts_at,
            ends_at: there.ends_at,
            created_at: now,
            updated_at: now,
        };
        insert(&mut write, tenant, &mut booking, no_time(there.starts_at)).await?;
        keep(
            &mut write,
            tenant,
            &booking.id,
            event_type,
            (Some(&there.uid), None),
        )
        .await?;
        note_change(
            &mut write,
            tenant,
            &Author::system(),
            "booking.made",
            &booking,
            now,
        )
        .await?;
        write.tell(changed(tenant));
        write.commit().await
    }

    /// Takes a webhook in: what it is about is followed up, once however often it comes, and free
    /// times are read anew.
    pub(in crate::calendar) async fn heard(
        self,
        tenant: &Tenant,
        body: &[u8],
        uid: Option<&str>,
        now: i64,
    ) -> Result<(), StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        if let Some(uid) = uid {
            let job = NewJob {
                kind: follow::KIND,
                group: None,
                dedupe_key: Some(hex::encode(Sha256::digest(body))),
                payload: json!({"uid": uid}),
                run_at: now,
                max_attempts: OWN_ATTEMPTS,
            };
            Jobs::enqueue(&mut write, tenant, &job, now).await?;
        }
        write.tell(Signal::SlotsChanged(tenant.id().to_owned()));
        write.commit().await
    }
}

/// What is kept elsewhere takes no time here.
fn no_time(starts_at: i64) -> (i64, i64) {
    (starts_at, starts_at)
}

async fn keep(
    write: &mut Write,
    tenant: &Tenant,
    booking_id: &str,
    event_type: u64,
    (uid, reservation): (Option<&str>, Option<&str>),
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO calcom_bookings (booking_id, tenant_id, event_type, uid, reservation) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(booking_id)
    .bind(tenant.id())
    .bind(i64::try_from(event_type).unwrap_or(i64::MAX))
    .bind(uid)
    .bind(reservation)
    .execute(write.connection())
    .await?;
    Ok(())
}

/// What the trail says of a change; nothing where it says nothing.
fn became(before: &Booking, after: &Booking) -> Option<&'static str> {
    match (before.state, after.state) {
        (BookingState::Held, BookingState::Confirmed) => Some("booking.made"),
        (BookingState::Cancelled, BookingState::Confirmed) => Some("booking.restored"),
        (BookingState::Confirmed, BookingState::Cancelled) => Some("booking.cancelled"),
        (BookingState::Confirmed, BookingState::Confirmed) => {
            (before.starts_at != after.starts_at).then_some("booking.moved")
        }
        _ => None,
    }
}
