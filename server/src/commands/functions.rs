//! `switchboard functions`: what agents may ask this server for.

use clap::Subcommand;
use server::config::{Mode, Source};
use server::functions::general_tools;

use super::{say, settings};

/// What agents may ask this server for during calls.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prints the functions as Retell's `general_tools` has them, for this server's
    /// SWITCHBOARD_PUBLIC_URL.
    Export,
}

impl Command {
    /// Does it.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let Self::Export = self;
        let config = settings(&Source::from_environment()?, Mode::Offline)?;
        say(&serde_json::to_string_pretty(&general_tools(&config))?);
        Ok(())
    }
}
