//! The built site in a real browser, and the npm packages that takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::engines::ENGINES;
use super::report::{Budget, Outcome, Report};
use super::{in_memory, install, kit};
use crate::run;
use crate::shell::{self, root};
use crate::site::{self, Site};

/// Checks the size of the site as it is shipped, and runs the journeys of `end2end/`.
pub(super) fn tests(report: &mut Report, site: &Site) {
    report.layer("the site's size", Budget(5), || {
        site.print_sizes()?;
        site.check_budgets().map(|()| Outcome::one())
    });
    let installed = report.layer("the journeys' types", Budget(60), || {
        install_end2end()?;
        shell::run(npm_bin(&end2end(), "tsc").current_dir(end2end())).map(|()| Outcome::one())
    });
    if installed {
        report.layer("journeys in Chromium", Budget(420), || {
            // The journey with a calendar tells that it did not run where there is none.
            let radicale = install::radicale().ok().map(|it| (install::RADICALE, it));
            journeys(
                "chromium",
                turn_server().into_iter().chain(radicale).collect(),
            )
        });
        report.layer("the kit for other people's tests", Budget(60), kit::example);
        for engine in &ENGINES {
            let run = || match engine.programs() {
                Ok(programs) => journeys(engine.project, programs),
                Err(error) => Ok(Outcome::not_run(format!("{}: {error:#}", engine.layer))),
            };
            report.layer(engine.layer, engine.budget, run);
        }
    }
}

/// The setting that names a TURN server for the journey through a firewall, installed
/// now if it is missing. Without one that journey tells that it did not run.
fn turn_server() -> Option<(&'static str, PathBuf)> {
    const SETTING: &str = "SWITCHBOARD_TURN";
    let find = || install::locate(SETTING, &["turnserver"]);
    let found = find().or_else(|| {
        install::debian("coturn, a TURN server,", &["coturn"]).ok()?;
        find()
    });
    Some((SETTING, found?))
}

/// The journeys of one of Playwright's projects; `programs` are what it drives there.
fn journeys(project: &str, programs: Vec<(&str, PathBuf)>) -> Result<Outcome> {
    let mut playwright = playwright("debug")?;
    playwright
        .args(["test", "--project", project])
        .envs(programs);
    judged(&mut playwright, &format!("end2end-{project}"))
}

/// The pictures of `docs/screens`, on the site and the programs that stand there.
///
/// # Errors
/// When something does not build, or a page is not as it should be.
pub(crate) fn pictures() -> Result<()> {
    install_end2end()?;
    run::build_native()?;
    shell::run(playwright("debug")?.args(["test", "--project", "pictures"]))
}

/// Runs Playwright's tests, and tells what became of each; `name` is its report's.
pub(super) fn judged(playwright: &mut Command, name: &str) -> Result<Outcome> {
    let results = shell::target().join(format!("{name}.json"));
    if results.is_file() {
        fs::remove_file(&results)?;
    }
    playwright
        .arg("--reporter=list,json")
        .env("TMPDIR", in_memory())
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &results);
    let outcome = shell::run(playwright);
    let text = match fs::read(&results) {
        Ok(text) => text,
        // It could not even begin.
        Err(_) => return outcome.and_then(|()| bail!("Playwright wrote no results")),
    };
    let told = outcome_of(&serde_json::from_slice(&text)?)?;
    if outcome.is_err() && told.failed.is_empty() {
        outcome?;
    }
    Ok(told)
}

/// What Playwright's JSON report tells of every journey.
fn outcome_of(report: &Value) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let outside = children(report, "errors").map(|it| it["message"].to_string());
    outcome.failed.extend(outside);
    let mut suites: Vec<&Value> = children(report, "suites").collect();
    while let Some(suite) = suites.pop() {
        suites.extend(children(suite, "suites"));
        for spec in children(suite, "specs") {
            let title = spec["title"].as_str().context("a journey has no title")?;
            let file = spec["file"].as_str().unwrap_or_default();
            let name = format!("{file}: {title}");
            for test in children(spec, "tests") {
                let took = children(test, "results")
                    .filter_map(|it| it["duration"].as_u64())
                    .max();
                outcome
                    .times
                    .push((Duration::from_millis(took.unwrap_or(0)), name.clone()));
                match test["status"].as_str() {
                    Some("expected") => outcome.passed += 1,
                    Some("flaky") => {
                        outcome.passed += 1;
                        outcome.flaky.push(name.clone());
                    }
                    Some("skipped") => outcome.not_run.push(skipped(&name, test)),
                    _ => outcome.failed.push(name.clone()),
                }
            }
        }
    }
    Ok(outcome)
}

/// A journey that did not run, and why.
fn skipped(name: &str, test: &Value) -> String {
    let reason = children(test, "annotations").find_map(|it| it["description"].as_str());
    format!("{name}: {}", reason.unwrap_or("is to be skipped"))
}

fn children<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of[name].as_array().into_iter().flatten()
}

fn end2end() -> PathBuf {
    root().join("end2end")
}

/// The tools that make the site small.
pub(crate) fn install_site_tools() -> Result<()> {
    npm_ci(root(), "the site's tools")
}

/// The packages of the browser tests.
pub(crate) fn install_end2end() -> Result<()> {
    npm_ci(&end2end(), "the browser tests' packages")
}

/// What the programs on Express that we compare ourselves with are made of. One of its packages
/// compiles where there is no binary of it.
pub(crate) fn install_express() -> Result<PathBuf> {
    let directory = root().join("bench/express");
    npm_ci(&directory, "the packages of what runs on Express")?;
    Ok(directory)
}

/// What the benchmarks compare us with.
pub(crate) fn install_peers() -> Result<()> {
    npm_ci(&root().join("bench"), "the benchmarks' peers")
}

/// `npm ci`, unless exactly what the lock file says is there already.
fn npm_ci(dir: &Path, what: &str) -> Result<()> {
    let lock = fs::read(dir.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", dir.display()))?;
    // npm keeps no copy of the lock file it installed from, so we do.
    let installed = dir.join("node_modules/.installed-lock.json");
    if fs::read(&installed).is_ok_and(|there| there == lock) {
        return Ok(());
    }
    if shell::find("npm").is_none() {
        install::debian("Node.js with npm", &["nodejs", "npm"])?;
    }
    require_node()?;
    shell::step(&format!("npm: installing {what}"));
    shell::run(npm(dir).arg("ci")).with_context(|| format!("{what} cannot be installed"))?;
    fs::write(&installed, lock)?;
    Ok(())
}

/// npm, which says only what went wrong.
pub(super) fn npm(dir: &Path) -> Command {
    let mut npm = shell::command("npm");
    npm.current_dir(dir)
        .args(["--no-audit", "--no-fund", "--loglevel=error"])
        // The browser is Debian's.
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    npm
}

/// The oldest Node.js the site's tools and the journeys run on: major, minor.
const NODE: (u32, u32) = (20, 11);

/// An older Node.js fails later, in words that do not say why.
fn require_node() -> Result<()> {
    let told = shell::output(shell::command("node").arg("--version"))?;
    match node_version(&told) {
        Some(version) if version >= NODE => Ok(()),
        _ => bail!(
            "Node.js {}.{} or newer is needed, but `node --version` says {}.",
            NODE.0,
            NODE.1,
            told.trim()
        ),
    }
}

/// The major and minor number in `v20.11.1`.
fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().strip_prefix('v')?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// The browser tests' Playwright, told where the browser, the site and our programs of
/// a Cargo profile are.
///
/// # Errors
/// When there is no Chromium and none can be installed.
pub(crate) fn playwright(profile: &str) -> Result<Command> {
    playwright_of(&end2end(), profile)
}

/// The same of another directory's Playwright.
///
/// # Errors
/// When there is no Chromium and none can be installed.
pub(super) fn playwright_of(dir: &Path, profile: &str) -> Result<Command> {
    let mut playwright = npm_bin(dir, "playwright");
    playwright
        .current_dir(dir)
        .env("SWITCHBOARD_BIN_DIR", shell::target().join(profile))
        .env("SWITCHBOARD_SITE_DIR", site::dir())
        .env("SWITCHBOARD_CHROMIUM", require_chromium()?);
    if let Some(shell) = chromium_shell() {
        playwright.env("SWITCHBOARD_CHROMIUM_SHELL", shell);
    }
    Ok(playwright)
}

fn npm_bin(dir: &Path, name: &str) -> Command {
    shell::command(dir.join("node_modules/.bin").join(name))
}

/// A Chromium: `SWITCHBOARD_CHROMIUM`, one on the `PATH`, or Debian's, installed now.
fn require_chromium() -> Result<PathBuf> {
    let find = || {
        let names = [
            "chromium",
            "chromium-browser",
            "google-chrome",
            "google-chrome-stable",
        ];
        install::locate("SWITCHBOARD_CHROMIUM", &names)
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    install::debian("Chromium", &["chromium", "fonts-dejavu-core"])?;
    find().context("Chromium is installed, but not on the PATH")
}

/// The same without windows, which is quicker: `SWITCHBOARD_CHROMIUM_SHELL`, one on the
/// `PATH`, or Debian's. Where there is none, all is done with the other.
fn chromium_shell() -> Option<PathBuf> {
    let find = || install::locate("SWITCHBOARD_CHROMIUM_SHELL", &["chromium-headless-shell"]);
    find().or_else(|| {
        // A Chromium that was named is the one that is meant.
        let named = std::env::var_os("SWITCHBOARD_CHROMIUM").is_some();
        let package = "chromium-headless-shell";
        let there = !named && install::debian("Chromium's shell", &[package]).is_ok();
        there.then(find).flatten()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_flaky_journey_passed_and_is_named() {
        let journey = |title: &str, status: &str| {
            json!({"title": title, "file": "call.spec.ts", "tests": [
                {"status": status, "results": [{"duration": 1500}], "annotations": []}]})
        };
        let report = json!({"errors": [], "suites": [{"specs": [journey("one", "expected")],
            "suites": [{"specs": [journey("two", "flaky"), journey("three", "unexpected"),
                journey("four", "skipped")]}]}]});
        let outcome = outcome_of(&report).unwrap();
        assert_eq!(outcome.passed, 2);
        assert_eq!(outcome.failed, ["call.spec.ts: three"]);
        assert_eq!(outcome.flaky, ["call.spec.ts: two"]);
        assert_eq!(outcome.not_run, ["call.spec.ts: four: is to be skipped"]);
        assert_eq!(outcome.times.len(), 4);
    }

    #[test]
    fn what_fails_outside_of_any_journey_is_a_failure() {
        let report = json!({"errors": [{"message": "no such file"}], "suites": []});
        assert_eq!(outcome_of(&report).unwrap().failed, [r#""no such file""#]);
    }

    #[test]
    fn an_old_node_is_told_from_a_new_one() {
        assert_eq!(node_version("v20.11.1\n"), Some((20, 11)));
        assert!(node_version("v18.19.0") < Some(NODE));
        assert!(node_version("v22.0.0") >= Some(NODE));
        assert_eq!(node_version("20"), None);
    }
}
