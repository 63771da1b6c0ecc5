//! Which day was meant.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::Question;
use crate::meant::{Day, Which, monday, plus};

/// How far ahead anybody asks for a time (days).
const HORIZON: i32 = 2 * 366;

/// The days that may be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Days {
    /// One of these; never empty.
    Some(Vec<Date>),
    /// All from the first to the last.
    Span(Date, Date),
}

impl Days {
    /// The days of which all is true, today or later; `None` if nothing was said.
    pub(super) fn of(said: &[Day], today: Date) -> Result<Option<Self>, Question> {
        let Some(anchor) = said.iter().max_by_key(|day| firmness(day)) else {
            return Ok(None);
        };
        let days = anchor_days(anchor, said, today)?;
        let Self::Some(mut dates) = days else {
            return Ok(Some(days));
        };
        let others = said.iter().filter(|day| *day != anchor);
        check(&mut dates, others, today)?;
        if dates.iter().all(|date| *date < today) {
            return Err(Question::Past);
        }
        dates.retain(|date| *date >= today);
        if dates.iter().any(|date| is_too_far(*date, today)) {
            return Err(Question::TooFar);
        }
        dates.sort_unstable();
        dates.dedup();
        Ok(Some(Self::Some(dates)))
    }

    /// The days that the parts and the words mean together; `None` if neither says any.
    pub(super) fn of_both(
        parts: &[Day],
        words: &[Day],
        today: Date,
    ) -> Result<Option<Self>, Question> {
        let words_mean = Self::of(words, today)?;
        let is_bare = |day: &Day| matches!(day, Day::Weekday(_, Which::First));
        // A weekday beside the words is one of them: it says no more of which Tuesday than they do.
        if let Some(Self::Some(mut dates)) = words_mean.clone()
            && parts.iter().all(is_bare)
        {
            check(&mut dates, parts, today)?;
            return Ok(Some(Self::Some(dates)));
        }
        let (one, other) = match (Self::of(parts, today)?, words_mean) {
            (Some(one), Some(other)) => (one, other),
            (one, other) => return Ok(one.or(other)),
        };
        match (&one, &other) {
            // "Tuesday" is the one of the week that is talked about.
            (Self::Some(_), Self::Span(..)) | (Self::Span(..), Self::Some(_)) => {
                Self::of(&[parts, words].concat(), today)
            }
            _ => Ok(Some(one.meet(&other).ok_or_else(|| one.against(&other))?)),
        }
    }

    /// The days that both may mean; `None` if there is none.
    pub(super) fn meet(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Span(first, last), Self::Span(from, to)) => {
                let (first, last) = (*first.max(from), *last.min(to));
                (first <= last).then_some(Self::Span(first, last))
            }
            (Self::Some(dates), other) | (other, Self::Some(dates)) => {
                let both: Vec<_> = dates
                    .iter()
                    .copied()
                    .filter(|it| other.holds(*it))
                    .collect();
                (!both.is_empty()).then_some(Self::Some(both))
            }
        }
    }

    fn holds(&self, date: Date) -> bool {
        match self {
            Self::Some(dates) => dates.contains(&date),
            Self::Span(first, last) => (*first..=*last).contains(&date),
        }
    }

    /// The question where the words say another day than the parts.
    fn against(&self, words: &Self) -> Question {
        match (self, words) {
            (Self::Some(parts), Self::Some(words)) => match (parts.first(), words.first()) {
                (Some(part), Some(word)) => Question::WordsDisagree(*part, *word),
                _ => Question::DaysDisagree,
            },
            _ => Question::DaysDisagree,
        }
    }
}

/// Beyond what anybody asks for.
pub(super) fn is_too_far(date: Date, today: Date) -> bool {
    plus(today, HORIZON).is_some_and(|horizon| date > horizon)
}

/// How much a rule says by itself: the firmest names the days, the others check them.
fn firmness(day: &Day) -> u8 {
    match day {
        Day::NoSuch => 13,
        Day::Date(_) => 12,
        Day::InDays(_) | Day::InMonths(_) | Day::InMinutes(_) => 11,
        Day::NoYear(..) => 10,
        Day::Slashed(..) => 9,
        Day::OfMonth(_) => 7,
        Day::InAbout(_) => 6,
        Day::InWeeks(_) => 5,
        Day::Weekday(..) => 4,
        Day::Weekend(_) => 3,
        Day::Week(_) => 2,
        Day::InMonth(_) | Day::MonthAhead(_) => 1,
    }
}

/// Leaves the days of which the rest is true as well.
fn check<'a>(
    dates: &mut Vec<Date>,
    rest: impl IntoIterator<Item = &'a Day>,
    today: Date,
) -> Result<(), Question> {
    for day in rest {
        let first = dates.first().copied();
        dates.retain(|date| agrees(day, *date, today));
        if let (true, Some(date)) = (dates.is_empty(), first) {
            return Err(match day {
                Day::Weekday(weekday, _) => Question::WeekdayDisagrees(*weekday, date),
                _ => Question::DaysDisagree,
            });
        }
    }
    Ok(())
}

/// Whether something is true of a day that another rule named.
fn agrees(day: &Day, date: Date, today: Date) -> bool {
    match *day {
        Day::Date(other) => date == other,
        Day::NoYear(month, day) => (date.month(), date.day()) == (month, day),
        Day::Slashed(one, other, _) => {
            let numbers = (date.month(), date.day());
            numbers == (one, other) || numbers == (other, one)
        }
        Day::OfMonth(day) => date.day() == day,
        Day::MonthAhead(months) => month_ahead(today, months) == Some(date.first_of_month()),
        Day::InMonths(months) => in_months(today, months) == Some(date),
        Day::InDays(days) => plus(today, days) == Some(date),
        Day::InAbout(days) => [days, days - 1]
            .iter()
            .any(|it| plus(today, *it) == Some(date)),
        Day::InWeeks(weeks) | Day::Week(weeks) => within_week(date, weeks, today),
        Day::Weekend(weeks) => {
            within_week(date, weeks, today) && date.weekday().to_monday_zero_offset() >= 5
        }
        Day::Weekday(weekday, _) => date.weekday() == weekday,
        Day::InMonth(month) => date.month() == month,
        Day::InMinutes(_) => true,
        Day::NoSuch => false,
    }
}

fn within_week(date: Date, ahead: i32, today: Date) -> bool {
    let first = monday(today, ahead);
    first.is_some_and(|first| date >= first && plus(first, 6).is_some_and(|last| date <= last))
}

/// The days that the firmest rule may mean, beside the others.
fn anchor_days(anchor: &Day, said: &[Day], today: Date) -> Result<Days, Question> {
    let far = |date: Option<Date>| date.ok_or(Question::TooFar);
    let one = |date: Option<Date>| far(date).map(|date| Days::Some(vec![date]));
    match *anchor {
        Day::NoSuch => Err(Question::NoSuchDay),
        Day::Date(date) => Ok(Days::Some(vec![date])),
        Day::InDays(days) => one(plus(today, days)),
        Day::NoYear(month, day) => Ok(Days::Some(vec![next_date(month, day, today)?])),
        Day::Slashed(one, other, year) => {
            let date = |month, day| match year {
                Some(year) => Date::new(year, month, day).map_err(|_| Question::NoSuchDay),
                None => next_date(month, day, today),
            };
            let both = [date(one, other), date(other, one)];
            let dates: Vec<_> = both.into_iter().flatten().collect();
            if dates.is_empty() {
                Err(Question::NoSuchDay)
            } else {
                Ok(Days::Some(dates))
            }
        }
        Day::InMonths(months) => one(in_months(today, months)),
        Day::MonthAhead(months) => {
            let first = far(month_ahead(today, months))?;
            span(first, first.last_of_month(), today)
        }
        Day::OfMonth(day) => next_of_month(day, said, today),
        Day::InAbout(days) => Ok(Days::Some(vec![
            far(plus(today, days - 1))?,
            far(plus(today, days))?,
        ])),
        Day::InWeeks(weeks) => in_weeks(weeks, said, today),
        Day::Weekday(weekday, which) => weekday_days(weekday, which, said, today),
        Day::Weekend(weeks) => {
            let saturday = far(monday(today, weeks).and_then(|it| plus(it, 5)))?;
            span(saturday, far(plus(saturday, 1))?, today)
        }
        Day::Week(weeks) => {
            let first = far(monday(today, weeks))?;
            span(first, far(plus(first, 6))?, today)
        }
        Day::InMonth(month) => {
            let mut first = today.first_of_month();
            for _ in 0..11 {
                if first.month() != month {
                    first = far(plus(first.last_of_month(), 1))?;
                }
            }
            span(first, first.last_of_month(), today)
        }
        // It is made a date before.
        Day::InMinutes(_) => Err(Question::WhichDay),
    }
}

fn span(first: Date, last: Date, today: Date) -> Result<Days, Question> {
    if last < today {
        return Err(Question::Past);
    }
    if is_too_far(last, today) {
        return Err(Question::TooFar);
    }
    Ok(Days::Span(first.max(today), last))
}

/// The next day of that date, today included. The 29th of February may be years ahead.
fn next_date(month: i8, day: i8, today: Date) -> Result<Date, Question> {
    let years = today.year()..=today.year().saturating_add(8);
    let dates = years.filter_map(|year| Date::new(year, month, day).ok());
    dates
        .into_iter()
        .find(|date| *date >= today)
        .ok_or(Question::NoSuchDay)
}

/// The first day of the month so many months ahead.
fn month_ahead(today: Date, months: i8) -> Option<Date> {
    in_months(today.first_of_month(), months)
}

/// The same day so many months later, or the last one of a shorter month.
fn in_months(date: Date, months: i8) -> Option<Date> {
    date.checked_add(i64::from(months).months()).ok()
}

/// A day of the month so many months ahead.
fn of_month(today: Date, months: i8, day: i8) -> Option<Date> {
    let first = month_ahead(today, months)?;
    Date::new(first.year(), first.month(), day).ok()
}

/// The next day of that number, today included; in the month that was named, if one was.
fn next_of_month(day: i8, said: &[Day], today: Date) -> Result<Days, Question> {
    for it in said {
        match *it {
            Day::InMonth(month) => return Ok(Days::Some(vec![next_date(month, day, today)?])),
            Day::MonthAhead(months) => {
                let date = of_month(today, months, day).ok_or(Question::NoSuchDay)?;
                return Ok(Days::Some(vec![date]));
            }
            _ => {}
        }
    }
    let dates = (0..3).filter_map(|months| of_month(today, months, day));
    let next = dates.into_iter().find(|date| *date >= today);
    next.map(|date| Days::Some(vec![date]))
        .ok_or(Question::NoSuchDay)
}

/// The first of its weekdays after today.
fn first(weekday: Weekday, today: Date) -> Result<Date, Question> {
    let ahead = i32::from(today.weekday().until(weekday));
    plus(today, if ahead == 0 { 7 } else { ahead }).ok_or(Question::TooFar)
}

/// So many weeks ahead: to the day, or on the weekday that was named, counted from this week or
/// from the first such day to come.
fn in_weeks(weeks: i32, said: &[Day], today: Date) -> Result<Days, Question> {
    let days = weeks.checked_mul(7).ok_or(Question::TooFar)?;
    let weekday = said.iter().find_map(|it| match it {
        Day::Weekday(weekday, _) => Some(*weekday),
        _ => None,
    });
    let dates = match weekday {
        None => [plus(today, days), None],
        Some(weekday) => {
            let ahead = i32::from(weekday.to_monday_zero_offset());
            let of_week = monday(today, weeks).and_then(|it| plus(it, ahead));
            [of_week, plus(first(weekday, today)?, days)]
        }
    };
    let dates: Vec<_> = dates.into_iter().flatten().collect();
    if dates.is_empty() {
        Err(Question::TooFar)
    } else {
        Ok(Days::Some(dates))
    }
}

fn weekday_days(
    weekday: Weekday,
    which: Which,
    said: &[Day],
    today: Date,
) -> Result<Days, Question> {
    let far = |date: Option<Date>| date.ok_or(Question::TooFar);
    let ahead = i32::from(weekday.to_monday_zero_offset());
    for day in said {
        if let Day::Week(weeks) | Day::Weekend(weeks) = day {
            return Ok(Days::Some(vec![far(
                monday(today, *weeks).and_then(|it| plus(it, ahead))
            )?]));
        }
    }
    let first = first(weekday, today)?;
    let of_next_week = far(monday(today, 1).and_then(|it| plus(it, ahead)))?;
    let later = far(plus(first, 7))?;
    Ok(Days::Some(match which {
        Which::First if today.weekday() == weekday => vec![today, first],
        Which::Coming if plus(today, 1) == Some(first) => vec![first, later],
        Which::First | Which::Coming => vec![first],
        Which::Next if first == of_next_week => vec![first],
        Which::Next => vec![first, of_next_week],
        Which::AndAWeek => vec![later],
    }))
}
