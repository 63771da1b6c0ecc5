//! What the agent says, as Opus packets with word times.
//!
//! [`Voice::speak`] looks for the line among the shipped recordings, then asks
//! `espeak-ng` if it is installed, and as a last resort makes a tone of the
//! right length, so that a conversation always takes its natural time.

mod cache;
mod espeak;
mod resample;
mod shipped;
mod speech;
mod tone;
mod words;

use std::sync::{Arc, Mutex, Once, OnceLock, PoisonError};

use bytes::Bytes;

pub use self::shipped::{file_name, ship};
pub(crate) use self::speech::Frame;
pub use self::speech::{Speech, SpokenWord};

use self::cache::Cache;
use crate::audio::Encoder;

/// The agent's voice. Cheap to clone; clones share their cache.
#[derive(Debug, Clone, Default)]
pub struct Voice {
    cache: Arc<Mutex<Cache>>,
}

impl Voice {
    /// A voice that has not spoken yet.
    #[must_use]
    pub fn new() -> Voice {
        Voice::default()
    }

    /// Speaks a line in a language (a tag such as `en-US`). A line spoken
    /// before comes from memory; a new one takes some ten milliseconds, spent
    /// off the async threads.
    pub async fn speak(&self, text: &str, language: &str) -> Arc<Speech> {
        let key = file_name(text, language);
        if let Some(speech) = self.cache().get(&key) {
            return speech;
        }
        let (text, language) = (text.to_owned(), language.to_owned());
        let work = tokio::task::spawn_blocking(move || speak(&text, &language));
        let speech = match work.await {
            Ok(speech) => Arc::new(speech),
            // Only a panic in the work itself or the end of the runtime leads
            // here. Saying nothing lets the conversation go on.
            Err(error) => {
                tracing::error!(%error, "a line could not be spoken");
                return Arc::new(Speech::new("", Vec::new()));
            }
        };
        self.cache().put(key, Arc::clone(&speech));
        speech
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, Cache> {
        // A cache is whole after every statement: a panic elsewhere while it
        // was held leaves nothing to repair.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn speak(text: &str, language: &str) -> Speech {
    if let Some(speech) = shipped::load(text, language) {
        return speech;
    }
    let packets = synthesize(text, language).unwrap_or_else(|| {
        static SAY_ONCE: Once = Once::new();
        SAY_ONCE.call_once(|| {
            tracing::warn!(
                "lines without shipped audio are tones: install espeak-ng to hear them spoken"
            );
        });
        encode(&tone::hum(text), tone::RATE)
    });
    Speech::new(text, packets)
}

/// A line spoken by `espeak-ng`, where that is installed.
fn synthesize(text: &str, language: &str) -> Option<Vec<Bytes>> {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    if !INSTALLED.get_or_init(espeak::installed) {
        return None;
    }
    Some(encode(&espeak::say(text, language)?, espeak::RATE))
}

fn encode(pcm: &[i16], rate: u32) -> Vec<Bytes> {
    let samples = rate as usize / 50;
    let mut encoder = match Encoder::new(rate) {
        Ok(encoder) => encoder,
        Err(error) => {
            tracing::error!(%error, "a line goes unspoken");
            return Vec::new();
        }
    };
    let mut packets = Vec::with_capacity(pcm.len() / samples + 1);
    for frame in pcm.chunks(samples) {
        let mut frame = frame.to_vec();
        frame.resize(samples, 0);
        match encoder.encode(&frame) {
            Ok(packet) => packets.push(Bytes::copy_from_slice(packet)),
            Err(error) => tracing::error!(%error, "20 ms of a line go unspoken"),
        }
    }
    packets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_is_spoken_once_and_remembered() {
        let voice = Voice::new();
        let first = voice.speak("A line that is not shipped.", "en-US").await;
        let again = voice
            .clone()
            .speak("A line that is not shipped.", "en-US")
            .await;
        assert!(Arc::ptr_eq(&first, &again));
        assert_eq!(first.words.len(), 6);
        assert!(first.duration_ms > 800, "{} ms", first.duration_ms);
        let loud = (0..first.packets.len())
            .filter(|&n| first.frame(n).unwrap().dbov > -50)
            .count();
        assert!(
            loud * 2 > first.packets.len(),
            "{loud} of {} frames",
            first.packets.len()
        );
    }

    #[test]
    fn without_a_synthesizer_a_line_is_a_tone_with_words() {
        let text = "Nobody is installed here.";
        let speech = Speech::new(text, encode(&tone::hum(text), tone::RATE));
        assert_eq!(speech.words.len(), 4);
        assert!(speech.words.last().unwrap().end_ms <= speech.duration_ms);
    }
}
