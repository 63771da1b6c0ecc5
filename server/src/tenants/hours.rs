//! When a business is open. Pure: the time and the time zone are given.
//!
//! Hours are told by the clock on the wall, so that they mean the same before
//! and after the clocks change.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp, ToSpan, Unit, Zoned};
use serde::{Deserialize, Serialize};

use crate::invalid::Invalid;

/// Minutes of a day.
const DAY_MIN: u16 = 24 * 60;
/// How far ahead the next opening is looked for (days): a year and its leap day.
const HORIZON_DAYS: i32 = 366;
/// When a business that never closes calls and books people, who sleep (minutes after
/// midnight).
const DAYTIME: Interval = Interval {
    from: 8 * 60,
    to: 20 * 60,
};
/// How many intervals a day may have.
const INTERVALS_MAX: usize = 8;
/// How many exceptions there may be.
const EXCEPTIONS_MAX: usize = 400;

/// A stretch of a day, by the clock on the wall. Written `{"from": "09:00",
/// "to": "17:30"}`; it ends before its last minute begins, and `24:00` is the
/// end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interval {
    /// Minutes after midnight.
    #[serde(with = "clock")]
    pub from: u16,
    /// Minutes after midnight, later than `from`.
    #[serde(with = "clock")]
    pub to: u16,
}

/// A date with hours of its own, such as a holiday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// Which date, `2026-12-24`.
    #[serde(with = "calendar")]
    pub date: Date,
    /// When it is open then; empty for the whole day closed.
    pub open: Vec<Interval>,
}

/// When a business is open. Without hours for the week it always is, but for
/// its exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BusinessHours {
    /// Monday to Sunday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub week: Option<[Vec<Interval>; 7]>,
    /// What is different on some dates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exceptions: Vec<Exception>,
}

/// Why hours make no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// An interval ends before it begins, or after the day.
    #[error("an interval has to end after it begins, at 24:00 at the latest")]
    Backwards,
    /// Two intervals of a day overlap.
    #[error("two intervals of a day overlap")]
    Overlap,
    /// Two exceptions have the same date.
    #[error("a date has two exceptions")]
    TwiceExcepted,
    /// More than anybody needs.
    #[error("there are too many intervals or exceptions")]
    TooMany,
}

impl TryFrom<&api::business::Hours> for BusinessHours {
    type Error = Invalid;

    /// Hours as they come over the wire.
    fn try_from(hours: &api::business::Hours) -> Result<Self, Invalid> {
        let hours: Self = serde_json::to_value(hours)
            .and_then(serde_json::from_value)
            .map_err(|error| Invalid::of("hours", format!("hours: {error}.")))?;
        hours
            .checked()
            .map_err(|error| Invalid::of("hours", format!("hours: {error}.")))
    }
}

impl BusinessHours {
    /// The hours as they are kept: sorted, and checked.
    ///
    /// # Errors
    /// When they make no sense.
    pub fn checked(mut self) -> Result<Self, HoursError> {
        for day in self.week.iter_mut().flatten() {
            check_day(day)?;
        }
        if self.exceptions.len() > EXCEPTIONS_MAX {
            return Err(HoursError::TooMany);
        }
        for exception in &mut self.exceptions {
            check_day(&mut exception.open)?;
        }
        self.exceptions.sort_by_key(|exception| exception.date);
        if self
            .exceptions
            .windows(2)
            .any(|pair| pair[0].date == pair[1].date)
        {
            return Err(HoursError::TwiceExcepted);
        }
        Ok(self)
    }

    /// The hours in which people are called and booked: of a business that never
    /// closes, the day.
    #[must_use]
    pub fn by_day(&self) -> Self {
        let week = self.week.clone();
        Self {
            week: Some(week.unwrap_or_else(|| std::array::from_fn(|_| vec![DAYTIME]))),
            exceptions: self.exceptions.clone(),
        }
    }

    /// Whether the business is open at a moment (Unix ms).
    #[must_use]
    pub fn is_open(&self, at_ms: i64, tz: &TimeZone) -> bool {
        timestamp(at_ms).is_none_or(|at| self.is_open_at(&at.to_zoned(tz.clone())))
    }

    fn is_open_at(&self, at: &Zoned) -> bool {
        let time = at.time();
        let minute = minute_of(time);
        match self.day(at.date()) {
            Some(day) => day.iter().any(|it| (it.from..it.to).contains(&minute)),
            None => true,
        }
    }

    /// When the business opens next (Unix ms) after a moment; `None` when it
    /// does not within a year, which an always open one never does.
    #[must_use]
    pub fn next_opening(&self, after_ms: i64, tz: &TimeZone) -> Option<i64> {
        let after = timestamp(after_ms)?;
        let today = after.to_zoned(tz.clone()).date();
        (0..=HORIZON_DAYS).find_map(|days| {
            let date = today.checked_add(Span::new().days(days)).ok()?;
            self.openings(date, tz)
                .into_iter()
                .filter(|opening| *opening > after)
                .min()
                .map(Timestamp::as_millisecond)
        })
    }

    /// The moments of a date at which it turns from closed to open.
    fn openings(&self, date: Date, tz: &TimeZone) -> Vec<Timestamp> {
        let mut moments = Vec::new();
        match self.day(date) {
            Some(day) => {
                for interval in day {
                    moments.extend(begins(date, interval.from, tz));
                }
            }
            // After an exception, a business that is always open opens with
            // the day.
            None => moments.extend(begins(date, 0, tz)),
        }
        // Clocks that are put back repeat an hour, and may land in open hours.
        moments.extend(changes(date, tz));
        moments.retain(|moment| {
            let just_before = moment.checked_sub(1.millisecond()).unwrap_or(*moment);
            self.is_open_at(&moment.to_zoned(tz.clone()))
                && !self.is_open_at(&just_before.to_zoned(tz.clone()))
        });
        moments
    }

    /// The hours of a date; `None` when it is open without end.
    fn day(&self, date: Date) -> Option<&[Interval]> {
        if let Some(exception) = self.exceptions.iter().find(|it| it.date == date) {
            return Some(&exception.open);
        }
        let week = self.week.as_ref()?;
        Some(&week[weekday(date.weekday())])
    }
}

fn check_day(day: &mut [Interval]) -> Result<(), HoursError> {
    if day.len() > INTERVALS_MAX {
        return Err(HoursError::TooMany);
    }
    if day.iter().any(|it| it.from >= it.to || it.to > DAY_MIN) {
        return Err(HoursError::Backwards);
    }
    day.sort_unstable();
    if day.windows(2).any(|pair| pair[1].from < pair[0].to) {
        return Err(HoursError::Overlap);
    }
    Ok(())
}

fn timestamp(ms: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(ms).ok()
}

fn weekday(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or_default()
}

fn minute_of(time: Time) -> u16 {
    let minute = i32::from(time.hour()) * 60 + i32::from(time.minute());
    u16::try_from(minute).unwrap_or_default()
}

/// The moments at which the clock shows a minute of a date: one, two when the
/// clocks are put back over it, and the moment of the change when they are put
/// forward over it.
fn begins(date: Date, minute: u16, tz: &TimeZone) -> Vec<Timestamp> {
    let (hour, minute) = (minute / 60, minute % 60);
    let (Ok(hour), Ok(minute)) = (i8::try_from(hour), i8::try_from(minute)) else {
        return Vec::new();
    };
    let Ok(time) = Time::new(hour, minute, 0, 0) else {
        return Vec::new();
    };
    let ambiguous = tz.to_ambiguous_zoned(date.to_datetime(time));
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => ambiguous
            .compatible()
            .map(|at| at.timestamp())
            .into_iter()
            .collect(),
        AmbiguousOffset::Fold { .. } => [ambiguous.clone().earlier(), ambiguous.later()]
            .into_iter()
            .flatten()
            .map(|at| at.timestamp())
            .collect(),
        AmbiguousOffset::Gap { .. } => {
            // The earlier reading lies before the change.
            let before = ambiguous.earlier().map(|at| at.timestamp());
            before
                .ok()
                .and_then(|before| tz.following(before).next())
                .map(|change| change.timestamp())
                .into_iter()
                .collect()
        }
    }
}

/// The moments at which the clocks change on a date.
fn changes(date: Date, tz: &TimeZone) -> Vec<Timestamp> {
    let Ok(start) = date.to_zoned(tz.clone()) else {
        return Vec::new();
    };
    let Ok(end) = start.checked_add(1.day()) else {
        return Vec::new();
    };
    // A day without a change has 24 hours; most need no further look.
    let hours = start.until((Unit::Hour, &end)).map(|span| span.get_hours());
    if hours.is_ok_and(|hours| hours == 24) {
        return Vec::new();
    }
    tz.following(start.timestamp())
        .map(|change| change.timestamp())
        .take_while(|change| *change < end.timestamp())
        .collect()
}

/// `YYYY-MM-DD`.
mod calendar {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(date: &Date, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(date)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Date, D::Error> {
        let text = String::deserialize(from)?;
        text.parse()
            .map_err(|_| de::Error::custom("a date is written YYYY-MM-DD"))
    }
}

/// `HH:MM`.
mod clock {
    use serde::{Deserialize, Deserializer, Serializer, de};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    pub(super) fn serialize<S: Serializer>(minutes: &u16, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{:02}:{:02}", minutes / 60, minutes % 60))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
        let text = String::deserialize(from)?;
        parse(&text).ok_or_else(|| de::Error::custom("a time is written HH:MM, up to 24:00"))
    }

    pub(super) fn parse(text: &str) -> Option<u16> {
        let (hours, minutes) = text.split_once(':')?;
        let number = |text: &str, max: u16| -> Option<u16> {
            let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse().ok().filter(|number| plain && *number <= max)
        };
        let total = number(hours, 24)? * 60 + number(minutes, 59)?;
        (total <= super::DAY_MIN).then_some(total)
    }
}

#[cfg(test)]
mod tests;
