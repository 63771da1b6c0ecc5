//! Scenarios: what a scripted agent and its caller say and do.
//!
//! A scenario is a list of [`Step`]s read from a TOML file ([`parse`]). The
//! demo's scenarios are embedded in the binary; a directory can add others or
//! replace them ([`library`]). The format is documented in the crate's README.

pub mod library;
pub mod parse;
pub mod variables;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub use library::Library;
pub use parse::ScenarioError;
pub use variables::Variables;

/// What the transcript says of speech nobody could make out; Retell's own
/// wording (retell-protocol D2).
pub const UNINTELLIGIBLE: &str = "(unintelligible audio)";

/// A scripted conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The file's name without its ending; how agents refer to it.
    pub id: String,
    /// A name for people.
    pub name: String,
    /// The language its lines are spoken in, e.g. `en-US`.
    pub language: String,
    /// Values of dynamic variables a call does not set.
    pub variables: Variables,
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// What the agent says when the caller is silent; `None`: nothing.
    pub reminder: Option<String>,
    /// What happens when the caller speaks where the script has no line.
    pub otherwise: Otherwise,
    /// What the agent says when `update-live-call` asks it to respond now;
    /// `{{injected}}` is the latest context given. `None`: nothing.
    pub nudge: Option<String>,
    /// What the analysis after the call says.
    pub analysis: Analysis,
    /// Whether metrics of simulated tests hold, by their text.
    pub metrics: BTreeMap<String, bool>,
}

/// One step of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// The agent says this.
    Agent(String),
    /// The caller speaks; these are the words the transcript will show.
    Visitor(String),
    /// The agent calls a function.
    Tool(ToolStep),
    /// Nothing happens for this long.
    Pause {
        /// Milliseconds, scaled by the emulator's clock.
        ms: u64,
    },
    /// The conversation flow enters a node of this name.
    Node(String),
    /// The caller pressed this key.
    Dtmf(String),
    /// The agent sends this text message.
    Sms(String),
    /// The agent presses this key.
    Press(String),
    /// The agent hands the caller over to somebody else.
    Transfer(TransferStep),
    /// The call ends, with this `disconnection_reason`.
    End(String),
}

/// A function the agent calls (retell-protocol C1).
#[derive(Debug, Clone, PartialEq)]
pub struct ToolStep {
    /// The function's name.
    pub name: String,
    /// What the agent says while it waits.
    pub say: Option<String>,
    /// The arguments; strings in it may hold `{{variables}}`.
    pub arguments: Map<String, Value>,
    /// Which variables take which part of the answer, by path.
    pub response_variables: BTreeMap<String, String>,
    /// The answer when the function is not really called.
    pub result: Value,
    /// How long the unreal function takes, in milliseconds of the clock.
    pub delay_ms: u64,
    /// How it is really called; `None`: [`result`](Self::result) is used
    /// unless a functions URL is set for the agent or the emulator.
    pub request: ToolRequest,
}

/// How a function is called over HTTP (retell-protocol C1, C2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolRequest {
    /// Where; may hold `{{variables}}`.
    pub url: Option<String>,
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// Headers to add; values may hold `{{variables}}`.
    pub headers: BTreeMap<String, String>,
    /// Query parameters to add; values may hold `{{variables}}`.
    pub query_params: BTreeMap<String, String>,
    /// Send the arguments alone, without name and call.
    pub args_at_root: bool,
    /// Per attempt, 1,000 to 600,000.
    pub timeout_ms: u64,
    /// Further attempts after a failure, 0 to 5.
    pub max_retry: u32,
}

/// A hand-over to another number (retell-protocol A2, C5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferStep {
    /// The number in E.164.
    pub number: String,
    /// `cold_transfer` or `warm_transfer`.
    pub option: String,
    /// Whether somebody takes the call.
    pub answered: bool,
    /// How long it rings, in milliseconds of the clock.
    pub ring_ms: u64,
    /// What the other side says.
    pub target: Vec<String>,
    /// How long they talk before the transferred leg is over, in
    /// milliseconds of the clock.
    pub talk_ms: u64,
}

/// How speech beyond the script is treated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otherwise {
    /// What the transcript shows of it.
    pub visitor: String,
    /// What the agent answers, taken in turn; empty: it goes on with the
    /// script without an answer.
    pub agent: Vec<String>,
}

/// The scripted part of the analysis after the call (retell-protocol G2).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Analysis {
    /// The summary when the script was played to its end; `{{variables}}`
    /// allowed. `None`: made from the transcript.
    pub summary: Option<String>,
    /// `Negative`, `Positive`, `Neutral` or `Unknown`.
    pub sentiment: Option<String>,
    /// `None`: successful when the script was played to its end.
    pub successful: Option<bool>,
    /// `custom_analysis_data` when the script was played to its end; strings
    /// in it may hold `{{variables}}`.
    pub custom: Map<String, Value>,
}

impl TransferStep {
    /// A hand-over that somebody takes soon.
    #[must_use]
    pub fn to(number: String) -> Self {
        Self {
            number,
            option: "cold_transfer".to_owned(),
            answered: true,
            ring_ms: 2_000,
            target: Vec::new(),
            talk_ms: 3_000,
        }
    }
}

impl Scenario {
    /// Only what the visitor says, to an agent that has its words from
    /// elsewhere.
    #[must_use]
    pub fn of_visitor(&self, language: &str) -> Self {
        let visitor = |step: &&Step| matches!(step, Step::Visitor(_));
        Self {
            language: language.to_owned(),
            steps: self.steps.iter().filter(visitor).cloned().collect(),
            reminder: None,
            otherwise: Otherwise {
                agent: Vec::new(),
                ..self.otherwise.clone()
            },
            nudge: None,
            analysis: Analysis::default(),
            ..self.clone()
        }
    }

    /// Every line the agent can be expected to say, its variables filled
    /// with the scenario's own values and canned answers. This is what
    /// speech is recorded for in advance.
    #[must_use]
    pub fn agent_lines(&self) -> Vec<String> {
        let mut variables = self.variables.clone();
        let mut lines = Vec::new();
        for step in &self.steps {
            match step {
                Step::Agent(line) => lines.push(variables.fill(line)),
                Step::Tool(tool) => {
                    lines.extend(tool.say.as_deref().map(|say| variables.fill(say)));
                    variables.extract(&tool.result, &tool.response_variables);
                }
                Step::Visitor(_)
                | Step::Pause { .. }
                | Step::Node(_)
                | Step::Dtmf(_)
                | Step::Sms(_)
                | Step::Press(_)
                | Step::Transfer(_)
                | Step::End(_) => {}
            }
        }
        lines.extend(self.reminder.as_deref().map(|line| variables.fill(line)));
        lines.extend(self.otherwise.agent.iter().map(|line| variables.fill(line)));
        lines
    }

    /// What the caller says in this scenario, in order.
    #[must_use]
    pub fn visitor_lines(&self) -> Vec<String> {
        self.steps
            .iter()
            .filter_map(|step| match step {
                Step::Visitor(line) => Some(self.variables.fill(line)),
                _ => None,
            })
            .collect()
    }
}
