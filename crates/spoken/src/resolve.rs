//! What the parts and the words mean together.

mod day;
mod time;

use jiff::civil::{Date, Time};
use jiff::tz::AmbiguousOffset;
use jiff::{Span, ToSpan, Unit, Zoned};

use self::day::Days;
use self::time::Times;
use crate::meant::{Clock, DAY, Day, Meant, Part, Reach, of_day};
use crate::{Asked, Context, Question, grammar};

/// How much a time that is said from now may be beside it (minutes).
const ABOUT: u16 = 15;

/// What was asked for, in the zone of the business and never in the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// A day.
    Day(Date),
    /// Days, the first and the last of them: "next week".
    Days(Date, Date),
    /// A part of a day, from its first moment to before its last one.
    Window(Zoned, Zoned),
    /// A moment.
    Moment(Zoned),
}

impl When {
    /// The stretch of time it is, from its first moment to before its last one, and not before now;
    /// a moment is empty.
    #[must_use]
    pub fn span(&self, now: &Zoned) -> (Zoned, Zoned) {
        let zone = now.time_zone();
        // A day that begins or ends while clocks change has a first moment all the same.
        let start = |date: Date| date.to_zoned(zone.clone()).unwrap_or_else(|_| now.clone());
        let after = |date: Date| start(date.tomorrow().unwrap_or(date));
        let (from, to) = match self {
            Self::Day(date) => (start(*date), after(*date)),
            Self::Days(first, last) => (start(*first), after(*last)),
            Self::Window(from, to) => (from.clone(), to.clone()),
            Self::Moment(at) => (at.clone(), at.clone()),
        };
        (from.max(now.clone()), to)
    }
}

/// What a caller means.
///
/// # Errors
/// A question to ask back, where that is not certain.
pub fn resolve(asked: &Asked, context: &Context<'_>) -> Result<When, Question> {
    let mut parts = asked.read(context)?;
    let words = asked
        .said
        .as_deref()
        .and_then(|said| grammar::read_any(said, context.language, |_| true));
    let mut words = words.unwrap_or_default();
    if parts.is_empty() && words.is_empty() && asked.said.is_some() {
        return Err(Question::NotUnderstood);
    }
    pin(&mut parts, context.now)?;
    pin(&mut words, context.now)?;
    if about(&parts, &words) {
        (words.clock, words.exact) = (None, None);
    }
    let today = context.now.date();
    let days = Days::of_both(&parts.days, &words.days, today)?;
    let part = match (parts.part, words.part) {
        (Some(one), Some(other)) if one != other && apart(one, other, context) => {
            return Err(Question::TimesDisagree);
        }
        (one, other) => other.or(one),
    };
    let days = days.ok_or(Question::WhichDay)?;
    let times = Times::of(&parts, &words, part, context.language)?;
    if let Some(exact) = parts.exact.as_ref().or(words.exact.as_ref()) {
        return match days.meet(&Days::Some(vec![exact.date()])) {
            Some(_) => moment(exact.clone(), context.now),
            None => Err(Question::TimesDisagree),
        };
    }
    match (times, days) {
        (None, days) => whole(&days, part, context),
        (Some(_), Days::Span(..)) => Err(Question::WhichDay),
        (Some(times), Days::Some(dates)) => at(&dates, &times, context),
    }
}

/// Makes of a whole moment, or of some minutes from now, a day and a time as well.
fn pin(meant: &mut Meant, now: &Zoned) -> Result<(), Question> {
    for day in &meant.days {
        if let Day::InMinutes(minutes) = day {
            let ahead = Span::new()
                .try_minutes(*minutes)
                .and_then(|span| now.checked_add(span));
            let ahead = ahead.map_err(|_| Question::TooFar)?;
            let whole = ahead.round(Unit::Minute).map_err(|_| Question::TooFar)?;
            meant.exact = Some(if whole < *now { ahead } else { whole });
        }
    }
    meant.days.retain(|day| !matches!(day, Day::InMinutes(_)));
    if let Some(exact) = &meant.exact {
        let minutes = of_day(exact.time());
        let same = meant
            .clock
            .is_none_or(|other| other.candidates(meant.part).contains(&minutes));
        if !same {
            return Err(Question::TimesDisagree);
        }
        meant.clock = Some(Clock::sure(minutes));
        meant.days.push(Day::Date(exact.date()));
    }
    Ok(())
}

/// Whether the parts say a time that the words come near to: who says "in two hours" means no minute.
fn about(parts: &Meant, words: &Meant) -> bool {
    let (Some(said), Some(clock)) = (&words.exact, parts.clock) else {
        return false;
    };
    let near = |it: u16| it.abs_diff(of_day(said.time())) <= ABOUT;
    parts.exact.is_none() && clock.candidates(parts.part).into_iter().any(near)
}

/// Whether two parts of a day have no time in common.
fn apart(one: Part, other: Part, context: &Context<'_>) -> bool {
    let both = |minutes: &u16| {
        one.holds(*minutes, context.language) && other.holds(*minutes, context.language)
    };
    !(0..DAY).step_by(30).any(|minutes| both(&minutes))
}

/// Days without a time.
fn whole(days: &Days, part: Option<Part>, context: &Context<'_>) -> Result<When, Question> {
    let dates = match (days, part) {
        (Days::Span(first, last), None) => return Ok(When::Days(*first, *last)),
        (Days::Span(..), Some(_)) => return Err(Question::WhichDay),
        (Days::Some(dates), _) => dates,
    };
    let Some(part) = part else {
        return match dates[..] {
            [date] => Ok(When::Day(date)),
            _ => Err(Question::WhichOf(dates.clone())),
        };
    };
    let (from, to) = part.window(context.language);
    let windows = dates
        .iter()
        .map(|date| window(*date, from, to, context.now));
    let windows: Result<Vec<_>, _> = windows.collect();
    let mut left: Vec<_> = windows?.into_iter().flatten().collect();
    match (left.len(), left.pop()) {
        (_, None) => Err(Question::Past),
        (1, Some(window)) => Ok(window),
        _ => Err(Question::WhichOf(dates.clone())),
    }
}

/// A stretch of a day, or what is left of it; `None` if it is over.
fn window(date: Date, from: u16, to: u16, now: &Zoned) -> Result<Option<When>, Question> {
    let edge = |minutes: u16| {
        let at = civil(date, minutes).ok_or(Question::TooFar)?;
        at.to_zoned(now.time_zone().clone())
            .map_err(|_| Question::TooFar)
    };
    let (from, to) = (edge(from)?.max(now.clone()), edge(to)?);
    Ok((from < to).then_some(When::Window(from, to)))
}

/// A time by the clock of a day, which may be past its midnight.
fn civil(date: Date, minutes: u16) -> Option<jiff::civil::DateTime> {
    let midnight = date.to_datetime(Time::midnight());
    midnight.checked_add(i64::from(minutes).minutes()).ok()
}

/// One of some times on one of some days.
fn at(dates: &[Date], times: &Times, context: &Context<'_>) -> Result<When, Question> {
    let now = context.now;
    // Until a time means something while it is not over; so does from a time while the day is not.
    let to_come = |date: Date, minutes: u16| match times.reach {
        Reach::From => date >= now.date(),
        _ => {
            civil(date, minutes).is_some_and(|at| at > now.datetime()) || folded(date, minutes, now)
        }
    };
    let mut left: Vec<(Date, Vec<u16>)> = Vec::new();
    for date in dates {
        // The hours say which half of the day before it is over: at ten, "today at nine" is past
        // and not this evening.
        let mut likely = time::likely(*date, times, context);
        likely.retain(|it| to_come(*date, *it));
        if !likely.is_empty() {
            left.push((*date, likely));
        }
    }
    let (date, likely) = match &left[..] {
        [] => return Err(Question::Past),
        [(date, likely)] => (*date, likely),
        _ => {
            return Err(Question::WhichOf(
                left.iter().map(|(date, _)| *date).collect(),
            ));
        }
    };
    let minutes = match likely[..] {
        [one] => one,
        [one, other, ..] => return Err(Question::WhichHalf(clock(one), clock(other))),
        [] => return Err(Question::Past),
    };
    match times.reach {
        Reach::From => window(date, minutes, times.end(minutes), now)?.ok_or(Question::Past),
        Reach::Until => window(date, 0, minutes, now)?.ok_or(Question::Past),
        Reach::At => on_the_wall(date, minutes, now),
    }
}

/// Whether a time comes once more although it has been: the clocks go back.
fn folded(date: Date, minutes: u16, now: &Zoned) -> bool {
    let at = civil(date, minutes).map(|at| now.time_zone().to_ambiguous_zoned(at));
    at.is_some_and(|at| at.is_ambiguous() && at.later().is_ok_and(|later| later > *now))
}

/// A time as the clock on the wall shows it: it may be shown twice, or never.
fn on_the_wall(date: Date, minutes: u16, now: &Zoned) -> Result<When, Question> {
    let at = civil(date, minutes).ok_or(Question::TooFar)?;
    let found = now.time_zone().to_ambiguous_zoned(at);
    match found.offset() {
        AmbiguousOffset::Unambiguous { .. } => {}
        AmbiguousOffset::Gap { .. } => return Err(Question::NoSuchTime(date, clock(minutes))),
        AmbiguousOffset::Fold { .. } => {
            let both = (found.clone().earlier(), found.later());
            let (Ok(first), Ok(second)) = both else {
                return Err(Question::TooFar);
            };
            return if first <= *now {
                moment(second, now)
            } else {
                Err(Question::Twice(first, second))
            };
        }
    }
    moment(found.unambiguous().map_err(|_| Question::TooFar)?, now)
}

fn moment(at: Zoned, now: &Zoned) -> Result<When, Question> {
    if at <= *now {
        Err(Question::Past)
    } else if day::is_too_far(at.date(), now.date()) {
        Err(Question::TooFar)
    } else {
        Ok(When::Moment(at))
    }
}

/// Minutes after midnight as a time by the clock.
fn clock(minutes: u16) -> Time {
    civil(Date::constant(2000, 1, 1), minutes).map_or(Time::midnight(), |at| at.time())
}
