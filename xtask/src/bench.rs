//! `bench`: builds for release and runs the benchmarks of `bench/`.
//!
//! They are Playwright programs on the fixtures of the browser tests.

use std::path::Path;

use anyhow::{Result, bail};

use crate::shell::{self, root};
use crate::site::{self, Profile};
use crate::test::browser;

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
    let known = known()?;
    if let Some(unknown) = options.names.iter().find(|name| !known.contains(name)) {
        bail!(
            "there is no benchmark `{unknown}`; there are: {}",
            known.join(", ")
        );
    }

    shell::step("bench: building the server and the local Retell for release");
    shell::run(&mut shell::cargo([
        "build",
        "--release",
        "--package",
        "server",
        "--package",
        "emulator",
        "--bins",
    ]))?;
    browser::install_site_tools()?;
    site::build(Profile::Release)?;
    browser::install_end2end()?;
    browser::install_peers()?;

    shell::step("bench: measuring");
    let config = root().join("bench/playwright.config.ts");
    let mut playwright = browser::playwright("release")?;
    playwright.args(["test", "--config"]).arg(config);
    for name in &options.names {
        playwright.arg(format!("/{name}/bench.ts"));
    }
    shell::run(&mut playwright)
}

/// Every directory of `bench/` with a `bench.ts`.
fn known() -> Result<Vec<String>> {
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
