//! What goes back and forth, without the socket: whose turn it is to ask, what
//! of the answers counts, and what the agent does about it.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::calls::wire;
use crate::conversation::{Input, Item, Kind, Rules, Speaker};
use crate::scenario::{Step, TransferStep};

/// A call's exchange with the server its agent thinks with.
#[derive(Debug)]
pub(crate) struct Exchange {
    rules: Rules,
    config: Config,
    /// Frames of this connection so far.
    frames: u64,
    /// The latest response that was asked for, and whether it is awaited.
    asked: u64,
    open: bool,
    /// The latest interruption, and whether it goes on.
    interruption: Option<(i64, bool)>,
    /// What is to be said once its sentence is whole.
    unsaid: String,
    then: Option<Step>,
    /// Whose turn the server has been told it is.
    turn: Option<Speaker>,
}

/// What a frame comes to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Reply {
    /// What happens in the conversation.
    pub(crate) inputs: Vec<Input>,
    /// It wants to know of the call.
    pub(crate) call_details: bool,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct Config {
    call_details: bool,
    transcript_with_tool_calls: bool,
}

/// Words to be said, of a response or an interruption.
#[derive(Debug, Deserialize)]
struct Words {
    content: String,
    content_complete: bool,
    no_interruption_allowed: Option<bool>,
    end_call: Option<bool>,
    transfer_number: Option<String>,
    digit_to_press: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "response_type", rename_all = "snake_case")]
enum Frame {
    Config {
        config: Config,
    },
    Response {
        response_id: u64,
        #[serde(flatten)]
        words: Words,
    },
    AgentInterrupt {
        interrupt_id: i64,
        #[serde(flatten)]
        words: Words,
    },
    ToolCallInvocation {
        tool_call_id: String,
        name: String,
        arguments: String,
    },
    ToolCallResult {
        tool_call_id: String,
        content: String,
        successful: Option<bool>,
    },
    UpdateAgent {
        agent_config: Manners,
    },
    /// A gateway does not relay it.
    Metadata {},
    /// The socket's own.
    PingPong {},
}

#[derive(Debug, Deserialize)]
struct Manners {
    responsiveness: Option<f64>,
    interruption_sensitivity: Option<f64>,
    reminder_trigger_ms: Option<u64>,
    reminder_max_count: Option<u32>,
}

impl Manners {
    fn are_valid(&self) -> bool {
        let share = |value: Option<f64>| value.is_none_or(|it| (0.0..=1.0).contains(&it));
        share(self.responsiveness)
            && share(self.interruption_sensitivity)
            && self.reminder_trigger_ms != Some(0)
    }
}

impl Exchange {
    /// One in which nothing was said. The server begins: with response 0.
    pub(crate) fn new(rules: Rules) -> Self {
        Self {
            rules,
            config: Config::default(),
            frames: 0,
            asked: 0,
            open: true,
            interruption: None,
            unsaid: String::new(),
            then: None,
            turn: None,
        }
    }

    /// There is a new connection.
    pub(crate) fn connected(&mut self) {
        self.frames = 0;
    }

    /// Asks for what the agent is to say; what was asked before no longer
    /// counts.
    pub(crate) fn ask(&mut self, reminder: bool, items: &[Item]) -> Value {
        self.asked += 1;
        self.open = true;
        self.interruption = None;
        self.forget();
        let kind = if reminder {
            "reminder_required"
        } else {
            "response_required"
        };
        let mut frame = self.transcript(kind, items);
        frame["response_id"] = self.asked.into();
        frame
    }

    /// Tells how the transcript has changed, and whose turn it has become.
    pub(crate) fn update(&mut self, changed: &[Item], items: &[Item]) -> Value {
        let mut frame = self.transcript("update_only", items);
        let speaker = changed.iter().rev().find_map(|item| match item.kind {
            Kind::Said { by, .. } => Some(by),
            _ => None,
        });
        if let Some(speaker) = speaker.filter(|it| Some(*it) != self.turn) {
            self.turn = Some(speaker);
            let user = speaker == Speaker::User;
            frame["turntaking"] = if user { "user_turn" } else { "agent_turn" }.into();
        }
        frame
    }

    fn transcript(&self, kind: &str, items: &[Item]) -> Value {
        let items = wire::in_order(items);
        let mut frame = json!({
            "interaction_type": kind,
            "transcript": wire::utterances(&items),
        });
        if self.config.transcript_with_tool_calls {
            frame["transcript_with_tool_calls"] = json!(wire::with_tool_calls(&items));
        }
        frame
    }

    fn forget(&mut self) {
        self.unsaid.clear();
        self.then = None;
    }

    /// Takes a frame of the server. One that is not as it must be is ignored.
    pub(crate) fn receive(&mut self, text: &str) -> Reply {
        self.frames += 1;
        let mut reply = Reply::default();
        match read(text) {
            Ok(frame) => self.take(frame, &mut reply),
            Err(error) => tracing::info!(%error, "a frame of a custom LLM is ignored"),
        }
        reply
    }

    fn take(&mut self, frame: Frame, reply: &mut Reply) {
        match frame {
            // The first frame, or not at all.
            Frame::Config { config } if self.frames == 1 => {
                self.config = config;
                reply.call_details = config.call_details;
            }
            Frame::Response { response_id, words } => {
                if self.open && response_id == self.asked {
                    self.open = !words.content_complete;
                    self.say(&words, reply);
                }
            }
            Frame::AgentInterrupt {
                interrupt_id,
                words,
            } => {
                match self.interruption {
                    Some((id, true)) if id == interrupt_id => {}
                    // It was said to its end.
                    Some((id, false)) if id == interrupt_id => return,
                    _ => {
                        self.open = false;
                        self.forget();
                        reply.inputs.push(Input::Hush);
                    }
                }
                self.interruption = Some((interrupt_id, !words.content_complete));
                self.say(&words, reply);
            }
            Frame::ToolCallInvocation {
                tool_call_id,
                name,
                arguments,
            } => reply.inputs.push(Input::Note(Kind::ToolInvocation {
                tool_call_id,
                name,
                arguments,
                tool_type: "custom",
            })),
            Frame::ToolCallResult {
                tool_call_id,
                content,
                successful,
            } => reply.inputs.push(Input::Note(Kind::ToolResult {
                tool_call_id,
                content,
                successful,
            })),
            Frame::UpdateAgent { agent_config: new } if new.are_valid() => {
                let rules = &mut self.rules;
                let sensitivity = new.interruption_sensitivity;
                rules.interruptible = sensitivity.map_or(rules.interruptible, |it| it > 0.0);
                let trigger = new.reminder_trigger_ms;
                rules.reminder_trigger_ms = trigger.unwrap_or(rules.reminder_trigger_ms);
                let count = new.reminder_max_count;
                rules.reminder_max_count = count.unwrap_or(rules.reminder_max_count);
                reply.inputs.push(Input::Rules(rules.clone()));
            }
            Frame::Config { .. }
            | Frame::UpdateAgent { .. }
            | Frame::Metadata {}
            | Frame::PingPong {} => {}
        }
    }

    /// Says whole sentences, and after the last one does what was said to be
    /// done then.
    fn say(&mut self, words: &Words, reply: &mut Reply) {
        if let Some(step) = action(words) {
            self.then = Some(step);
        }
        self.unsaid.push_str(&words.content);
        let whole = if words.content_complete {
            self.unsaid.len()
        } else {
            sentences(&self.unsaid)
        };
        let said: String = self.unsaid.drain(..whole).collect();
        let said = said.trim();
        if !said.is_empty() {
            let forbidden = words.no_interruption_allowed == Some(true);
            let interruptible = self.rules.interruptible && !forbidden;
            reply.inputs.push(Input::Rules(Rules {
                interruptible,
                ..self.rules.clone()
            }));
            reply.inputs.push(act(Step::Agent(said.to_owned())));
        }
        if words.content_complete {
            reply.inputs.extend(self.then.take().map(act));
            reply.inputs.push(Input::Answered);
        }
    }
}

fn act(step: Step) -> Input {
    Input::Do(Box::new(step))
}

fn read(text: &str) -> Result<Frame, serde_json::Error> {
    let mut frame: Value = serde_json::from_str(text)?;
    if let Value::Object(fields) = &mut frame {
        // A frame without a type is a response.
        fields.entry("response_type").or_insert("response".into());
    }
    serde_json::from_value(frame)
}

/// The one action of a response; which goes first, if it names several, the
/// protocol says.
fn action(words: &Words) -> Option<Step> {
    if words.end_call == Some(true) {
        return Some(Step::End("agent_hangup".to_owned()));
    }
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let transfer =
        given(&words.transfer_number).map(|number| Step::Transfer(TransferStep::to(number)));
    transfer.or_else(|| given(&words.digit_to_press).map(Step::Press))
}

/// How much of a text is whole sentences.
fn sentences(text: &str) -> usize {
    let mut whole = 0;
    let mut ended = false;
    for (at, it) in text.char_indices() {
        if it.is_whitespace() && ended {
            whole = at;
        }
        ended = it == '\n' || ".!?…。".contains(it);
    }
    if ended { text.len() } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exchange() -> Exchange {
        Exchange::new(Rules::default())
    }

    fn said(reply: &Reply) -> Vec<&Input> {
        let rules = |input: &&Input| !matches!(input, Input::Rules(_));
        reply.inputs.iter().filter(rules).collect()
    }

    fn line(text: &str) -> Input {
        act(Step::Agent(text.to_owned()))
    }

    fn words(id: u64, content: &str, complete: bool) -> String {
        json!({"response_type": "response", "response_id": id, "content": content, "content_complete": complete})
            .to_string()
    }

    #[test]
    fn only_the_latest_response_counts_until_it_is_complete() {
        let mut exchange = exchange();
        let begin = exchange.receive(&words(0, "Hello.", true));
        assert_eq!(said(&begin), [&line("Hello."), &Input::Answered]);
        assert!(said(&exchange.receive(&words(0, "Again.", true))).is_empty());
        exchange.ask(false, &[]);
        assert_eq!(exchange.ask(false, &[])["response_id"], 2);
        assert!(said(&exchange.receive(&words(1, "Late.", true))).is_empty());
        // A missing type is a response.
        let untyped = r#"{"response_id": 2, "content": "In time.", "content_complete": false}"#;
        assert_eq!(said(&exchange.receive(untyped)), [&line("In time.")]);
        exchange.update(&[], &[]);
        assert_eq!(
            said(&exchange.receive(&words(2, "", true))),
            [&Input::Answered]
        );
    }

    #[test]
    fn words_are_said_by_sentences() {
        let mut exchange = exchange();
        let mut all = Vec::new();
        for (content, complete) in [
            ("Let me", false),
            (" check. One", false),
            (" moment", false),
            ("", true),
        ] {
            let reply = exchange.receive(&words(0, content, complete));
            all.extend(said(&reply).into_iter().cloned());
        }
        assert_eq!(
            all,
            [line("Let me check."), line("One moment"), Input::Answered]
        );
    }

    #[test]
    fn a_frame_of_the_wrong_type_is_ignored_and_the_next_one_is_not() {
        let mut exchange = exchange();
        for wrong in [
            "no JSON",
            "[]",
            r#"{"response_type": "response", "response_id": "0", "content": "x", "content_complete": true}"#,
            r#"{"response_type": "response", "response_id": 0, "content": 5, "content_complete": true}"#,
            r#"{"response_type": "unheard_of"}"#,
            r#"{"response_type": "update_agent", "agent_config": {"responsiveness": 2}}"#,
        ] {
            assert_eq!(exchange.receive(wrong), Reply::default(), "{wrong}");
        }
        assert_eq!(said(&exchange.receive(&words(0, "Hi", true))).len(), 2);
    }

    #[test]
    fn one_action_comes_after_the_words() {
        let mut exchange = exchange();
        let frame = json!({
            "response_id": 0, "content": "Bye.", "content_complete": true,
            "digit_to_press": "1", "transfer_number": "+14155550123", "end_call": true,
        });
        let reply = exchange.receive(&frame.to_string());
        let end = act(Step::End("agent_hangup".to_owned()));
        assert_eq!(said(&reply), [&line("Bye."), &end, &Input::Answered]);
        exchange.ask(false, &[]);
        let frame = json!({
            "response_id": 1, "content": "", "content_complete": true, "digit_to_press": "1", "end_call": false,
        });
        let reply = exchange.receive(&frame.to_string());
        assert_eq!(
            said(&reply),
            [&act(Step::Press("1".to_owned())), &Input::Answered]
        );
    }

    #[test]
    fn an_interruption_ends_the_open_response_and_the_one_before() {
        let mut exchange = exchange();
        let interrupt = |id: i64, content: &str, complete: bool| {
            json!({
                "response_type": "agent_interrupt", "interrupt_id": id,
                "content": content, "content_complete": complete,
            })
            .to_string()
        };
        let first = exchange.receive(&interrupt(1, "Wait. And", false));
        assert_eq!(said(&first), [&Input::Hush, &line("Wait.")]);
        assert!(said(&exchange.receive(&words(0, "Hello.", true))).is_empty());
        let same = exchange.receive(&interrupt(1, " listen.", false));
        assert_eq!(said(&same), [&line("And listen.")]);
        let other = exchange.receive(&interrupt(2, "No.", true));
        assert_eq!(said(&other), [&Input::Hush, &line("No."), &Input::Answered]);
        assert!(said(&exchange.receive(&interrupt(2, "More.", true))).is_empty());
    }

    #[test]
    fn the_configuration_is_the_first_frame_or_none() {
        let config = r#"{"response_type": "config", "config": {"call_details": true, "auto_reconnect": true}}"#;
        let mut exchange = exchange();
        let reply = exchange.receive(config);
        assert!(reply.call_details);
        assert_eq!(exchange.receive(config), Reply::default());
        exchange.connected();
        assert!(exchange.receive(config).call_details);
    }
}
