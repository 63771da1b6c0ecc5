//! The conversation of one call: who speaks when, and what.
//!
//! [`Conversation`] is pure: every input comes with the time in milliseconds
//! (any clock that does not run backwards), every effect is an [`Output`], and
//! [`Conversation::wake_up`] says when to give a [`Input::Tick`] if nothing
//! else happens. It plays a [`Scenario`]; the caller's words are the
//! scenario's, as there is no speech recognition, and appear while the caller
//! is heard.

mod agent;
mod pace;
mod script;
#[cfg(test)]
mod tests;
mod transcript;
mod vad;
mod visitor;

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::scenario::{Scenario, Step, ToolStep, TransferStep, Variables};

pub use transcript::{Item, Kind, Speaker, Word, join};

use agent::Utterance;
use transcript::Transcript;
use vad::{Heard, Vad};
use visitor::Turn;

/// Timers and manners of an agent (retell-protocol H1).
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Silence after which the agent reminds, in ms.
    pub reminder_trigger_ms: u64,
    /// How often it reminds in one silence.
    pub reminder_max_count: u32,
    /// Silence after which the call ends, in ms.
    pub end_call_after_silence_ms: u64,
    /// How long a call may last, in ms.
    pub max_call_duration_ms: u64,
    /// How long the agent waits before its first line, in ms.
    pub begin_message_delay_ms: u64,
    /// Whether the caller can interrupt the agent.
    pub interruptible: bool,
    /// The caller is simulated: it says its lines by itself.
    pub simulated_caller: bool,
    /// What the agent says is [asked for](Output::Ask) elsewhere.
    pub asks: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            reminder_trigger_ms: 10_000,
            reminder_max_count: 1,
            end_call_after_silence_ms: 600_000,
            max_call_duration_ms: 3_600_000,
            begin_message_delay_ms: 0,
            interruptible: true,
            simulated_caller: false,
            asks: false,
        }
    }
}

/// What can happen to a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The caller is there; the conversation begins.
    Start,
    /// How loud the caller is, in dBov.
    Level(i8),
    /// The speech asked for by [`Output::Speak`] has begun to play. Word
    /// begins and ends, in ms from its begin.
    PlaybackStarted {
        /// Which one.
        utterance: u64,
        /// Begin and end of each of its words.
        words: Vec<(u64, u64)>,
        /// How long it will play.
        duration_ms: u64,
    },
    /// The speech has been played.
    PlaybackEnded {
        /// Which one.
        utterance: u64,
    },
    /// A function has answered.
    ToolResult {
        /// Which call of it.
        tool_call_id: String,
        /// The answer, as the agent reads it.
        content: String,
        /// Whether it succeeded.
        successful: bool,
        /// What the answer sets.
        variables: Variables,
    },
    /// The agent is to do this as soon as it can, before the script goes on.
    Do(Box<Step>),
    /// What was [asked for](Output::Ask) has been given.
    Answered,
    /// The agent is to stop speaking, and drops what it was still to do.
    Hush,
    /// It goes by these from now on.
    Rules(Rules),
    /// The caller says this, without audio.
    SayAsCaller(String),
    /// What the caller was made to say sounds from now on, for so long in ms.
    CallerSpeaks(u64),
    /// This has happened, and belongs in the transcript.
    Note(Kind),
    /// Context for the agent (`additional_context` of update-live-call).
    Inject(String),
    /// Variables changed from outside, on top of all others
    /// (`override_dynamic_variables`); `None` takes all changes back.
    Override(Option<Variables>),
    /// The agent is to respond now (`trigger_response` of update-live-call).
    TriggerResponse,
    /// A person took over: the agent is silent for good, nothing more is
    /// transcribed.
    TakeOver,
    /// How fast timers run; 1.0 is real time. Speech is never faster.
    Speed(f64),
    /// The call ends, for this `disconnection_reason`.
    End(String),
    /// Time has passed.
    Tick,
}

/// What a conversation wants done.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Say this; report with [`Input::PlaybackStarted`] and
    /// [`Input::PlaybackEnded`].
    Speak {
        /// Its number.
        utterance: u64,
        /// The words.
        text: String,
    },
    /// Stop saying it.
    StopPlaying,
    /// A simulated caller begins to say this. How long that takes can be
    /// reported with [`Input::CallerSpeaks`].
    CallerSays(String),
    /// These entries of the transcript are new or have changed.
    Transcript(Vec<Item>),
    /// Somebody has finished speaking.
    TurnOver,
    /// The agent has nothing to say by itself, and should say something;
    /// report with [`Input::Do`] and [`Input::Answered`].
    Ask {
        /// The caller has been silent for long.
        reminder: bool,
    },
    /// Call a function, and report with [`Input::ToolResult`].
    CallTool {
        /// This call of it.
        tool_call_id: String,
        /// The function.
        tool: Box<ToolStep>,
        /// The arguments, variables filled in.
        arguments: Map<String, Value>,
    },
    /// A transfer goes on.
    Transfer(TransferStage, TransferStep),
    /// The call is over, for this reason. Nothing comes after it.
    End(String),
}

/// How far a transfer is (retell-protocol A1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferStage {
    /// It rings at the other end.
    Started,
    /// Somebody took the call.
    Bridged,
    /// Nobody took the call.
    Cancelled,
    /// The transferred leg is over.
    Ended,
}

/// How long answers took, in ms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Latencies {
    /// From the caller's last sound to the agent's first.
    pub end_to_end: Vec<u64>,
    /// From the decision what to say to the first sound.
    pub speech: Vec<u64>,
}

/// What the conversation waits for, besides people speaking.
#[derive(Debug)]
enum Work {
    /// A moment, scaled by the clock.
    Pause { since: u64, ms: u64 },
    /// The last sound to reach the caller's ear, before the agent hangs up.
    HangUp { since: u64, reason: String },
    /// A function that is called once the words before it are heard.
    Announce { tool: Box<ToolStep> },
    /// A function.
    Tool { tool_call_id: String },
    /// A transfer.
    Transfer {
        since: u64,
        bridged: bool,
        tool_call_id: String,
        transfer: TransferStep,
    },
}

/// How long the line stays open after the agent's last word, in ms.
const HANG_UP_MS: u64 = 300;

/// One conversation.
#[derive(Debug)]
pub struct Conversation {
    scenario: Arc<Scenario>,
    rules: Rules,
    /// What lines are filled with: `base` and over it `overrides`.
    variables: Variables,
    base: Variables,
    overrides: Variables,
    collected: Variables,
    speed: f64,
    now: u64,
    started: Option<u64>,
    ended: bool,
    taken_over: bool,
    position: usize,
    node: String,
    work: Option<Work>,
    agent: Option<Utterance>,
    /// What the agent does before the script goes on.
    ahead: VecDeque<Step>,
    /// What the agent says has been asked for.
    asking: bool,
    turn: Option<Turn>,
    /// What the caller is made to say, one turn each.
    sayings: VecDeque<String>,
    /// The one of them that is being said.
    saying: Option<String>,
    vad: Vad,
    /// Since when nobody has said anything; reminders do not count.
    quiet_since: u64,
    /// Since when to count to the next reminder.
    remind_from: u64,
    reminders: u32,
    off_script: usize,
    /// The caller's last sound, while the answer to it is awaited.
    awaiting_answer: Option<u64>,
    utterances: u64,
    tool_calls: u64,
    transcript: Transcript,
    latencies: Latencies,
    outputs: Vec<Output>,
}

impl Conversation {
    /// A conversation that has not begun. `variables` are the call's own;
    /// the scenario's fill in for what they do not set.
    #[must_use]
    pub fn new(scenario: Arc<Scenario>, rules: Rules, variables: &Variables) -> Self {
        let mut all = scenario.variables.clone();
        all.set("injected", "");
        all.merge(variables);
        Self {
            scenario,
            rules,
            variables: all.clone(),
            base: all,
            overrides: Variables::default(),
            collected: Variables::default(),
            speed: 1.0,
            now: 0,
            started: None,
            ended: false,
            taken_over: false,
            position: 0,
            node: "Start".to_owned(),
            work: None,
            agent: None,
            ahead: VecDeque::new(),
            asking: false,
            turn: None,
            sayings: VecDeque::new(),
            saying: None,
            vad: Vad::default(),
            quiet_since: 0,
            remind_from: 0,
            reminders: 0,
            off_script: 0,
            awaiting_answer: None,
            utterances: 0,
            tool_calls: 0,
            transcript: Transcript::default(),
            latencies: Latencies::default(),
            outputs: Vec::new(),
        }
    }

    /// Takes an input at a time and gives what is to be done, in order.
    /// Earlier times than seen before count as the latest one seen.
    pub fn handle(&mut self, now: u64, input: Input) -> Vec<Output> {
        self.now = self.now.max(now);
        if self.ended {
            return Vec::new();
        }
        self.take(input);
        self.pass_time();
        let changed = self.transcript.take_changed();
        if !changed.is_empty() {
            // Before a possible end, which nothing may follow.
            self.outputs.insert(0, Output::Transcript(changed));
        }
        std::mem::take(&mut self.outputs)
    }

    /// When to come back with a [`Input::Tick`]; always after the time seen
    /// last, `None` when only an input can change anything.
    #[must_use]
    pub fn wake_up(&self) -> Option<u64> {
        let started = self.started.filter(|_| !self.ended)?;
        let limit = self.after(started, self.rules.max_call_duration_ms);
        let times = if self.taken_over {
            [None, None, None, None, None, None]
        } else {
            [
                self.agent_wake_up(),
                self.turn_wake_up(),
                self.vad.wake_up(),
                self.work_wake_up(),
                self.silence_wake_up(),
                self.caller_wake_up(),
            ]
        };
        let next = times.into_iter().flatten().fold(limit, u64::min);
        Some(next.max(self.now + 1))
    }

    /// Everything said and done so far.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        self.transcript.items()
    }

    /// Every variable's value.
    #[must_use]
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// The variables that functions have set.
    #[must_use]
    pub fn collected(&self) -> &Variables {
        &self.collected
    }

    /// What it goes by.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// How long answers took so far.
    #[must_use]
    pub fn latencies(&self) -> &Latencies {
        &self.latencies
    }

    /// Whether the script has been played to its end.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.position >= self.scenario.steps.len()
    }

    /// The line the agent is likely to say next, so that its speech can be
    /// made ready.
    #[must_use]
    pub fn upcoming_line(&self) -> Option<String> {
        self.next_agent_line().map(|line| self.variables.fill(line))
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Start => self.start(),
            Input::Level(dbov) => self.vad.level(self.now, dbov),
            Input::PlaybackStarted {
                utterance,
                words,
                duration_ms,
            } => {
                self.playback_started(utterance, &words, duration_ms);
            }
            Input::PlaybackEnded { utterance } => self.playback_ended(utterance),
            Input::ToolResult {
                tool_call_id,
                content,
                successful,
                variables,
            } => {
                self.tool_result(tool_call_id, content, successful, &variables);
            }
            Input::Do(step) => self.ahead.push_back(*step),
            Input::Answered => self.asking = false,
            Input::Hush => {
                self.ahead.clear();
                self.stop_agent();
            }
            Input::Rules(rules) => self.rules = rules,
            Input::SayAsCaller(text) => self.sayings.push_back(text),
            Input::CallerSpeaks(ms) => {
                if self.vad.is_held() {
                    self.vad.hold(self.now, self.now + ms);
                }
            }
            Input::Note(kind) => self.note(kind),
            Input::Inject(text) => {
                self.base.set("injected", &text);
                self.refresh_variables();
                self.note(Kind::Injected(text));
            }
            Input::Override(variables) => {
                match variables {
                    Some(variables) => self.overrides.merge(&variables),
                    None => self.overrides = Variables::default(),
                }
                self.refresh_variables();
            }
            Input::TriggerResponse => self.trigger_response(),
            Input::TakeOver => self.take_over(),
            Input::Speed(speed) => {
                if speed.is_finite() && speed > 0.0 {
                    self.speed = speed.clamp(0.001, 100_000.0);
                }
            }
            Input::End(reason) => self.end(reason),
            Input::Tick => {}
        }
    }

    /// Does everything that has become due.
    fn pass_time(&mut self) {
        let Some(started) = self.started.filter(|_| !self.ended) else {
            return;
        };
        if self.is_due(started, self.rules.max_call_duration_ms) {
            self.end("max_duration_reached".to_owned());
            return;
        }
        if self.taken_over {
            return;
        }
        self.begin_saying();
        while let Some(heard) = self.vad.advance(self.now) {
            match heard {
                Heard::Started { at } => self.caller_started(at),
                Heard::Ended { at } => self.caller_ended(at),
            }
        }
        self.reveal_turn();
        self.pass_agent_time();
        self.pass_work_time();
        self.go_on();
        self.pass_silence();
    }

    fn start(&mut self) {
        if self.started.is_some() {
            return;
        }
        self.started = Some(self.now);
        // The first word comes unasked.
        self.asking = self.rules.asks;
        self.not_quiet();
        if self.rules.begin_message_delay_ms > 0 {
            self.work = Some(Work::Pause {
                since: self.now,
                ms: self.rules.begin_message_delay_ms,
            });
        }
    }

    fn take_over(&mut self) {
        if self.started.is_none() || self.taken_over {
            return;
        }
        self.stop_agent();
        self.cut_turn();
        self.taken_over = true;
    }

    fn end(&mut self, reason: String) {
        self.stop_agent();
        self.cut_turn();
        self.ended = true;
        self.outputs.push(Output::End(reason));
    }

    /// Time since the conversation began.
    fn elapsed(&self) -> u64 {
        self.since_start(self.now)
    }

    fn since_start(&self, at: u64) -> u64 {
        at.saturating_sub(self.started.unwrap_or(at))
    }

    /// The moment `ms` of the scaled clock after `since`.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a call lasts hours at most; the speed is positive and bounded"
    )]
    fn after(&self, since: u64, ms: u64) -> u64 {
        since.saturating_add((ms as f64 / self.speed).ceil() as u64)
    }

    fn is_due(&self, since: u64, ms: u64) -> bool {
        self.now >= self.after(since, ms)
    }

    fn refresh_variables(&mut self) {
        self.variables = self.base.clone();
        self.variables.merge(&self.overrides);
    }

    fn not_quiet(&mut self) {
        self.quiet_since = self.now;
        self.remind_from = self.now;
        self.reminders = 0;
    }

    fn note(&mut self, kind: Kind) {
        if self.started.is_some() && !self.taken_over {
            self.transcript.add(self.elapsed(), kind);
        }
    }
}
