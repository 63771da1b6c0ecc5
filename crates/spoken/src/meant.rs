//! What was meant, in parts that no longer depend on a language or on how they were handed over.

use jiff::civil::{Date, Time, Weekday};
use jiff::{Span, Zoned};

use crate::Language;

/// Minutes of a day.
pub(crate) const DAY: u16 = 24 * 60;
/// Minutes of half a day.
const HALF: u16 = DAY / 2;

/// What was said of a time.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meant {
    /// All of these have to be true of the day.
    pub(crate) days: Vec<Day>,
    pub(crate) clock: Option<Clock>,
    /// Where what begins at `clock` ends.
    pub(crate) until: Option<Clock>,
    pub(crate) part: Option<Part>,
    /// The moment itself, where it was handed over whole.
    pub(crate) exact: Option<Zoned>,
}

impl Meant {
    pub(crate) fn is_empty(&self) -> bool {
        self.days.is_empty() && self.clock.is_none() && self.part.is_none() && self.exact.is_none()
    }

    /// Takes a fact in; `false` if it contradicts one of its kind.
    pub(crate) fn take(&mut self, fact: Fact) -> bool {
        match fact {
            Fact::Day(day) => {
                if !self.days.contains(&day) {
                    self.days.push(day);
                }
                true
            }
            Fact::Clock(to) if to.reach == Reach::Until && self.begins() => {
                *self.until.get_or_insert(to) == to
            }
            Fact::Clock(clock) => *self.clock.get_or_insert(clock) == clock,
            Fact::Part(part) => *self.part.get_or_insert(part) == part,
            Fact::Unclear => false,
        }
    }

    fn begins(&self) -> bool {
        self.clock.is_some_and(|clock| clock.reach == Reach::From)
    }

    /// Takes all of another's facts in; `false` if they contradict each other.
    pub(crate) fn join(&mut self, other: Self) -> bool {
        let mut agree = true;
        for day in other.days {
            agree &= self.take(Fact::Day(day));
        }
        for clock in [other.clock, other.until].into_iter().flatten() {
            agree &= self.take(Fact::Clock(clock));
        }
        agree &= other.part.is_none_or(|it| self.take(Fact::Part(it)));
        self.exact = other.exact.or(self.exact.take());
        agree
    }
}

/// One thing that was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fact {
    Day(Day),
    Clock(Clock),
    Part(Part),
    /// Something about a time that is not understood here: "the first free one".
    Unclear,
}

/// Something that is true of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Day {
    /// A date with its year.
    Date(Date),
    /// A date with its year that no calendar has.
    NoSuch,
    /// `(month, day)`: the next one.
    NoYear(i8, i8),
    /// `3/12` where either number may be the month, and its year if there is one.
    Slashed(i8, i8, Option<i16>),
    /// A day of this month or the next that has it.
    OfMonth(i8),
    /// The month so many months ahead.
    MonthAhead(i8),
    /// This day, so many months ahead.
    InMonths(i8),
    /// So many days ahead of today.
    InDays(i32),
    /// Either so many days ahead, or one day less: people count today in, or do not.
    InAbout(i32),
    /// So many weeks ahead: to the day, unless a weekday is named.
    InWeeks(i32),
    /// So many hours or minutes from now (minutes).
    InMinutes(i32),
    /// A weekday.
    Weekday(Weekday, Which),
    /// The month, this year or next.
    InMonth(i8),
    /// The calendar week so many weeks ahead.
    Week(i32),
    /// Saturday and Sunday of the calendar week so many weeks ahead.
    Weekend(i32),
}

/// Which one of the weekdays to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Which {
    /// "Tuesday": the first to come.
    First,
    /// "el martes que viene": the first to come, but hardly tomorrow.
    Coming,
    /// "next Tuesday": the first to come, or the one of next week.
    Next,
    /// "Tuesday week": the first to come, and a week.
    AndAWeek,
}

/// A time by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Clock {
    /// Minutes after midnight, as they were said.
    pub(crate) minutes: u16,
    pub(crate) half: Half,
    pub(crate) reach: Reach,
}

/// How sure the half of the day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Half {
    /// "4 pm", "16:30".
    Sure,
    /// "04:30" where 24 hours were asked for: so it is, unless only the other one can be.
    Written,
    /// "half past four".
    Open,
}

/// Whether it is at a time, after it, or before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    At,
    From,
    Until,
}

impl Clock {
    /// A time as it was said: up to twelve it may be either half of the day.
    pub(crate) fn said(hour: u16, minute: i16) -> Self {
        let minutes = hour * 60;
        let half = if (1..=12).contains(&hour) {
            Half::Open
        } else {
            Half::Sure
        };
        let minutes = match half {
            Half::Open => (minutes % HALF + HALF).saturating_add_signed(minute) % HALF,
            _ => minutes.saturating_add_signed(minute).min(DAY),
        };
        Self {
            minutes,
            half,
            reach: Reach::At,
        }
    }

    /// A time that is sure (minutes after midnight).
    pub(crate) fn sure(minutes: u16) -> Self {
        Self {
            minutes,
            half: Half::Sure,
            reach: Reach::At,
        }
    }

    /// The same in the morning or in the afternoon.
    pub(crate) fn with_half(self, afternoon: bool) -> Self {
        match self.half {
            Half::Sure => self,
            _ => Self {
                minutes: self.minutes % HALF + if afternoon { HALF } else { 0 },
                half: Half::Sure,
                ..self
            },
        }
    }

    /// What it may be, the likelier first. Twelve at night ends the day.
    pub(crate) fn candidates(self, part: Option<Part>) -> Vec<u16> {
        if self.half == Half::Sure {
            return vec![self.minutes];
        }
        let morning = self.minutes % HALF;
        let small = if part == Some(Part::Night) && morning < 60 {
            morning + DAY
        } else {
            morning
        };
        let both = [small, morning + HALF];
        let written = self.half == Half::Written && self.minutes >= HALF;
        if written {
            vec![both[1], both[0]]
        } else {
            both.to_vec()
        }
    }
}

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// "de la madrugada".
    SmallHours,
    Morning,
    Noon,
    Afternoon,
    Evening,
    Night,
}

impl Part {
    /// Whether a time by the clock may be said to be in it (minutes after midnight).
    pub(crate) fn holds(self, minutes: u16, language: Language) -> bool {
        let hours = match self {
            Self::SmallHours => 0..7,
            // Noon is of the morning in Spanish.
            Self::Morning if language == Language::Spanish => 0..13,
            Self::Morning => 0..12,
            Self::Noon => 11..16,
            Self::Afternoon => 12..21,
            Self::Evening => 16..24,
            Self::Night => return !(6 * 60..18 * 60).contains(&minutes),
        };
        hours.contains(&(minutes / 60))
    }

    /// From when to when it is, where nothing else is said (minutes after midnight).
    pub(crate) fn window(self, language: Language) -> (u16, u16) {
        let (from, to) = match self {
            Self::SmallHours => (0, 6),
            Self::Morning => (6, 12),
            Self::Noon => (12, 14),
            Self::Afternoon if language == Language::Spanish => (12, 20),
            Self::Afternoon => (12, 18),
            Self::Evening => (17, 22),
            Self::Night => (18, 24),
        };
        (from * 60, to * 60)
    }
}

/// A time by the clock in minutes after midnight.
pub(crate) fn of_day(time: Time) -> u16 {
    u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs())
}

/// The Monday of the calendar week so many weeks ahead; `None` beyond the calendar.
pub(crate) fn monday(today: Date, ahead: i32) -> Option<Date> {
    let back = i32::from(today.weekday().to_monday_zero_offset());
    plus(today, ahead.checked_mul(7)?.checked_sub(back)?)
}

/// So many days later; `None` beyond the calendar.
pub(crate) fn plus(date: Date, days: i32) -> Option<Date> {
    date.checked_add(Span::new().try_days(days).ok()?).ok()
}
