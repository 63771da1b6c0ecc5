//! What is booked at Cal.com.
//!
//! No two requests are one to Cal.com: before a booking is sent, that is written down, and where
//! no answer came it is looked for before it is sent again. Who changes their mind meanwhile finds
//! the same row, by its id in the booking there.

use std::time::Duration;

use api::calendar::{Booking, BookingState, ConfirmBooking, MoveBooking, Slot, SlotList};
use calcom::{Account, Error, NewBooking};
use futures_util::future::join_all;
use tokio::time::timeout;

use super::seen::{self, Missing};
use super::{account, asked};
use crate::calendar::provider::{Asked, Provider, Wish};
use crate::calendar::store::KeptAt;
use crate::calendar::{CalendarError, Context, NewRow, NotFree, Sure};
use crate::clock::DAY_MS;
use crate::deeds::Author;
use crate::phone::E164;
use crate::store::Tenant;

/// How long whoever wants to know what is free is made to wait.
const SLOTS_TIME: Duration = Duration::from_secs(5);
/// How long what may be booked is looked for while somebody waits.
const LOOK_TIME: Duration = Duration::from_secs(3);

/// What an event type of the business's account keeps.
pub(in crate::calendar) struct Calcom<'a> {
    pub(in crate::calendar) cx: &'a Context,
    pub(in crate::calendar) tenant: &'a Tenant,
    pub(in crate::calendar) event_type: u64,
}

impl Provider for Calcom<'_> {
    fn free<'a>(&'a self, wish: Wish<'a>, time: (i64, i64), most: usize) -> Asked<'a, SlotList> {
        Box::pin(async move {
            self.anybody(wish)?;
            let time = (time.0.max(self.cx.clock.now_ms()), time.1);
            let (slots, as_of) = self.slots(time).await?;
            let items = slots.into_iter().take(most).map(|it| Slot {
                starts_at: it.starts_at,
                ends_at: it.ends_at,
                staff_id: None,
            });
            Ok(SlotList {
                items: items.collect(),
                as_of,
            })
        })
    }

    fn why_not<'a>(&'a self, wish: Wish<'a>, at: i64) -> Asked<'a, Option<NotFree>> {
        Box::pin(async move {
            self.anybody(wish)?;
            if at <= self.cx.clock.now_ms() {
                return Ok(Some(NotFree::TooSoon));
            }
            // Of the others, Cal.com says only that they are not free.
            let (slots, _) = self.slots((at, at + 1)).await?;
            Ok(slots.is_empty().then_some(NotFree::Taken))
        })
    }

    fn book<'a>(
        &'a self,
        wish: Wish<'a>,
        new: NewRow,
        sure: Sure,
        author: &'a Author,
    ) -> Asked<'a, Booking> {
        Box::pin(async move {
            // A slot is reserved there whether it is one or not.
            if let Some(why) = self.why_not(wish, new.starts_at).await? {
                return Err(why.into());
            }
            let (cx, tenant, of) = (self.cx, self.tenant, (wish.service, self.event_type));
            let account = account(cx, tenant).await?;
            let bookings = cx.store.calcom_bookings();
            if sure == Sure::Held {
                let minutes = wish.plan.settings.hold_minutes;
                let reserving = account.reserve(self.event_type, new.starts_at, minutes);
                let reserved = asked(cx, tenant, reserving).await?;
                let new = NewRow {
                    held_until: Some(reserved.until),
                    ..new
                };
                let kept = (reserved.ends_at, Some(reserved.uid.as_str()));
                return Ok(bookings
                    .hold(tenant, of, &new, kept, cx.clock.now_ms())
                    .await?);
            }
            // Nothing is written down that could never be sent.
            self.whom(&new.name, new.phone.as_deref()).await?;
            let ends_at = new.starts_at + i64::from(wish.service.details.minutes) * 60_000;
            let held = bookings.hold(tenant, of, &new, (ends_at, None), cx.clock.now_ms());
            let held = held.await?;
            let sent = self
                .send(&account, &held, &ConfirmBooking::default(), author)
                .await;
            if sent.is_err() && !self.kept(&held.id).await?.1.is_sent {
                // It was never held for anybody.
                let now = cx.clock.now_ms();
                bookings.not_booked(tenant, &held.id, true, now).await?;
            }
            sent
        })
    }

    fn confirm<'a>(
        &'a self,
        token: &'a str,
        who: &'a ConfirmBooking,
        author: &'a Author,
    ) -> Asked<'a, Booking> {
        Box::pin(async move {
            let (booking, kept) = self.kept(token).await?;
            let is_held = booking
                .held_until
                .is_some_and(|it| it > self.cx.clock.now_ms());
            match booking.state {
                BookingState::Confirmed => return Ok(booking),
                BookingState::Held if is_held => {}
                _ => return Err(CalendarError::HoldGone),
            }
            let account = account(self.cx, self.tenant).await?;
            if kept.is_sent
                && let Some(found) = self.look(&account, &booking).await?
            {
                return self.settle(&booking, &found, author).await;
            }
            let sent = self.send(&account, &booking, who, author).await;
            // Whoever asks once more finds its time kept.
            if !matches!(sent, Err(CalendarError::Away)) {
                self.release(&account, kept.reservation.as_deref()).await;
            }
            sent
        })
    }

    fn reschedule<'a>(
        &'a self,
        id: &'a str,
        to: &'a MoveBooking,
        author: &'a Author,
    ) -> Asked<'a, Booking> {
        Box::pin(async move {
            let (cx, tenant) = (self.cx, self.tenant);
            if to.staff_id.is_some() {
                return Err(CalendarError::NoStaff);
            }
            let (booking, kept) = self.kept(id).await?;
            let (BookingState::Confirmed, Some(uid)) = (booking.state, kept.uid) else {
                return Err(CalendarError::NotOpen);
            };
            if booking.starts_at == to.starts_at {
                return Ok(booking);
            }
            let account = account(cx, tenant).await?;
            match asked(cx, tenant, account.reschedule(&uid, to.starts_at)).await {
                Ok(there) => self.settle(&booking, &there, author).await,
                Err(error) if error.may_be_done() => {
                    let there = self.there(&account, &uid).await?;
                    let settled = self.settle(&booking, &there, author).await?;
                    let is_done = settled.starts_at == to.starts_at;
                    is_done.then_some(settled).ok_or(CalendarError::Away)
                }
                Err(error) => Err(error.into()),
            }
        })
    }

    fn cancel<'a>(&'a self, id: &'a str, author: &'a Author) -> Asked<'a, Booking> {
        Box::pin(async move {
            let (cx, tenant, now) = (self.cx, self.tenant, self.cx.clock.now_ms());
            let (booking, kept) = self.kept(id).await?;
            match (booking.state, kept.uid) {
                (BookingState::Cancelled, _) => Ok(booking),
                // It may stand there: whoever looks for it says what becomes of it.
                (BookingState::Held, _) if kept.is_sent => Err(CalendarError::NotOpen),
                (BookingState::Held, _) => {
                    if let Ok(account) = account(cx, tenant).await {
                        self.release(&account, kept.reservation.as_deref()).await;
                    }
                    let bookings = cx.store.calcom_bookings();
                    bookings.not_booked(tenant, id, true, now).await?;
                    Ok(self.kept(id).await?.0)
                }
                (BookingState::Confirmed, Some(uid)) if booking.starts_at > now => {
                    let account = account(cx, tenant).await?;
                    let there = match asked(cx, tenant, account.cancel(&uid)).await {
                        Ok(there) => there,
                        // Somebody there was as quick, or it is done without an answer.
                        Err(error) if error.may_be_done() || matches!(error, Error::Refused(_)) => {
                            self.there(&account, &uid).await?
                        }
                        Err(error) => return Err(error.into()),
                    };
                    let settled = self.settle(&booking, &there, author).await?;
                    let is_done = settled.state == BookingState::Cancelled;
                    is_done.then_some(settled).ok_or(CalendarError::Away)
                }
                _ => Err(CalendarError::NotOpen),
            }
        })
    }

    fn restore<'a>(&'a self, id: &'a str, author: &'a Author) -> Asked<'a, Booking> {
        Box::pin(async move {
            let (booking, kept) = self.kept(id).await?;
            match booking.state {
                BookingState::Confirmed => return Ok(booking),
                BookingState::Cancelled if booking.starts_at > self.cx.clock.now_ms() => {}
                _ => return Err(CalendarError::NotOpen),
            }
            let account = account(self.cx, self.tenant).await?;
            if kept.is_sent
                && let Some(found) = self.look(&account, &booking).await?
            {
                return self.settle(&booking, &found, author).await;
            }
            // What is cancelled there stays so: it is booked anew, under its reference here.
            self.send(&account, &booking, &ConfirmBooking::default(), author)
                .await
        })
    }
}

impl Calcom<'_> {
    /// Whom Cal.com books is chosen there.
    fn anybody(&self, wish: Wish<'_>) -> Result<(), CalendarError> {
        match wish.staff_id {
            Some(_) => Err(CalendarError::NoStaff),
            None => Ok(()),
        }
    }

    /// The free slots of a time (Unix ms), and since when that is known where it is not certain.
    /// What is not known is asked for, several days at once.
    async fn slots(
        &self,
        time: (i64, i64),
    ) -> Result<(Vec<calcom::Slot>, Option<i64>), CalendarError> {
        let (cx, tenant, event_type) = (self.cx, self.tenant, self.event_type);
        if time.0 >= time.1 {
            return Ok((Vec::new(), None));
        }
        let (seen, days) = (&cx.calcom.seen, seen::days(time));
        let missing = || seen.missing(tenant.id(), event_type, days, cx.clock.now_ms());
        let first = missing();
        seen.count(tenant.id(), days, &first);
        let mut failed = None;
        if !first.days.is_empty() {
            let reading = async {
                let turn = seen.turn(tenant.id(), event_type);
                let _turn = turn.lock().await;
                // Whoever had it before may have read the same.
                self.read(&missing()).await
            };
            failed = match timeout(SLOTS_TIME, reading).await {
                Ok(read) => read.err(),
                Err(_) => Some(CalendarError::Away),
            };
        }
        match (
            seen.known(tenant.id(), event_type, time, cx.clock.now_ms()),
            failed,
        ) {
            (_, Some(error)) if !matches!(error, CalendarError::Away) => Err(error),
            // Nothing that was free once tells nothing of what is.
            (Some((slots, as_of)), _) if as_of.is_none() || !slots.is_empty() => Ok((slots, as_of)),
            _ => Err(CalendarError::Away),
        }
    }

    async fn read(&self, missing: &Missing) -> Result<(), CalendarError> {
        let (cx, tenant, event_type) = (self.cx, self.tenant, self.event_type);
        if missing.days.is_empty() {
            return Ok(());
        }
        let account = &account(cx, tenant).await?;
        let reading = missing.days.iter().map(|&days| async move {
            let slots = account.slots(event_type, seen::time(days));
            let slots = asked(cx, tenant, slots).await?;
            let (read, now) = ((&slots[..], missing.before), cx.clock.now_ms());
            let seen = &cx.calcom.seen;
            seen.keep(tenant.id(), event_type, days, read, now);
            Ok(())
        });
        join_all(reading).await.into_iter().collect()
    }

    /// The row of ours, and what is known of it there.
    async fn kept(&self, id: &str) -> Result<(Booking, KeptAt), CalendarError> {
        let (store, tenant) = (&self.cx.store, self.tenant);
        let booking = store.bookings().find(tenant, id).await?;
        let kept = store.calcom_bookings().of(tenant, id).await?;
        booking.zip(kept).ok_or(CalendarError::Unknown)
    }

    /// For whom, as Cal.com has to know: with a number, or an e-mail address.
    async fn whom(
        &self,
        name: &str,
        phone: Option<&str>,
    ) -> Result<(String, Option<String>, String), CalendarError> {
        let (store, tenant) = (&self.cx.store, self.tenant);
        let number = phone.and_then(|it| E164::parse(it).ok());
        let number = number.ok_or(CalendarError::NoNumber)?;
        let contact = store.contacts().by_phone(tenant, &number).await?;
        let (email, language) = contact
            .map(|it| (it.details.email, it.details.language))
            .unwrap_or_default();
        let language = match language {
            Some(language) => language,
            None => store.tenants().first_language(tenant).await?,
        };
        let name = match name {
            "" => number.pretty(),
            name => name.to_owned(),
        };
        let language = language
            .split('-')
            .next()
            .unwrap_or_default()
            .to_lowercase();
        Ok((name, email, language))
    }

    /// Books what is written down, and finds out whether it is where no answer comes.
    async fn send(
        &self,
        account: &Account,
        booking: &Booking,
        who: &ConfirmBooking,
        author: &Author,
    ) -> Result<Booking, CalendarError> {
        let (cx, tenant) = (self.cx, self.tenant);
        let given = who.name.as_deref().unwrap_or(&booking.name);
        let phone = who.phone.as_deref().or(booking.phone.as_deref());
        let (name, email, language) = self.whom(given, phone).await?;
        let bookings = cx.store.calcom_bookings();
        let begun = bookings
            .begin(tenant, booking, who, cx.clock.now_ms())
            .await?;
        let new = NewBooking {
            event_type: self.event_type,
            starts_at: begun.starts_at,
            name,
            phone: begun.phone.clone(),
            email,
            timezone: tenant.timezone().to_owned(),
            language,
            notes: begun.notes.clone(),
            mark: begun.id.clone(),
            call_id: begun.call_id.clone(),
        };
        match asked(cx, tenant, account.book(&new)).await {
            Ok(there) => self.settle(&begun, &there, author).await,
            Err(error) if error.may_be_done() => {
                match timeout(LOOK_TIME, self.look(account, &begun)).await {
                    Ok(Ok(Some(there))) => self.settle(&begun, &there, author).await,
                    // It may come yet: it is looked for once more in a while.
                    _ => Err(CalendarError::Away),
                }
            }
            Err(error) => {
                let (is_taken, now) = (error == Error::Taken, cx.clock.now_ms());
                bookings
                    .not_booked(tenant, &begun.id, is_taken, now)
                    .await?;
                Err(error.into())
            }
        }
    }

    /// Gives a time back that is kept; otherwise that ends by itself in some minutes.
    async fn release(&self, account: &Account, reservation: Option<&str>) {
        if let Some(reservation) = reservation {
            drop(asked(self.cx, self.tenant, account.release(reservation)).await);
        }
    }

    /// Looks for a booking of ours that may be there.
    async fn look(
        &self,
        account: &Account,
        booking: &Booking,
    ) -> Result<Option<calcom::Booking>, CalendarError> {
        let time = (booking.starts_at, booking.ends_at + DAY_MS);
        let looking = account.find(self.event_type, time, &booking.id);
        asked(self.cx, self.tenant, looking)
            .await
            .map_err(CalendarError::from)
    }

    /// A booking as it is there; of one that was moved, what became of it.
    async fn there(&self, account: &Account, uid: &str) -> Result<calcom::Booking, CalendarError> {
        let (cx, tenant) = (self.cx, self.tenant);
        let there = asked(cx, tenant, account.booking(uid)).await?;
        let Some(became) = &there.became else {
            return Ok(there);
        };
        asked(cx, tenant, account.booking(became))
            .await
            .map_err(CalendarError::from)
    }

    async fn settle(
        &self,
        booking: &Booking,
        there: &calcom::Booking,
        author: &Author,
    ) -> Result<Booking, CalendarError> {
        let (cx, now) = (self.cx, self.cx.clock.now_ms());
        let bookings = cx.store.calcom_bookings();
        let settled = bookings.settle(self.tenant, &booking.id, there, author, now);
        settled.await?.ok_or(CalendarError::Unknown)
    }
}

impl From<Error> for CalendarError {
    /// What a refusal means to whoever books.
    fn from(error: Error) -> Self {
        match error {
            Error::Taken => NotFree::Taken.into(),
            _ => Self::Away,
        }
    }
}
