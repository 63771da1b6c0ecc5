//! `privacy`: what there is about somebody, given out or erased.

use std::fs::OpenOptions;
use std::io::{self, Write};
#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::pin::pin;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use futures_util::StreamExt as _;
use server::accounts::Accounts;
use server::clock::Clock;
use server::config::{Config, Mode};
use server::deeds::Author;
use server::person::Person;
use server::store::{Store, Tenant};
use server::{app, privacy, serve};

use super::{DatabaseOption, open, open_unchanged, say};

/// `switchboard privacy …`.
#[derive(Debug, Subcommand)]
pub(crate) enum Privacy {
    /// Writes everything about a person into a JSON file, or prints it.
    Export {
        #[command(flatten)]
        who: Who,
        /// The file to write; it must not be there yet.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Counts what there is about a person and, with --yes, erases it.
    Erase {
        #[command(flatten)]
        who: Who,
        /// Really erases.
        #[arg(long)]
        yes: bool,
        /// Has Retell delete the calls, too.
        #[arg(long)]
        at_retell: bool,
    },
    /// Deletes at once what is older than each business keeps it.
    Retention {
        #[command(flatten)]
        database: DatabaseOption,
    },
}

/// Whom it is about.
#[derive(Debug, Args)]
pub(crate) struct Who {
    /// A telephone number such as +49301234567, or an e-mail address.
    person: String,
    /// The business's id; needed where there are several.
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    #[command(flatten)]
    database: DatabaseOption,
}

struct Found {
    config: Config,
    store: Store,
    tenant: Tenant,
    person: Person,
}

impl Who {
    /// `changes` says whether it is to be changed what there is about them.
    async fn find(self, mode: Mode, changes: bool) -> anyhow::Result<Found> {
        let person = Person::parse(&self.person)?;
        let config = self.database.config(mode)?;
        let store = if changes {
            open(&config).await?
        } else {
            open_unchanged(&config).await?
        };
        let tenant = match &self.tenant {
            Some(id) => store.tenant(id).await?.context("There is no such tenant")?,
            None => store
                .only_tenant()
                .await?
                .context("There is not exactly one business; say which with --tenant")?,
        };
        Ok(Found {
            config,
            store,
            tenant,
            person,
        })
    }
}

impl Privacy {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Export { who, out } => export(who, out).await,
            Self::Erase {
                who,
                yes,
                at_retell,
            } => erase(who, yes, at_retell).await,
            Self::Retention { database } => {
                let store = open(&database.config(Mode::Offline)?).await?;
                let rows =
                    privacy::retention::apply(&app::keepers(), &store, Clock::system().now_ms())
                        .await?;
                say(&format!("deleted: {rows} rows"));
                store.close().await;
                Ok(())
            }
        }
    }
}

async fn export(who: Who, out: Option<PathBuf>) -> anyhow::Result<()> {
    let it = who.find(Mode::Offline, false).await?;
    let mut file: Box<dyn Write> = match out {
        None => Box::new(io::stdout()),
        Some(path) => {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            #[cfg(unix)]
            OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.open(&path);
            Box::new(file.with_context(|| format!("{} cannot be written", path.display()))?)
        }
    };
    let (author, now) = (Author::operator(), Clock::system().now_ms());
    let everything = privacy::export(
        &app::keepers(),
        &it.store,
        &it.tenant,
        &it.person,
        &author,
        now,
    )
    .await?;
    let mut everything = pin!(everything);
    while let Some(piece) = everything.next().await {
        file.write_all(piece?.as_bytes())?;
    }
    file.write_all(b"\n")?;
    it.store.close().await;
    Ok(())
}

async fn erase(who: Who, yes: bool, at_retell: bool) -> anyhow::Result<()> {
    let mode = if at_retell {
        Mode::Production
    } else {
        Mode::Offline
    };
    let it = who.find(mode, yes).await?;
    if !yes {
        let found = privacy::find(&app::keepers(), &it.store, &it.tenant, &it.person).await?;
        say(&serde_json::to_string_pretty(&found.found)?);
        it.store.close().await;
        bail!("Nothing was erased: add --yes to erase this.");
    }
    let account = if at_retell {
        let vault = serve::vault(&it.config)?;
        let accounts = Accounts::new(&it.config)?;
        Some(
            accounts
                .of(&it.config, &it.store, &vault, &it.tenant)
                .await?,
        )
    } else {
        None
    };
    let client = account.as_deref().map(|account| &account.client);
    let (author, now) = (Author::operator(), Clock::system().now_ms());
    let erased = privacy::erase(
        &app::keepers(),
        &it.store,
        &it.tenant,
        &it.person,
        client,
        &author,
        now,
    )
    .await?;
    it.store.close().await;
    say(&serde_json::to_string_pretty(&erased)?);
    if !erased.refused_by_retell.is_empty() || erased.live_calls > 0 {
        bail!("Some calls are left; try again.");
    }
    Ok(())
}
