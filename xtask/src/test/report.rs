//! What each layer of the tests came to.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::shell;

/// Tests that passed, failed and were skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl Counts {
    /// A check that is one thing: it passed.
    pub(crate) const ONE: Self = Self {
        passed: 1,
        failed: 0,
        skipped: 0,
    };
}

#[derive(Debug)]
struct Line {
    name: &'static str,
    counts: Counts,
    took: Duration,
}

#[derive(Debug)]
pub(crate) struct Report {
    lines: Vec<Line>,
    fail_fast: bool,
}

impl Report {
    pub(crate) fn new(fail_fast: bool) -> Self {
        Self {
            lines: Vec::new(),
            fail_fast,
        }
    }

    /// Runs a layer, unless an earlier one failed and that is to be the end.
    /// A layer that cannot even run counts as one failure. Tells whether all is well.
    pub(crate) fn layer(
        &mut self,
        name: &'static str,
        run: impl FnOnce() -> Result<Counts>,
    ) -> bool {
        if self.fail_fast && self.failed() > 0 {
            return false;
        }
        shell::step(&format!("test: {name}"));
        let began = Instant::now();
        let counts = run().unwrap_or_else(|error| {
            shell::fail(&error);
            Counts {
                failed: 1,
                ..Counts::default()
            }
        });
        self.lines.push(Line {
            name,
            counts,
            took: began.elapsed(),
        });
        counts.failed == 0
    }

    pub(crate) fn passed(&self) -> usize {
        self.lines.iter().map(|line| line.counts.passed).sum()
    }

    pub(crate) fn failed(&self) -> usize {
        self.lines.iter().map(|line| line.counts.failed).sum()
    }

    /// Prints the table; its last line is the sum.
    pub(crate) fn print(&self) {
        println!(
            "\n{:<44} {:>7} {:>7} {:>7} {:>8}",
            "", "passed", "failed", "skipped", "seconds"
        );
        for Line { name, counts, took } in &self.lines {
            println!(
                "{name:<44} {:>7} {:>7} {:>7} {:>8.1}",
                counts.passed,
                counts.failed,
                counts.skipped,
                took.as_secs_f64()
            );
        }
        println!("\n{}", self.sum());
    }

    fn sum(&self) -> String {
        format!("{} passed, {} failed", self.passed(), self.failed())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_layer_that_cannot_run_is_a_failure_and_the_next_still_runs() {
        let mut report = Report::new(false);
        assert!(!report.layer("broken", || bail!("a layer of this test fails on purpose")));
        assert!(report.layer("sound", || Ok(Counts {
            passed: 3,
            ..Counts::default()
        })));
        assert_eq!(report.sum(), "3 passed, 1 failed");
    }

    #[test]
    fn fail_fast_ends_at_the_first_failure() {
        let mut report = Report::new(true);
        report.layer("broken", || bail!("a layer of this test fails on purpose"));
        assert!(!report.layer("next", || panic!("must not run")));
        assert_eq!(report.sum(), "0 passed, 1 failed");
    }
}
