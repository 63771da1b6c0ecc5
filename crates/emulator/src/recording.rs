//! What a call sounded like: both parties on one time line, as WAV.

use std::io::Cursor;
use std::ops::Range;

use hound::{SampleFormat, WavSpec, WavWriter};

/// Sample rate of recordings, in Hz.
pub const RECORDING_RATE: u32 = 16_000;

/// How many bytes of a WAV file come before its samples.
const HEADER: usize = 44;

/// Samples kept per party: one hour. What comes later is not recorded, so that
/// a forgotten call does not eat the memory.
const LONGEST: usize = RECORDING_RATE as usize * 3_600;

/// The sound of a call: the visitor and the agent (or whoever took over from
/// it), aligned in time, from the moment the visitor was first connected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recording {
    user: Vec<i16>,
    agent: Vec<i16>,
    length: usize,
}

impl Recording {
    /// Length of the recording in milliseconds.
    #[must_use]
    pub fn duration_ms(&self) -> u64 {
        self.length as u64 * 1_000 / u64::from(RECORDING_RATE)
    }

    /// Whether neither party was ever heard.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.user
            .iter()
            .chain(&self.agent)
            .all(|&sample| sample == 0)
    }

    /// The visitor's samples, mono, at [`RECORDING_RATE`]; silence after the
    /// last is left out.
    #[must_use]
    pub fn user(&self) -> &[i16] {
        &self.user
    }

    /// The agent's samples, as [`Recording::user`].
    #[must_use]
    pub fn agent(&self) -> &[i16] {
        &self.agent
    }

    /// Both parties mixed, as a mono 16-bit WAV file.
    #[must_use]
    pub fn mono_wav(&self) -> Vec<u8> {
        self.wav(1, 0..self.wav_length(1))
    }

    /// A channel per party, as a 16-bit WAV file: the visitor left, the agent
    /// right.
    #[must_use]
    pub fn multi_channel_wav(&self) -> Vec<u8> {
        self.wav(2, 0..self.wav_length(2))
    }

    /// How many bytes its WAV file has.
    pub(crate) fn wav_length(&self, channels: u16) -> usize {
        HEADER + self.length * usize::from(channels) * 2
    }

    /// A part of its WAV file, without making the rest.
    pub(crate) fn wav(&self, channels: u16, bytes: Range<usize>) -> Vec<u8> {
        let mut header = write_wav(channels, RECORDING_RATE, &[]);
        let length = self.wav_length(channels);
        for (place, size) in [(4, length - 8), (HEADER - 4, length - HEADER)] {
            let size = u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes();
            header[place..place + 4].copy_from_slice(&size);
        }
        let sample = |party: &[i16], at: usize| party.get(at).copied().unwrap_or(0);
        let byte = |at: usize| match at.checked_sub(HEADER) {
            None => header[at],
            Some(at) => {
                let (place, channels) = (at / 2, usize::from(channels));
                let (time, channel) = (place / channels, place % channels);
                let sample = match (channels, channel) {
                    (1, _) => sample(&self.user, time).saturating_add(sample(&self.agent, time)),
                    (_, 0) => sample(&self.user, time),
                    _ => sample(&self.agent, time),
                };
                sample.to_le_bytes()[at % 2]
            }
        };
        bytes.map(byte).collect()
    }

    /// Puts one frame of each party at `at` (in samples from the start); `None`
    /// is silence and costs nothing.
    pub(crate) fn put(&mut self, at: usize, user: Option<&[i16]>, agent: Option<&[i16]>) {
        write_at(&mut self.user, at, user);
        write_at(&mut self.agent, at, agent);
    }

    /// The call goes on until `at` (in samples from the start).
    pub(crate) fn extend_to(&mut self, at: usize) {
        self.length = self.length.max(at.min(LONGEST));
    }
}

fn write_at(party: &mut Vec<i16>, at: usize, frame: Option<&[i16]>) {
    let Some(frame) = frame else { return };
    let end = at.saturating_add(frame.len());
    if end > LONGEST {
        return;
    }
    if party.len() < end {
        party.resize(end, 0);
    }
    party[at..end].copy_from_slice(frame);
}

/// A 16-bit WAV file of interleaved samples.
pub(crate) fn write_wav(channels: u16, rate: u32, samples: &[i16]) -> Vec<u8> {
    let spec = WavSpec {
        channels,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut file = Cursor::new(Vec::with_capacity(44 + samples.len() * 2));
    let written = WavWriter::new(&mut file, spec).and_then(|mut writer| {
        let mut block = writer.get_i16_writer(samples.len() as u32);
        samples
            .iter()
            .for_each(|&sample| block.write_sample(sample));
        block.flush()?;
        writer.finalize()
    });
    if let Err(error) = written {
        // Memory does not fail to be written to; were it to, the call itself
        // must not suffer.
        tracing::error!(%error, "a recording could not be written");
    }
    file.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(wav: &[u8]) -> (WavSpec, Vec<i16>) {
        let mut reader = hound::WavReader::new(wav).unwrap();
        let samples = reader.samples::<i16>().collect::<Result<_, _>>().unwrap();
        (reader.spec(), samples)
    }

    #[test]
    fn a_part_is_as_in_the_whole() {
        let mut recording = Recording::default();
        recording.put(3, Some(&[100, -200, 300]), Some(&[7; 4]));
        recording.extend_to(10);
        for channels in [1, 2] {
            let length = recording.wav_length(channels);
            let whole = recording.wav(channels, 0..length);
            assert_eq!(whole.len(), length);
            for (first, last) in [(0, 1), (40, 51), (47, 54), (length - 3, length)] {
                assert_eq!(recording.wav(channels, first..last), whole[first..last]);
            }
        }
    }

    #[test]
    fn parties_keep_their_place_in_time() {
        let mut recording = Recording::default();
        recording.put(0, Some(&[100; 160]), None);
        recording.put(320, Some(&[30; 160]), Some(&[7; 160]));
        recording.extend_to(800);
        assert_eq!(recording.duration_ms(), 50);

        let (spec, samples) = read(&recording.multi_channel_wav());
        assert_eq!((spec.channels, spec.sample_rate), (2, 16_000));
        let pair = |n: usize| (samples[n * 2], samples[n * 2 + 1]);
        assert_eq!(
            [pair(0), pair(200), pair(320), pair(799)],
            [(100, 0), (0, 0), (30, 7), (0, 0)]
        );

        let (spec, samples) = read(&recording.mono_wav());
        assert_eq!((spec.channels, samples.len()), (1, 800));
        assert_eq!([samples[0], samples[200], samples[320]], [100, 0, 37]);
    }

    #[test]
    fn a_mix_does_not_wrap_around() {
        let mut recording = Recording::default();
        recording.put(0, Some(&[30_000]), Some(&[30_000]));
        recording.extend_to(1);
        assert_eq!(read(&recording.mono_wav()).1, [i16::MAX]);
    }

    #[test]
    fn nothing_is_kept_after_an_hour() {
        let mut recording = Recording::default();
        recording.put(LONGEST, Some(&[1; 320]), None);
        recording.extend_to(LONGEST + 320);
        assert!(recording.is_silent());
        assert_eq!(recording.duration_ms(), 3_600_000);
    }

    #[test]
    fn an_empty_recording_is_still_a_wav_file() {
        let (spec, samples) = read(&Recording::default().mono_wav());
        assert_eq!((spec.channels, samples.len()), (1, 0));
    }
}
