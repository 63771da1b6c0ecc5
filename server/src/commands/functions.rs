//! `switchboard functions`: what agents may ask this server for.

use anyhow::ensure;
use clap::Subcommand;
use server::config::Mode;
use server::functions::{exported, general_tools};

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
        /// The agent of the business whose functions they are to be: without those that are off
        /// for it.
        #[arg(long, value_name = "ID", requires = "tenant")]
        agent: Option<String>,
        #[command(flatten)]
        database: DatabaseOption,
    },
}

impl Command {
    /// Does it.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let Self::Export {
            tenant,
            agent,
            database,
        } = self;
        let told = match tenant {
            None => general_tools(&database.config(Mode::Offline)?, &[]),
            Some(id) => {
                let work = database.open_unchanged().await?;
                let tenant = tenant::find(&work, &id).await?;
                let agent = agent.as_deref();
                let unknown = match agent {
                    Some(agent) => {
                        let whose = work.store.agents().whose(&tenant, agent).await?;
                        !whose.is_usable()
                    }
                    None => false,
                };
                let told = exported(&work.config, &work.store, &tenant, agent).await?;
                work.store.close().await;
                ensure!(!unknown, "the business has no such agent");
                told
            }
        };
        say(&serde_json::to_string_pretty(&told)?);
        Ok(())
    }
}
