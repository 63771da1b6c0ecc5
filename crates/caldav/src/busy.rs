//! When a calendar is busy, by the events in it. Pure.
//!
//! An event that is cancelled or transparent keeps nobody busy. A day without hours begins
//! and ends at midnight where the business is, and so does a time that says no zone.

use calcard::common::PartialDateTime;
use calcard::common::timezone::Tz;
use calcard::icalendar::dates::TimeOrDelta;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarParameter, ICalendarProperty, ICalendarStatus,
    ICalendarTransparency, ICalendarValue,
};
use chrono::DateTime;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::Error;

const DAY_MS: i64 = 86_400_000;
/// So often one event is repeated at most, from its first time to the end of what is read.
const REPEATED: usize = 20_000;
/// So often all of them are.
const ALL: usize = 200_000;

/// A time somebody is busy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busy {
    /// The event's id.
    pub uid: String,
    /// When it begins (Unix ms).
    pub from: i64,
    /// When it ends (Unix ms).
    pub to: i64,
}

/// What was read of a calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// When it is busy, by the beginning.
    pub busy: Vec<Busy>,
    /// So many events could not be understood.
    pub unread: usize,
}

/// A time (Unix ms) with the whole days around it, and one more on each side: days begin
/// elsewhere before they do here.
pub(crate) fn whole_days((from, to): (i64, i64)) -> (i64, i64) {
    let from = from.div_euclid(DAY_MS).saturating_sub(1);
    let to = to.div_euclid(DAY_MS).saturating_add(2);
    (from.saturating_mul(DAY_MS), to.saturating_mul(DAY_MS))
}

/// Asks for what may be in a time (Unix ms).
pub(crate) fn query((from, to): (i64, i64)) -> String {
    let utc = |ms: i64| {
        let moment = Timestamp::from_millisecond(ms).unwrap_or_default();
        moment.strftime("%Y%m%dT%H%M%SZ").to_string()
    };
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><C:calendar-data/></prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="{}" end="{}"/>
</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"#,
        utc(from),
        utc(to)
    )
}

/// When these calendar objects keep somebody busy in a time (Unix ms).
///
/// # Errors
/// When they repeat themselves beyond measure.
pub fn read(objects: &[String], time: (i64, i64), zone: &TimeZone) -> Result<Reading, Error> {
    let mut reading = Reading::default();
    let mut left = ALL;
    for object in objects {
        match ICalendar::parse(object) {
            Ok(calendar) => reading.add(calendar, time, zone, &mut left)?,
            Err(_) => reading.unread += 1,
        }
    }
    reading
        .busy
        .sort_unstable_by(|a, b| (a.from, a.to, &a.uid).cmp(&(b.from, b.to, &b.uid)));
    reading.busy.dedup();
    Ok(reading)
}

impl Reading {
    fn add(
        &mut self,
        mut calendar: ICalendar,
        (from, to): (i64, i64),
        zone: &TimeZone,
        left: &mut usize,
    ) -> Result<(), Error> {
        prepare(&mut calendar, to);
        let most = REPEATED.min(*left);
        // Times without a zone stay so: only here it is known what they mean.
        let expanded = calendar.expand_dates(Tz::Floating, most);
        if expanded.events.len() >= most {
            return Err(Error::TooMuch);
        }
        *left -= expanded.events.len();
        self.unread += expanded.errors.len();
        for event in expanded.events {
            let Some(of) = calendar.component_by_id(event.comp_id) else {
                continue;
            };
            if !of.component_type.is_event() || !keeps_busy(of) {
                continue;
            }
            let at = |at: DateTime<Tz>| Moment {
                wall: at.timezone().is_floating(),
                seconds: match at.timezone().is_floating() {
                    true => at.naive_local().and_utc().timestamp(),
                    false => at.timestamp(),
                },
            };
            let begins = at(event.start);
            let ends = match event.end {
                TimeOrDelta::Time(end) => at(end),
                TimeOrDelta::Delta(_) if is_a_moment(of) => continue,
                TimeOrDelta::Delta(delta) => begins.after(delta.num_seconds()),
            };
            let (Some(begins), Some(ends)) = (begins.ms(zone), ends.ms(zone)) else {
                self.unread += 1;
                continue;
            };
            if begins < to && ends > from && begins < ends {
                self.busy.push(Busy {
                    uid: of.uid().unwrap_or_default().to_owned(),
                    from: begins,
                    to: ends,
                });
            }
        }
        Ok(())
    }
}

/// A moment, or a time on the wall that says no zone (seconds).
#[derive(Debug, Clone, Copy)]
struct Moment {
    wall: bool,
    seconds: i64,
}

impl Moment {
    /// So many seconds later. Days that are no moments are days on the wall as well.
    fn after(self, seconds: i64) -> Self {
        let seconds = self.seconds.saturating_add(seconds);
        Self { seconds, ..self }
    }

    /// When that is (Unix ms); what the clocks skip is as much later.
    fn ms(self, zone: &TimeZone) -> Option<i64> {
        let at = Timestamp::from_second(self.seconds).ok()?;
        if !self.wall {
            return Some(at.as_millisecond());
        }
        let wall = at.to_zoned(TimeZone::UTC).datetime();
        let at = zone.to_ambiguous_timestamp(wall).compatible().ok()?;
        Some(at.as_millisecond())
    }
}

/// Whether it has a time and no end: it is over when it begins.
fn is_a_moment(event: &ICalendarComponent) -> bool {
    let start = event.property(&ICalendarProperty::Dtstart);
    let start = start.and_then(|it| it.values.first()?.as_partial_date_time());
    start.is_some_and(PartialDateTime::has_time)
        && !event.has_property(&ICalendarProperty::Dtend)
        && !event.has_property(&ICalendarProperty::Duration)
}

fn keeps_busy(event: &ICalendarComponent) -> bool {
    event.status() != Some(&ICalendarStatus::Cancelled)
        && event.transparency() != Some(&ICalendarTransparency::Transparent)
}

/// Makes of a calendar what is expanded rightly.
fn prepare(calendar: &mut ICalendar, to: i64) {
    let zones = calendar.build_owned_tz_resolver();
    // Wall times anywhere, beyond what is read.
    let end = PartialDateTime::from_naive_timestamp(to.saturating_add(2 * DAY_MS) / 1000);
    for component in &mut calendar.components {
        // A changed occurrence is one of its series, however often either was changed.
        component
            .entries
            .retain(|it| it.name != ICalendarProperty::Sequence);
        // What begins at a moment repeats by the clock of UTC.
        if let Some(start) = component.property_mut(&ICalendarProperty::Dtstart) {
            let value = start.values.first();
            let value = value.and_then(ICalendarValue::as_partial_date_time);
            if value.is_some_and(PartialDateTime::has_zone) && start.tz_id().is_none() {
                start.add_param(ICalendarParameter::tzid("UTC".to_owned()));
            }
        }
        let start = component.property(&ICalendarProperty::Dtstart);
        let zone = start
            .and_then(|it| it.tz_id())
            .and_then(|id| zones.resolve(id));
        let entries = component.entries.iter_mut().flat_map(|it| &mut it.values);
        for value in entries {
            let ICalendarValue::RecurrenceRule(rule) = value else {
                continue;
            };
            // The last time is said in UTC and compared as one on the wall.
            let until = rule.until.as_ref().filter(|it| it.has_zone());
            if let Some(local) = until.zip(zone).and_then(|(until, zone)| wall(until, zone)) {
                rule.until = Some(local);
            }
            // What goes on for ever is of interest no longer than that.
            let beyond = rule.until.as_ref().is_none_or(|until| {
                let seconds = |it: &PartialDateTime| it.to_date_time().map(|it| it.date_time);
                seconds(until) > seconds(&end)
            });
            if beyond {
                rule.until = Some(end.clone());
            }
        }
    }
}

/// A moment on the clock in a zone.
fn wall(moment: &PartialDateTime, zone: Tz) -> Option<PartialDateTime> {
    let at = moment.to_date_time_with_tz(Tz::UTC)?.timestamp();
    let Tz::Tz(named) = zone else { return None };
    let zone = TimeZone::get(named.name()).ok()?;
    let local = Timestamp::from_second(at).ok()?.to_zoned(zone).datetime();
    let seconds = local.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
    Some(PartialDateTime::from_naive_timestamp(seconds))
}

#[cfg(test)]
mod tests;
