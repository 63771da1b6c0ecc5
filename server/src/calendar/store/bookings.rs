//! Bookings: made, held, confirmed, moved, cancelled and restored.

use api::calendar::{Booking, BookingState, ConfirmBooking, MoveBooking, Service};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use super::found::{booked, find, taken};
use super::writes::{self, Standing};
use crate::bus::Signal;
use crate::calendar::free::{busy, ends_at};
use crate::calendar::{CHANGED, CalendarError, NotFree, Plan};
use crate::deeds::{Author, Deed, Deeds};
use crate::jobs::{Jobs, NewJob};
use crate::store::{Scope, StoreError, Tenant, Write};

macro_rules! columns {
    () => {
        "id, reference, state, held_until, pending, service_id, service, staff_id, staff, name, phone, \
         notes, call_id, starts_at, ends_at, created_at, updated_at"
    };
}
pub(super) use columns;

/// How often that may fail before somebody has to look at it.
const TELLING_ATTEMPTS: u32 = 12;
/// How often another reference is tried than one that is used already.
const REFERENCES: usize = 20;

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
    /// What is held and given back for it: its time is free.
    pub instead_of: Vec<String>,
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

crate::store::part! {
    /// The bookings of each business.
    bookings -> Bookings
}

impl Bookings<'_> {
    /// Takes a slot, if it is free.
    ///
    /// # Errors
    /// When it is not, or the database fails.
    pub async fn add(
        self,
        tenant: &Tenant,
        plan: &Plan,
        service: &Service,
        new: &NewRow,
        author: &Author,
        now: i64,
    ) -> Result<Booking, CalendarError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        self.0.one_at_a_time(&mut write, tenant).await?;
        let busy = busy(service, new.starts_at);
        let taken = taken(write.connection(), tenant, busy, &new.instead_of, now).await?;
        let wanted = new.staff_id.as_deref();
        let staff_id = plan.place(service, wanted, new.starts_at, &taken, now)?;
        let mut booking = Booking {
            id: Uuid::now_v7().to_string(),
            reference: String::new(),
            state: new
                .held_until
                .map_or(BookingState::Confirmed, |_| BookingState::Held),
            held_until: new.held_until,
            pending: false,
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
        write.tell(changed(tenant));
        write.commit().await?;
        Ok(booking)
    }

    /// Confirms a held slot, for somebody where that was not said. Confirmed already,
    /// it is as it was.
    pub async fn confirm(
        self,
        tenant: &Tenant,
        id: &str,
        who: &ConfirmBooking,
        author: &Author,
        now: i64,
    ) -> Result<Changed, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
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
        write.tell(changed(tenant));
        write.commit().await?;
        Ok(Changed::Done(Box::new(booking)))
    }

    /// Moves a booking that stands to another time, if that is free. It keeps its
    /// service, even one that is booked no more.
    ///
    /// # Errors
    /// When the time is not free, or the database fails.
    pub async fn move_to(
        self,
        tenant: &Tenant,
        plan: &Plan,
        id: &str,
        to: &MoveBooking,
        author: &Author,
        now: i64,
    ) -> Result<Changed, CalendarError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        self.0.one_at_a_time(&mut write, tenant).await?;
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
        let taken = taken(write.connection(), tenant, busy, &[id], now).await?;
        let place = |whom| plan.place(service, whom, to.starts_at, &taken, now);
        let staff_id = match (wanted, booking.staff_id.as_deref()) {
            // Whoever comes to somebody stays with them where they are free.
            (None, Some(whom)) => place(Some(whom)).or_else(|_| place(None))?,
            (wanted, _) => place(wanted)?,
        };
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
        write.tell(changed(tenant));
        write.commit().await?;
        Ok(Changed::Done(Box::new(moved)))
    }

    /// Cancels a booking that has not begun, or gives back what is held: until then it was, and
    /// no appointment.
    pub async fn cancel(
        self,
        tenant: &Tenant,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<Changed, StoreError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        let before = find(write.connection(), tenant, id).await?;
        let row = sqlx::query(concat!(
            "UPDATE bookings SET state = 'cancelled', updated_at = $3, \
                 held_until = CASE WHEN state = 'held' THEN $3 END \
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
        write.tell(changed(tenant));
        write.commit().await?;
        Ok(Changed::Done(Box::new(booking)))
    }

    /// Has a cancelled booking stand again, if nobody has its time by now. It was agreed on:
    /// whether its time would be offered today is not asked.
    ///
    /// # Errors
    /// When the time is taken, or the database fails.
    pub async fn restore(
        self,
        tenant: &Tenant,
        plan: &Plan,
        id: &str,
        author: &Author,
        now: i64,
    ) -> Result<Changed, CalendarError> {
        let mut write = self.0.write(Scope::Of(tenant)).await?;
        self.0.one_at_a_time(&mut write, tenant).await?;
        let booking = match find(write.connection(), tenant, id).await? {
            None => return Ok(Changed::Unknown),
            Some(booking) if booking.state == BookingState::Confirmed => {
                return Ok(Changed::Done(Box::new(booking)));
            }
            Some(booking) if booking.state == BookingState::Held || booking.starts_at <= now => {
                return Ok(Changed::NotOpen);
            }
            Some(booking) => booking,
        };
        let busy: (i64, i64) = sqlx::query_as(
            "SELECT busy_from, busy_to FROM bookings WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_one(write.connection())
        .await
        .map_err(StoreError::from)?;
        let taken = taken(write.connection(), tenant, busy, &[id], now).await?;
        if !plan.has_room(booking.staff_id.as_deref(), busy, &taken) {
            return Err(NotFree::Taken.into());
        }
        let restored = set_state(&mut write, tenant, id, BookingState::Confirmed, now).await?;
        note(
            &mut write,
            tenant,
            author,
            "booking.restored",
            &restored,
            now,
        )
        .await?;
        write.tell(changed(tenant));
        write.commit().await?;
        Ok(Changed::Done(Box::new(restored)))
    }

    /// Has a booking follow what somebody did with its event in a linked calendar: it is when the
    /// event is now (Unix ms), or cancelled without one. What was changed here since it was
    /// written is newer and stays; so does a booking whose new time another one has, and its
    /// event is written as it was.
    pub(in crate::calendar) async fn follow(
        self,
        tenant: &Tenant,
        plan: &Plan,
        standing: &Standing,
        to: Option<(i64, i64)>,
        now: i64,
    ) -> Result<(), StoreError> {
        let (mut write, id) = (self.0.write(Scope::Of(tenant)).await?, &standing.booking_id);
        self.0.one_at_a_time(&mut write, tenant).await?;
        let author = Author::system();
        if !writes::is_as_written(&mut write, tenant, standing).await? {
            return Ok(());
        }
        let Some((from, until)) = to else {
            let gone = set_state(&mut write, tenant, id, BookingState::Cancelled, now).await?;
            note_change(&mut write, tenant, &author, "booking.cancelled", &gone, now).await?;
            writes::is_gone(&mut write, tenant, id, now).await?;
            write.tell(changed(tenant));
            return write.commit().await;
        };
        let row = sqlx::query(
            "SELECT staff_id, busy_from - starts_at AS before, busy_to - ends_at AS after \
             FROM bookings WHERE tenant_id = $1 AND id = $2",
        )
        .bind(tenant.id())
        .bind(id)
        .fetch_one(write.connection())
        .await?;
        let staff_id: Option<String> = row.try_get("staff_id")?;
        let (before, after): (i64, i64) = (row.try_get("before")?, row.try_get("after")?);
        let busy = (from + before, until + after);
        // What else is in calendars is for whoever moved it to judge.
        let booked = booked(write.connection(), tenant, busy, &[id], now).await?;
        if plan.has_room(staff_id.as_deref(), busy, &booked) {
            let row = sqlx::query(concat!(
                "UPDATE bookings SET starts_at = $3, ends_at = $4, busy_from = $5, busy_to = $6, \
                     updated_at = $7 \
                 WHERE tenant_id = $1 AND id = $2 RETURNING ",
                columns!()
            ))
            .bind(tenant.id())
            .bind(id)
            .bind(from)
            .bind(until)
            .bind(busy.0)
            .bind(busy.1)
            .bind(now)
            .fetch_one(write.connection())
            .await?;
            let moved = from_row(&row)?;
            note_change(&mut write, tenant, &author, "booking.moved", &moved, now).await?;
            writes::is_followed(&mut write, tenant, id, now).await?;
            write.tell(changed(tenant));
        } else {
            writes::put_down(&mut write, tenant, (id, staff_id.as_deref()), now).await?;
        }
        write.commit().await
    }
}

/// Tells the desks that the tenant's bookings are others than before.
pub(super) fn changed(tenant: &Tenant) -> Signal {
    Signal::BookingsChanged(tenant.id().to_owned())
}

/// Keeps a new booking under a reference that no other has.
pub(super) async fn insert(
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
                 busy_from, busy_to, created_at, updated_at, pending) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
                 $18, $18, $19) \
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
        .bind(i64::from(booking.pending))
        .execute(write.connection())
        .await?;
        if done.rows_affected() > 0 {
            return Ok(());
        }
    }
    let why = "the business has too many bookings for references of six digits";
    Err(StoreError::NotWritten(why.to_owned()))
}

/// Has a booking stand so from now on.
async fn set_state(
    write: &mut Write,
    tenant: &Tenant,
    id: &str,
    state: BookingState,
    now: i64,
) -> Result<Booking, StoreError> {
    let row = sqlx::query(concat!(
        "UPDATE bookings SET state = $3, updated_at = $4 WHERE tenant_id = $1 AND id = $2 \
         RETURNING ",
        columns!()
    ))
    .bind(tenant.id())
    .bind(id)
    .bind(name(state))
    .bind(now)
    .fetch_one(write.connection())
    .await?;
    from_row(&row)
}

async fn note(
    write: &mut Write,
    tenant: &Tenant,
    author: &Author,
    action: &'static str,
    booking: &Booking,
    now: i64,
) -> Result<(), StoreError> {
    note_change(write, tenant, author, action, booking, now).await?;
    let whose = (booking.id.as_str(), booking.staff_id.as_deref());
    writes::put_down(write, tenant, whose, now).await
}

/// Keeps in the trail what became of a booking, and has whoever told of its call tell anew.
pub(super) async fn note_change(
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
    Deeds::record(write, tenant, author, &deed, now).await?;
    // What is made in a call is told with it.
    if let Some(call_id) = &booking.call_id
        && action != "booking.made"
    {
        let job = NewJob {
            kind: CHANGED,
            group: None,
            dedupe_key: None,
            payload: json!({"call_id": call_id}),
            run_at: now,
            max_attempts: TELLING_ATTEMPTS,
        };
        Jobs::enqueue(write, tenant, &job, now).await?;
    }
    Ok(())
}

fn name_of(plan: &Plan, staff_id: Option<&str>) -> Option<String> {
    staff_id.and_then(|id| plan.name_of(id)).map(str::to_owned)
}

/// A state's name in the database.
pub(super) fn name(state: BookingState) -> &'static str {
    match state {
        BookingState::Held => "held",
        BookingState::Confirmed => "confirmed",
        BookingState::Cancelled => "cancelled",
        BookingState::Unknown => "unknown",
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
        pending: row.try_get::<i64, _>("pending")? != 0,
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
