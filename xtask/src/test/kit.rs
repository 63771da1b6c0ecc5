//! The kit for other people's tests, as a stranger uses it: packed, installed into a copy
//! of its example outside of the checkout, and run there.

use std::net::TcpListener;
use std::path::Path;
use std::{env, fs, process};

use anyhow::{Context as _, Result};

use super::browser;
use super::report::Outcome;
use crate::shell::{self, root};

/// What the example's `package.json` calls the packed kit.
const PACKED: &str = "switchboard-playwright.tgz";

/// Runs the example's tests.
///
/// # Errors
/// When the kit cannot be packed or installed.
pub(super) fn example() -> Result<Outcome> {
    let project = env::temp_dir().join(format!("switchboard-example-{}", process::id()));
    let outcome = tests_of(&project);
    fs::remove_dir_all(&project)?;
    outcome
}

fn tests_of(project: &Path) -> Result<Outcome> {
    let kit = root().join("integrations/playwright");
    copy(&kit.join("example"), project)?;
    let mut pack = browser::npm(&kit);
    pack.args(["pack", "--pack-destination"]).arg(project);
    let told = shell::output(&mut pack).context("the kit cannot be packed")?;
    let packed = told
        .lines()
        .last()
        .context("npm did not say what it packed")?;
    fs::rename(project.join(packed), project.join(PACKED))?;

    let mut install = browser::npm(project);
    install.args(["install", "--prefer-offline"]);
    shell::run(&mut install).context("the packed kit cannot be installed")?;

    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let mut playwright = browser::playwright_of(project, "debug")?;
    playwright.arg("test").env("PORT", port.to_string());
    browser::judged(&mut playwright, "end2end-kit")
}

/// Copies a directory and what is below it.
fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in shell::files_below(from)? {
        let copy = to.join(file.strip_prefix(from)?);
        fs::create_dir_all(copy.parent().unwrap_or(to))?;
        fs::copy(&file, copy)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn its_readme_begins_with_the_first_test_of_the_example() {
        let readme = include_str!("../../../integrations/playwright/README.md");
        let first = include_str!("../../../integrations/playwright/example/tests/first.spec.ts");
        let (_, rest) = readme.split_once("```ts\n").unwrap();
        assert_eq!(rest.split_once("```").unwrap().0, first);
    }
}
