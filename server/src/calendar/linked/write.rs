//! Bookings in linked calendars: a job has one stand there as it is now, whatever became of it
//! since the job was added. Every event has a name that says which booking's it is, and so what
//! may have arrived without an answer is found there the next time.

use std::time::Duration;

use api::calendar::{Booking, BookingState};
use axum::extract::FromRef;
use outbound::Failure;

use super::super::feed::event_of;
use super::super::store::{KeptLink, KeptWrite, Wrote};
use super::super::{Context, metrics};
use super::taken::{is_in_the_way, uid};
use super::{LinkError, open, read};
use crate::clock::DAY_MS;
use crate::jobs::{Handler, Job, Outcome, Terms};
use crate::store::Tenant;
use crate::web::Shared;

/// The kind of the jobs that write.
pub(crate) const KIND: &str = "calendar.write";
/// How often writing is tried: for about a day.
const MAX_ATTEMPTS: u32 = 20;
/// People's servers are small.
pub(super) const TERMS: Terms = Terms {
    at_once: 8,
    each: 1,
    patience: Some(Duration::from_secs(3)),
    apart: None,
    limit: Duration::from_secs(120),
};
/// How long a server that gives no answer is left alone, and one that was asked too often and
/// does not say (ms).
const HANGS_MS: i64 = 30_000;
/// So many names are tried for one event.
const COPIES: u32 = 10;

/// Writes. Once more is once: after a restore as well, what stands there is what is booked here.
pub(crate) fn handler<S: Shared>() -> Handler<S>
where
    Context: FromRef<S>,
{
    Handler::new(KIND, TERMS, |cx: Context, tenant, job| async move {
        match run(&cx, &tenant, &job).await {
            Ok(outcome) => outcome,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    })
    .while_switched_on()
}

async fn run(cx: &Context, tenant: &Tenant, job: &Job) -> Result<Outcome, LinkError> {
    let Some(id) = job.payload["booking_id"].as_str() else {
        return Ok(Outcome::Park("The job names no booking.".to_owned()));
    };
    // Written already, parked, or erased with its booking.
    let Some(kept) = cx.store.calendar_writes().to_write(tenant, id).await? else {
        return Ok(Outcome::Done);
    };
    let now = cx.clock.now_ms();
    let Some(booking) = cx.store.bookings().find(tenant, id).await? else {
        return Ok(Outcome::Done);
    };
    let wanted = match booking.state {
        BookingState::Confirmed => {
            cx.store
                .calendar_links()
                .of(tenant, booking.staff_id.as_deref())
                .await?
        }
        _ => None,
    };
    match settle(cx, tenant, &kept, &booking, wanted).await {
        Ok(wrote) => {
            let next = match cx
                .store
                .calendar_writes()
                .note(tenant, &kept, &wrote, now)
                .await?
            {
                true => Outcome::Done,
                // It is another one by now.
                false => Outcome::Later(now),
            };
            metrics::written(
                &cx.metrics,
                if wrote.stands.is_some() {
                    "written"
                } else {
                    "removed"
                },
            );
            Ok(next)
        }
        Err(LinkError::Caldav(error)) => refused(cx, tenant, &kept, &error).await,
        Err(error) => Err(error),
    }
}

/// Has the booking stand where it is wanted, and nowhere else.
async fn settle(
    cx: &Context,
    tenant: &Tenant,
    kept: &KeptWrite,
    booking: &Booking,
    wanted: Option<KeptLink>,
) -> Result<Wrote, LinkError> {
    let to = match &wanted {
        Some(link) => {
            let server = open(&cx.calendars, &cx.vault, link)?;
            let calendar = link.shown.calendar.as_deref().unwrap_or_default();
            let name = format!("switchboard-{}-{}", booking.id, kept.copy);
            let place = server.place(calendar, &name)?;
            Some((link, server, place))
        }
        None => None,
    };
    let stays = |place: &str| to.as_ref().is_some_and(|(_, _, to)| to.as_str() == place);
    let elsewhere = kept.stands.as_ref().filter(|(_, place)| !stays(place));
    if let Some((link_id, place)) = elsewhere {
        // The calendar of somebody who is linked no more keeps what it has.
        if let Some(link) = cx.store.calendar_links().find(tenant, link_id).await? {
            let place = url::Url::parse(place).map_err(|_| caldav::Error::NoCalendar)?;
            open(&cx.calendars, &cx.vault, &link)?
                .remove(&place)
                .await?;
        }
        cx.store
            .calendar_writes()
            .note_left(tenant, &kept.booking_id)
            .await?;
    }
    let Some((link, server, place)) = to else {
        return Ok(Wrote::default());
    };
    let uid = uid(tenant.id(), &booking.id, kept.copy);
    server.write(&place, &event_of(uid, booking)).await?;
    let stands = Some((link.shown.id.clone(), place.to_string()));
    // Nothing guards a time there: somebody may have been as quick as we were.
    let around = (booking.starts_at - DAY_MS, booking.ends_at + DAY_MS);
    let read = read::part(cx, tenant, link, around, false).await?;
    let clash = read.is_ok_and(|busy| is_in_the_way(&busy, booking));
    Ok(Wrote { stands, clash })
}

/// Notes why a booking is not written, and says what is next.
async fn refused(
    cx: &Context,
    tenant: &Tenant,
    kept: &KeptWrite,
    error: &caldav::Error,
) -> Result<Outcome, LinkError> {
    let (now, id) = (cx.clock.now_ms(), &kept.booking_id);
    if *error == caldav::Error::NameUsed && kept.copy < COPIES {
        cx.store
            .calendar_writes()
            .copy(tenant, id, kept.copy + 1)
            .await?;
        return Ok(Outcome::Later(now));
    }
    let why = error.to_string();
    let failed = kept.attempts + 1;
    let next = match work::after_failure(failed, MAX_ATTEMPTS, now, rand::random::<f64>()) {
        work::Failure::RetryAt(at) if error.passes() => match error {
            caldav::Error::Limited(after) => {
                let after = after.map_or(HANGS_MS, |it| {
                    i64::try_from(it.as_millis()).unwrap_or(i64::MAX)
                });
                Some(Outcome::Rest(now.saturating_add(after)))
            }
            caldav::Error::Failure(Failure::Timeout) => Some(Outcome::Unanswered(now + HANGS_MS)),
            _ => Some(Outcome::Later(at)),
        },
        _ => None,
    };
    let parked = next.is_none();
    if parked {
        tracing::warn!(
            tenant_id = tenant.id(),
            booking_id = id,
            why,
            "a booking is not written"
        );
    }
    cx.store
        .calendar_writes()
        .note_failed(tenant, kept, &why, parked)
        .await?;
    metrics::written(&cx.metrics, if parked { "parked" } else { "later" });
    Ok(next.unwrap_or(Outcome::Done))
}
