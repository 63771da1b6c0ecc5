//! Days, and when they begin by a clock on a wall. Pure: what that says at a moment is given.

/// Of a day (ms), and of a minute.
const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;

/// A day, as so many days since the first of 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Day(i64);

impl Day {
    /// The first of 1970.
    pub(crate) const EPOCH: Self = Self(0);

    /// Reads `2026-11-23`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-').map(|part| part.parse::<i64>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        // Years that begin in March have their odd day at their end.
        let (year, month) = if month > 2 {
            (year, month - 3)
        } else {
            (year - 1, month + 9)
        };
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let of_year = (153 * month + 2) / 5 + day - 1;
        let days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        Some(Self(era * 146_097 + days - 719_468))
    }

    /// As `2026-11-23`.
    pub(crate) fn text(self) -> String {
        let days = self.0 + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = era * 400 + year + i64::from(month <= 2);
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// So many days later.
    pub(crate) fn plus(self, days: i64) -> Self {
        Self(self.0 + days)
    }

    /// The first of its month.
    pub(crate) fn first_of_month(self) -> Self {
        let text = self.text();
        let of_month = text
            .rsplit('-')
            .next()
            .and_then(|day| day.parse::<i64>().ok());
        self.plus(1 - of_month.unwrap_or(1))
    }

    /// The Monday of its week.
    pub(crate) fn monday(self) -> Self {
        // It began with a Thursday.
        Self(self.0 - (self.0 + 3).rem_euclid(7))
    }

    /// When it begins (Unix ms) where the clock shows UTC.
    pub(crate) fn begins_in_utc(self) -> i64 {
        self.0 * DAY_MS
    }

    /// When it begins (Unix ms). `wall` says which time the clock shows at a moment.
    pub(crate) fn begins(self, wall: impl Fn(i64) -> Wall) -> i64 {
        let ours = self.begins_in_utc();
        let there = |guess: i64| {
            let shown = wall(guess);
            ours - (shown.day.0 * DAY_MS + shown.minutes * MINUTE_MS - guess)
        };
        // The first may be on the other side of a change of the clock.
        there(there(ours))
    }
}

/// What a clock on the wall shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wall {
    pub(crate) day: Day,
    /// Since midnight.
    pub(crate) minutes: i64,
}

impl Wall {
    /// Reads `2026-11-23 14:05`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (day, time) = text.split_once(' ')?;
        let (hours, minutes) = time.split_once(':')?;
        Some(Self {
            day: Day::parse(day)?,
            minutes: hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().ok()?,
        })
    }

    /// When the clock shows this (Unix ms); `wall` as for [`Day::begins`].
    pub(crate) fn moment(self, wall: impl Fn(i64) -> Self) -> i64 {
        let guess = self.day.begins(&wall) + self.minutes * MINUTE_MS;
        // The day the clock changes has other hours.
        let shown = wall(guess);
        match shown.day == self.day {
            true => guess + (self.minutes - shown.minutes) * MINUTE_MS,
            false => guess,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_written_and_weeks_begin_on_monday() {
        for (text, monday) in [
            ("1970-01-01", "1969-12-29"),
            ("2024-02-29", "2024-02-26"),
            ("2026-11-23", "2026-11-23"),
            ("2026-11-29", "2026-11-23"),
            ("2100-03-01", "2100-03-01"),
        ] {
            let day = Day::parse(text).unwrap();
            assert_eq!(
                (day.text(), day.monday().text()),
                (text.to_owned(), monday.to_owned())
            );
        }
        assert_eq!(
            Day::parse("2024-02-28").unwrap().plus(2).text(),
            "2024-03-01"
        );
        for day in ["2024-02-01", "2024-02-29"] {
            let first = Day::parse(day).unwrap().first_of_month();
            assert_eq!(first.text(), "2024-02-01");
        }
        for wrong in ["", "2026-13-01", "2026-11", "today"] {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_day_begins_when_the_clock_on_the_wall_says() {
        // Two hours ahead until the 25th of October, 1 o'clock UTC; then one.
        let change = Day::parse("2026-10-25").unwrap().0 * DAY_MS + 3_600_000;
        let wall = |at: i64| {
            let shown = at + if at < change { 7_200_000 } else { 3_600_000 };
            Wall {
                day: Day(shown.div_euclid(DAY_MS)),
                minutes: shown.rem_euclid(DAY_MS) / MINUTE_MS,
            }
        };
        for (day, before_ms) in [("2026-10-25", 7_200_000), ("2026-10-26", 3_600_000)] {
            let day = Day::parse(day).unwrap();
            assert_eq!(day.begins(wall), day.0 * DAY_MS - before_ms);
        }
        let shown = Wall::parse("2026-11-23 14:05").unwrap();
        assert_eq!(
            (shown.day.text().as_str(), shown.minutes),
            ("2026-11-23", 845)
        );
        assert_eq!(Wall::parse("2026-11-23"), None);
    }
}
