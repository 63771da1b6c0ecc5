//! What each layer of the tests came to.

use std::env;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::shell;

/// How many of the slowest are named.
const SLOWEST: usize = 10;
/// More journeys than this that only passed when tried again are a failure: what
/// is flaky proves nothing.
const FLAKY: usize = 5;

/// What became of a layer's tests.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) passed: usize,
    /// What failed, by name.
    pub(crate) failed: Vec<String>,
    /// What could not be tested here, each with its reason.
    pub(crate) not_run: Vec<String>,
    /// What passed when it was tried again.
    pub(crate) flaky: Vec<String>,
    /// How long each test took.
    pub(crate) times: Vec<(Duration, String)>,
}

impl Outcome {
    /// A check that is one thing: it passed.
    pub(crate) fn one() -> Self {
        Self {
            passed: 1,
            ..Self::default()
        }
    }

    /// What cannot be tested here, and why.
    pub(crate) fn not_run(reason: String) -> Self {
        Self {
            not_run: vec![reason],
            ..Self::default()
        }
    }

    /// A check that could not even be made.
    fn failure(name: &str) -> Self {
        Self {
            failed: vec![name.to_owned()],
            ..Self::default()
        }
    }

    /// Adds what another part of the same layer came to.
    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed.extend(other.failed);
        self.not_run.extend(other.not_run);
        self.flaky.extend(other.flaky);
        self.times.extend(other.times);
    }
}

/// How long a layer may take on two cores, from nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget(pub(crate) u64);

#[derive(Debug)]
struct Line {
    name: &'static str,
    budget: Duration,
    took: Duration,
    outcome: Outcome,
}

impl Line {
    fn over_budget(&self) -> bool {
        self.took > self.budget
    }
}

#[derive(Debug)]
pub(crate) struct Report {
    lines: Vec<Line>,
    fail_fast: bool,
    /// Here everything can be installed, so what could not run is a failure.
    strict: bool,
}

impl Report {
    pub(crate) fn new(fail_fast: bool) -> Self {
        Self {
            lines: Vec::new(),
            fail_fast,
            strict: env::var_os("CI").is_some(),
        }
    }

    /// Runs a layer, unless an earlier one failed and that is to be the end.
    /// A layer that cannot even run counts as one failure. Tells whether all is well.
    pub(crate) fn layer(
        &mut self,
        name: &'static str,
        Budget(seconds): Budget,
        run: impl FnOnce() -> Result<Outcome>,
    ) -> bool {
        if self.fail_fast && self.failed() > 0 {
            return false;
        }
        shell::step(&format!("test: {name}"));
        let began = Instant::now();
        let outcome = run().unwrap_or_else(|error| {
            shell::fail(&error);
            Outcome::failure(name)
        });
        let well = outcome.failed.is_empty();
        self.lines.push(Line {
            name,
            budget: Duration::from_secs(seconds),
            took: began.elapsed(),
            outcome,
        });
        well
    }

    pub(crate) fn passed(&self) -> usize {
        self.lines.iter().map(|line| line.outcome.passed).sum()
    }

    pub(crate) fn failed(&self) -> usize {
        let failed = self.broken().count();
        let not_run = if self.strict {
            self.not_run().count()
        } else {
            0
        };
        failed + not_run + usize::from(self.flaky().count() > FLAKY)
    }

    fn broken(&self) -> impl Iterator<Item = &String> {
        self.lines.iter().flat_map(|line| &line.outcome.failed)
    }

    fn not_run(&self) -> impl Iterator<Item = &String> {
        self.lines.iter().flat_map(|line| &line.outcome.not_run)
    }

    fn flaky(&self) -> impl Iterator<Item = &String> {
        self.lines.iter().flat_map(|line| &line.outcome.flaky)
    }

    /// Prints the table and what stands out; the last line is the sum.
    pub(crate) fn print(&self) {
        println!(
            "\n{:<44} {:>7} {:>7} {:>7} {:>7} {:>8} {:>7}",
            "", "passed", "failed", "not run", "flaky", "seconds", "budget"
        );
        for line in &self.lines {
            println!(
                "{:<44} {:>7} {:>7} {:>7} {:>7} {:>8.1} {:>7}",
                line.name,
                line.outcome.passed,
                line.outcome.failed.len(),
                line.outcome.not_run.len(),
                line.outcome.flaky.len(),
                line.took.as_secs_f64(),
                line.budget.as_secs()
            );
        }
        for line in &self.lines {
            print_slowest(line.name, &line.outcome.times);
        }
        print_list("not run", self.not_run());
        print_list("flaky: passed when tried again", self.flaky());
        if self.flaky().count() > FLAKY {
            println!("\n!!! more than {FLAKY} flaky journeys: that is a failure");
        }
        for line in self.lines.iter().filter(|line| line.over_budget()) {
            println!(
                "\n!!! OVER BUDGET: {} took {:.0} s, {} s are allowed",
                line.name,
                line.took.as_secs_f64(),
                line.budget.as_secs()
            );
        }
        // Where only the end of a long log is kept, this is what it is read for.
        print_list("failed", self.broken());
        println!("\n{}", self.sum());
    }

    fn sum(&self) -> String {
        format!("{} passed, {} failed", self.passed(), self.failed())
    }
}

fn print_slowest(layer: &str, times: &[(Duration, String)]) {
    if times.is_empty() {
        return;
    }
    let mut times: Vec<_> = times.iter().collect();
    times.sort_by(|one, other| other.cmp(one));
    println!("\nslowest of the {layer}:");
    for (took, name) in times.into_iter().take(SLOWEST) {
        println!("{:>8.1} s  {name}", took.as_secs_f64());
    }
}

fn print_list<'a>(title: &str, lines: impl Iterator<Item = &'a String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        println!("\n{title}:");
    }
    for line in lines {
        println!("    {line}");
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    const LONG: Budget = Budget(60);

    fn report(fail_fast: bool, strict: bool) -> Report {
        Report {
            lines: Vec::new(),
            fail_fast,
            strict,
        }
    }

    #[test]
    fn a_layer_that_cannot_run_is_a_failure_and_the_next_still_runs() {
        let mut report = report(false, false);
        assert!(!report.layer("broken", LONG, || bail!("this test fails on purpose")));
        assert!(report.layer("sound", LONG, || Ok(Outcome {
            passed: 3,
            ..Outcome::default()
        })));
        assert_eq!(report.sum(), "3 passed, 1 failed");
        assert_eq!(report.broken().collect::<Vec<_>>(), ["broken"]);
    }

    #[test]
    fn fail_fast_ends_at_the_first_failure() {
        let mut report = report(true, false);
        report.layer("broken", LONG, || bail!("this test fails on purpose"));
        assert!(!report.layer("next", LONG, || panic!("must not run")));
        assert_eq!(report.sum(), "0 passed, 1 failed");
    }

    #[test]
    fn what_could_not_run_fails_where_everything_can_be_installed() {
        for (strict, sum) in [(false, "1 passed, 0 failed"), (true, "1 passed, 1 failed")] {
            let mut report = report(false, strict);
            report.layer("half", LONG, || {
                Ok(Outcome {
                    not_run: vec!["the other half: no PostgreSQL".to_owned()],
                    ..Outcome::one()
                })
            });
            assert_eq!(report.sum(), sum);
        }
    }

    #[test]
    fn a_few_flaky_journeys_are_shown_and_more_are_a_failure() {
        for (flaky, failed) in [(FLAKY, 0), (FLAKY + 1, 1)] {
            let mut report = report(false, false);
            report.layer("journeys", LONG, || {
                Ok(Outcome {
                    flaky: vec!["a title".to_owned(); flaky],
                    ..Outcome::one()
                })
            });
            assert_eq!(report.failed(), failed);
        }
    }

    #[test]
    fn a_layer_over_its_budget_is_no_failure() {
        let mut report = report(false, false);
        report.layer("slow", Budget(0), || Ok(Outcome::one()));
        assert!(report.lines[0].over_budget());
        assert_eq!(report.failed(), 0);
    }
}
