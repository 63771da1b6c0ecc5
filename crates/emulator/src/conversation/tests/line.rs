//! The simulated line.

use super::super::*;
use crate::scenario::parse::parse;

/// Plays outputs back as the real shell does, in steps of 20 ms.
pub(super) struct Line {
    pub(super) talk: Conversation,
    pub(super) now: u64,
    /// The speech asked for last: number, word times, when it starts.
    pub(super) playing: Option<Playing>,
    pub(super) tools: Vec<(u64, String)>,
    /// When the caller is loud.
    pub(super) voice: Vec<(u64, u64)>,
    pub(super) outputs: Vec<(u64, Output)>,
    pub(super) spoken: Vec<String>,
    /// No audio at all: only timers drive the conversation.
    pub(super) deaf: bool,
}

/// Number, word times, when it starts or has started, whether it has.
pub(super) type Playing = (u64, Vec<(u64, u64)>, u64, bool);

pub(super) const WORD_MS: u64 = 250;

impl Line {
    pub(super) fn new(scenario: &str, rules: Rules) -> Self {
        let scenario = parse("test.toml", &format!("name = \"Test\"\n{scenario}")).unwrap();
        let variables = [("name", "Ada")].into_iter().collect();
        Self {
            talk: Conversation::new(Arc::new(scenario), rules, &variables),
            now: 0,
            playing: None,
            tools: Vec::new(),
            voice: Vec::new(),
            outputs: Vec::new(),
            spoken: Vec::new(),
            deaf: false,
        }
    }

    pub(super) fn start(scenario: &str) -> Self {
        let mut line = Self::new(scenario, Rules::default());
        line.give(Input::Start);
        line
    }

    pub(super) fn give(&mut self, input: Input) {
        for output in self.talk.handle(self.now, input) {
            match &output {
                Output::Speak { utterance, text } => {
                    let words = text.split_whitespace().count() as u64;
                    let times = (0..words)
                        .map(|n| (n * WORD_MS, (n + 1) * WORD_MS))
                        .collect();
                    self.playing = Some((*utterance, times, self.now + 40, false));
                    self.spoken.push(text.clone());
                }
                Output::StopPlaying => self.playing = None,
                Output::CallTool { tool_call_id, .. } => {
                    self.tools.push((self.now + 500, tool_call_id.clone()));
                }
                _ => {}
            }
            self.outputs.push((self.now, output));
        }
    }

    pub(super) fn step(&mut self) {
        self.now += 20;
        if let Some((number, times, at, started)) = self.playing.take() {
            let length = times.len() as u64 * WORD_MS;
            if !started && self.now >= at {
                let now = self.now;
                self.playing = Some((number, times.clone(), now, true));
                self.give(Input::PlaybackStarted {
                    utterance: number,
                    words: times,
                    duration_ms: length,
                });
            } else if started && self.now >= at + length {
                self.give(Input::PlaybackEnded { utterance: number });
            } else {
                self.playing = Some((number, times, at, started));
            }
        }
        if let Some(place) = self.tools.iter().position(|(at, _)| self.now >= *at) {
            let (_, tool_call_id) = self.tools.remove(place);
            let variables = [("answer", "forty two")].into_iter().collect();
            let content = "{}".to_owned();
            self.give(Input::ToolResult {
                tool_call_id,
                content,
                successful: true,
                variables,
            });
        }
        if !self.deaf {
            let loud = self
                .voice
                .iter()
                .any(|(from, to)| (*from..*to).contains(&self.now));
            self.give(Input::Level(if loud { -20 } else { -127 }));
        }
        if self.talk.wake_up().is_some_and(|at| at <= self.now) {
            self.give(Input::Tick);
        }
    }

    pub(super) fn run_until(&mut self, time: u64) -> &mut Self {
        while self.now < time && !self.is_over() {
            self.step();
        }
        self
    }

    /// The caller talks from now on, for so long; then some quiet follows.
    pub(super) fn caller_talks(&mut self, ms: u64) -> &mut Self {
        self.voice.push((self.now, self.now + ms));
        self.run_until(self.now + ms + 760)
    }

    pub(super) fn is_over(&self) -> bool {
        self.reason().is_some()
    }

    pub(super) fn reason(&self) -> Option<&str> {
        self.outputs.iter().find_map(|(_, output)| match output {
            Output::End(reason) => Some(reason.as_str()),
            _ => None,
        })
    }

    pub(super) fn transcript(&self) -> Vec<String> {
        let lines = self.talk.items().iter().map(|item| match &item.kind {
            Kind::Said { by, words } => format!("{by:?}: {}", join(words)),
            other => format!("{other:?}"),
        });
        lines.collect()
    }
}
