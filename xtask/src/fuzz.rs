//! `fuzz`: what comes from outside, with more inputs than the tests try.
//!
//! The targets are in `server/src/fuzz.rs`; the crate `fuzz` hands them what
//! `libFuzzer` makes up. The tests try its corpus, and some inputs made from it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::shell::{self, root, target};

/// The longest input (bytes): a webhook of a short call.
const LONGEST: usize = 8192;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Which targets; all when none is named
    names: Vec<String>,
    /// How many inputs, over all targets
    #[arg(long, default_value_t = 10_000_000)]
    inputs: u64,
}

/// `cargo xtask fuzz`
///
/// # Errors
/// When there is no such target, something does not build, or an input makes a
/// target panic; where that input is was printed then.
pub(crate) fn all(options: &Options) -> Result<()> {
    let corpora = root().join("fuzz/corpus");
    let mut known = Vec::new();
    for entry in fs::read_dir(&corpora).context("there is no corpus")? {
        known.push(entry?.file_name().to_string_lossy().into_owned());
    }
    known.sort();
    if let Some(unknown) = options.names.iter().find(|name| !known.contains(name)) {
        bail!(
            "there is no target `{unknown}`; there are: {}",
            known.join(", ")
        );
    }
    let wanted = |name: &&String| options.names.is_empty() || options.names.contains(name);
    let wanted: Vec<_> = known.iter().filter(wanted).collect();
    let inputs = options.inputs / wanted.len() as u64;
    let cargo_fuzz = cargo_fuzz()?;
    for name in wanted {
        shell::step(&format!("fuzz: {inputs} inputs for {name}"));
        // What is found to lead further is kept here; the repository's stays small.
        let own = target().join("fuzz/corpus").join(name);
        fs::create_dir_all(&own)?;
        let mut run = shell::command(&cargo_fuzz);
        // Without a sanitizer the compiler of everything else will do.
        run.args([
            "fuzz",
            "run",
            "--sanitizer",
            "none",
            "--fuzz-dir",
            "fuzz",
            "--target-dir",
        ])
        .arg(target().join("fuzz"))
        .arg(name)
        .args([&own, &corpora.join(name)])
        .arg("--")
        .args([format!("-runs={inputs}"), format!("-max_len={LONGEST}")])
        .args(["-timeout=20", "-print_final_stats=1"]);
        shell::run(&mut run)?;
    }
    Ok(())
}

/// The program that builds and runs them, ours if there is none.
fn cargo_fuzz() -> Result<PathBuf> {
    if let Some(found) = shell::find("cargo-fuzz") {
        return Ok(found);
    }
    let place = target().join("tools");
    let program = place.join("bin/cargo-fuzz");
    if !program.is_file() {
        shell::step("installing cargo-fuzz");
        let mut install = shell::cargo(["install", "--locked", "cargo-fuzz", "--root"]);
        shell::run(install.arg(&place))?;
    }
    Ok(program)
}
