//! What it costs to ask for functions: each by itself (`overhead`), whole calls that book
//! beside each other, with what they need outside at its usual pace (`dialogue`), and more who
//! want a time than there are times (`storm`).

mod dialogue;
mod overhead;
mod storm;

/// The doubles of the tests: as strict as what they stand for.
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the tests ask more of the doubles"
)]
#[path = "../../../../server/tests/core/calcom/double.rs"]
mod calcom;
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the tests ask more of the doubles"
)]
#[path = "../../../../server/tests/core/crm"]
mod crm {
    pub(crate) mod double;
    pub(crate) mod hubspot;
}

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bench::client::{Answer, Connection};
use bench::program::{API_KEY, Engine, Program, Scratch};
use bench::report::{heading, machine};
use bench::seed;
use serde_json::{Value, json};
use server::deeds::Author;
use server::store::Store;

#[tokio::main]
async fn main() -> Result<()> {
    machine();
    let scratch = Scratch::new()?;
    let mut compared = dialogue::Compared::default();
    for engine in Engine::each(&scratch).await? {
        let store = Store::open(&engine.database()).await?;
        let functions = Business::all(&store, "function", overhead::ALL.len()).await?;
        let storms = Business::all(&store, "storm", storm::BUSINESSES).await?;
        let alone = Business::all(&store, "alone", dialogue::BUSINESSES).await?;
        let outside = Business::all(&store, "outside", dialogue::BUSINESSES).await?;
        store.close().await;
        let server = Program::server(&scratch, &engine.url, "http://127.0.0.1:9").await?;
        heading(&format!("functions, {}", engine.name));
        overhead::run(&server, &functions).await?;
        storm::run(&server, &storms).await?;
        compared
            .ours(engine.name, &server, &alone, &outside)
            .await?;
        server.stop().await;
    }
    compared.express(&scratch).await?;
    compared.report();
    Ok(())
}

/// A business with an agent of its own: what one may ask for in a minute is limited.
struct Business {
    agent: String,
    /// Signs its admin in.
    link: String,
}

impl Business {
    async fn all(store: &Store, of: &str, many: usize) -> Result<Vec<Self>> {
        let mut all = Vec::with_capacity(many);
        for nth in 0..many {
            let now = seed::now();
            let tenant = store
                .tenants()
                .upsert(&format!("{of}_{nth}"), "Bench", "Europe/Berlin", now)
                .await?;
            let agent = format!("agent_{of}_{nth}");
            store
                .agents()
                .assign(&tenant, &agent, "Agent", &Author::operator(), now)
                .await?;
            let link = seed::sign_in_path(store, &tenant).await?;
            all.push(Self { agent, link });
        }
        Ok(all)
    }

    /// Somebody at its desk.
    async fn desk(&self, server: &Program) -> Result<Desk> {
        let cookie = seed::cookie(server, &self.link).await?;
        let connection = Connection::open(server.address).await?;
        let header = format!("origin: http://{}\r\ncookie: {cookie}", server.address);
        Ok(Desk { connection, header })
    }

    /// The nth call of it, which comes from a number of its own.
    fn call(&self, nth: usize) -> Value {
        Self::call_of(&self.agent, nth)
    }

    fn call_of(agent: &str, nth: usize) -> Value {
        json!({
            "call_id": format!("call_of_{agent}_{nth}"), "call_type": "phone_call",
            "call_status": "ongoing", "direction": "inbound", "agent_id": agent,
            "from_number": format!("+49151234{:05}", 10_000 + nth), "to_number": "+4930901820",
        })
    }
}

/// Somebody who enters what a business needs.
struct Desk {
    connection: Connection,
    header: String,
}

impl Desk {
    async fn send(&mut self, method: &str, path: &str, body: &Value) -> Result<Value> {
        let answer = send(&mut self.connection, method, path, &self.header, body).await?;
        let told = String::from_utf8_lossy(&answer.body);
        ensure!(
            (200..300).contains(&answer.status),
            "{method} {path}: {told}"
        );
        Ok(serde_json::from_str(&told).unwrap_or_default())
    }
}

async fn send(
    connection: &mut Connection,
    method: &str,
    path: &str,
    header: &str,
    body: &Value,
) -> Result<Answer> {
    let body = body.to_string();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         {header}\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    connection.send(request.as_bytes()).await
}

/// An agent in a call, as Retell asks for it: one function after the other.
struct Caller {
    connection: Connection,
    call: Value,
}

impl Caller {
    async fn of(address: SocketAddr, call: Value) -> Result<Self> {
        let connection = Connection::open(address).await?;
        Ok(Self { connection, call })
    }

    /// What a function answers, and after how long.
    async fn ask(&mut self, name: &str, args: &Value) -> Result<(Value, Duration)> {
        let body = json!({"name": name, "args": args, "call": self.call});
        let now = u64::try_from(seed::now())?;
        let signature = retell::signature::sign(body.to_string().as_bytes(), API_KEY, now);
        let header = format!("x-retell-signature: {signature}");
        let path = format!("/api/functions/{name}");
        let asked = Instant::now();
        let answer = send(&mut self.connection, "POST", &path, &header, &body).await?;
        let took = asked.elapsed();
        let told = String::from_utf8_lossy(&answer.body);
        ensure!(answer.status == 200, "{path}: {told}");
        Ok((serde_json::from_str(&told)?, took))
    }
}
