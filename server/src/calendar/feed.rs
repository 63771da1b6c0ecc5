//! What is booked with somebody, as the calendar they use reads it from a secret address: for
//! those whose calendar cannot be linked, or who only want to see it.

use api::calendar::Booking;
use caldav::{Event, Feed};

use super::linked::uid;
use super::store::FeedOf;
use crate::clock::DAY_MS;
use crate::store::{Store, StoreError};

/// How long what is over stays in a feed (ms).
const PAST_MS: i64 = 90 * DAY_MS;

/// The feed as it is now (Unix ms).
pub(super) async fn read(store: &Store, of: FeedOf, now: i64) -> Result<Feed, StoreError> {
    let bookings = store.calendar_feeds().bookings(&of, now - PAST_MS).await?;
    let tenant = &of.tenant;
    let event = |booking: &Booking| event_of(uid(tenant.id(), &booking.id, 0), booking);
    Ok(Feed {
        name: format!("{}, {}", of.name, tenant.name()),
        events: bookings.iter().map(event).collect(),
    })
}

/// A booking as people see it in a calendar elsewhere.
pub(super) fn event_of(uid: String, booking: &Booking) -> Event {
    let said = |parts: &[&str], between: &str| {
        let said = parts.iter().copied().filter(|it| !it.is_empty());
        said.collect::<Vec<_>>().join(between)
    };
    let phone = booking.phone.as_deref().unwrap_or_default();
    let reference = format!("#{}", booking.reference);
    Event {
        uid,
        from: booking.starts_at,
        to: booking.ends_at,
        changed_at: booking.updated_at,
        summary: said(&[&booking.service, &booking.name], ": "),
        description: said(&[phone, &booking.notes, &reference], "\n"),
    }
}
