//! What a browser says of its connection, for fuzzing.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use super::LegRole;
use super::leg::Leg;

/// Takes a text as an offer, as a further one and as candidates: any text will do.
pub fn take(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (now, ours) = (Instant::now(), SocketAddr::from((Ipv4Addr::LOCALHOST, 9)));
    let Ok((mut leg, _answer)) = Leg::accept(now, LegRole::Client, &text, &[ours]) else {
        return;
    };
    // What is not taken is told, and that is all.
    for line in text.lines() {
        let _ = leg.add_candidate(line);
    }
    let _ = leg.renegotiate(now, &text);
}
