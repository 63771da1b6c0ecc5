//! The demo: a business with agents, public keys and one person at the desk.

mod calendar;
#[cfg(feature = "demo")]
mod emulated;

use anyhow::Context;

use crate::accounts::mirror_job;
use crate::agents::mirror;
use crate::app::App;
use crate::keys::PublicKey;
use crate::people::{self, User};
use crate::store::{Store, Tenant};

#[cfg(feature = "demo")]
pub use emulated::start;

const TENANT: &str = "tenant_demo";
const NAME: &str = "Sunrise Dental";
const TIMEZONE: &str = "Europe/Berlin";
const ADMIN: &str = "user_demo";
const ADMIN_EMAIL: &str = "admin@sunrise-dental.example";

/// The emulator's agents for English, Spanish and German.
const AGENTS: [&str; 3] = ["agent_demo_en", "agent_demo_es", "agent_demo_de"];

/// The emulator's agents for tests.
const TEST_AGENTS: [&str; 6] = [
    "agent_test_short",
    "agent_test_hangup",
    "agent_test_long",
    "agent_test_silent",
    "agent_test_tools",
    "agent_test_transfer",
];

/// Pages on the visitor's own machine, whatever serves them.
const LOCAL_PAGES: [&str; 2] = ["http://localhost:*", "http://127.0.0.1:*"];

/// Creates what the demo needs, or brings it up to date, and gives a link that
/// signs its one person in, once.
pub async fn seed(app: &App) -> anyhow::Result<String> {
    let (store, now) = (&app.store, app.clock.now_ms());
    let tenant = store.tenants().upsert(TENANT, NAME, TIMEZONE, now).await?;
    if let Err(error) = mirror::sync(&app.accounts, &tenant).await {
        tracing::warn!(%error, "the agents of the demo are not known yet");
        store.jobs().add(&tenant, &mirror_job(now), now).await?;
    }
    let own_agent = app.config.retell.default_agent.as_deref();
    for key in keys(&app.config.origin(), own_agent) {
        store.public_keys().upsert(&tenant, &key, now).await?;
    }
    calendar::furnish(app, &tenant, now).await?;
    let admin = admin(store, &tenant, now)
        .await
        .context("the demo's person cannot be created")?;
    let link = people::new_sign_in_link(store, &tenant, &admin, now).await?;
    Ok(app
        .config
        .url_of(&format!("/desk/sign-in/{}", link.expose())))
}

/// The demo's person; whoever is there already stays as they are.
async fn admin(store: &Store, tenant: &Tenant, now: i64) -> anyhow::Result<User> {
    if let Some((_, known)) = store.people().by_email(ADMIN_EMAIL).await? {
        return Ok(known);
    }
    let admin = User {
        id: ADMIN.to_owned(),
        email: ADMIN_EMAIL.to_owned(),
        name: "Robin Sommer".to_owned(),
        role: people::Role::Admin,
        password_hash: None,
    };
    store.people().upsert(tenant, &admin, now).await?;
    Ok(admin)
}

/// The demo's public keys. `own_agent` is the one agent of a real account; the
/// emulator's are not known there.
fn keys(own_origin: &str, own_agent: Option<&str>) -> Vec<PublicKey> {
    let key = |id: &str, title: &str, agents: &[&str]| PublicKey {
        id: id.to_owned(),
        name: title.to_owned(),
        title: title.to_owned(),
        agents: agents.iter().map(|&agent| agent.to_owned()).collect(),
        origins: [own_origin]
            .into_iter()
            .chain(LOCAL_PAGES)
            .map(str::to_owned)
            .collect(),
        variables: vec!["customer_name".to_owned()],
        calls_per_minute: 600,
        calls_per_ip_per_minute: 600,
        ..PublicKey::default()
    };
    let [en, es, de] = AGENTS.map(|id| own_agent.unwrap_or(id));
    let mut disabled = key("pk_disabled", NAME, &[en]);
    disabled.disabled = true;
    let mut all = vec![en];
    // With an agent of one's own, all three are that one.
    all.extend([es, de].into_iter().filter(|agent| *agent != en));
    vec![
        key("pk_demo", NAME, &all),
        key("pk_demo_es", "Clínica Dental Aurora", &[es]),
        key("pk_demo_de", "Zahnarztpraxis Sonnenschein", &[de]),
        key("pk_test", "Test", &TEST_AGENTS),
        disabled,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agents(own_agent: Option<&str>) -> Vec<(String, Vec<String>)> {
        let keys = keys("http://127.0.0.1:8080", own_agent);
        keys.into_iter().map(|key| (key.id, key.agents)).collect()
    }

    #[test]
    fn the_demo_key_calls_every_language_of_the_emulator() {
        let keys = agents(None);
        let (id, demo) = &keys[0];
        assert_eq!(id, "pk_demo");
        assert_eq!(demo, &["agent_demo_en", "agent_demo_es", "agent_demo_de"]);
    }

    #[test]
    fn with_a_real_account_the_demo_calls_its_agent() {
        for (id, agents) in agents(Some("agent_real")) {
            if id != "pk_test" {
                assert_eq!(agents, ["agent_real"], "{id}");
            }
        }
    }
}
