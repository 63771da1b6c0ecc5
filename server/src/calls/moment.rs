//! Days and moments as people and programs write them.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// What a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    /// A whole day.
    Day(Date),
    /// A moment (Unix ms).
    Moment(i64),
}

/// Why a text names neither a day nor a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum WhenError {
    /// It is written in no way we know.
    #[error("neither a day nor a moment")]
    Neither,
    /// The clocks went forward over it.
    #[error("a time that the clocks skipped")]
    Skipped,
}

/// Reads a day (`2026-11-21`), or a moment: with its offset from UTC, whose plus
/// may have become a space on the way, or by the clocks of the time zone.
///
/// # Errors
/// When it is neither.
pub(super) fn when(text: &str, tz: &TimeZone) -> Result<When, WhenError> {
    let text = text.trim();
    let Some((date, time)) = text.split_once(['T', 't', ' ']) else {
        let day = text.parse().map_err(|_| WhenError::Neither)?;
        return Ok(When::Day(day));
    };
    let time = time.trim().replace(' ', "+");
    let text = format!("{date}T{time}");
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(When::Moment(at.as_millisecond()));
    }
    // An offset that is none would be ignored.
    let is_local = time.chars().all(|c| c.is_ascii_digit() || ":.".contains(c));
    let local: Option<DateTime> = text.parse().ok().filter(|_| is_local);
    let at = tz.to_ambiguous_zoned(local.ok_or(WhenError::Neither)?);
    if matches!(at.offset(), AmbiguousOffset::Gap { .. }) {
        return Err(WhenError::Skipped);
    }
    let at = at.compatible().map_err(|_| WhenError::Neither)?;
    Ok(When::Moment(at.timestamp().as_millisecond()))
}

/// Reads what is written at the command line: `24 hours ago`, `now`, a date (its
/// beginning in the time zone) or a moment. Unix ms.
#[must_use]
pub fn moment(text: &str, now_ms: i64, tz: &TimeZone) -> Option<i64> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Some(now_ms);
    }
    if let Some(ago) = text.strip_suffix("ago") {
        return now_ms.checked_sub(i64::try_from(length(ago)?.as_millis()).ok()?);
    }
    match when(text, tz).ok()? {
        When::Moment(at) => Some(at),
        When::Day(day) => {
            let begin = day.to_zoned(tz.clone()).ok()?;
            Some(begin.timestamp().as_millisecond())
        }
    }
}

/// `24 hours`, `a week`.
fn length(text: &str) -> Option<SignedDuration> {
    let (count, unit) = text.trim().split_once(' ')?;
    let count: i64 = match count {
        "a" | "an" => 1,
        count => count.parse().ok().filter(|count| *count >= 0)?,
    };
    let hours = match unit.trim().trim_end_matches('s') {
        "minute" => return Some(SignedDuration::from_mins(count.min(MOST_HOURS))),
        "hour" => 1,
        "day" => 24,
        "week" => 24 * 7,
        _ => return None,
    };
    Some(SignedDuration::from_hours(
        count.checked_mul(hours)?.min(MOST_HOURS),
    ))
}

/// A thousand years: before any call.
const MOST_HOURS: i64 = 1000 * 366 * 24;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_come_with_an_offset_or_are_those_of_the_clocks_there() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let two = 1_795_266_000_000;
        for text in [
            "2026-11-21T14:00:00+01:00",
            // What an address makes of it.
            "2026-11-21T14:00:00 01:00",
            "2026-11-21 14:00:00 01:00",
            "2026-11-21T13:00:00Z",
            "2026-11-21t13:00:00z",
            "2026-11-21T08:00:00-05:00",
            "2026-11-21T14:00:00.000",
            "2026-11-21T14:00:00",
            "2026-11-21T14:00",
            " 2026-11-21 14:00 ",
        ] {
            assert_eq!(when(text, &berlin), Ok(When::Moment(two)), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2026-W47",
            "1763730000",
            "1763730000000",
            "2026-02-30",
            "2026-11-21T25:00",
            "2026-11-21T14:00:00+99:00",
            "2026-11-21T14:00 in Berlin",
        ] {
            assert_eq!(when(text, &berlin), Err(WhenError::Neither), "{text}");
        }
        let skipped = when("2026-03-29T02:30:00", &berlin);
        assert_eq!(skipped, Err(WhenError::Skipped));
        assert!(when("2026-03-29T02:30:00+01:00", &berlin).is_ok());
        // What comes twice is the first of the two.
        let twice = when("2026-10-25T02:30:00", &berlin);
        assert_eq!(twice, when("2026-10-25T02:30:00+02:00", &berlin));
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        let now = 1_790_000_000_000;
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let read = |text: &str| moment(text, now, &berlin);
        let hour = 60 * 60 * 1000;
        assert_eq!(read("24 hours ago"), Some(now - 24 * hour));
        assert_eq!(read("a week ago"), Some(now - 7 * 24 * hour));
        assert_eq!(read(" 10 minutes ago "), Some(now - hour / 6));
        assert_eq!(read("now"), Some(now));
        assert_eq!(read("2026-01-01T00:00:00Z"), Some(1_767_225_600_000));
        assert_eq!(read("2026-01-01"), Some(1_767_225_600_000 - hour));
        for text in [
            "",
            "yesterday",
            "-1 hours ago",
            "ago",
            "5 ago",
            "2026-13-01",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
        assert!(read("99999999999999 weeks ago").is_some_and(|at| at < 0));
    }
}
