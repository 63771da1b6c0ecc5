//! Programs the tests need that Cargo does not fetch.

use std::env;
use std::path::PathBuf;
use std::sync::Once;

use anyhow::{Context as _, Result, bail};

use crate::shell;

/// Installs Debian packages where that is possible without asking a person:
/// as root, or with a `sudo` that needs no password.
///
/// # Errors
/// When it is not possible or fails; the message says what to install by hand.
pub(crate) fn debian(what: &str, packages: &[&str]) -> Result<()> {
    let by_hand = format!(
        "{what} is missing. Install it by hand (Debian, Ubuntu: sudo apt-get install {}) and run \
         this again",
        packages.join(" ")
    );
    if shell::find("apt-get").is_none() {
        bail!("{by_hand}.");
    }
    let root = shell::output(shell::command("id").arg("-u"))?.trim() == "0";
    let sudo = !root
        && shell::find("sudo").is_some()
        && shell::output(shell::command("sudo").args(["-n", "true"])).is_ok();
    if !root && !sudo {
        bail!("{by_hand}.");
    }
    shell::step(&format!("test: installing {}", packages.join(" ")));
    let apt = |args: &[&str]| {
        let mut command = if sudo {
            let mut command = shell::command("sudo");
            command.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
            command
        } else {
            let mut command = shell::command("apt-get");
            command.env("DEBIAN_FRONTEND", "noninteractive");
            command
        };
        shell::run(command.args(["-qq", "-o", "Dpkg::Use-Pty=0"]).args(args))
    };
    let install: Vec<&str> = ["install", "-y", "--no-install-recommends"]
        .into_iter()
        .chain(packages.iter().copied())
        .collect();
    // Lists that came with the machine name programs as old as they are. Without a network
    // there may be a copy of those all the same.
    static UPDATED: Once = Once::new();
    UPDATED.call_once(|| drop(apt(&["update"])));
    apt(&install).with_context(|| by_hand)
}

/// The setting that names the CalDAV server of the tests.
pub(super) const RADICALE: &str = "SWITCHBOARD_TEST_RADICALE";

/// Where Radicale is, a CalDAV server, installed from PyPI where it is missing.
///
/// # Errors
/// When there is no Python 3, or it cannot be downloaded.
pub(super) fn radicale() -> Result<PathBuf> {
    let venv = shell::target().join("radicale");
    let program = venv.join("bin/radicale");
    if program.is_file() {
        return Ok(program);
    }
    shell::step("test: installing Radicale");
    let mut make = shell::command("python3");
    shell::run(make.args(["-m", "venv"]).arg(&venv)).context("Radicale needs Python 3")?;
    let mut pip = shell::command(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "radicale==3.9.0"]);
    shell::run(&mut pip).context("Radicale cannot be installed from PyPI")?;
    Ok(program)
}

/// A setting of the environment that names a program, or the first of several
/// usual names on the `PATH`.
pub(crate) fn locate(variable: &str, names: &[&str]) -> Option<PathBuf> {
    env::var_os(variable)
        .map(Into::into)
        .or_else(|| names.iter().find_map(|name| shell::find(name)))
}
