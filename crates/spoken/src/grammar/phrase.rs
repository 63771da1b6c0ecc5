//! The kinds of words that stand in the slots of a phrase, and what they say there.

use std::ops::RangeInclusive;

use jiff::civil::{Date, Weekday};

use crate::meant::{Clock, Day, Fact, Part, Reach, Which};

/// What a phrase says, of what stood in its slots.
pub(super) type Says = fn(&Slots) -> Vec<Fact>;

/// A kind of words that stands in a slot of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// `#h`: an hour, 0 to 24.
    Hour,
    /// `#to`: the hour at which a stretch ends.
    ToHour,
    /// `#m`: minutes, 0 to 59.
    Minute,
    /// `#mm`: minutes in two digits.
    Digits,
    /// `#said`: minutes in words, from ten on.
    Said,
    /// `#five`: minutes that are said before or after an hour without being called so.
    Fives,
    /// `#n`: how many, also "a" and "one".
    Count,
    /// `#d`: a day of the month, as a number or an ordinal.
    DayOfMonth,
    /// `#o`: a day of the month as an ordinal.
    Ordinal,
    /// `#om`: a month as an ordinal.
    OrdinalMonth,
    /// `#mn`: a month as a number.
    MonthNumber,
    /// `#mo`: a month by its name.
    Month,
    /// `#y`: a year.
    Year,
    /// `#w`: a weekday.
    Weekday,
    /// `#p`: a part of the day.
    Part,
    /// `#half`: am or pm.
    Half,
    /// `#at`: what stands before a time.
    At,
}

impl Kind {
    pub(super) const ALL: [Self; 16] = [
        Self::Hour,
        Self::Minute,
        Self::Digits,
        Self::Said,
        Self::Fives,
        Self::Count,
        Self::DayOfMonth,
        Self::Ordinal,
        Self::OrdinalMonth,
        Self::MonthNumber,
        Self::Month,
        Self::Year,
        Self::Weekday,
        Self::Part,
        Self::Half,
        Self::At,
    ];

    /// The kind of a slot as patterns write it.
    pub(super) fn of(slot: &str) -> Option<Self> {
        Some(match slot {
            "#h" => Self::Hour,
            "#to" => Self::ToHour,
            "#m" => Self::Minute,
            "#mm" => Self::Digits,
            "#said" => Self::Said,
            "#five" => Self::Fives,
            "#n" => Self::Count,
            "#d" => Self::DayOfMonth,
            "#o" => Self::Ordinal,
            "#om" => Self::OrdinalMonth,
            "#mn" => Self::MonthNumber,
            "#mo" => Self::Month,
            "#y" => Self::Year,
            "#w" => Self::Weekday,
            "#p" => Self::Part,
            "#half" => Self::Half,
            "#at" => Self::At,
            _ => return None,
        })
    }

    /// The kind whose words stand in its slot.
    pub(super) fn words(self) -> Self {
        match self {
            Self::ToHour => Self::Hour,
            other => other,
        }
    }

    /// The numbers in digits that are of it, and in how many digits.
    pub(super) fn digits(self) -> Option<(RangeInclusive<i64>, RangeInclusive<usize>)> {
        Some(match self {
            Self::Hour => (0..=24, 1..=2),
            Self::Minute => (0..=59, 1..=2),
            Self::Digits => (0..=59, 2..=2),
            Self::Count => (1..=99, 1..=2),
            Self::DayOfMonth | Self::Ordinal => (1..=31, 1..=2),
            Self::OrdinalMonth | Self::MonthNumber => (1..=12, 1..=2),
            Self::Year => (2000..=2199, 4..=4),
            Self::ToHour
            | Self::Said
            | Self::Fives
            | Self::Month
            | Self::Weekday
            | Self::Part
            | Self::Half
            | Self::At => return None,
        })
    }

    /// Whether what makes an ordinal of digits may stand behind them, and whether it has to.
    pub(super) fn ordinal(self) -> (bool, bool) {
        let ordinal = matches!(self, Self::Ordinal | Self::OrdinalMonth);
        (ordinal || self == Self::DayOfMonth, ordinal)
    }
}

/// What stood in the slots of a phrase.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slots {
    pub(super) hour: i64,
    to: i64,
    pub(super) minute: i64,
    pub(super) count: i64,
    pub(super) day: i64,
    pub(super) month: i64,
    year: Option<i64>,
    weekday: i64,
    part: i64,
    half: Option<i64>,
    at: i64,
}

impl Slots {
    pub(super) fn put(&mut self, kind: Kind, value: i64) {
        match kind {
            Kind::Hour => self.hour = value,
            Kind::ToHour => self.to = value,
            Kind::Minute | Kind::Digits | Kind::Said | Kind::Fives => self.minute = value,
            Kind::Count => self.count = value,
            Kind::DayOfMonth | Kind::Ordinal => self.day = value,
            Kind::OrdinalMonth | Kind::MonthNumber | Kind::Month => self.month = value,
            Kind::Year => self.year = Some(value),
            Kind::Weekday => self.weekday = value,
            Kind::Part => self.part = value,
            Kind::Half => self.half = Some(value),
            Kind::At => self.at = value,
        }
    }

    /// The time of the hour in its slot and so many minutes, which may be before it.
    pub(super) fn clock(&self, minute: i64) -> Fact {
        let clock = Clock::said(small(self.hour), i16::try_from(minute).unwrap_or_default());
        self.reach(self.half.map_or(clock, |half| clock.with_half(half == 1)))
    }

    /// From the one hour to the other.
    pub(super) fn stretch(&self) -> Vec<Fact> {
        let clock = |hour: i64, reach: Reach| Clock {
            reach,
            ..Clock::said(small(hour), 0)
        };
        let to = clock(self.to, Reach::Until);
        let to = self.half.map_or(to, |half| to.with_half(half == 1));
        vec![Fact::Clock(clock(self.hour, Reach::From)), Fact::Clock(to)]
    }

    /// A time by the clock that is sure (minutes after midnight).
    pub(super) fn sure(&self, minutes: u16) -> Fact {
        self.reach(Clock::sure(minutes))
    }

    fn reach(&self, clock: Clock) -> Fact {
        let reach = match self.at {
            1 => Reach::From,
            2 => Reach::Until,
            _ => Reach::At,
        };
        Fact::Clock(Clock { reach, ..clock })
    }

    pub(super) fn part(&self) -> Fact {
        Fact::Part(PARTS[usize::from(small(self.part)).min(PARTS.len() - 1)])
    }

    pub(super) fn weekday(&self, which: Which) -> Fact {
        let weekday = Weekday::from_monday_zero_offset(tiny(self.weekday));
        Fact::Day(Day::Weekday(weekday.unwrap_or(Weekday::Monday), which))
    }

    /// The date of the day and the month in their slots, and the year if there is one.
    pub(super) fn date(&self) -> Fact {
        let (month, day) = (tiny(self.month), tiny(self.day));
        let day = match self.year() {
            Some(year) => Date::new(year, month, day).map_or(Day::NoSuch, Day::Date),
            None => Day::NoYear(month, day),
        };
        Fact::Day(day)
    }

    fn year(&self) -> Option<i16> {
        self.year.and_then(|year| i16::try_from(year).ok())
    }

    /// The day in its slot of this month or the next.
    pub(super) fn of_month(&self) -> Fact {
        Fact::Day(Day::OfMonth(tiny(self.day)))
    }

    /// The day in its slot, which is a weekday; "the second Tuesday" is none of them.
    pub(super) fn of_month_and(&self, which: Which) -> Vec<Fact> {
        match self.day {
            0..=5 => vec![Fact::Unclear],
            _ => vec![self.of_month(), self.weekday(which)],
        }
    }

    /// This day, as many months ahead as the number in its slot.
    pub(super) fn in_months(&self) -> Fact {
        Fact::Day(Day::InMonths(tiny(self.count)))
    }

    /// The number in its slot.
    pub(super) fn times(&self, by: i32) -> i32 {
        i32::from(small(self.count)) * by
    }

    pub(super) fn named_month(&self) -> Fact {
        Fact::Day(Day::InMonth(tiny(self.month)))
    }

    pub(super) fn slashed(&self) -> Fact {
        Fact::Day(Day::Slashed(tiny(self.month), tiny(self.day), self.year()))
    }
}

const PARTS: [Part; 6] = [
    Part::SmallHours,
    Part::Morning,
    Part::Noon,
    Part::Afternoon,
    Part::Evening,
    Part::Night,
];

/// Where a part of the day stands in the tables of words.
pub(super) fn part(part: Part) -> i64 {
    let at = PARTS.iter().position(|it| *it == part).unwrap_or_default();
    i64::try_from(at).unwrap_or_default()
}

pub(super) fn small(value: i64) -> u16 {
    u16::try_from(value).unwrap_or_default()
}

fn tiny(value: i64) -> i8 {
    i8::try_from(value).unwrap_or_default()
}
