//! Evens out when a peer's audio arrives: decoded samples go in as packets
//! come, one frame comes out per beat.

use std::collections::VecDeque;

use crate::audio::FRAME;

/// Frames kept in hand before the first one is given out: what jitter may eat.
const CUSHION: usize = 2;

/// Most frames kept. More means that the peer's clock is ahead or that a burst
/// came after a gap; the oldest are dropped so that the delay stays small.
const MOST: usize = 12;

/// A small buffer of one peer's samples.
#[derive(Debug, Default)]
pub(crate) struct Jitter {
    samples: VecDeque<i16>,
    flowing: bool,
    /// Beats since anything came.
    idle: usize,
}

impl Jitter {
    /// Takes what a packet decoded to.
    pub(crate) fn push(&mut self, pcm: &[i16]) {
        self.samples.extend(pcm);
        self.idle = 0;
        if self.samples.len() > MOST * FRAME {
            let excess = self.samples.len() - CUSHION * FRAME;
            self.samples.drain(..excess);
        }
    }

    /// The next 20 ms, or `None` when there is nothing to hear.
    pub(crate) fn pull(&mut self) -> Option<Vec<i16>> {
        self.idle += 1;
        if !self.flowing && self.samples.len() < CUSHION * FRAME && self.idle <= MOST {
            // A stream that has stopped in mid-cushion still has its last word.
            return None;
        }
        self.flowing = true;
        if self.samples.is_empty() {
            self.flowing = false;
            return None;
        }
        let count = self.samples.len().min(FRAME);
        let mut frame: Vec<i16> = self.samples.drain(..count).collect();
        frame.resize(FRAME, 0);
        Some(frame)
    }

    /// Forgets what has not been heard yet.
    pub(crate) fn clear(&mut self) {
        self.samples.clear();
        self.flowing = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_out_frames_once_the_cushion_is_there_and_all_of_them() {
        let mut jitter = Jitter::default();
        jitter.push(&[1; FRAME]);
        assert_eq!(jitter.pull(), None);
        jitter.push(&[2; FRAME]);
        assert_eq!(jitter.pull(), Some(vec![1; FRAME]));
        assert_eq!(jitter.pull(), Some(vec![2; FRAME]));
        assert_eq!(jitter.pull(), None);
    }

    #[test]
    fn the_last_word_of_a_stream_that_stops_is_not_kept_for_the_next() {
        let mut jitter = Jitter::default();
        jitter.push(&[1; FRAME]);
        let waited = (0..=MOST).map(|_| jitter.pull());
        assert_eq!(waited.last(), Some(Some(vec![1; FRAME])));
        assert_eq!(jitter.pull(), None);
    }

    #[test]
    fn a_burst_does_not_become_lasting_delay() {
        let mut jitter = Jitter::default();
        for n in 0..100 {
            jitter.push(&[n; FRAME]);
        }
        let frames = std::iter::from_fn(|| jitter.pull()).count();
        assert!(frames <= MOST, "{frames} frames were kept");
    }

    #[test]
    fn packets_of_another_length_are_cut_to_frames() {
        let mut jitter = Jitter::default();
        jitter.push(&[7; FRAME * 3 + 100]);
        let frames: Vec<Vec<i16>> = std::iter::from_fn(|| jitter.pull()).collect();
        assert_eq!(frames.len(), 4);
        assert!(frames.iter().all(|frame| frame.len() == FRAME));
        assert_eq!(
            frames
                .concat()
                .iter()
                .filter(|&&sample| sample == 7)
                .count(),
            FRAME * 3 + 100
        );
    }
}
