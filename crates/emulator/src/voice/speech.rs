//! One line, spoken: packets to send, levels to announce, samples to record and
//! times to reveal the words by.

use bytes::Bytes;

use super::words::time_words;
use crate::audio::{Decoder, FRAME_MS, SILENCE_DBOV, dbov};

/// A word and when it is spoken, counted from the start of its speech.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpokenWord {
    /// The word with the punctuation around it.
    pub text: String,
    /// When it begins, in milliseconds.
    pub start_ms: u64,
    /// When it ends, in milliseconds.
    pub end_ms: u64,
}

/// A spoken line.
#[derive(Clone)]
pub struct Speech {
    /// Opus packets of 20 ms each.
    pub packets: Vec<Bytes>,
    /// The words in order. Times are estimated from word lengths and from where
    /// the audio is not silent.
    pub words: Vec<SpokenWord>,
    /// Length of the audio in milliseconds.
    pub duration_ms: u64,
    levels: Vec<i8>,
    pcm: Vec<i16>,
}

/// What there is to one packet of a speech.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) packet: &'a [u8],
    pub(crate) dbov: i8,
    pub(crate) pcm: &'a [i16],
}

impl Speech {
    /// A speech of `text` from its Opus packets of 20 ms each. Decodes them
    /// once: a few milliseconds per ten seconds.
    #[must_use]
    pub fn new(text: &str, packets: Vec<Bytes>) -> Speech {
        let (pcm, levels) = decode(&packets);
        let words = time_words(text, &levels);
        let duration_ms = packets.len() as u64 * FRAME_MS;
        Speech {
            packets,
            words,
            duration_ms,
            levels,
            pcm,
        }
    }

    /// Packet `index` with its level and its samples.
    pub(crate) fn frame(&self, index: usize) -> Option<Frame<'_>> {
        let packet = self.packets.get(index)?;
        let dbov = self.levels.get(index).copied().unwrap_or(SILENCE_DBOV);
        let start = index * SAMPLES;
        let pcm = self.pcm.get(start..start + SAMPLES).unwrap_or_default();
        Some(Frame { packet, dbov, pcm })
    }
}

impl std::fmt::Debug for Speech {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Speech")
            .field("duration_ms", &self.duration_ms)
            .field("words", &self.words.len())
            .finish_non_exhaustive()
    }
}

/// Samples per packet after decoding.
const SAMPLES: usize = 320;

fn decode(packets: &[Bytes]) -> (Vec<i16>, Vec<i8>) {
    let mut pcm = Vec::with_capacity(packets.len() * SAMPLES);
    let mut levels = Vec::with_capacity(packets.len());
    let mut decoder = match Decoder::new() {
        Ok(decoder) => decoder,
        Err(error) => {
            tracing::error!(%error, "speech goes unrecorded");
            return (pcm, vec![SILENCE_DBOV; packets.len()]);
        }
    };
    for packet in packets {
        let decoded = decoder.decode(packet);
        let start = pcm.len();
        pcm.extend(decoded.iter().take(SAMPLES));
        pcm.resize(start + SAMPLES, 0);
        levels.push(dbov(&pcm[start..]));
    }
    (pcm, levels)
}
