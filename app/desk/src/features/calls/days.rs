//! The list by days: which headings stand between the calls.

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// Heads the calls that go on.
    Live,
    /// Heads those of a day (`2026-11-21`), of which this is a moment (Unix ms).
    Day(String, i64),
    /// A call, by its id.
    Call(String),
}

/// Where a call stands in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dated {
    pub(super) id: String,
    /// Its day.
    pub(super) day: String,
    /// When it was created (Unix ms).
    pub(super) at: i64,
}

impl Line {
    /// Unlike that of any other line.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Live => String::new(),
            Self::Day(day, _) => day.clone(),
            Self::Call(id) => ["/", id].concat(),
        }
    }
}

/// The calls in their order with a heading above each day, and above those that go on.
pub(super) fn by_day(calls: &[Dated], goes_on: impl Fn(&Dated) -> bool) -> Vec<Line> {
    let mut lines = Vec::with_capacity(calls.len() + 8);
    let mut above: Option<Option<&str>> = None;
    for call in calls {
        let day = (!goes_on(call)).then_some(call.day.as_str());
        if above != Some(day) {
            above = Some(day);
            lines.push(match day {
                None => Line::Live,
                Some(day) => Line::Day(day.to_owned(), call.at),
            });
        }
        lines.push(Line::Call(call.id.clone()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_has_a_heading_and_what_goes_on_one_of_its_own() {
        let dated = |id: &str, day: &str, at| Dated {
            id: id.to_owned(),
            day: day.to_owned(),
            at,
        };
        let calls = [
            dated("a", "2026-11-20", 1),
            dated("b", "2026-11-21", 9),
            dated("c", "2026-11-21", 8),
            dated("d", "2026-11-20", 7),
        ];
        let call = |id: &str| Line::Call(id.to_owned());
        let day = |day: &str, at| Line::Day(day.to_owned(), at);
        assert_eq!(
            by_day(&calls, |it| it.id == "a"),
            [
                Line::Live,
                call("a"),
                day("2026-11-21", 9),
                call("b"),
                call("c"),
                day("2026-11-20", 7),
                call("d"),
            ]
        );
        assert_eq!(by_day(&[], |_| true), []);
    }
}
