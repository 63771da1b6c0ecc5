//! Where the agent is in what it says.

use std::sync::Arc;

use super::FRAME_MS;
use crate::voice::Speech;

/// The speech that is playing, if any; moved on by one packet per beat.
#[derive(Debug, Default)]
pub(crate) struct Playback {
    current: Option<Current>,
}

#[derive(Debug)]
struct Current {
    speech: Arc<Speech>,
    next: usize,
}

/// How a speech ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) completed: bool,
    pub(crate) played_ms: u64,
}

/// What a beat brings.
#[derive(Debug)]
pub(crate) enum Beat {
    /// Nothing is playing.
    Idle,
    /// Packet `index` of the speech is due.
    Packet { speech: Arc<Speech>, index: usize },
    /// The last packet has been heard.
    Finished(Ended),
}

impl Playback {
    /// Starts a speech; says how the one before ended, if one was playing.
    pub(crate) fn start(&mut self, speech: Arc<Speech>) -> Option<Ended> {
        let ended = self.stop();
        self.current = Some(Current { speech, next: 0 });
        ended
    }

    /// Stops; says how the speech ended, if one was playing.
    pub(crate) fn stop(&mut self) -> Option<Ended> {
        let current = self.current.take()?;
        Some(Ended {
            completed: false,
            played_ms: current.next as u64 * FRAME_MS,
        })
    }

    /// Whether a speech is playing.
    pub(crate) fn is_playing(&self) -> bool {
        self.current.is_some()
    }

    /// Moves on by 20 ms.
    pub(crate) fn beat(&mut self) -> Beat {
        let Some(current) = &mut self.current else {
            return Beat::Idle;
        };
        let index = current.next;
        if index < current.speech.packets.len() {
            current.next += 1;
            return Beat::Packet {
                speech: Arc::clone(&current.speech),
                index,
            };
        }
        self.current = None;
        Beat::Finished(Ended {
            completed: true,
            played_ms: index as u64 * FRAME_MS,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn speech(packets: usize) -> Arc<Speech> {
        let packets = (0..packets)
            .map(|_| Bytes::from_static(&[0xf8, 0xff, 0xfe]))
            .collect();
        Arc::new(Speech::new("one two", packets))
    }

    #[test]
    fn plays_every_packet_once_and_then_says_so() {
        let mut playback = Playback::default();
        assert_eq!(playback.start(speech(3)), None);
        for expected in 0..3 {
            let Beat::Packet { index, .. } = playback.beat() else {
                panic!("a packet is due")
            };
            assert_eq!(index, expected);
        }
        let Beat::Finished(ended) = playback.beat() else {
            panic!("it is over")
        };
        assert_eq!(
            ended,
            Ended {
                completed: true,
                played_ms: 60
            }
        );
        assert!(matches!(playback.beat(), Beat::Idle));
    }

    #[test]
    fn stopping_and_replacing_tell_how_much_was_heard() {
        let mut playback = Playback::default();
        playback.start(speech(10));
        playback.beat();
        playback.beat();
        let ended = Some(Ended {
            completed: false,
            played_ms: 40,
        });
        assert_eq!(playback.start(speech(10)), ended);
        assert_eq!(
            playback.stop(),
            Some(Ended {
                completed: false,
                played_ms: 0
            })
        );
        assert_eq!(playback.stop(), None);
    }
}
