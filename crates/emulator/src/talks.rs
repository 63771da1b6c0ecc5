//! Conversations by messages: the same scenarios as calls, a turn at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::agents::Agent;
use crate::scenario::{Scenario, Step, ToolStep, Variables};

/// Where a conversation by messages is.
#[derive(Debug, Clone)]
pub(crate) struct Talk {
    pub(crate) agent: Agent,
    scenario: Arc<Scenario>,
    position: usize,
    /// What comes before the script goes on.
    ahead: VecDeque<Turn>,
    asides: usize,
    tool_calls: u32,
    node: String,
    given: Variables,
    overrides: Variables,
}

/// What comes next.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Turn {
    /// The agent writes.
    Says(String),
    /// The agent calls a function.
    Tool {
        id: String,
        tool: Box<ToolStep>,
        arguments: Map<String, Value>,
    },
    /// The flow goes from one node to another.
    Node { from: String, to: String },
    /// The agent sends a text message.
    Sms(String),
    /// The agent ends the conversation.
    End { id: String },
}

impl Talk {
    pub(crate) fn new(agent: Agent, scenario: Arc<Scenario>, given: &Variables) -> Self {
        let mut variables = scenario.variables.clone();
        variables.merge(given);
        Self {
            agent,
            scenario,
            position: 0,
            ahead: VecDeque::new(),
            asides: 0,
            tool_calls: 0,
            node: "start".to_owned(),
            given: variables,
            overrides: Variables::default(),
        }
    }

    /// What texts are filled with.
    pub(crate) fn variables(&self) -> Variables {
        let mut variables = self.given.clone();
        variables.merge(&self.overrides);
        variables
    }

    /// What the answer of a function sets.
    pub(crate) fn learn(&mut self, variables: &Variables) {
        self.given.merge(variables);
    }

    /// Variables changed from outside, on top of all others.
    pub(crate) fn set_overrides(&mut self, overrides: Variables) {
        self.overrides = overrides;
    }

    /// The scenario's own analysis, for one that was played to its end.
    pub(crate) fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Whether the script was played to its end.
    pub(crate) fn is_complete(&self) -> bool {
        self.position >= self.scenario.steps.len()
    }

    /// The line the script has for the other side now, if it has one.
    pub(crate) fn expected(&self) -> Option<String> {
        match self.scenario.steps.get(self.position) {
            Some(Step::Visitor(line)) => Some(self.variables().fill(line)),
            _ => None,
        }
    }

    /// The other side has written.
    pub(crate) fn heard(&mut self) {
        if self.expected().is_some() {
            self.position += 1;
        } else if !self.scenario.otherwise.agent.is_empty() {
            let answers = &self.scenario.otherwise.agent;
            if let Some(answer) = answers.get(self.asides % answers.len()) {
                let answer = self.variables().fill(answer);
                self.ahead.push_back(Turn::Says(answer));
            }
            self.asides += 1;
        }
    }

    fn next_id(&mut self) -> String {
        self.tool_calls += 1;
        format!("tool_call_{}", self.tool_calls)
    }

    /// What comes next; nothing while it is the other side's turn.
    pub(crate) fn next(&mut self) -> Option<Turn> {
        if let Some(turn) = self.ahead.pop_front() {
            return Some(turn);
        }
        let variables = self.variables();
        loop {
            let step = self.scenario.steps.get(self.position)?.clone();
            if matches!(step, Step::Visitor(_)) {
                return None;
            }
            self.position += 1;
            return Some(match step {
                Step::Agent(line) => Turn::Says(variables.fill(&line)),
                Step::Tool(tool) => {
                    let say = tool.say.as_ref().map(|say| variables.fill(say));
                    let call = Turn::Tool {
                        id: self.next_id(),
                        arguments: variables.fill_object(&tool.arguments),
                        tool: Box::new(tool),
                    };
                    match say {
                        Some(say) => {
                            self.ahead.push_back(call);
                            Turn::Says(say)
                        }
                        None => call,
                    }
                }
                Step::Node(to) => Turn::Node {
                    from: std::mem::replace(&mut self.node, to.clone()),
                    to,
                },
                Step::Sms(text) => Turn::Sms(variables.fill(&text)),
                Step::End(_) => Turn::End { id: self.next_id() },
                // Nobody waits, dials or is handed over in writing.
                Step::Visitor(_)
                | Step::Pause { .. }
                | Step::Dtmf(_)
                | Step::Press(_)
                | Step::Transfer(_) => continue,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::parse::parse;

    fn talk(text: &str) -> Talk {
        let scenario = Arc::new(parse("s.toml", text).unwrap());
        Talk::new(
            Agent(Map::new()),
            scenario,
            &[("name", "Ada")].into_iter().collect(),
        )
    }

    #[test]
    fn a_talk_waits_for_the_other_side_and_answers_beyond_the_script() {
        let mut talk = talk(
            "name = \"S\"\n[otherwise]\nagent = [\"Pardon?\"]\n[[steps]]\nagent = \"Hello {{name}}\"\n\
             [[steps]]\nvisitor = \"Hi\"\n[[steps]]\npause_ms = 5\n[[steps]]\nend = \"agent_hangup\"",
        );
        assert_eq!(talk.next(), Some(Turn::Says("Hello Ada".to_owned())));
        assert_eq!(
            (talk.next(), talk.expected().as_deref()),
            (None, Some("Hi"))
        );
        talk.heard();
        assert!(matches!(talk.next(), Some(Turn::End { .. })));
        assert!(talk.is_complete() && talk.next().is_none());
        talk.heard();
        assert_eq!(talk.next(), Some(Turn::Says("Pardon?".to_owned())));
    }

    #[test]
    fn overrides_stand_above_what_is_learned() {
        let mut talk =
            talk("name = \"S\"\n[[steps]]\nvisitor = \"x\"\n[[steps]]\nagent = \"{{name}}\"");
        talk.set_overrides([("name", "Bea")].into_iter().collect());
        talk.learn(&[("name", "Cid")].into_iter().collect());
        talk.heard();
        assert_eq!(talk.next(), Some(Turn::Says("Bea".to_owned())));
        talk.set_overrides(Variables::default());
        assert_eq!(talk.variables().get("name"), Some("Cid"));
    }
}
