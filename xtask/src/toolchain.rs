//! What must be on the machine, and what to tell a newcomer when it is not.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::shell;

/// The browser's target triple.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Some of our dependencies build C (SQLite, the TLS library).
///
/// # Errors
/// When there is no C compiler; the message names the package to install.
pub(crate) fn require_c_compiler() -> Result<()> {
    if std::env::var_os("CC").is_some()
        || ["cc", "gcc", "clang"]
            .iter()
            .any(|it| shell::find(it).is_some())
    {
        return Ok(());
    }
    bail!(
        "there is no C compiler, and SQLite and the TLS library need one to build.\n\
         Debian, Ubuntu:  sudo apt-get install build-essential\n\
         Fedora:          sudo dnf install gcc\n\
         Arch:            sudo pacman -S base-devel\n\
         macOS:           xcode-select --install"
    )
}

/// Adds the browser's target to the Rust toolchain, once.
///
/// # Errors
/// When it is missing and cannot be added.
pub(crate) fn require_wasm_target() -> Result<()> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = shell::output(shell::command(rustc).args(["--print", "sysroot"]))?;
    let installed = PathBuf::from(sysroot.trim())
        .join("lib/rustlib")
        .join(WASM)
        .join("lib");
    if installed.is_dir() {
        return Ok(());
    }
    if shell::find("rustup").is_none() {
        bail!(
            "the Rust toolchain lacks the target {WASM}, and there is no rustup to add it.\n\
             Install Rust from https://rustup.rs, or your system's package of the target\n\
             (Debian: libstd-rust-dev-wasm32)."
        );
    }
    shell::step(&format!("rust: adding the target {WASM}"));
    shell::run(shell::command("rustup").args(["target", "add", WASM]))
        .with_context(|| format!("the Rust toolchain lacks the target {WASM}"))
}

/// Adds `cargo fmt` and `cargo clippy` to a toolchain installed without them.
///
/// # Errors
/// When one is missing and cannot be added.
pub(crate) fn require_lint_tools() -> Result<()> {
    for (program, component) in [("cargo-fmt", "rustfmt"), ("cargo-clippy", "clippy")] {
        if shell::output(shell::command(program).arg("--version")).is_ok() {
            continue;
        }
        if shell::find("rustup").is_none() {
            bail!(
                "the Rust toolchain lacks {component}, and there is no rustup to add it.\n\
                 Install Rust from https://rustup.rs, or your system's package of {component}."
            );
        }
        shell::step(&format!("rust: adding {component}"));
        shell::run(shell::command("rustup").args(["component", "add", component]))
            .with_context(|| format!("the Rust toolchain lacks {component}"))?;
    }
    Ok(())
}
