//! Following up what happened at Cal.com: what a webhook is about, and what was sent without
//! anybody hearing what became of it. What Cal.com says now is what counts, in whatever order the
//! news arrives.

use std::time::Duration;

use axum::extract::FromRef;
use calcom::{Account, Error};

use super::{account, asked};
use crate::calendar::{CalendarError, Context};
use crate::clock::{DAY_MS, MINUTE_MS};
use crate::deeds::Author;
use crate::jobs::{Handler, Job, Outcome, Terms};
use crate::store::Tenant;
use crate::web::Shared;

/// The kind of the jobs that follow something up.
pub(crate) const KIND: &str = "calcom.follow";
pub(crate) const TERMS: Terms = Terms {
    at_once: 8,
    each: 2,
    patience: Some(Duration::from_secs(5)),
    apart: None,
    limit: Duration::from_secs(60),
};
/// Cal.com that does not answer is asked again after so long (ms).
const AGAIN_MS: i64 = MINUTE_MS;
/// What was moved again and again is followed so far.
const MOVES: usize = 10;

/// Follows up. Once more is once.
pub(crate) fn handler<S: Shared>() -> Handler<S>
where
    Context: FromRef<S>,
{
    Handler::new(KIND, TERMS, |cx: Context, tenant, job: Job| async move {
        let (uid, booking) = (&job.payload["uid"], &job.payload["booking_id"]);
        let followed = match (uid.as_str(), booking.as_str()) {
            (Some(uid), _) => changed(&cx, &tenant, uid).await,
            (_, Some(id)) => sent(&cx, &tenant, id).await,
            _ => return Outcome::Park("The job names no booking.".to_owned()),
        };
        match followed {
            Ok(()) => Outcome::Done,
            Err(CalendarError::Away) => Outcome::Later(cx.clock.now_ms() + AGAIN_MS),
            Err(error) => Outcome::Retry(error.to_string()),
        }
    })
    .while_switched_on()
}

/// The business's account; nothing where it has none any more.
async fn reached(cx: &Context, tenant: &Tenant) -> Result<Option<Account>, CalendarError> {
    if cx.store.calcom_connections().of(tenant).await?.is_none() {
        return Ok(None);
    }
    account(cx, tenant).await.map(Some)
}

/// Something became of a booking there.
async fn changed(cx: &Context, tenant: &Tenant, uid: &str) -> Result<(), CalendarError> {
    let Some(account) = reached(cx, tenant).await? else {
        return Ok(());
    };
    let Some(mut there) = booking(cx, tenant, &account, uid).await? else {
        return Ok(());
    };
    let mut uids = vec![there.uid.clone()];
    uids.extend(there.was.clone());
    while let Some(became) = there.became.take() {
        if uids.len() > MOVES {
            break;
        }
        let Some(next) = booking(cx, tenant, &account, &became).await? else {
            break;
        };
        there = next;
        uids.push(there.uid.clone());
    }
    let (bookings, now) = (cx.store.calcom_bookings(), cx.clock.now_ms());
    let known: Vec<_> = uids.iter().map(String::as_str).collect();
    let ours = bookings
        .known(tenant, &known, there.mark.as_deref())
        .await?;
    if let Some(id) = ours {
        let author = Author::system();
        bookings.settle(tenant, &id, &there, &author, now).await?;
        return Ok(());
    }
    if !there.status.stands() {
        return Ok(());
    }
    let plan = cx.store.calendars().plan(tenant).await?;
    let mut all = plan.services.iter();
    let service =
        all.find(|it| it.details.event_type.is_some() && it.details.event_type == there.event_type);
    if let Some(service) = service {
        bookings.take_in(tenant, service, &there, now).await?;
    }
    Ok(())
}

/// One that is not there is nothing to be followed.
async fn booking(
    cx: &Context,
    tenant: &Tenant,
    account: &Account,
    uid: &str,
) -> Result<Option<calcom::Booking>, CalendarError> {
    match asked(cx, tenant, account.booking(uid)).await {
        Ok(there) => Ok(Some(there)),
        Err(Error::Gone) => Ok(None),
        Err(_) => Err(CalendarError::Away),
    }
}

/// A booking was sent, and it may be that nobody heard what became of it.
async fn sent(cx: &Context, tenant: &Tenant, id: &str) -> Result<(), CalendarError> {
    let (bookings, now) = (cx.store.calcom_bookings(), cx.clock.now_ms());
    let kept = bookings.of(tenant, id).await?.filter(|it| it.is_sent);
    let booking = cx.store.bookings().find(tenant, id).await?;
    let Some((kept, booking)) = kept.zip(booking) else {
        return Ok(());
    };
    let Some(account) = reached(cx, tenant).await? else {
        return Ok(bookings.not_booked(tenant, id, true, now).await?);
    };
    let time = (booking.starts_at, booking.ends_at + DAY_MS);
    match asked(cx, tenant, account.find(kept.event_type, time, id)).await {
        Ok(Some(there)) => {
            let author = Author::system();
            bookings.settle(tenant, id, &there, &author, now).await?;
            Ok(())
        }
        Ok(None) => Ok(bookings.not_booked(tenant, id, true, now).await?),
        Err(_) => Err(CalendarError::Away),
    }
}
