//! The built site in a real browser, and the npm packages that takes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::install;
use super::report::{Counts, Report};
use crate::shell::{self, root};
use crate::site::{self, Profile, Site};
use crate::{run, toolchain};

/// Builds the site as it is shipped, checks its size and runs the journeys of `end2end/`.
pub(crate) fn tests(report: &mut Report) {
    let mut built: Option<Site> = None;
    let ready = report.layer("the site builds", || {
        toolchain::require_wasm_target()?;
        install_site_tools()?;
        run::build_native()?;
        let site = site::build(Profile::Release)?;
        site.print_sizes()?;
        site::gallery::build(Profile::Release)?;
        built = Some(site);
        Ok(Counts::ONE)
    });
    if let Some(site) = built {
        report.layer("the site's size", || {
            site.check_budgets().map(|()| Counts::ONE)
        });
    }
    let installed = report.layer("the journeys' types", || {
        install_end2end()?;
        shell::run(npm_bin(&end2end(), "tsc").current_dir(end2end())).map(|()| Counts::ONE)
    });
    if ready && installed {
        report.layer("journeys in the browser", journeys);
    }
}

fn journeys() -> Result<Counts> {
    let results = shell::target().join("end2end.json");
    if results.is_file() {
        fs::remove_file(&results)?;
    }
    let mut playwright = playwright("debug")?;
    playwright
        .args(["test", "--project=chromium", "--reporter=list,json"])
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &results);
    let outcome = shell::run(&mut playwright);
    let text = match fs::read(&results) {
        Ok(text) => text,
        // It could not even begin.
        Err(_) => return outcome.and_then(|()| bail!("Playwright wrote no results")),
    };
    let counts = count(&serde_json::from_slice(&text)?)?;
    if outcome.is_err() && counts.failed == 0 {
        outcome?;
    }
    Ok(counts)
}

/// The counts in Playwright's JSON report.
fn count(report: &serde_json::Value) -> Result<Counts> {
    let number = |name: &str| -> Result<usize> {
        let number = report["stats"][name].as_u64();
        let number = number.with_context(|| format!("Playwright's report has no `{name}`"))?;
        Ok(usize::try_from(number)?)
    };
    Ok(Counts {
        passed: number("expected")? + number("flaky")?,
        failed: number("unexpected")?,
        skipped: number("skipped")?,
    })
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

/// What the receiver we compare ourselves with is made of. One of its packages
/// compiles where there is no binary of it.
pub(crate) fn install_express() -> Result<PathBuf> {
    let directory = root().join("bench/webhooks");
    npm_ci(&directory, "the Express receiver's packages")?;
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
    let mut npm = shell::command("npm");
    npm.current_dir(dir)
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        // The browser is Debian's.
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    shell::run(&mut npm).with_context(|| format!("{what} cannot be installed"))?;
    fs::write(&installed, lock)?;
    Ok(())
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

/// Playwright, told where the browser, the site and our programs of a Cargo
/// profile are.
///
/// # Errors
/// When there is no Chromium and none can be installed.
pub(crate) fn playwright(profile: &str) -> Result<Command> {
    let mut playwright = npm_bin(&end2end(), "playwright");
    playwright
        .current_dir(end2end())
        .env("SWITCHBOARD_BIN_DIR", shell::target().join(profile))
        .env("SWITCHBOARD_SITE_DIR", site::dir())
        .env("SWITCHBOARD_CHROMIUM", require_chromium()?);
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_flaky_test_passed_in_the_end() {
        let report = json!({"stats": {"expected": 5, "flaky": 1, "unexpected": 2, "skipped": 3}});
        let expected = Counts {
            passed: 6,
            failed: 2,
            skipped: 3,
        };
        assert_eq!(count(&report).unwrap(), expected);
        assert!(count(&json!({})).is_err());
    }

    #[test]
    fn an_old_node_is_told_from_a_new_one() {
        assert_eq!(node_version("v20.11.1\n"), Some((20, 11)));
        assert!(node_version("v18.19.0") < Some(NODE));
        assert!(node_version("v22.0.0") >= Some(NODE));
        assert_eq!(node_version("20"), None);
    }
}
