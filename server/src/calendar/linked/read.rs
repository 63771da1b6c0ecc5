//! When linked calendars are busy: read every few minutes, and before something is booked.

use std::time::Duration;

use api::calendar::Booking;
use axum::extract::FromRef;
use futures_util::future::join_all;
use tokio::time::timeout;

use super::super::store::KeptLink;
use super::super::{Context, metrics};
use super::{LinkError, Times, besides, follow, open};
use crate::clock::{DAY_MS, MINUTE_MS};
use crate::jobs::{Handler, Job, Outcome, Terms};
use crate::store::{StoreError, Tenant};
use crate::web::Shared;

/// The kind of the jobs that read.
pub(crate) const KIND: &str = "calendar.read";
/// A calendar is read so often (ms).
const PERIOD_MS: i64 = 5 * MINUTE_MS;
/// People's servers are small.
pub(super) const TERMS: Terms = Terms {
    at_once: 8,
    each: 1,
    patience: Some(Duration::from_secs(5)),
    apart: None,
    limit: Duration::from_secs(90),
};
/// So many are read at once before something is booked, besides the jobs.
pub(super) const FRESH_AT_ONCE: usize = 32;
/// Whoever books is made to wait no longer: a caller is on the telephone.
const FRESH_TIME: Duration = Duration::from_secs(3);
/// A server that gave no answer is not waited for again within that time (ms).
const AWAY_MS: i64 = MINUTE_MS;

/// Reads.
pub(crate) fn handler<S: Shared>() -> Handler<S>
where
    Context: FromRef<S>,
{
    Handler::new(KIND, TERMS, |cx: Context, tenant, job| async move {
        run(&cx, &tenant, &job).await
    })
}

async fn run(cx: &Context, tenant: &Tenant, job: &Job) -> Outcome {
    let again = cx.clock.now_ms() + PERIOD_MS;
    let Some(id) = job.payload["link_id"].as_str() else {
        return Outcome::Park("The job names no calendar.".to_owned());
    };
    let read = async {
        let Some(link) = cx.store.calendar_links().find(tenant, id).await? else {
            return Ok(None);
        };
        if link.shown.calendar.is_some() && cx.store.is_switched_on(tenant).await? {
            return whole(cx, tenant, &link).await.map(Some);
        }
        Ok(Some(true))
    };
    match read.await {
        Ok(None) => Outcome::Done,
        Ok(Some(true)) => Outcome::Later(again),
        Ok(Some(false)) => Outcome::Unanswered(again),
        // It is read as long as it is linked.
        Err(error) => {
            tracing::warn!(tenant_id = tenant.id(), %error, "a linked calendar is not read");
            Outcome::Later(again)
        }
    }
}

/// Reads all of a calendar that can be booked, and notes what came of it; `false` when there
/// was no answer.
pub(super) async fn whole(
    cx: &Context,
    tenant: &Tenant,
    link: &KeptLink,
) -> Result<bool, LinkError> {
    let now = cx.clock.now_ms();
    let plan = cx.store.calendars().plan(tenant).await?;
    let days = i64::from(plan.settings.horizon_days) + 2;
    let time = (now - DAY_MS, now.saturating_add(days * DAY_MS));
    Ok(part(cx, tenant, link, time, true).await?.is_ok())
}

/// Reads a calendar in a time (Unix ms), which may be the whole, and notes what came of it:
/// when it is busy now, or why nobody knows.
pub(super) async fn part(
    cx: &Context,
    tenant: &Tenant,
    link: &KeptLink,
    time: (i64, i64),
    whole: bool,
) -> Result<Result<Times, caldav::Error>, LinkError> {
    let Some(calendar) = &link.shown.calendar else {
        return Ok(Ok(Times::new()));
    };
    let zone = cx.store.tenants().settings(tenant).await?.time_zone();
    let server = open(&cx.calendars, &cx.vault, link)?;
    let (id, writes) = (&link.shown.id, cx.store.calendar_writes());
    // As it was before the calendar was asked: what changes here meanwhile is newer.
    let standing = match whole {
        true => writes.standing(tenant, id, cx.clock.now_ms()).await?,
        false => Vec::new(),
    };
    let read = server.busy(calendar, time, &zone).await;
    let now = cx.clock.now_ms();
    match read {
        Ok(read) => {
            if read.unread > 0 {
                let (tenant_id, unread) = (tenant.id(), read.unread);
                tracing::warn!(
                    tenant_id,
                    link_id = id,
                    unread,
                    "events cannot be understood"
                );
            }
            metrics::read(&cx.metrics, "read");
            follow::all(cx, tenant, (&server, &zone), &standing, &read).await?;
            let booked = writes.booked(tenant, time).await?;
            let busy = besides(tenant.id(), read.busy, &booked);
            let part = (!whole).then_some(time);
            cx.store
                .calendar_links()
                .note_read(tenant, link, part, &busy, now)
                .await?;
            Ok(Ok(busy))
        }
        Err(error) => {
            metrics::read(&cx.metrics, "failed");
            tracing::warn!(tenant_id = tenant.id(), link_id = id, %error, "a calendar is not read");
            cx.store
                .calendar_links()
                .note_away(tenant, id, &error.to_string(), now)
                .await?;
            Ok(Err(error))
        }
    }
}

/// Reads what a booking may collide with anew, in a time (Unix ms): the calendar of a member of
/// staff, or of everybody who may do it, and the business's. Who does not answer in time is
/// taken at their last word.
pub(crate) async fn freshen(
    cx: &Context,
    tenant: &Tenant,
    staff_id: Option<&str>,
    (from, to): (i64, i64),
) -> Result<(), StoreError> {
    let now = cx.clock.now_ms();
    let links = cx.store.calendar_links().all(tenant).await?;
    let concerned = links.into_iter().filter(|link| {
        let of = link.shown.staff_id.as_deref();
        let theirs = of.is_none() || staff_id.is_none() || of == staff_id;
        let away =
            link.tried_at.is_some_and(|at| now - at < AWAY_MS) && link.shown.failed_at.is_some();
        theirs && link.shown.calendar.is_some() && !away
    });
    let around = (from.saturating_sub(DAY_MS), to.saturating_add(DAY_MS));
    let reading = concerned.map(async |link| {
        match timeout(FRESH_TIME, part(cx, tenant, &link, around, false)).await {
            Ok(Err(error)) => {
                tracing::warn!(tenant_id = tenant.id(), %error, "a linked calendar is not read");
            }
            Ok(Ok(_)) => {}
            Err(_) => {
                let (why, now) = ("No answer came in time.", cx.clock.now_ms());
                let noted = cx
                    .store
                    .calendar_links()
                    .note_away(tenant, &link.shown.id, why, now)
                    .await;
                if let Err(error) = noted {
                    tracing::warn!(tenant_id = tenant.id(), %error, "nor is that noted");
                }
            }
        }
    });
    join_all(reading).await;
    Ok(())
}

/// Whether something else than a booking has come into its time.
pub(crate) async fn is_taken(
    cx: &Context,
    tenant: &Tenant,
    booking: &Booking,
) -> Result<bool, StoreError> {
    let (staff, time) = (
        booking.staff_id.as_deref(),
        (booking.starts_at, booking.ends_at),
    );
    freshen(cx, tenant, staff, time).await?;
    let links = cx.store.calendar_links().all(tenant).await?;
    Ok(links.iter().any(|link| {
        let of = link.shown.staff_id.as_deref();
        (of.is_none() || of == staff) && super::taken::is_in_the_way(&link.busy, booking)
    }))
}
