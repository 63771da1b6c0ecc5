//! What each command does: a module for each group of them. They read the
//! settings, call the library and print; the rules are in the library.

pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod key;
pub(crate) mod privacy;
pub(crate) mod serve;
pub(crate) mod simulate;

use clap::Args;
use server::config::{Config, Mode, Source};

/// Where the database is, for commands that work on it beside the server.
#[derive(Debug, Args)]
pub(crate) struct DatabaseOption {
    /// The database, sqlite://… or postgres://… [SWITCHBOARD_DATABASE_URL].
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

impl DatabaseOption {
    /// The settings, with this database.
    pub(crate) fn config(self, mode: Mode) -> anyhow::Result<Config> {
        let source =
            Source::from_environment()?.with("SWITCHBOARD_DATABASE_URL", self.database_url);
        settings(&source, mode)
    }
}

/// The settings, checked.
pub(crate) fn settings(source: &Source, mode: Mode) -> anyhow::Result<Config> {
    Config::read(source, mode)
        .map_err(|error| anyhow::anyhow!("These settings have to be changed:\n{error}"))
}

/// Prints a line that the command was run for.
#[expect(clippy::print_stdout, reason = "it is what the command is for")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// Tells what went wrong.
#[expect(
    clippy::print_stderr,
    reason = "the log may not be set up yet, or filtered"
)]
pub(crate) fn tell(text: &str) {
    eprintln!("{text}");
}
