//! Build, run and test Switchboard: the one entry for people and for CI.
//!
//! `cargo xtask run` and `cargo xtask test` are the README's two commands; the
//! others are their parts. Everything here is plumbing around Cargo, the
//! `wasm-bindgen` library and, for the tests, npm; no product code lives here.
#![expect(
    clippy::print_stdout,
    reason = "a command line tool talks to the person who runs it"
)]

mod bench;
mod faults;
mod fuzz;
mod judge;
mod run;
mod shell;
mod site;
mod test;
mod tidy;
mod toolchain;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Build, run and test Switchboard.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Build everything, start the local Retell and the server with a demo tenant, print the URLs
    Run(run::Options),
    /// The same as run, rebuilding and restarting when a source file changes
    Dev(run::Options),
    /// Format, lints, unit and integration tests on both databases, and the browser tests
    Test(test::Options),
    /// Check what the compiler lets pass: circles of modules, SQL and HTTP out of place, unused
    /// dependencies, licences; print the modules in order
    Tidy(tidy::Options),
    /// Build the browser bundles and pages into target/site
    Build(BuildOptions),
    /// Build the page of every component in every state, and say where it is
    Gallery,
    /// Take the pictures of the docs anew
    Pictures,
    /// Print the size of everything a browser downloads and check it against the budgets
    Sizes,
    /// Run the benchmarks of bench/ on release builds
    Bench(bench::Options),
    /// Kill the server, stop its database and fill its disk, and count what is lost
    Faults(faults::Options),
    /// Try what comes from outside with inputs nobody thought of
    Fuzz(fuzz::Options),
    /// Have Retell's official SDKs judge the local Retell; needs Python, Node.js and the internet
    Judge,
}

#[derive(Debug, clap::Args)]
struct BuildOptions {
    /// Sized for the wire (the default)
    #[arg(long, conflicts_with = "dev")]
    release: bool,
    /// Quick to build, large to download
    #[arg(long)]
    dev: bool,
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Task::Run(options) => run::once(&options),
        Task::Dev(options) => run::watching(&options),
        Task::Test(options) => test::all(&options),
        Task::Tidy(options) => tidy::all(&options),
        Task::Build(BuildOptions { dev: true, .. }) => site::build(site::Profile::Quick).map(drop),
        Task::Build(_) => release().and_then(|site| site.print_sizes()),
        Task::Gallery => site::gallery::build(site::Profile::Quick).map(|dir| {
            println!("serve {} and open it", dir.display());
        }),
        Task::Pictures => release().and_then(|_| test::browser::pictures()),
        Task::Sizes => release().and_then(|site| {
            site.print_sizes()?;
            site.check_budgets()
        }),
        Task::Bench(options) => bench::all(&options),
        Task::Faults(options) => faults::all(&options),
        Task::Fuzz(options) => fuzz::all(&options),
        Task::Judge => judge::all(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell::fail(&error);
            ExitCode::FAILURE
        }
    }
}

/// The site as it is shipped, on a fresh checkout, too.
fn release() -> anyhow::Result<site::Site> {
    test::browser::install_site_tools()?;
    site::build(site::Profile::Release)
}
