//! `bench`: builds for release and runs the benchmarks of `bench/`.
//!
//! Some are Playwright programs on the fixtures of the browser tests, the others
//! programs of the crate `bench`.

use std::path::Path;

use anyhow::{Result, bail};
use scratch_postgres::Cluster;

use crate::judge;
use crate::shell::{self, root};
use crate::site::{self, Profile};
use crate::test::browser;

/// The programs of the crate `bench`, and what they are called there.
const PROGRAMS: [(&str, &str); 5] = [
    ("webhooks", "webhooks"),
    ("calls-list", "calls_list"),
    ("live", "live"),
    ("fair", "fair"),
    ("functions", "functions"),
];

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Which benchmarks; all when none is named
    names: Vec<String>,
}

/// Runs the named benchmarks, or all.
///
/// # Errors
/// When there is no such benchmark, something does not build, or one fails.
pub(crate) fn all(options: &Options) -> Result<()> {
    let in_browser = in_browser()?;
    let known: Vec<&str> = PROGRAMS
        .iter()
        .map(|(name, _)| *name)
        .chain(in_browser.iter().map(String::as_str))
        .collect();
    if let Some(unknown) = options
        .names
        .iter()
        .find(|name| !known.contains(&name.as_str()))
    {
        bail!(
            "there is no benchmark `{unknown}`; there are: {}",
            known.join(", ")
        );
    }
    let wanted = |name: &str| options.names.is_empty() || options.names.iter().any(|it| it == name);
    let programs: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(name, _)| wanted(name))
        .map(|(_, program)| *program)
        .collect();
    let pages: Vec<&String> = in_browser.iter().filter(|name| wanted(name)).collect();

    shell::step("bench: building for release");
    let mut build = shell::cargo(["build", "--release", "--package", "server", "--bins"]);
    build.args(["--package", "emulator"]);
    if !programs.is_empty() {
        build.args(["--package", "bench"]);
    }
    shell::run(&mut build)?;
    run_programs(&programs)?;
    if pages.is_empty() {
        return Ok(());
    }

    browser::install_site_tools()?;
    site::build(Profile::Release)?;
    browser::install_end2end()?;
    browser::install_peers()?;
    shell::step("bench: measuring in the browser");
    let config = root().join("bench/playwright.config.ts");
    let mut playwright = browser::playwright("release")?;
    playwright.args(["test", "--config"]).arg(config);
    for name in pages {
        playwright.arg(format!("/{name}/bench.ts"));
    }
    shell::run(&mut playwright)
}

/// Each with a database server of its own, which keeps what it acknowledges.
fn run_programs(programs: &[&str]) -> Result<()> {
    let built = shell::target().join("release");
    for program in programs {
        let mut bench = shell::command(built.join(program));
        bench.env("SWITCHBOARD_BIN_DIR", &built);
        if ["webhooks", "functions"].contains(program) {
            bench.env("SWITCHBOARD_BENCH_EXPRESS", browser::install_express()?);
        }
        if *program == "functions" {
            // All they do is wait.
            bench.env("SWITCHBOARD_BENCH_DOUBLES", judge::doubles()?);
        }
        let cluster = Cluster::start_durable()?;
        bench.env("SWITCHBOARD_BENCH_POSTGRES_URL", cluster.url());
        shell::step(&format!("bench: measuring {program}"));
        shell::run(&mut bench)?;
    }
    Ok(())
}

/// Every directory of `bench/` with a `bench.ts`.
fn in_browser() -> Result<Vec<String>> {
    let bench = root().join("bench");
    let name = |path: &Path| -> Option<String> {
        let name = path.strip_prefix(&bench).ok()?.parent()?;
        Some(name.to_string_lossy().into_owned())
    };
    Ok(shell::files_below(&bench)?
        .iter()
        .filter(|path| path.ends_with("bench.ts"))
        .filter_map(|path| name(path))
        .collect())
}
