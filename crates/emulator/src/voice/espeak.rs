//! Speech from an installed `espeak-ng`.

use std::io::Write;
use std::process::{Command, Stdio};

use super::resample::resample;

/// Sample rate of what [`say`] gives, in Hz: all that espeak's 22 kHz voices
/// carry, at a rate Opus takes.
pub(super) const RATE: u32 = 24_000;

/// Whether `espeak-ng` is installed.
pub(super) fn installed() -> bool {
    Command::new("espeak-ng")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Speaks a line. Blocks while the program runs (some ten milliseconds).
pub(super) fn say(text: &str, language: &str) -> Option<Vec<i16>> {
    let manner = Manner::of(language);
    let mut child = Command::new("espeak-ng")
        .args([
            "-v",
            manner.voice,
            "-s",
            manner.words_per_minute,
            "-p",
            manner.pitch,
        ])
        .args(["-g", "1", "--stdin", "--stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    // By standard input, so that a line beginning with a dash stays a line. It
    // reads all of it before it writes, so this cannot block on its output.
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    if !output.status.success() {
        return None;
    }
    let (rate, pcm) = read_wav(&output.stdout)?;
    (!pcm.is_empty()).then(|| resample(&pcm, rate, RATE))
}

/// How a language is spoken. The variants are the female ones that are clearest
/// over Opus; a little slower than the default, as on the telephone.
struct Manner {
    voice: &'static str,
    words_per_minute: &'static str,
    pitch: &'static str,
}

impl Manner {
    fn of(language: &str) -> Manner {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        let (voice, words_per_minute, pitch) = match primary.to_ascii_lowercase().as_str() {
            "es" => ("es+f2", "150", "52"),
            "de" => ("de+f2", "148", "50"),
            _ => ("en-us+f2", "152", "50"),
        };
        Manner {
            voice,
            words_per_minute,
            pitch,
        }
    }
}

/// Rate and samples of a mono 16-bit WAV stream. Done by hand because a program
/// that writes WAV to a pipe cannot go back to fill in the lengths, which a
/// reader of files rightly refuses.
fn read_wav(wav: &[u8]) -> Option<(u32, Vec<i16>)> {
    if wav.get(0..4)? != b"RIFF" || wav.get(8..12)? != b"WAVE" {
        return None;
    }
    let mut rate = None;
    let mut at = 12;
    loop {
        let id = wav.get(at..at + 4)?;
        let length = u32::from_le_bytes(wav.get(at + 4..at + 8)?.try_into().ok()?) as usize;
        let body = wav.get(at + 8..)?;
        match id {
            b"fmt " => rate = Some(u32::from_le_bytes(body.get(4..8)?.try_into().ok()?)),
            b"data" => {
                let data = &body[..length.min(body.len())];
                let samples = data
                    .chunks_exact(2)
                    .map(|b| i16::from_le_bytes([b[0], b[1]]));
                return Some((rate?, samples.collect()));
            }
            _ => {}
        }
        at = at.checked_add(8)?.checked_add(length)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recording::write_wav;

    #[test]
    fn reads_a_wav_with_and_without_a_true_length() {
        let mut wav = write_wav(1, 22_050, &[1, -2, 3]);
        assert_eq!(read_wav(&wav), Some((22_050, vec![1, -2, 3])));
        wav[40..44].copy_from_slice(&[0xff; 4]);
        assert_eq!(read_wav(&wav), Some((22_050, vec![1, -2, 3])));
    }

    #[test]
    fn what_is_not_a_wav_is_refused() {
        assert_eq!(read_wav(b""), None);
        assert_eq!(read_wav(b"RIFF....WAVEfmt "), None);
        assert_eq!(read_wav(&[0xff; 200]), None);
    }
}
