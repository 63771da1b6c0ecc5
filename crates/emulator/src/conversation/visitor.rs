//! The caller's side: turns, their words as they are heard, and voices
//! without audio.

use crate::scenario::Step;

use super::transcript::{Item, Kind, Speaker, Word};
use super::{Conversation, Output, Work, pace};

/// A simulated caller answers after this long.
const ANSWER_MS: u64 = 500;
/// A voice without audio lasts at least this long: enough to interrupt.
const SHORTEST_SAYING_MS: u64 = 400;
/// Words go on appearing this long after the last sound.
const LINGER_MS: u64 = 200;

/// A turn of the caller.
#[derive(Debug)]
pub(super) struct Turn {
    place: usize,
    words: Vec<Word>,
    shown: usize,
    then: Then,
}

/// How the script goes on after a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// The turn was what this step expected.
    After(usize),
    /// The agent answers as it does to anything beyond the script.
    Answer,
    /// Where it was.
    GoOn,
}

impl Conversation {
    /// Lets the next voice without audio begin.
    pub(super) fn begin_saying(&mut self) {
        if !self.may_begin_saying() {
            return;
        }
        if self.simulated_caller_is_due()
            && let Some(Step::Visitor(line)) = self.scenario.steps.get(self.position)
        {
            self.sayings.push_back(line.clone());
        }
        if let Some(text) = self.sayings.pop_front() {
            let text = self.variables.fill(&text);
            self.vad.hold(
                self.now,
                self.now + pace::duration_ms(&text).max(SHORTEST_SAYING_MS),
            );
            if self.rules.simulated_caller {
                self.outputs.push(Output::CallerSays(text.clone()));
            }
            self.saying = Some(text);
        }
    }

    /// Nobody is made to speak before the agent's line can be heard: it would
    /// only be said again.
    fn may_begin_saying(&self) -> bool {
        self.turn.is_none()
            && !self.vad.is_held()
            && self.vad.speaking_since().is_none()
            && (self.agent.is_none() || self.heard_anything())
    }

    fn simulated_caller_is_due(&self) -> bool {
        self.waits_for_caller()
            && self.sayings.is_empty()
            && self.now >= self.quiet_since + ANSWER_MS
            && self.rules.simulated_caller
    }

    pub(super) fn caller_wake_up(&self) -> Option<u64> {
        if !self.sayings.is_empty() {
            return self.may_begin_saying().then_some(self.now);
        }
        let waits = self.rules.simulated_caller && self.waits_for_caller();
        (waits
            && matches!(
                self.scenario.steps.get(self.position),
                Some(Step::Visitor(_))
            ))
        .then(|| self.quiet_since + ANSWER_MS)
        .filter(|at| *at > self.now)
    }

    /// Nothing happens until the caller speaks.
    fn waits_for_caller(&self) -> bool {
        self.is_quiet() && !self.asking
    }

    /// Nobody speaks, or is about to.
    pub(super) fn is_quiet(&self) -> bool {
        self.agent.is_none()
            && self.turn.is_none()
            && self.work.is_none()
            && self.ahead.is_empty()
            && self.vad.speaking_since().is_none()
    }

    pub(super) fn caller_started(&mut self, at: u64) {
        // While the agent talks it takes longer to be a turn: `interrupt`.
        if self.agent.is_none() {
            self.begin_turn(at);
        }
    }

    pub(super) fn caller_ended(&mut self, at: u64) {
        if self.turn.is_some() {
            self.finish_turn(at);
            self.awaiting_answer = Some(at);
        } else {
            // Too short to interrupt the agent: it was not heard.
            self.saying = None;
        }
    }

    pub(super) fn begin_turn(&mut self, at: u64) {
        if self.turn.is_some() {
            return;
        }
        let step = self.scenario.steps.get(self.position);
        let (line, then) = match (step, &self.work) {
            (Some(Step::Visitor(line)), None) => (line.clone(), Then::After(self.position)),
            (_, None) => (self.scenario.otherwise.visitor.clone(), Then::Answer),
            (_, Some(_)) => (self.scenario.otherwise.visitor.clone(), Then::GoOn),
        };
        self.open_turn(at, &line, then);
    }

    /// The caller goes on after a pause that looked like the end of the turn.
    pub(super) fn continue_turn(&mut self, at: u64) {
        if self.turn.is_some() {
            return;
        }
        self.let_caller_speak();
        let last = self.transcript.items().len().checked_sub(1);
        let item = last.and_then(|place| self.transcript.items().get(place));
        match (last, item) {
            (
                Some(place),
                Some(Item {
                    kind:
                        Kind::Said {
                            by: Speaker::User,
                            words,
                        },
                    ..
                }),
            ) if self.saying.is_none() => {
                let (words, shown) = (words.clone(), words.len());
                self.turn = Some(Turn {
                    place,
                    words,
                    shown,
                    then: Then::GoOn,
                });
            }
            _ => {
                let line = self.scenario.otherwise.visitor.clone();
                self.open_turn(at, &line, Then::GoOn);
            }
        }
    }

    /// What was said for the agent before the caller spoke is out of date.
    fn let_caller_speak(&mut self) {
        if self.rules.asks {
            self.ahead.clear();
        }
    }

    fn open_turn(&mut self, at: u64, line: &str, then: Then) {
        self.let_caller_speak();
        let line = self.saying.take().unwrap_or_else(|| line.to_owned());
        let begun = self.since_start(at);
        let words = pace::timed(&self.variables.fill(&line), begun);
        let kind = Kind::Said {
            by: Speaker::User,
            words: Vec::new(),
        };
        let place = self.transcript.add(begun, kind);
        self.turn = Some(Turn {
            place,
            words,
            shown: 0,
            then,
        });
        self.reveal_turn();
    }

    /// Shows the words that have had their time, while the voice lasts.
    pub(super) fn reveal_turn(&mut self) {
        let audible = self
            .since_start(self.vad.last_loud() + LINGER_MS)
            .min(self.elapsed());
        let Some(turn) = &mut self.turn else { return };
        let due = turn
            .words
            .iter()
            .take_while(|word| word.start_ms <= audible)
            .count();
        turn.shown = turn.shown.max(due).max(1.min(turn.words.len()));
        self.transcript
            .set_words(turn.place, &turn.words[..turn.shown]);
    }

    /// The caller is cut off: what they had not said yet is not said.
    pub(super) fn cut_turn(&mut self) {
        if self.turn.take().is_some() {
            self.outputs.push(Output::TurnOver);
        }
    }

    /// The caller has finished; their last sound was at that time.
    pub(super) fn finish_turn(&mut self, at: u64) {
        let ended = self.since_start(at);
        let Some(mut turn) = self.turn.take() else {
            return;
        };
        let (shown, rest) = turn.words.split_at_mut(turn.shown);
        if let Some(last) = shown.last_mut() {
            last.end_ms = last.end_ms.min(ended).max(last.start_ms);
        }
        let from = shown.last().map_or(ended, |word| word.end_ms);
        pace::spread(rest, from, ended);
        self.transcript.set_words(turn.place, &turn.words);
        self.outputs.push(Output::TurnOver);
        match turn.then {
            Then::After(step) => self.position = step + 1,
            Then::Answer => self.answer_off_script(),
            Then::GoOn => {}
        }
        if self.rules.asks {
            self.ask(false);
        }
        self.not_quiet();
    }

    fn answer_off_script(&mut self) {
        let answers = &self.scenario.otherwise.agent;
        if let Some(line) = answers.get(self.off_script % answers.len().max(1)) {
            self.ahead.push_back(Step::Agent(line.clone()));
            self.off_script += 1;
        }
    }

    pub(super) fn turn_wake_up(&self) -> Option<u64> {
        let begin = self.started?;
        let turn = self.turn.as_ref()?;
        let word = turn.words.get(turn.shown)?;
        let at = begin + word.start_ms;
        // A word that waits for the voice to come back waits for its level.
        (self.vad.is_held() || at <= self.vad.last_loud() + LINGER_MS).then_some(at)
    }

    /// Whether a function or a transfer keeps the agent busy.
    pub(super) fn is_busy(&self) -> bool {
        matches!(
            self.work,
            Some(Work::Announce { .. } | Work::Tool { .. } | Work::Transfer { .. })
        )
    }
}
