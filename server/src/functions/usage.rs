//! How functions fare: how often each is asked for and fails, and how long it takes. Pure.

use api::functions::{FunctionOutcome, FunctionUse};
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

/// A function, for which agents it is off, and how it fared.
pub(super) fn of(told: Told<'_>, off: &[(String, String)], fared: &[Fared]) -> FunctionUse {
    let name = told.names.first().copied().unwrap_or_default();
    let of_it = fared
        .iter()
        .filter(|it| told.names.contains(&it.name.as_str()));
    let over: Vec<_> = of_it
        .filter(|it| it.outcome != FunctionOutcome::Running)
        .collect();
    let failed =
        |it: &&&Fared| matches!(it.outcome, FunctionOutcome::Failed | FunctionOutcome::Late);
    let mut took: Vec<_> = over.iter().filter_map(|it| it.latency_ms).collect();
    took.sort_unstable();
    let off_for = off.iter().filter(|(_, of)| of == name);
    FunctionUse {
        name: name.to_owned(),
        description: told.about.to_owned(),
        parameters: told.parameters,
        changes: told.changes,
        off_for: off_for.map(|(agent, _)| agent.clone()).collect(),
        asked: count(over.len()),
        failed: count(over.iter().filter(failed).count()),
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

    #[test]
    fn failures_and_latencies_are_counted_under_every_name() {
        let fared = |name: &str, outcome, latency_ms| Fared {
            name: name.to_owned(),
            outcome,
            latency_ms: Some(latency_ms),
        };
        let all = [
            fared("book_appointment", FunctionOutcome::Done, 10),
            fared("book_appointment_cal", FunctionOutcome::Refused, 30),
            fared("book_appointment", FunctionOutcome::Failed, 20),
            fared("book_appointment", FunctionOutcome::Running, 99),
            fared("end_call", FunctionOutcome::Late, 8_000),
        ];
        let off = [("agent_1".to_owned(), "book_appointment".to_owned())];
        let it = of(tool::find("book_appointment").unwrap().told(), &off, &all);
        assert_eq!(
            (it.asked, it.failed, it.p50_ms, it.p95_ms),
            (3, 1, Some(20), Some(30))
        );
        assert_eq!(it.off_for, ["agent_1"]);
        let it = of(tool::find("add_note").unwrap().told(), &off, &all);
        assert_eq!((it.asked, it.p50_ms, it.off_for.len()), (0, None, 0));
    }

    #[test]
    fn a_percentile_is_one_of_what_was_measured() {
        let hundred: Vec<i64> = (1..=100).collect();
        assert_eq!(percentile(&hundred, 95), Some(95));
        assert_eq!(percentile(&[7], 50), Some(7));
        assert_eq!(percentile(&[], 50), None);
    }
}
