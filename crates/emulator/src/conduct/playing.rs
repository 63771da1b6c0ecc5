//! Which of the agent's lines the room is playing.
//!
//! The room plays one line at a time and tells only that one began and one
//! ended; every line it was given ends exactly once, in the order given.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::voice::Speech;

/// The lines given to the room and not over yet.
#[derive(Debug, Default)]
pub(super) struct Playing(VecDeque<Line>);

#[derive(Debug)]
struct Line {
    utterance: u64,
    speech: Arc<Speech>,
    begun: bool,
}

impl Playing {
    pub(super) fn give(&mut self, utterance: u64, speech: Arc<Speech>) {
        self.0.push_back(Line {
            utterance,
            speech,
            begun: false,
        });
    }

    /// The room has begun: which line.
    pub(super) fn began(&mut self) -> Option<(u64, Arc<Speech>)> {
        let line = self.0.front_mut().filter(|line| !line.begun)?;
        line.begun = true;
        Some((line.utterance, Arc::clone(&line.speech)))
    }

    /// The room has finished: which line, and whether it had begun.
    pub(super) fn ended(&mut self) -> Option<(u64, bool)> {
        self.0.pop_front().map(|line| (line.utterance, line.begun))
    }
}
