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
}
