//! Which times are free. Pure: the time, the hours, the time zone and what is booked
//! are given.
//!
//! Moments are walked through rather than wall times: what the clocks skip has no
//! moment, and what they repeat has two.

use api::calendar::{CalendarSettings, Service, Slot, StaffMember};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::CalendarError;
use crate::clock::{DAY_MS, MINUTE_MS};
use crate::tenants::BusinessHours;

/// Everything begins and ends at a multiple of it (ms), whatever the time zone.
const GRAIN_MS: i64 = 5 * MINUTE_MS;

/// What the calendar of a business is made of.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The business's time zone.
    pub zone: TimeZone,
    /// When it is open.
    pub hours: BusinessHours,
    /// How it is offered.
    pub settings: CalendarSettings,
    /// What can be booked, in the order they were added.
    pub services: Vec<Service>,
    /// Everybody, with the hours of their own, in the order they were added.
    pub staff: Vec<(StaffMember, Option<BusinessHours>)>,
}

/// A time that is taken, buffers included (Unix ms).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Whose; nobody's where the business has no staff.
    pub staff_id: Option<String>,
    /// Whether nobody at all is to be had then.
    pub everybody: bool,
    /// When it begins.
    pub from: i64,
    /// When it ends.
    pub to: i64,
}

/// Why a time cannot be booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotFree {
    /// It is over, or begins sooner than may be booked.
    #[error("this is too soon, or over")]
    TooSoon,
    /// It is further ahead than may be booked.
    #[error("this is too far ahead")]
    TooFar,
    /// Nobody works throughout it, or it begins at no full five minutes.
    #[error("the business is closed then")]
    Closed,
    /// Others have it.
    #[error("somebody else has this time")]
    Taken,
}

/// Who is booked: a member of staff, or the business itself.
struct Seat<'a> {
    staff_id: Option<&'a str>,
    hours: Option<&'a BusinessHours>,
    capacity: usize,
}

impl Plan {
    /// The service of this id that can be booked.
    ///
    /// # Errors
    /// When there is none.
    pub fn bookable(&self, id: &str) -> Result<&Service, CalendarError> {
        let mut all = self.services.iter();
        all.find(|service| service.id == id && service.details.active)
            .ok_or(CalendarError::NoService)
    }

    /// What the member of staff is called.
    #[must_use]
    pub fn name_of(&self, staff_id: &str) -> Option<&str> {
        let mut all = self.staff.iter();
        let (member, _) = all.find(|(member, _)| member.id == staff_id)?;
        Some(&member.details.name)
    }

    /// Who may do a service: one member of staff where one is wanted.
    ///
    /// # Errors
    /// When nobody does, or not the one that is wanted.
    fn seats(
        &self,
        service: &Service,
        wanted: Option<&str>,
    ) -> Result<Vec<Seat<'_>>, CalendarError> {
        if self.staff.is_empty() && wanted.is_none() {
            return Ok(vec![Seat {
                staff_id: None,
                hours: None,
                capacity: usize::from(self.settings.capacity),
            }]);
        }
        let does = &service.details.staff;
        let seats: Vec<_> = self
            .staff
            .iter()
            .filter(|(member, _)| member.details.active)
            .filter(|(member, _)| does.is_empty() || does.contains(&member.id))
            .filter(|(member, _)| wanted.is_none_or(|wanted| wanted == member.id))
            .map(|(member, hours)| Seat {
                staff_id: Some(&member.id),
                hours: hours.as_ref(),
                capacity: 1,
            })
            .collect();
        if seats.is_empty() {
            return Err(CalendarError::NoStaff);
        }
        Ok(seats)
    }

    /// Whether a service can be booked to begin at a moment (Unix ms), as far as that
    /// does not depend on what is booked.
    ///
    /// # Errors
    /// With the reason why not.
    pub fn check(
        &self,
        service: &Service,
        wanted: Option<&str>,
        starts_at: i64,
        now: i64,
    ) -> Result<(), CalendarError> {
        self.place(service, wanted, starts_at, &[], now).map(drop)
    }

    /// Who does a service that begins at a moment: the first who is free.
    ///
    /// # Errors
    /// With the reason why nobody does.
    pub fn place(
        &self,
        service: &Service,
        wanted: Option<&str>,
        starts_at: i64,
        taken: &[Taken],
        now: i64,
    ) -> Result<Option<String>, CalendarError> {
        let seats = self.seats(service, wanted)?;
        if starts_at < self.earliest(now) {
            return Err(NotFree::TooSoon.into());
        }
        if starts_at >= self.latest(now) {
            return Err(NotFree::TooFar.into());
        }
        if starts_at % GRAIN_MS != 0 {
            return Err(NotFree::Closed.into());
        }
        let seat = self.seat(&self.daytime(), service, &seats, starts_at, taken)?;
        Ok(seat.staff_id.map(str::to_owned))
    }

    /// Whether somebody, or the business without staff, has a time left besides what is taken.
    #[must_use]
    pub fn has_room(&self, staff_id: Option<&str>, busy: (i64, i64), taken: &[Taken]) -> bool {
        let capacity = match staff_id {
            Some(_) => 1,
            None => usize::from(self.settings.capacity),
        };
        most_at_once(taken, staff_id, busy) < capacity
    }

    /// The first seat that is open and free at a moment.
    fn seat<'a, 'b>(
        &self,
        open: &BusinessHours,
        service: &Service,
        seats: &'a [Seat<'b>],
        starts_at: i64,
        taken: &[Taken],
    ) -> Result<&'a Seat<'b>, NotFree> {
        let (ends_at, busy) = (ends_at(service, starts_at), busy(service, starts_at));
        if !self.is_open_throughout(open, starts_at, ends_at) {
            return Err(NotFree::Closed);
        }
        let mut working = seats.iter().filter(|seat| {
            let own = seat.hours;
            own.is_none_or(|own| self.is_open_throughout(own, starts_at, ends_at))
        });
        let mut why = NotFree::Closed;
        let free = working.find(|seat| {
            why = NotFree::Taken;
            most_at_once(taken, seat.staff_id, busy) < seat.capacity
        });
        free.ok_or(why)
    }

    /// Nothing begins before (Unix ms).
    fn earliest(&self, now: i64) -> i64 {
        now.saturating_add(i64::from(self.settings.notice_minutes) * MINUTE_MS)
    }

    /// Nothing begins from then on (Unix ms).
    fn latest(&self, now: i64) -> i64 {
        now.saturating_add(i64::from(self.settings.horizon_days) * DAY_MS)
    }

    /// The hours people are booked in: a business that never said when it is open is
    /// booked by day.
    fn daytime(&self) -> BusinessHours {
        self.hours.by_day()
    }

    fn is_open_throughout(&self, hours: &BusinessHours, from: i64, to: i64) -> bool {
        let mut moments = (0..(to - from) / GRAIN_MS).map(|grain| from + grain * GRAIN_MS);
        moments.all(|at| hours.is_open(at, &self.zone)) && hours.is_open(to - MINUTE_MS, &self.zone)
    }

    /// Whether a moment is one of those slots begin at, by the clock on the wall.
    fn is_step(&self, at: i64) -> bool {
        let step = i64::from(self.settings.step_minutes).max(1);
        Timestamp::from_millisecond(at).is_ok_and(|moment| {
            let wall = moment.to_zoned(self.zone.clone()).time();
            (i64::from(wall.hour()) * 60 + i64::from(wall.minute())) % step == 0
        })
    }
}

/// The free slots of a service that begin in a time (Unix ms), in their order, no more
/// than `most`: with somebody who is wanted, or with whoever is free.
///
/// # Errors
/// When nobody does it.
pub fn slots(
    plan: &Plan,
    service: &Service,
    wanted: Option<&str>,
    (from, to): (i64, i64),
    taken: &[Taken],
    now: i64,
    most: usize,
) -> Result<Vec<Slot>, CalendarError> {
    let seats = plan.seats(service, wanted)?;
    let open = plan.daytime();
    let from = from.max(plan.earliest(now));
    let first = from.saturating_add(GRAIN_MS - 1).div_euclid(GRAIN_MS) * GRAIN_MS;
    let to = to.min(plan.latest(now));
    let moments = (0..)
        .map(|grain| first + grain * GRAIN_MS)
        .take_while(|at| *at < to)
        .filter(|at| plan.is_step(*at));
    let free = moments.filter_map(|starts_at| {
        let seat = plan.seat(&open, service, &seats, starts_at, taken).ok()?;
        Some(Slot {
            starts_at,
            ends_at: ends_at(service, starts_at),
            staff_id: seat.staff_id.map(str::to_owned),
        })
    });
    Ok(free.take(most).collect())
}

/// When a service that begins at a moment ends (Unix ms).
pub(super) fn ends_at(service: &Service, starts_at: i64) -> i64 {
    starts_at + i64::from(service.details.minutes) * MINUTE_MS
}

/// The time it takes of somebody, with its buffers (Unix ms).
pub(super) fn busy(service: &Service, starts_at: i64) -> (i64, i64) {
    let (before, after) = (
        service.details.before_minutes,
        service.details.after_minutes,
    );
    (
        starts_at - i64::from(before) * MINUTE_MS,
        ends_at(service, starts_at) + i64::from(after) * MINUTE_MS,
    )
}

/// How many are served at once at most in a time: by a member of staff, or by a
/// business that has none now, whoever did it before.
fn most_at_once(taken: &[Taken], staff_id: Option<&str>, (from, to): (i64, i64)) -> usize {
    let of_seat =
        |it: &&Taken| it.everybody || staff_id.is_none() || it.staff_id.as_deref() == staff_id;
    let overlaps = |it: &&Taken| it.from < to && it.to > from;
    let there: Vec<_> = taken.iter().filter(of_seat).filter(overlaps).collect();
    if there.iter().any(|it| it.everybody) {
        return usize::MAX;
    }
    // It only grows where something begins.
    let begins = there.iter().map(|it| it.from.max(from));
    let at = |moment: i64| {
        let goes_on = |it: &&&Taken| it.from <= moment && it.to > moment;
        there.iter().filter(goes_on).count()
    };
    begins.map(at).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
