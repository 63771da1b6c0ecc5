//! The business a benchmark is about, and somebody at its desk.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use server::deeds::Author;
use server::people::{self, Role, User};
use server::store::{Store, Tenant};

use crate::client::Connection;
use crate::program::{Engine, Program};

/// The business's id.
pub const TENANT: &str = "tenant_bench";
/// Its agent.
pub const AGENT: &str = "agent_0";

/// Now (Unix ms).
#[must_use]
pub fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    elapsed.map_or(0, |elapsed| elapsed.as_millis() as i64)
}

/// Creates the tables, the business and its agent.
pub async fn business(engine: &Engine) -> Result<(Store, Tenant)> {
    let store = Store::open(&engine.database()).await?;
    let tenant = store
        .tenants()
        .upsert(TENANT, "Bench", "Europe/Berlin", now())
        .await?;
    store
        .agents()
        .assign(&tenant, AGENT, "Agent 0", &Author::operator(), now())
        .await?;
    Ok((store, tenant))
}

/// A way to sign somebody in, once the server runs.
pub async fn sign_in_path(store: &Store, tenant: &Tenant) -> Result<String> {
    let user = User {
        id: format!("user_of_{}", tenant.id()),
        email: format!("bench@{}.example", tenant.id()),
        name: "Bench".to_owned(),
        role: Role::Admin,
        password_hash: None,
    };
    store.people().upsert(tenant, &user, now()).await?;
    let link = people::new_sign_in_link(store, tenant, &user, now()).await?;
    Ok(format!("/desk/sign-in/{}", link.expose()))
}

/// Signs in: the cookie.
///
/// # Errors
/// When the server does not let us.
pub async fn cookie(server: &Program, path: &str) -> Result<String> {
    let mut connection = Connection::open(server.address).await?;
    let answer = connection.get(path, "").await?;
    let cookie = answer.head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let cookie = name.eq_ignore_ascii_case("set-cookie").then_some(value)?;
        Some(cookie.split(';').next()?.trim().to_owned())
    });
    cookie.context("the sign-in link gives no cookie")
}
