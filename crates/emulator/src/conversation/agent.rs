//! The agent's side: what it says, word by word as it is heard, and being
//! interrupted.

use super::transcript::{Kind, Speaker, Word};
use super::{Conversation, Output, pace};

/// The caller must speak this long to interrupt the agent.
const BARGE_IN_MS: u64 = 300;
/// A speech that has not begun by then is given up.
const START_GRACE_MS: u64 = 10_000;
/// A speech whose end was not reported by then is taken as over.
const END_GRACE_MS: u64 = 1_500;

/// Something the agent is saying or about to say.
#[derive(Debug)]
pub(super) struct Utterance {
    number: u64,
    text: String,
    requested: u64,
    playing: Option<Playing>,
    /// Where to go on if nothing of it was heard.
    from: Source,
}

/// Where a line came from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// This step of the script.
    Step(usize),
    /// Said besides the script.
    Aside,
    /// A reminder.
    Reminder,
}

#[derive(Debug)]
struct Playing {
    started: u64,
    /// The words, timed from the conversation's begin.
    words: Vec<Word>,
    over: u64,
    place: Option<usize>,
}

impl Conversation {
    pub(super) fn speak(&mut self, line: &str, from: Source) {
        let text = self.variables.fill(line);
        if text.split_whitespace().next().is_none() {
            return;
        }
        self.utterances += 1;
        self.outputs.push(Output::Speak {
            utterance: self.utterances,
            text: text.clone(),
        });
        self.agent = Some(Utterance {
            number: self.utterances,
            text,
            requested: self.now,
            playing: None,
            from,
        });
    }

    pub(super) fn playback_started(
        &mut self,
        utterance: u64,
        times: &[(u64, u64)],
        duration_ms: u64,
    ) {
        let elapsed = self.elapsed();
        let Some(agent) = &mut self.agent else { return };
        if agent.number != utterance || agent.playing.is_some() {
            return;
        }
        let mut words = pace::timed(&agent.text, elapsed);
        if words.len() == times.len() {
            for (word, (start, end)) in words.iter_mut().zip(times) {
                word.start_ms = elapsed + start;
                word.end_ms = elapsed + end;
            }
        } else {
            pace::spread(&mut words, elapsed, elapsed + duration_ms);
        }
        let spoken = words
            .last()
            .map_or(0, |word| word.end_ms.saturating_sub(elapsed));
        let over = self.now + spoken.max(duration_ms) + END_GRACE_MS;
        agent.playing = Some(Playing {
            started: self.now,
            words,
            over,
            place: None,
        });
        self.latencies
            .speech
            .push(self.now.saturating_sub(agent.requested));
        if let Some(asked) = self.awaiting_answer.take() {
            self.latencies
                .end_to_end
                .push(self.now.saturating_sub(asked));
        }
    }

    pub(super) fn playback_ended(&mut self, utterance: u64) {
        let current = self.agent.as_ref();
        if current.is_some_and(|agent| agent.number == utterance && agent.playing.is_some()) {
            self.finish_agent(u64::MAX);
        }
    }

    /// Shows the words heard by now, and gives up on what does not report.
    pub(super) fn pass_agent_time(&mut self) {
        if self.is_interrupted() {
            self.interrupt();
            return;
        }
        let elapsed = self.elapsed();
        let Some(agent) = &self.agent else { return };
        match &agent.playing {
            None if self.now >= agent.requested + START_GRACE_MS => self.finish_agent(0),
            None => {}
            Some(playing) if self.now >= playing.over => self.finish_agent(u64::MAX),
            Some(_) => self.show_agent_words(elapsed),
        }
    }

    fn is_interrupted(&self) -> bool {
        let (Some(agent), Some(since)) = (&self.agent, self.vad.speaking_since()) else {
            return false;
        };
        let begun = agent
            .playing
            .as_ref()
            .map_or(agent.requested, |playing| playing.started);
        self.rules.interruptible
            && self.turn.is_none()
            && self.vad.last_loud().saturating_sub(since.max(begun)) >= BARGE_IN_MS
    }

    /// The caller talks over the agent: it stops, and listens.
    fn interrupt(&mut self) {
        let unheard = self.take_back_unheard();
        self.stop_agent();
        let since = self.vad.speaking_since().unwrap_or(self.now);
        if unheard {
            // The caller had only paused.
            self.continue_turn(since);
        } else {
            self.begin_turn(since);
        }
    }

    /// If nothing of the agent's line was heard yet, it will be said again
    /// later. Whether nothing was heard.
    pub(super) fn take_back_unheard(&mut self) -> bool {
        let unheard = !self.heard_anything();
        if let Some(Source::Step(step)) = self.agent.as_ref().map(|agent| agent.from)
            && unheard
        {
            self.position = step;
        }
        unheard
    }

    pub(super) fn heard_anything(&self) -> bool {
        let elapsed = self.elapsed();
        let playing = self.agent.as_ref().and_then(|agent| agent.playing.as_ref());
        playing.is_some_and(|playing| playing.words.iter().any(|word| word.start_ms <= elapsed))
    }

    /// Cuts the agent off; what it has begun to say stays.
    pub(super) fn stop_agent(&mut self) {
        if self.agent.is_some() {
            self.outputs.push(Output::StopPlaying);
            self.finish_agent(self.elapsed());
        }
    }

    /// The utterance is over; words begun after `until` were not said.
    fn finish_agent(&mut self, until: u64) {
        if let Some(playing) = self.agent.as_mut().and_then(|agent| agent.playing.as_mut()) {
            for word in &mut playing.words {
                word.end_ms = word.end_ms.min(until.max(word.start_ms));
            }
        }
        self.show_agent_words(until);
        let Some(agent) = self.agent.take() else {
            return;
        };
        let spoken = agent.playing.is_some_and(|playing| playing.place.is_some());
        if spoken {
            self.outputs.push(Output::TurnOver);
        }
        self.remind_from = self.now;
        if !matches!(agent.from, Source::Reminder) {
            self.quiet_since = self.now;
        }
    }

    fn show_agent_words(&mut self, until: u64) {
        let Some(playing) = self.agent.as_mut().and_then(|agent| agent.playing.as_mut()) else {
            return;
        };
        let shown = playing
            .words
            .iter()
            .take_while(|word| word.start_ms <= until)
            .count();
        let Some(first) = playing.words.first().filter(|_| shown > 0) else {
            return;
        };
        let place = *playing.place.get_or_insert_with(|| {
            let kind = Kind::Said {
                by: Speaker::Agent,
                words: Vec::new(),
            };
            self.transcript.add(first.start_ms, kind)
        });
        self.transcript.set_words(place, &playing.words[..shown]);
    }

    pub(super) fn agent_wake_up(&self) -> Option<u64> {
        let agent = self.agent.as_ref()?;
        let Some(playing) = &agent.playing else {
            return Some(agent.requested + START_GRACE_MS);
        };
        let elapsed = self.elapsed();
        let begin = self.started.unwrap_or(0);
        let word = playing.words.iter().find(|word| word.start_ms > elapsed);
        let word = word.map(|word| begin + word.start_ms);
        let barge_in = self
            .vad
            .speaking_since()
            .filter(|_| self.vad.is_held() && self.rules.interruptible)
            .map(|since| since.max(playing.started) + BARGE_IN_MS)
            .filter(|at| *at > self.now);
        Some(
            [word, barge_in]
                .into_iter()
                .flatten()
                .fold(playing.over, u64::min),
        )
    }
}
