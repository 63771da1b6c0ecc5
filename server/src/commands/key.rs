//! `key`: public keys and secret API keys of a business.

use anyhow::bail;
use api::keys::{ApiScope, NewApiKey, PublicKeySettings};
use clap::{Args, Subcommand};
use server::accounts::mirror_job;
use server::agents::Whose;
use server::clock::Clock;
use server::config::Mode;
use server::deeds::Author;
use server::keys::admin;
use server::serve;
use server::store::{Store, Tenant};
use server::vault::Vault;

use super::{DatabaseOption, open, open_unchanged, say};

/// `switchboard key`.
#[derive(Debug, Args)]
pub(crate) struct Key {
    #[command(subcommand)]
    what: What,
    /// The business, by its id.
    #[arg(long, global = true, value_name = "ID")]
    tenant: Option<String>,
    #[command(flatten)]
    database: DatabaseOption,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Makes a public key (pk_…), which goes into a page's code.
    CreatePublic {
        /// What it is called.
        #[arg(long)]
        name: String,
        /// An agent it may call; the first is the default. On the server's Retell
        /// account it becomes the business's, if it is nobody's yet.
        #[arg(long = "agent", required = true, value_name = "AGENT_ID")]
        agents: Vec<String>,
        /// A page it works on, such as https://www.example.com or
        /// https://*.example.com.
        #[arg(long = "origin", required = true, value_name = "ORIGIN")]
        origins: Vec<String>,
    },
    /// Makes a secret API key (sk_…), which is told once.
    CreateSecret {
        /// What it is called.
        #[arg(long)]
        name: String,
        /// What it may do, such as calls:read.
        #[arg(long = "scope", required = true, value_name = "SCOPE", value_parser = scope)]
        scopes: Vec<ApiScope>,
    },
    /// Lists both kinds.
    List,
    /// Takes a secret key back, or switches a public one off.
    Revoke {
        /// A public key, or the id of a secret one.
        key: String,
    },
}

fn scope(text: &str) -> Result<ApiScope, String> {
    text.parse().map_err(|()| {
        let all = ApiScope::ALL.map(ApiScope::name).join(", ");
        format!("it is one of {all}")
    })
}

impl Key {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let config = self.database.config(Mode::Offline)?;
        let vault = serve::vault(&config)?;
        let store = match self.what {
            What::List => open_unchanged(&config).await?,
            _ => open(&config).await?,
        };
        let Some(id) = self.tenant else {
            bail!("Which business? Name it with --tenant.");
        };
        let Some(tenant) = store.tenant(&id).await? else {
            bail!("There is no business with the id {id}.");
        };
        let done = run(&store, &vault, &tenant, self.what).await;
        store.close().await;
        done
    }
}

async fn run(store: &Store, vault: &Vault, tenant: &Tenant, what: What) -> anyhow::Result<()> {
    let (author, now) = (Author::operator(), Clock::system().now_ms());
    match what {
        What::CreatePublic {
            name,
            agents,
            origins,
        } => {
            claim(store, tenant, &agents, &author, now).await?;
            let settings = PublicKeySettings {
                name,
                agents,
                origins,
                ..PublicKeySettings::default()
            };
            let key = admin::new_public_key(store, vault, tenant, settings, &author, now).await?;
            say(&key.id);
        }
        What::CreateSecret { name, scopes } => {
            let new = NewApiKey {
                name,
                scopes,
                expires_at: None,
            };
            let made = admin::new_api_key(store, tenant, new, &author, now).await?;
            say(&made.secret);
        }
        What::List => list(store, tenant, now).await?,
        What::Revoke { key } => revoke(store, tenant, &key, &author, now).await?,
    }
    Ok(())
}

/// What an operator gives a business a key for is the business's, unless it is
/// somebody else's already. What it is called, the server asks Retell.
async fn claim(
    store: &Store,
    tenant: &Tenant,
    agents: &[String],
    author: &Author,
    now: i64,
) -> anyhow::Result<()> {
    let owners = store.agents().owners().await?;
    for agent in agents {
        if !owners.contains_key(agent)
            && store.agents().whose(tenant, agent).await? == Whose::NotOurs
        {
            store
                .agents()
                .assign(tenant, agent, agent, author, now)
                .await?;
            store.jobs().add(tenant, &mirror_job(now), now).await?;
        }
    }
    Ok(())
}

async fn list(store: &Store, tenant: &Tenant, now: i64) -> anyhow::Result<()> {
    let state = |works: bool| if works { "works" } else { "off" };
    for key in store.public_keys().list(tenant).await? {
        say(&format!(
            "{}  {}  {}",
            key.id,
            state(key.works(now)),
            key.name
        ));
    }
    for key in store.api_keys().list(tenant).await? {
        let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.name()).collect();
        let state = state(key.works(now));
        say(&format!(
            "{}  {state}  {} (…{})  {}",
            key.id,
            key.name,
            key.hint,
            scopes.join(" ")
        ));
    }
    Ok(())
}

async fn revoke(
    store: &Store,
    tenant: &Tenant,
    key: &str,
    author: &Author,
    now: i64,
) -> anyhow::Result<()> {
    if store.api_keys().revoke(tenant, key, author, now).await? {
        return Ok(());
    }
    let Some(mut public) = store.public_keys().own(tenant, key).await? else {
        bail!("The business has no such key that works.");
    };
    public.disabled = true;
    store
        .public_keys()
        .change(tenant, &public, None, author, now)
        .await?;
    Ok(())
}
