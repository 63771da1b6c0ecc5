//! A business's day, in its own time zone.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};

/// When the day of a time began and when it ends (Unix ms), where the time zone
/// (IANA) is. A zone that is not known counts as UTC.
#[must_use]
pub fn bounds(timezone: &str, now: i64) -> (i64, i64) {
    let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
    let now = Timestamp::from_millisecond(now).unwrap_or(Timestamp::UNIX_EPOCH);
    let now = now.to_zoned(zone);
    let start = now.start_of_day().unwrap_or_else(|_| now.clone());
    let end = start
        .checked_add(1.day())
        .and_then(|next| next.start_of_day())
        .unwrap_or_else(|_| now.clone());
    let ms = |at: &Zoned| at.timestamp().as_millisecond();
    (ms(&start), ms(&end))
}

/// When each of the last days began (Unix ms), the oldest first: so many, of which the day of a
/// time is the last. Where the time zone (IANA) is, as in [`bounds`].
#[must_use]
pub fn last(days: u32, timezone: &str, now: i64) -> Vec<i64> {
    let (today, _) = bounds(timezone, now);
    let before = |begin: &i64| Some(bounds(timezone, begin - 1).0);
    let back = std::iter::successors(Some(today), before).take(days as usize);
    let mut begins: Vec<_> = back.collect();
    begins.reverse();
    begins
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn a_day_begins_at_local_midnight() {
        let (start, end) = bounds("Europe/Berlin", at("2026-11-21T22:30:00Z"));
        assert_eq!(start, at("2026-11-20T23:00:00Z"));
        assert_eq!(end - start, 24 * HOUR);
        let (start, _) = bounds("Europe/Berlin", at("2026-11-21T23:30:00Z"));
        assert_eq!(start, at("2026-11-21T23:00:00Z"));
        let (start, _) = bounds("Nowhere/Land", at("2026-11-21T23:30:00Z"));
        assert_eq!(start, at("2026-11-21T00:00:00Z"));
    }

    #[test]
    fn the_days_of_the_clock_s_changes_have_other_lengths() {
        let (start, end) = bounds("Europe/Madrid", at("2026-03-29T12:00:00Z"));
        assert_eq!(end - start, 23 * HOUR);
        let (start, end) = bounds("Europe/Madrid", at("2026-10-25T12:00:00Z"));
        assert_eq!(end - start, 25 * HOUR);
    }
    #[test]
    fn the_last_days_end_with_today_and_are_as_long_as_they_are() {
        let begins = last(3, "Europe/Madrid", at("2026-10-26T09:00:00Z"));
        let expected = [
            "2026-10-23T22:00:00Z",
            "2026-10-24T22:00:00Z",
            "2026-10-25T23:00:00Z",
        ];
        assert_eq!(begins, expected.map(at));
    }
}
