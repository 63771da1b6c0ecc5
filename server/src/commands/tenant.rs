//! `switchboard tenant`: businesses.

use anyhow::{Context as _, bail};
use clap::Subcommand;

use super::{DatabaseOption, Workplace, moment, say};
use server::deeds::Author;
use server::invalid::checked_name;
use server::store::Tenant;
use server::tenants::{checked_languages, checked_timezone};

/// How many are read at once.
const PAGE: u32 = 500;

/// What can be done with businesses.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Creates a business and prints its id.
    Create {
        /// What it is called.
        #[arg(long)]
        name: String,
        /// Its IANA time zone, such as Europe/Madrid.
        #[arg(long)]
        timezone: String,
        /// Its languages as IETF tags, the first is the default.
        #[arg(long, value_delimiter = ',', default_value = "en")]
        languages: Vec<String>,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Lists the businesses: id, state, time zone, name.
    List {
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Switches a business off: nobody signs in, its public keys start no calls.
    Disable {
        /// Its id.
        id: String,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Switches a business on again.
    Enable {
        /// Its id.
        id: String,
        #[command(flatten)]
        database: DatabaseOption,
    },
}

impl Command {
    /// Does it.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Create {
                name,
                timezone,
                languages,
                database,
            } => {
                let work = database.open().await?;
                let tenant = create(&work, &name, &timezone, &languages).await?;
                say(tenant.id());
                Ok(())
            }
            Self::List { database } => list(&database.open_unchanged().await?).await,
            Self::Disable { id, database } => {
                let work = database.open().await?;
                let tenant = find(&work, &id).await?;
                let now = work.clock.now_ms();
                work.store
                    .tenants()
                    .disable(&tenant, &Author::operator(), now)
                    .await?;
                say(&format!("{} is switched off.", tenant.name()));
                Ok(())
            }
            Self::Enable { id, database } => {
                let work = database.open().await?;
                let tenant = find(&work, &id).await?;
                let now = work.clock.now_ms();
                work.store
                    .tenants()
                    .enable(&tenant, &Author::operator(), now)
                    .await?;
                say(&format!("{} is switched on.", tenant.name()));
                Ok(())
            }
        }
    }
}

async fn create(
    work: &Workplace,
    name: &str,
    timezone: &str,
    languages: &[String],
) -> anyhow::Result<Tenant> {
    let Some(name) = checked_name(name) else {
        bail!("A name has 1 to 100 characters.");
    };
    let Some(zone) = checked_timezone(timezone) else {
        bail!("There is no time zone {timezone}. One is called, for example, Europe/Madrid.");
    };
    let Some(languages) = checked_languages(languages) else {
        bail!("Languages are tags such as en or es-MX, with commas between them.");
    };
    let now = work.clock.now_ms();
    Ok(work
        .store
        .tenants()
        .create(&name, &zone, &languages, &Author::operator(), now)
        .await?)
}

async fn list(work: &Workplace) -> anyhow::Result<()> {
    let mut after = None;
    loop {
        let page = work.store.tenants().page(after.as_deref(), PAGE).await?;
        for listed in &page {
            let state = match listed.disabled_at {
                Some(at) => format!("off since {}", moment(at)),
                None => "on".to_owned(),
            };
            let tenant = &listed.tenant;
            say(&format!(
                "{}  {state}  {}  {}",
                tenant.id(),
                tenant.timezone(),
                tenant.name()
            ));
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => {
                after = Some(last.tenant.id().to_owned());
            }
            _ => return Ok(()),
        }
    }
}

/// The business with this id.
pub(crate) async fn find(work: &Workplace, id: &str) -> anyhow::Result<Tenant> {
    let tenant = work.store.tenant(id).await?;
    tenant.with_context(|| format!("There is no business with the id {id}."))
}
