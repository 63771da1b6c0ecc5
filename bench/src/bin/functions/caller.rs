//! Businesses, who works there, and who calls.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bench::client::{Answer, Connection};
use bench::program::{API_KEY, Program};
use bench::seed;
use serde_json::{Value, json};
use server::deeds::Author;
use server::store::Store;

/// A business with an agent of its own: what one may ask for in a minute is limited.
pub(crate) struct Business {
    pub(crate) agent: String,
    /// Signs its admin in.
    link: String,
}

impl Business {
    /// So many of one kind.
    pub(crate) async fn all(store: &Store, of: &str, many: usize) -> Result<Vec<Self>> {
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

    /// Somebody at its desk: the link is good once.
    pub(crate) async fn desk(&self, server: &Program) -> Result<Desk> {
        let cookie = seed::cookie(server, &self.link).await?;
        let connection = Connection::open(server.address).await?;
        let header = format!("origin: http://{}\r\ncookie: {cookie}", server.address);
        Ok(Desk { connection, header })
    }

    /// The nth call of it, which comes from a number of its own.
    pub(crate) fn call(&self, nth: usize) -> Value {
        Self::call_of(&self.agent, nth)
    }

    /// The nth call of an agent.
    pub(crate) fn call_of(agent: &str, nth: usize) -> Value {
        json!({
            "call_id": format!("call_of_{agent}_{nth}"), "call_type": "phone_call",
            "call_status": "ongoing", "direction": "inbound", "agent_id": agent,
            "from_number": format!("+49151234{:05}", 10_000 + nth), "to_number": "+4930901820",
        })
    }
}

/// Somebody who enters what a business needs.
pub(crate) struct Desk {
    connection: Connection,
    header: String,
}

impl Desk {
    pub(crate) async fn send(&mut self, method: &str, path: &str, body: &Value) -> Result<Value> {
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
pub(crate) struct Caller {
    connection: Connection,
    pub(crate) call: Value,
}

impl Caller {
    pub(crate) async fn of(address: SocketAddr, call: Value) -> Result<Self> {
        let connection = Connection::open(address).await?;
        Ok(Self { connection, call })
    }

    /// What a function answers, and after how long.
    pub(crate) async fn ask(&mut self, name: &str, args: &Value) -> Result<(Value, Duration)> {
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
