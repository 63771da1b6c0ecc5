//! Business hours as people write them: `09:00-12:30, 14:00-18:00`, and one
//! line for each date that is different.
//!
//! Only the shape is checked here; whether hours make sense the server says.

use api::business::{Exception, Interval};

/// A day's intervals; `None` for what has another shape.
pub(super) fn parse_day(text: &str) -> Option<Vec<Interval>> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (from, to) = part.split_once(['-', '–'])?;
            Some(Interval {
                from: parse_time(from)?,
                to: parse_time(to)?,
            })
        })
        .collect()
}

/// `9:00`, `09.00` and `9` are nine o'clock, too.
fn parse_time(text: &str) -> Option<String> {
    let (hours, minutes) = text
        .trim()
        .split_once([':', '.'])
        .unwrap_or((text.trim(), "00"));
    let plain = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    (plain(hours, 2) && plain(minutes, 2) && minutes.len() == 2)
        .then(|| format!("{hours:0>2}:{minutes}"))
}

/// What [`parse_day`] reads.
pub(super) fn write_day(day: &[Interval]) -> String {
    let parts: Vec<_> = day
        .iter()
        .map(|interval| format!("{}-{}", interval.from, interval.to))
        .collect();
    parts.join(", ")
}

/// A line for each exception; `None` for what has another shape.
pub(super) fn parse_exceptions(text: &str) -> Option<Vec<Exception>> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (date, hours) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
            Some(Exception {
                date: date.to_owned(),
                open: parse_day(hours)?,
            })
        })
        .collect()
}

/// What [`parse_exceptions`] reads.
pub(super) fn write_exceptions(exceptions: &[Exception]) -> String {
    let lines: Vec<_> = exceptions
        .iter()
        .map(|exception| {
            format!("{} {}", exception.date, write_day(&exception.open))
                .trim_end()
                .to_owned()
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_read_as_people_write_them() {
        for text in [
            "09:00-12:30, 14:00-18:00",
            "9:00–12:30,14-18",
            " 9.00 - 12.30 , 14:00 - 18:00,",
        ] {
            let day = parse_day(text).unwrap();
            assert_eq!(write_day(&day), "09:00-12:30, 14:00-18:00", "{text}");
        }
        assert_eq!(parse_day("  "), Some(vec![]));
        for text in ["9", "nine-five", "9:0-10", "123:00-14", "9-", "-"] {
            assert_eq!(parse_day(text), None, "{text}");
        }
    }

    #[test]
    fn exceptions_read_back() {
        let text = "2026-12-24 09:00-12:00\n2026-12-25";
        let exceptions = parse_exceptions(text).unwrap();
        assert_eq!(exceptions[1].open, []);
        assert_eq!(write_exceptions(&exceptions), text);
        assert_eq!(parse_exceptions("2026-12-24 closed"), None);
    }
}
