//! `test`: everything CI checks, layer by layer.
//!
//! A layer that fails does not keep the later ones from running; the closing
//! table tells each one's counts, and the very last line is `N passed, N failed`.

pub(crate) mod browser;
mod build;
mod engines;
pub(crate) mod install;
mod kit;
mod native;
mod report;

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::ValueEnum;

use self::report::{Budget, Outcome, Report};
use crate::{shell, tidy, toolchain};

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Only these layers
    #[arg(long)]
    only: Option<Layer>,
    /// Stop at the first layer that fails
    #[arg(long)]
    fail_fast: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Layer {
    /// What `cargo xtask tidy` checks
    Tidy,
    /// Formatting, and lints of what only a browser gets
    Lint,
    /// Lints, and unit and integration tests, on SQLite and PostgreSQL
    Native,
    /// The built site in Chromium, Firefox and WebKit
    Browser,
}

/// `cargo xtask test`
///
/// # Errors
/// When a layer fails.
pub(crate) fn all(options: &Options) -> Result<()> {
    toolchain::require_c_compiler()?;
    toolchain::require_wasm_target()?;
    let mut report = Report::new(options.fail_fast);
    let wants = |layer| options.only.is_none_or(|only| only == layer);

    if wants(Layer::Tidy) {
        // On a fresh machine Cargo downloads first.
        report.layer("tidy", Budget(30), || tidy::test().map(|()| Outcome::one()));
    }
    if wants(Layer::Lint) {
        native::lint(&mut report);
    }
    if wants(Layer::Native) || wants(Layer::Browser) {
        let built = build::everything(&mut report, wants(Layer::Browser));
        if wants(Layer::Native) && !built.programs.is_empty() {
            native::tests(&mut report, &built.programs);
        }
        if let Some(site) = built.site {
            browser::tests(&mut report, &site);
        }
    }

    let failed = report.failed();
    if failed > 0 {
        // The counts come last, so the reason goes before them.
        report.print();
        std::process::exit(1);
    }
    report.print();
    if report.passed() == 0 {
        bail!("nothing was tested");
    }
    Ok(())
}

/// The directory for what a test writes: in memory if there is room. Nothing of it outlives the
/// test, and a disk has every commit waited for.
fn in_memory() -> PathBuf {
    /// What all of them take, and more (KiB).
    const ROOM: u64 = 2 * 1024 * 1024;
    let place = Path::new("/dev/shm");
    let mut free = shell::command("df");
    free.args(["-k", "--output=avail"]).arg(place);
    let told = shell::output(&mut free).unwrap_or_default();
    let free: Option<u64> = told.lines().nth(1).and_then(|it| it.trim().parse().ok());
    match free {
        Some(free) if free >= ROOM => place.to_owned(),
        _ => env::temp_dir(),
    }
}
