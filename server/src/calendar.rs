//! The business's own calendar: services, who does them, and bookings.
//!
//! When the business is open is what its hours say ([`tenants`](crate::tenants)),
//! closed days and breaks included; a member of staff may have hours within them.
//! A booking takes the time of one member of staff, with the buffers of its service
//! around it; a business without staff serves as many at once as it says.
//! What is free ([`free`]) is pure; calendars people have elsewhere take their time as well
//! ([`linked`]). A slot is *held* for somebody who makes up their
//! mind: its booking's id is the token it is confirmed by, until it expires.
//!
//! Nobody is booked twice: whoever books, moves or holds waits for those before, in
//! the one transaction that looks whether the time is free and takes it.

pub mod free;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
pub(crate) mod http;
mod linked;
mod metrics;
mod rules;
mod store;

use std::ops::Deref;

use api::calendar::{
    Booking, BookingState, ConfirmBooking, MoveBooking, NewBooking, Service, Slot,
};
use axum::extract::FromRef;
use outbound::Checked;

use crate::clock::{DAY_MS, MINUTE_MS};
use crate::deeds::Author;
use crate::domain::Domain;
use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::people;
use crate::phone::E164;
use crate::store::{StoreError, Tenant};
use crate::web::Shared;

pub use free::{NotFree, Plan, Taken};
pub(crate) use linked::check;
pub use rules::{checked_service, checked_settings, checked_staff};
pub(crate) use store::after;
pub use store::{BookingCursor, BookingFilter, Bookings, Calendars, Changed, NewRow};

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        jobs: || vec![linked::read::handler(), linked::write::handler()],
        metrics: metrics::METRICS,
        deeds: &[
            "booking.cancelled",
            "booking.made",
            "booking.moved",
            "booking.restored",
            "calendar.changed",
            "calendar_link.added",
            "calendar_link.changed",
            "calendar_link.removed",
            "calendar_write.replayed",
            "service.added",
            "service.changed",
            "service.removed",
            "staff.added",
            "staff.changed",
            "staff.removed",
        ],
        keeps: store::KEEPS,
        ..Domain::new("calendar", http::routes)
    }
}

/// What bookings are made with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Context {
    /// What every room stands on.
    pub ground: Ground,
    /// Asks the servers of linked calendars.
    calendars: Checked,
}

impl Context {
    /// Sets the client up.
    ///
    /// # Errors
    /// When the system's TLS cannot be set up.
    pub(crate) fn new(ground: Ground) -> Result<Self, reqwest::Error> {
        let calendars = linked::client(&ground.config)?;
        Ok(Self { ground, calendars })
    }
}

impl Deref for Context {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}

/// Why nothing is booked, or not changed.
#[derive(Debug, thiserror::Error)]
pub enum CalendarError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something that was sent cannot be.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The business has no such service, or it is not booked any more.
    #[error("there is no such service")]
    NoService,
    /// Nobody of this id does the service.
    #[error("nobody of this id does the service")]
    NoStaff,
    /// The time is not one to be booked.
    #[error(transparent)]
    NotFree(#[from] NotFree),
    /// Nothing is held under this token, or not any more.
    #[error("the slot is not held any more")]
    HoldGone,
    /// There is no such booking.
    #[error("there is no such booking")]
    Unknown,
    /// It is cancelled, or not confirmed.
    #[error("the booking is not one that stands")]
    NotOpen,
}

/// Whether a slot is booked for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sure {
    /// It is.
    Confirmed,
    /// It is held, and is to be confirmed.
    Held,
}

/// The free times of a service that begin in a time (Unix ms), in their order, no more
/// than `most`.
///
/// # Errors
/// When nobody does it, or the database fails.
pub async fn free_slots(
    cx: &Ground,
    tenant: &Tenant,
    plan: &Plan,
    service: &Service,
    staff_id: Option<&str>,
    (from, to): (i64, i64),
    most: usize,
) -> Result<Vec<Slot>, CalendarError> {
    let now = cx.clock.now_ms();
    // What begins before may reach into it, and what it takes may reach beyond it.
    let around = (from.saturating_sub(DAY_MS), to.saturating_add(DAY_MS));
    let taken = cx.store.bookings().taken(tenant, around, now).await?;
    free::slots(plan, service, staff_id, (from, to), &taken, now, most)
}

/// Books a slot, or holds it.
///
/// # Errors
/// When it is not free, or cannot be.
pub async fn book(
    cx: &Context,
    tenant: &Tenant,
    new: NewBooking,
    sure: Sure,
    author: &Author,
) -> Result<Booking, CalendarError> {
    let now = cx.clock.now_ms();
    let plan = cx.store.calendars().plan(tenant).await?;
    let service = plan.bookable(&new.service_id)?;
    let (name, phone, notes) =
        rules::checked_for_whom(&new.name, new.phone.as_deref(), &new.notes)?;
    // Before anybody else has to wait for it.
    let staff_id = new.staff_id.as_deref();
    plan.check(service, staff_id, new.starts_at, now)?;
    linked::read::freshen(cx, tenant, staff_id, free::busy(service, new.starts_at)).await?;
    let held_until = (sure == Sure::Held)
        .then(|| now.saturating_add(i64::from(plan.settings.hold_minutes) * MINUTE_MS));
    let row = NewRow {
        name,
        phone,
        notes,
        call_id: rules::checked_call(new.call_id)?,
        staff_id: new.staff_id,
        starts_at: new.starts_at,
        held_until,
    };
    cx.store
        .bookings()
        .add(tenant, &plan, service, &row, author, now)
        .await
}

/// Confirms what is held. Once more, it is the same booking.
///
/// # Errors
/// When it is not held any more, or something has come into its time in a linked calendar.
pub async fn confirm(
    cx: &Context,
    tenant: &Tenant,
    token: &str,
    who: &ConfirmBooking,
    author: &Author,
) -> Result<Booking, CalendarError> {
    let who = rules::checked_confirmation(who)?;
    let held = cx.store.bookings().find(tenant, token).await?;
    if let Some(held) = held.filter(|it| it.state == BookingState::Held)
        && linked::read::is_taken(cx, tenant, &held).await?
    {
        return Err(NotFree::Taken.into());
    }
    let now = cx.clock.now_ms();
    let changed = cx
        .store
        .bookings()
        .confirm(tenant, token, &who, author, now)
        .await?;
    match changed {
        Changed::Done(booking) => Ok(*booking),
        Changed::Unknown | Changed::NotOpen => Err(CalendarError::HoldGone),
    }
}

/// Moves a booking to another time. Already there, it stays.
///
/// # Errors
/// When the time is not free, or the booking does not stand.
pub async fn reschedule(
    cx: &Context,
    tenant: &Tenant,
    id: &str,
    to: &MoveBooking,
    author: &Author,
) -> Result<Booking, CalendarError> {
    let now = cx.clock.now_ms();
    let plan = cx.store.calendars().plan(tenant).await?;
    let time = (to.starts_at, to.starts_at);
    linked::read::freshen(cx, tenant, to.staff_id.as_deref(), time).await?;
    match cx
        .store
        .bookings()
        .move_to(tenant, &plan, id, to, author, now)
        .await?
    {
        Changed::Done(booking) => Ok(*booking),
        Changed::Unknown => Err(CalendarError::Unknown),
        Changed::NotOpen => Err(CalendarError::NotOpen),
    }
}

/// Cancels a booking, or gives back what is held. Once more, nothing happens.
///
/// # Errors
/// When there is none, or it is over.
pub async fn cancel(
    cx: &Ground,
    tenant: &Tenant,
    id: &str,
    author: &Author,
) -> Result<Booking, CalendarError> {
    let now = cx.clock.now_ms();
    match cx.store.bookings().cancel(tenant, id, author, now).await? {
        Changed::Done(booking) => Ok(*booking),
        Changed::Unknown => Err(CalendarError::Unknown),
        Changed::NotOpen => Err(CalendarError::NotOpen),
    }
}

/// Has a cancelled booking stand again, under its reference. Once more, nothing happens.
///
/// # Errors
/// When somebody has its time by now, or there is none, or it is over.
pub async fn restore(
    cx: &Context,
    tenant: &Tenant,
    id: &str,
    author: &Author,
) -> Result<Booking, CalendarError> {
    let now = cx.clock.now_ms();
    let plan = cx.store.calendars().plan(tenant).await?;
    if let Some(before) = cx.store.bookings().find(tenant, id).await? {
        let (staff_id, time) = (
            before.staff_id.as_deref(),
            (before.starts_at, before.ends_at),
        );
        linked::read::freshen(cx, tenant, staff_id, time).await?;
    }
    match cx
        .store
        .bookings()
        .restore(tenant, &plan, id, author, now)
        .await?
    {
        Changed::Done(booking) => Ok(*booking),
        Changed::Unknown => Err(CalendarError::Unknown),
        Changed::NotOpen => Err(CalendarError::NotOpen),
    }
}

/// A number somebody gave.
///
/// # Errors
/// When it is none.
fn number(phone: &str) -> Result<E164, Invalid> {
    E164::parse(phone).map_err(|error| Invalid::because(format!("phone: {error}.")))
}
