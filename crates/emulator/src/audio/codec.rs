//! Opus in and out, at the one sample rate the emulator works with inside.

use ropus::{Application, Bitrate, Channels, DecodeMode, Signal};

/// Sample rate of everything that is mixed or recorded, in Hz: all that a voice
/// carries, and what Opus' speech mode codes natively.
pub(crate) const RATE: u32 = 16_000;

/// Samples in one 20 ms frame at [`RATE`].
pub(crate) const FRAME: usize = 320;

/// The longest Opus packet there is (120 ms), in samples at [`RATE`].
const LONGEST: usize = FRAME * 6;

/// Decodes one peer's Opus stream to mono at [`RATE`].
pub(crate) struct Decoder {
    inner: ropus::Decoder,
    buffer: Box<[i16; LONGEST]>,
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub(crate) fn new() -> Result<Decoder, CodecError> {
        let inner = ropus::Decoder::new(RATE, Channels::Mono)
            .map_err(|error| CodecError(error.to_string()))?;
        Ok(Decoder {
            inner,
            buffer: Box::new([0; LONGEST]),
        })
    }

    /// The samples of one packet. A packet that cannot be decoded, from a peer
    /// that sends rubbish, is an empty slice: silence, not an end of the call.
    pub(crate) fn decode(&mut self, packet: &[u8]) -> &[i16] {
        let decoded = self
            .inner
            .decode(packet, self.buffer.as_mut_slice(), DecodeMode::Normal);
        let samples = decoded.unwrap_or(0).min(LONGEST);
        &self.buffer[..samples]
    }
}

/// Encodes speech as 20 ms Opus packets.
pub(crate) struct Encoder {
    inner: ropus::Encoder,
    buffer: Box<[u8; 1275]>,
}

impl Encoder {
    /// An encoder for mono speech of `rate` Hz (8, 12, 16, 24 or 48 kHz).
    pub(crate) fn new(rate: u32) -> Result<Encoder, CodecError> {
        let inner = ropus::Encoder::builder(rate, Channels::Mono, Application::Voip)
            .bitrate(Bitrate::Bits(24_000))
            .signal(Signal::Voice)
            .build()
            .map_err(|error| CodecError(error.to_string()))?;
        Ok(Encoder {
            inner,
            buffer: Box::new([0; 1275]),
        })
    }

    /// One packet of one 20 ms frame at the encoder's rate.
    pub(crate) fn encode(&mut self, pcm: &[i16]) -> Result<&[u8], CodecError> {
        let length = self
            .inner
            .encode(pcm, self.buffer.as_mut_slice())
            .map_err(|error| CodecError(error.to_string()))?;
        Ok(&self.buffer[..length])
    }
}

/// The Opus library refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("opus: {0}")]
pub(crate) struct CodecError(String);

#[cfg(test)]
mod tests {
    use super::super::level::dbov;
    use super::*;

    fn sine(samples: usize, rate: f32, hz: f32) -> Vec<i16> {
        (0..samples)
            .map(|n| (f32::sin(n as f32 / rate * hz * std::f32::consts::TAU) * 8_000.0) as i16)
            .collect()
    }

    #[test]
    fn what_is_encoded_at_48_khz_is_as_loud_after_decoding() {
        let pcm = sine(48_000, 48_000.0, 440.0);
        let mut encoder = Encoder::new(48_000).unwrap();
        let mut decoder = Decoder::new().unwrap();
        let mut out = Vec::new();
        for frame in pcm.chunks_exact(960) {
            let packet = encoder.encode(frame).unwrap().to_vec();
            let samples = decoder.decode(&packet);
            assert_eq!(samples.len(), FRAME);
            out.extend_from_slice(samples);
        }
        let (before, after) = (dbov(&pcm), dbov(&out[FRAME * 10..]));
        assert!((before - after).abs() <= 2, "{before} dBov became {after}");
    }

    #[test]
    fn rubbish_decodes_to_nothing_and_the_stream_goes_on() {
        let mut decoder = Decoder::new().unwrap();
        assert!(decoder.decode(&[0xff; 3]).len() <= LONGEST);
        let mut encoder = Encoder::new(RATE).unwrap();
        let packet = encoder
            .encode(&sine(FRAME, 16_000.0, 300.0))
            .unwrap()
            .to_vec();
        assert_eq!(decoder.decode(&packet).len(), FRAME);
    }
}
