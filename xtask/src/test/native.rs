//! Formatting, lints, and the tests that need no browser.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{fs, io, process, thread};

use anyhow::{Context as _, Result, bail};
use scratch_postgres::Cluster;
use serde_json::Value;

use super::report::{Budget, Outcome, Report};
use super::{in_memory, install};
use crate::run::DEMO;
use crate::shell;
use crate::toolchain::{self, WASM};

/// How many test programs run beside each other.
const PROGRAMS: usize = 2;
/// How many tests of one program do. Most wait: for timers, speech, a disk.
const THREADS: usize = 4;

/// The tests that stop servers and databases under load, and measure what they do
/// then: they run after all others.
const FAULTS: &str = "faults::";

/// A program of tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    /// As people call it: `server core`.
    name: String,
    executable: PathBuf,
    /// Its package's directory, where its tests expect to be.
    package: PathBuf,
}

/// Formatting, and the lints that what is compiled for the tests does not show.
pub(crate) fn lint(report: &mut Report) {
    let check = |args: &[&str]| shell::run(&mut shell::cargo(args));
    report.layer("format", Budget(10), || {
        toolchain::require_lint_tools()?;
        check(&["fmt", "--all", "--check"]).map(|()| Outcome::one())
    });
    // What the other layers compile with its client and natively.
    report.layer("lints of Retell's API by itself", Budget(30), || {
        let clippy = ["clippy", "--package", "retell", "--no-default-features"];
        let strictly = ["--target", WASM, "--", "--deny", "warnings"];
        check(&[&clippy[..], &strictly].concat()).map(|()| Outcome::one())
    });
}

/// Runs the tests of these programs.
pub(super) fn tests(report: &mut Report, programs: &[Program]) {
    let mut cluster = None;
    report.layer("a PostgreSQL to test against", Budget(60), || {
        let missing = scratch_postgres::programs().is_none();
        if missing && let Err(error) = install::debian("PostgreSQL", &["postgresql"]) {
            return Ok(Outcome {
                not_run: vec![format!("every test on PostgreSQL: {error}")],
                ..Outcome::default()
            });
        }
        let dir = in_memory().join(format!("switchboard-postgres-{}", process::id()));
        cluster = Some(Cluster::start_in(&dir)?);
        Ok(Outcome::one())
    });
    report.layer("a pooler and a proxy to test behind", Budget(60), || {
        let mut outcome = Outcome::one();
        for (program, package) in [("pgbouncer", "pgbouncer"), ("nginx", "nginx-light")] {
            // Debian puts servers where only administrators look for programs.
            let there =
                shell::find(program).is_some() || Path::new("/usr/sbin").join(program).is_file();
            if !there && let Err(error) = install::debian(program, &[package]) {
                outcome
                    .not_run
                    .push(format!("the test behind {program}: {error}"));
            }
        }
        Ok(outcome)
    });
    report.layer("a CalDAV server to test against", Budget(60), || {
        Ok(match install::radicale() {
            Ok(_) => Outcome::one(),
            Err(error) => Outcome::not_run(format!("every test with CalDAV: {error:#}")),
        })
    });
    let url = cluster.as_ref().map(Cluster::url);
    report.layer("unit and integration tests", Budget(150), || {
        let all = programs
            .iter()
            .map(|it| Run::new(it, &["--skip", FAULTS], THREADS));
        run_all(all.collect(), url.as_deref())
    });
    report.layer("tests of faults", Budget(60), || {
        let all = programs.iter().map(|it| Run::new(it, &[FAULTS], PROGRAMS));
        run_all(all.collect(), url.as_deref())
    });
}

/// Compiles the programs of the workspace and their tests. Clippy is the compiler of
/// our own crates, so that nothing is read twice; what was built for `run` stays.
pub(super) fn compile() -> Result<Vec<Program>> {
    let mut programs = compiled(&["--workspace", "--exclude", "xtask", "--features", DEMO])?;
    // By itself, as it was built to get here: with the others, what it is made of would have
    // other features, and be compiled once more.
    programs.extend(compiled(&["--package", "xtask"])?);
    Ok(programs)
}

/// Compiles the tests of these packages.
fn compiled(packages: &[&str]) -> Result<Vec<Program>> {
    let mut cargo = shell::cargo(["test"]);
    let told = shell::linting(&mut cargo)
        .args(packages)
        .args(["--no-run", "--message-format=json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    if !told.status.success() {
        bail!("something does not compile, or a lint denies it");
    }
    let told = String::from_utf8(told.stdout)?;
    told.lines()
        .map(program)
        .filter_map(Result::transpose)
        .collect()
}

/// The test program in a message of Cargo's, if it tells of one.
fn program(message: &str) -> Result<Option<Program>> {
    let message: Value = serde_json::from_str(message).context("Cargo speaks no JSON")?;
    let test = message["reason"] == "compiler-artifact" && message["profile"]["test"] == true;
    let (Some(executable), true) = (message["executable"].as_str(), test) else {
        return Ok(None);
    };
    let manifest = message["manifest_path"].as_str();
    let manifest = manifest.context("Cargo tells no manifest")?;
    let package = Path::new(manifest).parent().unwrap_or(Path::new("."));
    let target = message["target"]["name"].as_str().unwrap_or_default();
    let name = package.file_name().unwrap_or_default().to_string_lossy();
    Ok(Some(Program {
        name: format!("{name} {target}"),
        executable: executable.into(),
        package: package.to_owned(),
    }))
}

/// One turn of a test program.
#[derive(Debug)]
struct Run {
    program: Program,
    filter: Vec<String>,
    threads: usize,
}

impl Run {
    fn new(program: &Program, filter: &[&str], threads: usize) -> Self {
        Self {
            program: program.clone(),
            filter: filter.iter().map(|&it| it.to_owned()).collect(),
            threads,
        }
    }
}

/// Runs programs side by side, the largest first: those have most to do.
fn run_all(mut runs: Vec<Run>, postgres: Option<&str>) -> Result<Outcome> {
    let size = |run: &Run| fs::metadata(&run.program.executable).map_or(0, |it| it.len());
    runs.sort_by_key(|run| std::cmp::Reverse(size(run)));
    let not_run = shell::target().join("tests-not-run.txt");
    fs::write(&not_run, "")?;
    let queue = Mutex::new(VecDeque::from(runs));
    let next = || {
        queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_front()
    };
    let lane = || -> Result<Outcome> {
        let mut outcome = Outcome::default();
        while let Some(run) = next() {
            outcome.add(run_one(&run, postgres, &not_run)?);
        }
        Ok(outcome)
    };
    let mut outcome = Outcome::default();
    thread::scope(|scope| -> Result<()> {
        let lanes: Vec<_> = (0..PROGRAMS).map(|_| scope.spawn(lane)).collect();
        for lane in lanes {
            let done = lane
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            outcome.add(done?);
        }
        Ok(())
    })?;
    for line in fs::read_to_string(&not_run)?.lines() {
        // It has ended well, having found out that it cannot.
        outcome.passed = outcome.passed.saturating_sub(1);
        outcome.not_run.push(line.to_owned());
    }
    Ok(outcome)
}

/// Runs one program; shows what failed, and counts the rest.
fn run_one(run: &Run, postgres: Option<&str>, not_run: &Path) -> Result<Outcome> {
    let mut command = Command::new(&run.program.executable);
    command
        .current_dir(&run.program.package)
        .args(&run.filter)
        .args(["--test-threads", &run.threads.to_string()])
        // How long each test took is told in no other way.
        .args([
            "-Z",
            "unstable-options",
            "--report-time",
            "--format",
            "json",
        ])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("SWITCHBOARD_TEST_NOT_RUN", not_run)
        .env(
            install::RADICALE,
            shell::target().join("radicale/bin/radicale"),
        )
        .stdout(Stdio::piped());
    if let Some(url) = postgres {
        command.env("SWITCHBOARD_TEST_POSTGRES_URL", url);
    }
    command.env("TMPDIR", in_memory());
    let name = &run.program.name;
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start the tests of {name}"))?;
    let mut outcome = Outcome::default();
    let mut open = BTreeMap::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            hear(name, &line?, &mut outcome, &mut open);
        }
    }
    let status = child.wait()?;
    if !status.success() && outcome.failed.is_empty() {
        let under_way: Vec<_> = open.into_keys().collect();
        bail!(
            "{name} was brought down ({status}) by one of: {}",
            under_way.join(", ")
        );
    }
    if outcome.passed + outcome.failed.len() > 0 {
        let took: Duration = outcome.times.iter().map(|(took, _)| *took).sum();
        let _ = writeln!(
            io::stdout(),
            "  {name}: {} passed, {} failed ({:.1} s of tests)",
            outcome.passed,
            outcome.failed.len(),
            took.as_secs_f64()
        );
    }
    Ok(outcome)
}

/// What a test program says of one test, as JSON; anything else is passed on.
fn hear(program: &str, line: &str, outcome: &mut Outcome, open: &mut BTreeMap<String, ()>) {
    let told: Value = serde_json::from_str(line).unwrap_or_default();
    let (Some(name), Some(event)) = (told["name"].as_str(), told["event"].as_str()) else {
        if told["type"].is_null() {
            let _ = writeln!(io::stdout(), "{line}");
        }
        return;
    };
    if event == "started" {
        open.insert(name.to_owned(), ());
        return;
    }
    open.remove(name);
    match event {
        "ok" => outcome.passed += 1,
        "failed" => {
            outcome.failed.push(format!("{program} {name}"));
            let said = told["stdout"].as_str().unwrap_or_default();
            let _ = writeln!(io::stdout(), "FAILED {program} {name}\n{said}");
        }
        "ignored" => outcome
            .not_run
            .push(format!("{program} {name}: is to be ignored")),
        _ => {}
    }
    if let Some(seconds) = told["exec_time"].as_f64() {
        let took = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        outcome.times.push((took, format!("{program} {name}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_test_programs_among_cargo_s_messages() {
        let message = r#"{"reason":"compiler-artifact","manifest_path":"/x/server/Cargo.toml",
            "target":{"name":"core"},"profile":{"test":true},"executable":"/x/target/core-1"}"#;
        let expected = Program {
            name: "server core".to_owned(),
            executable: "/x/target/core-1".into(),
            package: "/x/server".into(),
        };
        assert_eq!(program(message).unwrap(), Some(expected));
        let library =
            r#"{"reason":"compiler-artifact","profile":{"test":false},"executable":null}"#;
        assert_eq!(program(library).unwrap(), None);
        assert!(program("warning: not JSON").is_err());
    }

    #[test]
    fn adds_up_what_a_test_program_says() {
        let mut outcome = Outcome::default();
        let mut open = BTreeMap::new();
        for line in [
            r#"{"type":"suite","event":"started","test_count":3}"#,
            r#"{"type":"test","event":"started","name":"a"}"#,
            r#"{"type":"test","event":"started","name":"b"}"#,
            r#"{"type":"test","name":"a","event":"ok","exec_time":1.5}"#,
            r#"{"type":"test","name":"c","event":"ignored"}"#,
            r#"{"type":"suite","event":"failed","passed":1,"failed":0}"#,
        ] {
            hear("server core", line, &mut outcome, &mut open);
        }
        assert_eq!(
            outcome,
            Outcome {
                passed: 1,
                not_run: vec!["server core c: is to be ignored".to_owned()],
                times: vec![(Duration::from_millis(1500), "server core a".to_owned())],
                ..Outcome::default()
            }
        );
        // What was under way when the program went down.
        assert_eq!(open.into_keys().collect::<Vec<_>>(), ["b"]);
    }
}
