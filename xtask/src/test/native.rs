//! Formatting, lints, and the tests that need no browser.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use scratch_postgres::Cluster;

use super::install;
use super::report::{Counts, Report};
use crate::run::DEMO;
use crate::shell;
use crate::toolchain::{self, WASM};

/// Formatting and lints, natively and for the browser.
pub(crate) fn lint(report: &mut Report) {
    let check = |args: &[&str]| shell::run(&mut shell::cargo(args)).map(|()| Counts::ONE);
    report.layer("format", || {
        toolchain::require_lint_tools()?;
        check(&["fmt", "--all", "--check"])
    });
    report.layer("lints", || {
        check(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--features",
            DEMO,
            "--",
            "--deny",
            "warnings",
        ])
    });
    // Each as it is shipped: the widget without what only the desk needs.
    report.layer("lints of the browser bundles", || {
        for features in [
            &["--bin", "desk"][..],
            &["--bin", "widget", "--no-default-features"],
        ] {
            let mut clippy = shell::cargo(["clippy", "--package", "app", "--target", WASM]);
            shell::run(clippy.args(features).args(["--", "--deny", "warnings"]))?;
        }
        Ok(Counts::ONE)
    });
    report.layer("retell without its client, for the browser", || {
        check(&[
            "check",
            "--package",
            "retell",
            "--no-default-features",
            "--target",
            WASM,
        ])
    });
}

/// Every unit and integration test of the workspace.
pub(crate) fn tests(report: &mut Report) {
    let mut cluster = None;
    report.layer("a PostgreSQL to test against", || {
        if scratch_postgres::programs().is_none() {
            install::debian("PostgreSQL", &["postgresql"])?;
        }
        cluster = Some(Cluster::start()?);
        Ok(Counts::default())
    });
    report.layer("unit and integration tests", || {
        let mut cargo = shell::cargo(["test", "--workspace", "--features", DEMO, "--no-fail-fast"]);
        if let Some(cluster) = &cluster {
            cargo.env("SWITCHBOARD_TEST_POSTGRES_URL", cluster.url());
        }
        counted(&mut cargo)
    });
}

/// Runs `cargo test`, shows its output and adds up the results in it.
fn counted(cargo: &mut Command) -> Result<Counts> {
    let mut child = cargo
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let mut counts = Counts::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line?;
            let _ = writeln!(std::io::stdout(), "{line}");
            if let Some(result) = parse(&line) {
                counts.passed += result.passed;
                counts.failed += result.failed;
                counts.skipped += result.skipped;
            }
        }
    }
    let status = child.wait()?;
    if !status.success() && counts.failed == 0 {
        bail!("the tests do not compile, or one brought its process down ({status})");
    }
    Ok(counts)
}

/// The counts in a line like `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
fn parse(line: &str) -> Option<Counts> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let number = |name: &str| -> Option<usize> {
        counts
            .split("; ")
            .find_map(|part| part.strip_suffix(name)?.trim().parse().ok())
    };
    Some(Counts {
        passed: number("passed")?,
        failed: number("failed")?,
        skipped: number("ignored")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_counts_of_a_test_binary() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; \
                    4 filtered out; finished in 0.03s";
        let expected = Counts {
            passed: 12,
            failed: 2,
            skipped: 1,
        };
        assert_eq!(parse(line), Some(expected));
        assert_eq!(parse("test tests::one ... ok"), None);
    }
}
