//! How functions fare: how often each is asked for and fails, and how long it takes. Pure.

use api::functions::{FunctionDay, FunctionOutcome, FunctionUse};
use serde_json::Value;

use super::store::Fared;

/// What an agent is told of a function.
pub(super) struct Told<'a> {
    /// Its names, ours first.
    pub(super) names: &'a [&'a str],
    /// When an agent is to ask for it.
    pub(super) about: &'a str,
    /// What it is asked.
    pub(super) parameters: Value,
    /// Whether it has an effect.
    pub(super) changes: bool,
}

/// A function, for which agents it is off, and how it fared: all in all, and on each of the days
/// that begin when `days` says (Unix ms, the oldest first).
pub(super) fn of(
    told: Told<'_>,
    off: &[(String, String)],
    fared: &[Fared],
    days: &[i64],
) -> FunctionUse {
    let name = told.names.first().copied().unwrap_or_default();
    let is_over = |it: &&Fared| it.outcome != FunctionOutcome::Running;
    let of_it = fared
        .iter()
        .filter(|it| told.names.contains(&it.name.as_str()));
    let over: Vec<_> = of_it.filter(is_over).collect();
    let ends = days.iter().skip(1).copied().chain([i64::MAX]);
    let day = |(begin, end): (&i64, i64)| {
        let of_day = over.iter().copied();
        figures(*begin, of_day.filter(|it| (*begin..end).contains(&it.at)))
    };
    let all = figures(0, over.iter().copied());
    let off_for = off.iter().filter(|(_, of)| of == name);
    FunctionUse {
        name: name.to_owned(),
        description: told.about.to_owned(),
        parameters: told.parameters,
        changes: told.changes,
        off_for: off_for.map(|(agent, _)| agent.clone()).collect(),
        asked: all.asked,
        failed: all.failed,
        p50_ms: all.p50_ms,
        p95_ms: all.p95_ms,
        days: days.iter().zip(ends).map(day).collect(),
    }
}

/// How a function fared on the day that begins then.
fn figures<'a>(begins: i64, over: impl Iterator<Item = &'a Fared>) -> FunctionDay {
    let (mut asked, mut failed, mut took) = (0, 0, Vec::new());
    for it in over {
        asked += 1;
        failed += usize::from(matches!(
            it.outcome,
            FunctionOutcome::Failed | FunctionOutcome::Late
        ));
        took.extend(it.latency_ms);
    }
    took.sort_unstable();
    FunctionDay {
        begins,
        asked: count(asked),
        failed: count(failed),
        p50_ms: percentile(&took, 50),
        p95_ms: percentile(&took, 95),
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The least of these, which are sorted, that so many in a hundred do not exceed.
fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.max(1) - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::tool;

    fn fared(name: &str, at: i64, outcome: FunctionOutcome, latency_ms: i64) -> Fared {
        Fared {
            name: name.to_owned(),
            at,
            outcome,
            latency_ms: Some(latency_ms),
        }
    }

    #[test]
    fn failures_and_latencies_are_counted_under_every_name() {
        let all = [
            fared("book_appointment", 1, FunctionOutcome::Done, 10),
            fared("book_appointment_cal", 1, FunctionOutcome::Refused, 30),
            fared("book_appointment", 1, FunctionOutcome::Failed, 20),
            fared("book_appointment", 1, FunctionOutcome::Running, 99),
            fared("end_call", 1, FunctionOutcome::Late, 8_000),
        ];
        let off = [("agent_1".to_owned(), "book_appointment".to_owned())];
        let told = || tool::find("book_appointment").unwrap().told();
        let it = of(told(), &off, &all, &[]);
        assert_eq!(
            (it.asked, it.failed, it.p50_ms, it.p95_ms),
            (3, 1, Some(20), Some(30))
        );
        assert_eq!(it.off_for, ["agent_1"]);
        assert!(it.days.is_empty());
        let it = of(tool::find("add_note").unwrap().told(), &off, &all, &[]);
        assert_eq!((it.asked, it.p50_ms, it.off_for.len()), (0, None, 0));
    }

    #[test]
    fn each_day_has_its_own_and_one_on_which_nobody_asked_is_zero() {
        let name = "book_appointment";
        let all = [
            fared(name, 399, FunctionOutcome::Done, 50),
            fared(name, 300, FunctionOutcome::Late, 70),
            fared(name, 199, FunctionOutcome::Done, 10),
            fared(name, 99, FunctionOutcome::Done, 1),
        ];
        let told = tool::find(name).unwrap().told();
        let it = of(told, &[], &all, &[100, 200, 300]);
        assert_eq!(it.asked, 4, "also what came before the first of the days");
        let days: Vec<_> = it
            .days
            .iter()
            .map(|day| (day.begins, day.asked, day.failed))
            .collect();
        assert_eq!(days, [(100, 1, 0), (200, 0, 0), (300, 2, 1)]);
        let took: Vec<_> = it.days.iter().map(|day| (day.p50_ms, day.p95_ms)).collect();
        assert_eq!(
            took,
            [(Some(10), Some(10)), (None, None), (Some(50), Some(70))]
        );
    }

    #[test]
    fn a_percentile_is_one_of_what_was_measured() {
        let hundred: Vec<i64> = (1..=100).collect();
        assert_eq!(percentile(&hundred, 95), Some(95));
        assert_eq!(percentile(&[7], 50), Some(7));
        assert_eq!(percentile(&[], 50), None);
    }
}
