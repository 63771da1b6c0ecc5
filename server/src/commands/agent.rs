//! `switchboard agent`: whose the agents of the server's Retell account are.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use server::accounts::Accounts;
use server::agents::mirror;
use server::app::App;
use server::config::Mode;
use server::deeds::Author;
use server::serve;
use server::store::{Store, Tenant};

use super::{DatabaseOption, open_unchanged, say};

/// What can be done with the agents of the server's Retell account. Those of a
/// business's own account are all its own.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the agents of the server's account: id, the businesses that have
    /// it, name.
    List {
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Makes an agent of the server's account a business's own: it may call with
    /// it, and calls with it are its calls. An agent may be several businesses';
    /// then its calls are found by their number or public key.
    Assign {
        /// The business, by its id.
        #[arg(long, value_name = "ID")]
        tenant: String,
        /// The agent's id at Retell.
        agent_id: String,
        #[command(flatten)]
        database: DatabaseOption,
    },
    /// Takes an agent from a business.
    Release {
        /// The business, by its id.
        #[arg(long, value_name = "ID")]
        tenant: String,
        /// The agent's id at Retell.
        agent_id: String,
        #[command(flatten)]
        database: DatabaseOption,
    },
}

impl Command {
    /// Does it.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List { database } => {
                let config = database.config(Mode::Production)?;
                let store = open_unchanged(&config).await?;
                let accounts = Accounts::new(&config);
                let accounts = accounts.context("The Retell client cannot be set up")?;
                let done = list(&store, &accounts).await;
                store.close().await;
                done
            }
            Self::Assign {
                tenant,
                agent_id,
                database,
            } => {
                let app = open(database).await?;
                let done = assign(&app, &tenant, &agent_id).await;
                app.store.close().await;
                done
            }
            Self::Release {
                tenant,
                agent_id,
                database,
            } => {
                let app = open(database).await?;
                let done = release(&app, &tenant, &agent_id).await;
                app.store.close().await;
                done
            }
        }
    }
}

async fn open(database: DatabaseOption) -> anyhow::Result<App> {
    serve::beside(database.config(Mode::Production)?).await
}

async fn list(store: &Store, accounts: &Accounts) -> anyhow::Result<()> {
    let agents = mirror::list(&accounts.server().client)
        .await
        .context("Retell does not list the agents")?;
    let owners = store.agents().owners().await?;
    for agent in agents {
        let owners = owners.get(&agent.id).map(|owners| owners.join(","));
        say(&format!(
            "{}  {}  {}",
            agent.id,
            owners.as_deref().unwrap_or("-"),
            agent.name
        ));
    }
    Ok(())
}

async fn assign(app: &App, tenant: &str, agent_id: &str) -> anyhow::Result<()> {
    let tenant = sharing(app, tenant).await?;
    let client = &app.accounts.accounts.server().client;
    let agent = match client.get_agent(agent_id, None).await {
        Ok(agent) => agent,
        Err(error) if error.is_not_found() => {
            bail!("There is no agent {agent_id} in the server's Retell account.")
        }
        Err(error) => return Err(error).context("Retell cannot be asked for the agent"),
    };
    let name = mirror::called(agent.agent_name, agent_id);
    let (author, now) = (Author::operator(), app.clock.now_ms());
    app.store
        .agents()
        .assign(&tenant, agent_id, &name, &author, now)
        .await?;
    say(&format!("{name} ({agent_id}) is {}'s.", tenant.name()));
    let owners = app.store.agents().owners().await?;
    let others = owners.get(agent_id).into_iter().flatten();
    for other in others.filter(|other| *other != tenant.id()) {
        say(&format!("It is also {other}'s."));
    }
    Ok(())
}

async fn release(app: &App, tenant: &str, agent_id: &str) -> anyhow::Result<()> {
    let tenant = sharing(app, tenant).await?;
    let (author, now) = (Author::operator(), app.clock.now_ms());
    if !app
        .store
        .agents()
        .release(&tenant, agent_id, &author, now)
        .await?
    {
        bail!("{} has no agent {agent_id}.", tenant.name());
    }
    say(&format!("{agent_id} is not {}'s any more.", tenant.name()));
    Ok(())
}

/// The business with this id, if it uses the server's account.
async fn sharing(app: &App, id: &str) -> anyhow::Result<Tenant> {
    let tenant = app.store.tenant(id).await?;
    let tenant = tenant.with_context(|| format!("There is no business with the id {id}."))?;
    if app
        .store
        .account_keys()
        .sealed(&tenant)
        .await?
        .retell_key
        .is_some()
    {
        bail!(
            "{} has a Retell account of its own: every agent in it is its own, and no other.",
            tenant.name()
        );
    }
    Ok(tenant)
}
