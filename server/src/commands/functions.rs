//! `switchboard functions`: what agents may ask this server for.

use clap::Subcommand;
use server::config::Mode;
use server::functions::general_tools;

use super::{DatabaseOption, say, tenant};

/// What agents may ask this server for during calls.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prints the functions as Retell's `general_tools` has them, for this server's
    /// SWITCHBOARD_PUBLIC_URL.
    Export {
        /// The business whose own functions are printed, too, by its id.
        #[arg(long, value_name = "ID")]
        tenant: Option<String>,
        #[command(flatten)]
        database: DatabaseOption,
    },
}

impl Command {
    /// Does it.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let Self::Export { tenant, database } = self;
        let (config, own) = match tenant {
            None => (database.config(Mode::Offline)?, Vec::new()),
            Some(id) => {
                let work = database.open_unchanged().await?;
                let tenant = tenant::find(&work, &id).await?;
                let own = work.store.own_functions().list(&tenant).await?;
                work.store.close().await;
                (work.config, own)
            }
        };
        say(&serde_json::to_string_pretty(&general_tools(
            &config, &own,
        ))?);
        Ok(())
    }
}
