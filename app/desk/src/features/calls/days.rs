//! The list by days: which headings stand between the calls.

use api::desk::CallSummary;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

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

/// The headings, and how many lines there are with them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lines {
    /// On which line each stands.
    heads: Vec<(usize, Line)>,
    pub(super) count: usize,
}

impl Lines {
    /// The calls in their order with a heading above each day, and above those that go on.
    pub(super) fn of(calls: &[CallSummary], days: &mut Days, day: impl Fn(i64) -> String) -> Self {
        let mut at = calls.partition_point(|call| call.status.is_live());
        let mut heads = Vec::new();
        if at > 0 {
            heads.push((0, Line::Live));
        }
        while let Some(first) = calls.get(at) {
            let Day { begins, name } = days.of(first.created_at, &day);
            heads.push((at + heads.len(), Line::Day(name, first.created_at)));
            at += calls[at..].partition_point(|call| call.created_at >= begins);
        }
        let count = calls.len() + heads.len();
        Self { heads, count }
    }

    /// So many lines from one on.
    pub(super) fn part(&self, from: usize, most: usize, calls: &[CallSummary]) -> Vec<Line> {
        let mut above = self.heads.partition_point(|(line, _)| *line < from);
        (from..self.count.min(from + most))
            .filter_map(|line| {
                if let Some((_, head)) = self.heads.get(above).filter(|(at, _)| *at == line) {
                    above += 1;
                    return Some(head.clone());
                }
                calls
                    .get(line - above)
                    .map(|call| Line::Call(call.id.clone()))
            })
            .collect()
    }

    /// The line of a call, by its place among the calls.
    pub(super) fn line(&self, call: usize) -> usize {
        let mut line = call;
        for (at, _) in &self.heads {
            if *at > line {
                break;
            }
            line += 1;
        }
        line
    }
}

/// The days that were found so far: asking for a moment's day costs more than comparing.
#[derive(Debug, Default)]
pub(super) struct Days(Vec<Day>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Day {
    /// Unix ms.
    begins: i64,
    name: String,
}

impl Days {
    /// The day of a moment. `day` names it.
    fn of(&mut self, at: i64, day: impl Fn(i64) -> String) -> Day {
        /// The shortest day there is, and longer than the longest.
        const SHORTEST_MS: i64 = 23 * HOUR_MS;
        const LONGER_MS: i64 = 26 * HOUR_MS;
        let is_of = |it: &&Day| (0..SHORTEST_MS).contains(&(at - it.begins));
        if let Some(known) = self.0.iter().find(is_of) {
            return known.clone();
        }
        let name = day(at);
        // Days begin with whole minutes.
        let (mut before, mut within) = ((at - LONGER_MS) / MINUTE_MS, at / MINUTE_MS);
        while within - before > 1 {
            let middle = before.midpoint(within);
            if day(middle * MINUTE_MS) == name {
                within = middle;
            } else {
                before = middle;
            }
        }
        let begins = within * MINUTE_MS;
        let found = Day { begins, name };
        if !self.0.contains(&found) {
            self.0.push(found.clone());
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use api::desk::CallStatus;

    use super::*;

    /// Half past the hour, two hours ahead of UTC.
    fn name(at: i64) -> String {
        format!("day {}", (at + 150 * MINUTE_MS).div_euclid(24 * HOUR_MS))
    }

    fn call(id: &str, created_at: i64, status: CallStatus) -> CallSummary {
        let call = serde_json::json!({
            "id": id, "call_type": "web_call", "agent_id": "agent", "status": status,
            "created_at": created_at, "has_recording": false,
        });
        serde_json::from_value(call).unwrap()
    }

    #[test]
    fn each_day_has_a_heading_and_what_goes_on_one_of_its_own() {
        let day = 24 * HOUR_MS;
        let calls = [
            call("a", 5, CallStatus::Ongoing),
            call("b", 9 * day, CallStatus::Ended),
            call("c", 9 * day - 150 * MINUTE_MS, CallStatus::Ended),
            call("d", 9 * day - 150 * MINUTE_MS - 1, CallStatus::Ended),
            call("e", 2 * day, CallStatus::Ended),
        ];
        let lines = Lines::of(&calls, &mut Days::default(), name);
        let said = |id: &str| Line::Call(id.to_owned());
        let head = |of: usize| Line::Day(name(calls[of].created_at), calls[of].created_at);
        let all = [
            Line::Live,
            said("a"),
            head(1),
            said("b"),
            said("c"),
            head(3),
            said("d"),
            head(4),
            said("e"),
        ];
        assert_eq!(lines.count, all.len());
        for from in 0..=all.len() {
            let to = all.len().min(from + 3);
            assert_eq!(lines.part(from, 3, &calls), all[from..to], "{from}");
        }
        for (nth, call) in calls.iter().enumerate() {
            assert_eq!(all[lines.line(nth)], said(&call.id));
        }
        assert_eq!(Lines::of(&[], &mut Days::default(), name), Lines::default());
    }

    #[test]
    fn a_day_that_was_found_is_not_asked_for_again() {
        let asked = std::cell::Cell::new(0);
        let count = |at| {
            asked.set(asked.get() + 1);
            name(at)
        };
        let mut days = Days::default();
        let noon = 400 * 24 * HOUR_MS + 9 * HOUR_MS;
        let found = days.of(noon, count);
        let before = asked.get();
        assert!(before <= 13, "{before}");
        for at in [noon + HOUR_MS, found.begins, noon] {
            assert_eq!(days.of(at, count), found);
        }
        assert_eq!(asked.get(), before);
        assert_eq!(name(found.begins), found.name);
        assert_ne!(name(found.begins - 1), found.name);
    }
}
