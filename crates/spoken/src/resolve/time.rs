//! Which time was meant, and which half of the day.

use std::ops::Range;

use jiff::civil::Date;

use crate::Context;
use crate::meant::{Clock, DAY, Part};

/// When people do things, where it is not known when a business is open (minutes after midnight).
const WAKING: Range<u16> = 7 * 60..22 * 60;

/// The times that both, and the part of the day, allow, the likelier first; `None` if there is
/// none. All are of one day, which may go on past midnight.
pub(super) fn candidates(
    parts: Option<Clock>,
    words: Option<Clock>,
    part: Option<Part>,
    context: &Context<'_>,
) -> Option<Vec<u16>> {
    let mut clocks = [parts, words].into_iter().flatten();
    let mut times = clocks.next()?.candidates(part);
    if let Some(other) = clocks.next() {
        let others = other.candidates(part);
        times.retain(|it| others.contains(it));
    }
    if let Some(part) = part {
        times.retain(|it| part.holds(it % DAY, context.language));
    }
    (!times.is_empty()).then_some(times)
}

/// Those of some times that are likely on a day: when it is open, else when people are awake. Of
/// those that were written in full, the first counts where nothing speaks against it.
pub(super) fn likely(
    date: Date,
    times: Vec<u16>,
    written: bool,
    context: &Context<'_>,
) -> Vec<u16> {
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
