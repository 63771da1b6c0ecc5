//! `bench`: builds for release and runs the programs of `bench/`.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::shell::{self, root};
use crate::site::{self, Profile};
use crate::test::browser;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Which benchmark; all when none is named
    names: Vec<String>,
}

/// Runs the named benchmarks, or all.
///
/// # Errors
/// When there is no such benchmark, something does not build, or one fails.
pub(crate) fn all(options: &Options) -> Result<()> {
    let known = known()?;
    let names = if options.names.is_empty() {
        &known
    } else {
        &options.names
    };
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
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
    let chromium = browser::require_chromium()?;

    for name in names {
        shell::step(&format!("bench: {name}"));
        let program = root().join("bench").join(name).join("bench.mjs");
        shell::run(
            shell::command("node")
                .arg(program)
                .env("SWITCHBOARD_BIN_DIR", shell::target().join("release"))
                .env("SWITCHBOARD_SITE_DIR", site::dir())
                .env("SWITCHBOARD_CHROMIUM", &chromium),
        )
        .with_context(|| format!("the benchmark `{name}` failed"))?;
    }
    Ok(())
}

/// Every directory of `bench/` with a `bench.mjs`.
fn known() -> Result<Vec<String>> {
    let bench = root().join("bench");
    let mut names: Vec<String> = shell::files_below(&bench)?
        .iter()
        .filter(|path| path.ends_with("bench.mjs"))
        .filter_map(|path| {
            path.parent()?
                .strip_prefix(&bench)
                .ok()
                .map(Path::to_path_buf)
        })
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    names.sort();
    Ok(names)
}
