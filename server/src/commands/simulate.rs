//! `simulate-call`: a scripted call.

use std::path::PathBuf;

use anyhow::Context;
use api::public::CallAccess;
use clap::{Args, ValueEnum};
use server::clock::Clock;
use server::config::Mode;
use server::phone::E164;
use server::simulate::{self, Kind, Parties, WebCall};
use server::store::Store;

use super::{DatabaseOption, say};

/// The number and the agent of a call when nobody says.
const NUMBER: &str = "+14155550100";
const AGENT: &str = "agent_demo_en";

/// `switchboard simulate-call`.
#[derive(Debug, Args)]
pub(crate) struct SimulateCall {
    /// What the call is about.
    #[arg(long = "type", value_name = "TYPE", default_value = "appointment")]
    kind: CallType,
    /// The caller's number.
    #[arg(long, value_name = "NUMBER", default_value = "+4930901820")]
    customer: String,
    /// The number that is called; +14155550100 when not given.
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// The agent that answers: agent_demo_en when not given, with --emulator the
    /// first one of the public key.
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Posts the webhooks in this file instead: a JSON array, or one a line.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["kind", "customer", "number", "agent"])]
    replay: Option<PathBuf>,
    /// Has the local Retell at this address (RETELL_BASE_URL when none is given)
    /// hold a call, rather than posting webhooks: agent and visitor really speak.
    /// The call is a web call, started at the running server with a public key;
    /// with --number the local Retell rings that number instead.
    #[arg(
        long,
        value_name = "URL",
        num_args = 0..=1,
        default_missing_value = "",
        conflicts_with_all = ["replay", "kind"]
    )]
    emulator: Option<String>,
    /// The public key of the web call.
    #[arg(
        long,
        value_name = "KEY",
        default_value = "pk_demo",
        requires = "emulator"
    )]
    key: String,
    /// How often the visitor answers the agent before hanging up.
    #[arg(long, value_name = "COUNT", default_value = "6", requires = "emulator")]
    turns: usize,
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
        let mut config = self.database.config(Mode::Demo)?;
        if let Some(given) = self.emulator.as_deref().filter(|url| !url.is_empty()) {
            config.retell.base_url = given
                .parse()
                .with_context(|| format!("\"{given}\" is no address of a local Retell"))?;
        }
        let number = self.number.as_deref().unwrap_or(NUMBER);
        let parties = Parties {
            customer: E164::parse(&self.customer)?.as_str().to_owned(),
            number: E164::parse(number)?.as_str().to_owned(),
            agent_id: self.agent.clone().unwrap_or_else(|| AGENT.to_owned()),
        };
        let url = self.url.unwrap_or_else(|| config.url_of(""));
        let store = Store::open_unchanged(&config.database)
            .await
            .context("The server's database cannot be opened")?;
        let call = if self.emulator.is_some() && self.number.is_some() {
            Some(simulate::ring(&config, &store, &parties, say).await?)
        } else if self.emulator.is_some() {
            let call = WebCall {
                server: url,
                emulator: config.retell.base_url.clone(),
                key: self.key,
                agent: self.agent,
            };
            let visit = |access| visit(access, self.turns);
            Some(simulate::web_call(&store, &call, visit, say).await?)
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

/// The visitor's side of a web call.
#[cfg(feature = "demo")]
async fn visit(access: CallAccess, turns: usize) -> Result<(), String> {
    let CallAccess {
        gateway_url,
        access_token,
        call_id,
        ..
    } = &access;
    emulator::testing::visit(gateway_url, access_token, call_id, turns)
        .await
        .map_err(|error| error.to_string())
}

/// Without the local Retell there is no visitor either.
#[cfg(not(feature = "demo"))]
async fn visit(_: CallAccess, _: usize) -> Result<(), String> {
    Err(
        "this program was built without the feature demo; with --number the local Retell rings"
            .to_owned(),
    )
}
