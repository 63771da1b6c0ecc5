//! What a clock on the wall of the business shows.

use crate::kit::{Day, Wall};
use crate::words::format;

/// What it shows at a moment (Unix ms), in the given IANA time zone.
pub(crate) fn wall(at: i64, timezone: &str) -> Wall {
    Wall::parse(&format::wall(at, timezone)).unwrap_or(Wall {
        day: Day::parse(&format::day(at, timezone)).unwrap_or(Day::EPOCH),
        minutes: 0,
    })
}
