//! `simulate-call`: a scripted call.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use server::clock::Clock;
use server::config::Mode;
use server::phone::E164;
use server::simulate::{self, Kind, Parties};
use server::store::Store;

use super::{DatabaseOption, say};

/// `switchboard simulate-call`.
#[derive(Debug, Args)]
pub(crate) struct SimulateCall {
    /// What the call is about.
    #[arg(long = "type", value_name = "TYPE", default_value = "appointment")]
    kind: CallType,
    /// The caller's number.
    #[arg(long, value_name = "NUMBER", default_value = "+4930901820")]
    customer: String,
    /// The number that is called.
    #[arg(long, value_name = "NUMBER", default_value = "+14155550100")]
    number: String,
    /// The agent that answers.
    #[arg(long, value_name = "ID", default_value = "agent_demo_en")]
    agent: String,
    /// Posts the webhooks in this file instead: a JSON array, or one a line.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kind", "customer", "number", "agent"])]
    replay: Option<PathBuf>,
    /// Has the local Retell at RETELL_BASE_URL ring, rather than posting webhooks:
    /// the agent and a simulated caller really speak.
    #[arg(long, conflicts_with_all = ["replay", "kind", "agent", "url"])]
    emulator: bool,
    /// The running server; the configured public address when not given.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    #[command(flatten)]
    database: DatabaseOption,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum CallType {
    Appointment,
    Question,
    Silent,
}

impl From<CallType> for Kind {
    fn from(kind: CallType) -> Self {
        match kind {
            CallType::Appointment => Self::Appointment,
            CallType::Question => Self::Question,
            CallType::Silent => Self::Silent,
        }
    }
}

impl SimulateCall {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let config = self.database.config(Mode::Demo)?;
        let parties = Parties {
            customer: E164::parse(&self.customer)?.as_str().to_owned(),
            number: E164::parse(&self.number)?.as_str().to_owned(),
            agent_id: self.agent,
        };
        let url = self.url.unwrap_or_else(|| config.url_of(""));
        let store = Store::connect(&config.database)
            .await
            .context("The server's database cannot be opened")?;
        let call = if self.emulator {
            Some(simulate::ring(&config, &store, &parties, say).await?)
        } else {
            let webhooks = match &self.replay {
                Some(path) => simulate::read_script(path)?,
                None => {
                    let now = Clock::system().now_ms();
                    simulate::script(self.kind.into(), &parties, now)
                }
            };
            simulate::replay(&config, &store, &url, &webhooks, say).await?
        };
        store.close().await;
        if let Some(call) = call {
            say(&serde_json::to_string_pretty(&call)?);
        }
        Ok(())
    }
}
