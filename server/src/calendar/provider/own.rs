//! What is kept here: times are found in the business's hours, and taken in the one transaction
//! that looks whether they are free.

use api::calendar::{Booking, BookingState, ConfirmBooking, MoveBooking, SlotList};

use super::{Asked, Provider, Wish};
use crate::calendar::{CalendarError, Changed, Context, NewRow, NotFree, Sure, free, linked};
use crate::clock::{DAY_MS, MINUTE_MS};
use crate::deeds::Author;
use crate::store::Tenant;

/// The business's own calendar.
pub(in crate::calendar) struct Own<'a> {
    pub(super) cx: &'a Context,
    pub(super) tenant: &'a Tenant,
}

impl Provider for Own<'_> {
    fn free<'a>(&'a self, wish: Wish<'a>, time: (i64, i64), most: usize) -> Asked<'a, SlotList> {
        Box::pin(async move {
            let (cx, tenant, staff_id) = (self.cx, self.tenant, wish.staff_id);
            let now = cx.clock.now_ms();
            // What begins before may reach into it, and what it takes may reach beyond it.
            let around = (time.0.saturating_sub(DAY_MS), time.1.saturating_add(DAY_MS));
            let taken = cx.store.bookings().taken(tenant, around, now).await?;
            let (plan, service) = (wish.plan, wish.service);
            let items = free::slots(plan, service, staff_id, time, &taken, now, most)?;
            let as_of = cx
                .store
                .calendar_links()
                .away_since(tenant, staff_id)
                .await?;
            Ok(SlotList { items, as_of })
        })
    }

    fn why_not<'a>(&'a self, wish: Wish<'a>, at: i64) -> Asked<'a, Option<NotFree>> {
        Box::pin(async move {
            let now = self.cx.clock.now_ms();
            let around = (at - DAY_MS, at + 2 * DAY_MS);
            let bookings = self.cx.store.bookings();
            let taken = bookings.taken(self.tenant, around, now).await?;
            match wish
                .plan
                .place(wish.service, wish.staff_id, at, &taken, now)
            {
                Ok(_) => Ok(None),
                Err(CalendarError::NotFree(why)) => Ok(Some(why)),
                Err(error) => Err(error),
            }
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
            let (cx, tenant) = (self.cx, self.tenant);
            let Wish {
                plan,
                service,
                staff_id,
            } = wish;
            let now = cx.clock.now_ms();
            // Before anybody else has to wait for it.
            plan.check(service, staff_id, new.starts_at, now)?;
            linked::read::freshen(cx, tenant, staff_id, free::busy(service, new.starts_at)).await?;
            let hold_ms = i64::from(plan.settings.hold_minutes) * MINUTE_MS;
            let held_until = (sure == Sure::Held).then(|| now.saturating_add(hold_ms));
            let new = NewRow { held_until, ..new };
            let bookings = cx.store.bookings();
            bookings.add(tenant, plan, service, &new, author, now).await
        })
    }

    fn confirm<'a>(
        &'a self,
        token: &'a str,
        who: &'a ConfirmBooking,
        author: &'a Author,
    ) -> Asked<'a, Booking> {
        Box::pin(async move {
            let (cx, tenant) = (self.cx, self.tenant);
            let held = cx.store.bookings().find(tenant, token).await?;
            if let Some(held) = held.filter(|it| it.state == BookingState::Held)
                && linked::read::is_taken(cx, tenant, &held).await?
            {
                return Err(NotFree::Taken.into());
            }
            let now = cx.clock.now_ms();
            let confirming = cx.store.bookings().confirm(tenant, token, who, author, now);
            match confirming.await? {
                Changed::Done(booking) => Ok(*booking),
                Changed::Unknown | Changed::NotOpen => Err(CalendarError::HoldGone),
            }
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
            let now = cx.clock.now_ms();
            let plan = cx.store.calendars().plan(tenant).await?;
            let time = (to.starts_at, to.starts_at);
            linked::read::freshen(cx, tenant, to.staff_id.as_deref(), time).await?;
            let bookings = cx.store.bookings();
            done(bookings.move_to(tenant, &plan, id, to, author, now).await?)
        })
    }

    fn cancel<'a>(&'a self, id: &'a str, author: &'a Author) -> Asked<'a, Booking> {
        Box::pin(async move {
            let now = self.cx.clock.now_ms();
            let bookings = self.cx.store.bookings();
            done(bookings.cancel(self.tenant, id, author, now).await?)
        })
    }

    fn restore<'a>(&'a self, id: &'a str, author: &'a Author) -> Asked<'a, Booking> {
        Box::pin(async move {
            let (cx, tenant) = (self.cx, self.tenant);
            let now = cx.clock.now_ms();
            let plan = cx.store.calendars().plan(tenant).await?;
            if let Some(before) = cx.store.bookings().find(tenant, id).await? {
                let time = (before.starts_at, before.ends_at);
                linked::read::freshen(cx, tenant, before.staff_id.as_deref(), time).await?;
            }
            let bookings = cx.store.bookings();
            done(bookings.restore(tenant, &plan, id, author, now).await?)
        })
    }
}

fn done(changed: Changed) -> Result<Booking, CalendarError> {
    match changed {
        Changed::Done(booking) => Ok(*booking),
        Changed::Unknown => Err(CalendarError::Unknown),
        Changed::NotOpen => Err(CalendarError::NotOpen),
    }
}
