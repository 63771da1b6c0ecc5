//! Offers: what we accept of them, and the engine that answers.

use std::time::Instant;

use str0m::change::SdpOffer;
use str0m::media::{Direction, MediaKind};
use str0m::{Rtc, RtcConfig};

use super::leg::Leg;
use super::{LegRole, MediaError};

/// The data channel that says how the call stands.
pub(crate) const CONTROL: &str = "control";

/// Answers an offer of our own, for nobody: whatever the process does only once
/// in its life (loading tables, self-tests of the cryptography) is then done.
pub(crate) fn warm_up() {
    let now = Instant::now();
    let mut rtc = config().build(now);
    let mut changes = rtc.sdp_api();
    changes.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
    changes.add_channel(CONTROL.to_owned());
    if let Some((offer, _pending)) = changes.apply() {
        drop(Leg::accept(
            now,
            LegRole::Client,
            &offer.to_sdp_string(),
            &[],
        ));
    }
}

/// An engine that speaks Opus and nothing else.
pub(crate) fn config() -> RtcConfig {
    Rtc::builder()
        .clear_codecs()
        .enable_opus(true, false)
        .set_reordering_size_audio(3)
}

/// Reads an offer.
pub(crate) fn parse_offer(offer: &str) -> Result<SdpOffer, MediaError> {
    // Candidates whose address is an mDNS name cannot be resolved here and are
    // not needed: the peer's checks tell its address.
    let lines = offer
        .lines()
        .filter(|line| !line.starts_with("a=candidate:") || !is_mdns(line));
    let mut resolvable = String::with_capacity(offer.len());
    for line in lines {
        resolvable.push_str(line);
        resolvable.push_str("\r\n");
    }
    SdpOffer::from_sdp_string(&resolvable).map_err(bad_offer)
}

/// Whether a candidate hides its address behind an mDNS name.
pub(crate) fn is_mdns(candidate: &str) -> bool {
    candidate
        .split_whitespace()
        .nth(4)
        .is_some_and(|address| address.ends_with(".local"))
}

/// The engine refused an offer.
pub(crate) fn bad_offer(error: impl std::fmt::Display) -> MediaError {
    MediaError::BadOffer(error.to_string())
}
