//! Bookings: made, held, confirmed, moved, cancelled and found.

use api::calendar::{Booking, BookingState, ConfirmBooking, MoveBooking, Service};
use serde_json::{Value, json};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::calendar::free::{busy, ends_at};
use crate::calendar::{CalendarError, Plan, Taken};
use crate::clock::DAY_MS;
use crate::deeds::{Author, Deed};
use crate::phone::E164;
use crate::store::{Connection, Scope, Store, StoreError, Tenant, Write, can_be_named};
use crate::web::paging::Place;

macro_rules! columns {
    () => {
        "id, reference, state, held_until, service_id, service, staff_id, staff, name, phone, \
         notes, call_id, starts_at, ends_at, created_at, updated_at"
    };
}
pub(super) use columns;

/// A held slot that nobody confirmed in time is no booking.
const STANDS: &str = "(state = 'confirmed' OR (state = 'held' AND held_until > $2))";
/// How often another reference is tried than one that is used already.
const REFERENCES: usize = 20;

/// Where a page of bookings begins: when one starts, and its id.
pub type BookingCursor = Place<1>;

/// Which bookings are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BookingFilter {
    /// Those that begin then or later (Unix ms).
    pub from: Option<i64>,
    /// Those that begin before (Unix ms).
    pub to: Option<i64>,
    /// Those of this number.
    pub phone: Option<E164>,
    /// Those made in this call.
    pub call_id: Option<String>,
    /// Those that are cancelled, too.
    pub cancelled: bool,
}

/// A booking that is new; checked already.
#[derive(Clone, PartialEq, Eq)]
pub struct NewRow {
    /// For whom.
    pub name: String,
    /// Their number (E.164).
    pub phone: Option<String>,
    /// What the staff should know.
    pub notes: String,
    /// The call it is made in.
    pub call_id: Option<String>,
    /// With whom; anybody when absent.
    pub staff_id: Option<String>,
    /// When it begins (Unix ms).
    pub starts_at: i64,
    /// Until when it is only held (Unix ms).
    pub held_until: Option<i64>,
}

impl std::fmt::Debug for NewRow {
    /// Leaves out for whom, so that it reaches no log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewRow")
            .field("starts_at", &self.starts_at)
            .finish_non_exhaustive()
    }
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// It is so now.
    Done(Box<Booking>),
    /// There is no such booking.
    Unknown,
    /// It does not stand any more.
    NotOpen,
}

/// Where a booking is in its list.
pub(crate) fn after(booking: &Booking) -> BookingCursor {
    BookingCursor {
        numbers: [booking.starts_at],
        id: booking.id.clone(),
    }
}

impl Store {
    /// What is taken between two moments (Unix ms).
    pub async fn taken(
        &self,
        tenant: &Tenant,
        time: (i64, i64),
        now: i64,
    ) -> Result<Vec<Taken>, StoreError> {
        let mut db = self.read(Scope::Of(tenant)).await?;
        taken(db.connection(), tenant, time, "", now).await
    }

    /// Takes a slot, if it is free.
    ///
    /// # Errors
    /// When it is not, or the database fails.
    pub async fn add_booking(
        &self,
        tenant: &Tenant,
        plan: &Plan,
        service: &Service,
        new: &NewRow,
        author: &Author,
        now: i64,
    ) -> Result<Booking, CalendarError> {
        let mut write = self.write(Scope::Of(tenant)).await?;
        self.one_at_a_time(&mut write, tenant).await?;
        let busy = busy(service, new.starts_at);
        let taken = taken(write.connection(), tenant, busy, "", now).await?;
        let wanted = new.staff_id.as_deref();
        let staff_id = plan.place(service, wanted, new.starts_at, &taken, now)?;
        let mut booking = Booking {
            id: Uuid::now_v7().to_string(),
            reference: String::new(),
            state: new
                .held_until
                .map_or(BookingState::Confirmed, |_| BookingState::Held),
            held_until: new.held_until,
            service_id: service.id.clone(),
            service: service.details.name.clone(),
            staff: name_of(plan, staff_id.as_deref()),
            staff_id,
            name: new.name.clone(),
            phone: new.phone.clone(),
            notes: new.notes.clone(),
            call_id: new.call_id.clone(),
            starts_at: new.starts_at,
            ends_at: ends_at(service, new.starts_at),
            created_at: now,
            updated_at: now,
        };
        insert(&mut write, tenant, &mut booking, busy).await?;
        if booking.state == BookingState::Confirmed {
            note(&mut write, tenant, author, "booking.made", &booking, now).await?;
        }
        write.commit().await?;
        Ok(booking)
    }

    /// Confirms a held slot, for somebody where that was not said. Confirmed already,
    /// it is as it was.
    pub async fn confirm_booking(
        &self,
        tenant: &Tenant,
        id: &str,
        who: &ConfirmBooking,
        author: &Author,
        now: i64,
    ) -> Result<Changed, StoreError> {
        if !can_be_named(id) {
            return Ok(Changed::Unknown);
        }
        let mut write = self.write(Scope::Of(tenant)).await?;
        let row = sqlx::query(concat!(
            "UPDATE bookings SET state = 'confirmed', held_until = NULL, updated_at = $3, \
                 name = COALESCE($4, name), phone = COALESCE($5, phone), \
                 notes = COALESCE($6, notes) \
             WHERE tenant_id = $1 AND id = $2 AND state = 'held' AND held_until > $3 RETURNING ",
            columns!()
        ))
        .bind(tenant.id())
        .bind(id)
        .bind(now)
        .bind(&who.name)
        .bind(&who.phone)
        .bind(&who.notes)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else {
            return Ok(match find(write.connection(), tenant, id).await? {
                None => Changed::Unknown,
                Some(booking) if booking.state == BookingState::Confirmed => {
                    Changed::Done(Box::new(booking))
                }
                Some(_) => Changed::NotOpen,
            });
        };
        let booking = from_row(&row)?;
        note(&mut write, tenant, author, "booking.made", &booking, now).await?;
        write.commit().await?;
        Ok(Changed::Done(Box::new(booking)))
    }

    /// Moves a booking that stands to another time, if that is free. It keeps its
    /// service, even one that is booked no more.
    ///
    /// # Errors
    /// When the time is not free, or the database fails.
    pub async fn move_booking(
        &self,
        tenant: &Tenant,
        plan: &Plan,
        id: &str,
        to: &MoveBooking,
        author: &Author,
        now: i64,
    ) -> Result<Changed, CalendarError> {
        if !can_be_named(id) {
            return Ok(Changed::Unknown);
        }
        let mut write = self.write(Scope::Of(tenant)).await?;
        self.one_at_a_time(&mut write, tenant).await?;
        let booking = match find(write.connection(), tenant, id).await? {
            None => return Ok(Changed::Unknown),
            Some(booking) if booking.state != BookingState::Confirmed => {
                return Ok(Changed::NotOpen);
            }
            Some(booking) => booking,
        };
        let wanted = to.staff_id.as_deref();
        let stays = wanted.is_none() || wanted == booking.staff_id.as_deref();
        if to.starts_at == booking.starts_at && stays {
            return Ok(Changed::Done(Box::new(booking)));
        }
        let mut services = plan.services.iter();
        let service = services.find(|service| service.id == booking.service_id);
        let service = service.ok_or(CalendarError::NoService)?;
        let busy = busy(service, to.starts_at);
        let taken = taken(write.connection(), tenant, busy, id, now).await?;
        let staff_id = plan.place(service, wanted, to.starts_at, &taken, now)?;
        let row = sqlx::query(concat!(
            "UPDATE bookings SET starts_at = $3, ends_at = $4, busy_from = $5, busy_to = $6, \
                 staff_id = $7, staff = $8, updated_at = $9 \
             WHERE tenant_id = $1 AND id = $2 RETURNING ",
            columns!()
        ))
        .bind(tenant.id())
        .bind(id)
        .bind(to.starts_at)
        .bind(ends_at(service, to.starts_at))
        .bind(busy.0)
        .bind(busy.1)
        .bind(&staff_id)
        .bind(name_of(plan, staff_id.as_deref()))
        .bind(now)
        .fetch_one(write.connection())
        .await
        .map_err(StoreError::from)?;
        let moved = from_row(&row)?;
        note(&mut write, tenant, author, "booking.moved", &moved, now).await?;
        write.commit().await?;
        Ok(Changed::Done(Box::new(moved)))
    }

    /// Cancels a booking that has not begun, or gives back what is held.
    pub async fn cancel_booking(
        &self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<Changed, StoreError> {
        if !can_be_named(id) {
            return Ok(Changed::Unknown);
        }
        let mut write = self.write(Scope::Of(tenant)).await?;
        let before = find(write.connection(), tenant, id).await?;
        let row = sqlx::query(concat!(
            "UPDATE bookings SET state = 'cancelled', held_until = NULL, updated_at = $3 \
             WHERE tenant_id = $1 AND id = $2 AND state <> 'cancelled' AND starts_at > $3 \
             RETURNING ",
            columns!()
        ))
        .bind(tenant.id())
        .bind(id)
        .bind(now)
        .fetch_optional(write.connection())
        .await?;
        let Some(row) = row else {
            return Ok(match before {
                None => Changed::Unknown,
                Some(booking) if booking.state == BookingState::Cancelled => {
                    Changed::Done(Box::new(booking))
                }
                Some(_) => Changed::NotOpen,
            });
        };
        let booking = from_row(&row)?;
        if before.is_some_and(|before| before.state == BookingState::Confirmed) {
            note(
                &mut write,
                tenant,
                author,
                "booking.cancelled",
                &booking,
                now,
            )
            .await?;
        }
        write.commit().await?;
        Ok(Changed::Done(Box::new(booking)))
    }

    /// One of the tenant's bookings.
    pub async fn booking(&self, tenant: &Tenant, id: &str) -> Result<Option<Booking>, StoreError> {
        if !can_be_named(id) {
            return Ok(None);
        }
        let mut db = self.read(Scope::Of(tenant)).await?;
        find(db.connection(), tenant, id).await
    }

    /// The tenant's booking with a reference.
    pub async fn booking_by_reference(
        &self,
        tenant: &Tenant,
        reference: &str,
    ) -> Result<Option<Booking>, StoreError> {
        if !can_be_named(reference) {
            return Ok(None);
        }
        let mut db = self.read(Scope::Of(tenant)).await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM bookings WHERE tenant_id = $1 AND reference = $2"
        ))
        .bind(tenant.id())
        .bind(reference)
        .fetch_optional(db.connection())
        .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// A page of the tenant's bookings, the earliest first, after one of them.
    pub async fn bookings_page(
        &self,
        tenant: &Tenant,
        filter: &BookingFilter,
        after: Option<&BookingCursor>,
        rows: u32,
        now: i64,
    ) -> Result<Vec<Booking>, StoreError> {
        let cancelled = if filter.cancelled {
            " OR state = 'cancelled'"
        } else {
            ""
        };
        let (of_phone, of_call) = match (&filter.phone, &filter.call_id) {
            (None, None) => ("", ""),
            (Some(_), None) => (" AND phone = $8", ""),
            (None, Some(_)) => ("", " AND call_id = $8"),
            (Some(_), Some(_)) => (" AND phone = $8", " AND call_id = $9"),
        };
        let sql = format!(
            "SELECT {} FROM bookings WHERE tenant_id = $1 AND ({STANDS}{cancelled}) \
                 AND starts_at >= $3 AND starts_at < $4 AND (starts_at, id) > ($5, $6) \
                 {of_phone}{of_call} ORDER BY starts_at, id LIMIT $7",
            columns!()
        );
        let after = after.map(|place| (place.numbers[0], place.id.as_str()));
        let (starts_at, id) = after.unwrap_or((i64::MIN, ""));
        let mut query = sqlx::query(AssertSqlSafe(sql))
            .bind(tenant.id())
            .bind(now)
            .bind(filter.from.unwrap_or(i64::MIN))
            .bind(filter.to.unwrap_or(i64::MAX))
            .bind(starts_at)
            .bind(id)
            .bind(i64::from(rows));
        if let Some(phone) = &filter.phone {
            query = query.bind(phone.as_str());
        }
        if let Some(call_id) = &filter.call_id {
            query = query.bind(call_id);
        }
        let mut db = self.read(Scope::Of(tenant)).await?;
        let rows = query.fetch_all(db.connection()).await?;
        rows.iter().map(from_row).collect()
    }
}

/// What is taken between two moments (Unix ms), but for one booking.
async fn taken(
    connection: &mut Connection,
    tenant: &Tenant,
    (from, to): (i64, i64),
    but: &str,
    now: i64,
) -> Result<Vec<Taken>, StoreError> {
    // No booking takes longer than a day.
    let sql = format!(
        "SELECT staff_id, busy_from, busy_to FROM bookings \
         WHERE tenant_id = $1 AND {STANDS} AND busy_from < $3 AND busy_from > $4 \
             AND busy_to > $5 AND id <> $6"
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant.id())
        .bind(now)
        .bind(to)
        .bind(from.saturating_sub(DAY_MS + 1))
        .bind(from)
        .bind(but)
        .fetch_all(connection)
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Taken {
                staff_id: row.try_get("staff_id")?,
                from: row.try_get("busy_from")?,
                to: row.try_get("busy_to")?,
            })
        })
        .collect()
}

/// Keeps a new booking under a reference that no other has.
async fn insert(
    write: &mut Write,
    tenant: &Tenant,
    booking: &mut Booking,
    busy: (i64, i64),
) -> Result<(), StoreError> {
    for _ in 0..REFERENCES {
        booking.reference = format!("{:06}", Uuid::now_v7().as_u128() % 1_000_000);
        let done = sqlx::query(
            "INSERT INTO bookings (id, tenant_id, reference, state, held_until, service_id, \
                 service, staff_id, staff, name, phone, notes, call_id, starts_at, ends_at, \
                 busy_from, busy_to, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
                 $18, $18) \
             ON CONFLICT (tenant_id, reference) DO NOTHING",
        )
        .bind(&booking.id)
        .bind(tenant.id())
        .bind(&booking.reference)
        .bind(name(booking.state))
        .bind(booking.held_until)
        .bind(&booking.service_id)
        .bind(&booking.service)
        .bind(&booking.staff_id)
        .bind(&booking.staff)
        .bind(&booking.name)
        .bind(&booking.phone)
        .bind(&booking.notes)
        .bind(&booking.call_id)
        .bind(booking.starts_at)
        .bind(booking.ends_at)
        .bind(busy.0)
        .bind(busy.1)
        .bind(booking.created_at)
        .execute(write.connection())
        .await?;
        if done.rows_affected() > 0 {
            return Ok(());
        }
    }
    let why = "the business has too many bookings for references of six digits";
    Err(StoreError::NotWritten(why.to_owned()))
}

async fn find(
    connection: &mut Connection,
    tenant: &Tenant,
    id: &str,
) -> Result<Option<Booking>, StoreError> {
    let row = sqlx::query(concat!(
        "SELECT ",
        columns!(),
        " FROM bookings WHERE tenant_id = $1 AND id = $2"
    ))
    .bind(tenant.id())
    .bind(id)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(from_row).transpose()
}

async fn note(
    write: &mut Write,
    tenant: &Tenant,
    author: &Author,
    action: &'static str,
    booking: &Booking,
    now: i64,
) -> Result<(), StoreError> {
    // Without a name or a number: the trail outlives the booking.
    let details: Value = json!({"starts_at": booking.starts_at, "call_id": booking.call_id});
    let deed = Deed::on("booking", &booking.id, action).with(details);
    Store::record(write, tenant, author, &deed, now).await
}

fn name_of(plan: &Plan, staff_id: Option<&str>) -> Option<String> {
    staff_id.and_then(|id| plan.name_of(id)).map(str::to_owned)
}

/// A state's name in the database.
fn name(state: BookingState) -> &'static str {
    match state {
        BookingState::Held => "held",
        BookingState::Confirmed => "confirmed",
        BookingState::Cancelled => "cancelled",
    }
}

/// The state of a name, which only this module writes.
fn state(name: &str) -> BookingState {
    match name {
        "held" => BookingState::Held,
        "cancelled" => BookingState::Cancelled,
        _ => BookingState::Confirmed,
    }
}

pub(super) fn from_row(row: &AnyRow) -> Result<Booking, StoreError> {
    Ok(Booking {
        id: row.try_get("id")?,
        reference: row.try_get("reference")?,
        state: state(row.try_get("state")?),
        held_until: row.try_get("held_until")?,
        service_id: row.try_get("service_id")?,
        service: row.try_get("service")?,
        staff_id: row.try_get("staff_id")?,
        staff: row.try_get("staff")?,
        name: row.try_get("name")?,
        phone: row.try_get("phone")?,
        notes: row.try_get("notes")?,
        call_id: row.try_get("call_id")?,
        starts_at: row.try_get("starts_at")?,
        ends_at: row.try_get("ends_at")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
