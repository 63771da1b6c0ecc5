//! What each command does: a module for each group of them. They read the
//! settings, call the library and print; the rules are in the library.

pub(crate) mod agent;
pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod functions;
pub(crate) mod import;
pub(crate) mod inbox;
pub(crate) mod key;
pub(crate) mod privacy;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod tenant;
pub(crate) mod user;

use anyhow::Context as _;
use clap::Args;
use server::clock::Clock;
use server::config::{Config, Mode, Source};
use server::store::Store;

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

/// What a command on the database works with.
#[derive(Debug)]
pub(crate) struct Workplace {
    /// The settings.
    pub(crate) config: Config,
    /// The database, up to date.
    pub(crate) store: Store,
    /// The time of day.
    pub(crate) clock: Clock,
}

impl DatabaseOption {
    /// Reads the settings and opens the database.
    pub(crate) async fn open(self) -> anyhow::Result<Workplace> {
        let config = self.config(Mode::Offline)?;
        let store = open(&config).await?;
        Ok(Workplace::new(config, store))
    }

    /// The same for a command that changes nothing, not even the tables.
    pub(crate) async fn open_unchanged(self) -> anyhow::Result<Workplace> {
        let config = self.config(Mode::Offline)?;
        let store = open_unchanged(&config).await?;
        Ok(Workplace::new(config, store))
    }
}

impl Workplace {
    fn new(config: Config, store: Store) -> Self {
        Self {
            config,
            store,
            clock: Clock::system(),
        }
    }
}

/// Opens the database of these settings, and brings it up to date.
pub(crate) async fn open(config: &Config) -> anyhow::Result<Store> {
    Store::open(&config.database)
        .await
        .context("The database cannot be opened")
}

/// Opens the database of these settings as it is.
pub(crate) async fn open_unchanged(config: &Config) -> anyhow::Result<Store> {
    Store::open_unchanged(&config.database)
        .await
        .context("The database cannot be read")
}

/// A moment (Unix ms) as the command line writes it: UTC, to the minute.
pub(crate) fn moment(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(
        |_| ms.to_string(),
        |at| at.strftime("%Y-%m-%d %H:%MZ").to_string(),
    )
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
