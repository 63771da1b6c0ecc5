//! The business's own calendar: services, who does them, and bookings.
//!
//! When the business is open is what its hours say ([`tenants`](crate::tenants)),
//! closed days and breaks included; a member of staff may have hours within them.
//! A booking takes the time of one member of staff, with the buffers of its service
//! around it; a business without staff serves as many at once as it says.
//! What is free ([`free`]) is pure; calendars people have elsewhere take their time as well
//! ([`linked`]). A service may be kept at Cal.com instead ([`calcom`]): who keeps what is booked
//! is a provider ([`provider`]). A slot is *held* for somebody who makes up their
//! mind: its booking's id is the token it is confirmed by, until it expires.
//!
//! Nobody is booked twice: whoever books, moves or holds waits for those before, in
//! the one transaction that looks whether the time is free and takes it.

mod calcom;
mod feed;
pub mod free;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) mod fuzz;
pub(crate) mod http;
mod linked;
mod metrics;
mod provider;
mod rules;
mod store;

use std::ops::Deref;

use api::calendar::{
    Booking, BookingState, ConfirmBooking, MoveBooking, NewBooking, Service, SlotList,
};
use axum::extract::FromRef;
use outbound::Checked;

use crate::deeds::Author;
use crate::domain::Domain;
use crate::ground::Ground;
use crate::invalid::Invalid;
use crate::people;
use crate::phone::E164;
use crate::store::{StoreError, Tenant};
use crate::web::Shared;
use provider::Wish;

pub(crate) use self::calcom::check as check_calcom;
pub use free::{NotFree, Plan, Taken};
pub(crate) use linked::check;
pub use rules::{checked_service, checked_settings, checked_staff};
pub(crate) use store::{BOOKED_IN_CALL, after};
pub use store::{BookingCursor, BookingFilter, Bookings, Calendars, Changed, NewRow};

/// The kind of the jobs that tell of a call anew, one of whose appointments changed after it was
/// made. Whoever tells of calls runs them.
pub(crate) const CHANGED: &str = "booking.changed";

/// What others have to know of this domain.
pub(crate) const fn domain<S: Shared>() -> Domain<S>
where
    Ground: FromRef<S>,
    Context: FromRef<S>,
    people::Context: FromRef<S>,
{
    Domain {
        jobs: || {
            vec![
                calcom::follow::handler(),
                linked::read::handler(),
                linked::write::handler(),
            ]
        },
        metrics: metrics::METRICS,
        deeds: &[
            "booking.cancelled",
            "booking.made",
            "booking.moved",
            "booking.restored",
            "calcom.changed",
            "calcom.removed",
            "calendar.changed",
            "calendar_feed.given",
            "calendar_feed.taken_back",
            "calendar_link.added",
            "calendar_link.changed",
            "calendar_link.removed",
            "calendar_write.replayed",
            "calendar_writes.replayed",
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
    /// Asks Cal.com.
    calcom: calcom::Client,
}

impl Context {
    /// Sets the client up.
    ///
    /// # Errors
    /// When the system's TLS cannot be set up.
    pub(crate) fn new(ground: Ground) -> Result<Self, reqwest::Error> {
        let calendars = linked::client(&ground.config)?;
        let calcom = calcom::Client::new(&ground.config, ground.store.bus())?;
        Ok(Self {
            ground,
            calendars,
            calcom,
        })
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
    /// Whoever keeps the calendar has to know how the person is reached.
    #[error("a telephone number is needed")]
    NoNumber,
    /// Whoever keeps the calendar, elsewhere, gives no answer, or no good one.
    #[error("the calendar cannot be reached")]
    Away,
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
/// When nobody does it, or who keeps the calendar cannot be asked.
pub async fn free_slots(
    cx: &Context,
    tenant: &Tenant,
    plan: &Plan,
    service: &Service,
    staff_id: Option<&str>,
    time: (i64, i64),
    most: usize,
) -> Result<SlotList, CalendarError> {
    let wish = Wish {
        plan,
        service,
        staff_id,
    };
    let provider = provider::of_service(cx, tenant, service);
    provider.free(wish, time, most).await
}

/// Why a service cannot be booked to begin at a moment (Unix ms); nothing where it can.
///
/// # Errors
/// When nobody does it, or who keeps the calendar cannot be asked.
pub async fn why_not(
    cx: &Context,
    tenant: &Tenant,
    plan: &Plan,
    service: &Service,
    staff_id: Option<&str>,
    at: i64,
) -> Result<Option<NotFree>, CalendarError> {
    let wish = Wish {
        plan,
        service,
        staff_id,
    };
    let provider = provider::of_service(cx, tenant, service);
    provider.why_not(wish, at).await
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
    take(cx, tenant, new, sure, Vec::new(), author).await
}

/// Holds a slot instead of others that are held: they are given back once it is had, and their
/// time does not stand in its way.
///
/// # Errors
/// When it is not free, or cannot be; then the others stay held.
pub async fn hold_instead(
    cx: &Context,
    tenant: &Tenant,
    new: NewBooking,
    held: Vec<String>,
    author: &Author,
) -> Result<Booking, CalendarError> {
    let booking = take(cx, tenant, new, Sure::Held, held.clone(), author).await?;
    for token in &held {
        // It ends by itself in some minutes.
        if let Err(error) = cancel(cx, tenant, token, author).await {
            tracing::warn!(tenant_id = tenant.id(), %error, "a held slot is not given back");
        }
    }
    Ok(booking)
}

async fn take(
    cx: &Context,
    tenant: &Tenant,
    new: NewBooking,
    sure: Sure,
    instead_of: Vec<String>,
    author: &Author,
) -> Result<Booking, CalendarError> {
    let plan = cx.store.calendars().plan(tenant).await?;
    let service = plan.bookable(&new.service_id)?;
    let (name, phone, notes) =
        rules::checked_for_whom(&new.name, new.phone.as_deref(), &new.notes)?;
    let row = NewRow {
        name,
        phone,
        notes,
        call_id: rules::checked_call(new.call_id)?,
        staff_id: new.staff_id.clone(),
        starts_at: new.starts_at,
        held_until: None,
        instead_of,
    };
    let wish = Wish {
        plan: &plan,
        service,
        staff_id: new.staff_id.as_deref(),
    };
    let provider = provider::of_service(cx, tenant, service);
    let booking = provider.book(wish, row, sure, author).await?;
    introduce(cx, tenant, &booking, author).await;
    Ok(booking)
}

/// Whoever is booked is one of the people the business knows. The appointment stands without that.
async fn introduce(cx: &Context, tenant: &Tenant, booking: &Booking, author: &Author) {
    let phone = booking.phone.as_deref().and_then(|it| E164::parse(it).ok());
    let is_made = booking.state == BookingState::Confirmed && !booking.name.is_empty();
    if let Some(phone) = phone.filter(|_| is_made) {
        let (contacts, now) = (cx.store.contacts(), cx.clock.now_ms());
        let known = contacts.introduce(tenant, &phone, &booking.name, author, now);
        if let Err(error) = known.await {
            tracing::warn!(tenant_id = tenant.id(), %error, "who is booked is not a contact");
        }
    }
}

/// Confirms what is held. Once more, it is the same booking.
///
/// # Errors
/// When it is not held any more, or something has come into its time elsewhere.
pub async fn confirm(
    cx: &Context,
    tenant: &Tenant,
    token: &str,
    who: &ConfirmBooking,
    author: &Author,
) -> Result<Booking, CalendarError> {
    let who = rules::checked_confirmation(who)?;
    let provider = provider::of_booking(cx, tenant, token).await?;
    let booking = provider.confirm(token, &who, author).await?;
    introduce(cx, tenant, &booking, author).await;
    Ok(booking)
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
    let provider = provider::of_booking(cx, tenant, id).await?;
    provider.reschedule(id, to, author).await
}

/// Cancels a booking, or gives back what is held. Once more, nothing happens.
///
/// # Errors
/// When there is none, or it is over.
pub async fn cancel(
    cx: &Context,
    tenant: &Tenant,
    id: &str,
    author: &Author,
) -> Result<Booking, CalendarError> {
    let provider = provider::of_booking(cx, tenant, id).await?;
    provider.cancel(id, author).await
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
    let provider = provider::of_booking(cx, tenant, id).await?;
    provider.restore(id, author).await
}

/// A number somebody gave.
///
/// # Errors
/// When it is none.
fn number(phone: &str) -> Result<E164, Invalid> {
    E164::parse(phone).map_err(|error| Invalid::of("phone", format!("phone: {error}.")))
}
