//! What sound is made of here: Opus and its frames, and how loud they are.

mod codec;
mod level;

pub(crate) use self::codec::{Decoder, Encoder, FRAME, RATE};
pub(crate) use self::level::{LevelTrack, dbov};

/// Length of one Opus packet and of one beat of a room, in milliseconds.
pub const FRAME_MS: u64 = 20;

/// The level of digital silence, in dBov (RFC 6464).
pub const SILENCE_DBOV: i8 = -127;
