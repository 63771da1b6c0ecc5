//! Which time was meant, and which half of the day.

use std::ops::Range;

use jiff::civil::Date;

use crate::meant::{Clock, DAY, Half, Meant, Part, Reach};
use crate::{Context, Language, Question};

/// When people do things, where it is not known when a business is open (minutes after midnight).
const WAKING: Range<u16> = 7 * 60..22 * 60;

/// What was said of a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Times {
    /// What it may be, the likelier first (minutes after midnight, or past it); never empty.
    pub(super) any: Vec<u16>,
    pub(super) reach: Reach,
    /// Where it ends, if that was said.
    until: Option<Clock>,
    /// Whether it was written in full.
    pub(super) written: bool,
}

impl Times {
    /// What both mean, and the part of the day allows; `None` if nothing was said.
    pub(super) fn of(
        parts: &Meant,
        words: &Meant,
        part: Option<Part>,
        language: Language,
    ) -> Result<Option<Self>, Question> {
        let (first, second) = match (parts.clock, words.clock) {
            (None, None) => return Ok(None),
            (Some(one), None) | (None, Some(one)) => (one, None),
            // A time counts more than what it is before or after.
            (Some(one), Some(other)) if one.reach == Reach::At => (one, Some(other)),
            (Some(one), Some(other)) => (other, Some(one)),
        };
        let ends = |it: &Clock| first.reach == Reach::From && it.reach == Reach::Until;
        let until = parts.until.or(words.until).or(second.filter(ends));
        let mut any = first.candidates(part);
        if first.reach == Reach::At {
            let from = second.filter(|it| it.reach == Reach::From);
            let to = second.filter(|it| it.reach == Reach::Until).or(until);
            let after = |it: u16| {
                from.is_none_or(|from| from.candidates(part).iter().any(|from| *from <= it))
            };
            let before =
                |it: u16| to.is_none_or(|to| to.candidates(part).iter().any(|to| it <= *to));
            any.retain(|it| after(*it) && before(*it));
            // Nine in the morning is not nine in the evening because that is after two.
            if first.half == Half::Written && !any.contains(&first.minutes) {
                any.clear();
            }
        }
        if let Some(second) = second.filter(|it| it.reach == first.reach) {
            let others = second.candidates(part);
            any.retain(|it| others.contains(it));
        }
        if let Some(part) = part {
            any.retain(|it| part.holds(it % DAY, language));
        }
        if any.is_empty() {
            return Err(Question::TimesDisagree);
        }
        let halves = [Some(first), second]
            .into_iter()
            .flatten()
            .map(|it| it.half);
        let written = halves.into_iter().any(|half| half == Half::Written);
        Ok(Some(Self {
            any,
            reach: first.reach,
            until,
            written,
        }))
    }

    /// Where a stretch that begins at a time ends (minutes after midnight).
    pub(super) fn end(&self, from: u16) -> u16 {
        let ends = self
            .until
            .map(|until| until.candidates(None))
            .unwrap_or_default();
        ends.into_iter()
            .filter(|it| *it > from)
            .min()
            .unwrap_or(DAY.max(from))
    }
}

/// Those of some times that are likely on a day: when it is open, else when people are awake. Of
/// those that were written in full, the first counts where nothing speaks against it.
pub(super) fn likely(date: Date, times: &Times, context: &Context<'_>) -> Vec<u16> {
    let written = times.written;
    let times = times.any.clone();
    if times.len() < 2 {
        return times;
    }
    let open = context.opening.map(|week| {
        let day = &week[usize::from(date.weekday().to_monday_zero_offset().unsigned_abs())];
        let open = times
            .iter()
            .copied()
            .filter(|it| day.iter().any(|hours| hours.contains(it)));
        open.collect::<Vec<_>>()
    });
    let left = match open {
        Some(open) if !open.is_empty() => open,
        _ => times
            .iter()
            .copied()
            .filter(|it| WAKING.contains(it))
            .collect(),
    };
    let first = if written { times.first() } else { None };
    match (first, &left[..]) {
        (Some(first), left) if left.contains(first) => vec![*first],
        (_, []) => times,
        // Nobody who writes half past four for the middle of the night can be told from one who
        // means the afternoon, unless the hours tell.
        (Some(_), _) if context.opening.is_none() => times,
        _ => left,
    }
}
