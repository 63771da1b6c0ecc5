//! `faults`: the fault tests with many rounds, and their counts.

use anyhow::Result;
use scratch_postgres::Cluster;

use crate::shell;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How often the server is killed on each engine
    #[arg(long, default_value_t = 100)]
    rounds: u32,
}

/// `cargo xtask faults`
///
/// # Errors
/// When PostgreSQL does not start, or anything acknowledged is not found.
pub(crate) fn all(options: &Options) -> Result<()> {
    let cluster = Cluster::start()?;
    shell::run(
        shell::cargo(["test", "--package", "server", "--test", "core", "--"])
            // One after the other, so that none disturbs the other's counts.
            .args(["faults::", "--nocapture", "--test-threads=1"])
            .env("SWITCHBOARD_TEST_POSTGRES_URL", cluster.url())
            .env("SWITCHBOARD_FAULT_ROUNDS", options.rounds.to_string()),
    )
}
