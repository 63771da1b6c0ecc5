//! What somebody does in a linked calendar with the event of a booking: the booking follows it.
//! What was changed here since the event was written is newer, and is written over it.

use caldav::{Reading, Server};
use jiff::tz::TimeZone;
use url::Url;

use super::super::Context;
use super::super::store::Standing;
use super::LinkError;
use super::taken::uid;
use crate::store::Tenant;

/// Has bookings follow what was read of all of a calendar in which they stood before.
pub(super) async fn all(
    cx: &Context,
    tenant: &Tenant,
    (server, zone): (&Server, &TimeZone),
    standing: &[Standing],
    read: &Reading,
) -> Result<(), LinkError> {
    let mut other = Vec::new();
    let mut gone = 0;
    for one in standing {
        let name = uid(tenant.id(), &one.booking_id, one.copy);
        let times = read.busy.iter().filter(|it| it.uid == name);
        let mut times: Vec<_> = times.map(|it| (it.from, it.to)).collect();
        if times.is_empty() {
            // Moved beyond what is read, marked as free, or taken away: it says itself.
            let place = Url::parse(&one.place).map_err(|_| caldav::Error::NoCalendar)?;
            match server.busy_by(&place, zone).await {
                Ok(Some(busy)) => times.extend(busy.iter().map(|it| (it.from, it.to))),
                Ok(None) => {
                    gone += 1;
                    other.push((one, None));
                }
                Err(error) => {
                    tracing::warn!(tenant_id = tenant.id(), %error, "an event is not read");
                }
            }
        }
        // One that is repeated by now still is when it was.
        if let Some(&to) = times.first()
            && !times.contains(&one.time)
        {
            other.push((one, Some(to)));
        }
    }
    if other.is_empty() {
        return Ok(());
    }
    let now = cx.clock.now_ms();
    // Who empties a calendar, or makes it anew, cancels nothing by that.
    if gone > 1 && gone == standing.len() && read.busy.is_empty() {
        tracing::warn!(
            tenant_id = tenant.id(),
            gone,
            "a linked calendar was emptied: bookings are written anew"
        );
        return Ok(cx
            .store
            .calendar_writes()
            .anew(tenant, standing, now)
            .await?);
    }
    let plan = cx.store.calendars().plan(tenant).await?;
    for (one, to) in other {
        let bookings = cx.store.bookings();
        bookings.follow(tenant, &plan, one, to, now).await?;
    }
    Ok(())
}
