//! What a line sounds like when nobody speaks: not dead, but barely there.

use std::sync::OnceLock;

use super::leg::Packet;
use crate::audio::{Encoder, FRAME, RATE, SILENCE_DBOV, dbov};

/// Packets in the loop: two seconds, too long to be heard as a rhythm.
const LOOP: usize = 100;

/// Peak of the noise: some −70 dBov, far below any speech.
const PEAK: i32 = 18;

struct Noise {
    packets: Vec<(Vec<u8>, i8)>,
}

/// The comfort noise for a beat.
pub(super) fn comfort_noise(beat: u64) -> Packet<'static> {
    static NOISE: OnceLock<Noise> = OnceLock::new();
    let noise = NOISE.get_or_init(Noise::make);
    let (data, dbov) = &noise.packets[beat as usize % noise.packets.len()];
    Packet { data, dbov: *dbov }
}

impl Noise {
    fn make() -> Noise {
        let mut random = 0x2545_f491_u32;
        let mut encoder = Encoder::new(RATE).ok();
        let packets = (0..LOOP).map(|_| {
            let pcm: Vec<i16> = (0..FRAME).map(|_| sample(&mut random)).collect();
            let packet = encoder
                .as_mut()
                .and_then(|e| Some(e.encode(&pcm).ok()?.to_vec()));
            packet.map_or((vec![0xf8, 0xff, 0xfe], SILENCE_DBOV), |p| (p, dbov(&pcm)))
        });
        Noise {
            packets: packets.collect(),
        }
    }
}

/// White noise by xorshift: the same in every run.
fn sample(random: &mut u32) -> i16 {
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    (*random as i32 % PEAK) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Decoder;

    #[test]
    fn is_audible_to_a_meter_and_never_near_speech() {
        let mut decoder = Decoder::new().unwrap();
        for beat in 0..300 {
            let packet = comfort_noise(beat);
            assert!(
                (-80..-62).contains(&packet.dbov),
                "announced {}",
                packet.dbov
            );
            let level = dbov(decoder.decode(packet.data));
            assert!(level < -60, "beat {beat} is {level} dBov");
            assert!(packet.data.len() < 120, "{} bytes", packet.data.len());
        }
    }
}
