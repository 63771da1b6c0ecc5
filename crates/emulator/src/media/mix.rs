//! Several voices in one.

use super::leg::Packet;
use super::{LegId, LegRole};
use crate::audio::{Encoder, FRAME, RATE, dbov};

/// One party's 20 ms.
pub(crate) struct Voice {
    pub(crate) leg: LegId,
    pub(crate) role: LegRole,
    pub(crate) pcm: Vec<i16>,
}

/// A mix, encoded.
pub(crate) struct Encoded {
    data: Vec<u8>,
    dbov: i8,
}

impl Encoded {
    /// Encodes a mix; nobody speaking is silence.
    pub(crate) fn of(encoder: &mut Option<Encoder>, pcm: Option<Vec<i16>>) -> Encoded {
        let pcm = pcm.unwrap_or_else(|| vec![0; FRAME]);
        if encoder.is_none() {
            *encoder = Encoder::new(RATE).ok();
        }
        let data = encoder
            .as_mut()
            .and_then(|encoder| Some(encoder.encode(&pcm).ok()?.to_vec()));
        // A codec that refuses is heard as silence: Opus' own packet for it.
        let data = data.unwrap_or_else(|| vec![0xf8, 0xff, 0xfe]);
        Encoded {
            dbov: dbov(&pcm),
            data,
        }
    }

    /// The packet to send.
    pub(crate) fn packet(&self) -> Packet<'_> {
        Packet {
            data: &self.data,
            dbov: self.dbov,
        }
    }
}

/// The sum of voices; `None` when nobody speaks.
pub(crate) fn mix<'a>(
    voices: impl IntoIterator<Item = &'a Voice>,
    agent: Option<&[i16]>,
) -> Option<Vec<i16>> {
    let mut sum = agent.map(<[i16]>::to_vec);
    for voice in voices {
        match &mut sum {
            None => sum = Some(voice.pcm.clone()),
            Some(sum) => {
                for (total, sample) in sum.iter_mut().zip(&voice.pcm) {
                    *total = total.saturating_add(*sample);
                }
            }
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(pcm: i16) -> Voice {
        Voice {
            leg: LegId(1),
            role: LegRole::Client,
            pcm: vec![pcm; FRAME],
        }
    }

    #[test]
    fn voices_add_up_without_wrapping_and_silence_is_nothing() {
        assert_eq!(mix([], None), None);
        assert_eq!(mix([&voice(3), &voice(4)], None), Some(vec![7; FRAME]));
        assert_eq!(mix([&voice(3)], Some(&[1; FRAME])), Some(vec![4; FRAME]));
        let loud = mix([&voice(-30_000), &voice(-30_000)], None);
        assert_eq!(loud, Some(vec![i16::MIN; FRAME]));
    }

    #[test]
    fn a_mix_is_announced_at_its_level() {
        let mut encoder = None;
        assert_eq!(Encoded::of(&mut encoder, None).packet().dbov, -127);
        let packet = Encoded::of(&mut encoder, Some(vec![16_384; FRAME]));
        assert_eq!(packet.packet().dbov, -6);
        assert!(!packet.packet().data.is_empty());
    }
}
