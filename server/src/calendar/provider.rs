//! Who keeps the times of a service, and what is booked of it: this server ([`own`]), or somebody
//! elsewhere. Whoever books asks the provider of the service, or of the booking, and knows of
//! none in particular.

pub(super) mod own;

use api::calendar::{Booking, ConfirmBooking, MoveBooking, Service, SlotList};
use futures_util::future::BoxFuture;

use super::calcom::book::Calcom;
use super::{CalendarError, Context, NewRow, NotFree, Plan, Sure};
use crate::deeds::Author;
use crate::store::{StoreError, Tenant};

/// What is asked for in a calendar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) plan: &'a Plan,
    pub(super) service: &'a Service,
    /// With whom; anybody when absent.
    pub(super) staff_id: Option<&'a str>,
}

pub(super) type Asked<'a, T> = BoxFuture<'a, Result<T, CalendarError>>;

/// Keeps times, and what is booked. What is asked once more has one effect.
pub(super) trait Provider: Send + Sync {
    /// The free times that begin in a time (Unix ms), in their order, no more than `most`.
    fn free<'a>(&'a self, wish: Wish<'a>, time: (i64, i64), most: usize) -> Asked<'a, SlotList>;

    /// Why nothing can be booked to begin at a moment (Unix ms); nothing where it can.
    fn why_not<'a>(&'a self, wish: Wish<'a>, at: i64) -> Asked<'a, Option<NotFree>>;

    /// Books a time, or holds it.
    fn book<'a>(
        &'a self,
        wish: Wish<'a>,
        new: NewRow,
        sure: Sure,
        author: &'a Author,
    ) -> Asked<'a, Booking>;

    /// Confirms what is held.
    fn confirm<'a>(
        &'a self,
        token: &'a str,
        who: &'a ConfirmBooking,
        author: &'a Author,
    ) -> Asked<'a, Booking>;

    /// Moves a booking to another time.
    fn reschedule<'a>(
        &'a self,
        id: &'a str,
        to: &'a MoveBooking,
        author: &'a Author,
    ) -> Asked<'a, Booking>;

    /// Cancels a booking, or gives back what is held.
    fn cancel<'a>(&'a self, id: &'a str, author: &'a Author) -> Asked<'a, Booking>;

    /// Has a cancelled booking stand again.
    fn restore<'a>(&'a self, id: &'a str, author: &'a Author) -> Asked<'a, Booking>;
}

/// Who keeps the times of a service.
pub(super) fn of_service<'a>(
    cx: &'a Context,
    tenant: &'a Tenant,
    service: &Service,
) -> Box<dyn Provider + 'a> {
    match service.details.event_type {
        Some(event_type) => Box::new(Calcom {
            cx,
            tenant,
            event_type,
        }),
        None => Box::new(own::Own { cx, tenant }),
    }
}

/// Who keeps a booking: whoever kept its service when it was made.
pub(super) async fn of_booking<'a>(
    cx: &'a Context,
    tenant: &'a Tenant,
    id: &str,
) -> Result<Box<dyn Provider + 'a>, StoreError> {
    Ok(match cx.store.calcom_bookings().of(tenant, id).await? {
        Some(kept) => Box::new(Calcom {
            cx,
            tenant,
            event_type: kept.event_type,
        }),
        None => Box::new(own::Own { cx, tenant }),
    })
}
