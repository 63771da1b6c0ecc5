//! Phrases: patterns of words and of slots for words of a kind, and what they say.

use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, Weekday};

use crate::meant::{Clock, Day, Fact, Part, Reach, Which};

/// What a phrase says, of what stood in its slots.
pub(super) type Says = fn(&Slots) -> Vec<Fact>;

/// A kind of words that stands in a slot of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// `#h`: an hour, 0 to 24.
    Hour,
    /// `#m`: minutes, 0 to 59.
    Minute,
    /// `#mm`: minutes in two digits.
    Digits,
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

/// What stood in the slots of a phrase.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slots {
    pub(super) hour: i64,
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
    fn put(&mut self, kind: Kind, value: i64) {
        match kind {
            Kind::Hour => self.hour = value,
            Kind::Minute | Kind::Digits => self.minute = value,
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
        let year = self.year.and_then(|year| i16::try_from(year).ok());
        match year.map(|year| Date::new(if year < 100 { year + 2000 } else { year }, month, day)) {
            Some(Ok(date)) => Fact::Day(Day::Date(date)),
            // The question says that there is no such date.
            _ => Fact::Day(Day::NoYear(month, day)),
        }
    }

    /// The day in its slot of this month or the next.
    pub(super) fn of_month(&self) -> Fact {
        Fact::Day(Day::OfMonth(tiny(self.day)))
    }

    /// The number in its slot.
    pub(super) fn times(&self, by: i32) -> i32 {
        i32::from(small(self.count)) * by
    }

    pub(super) fn named_month(&self) -> Fact {
        Fact::Day(Day::InMonth(tiny(self.month)))
    }

    /// The day of the month so many months ahead.
    pub(super) fn of_month_ahead(&self, months: i8) -> Fact {
        Fact::Day(Day::OfMonthAhead(months, tiny(self.day)))
    }

    pub(super) fn slashed(&self) -> Fact {
        Fact::Day(Day::Slashed(tiny(self.month), tiny(self.day)))
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

fn small(value: i64) -> u16 {
    u16::try_from(value).unwrap_or_default()
}

fn tiny(value: i64) -> i8 {
    i8::try_from(value).unwrap_or_default()
}

#[derive(Debug)]
enum Element {
    Words(Vec<String>),
    Slot(Kind),
    Optional(Box<Element>),
}

/// A language: its words by their kinds, its phrases, and what says nothing of the time.
#[derive(Debug, Default)]
pub(super) struct Table {
    words: HashMap<Kind, HashMap<String, i64>>,
    phrases: Vec<(Vec<Element>, Says)>,
    fillers: HashSet<String>,
}

impl Table {
    /// Adds words of a kind.
    pub(super) fn words<T: Into<String>>(
        &mut self,
        kind: Kind,
        words: impl IntoIterator<Item = (T, i64)>,
    ) {
        let words = words.into_iter().map(|(word, value)| (word.into(), value));
        self.words.entry(kind).or_default().extend(words);
    }

    /// Adds the names of a kind in their order, several of one divided by `|`.
    pub(super) fn names(&mut self, kind: Kind, first: i64, names: &[&str]) {
        for (names, value) in names.iter().zip(first..) {
            self.words(kind, names.split('|').map(|name| (name, value)));
        }
    }

    /// Adds phrases: words divided by `|`, `#slots`, and either with a `?` if it may be missing.
    pub(super) fn phrases(&mut self, phrases: &[(&str, Says)]) {
        for (pattern, says) in phrases {
            self.phrases
                .push((pattern.split_whitespace().map(element).collect(), *says));
        }
    }

    /// Adds what says nothing of the time.
    pub(super) fn fillers(&mut self, words: &str) {
        self.fillers
            .extend(words.split_whitespace().map(str::to_owned));
    }

    pub(super) fn is_filler(&self, token: &str) -> bool {
        token == "." || self.fillers.contains(token)
    }

    /// The phrase that takes most tokens from the first on: how many, and what it says.
    pub(super) fn longest(&self, tokens: &[String]) -> Option<(usize, Vec<Fact>)> {
        let mut best: Option<(usize, Vec<Fact>)> = None;
        for (pattern, says) in &self.phrases {
            if let Some((length, slots)) = self.fit(pattern, tokens, 0, Slots::default())
                && length > best.as_ref().map_or(0, |(length, _)| *length)
            {
                best = Some((length, says(&slots)));
            }
        }
        best
    }

    /// The time, where all of the tokens are an hour.
    pub(super) fn hour(&self, tokens: &[String]) -> Option<Clock> {
        let readings = self.readings(Kind::Hour, tokens);
        let whole = readings
            .iter()
            .find(|(length, _)| *length == tokens.len())?;
        Some(Clock::said(small(whole.1), 0))
    }

    /// How many tokens a pattern takes at most, and what stands in its slots.
    fn fit(
        &self,
        pattern: &[Element],
        tokens: &[String],
        at: usize,
        slots: Slots,
    ) -> Option<(usize, Slots)> {
        let Some((element, rest)) = pattern.split_first() else {
            return Some((at, slots));
        };
        let left = tokens.get(at..).unwrap_or_default();
        match element {
            Element::Optional(inner) => {
                let without = self.fit(rest, tokens, at, slots);
                let with = self
                    .taken(inner, left)
                    .into_iter()
                    .filter_map(|(length, value)| {
                        self.fit(rest, tokens, at + length, filled(slots, inner, value))
                    });
                with.chain(without).max_by_key(|(length, _)| *length)
            }
            one => {
                let taken = self.taken(one, left).into_iter();
                let fits = taken.filter_map(|(length, value)| {
                    self.fit(rest, tokens, at + length, filled(slots, one, value))
                });
                fits.max_by_key(|(length, _)| *length)
            }
        }
    }

    /// How many of the first tokens may be an element, and what they then are.
    fn taken(&self, element: &Element, tokens: &[String]) -> Vec<(usize, i64)> {
        match element {
            Element::Words(words) => {
                let fits = tokens.first().is_some_and(|token| words.contains(token));
                if fits { vec![(1, 0)] } else { Vec::new() }
            }
            Element::Slot(kind) => self.readings(*kind, tokens),
            Element::Optional(inner) => self.taken(inner, tokens),
        }
    }

    /// What the first tokens may be, as one of a kind: how many, and which.
    fn readings(&self, kind: Kind, tokens: &[String]) -> Vec<(usize, i64)> {
        let mut found = Vec::new();
        let Some(first) = tokens.first() else {
            return found;
        };
        let digits = first.len() <= 4 && first.bytes().all(|it| it.is_ascii_digit());
        if digits && let Ok(number) = first.parse::<i64>() {
            let ends = |token: Option<&String>| token.is_some_and(|it| self.is_ending(it));
            let ordinal = ends(tokens.get(1));
            let fits = match kind {
                Kind::Hour => number <= 24 && first.len() <= 2,
                Kind::Minute => number < 60 && first.len() <= 2,
                Kind::Digits => number < 60 && first.len() == 2,
                Kind::Count => number > 0 && first.len() <= 2,
                Kind::DayOfMonth => (1..=31).contains(&number) && first.len() <= 2,
                Kind::MonthNumber => (1..=12).contains(&number) && first.len() <= 2,
                Kind::Ordinal => ordinal && (1..=31).contains(&number),
                Kind::OrdinalMonth => ordinal && (1..=12).contains(&number),
                Kind::Year => (2000..2200).contains(&number),
                _ => false,
            };
            if fits {
                found.push((1, number));
            }
            if fits
                && ordinal
                && matches!(kind, Kind::DayOfMonth | Kind::Ordinal | Kind::OrdinalMonth)
            {
                found.push((2, number));
            }
            found.retain(|(length, _)| {
                *length == 2 || !matches!(kind, Kind::Ordinal | Kind::OrdinalMonth)
            });
        }
        let Some(words) = self.words.get(&kind) else {
            return found;
        };
        let mut joined = String::new();
        for (count, token) in tokens.iter().take(4).enumerate() {
            if count > 0 {
                joined.push(' ');
            }
            joined.push_str(token);
            if let Some(value) = words.get(&joined) {
                found.push((count + 1, *value));
            }
        }
        found
    }

    /// Whether a token makes an ordinal of the digits before it.
    fn is_ending(&self, token: &str) -> bool {
        matches!(
            token,
            "." | "st" | "nd" | "rd" | "th" | "ro" | "o" | "er" | "ten" | "ter"
        )
    }
}

fn filled(mut slots: Slots, element: &Element, value: i64) -> Slots {
    if let Element::Slot(kind) = element {
        slots.put(*kind, value);
    }
    slots
}

fn element(written: &str) -> Element {
    if let Some(inner) = written.strip_suffix('?') {
        return Element::Optional(Box::new(element(inner)));
    }
    let kind = match written {
        "#h" => Kind::Hour,
        "#m" => Kind::Minute,
        "#mm" => Kind::Digits,
        "#n" => Kind::Count,
        "#d" => Kind::DayOfMonth,
        "#o" => Kind::Ordinal,
        "#om" => Kind::OrdinalMonth,
        "#mn" => Kind::MonthNumber,
        "#mo" => Kind::Month,
        "#y" => Kind::Year,
        "#w" => Kind::Weekday,
        "#p" => Kind::Part,
        "#half" => Kind::Half,
        "#at" => Kind::At,
        words => return Element::Words(words.split('|').map(str::to_owned).collect()),
    };
    Element::Slot(kind)
}
