//! Moments as people write them at the command line.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Reads `24 hours ago`, `now`, a date (its beginning in the time zone) or a
/// timestamp such as `2026-01-01T08:00:00Z`. Unix ms.
#[must_use]
pub fn moment(text: &str, now_ms: i64, tz: &TimeZone) -> Option<i64> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Some(now_ms);
    }
    if let Some(ago) = text.strip_suffix("ago") {
        return now_ms.checked_sub(i64::try_from(length(ago)?.as_millis()).ok()?);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    let date: Date = text.parse().ok()?;
    let at = date.to_zoned(tz.clone()).ok()?;
    Some(at.timestamp().as_millisecond())
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
