//! `backup`, `restore` and `rotate-encryption-keys`.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use server::backup::{self, Contents};
use server::clock::Clock;
use server::config::Mode;
use server::store::Before;
use server::{app, serve};

use super::{DatabaseOption, open, open_unchanged, say, tell};

/// `switchboard backup`.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The file to write; it must not be there yet.
    file: PathBuf,
    #[command(flatten)]
    database: DatabaseOption,
}

/// `switchboard restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup to read.
    file: PathBuf,
    /// Deletes what is in the database. Without it, the database must be empty.
    #[arg(long)]
    replace: bool,
    /// Only checks that the backup is whole.
    #[arg(long, conflicts_with = "replace")]
    verify: bool,
    /// The server was stopped before the backup was taken: what it still had to send or to
    /// dial is done. Without it, people decide about each of these.
    #[arg(long, conflicts_with = "verify")]
    moved: bool,
    #[command(flatten)]
    database: DatabaseOption,
}

/// `switchboard rotate-encryption-keys`.
#[derive(Debug, Args)]
pub(crate) struct RotateKeys {
    /// Only counts what would be sealed anew.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    database: DatabaseOption,
}

impl Backup {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let config = self.database.config(Mode::Offline)?;
        let now = Clock::system().now_ms();
        let contents = backup::back_up(&config.database, &self.file, now)
            .await
            .context("There is no backup")?;
        say(&format!("{}: {}", self.file.display(), counted(&contents)));
        say("The encryption key is not in it: keep that apart (SWITCHBOARD_ENCRYPTION_KEYS).");
        Ok(())
    }
}

impl Restore {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        if self.verify {
            let contents = backup::verify(&self.file).context("The backup is no good")?;
            say(&format!("whole: {}", counted(&contents)));
            return Ok(());
        }
        let config = self.database.config(Mode::Offline)?;
        let before = if self.replace {
            Before::Emptied
        } else {
            Before::Empty
        };
        let held = match self.moved {
            true => Vec::new(),
            false => app::outward_jobs(),
        };
        let (contents, parked) = backup::restore(&config.database, &self.file, before, &held)
            .await
            .context("Nothing was restored")?;
        say(&format!("restored: {}", counted(&contents)));
        if parked > 0 {
            say(&format!(
                "{parked} calls and messages that were still to be made are held: they may have \
                 been made since. Admins decide about them at the desk, in the settings."
            ));
        }
        Ok(())
    }
}

fn counted(contents: &Contents) -> String {
    format!(
        "{} rows of {} tables, version {}",
        contents.rows(),
        contents.tables.len(),
        contents.header.migration
    )
}

impl RotateKeys {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let config = self.database.config(Mode::Offline)?;
        let vault = serve::vault(&config)?;
        let store = if self.dry_run {
            open_unchanged(&config).await?
        } else {
            open(&config).await?
        };
        let sealed = app::keepers().sealed();
        let found = if self.dry_run {
            store.check_sealed(&vault, &sealed).await?
        } else {
            store.reseal(&vault, &sealed).await?
        };
        store.close().await;
        let verb = if self.dry_run { "to seal" } else { "sealed" };
        say(&format!(
            "{verb} anew: {}; sealed with the newest key before: {}",
            found.older, found.current
        ));
        for problem in &found.problems {
            tell(&format!("{}: {}", problem.purpose, problem.error));
        }
        if !found.problems.is_empty() {
            bail!(
                "{} secrets cannot be opened with the keys in SWITCHBOARD_ENCRYPTION_KEYS.",
                found.problems.len()
            );
        }
        Ok(())
    }
}
