//! Single stories, each told step by step.

use super::ledger::{Ledger, Request};
use crate::call::problem::Problem;
use crate::call::session::{
    Attempt, CONNECT_MS, DIRECT_MS, Effect, EndReason, Happened, Input, JOIN_MS, Phase,
    RECONNECT_MS,
};

pub(super) const FIRST: Attempt = Attempt(1);
pub(super) const SECOND: Attempt = Attempt(2);
/// A call whose gateway can be reached directly or not at all.
pub(super) const MINTED: Happened = Happened::Minted {
    servers: false,
    answered: false,
};

pub(super) fn answer(ledger: &mut Ledger, attempt: Attempt, request: Request, happened: Happened) {
    ledger.made(attempt, happened);
    let index = ledger
        .open
        .iter()
        .position(|open| *open == (attempt, request))
        .unwrap_or_else(|| panic!("{request:?} of {attempt:?} is not open: {:?}", ledger.open));
    ledger.answer(index, happened);
}

pub(super) fn phase(ledger: &Ledger) -> Phase {
    ledger.session.view().phase
}

pub(super) fn started() -> Ledger {
    let mut ledger = Ledger::default();
    ledger.feed(Input::Start);
    ledger
}

/// The offer is there, the microphone is open, and a call is asked for.
fn ready() -> Ledger {
    let mut ledger = started();
    answer(&mut ledger, FIRST, Request::Offer, Happened::OfferReady);
    answer(
        &mut ledger,
        FIRST,
        Request::Microphone,
        Happened::MicrophoneGranted,
    );
    ledger
}

fn minted() -> Ledger {
    minted_with(MINTED)
}

fn minted_with(minted: Happened) -> Ledger {
    let mut ledger = ready();
    answer(&mut ledger, FIRST, Request::Mint, minted);
    ledger
}

/// Joined, with servers to go around a firewall by.
fn joined_with_servers() -> Ledger {
    let mut ledger = minted_with(Happened::Minted {
        servers: true,
        answered: false,
    });
    answer(&mut ledger, FIRST, Request::Post, Happened::Answered);
    ledger.happen(FIRST, Happened::AnswerApplied);
    ledger
}

pub(super) fn live() -> Ledger {
    let mut ledger = minted();
    answer(&mut ledger, FIRST, Request::Post, Happened::Answered);
    answer(&mut ledger, FIRST, Request::Apply, Happened::PeerConnected);
    assert_eq!(phase(&ledger), Phase::Live);
    ledger
}

#[test]
fn a_call_from_click_to_hang_up() {
    let mut ledger = Ledger::default();
    assert_eq!(phase(&ledger), Phase::Idle);
    assert_eq!(
        ledger.feed(Input::Start),
        [Effect::AskMicrophone(FIRST), Effect::CreatePeer(FIRST)]
    );
    assert_eq!(phase(&ledger), Phase::AskingMicrophone);
    assert_eq!(ledger.happen(FIRST, Happened::OfferReady), []);
    assert_eq!(
        ledger.happen(FIRST, Happened::MicrophoneGranted),
        [Effect::AttachMicrophone(FIRST), Effect::Mint(FIRST)]
    );
    assert_eq!(phase(&ledger), Phase::Minting);
    ledger.made(FIRST, MINTED);
    assert_eq!(ledger.happen(FIRST, MINTED), [Effect::PostOffer(FIRST)]);
    assert_eq!(phase(&ledger), Phase::Connecting);
    ledger.happen(FIRST, Happened::Candidate);
    ledger.made(FIRST, Happened::Answered);
    assert_eq!(
        ledger.happen(FIRST, Happened::Answered),
        [Effect::ApplyAnswer(FIRST), Effect::SendCandidates(FIRST)]
    );
    assert_eq!(
        ledger.happen(FIRST, Happened::Candidate),
        [Effect::SendCandidates(FIRST)]
    );
    ledger.now = 2_000;
    assert_eq!(
        ledger.happen(FIRST, Happened::PeerConnected),
        [Effect::OpenEvents(FIRST)]
    );
    assert_eq!(phase(&ledger), Phase::Live);
    ledger.now = 65_000;
    assert_eq!(
        ledger.feed(Input::HangUp),
        [
            Effect::ClosePeer(FIRST),
            Effect::DeleteSession(FIRST),
            Effect::ReleaseMicrophone
        ]
    );
    assert_eq!(phase(&ledger), Phase::Ended(EndReason::HungUp));
    assert_eq!(ledger.session.view().duration_ms(99_000), Some(63_000));
}

#[test]
fn a_call_waits_for_its_offer() {
    let mut ledger = started();
    answer(
        &mut ledger,
        FIRST,
        Request::Microphone,
        Happened::MicrophoneGranted,
    );
    assert!(!ledger.effects.contains(&Effect::Mint(FIRST)));
    assert_eq!(phase(&ledger), Phase::Minting);
    assert_eq!(
        ledger.happen(FIRST, Happened::OfferReady),
        [Effect::Mint(FIRST)]
    );
}

#[test]
fn a_browser_that_makes_no_offer_is_given_up_without_a_call() {
    let mut ledger = started();
    answer(
        &mut ledger,
        FIRST,
        Request::Microphone,
        Happened::MicrophoneGranted,
    );
    ledger.wait(60_000);
    assert_eq!(phase(&ledger), Phase::Ended(EndReason::BrowserUnable));
    assert!(!ledger.effects.contains(&Effect::Mint(FIRST)));
    ledger.check_settled();
}

/// The gateway's answer came with the call.
const ANSWERED: Happened = Happened::Minted {
    servers: true,
    answered: true,
};

#[test]
fn an_answer_that_comes_with_the_call_spares_the_offer_its_own_way() {
    let mut ledger = ready();
    ledger.happen(FIRST, Happened::Candidate);
    answer(&mut ledger, FIRST, Request::Mint, ANSWERED);
    let last = ledger.effects.len() - 2;
    assert_eq!(
        ledger.effects[last..],
        [Effect::ApplyAnswer(FIRST), Effect::SendCandidates(FIRST)]
    );
    answer(&mut ledger, FIRST, Request::Apply, Happened::PeerConnected);
    assert_eq!(phase(&ledger), Phase::Live);
    assert!(!ledger.effects.contains(&Effect::PostOffer(FIRST)));
}

#[test]
fn hanging_up_during_the_mint_leaves_the_session_that_arrives_later() {
    let mut ledger = ready();
    ledger.feed(Input::HangUp);
    answer(&mut ledger, FIRST, Request::Mint, ANSWERED);
    assert_eq!(ledger.effects.last(), Some(&Effect::DeleteSession(FIRST)));
    ledger.check_settled();
}

#[test]
fn a_refused_mint_says_why() {
    let mut ledger = ready();
    answer(
        &mut ledger,
        FIRST,
        Request::Mint,
        Happened::MintRefused(Problem::OriginNotAllowed),
    );
    let reason = EndReason::Refused(Problem::OriginNotAllowed);
    assert_eq!(phase(&ledger), Phase::Ended(reason));
    assert_eq!(reason.name(), "origin-not-allowed");
    ledger.check_settled();
}

#[test]
fn hanging_up_during_the_mint_ends_the_call_that_arrives_later() {
    let mut ledger = ready();
    ledger.feed(Input::HangUp);
    // A second call is under way when the first one's mint arrives.
    ledger.feed(Input::Start);
    answer(&mut ledger, FIRST, Request::Mint, MINTED);
    assert_eq!(ledger.effects.last(), Some(&Effect::EndCall(FIRST)));
    assert_eq!(phase(&ledger), Phase::AskingMicrophone);
    // The same mint does not arrive twice, but if it did, nothing would happen.
    assert_eq!(ledger.happen(FIRST, MINTED), []);
}

#[test]
fn hanging_up_while_the_offer_is_on_its_way_leaves_the_session_that_arrives_later() {
    let mut ledger = minted();
    ledger.feed(Input::HangUp);
    assert!(ledger.effects.contains(&Effect::EndCall(FIRST)));
    answer(&mut ledger, FIRST, Request::Post, Happened::Answered);
    assert_eq!(ledger.effects.last(), Some(&Effect::DeleteSession(FIRST)));
    ledger.check_settled();
}

#[test]
fn a_room_that_is_not_there_yet_is_asked_for_again() {
    let mut ledger = minted();
    for _ in 0..3 {
        answer(
            &mut ledger,
            FIRST,
            Request::Post,
            Happened::OfferRefused(404),
        );
        assert_eq!(phase(&ledger), Phase::Connecting);
        ledger.wait(2_000);
    }
    answer(&mut ledger, FIRST, Request::Post, Happened::Answered);
    answer(&mut ledger, FIRST, Request::Apply, Happened::PeerConnected);
    assert_eq!(phase(&ledger), Phase::Live);
}

#[test]
fn a_room_that_never_comes_is_given_up_after_fifteen_seconds() {
    let mut ledger = minted();
    while phase(&ledger) == Phase::Connecting {
        answer(
            &mut ledger,
            FIRST,
            Request::Post,
            Happened::OfferRefused(404),
        );
        ledger.wait(100);
        while phase(&ledger) == Phase::Connecting && ledger.open.is_empty() {
            ledger.wait(50);
        }
    }
    assert_eq!(phase(&ledger), Phase::Ended(EndReason::RoomMissing));
    assert!(
        ledger.now > JOIN_MS - 3_000 && ledger.now <= JOIN_MS + 200,
        "{}",
        ledger.now
    );
    ledger.check_settled();
}

#[test]
fn a_gateway_that_never_answers_is_given_up() {
    let mut ledger = minted();
    ledger.wait(JOIN_MS);
    assert_eq!(phase(&ledger), Phase::Ended(EndReason::GatewayUnreachable));
    assert!(ledger.effects.contains(&Effect::EndCall(FIRST)));
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let mut ledger = ready();
    ledger.wait(60_000);
    assert_eq!(
        phase(&ledger),
        Phase::Ended(EndReason::Refused(Problem::Unreachable))
    );
}

#[test]
fn an_expired_token_is_replaced_once_and_then_reported() {
    let mut ledger = minted();
    answer(
        &mut ledger,
        FIRST,
        Request::Post,
        Happened::OfferRefused(401),
    );
    assert_eq!(phase(&ledger), Phase::Minting);
    assert_eq!(
        ledger.effects[ledger.effects.len() - 4..],
        [
            Effect::ClosePeer(FIRST),
            Effect::EndCall(FIRST),
            Effect::CreatePeer(SECOND),
            Effect::AttachMicrophone(SECOND),
        ]
    );
    answer(&mut ledger, SECOND, Request::Offer, Happened::OfferReady);
    answer(&mut ledger, SECOND, Request::Mint, MINTED);
    answer(
        &mut ledger,
        SECOND,
        Request::Post,
        Happened::OfferRefused(401),
    );
    assert_eq!(phase(&ledger), Phase::Ended(EndReason::TokenExpired));
    ledger.check_settled();
}

#[test]
fn a_rejected_offer_is_final() {
    for status in [400, 403, 409, 422] {
        let mut ledger = minted();
        answer(
            &mut ledger,
            FIRST,
            Request::Post,
            Happened::OfferRefused(status),
        );
        assert_eq!(
            phase(&ledger),
            Phase::Ended(EndReason::Rejected),
            "{status}"
        );
        ledger.check_settled();
    }
}

#[test]
fn media_that_never_connects_is_reported_as_blocked() {
    let mut ledger = minted();
    // A slow gateway does not shorten the time the media has.
    ledger.wait(10_000);
    answer(&mut ledger, FIRST, Request::Post, Happened::Answered);
    ledger.happen(FIRST, Happened::PeerDisconnected);
    ledger.wait(CONNECT_MS - 1);
    assert_eq!(phase(&ledger), Phase::Connecting);
    ledger.wait(1);
    assert_eq!(phase(&ledger), Phase::Ended(EndReason::MediaBlocked));
    assert_eq!(ledger.session.view().duration_ms(99_000), None);
    ledger.check_settled();
}

#[test]
fn a_direct_path_that_is_up_in_time_leaves_the_servers_alone() {
    let mut ledger = joined_with_servers();
    ledger.wait(DIRECT_MS - 1);
    answer(&mut ledger, FIRST, Request::Apply, Happened::PeerConnected);
    ledger.wait(60_000);
    assert_eq!(phase(&ledger), Phase::Live);
    assert!(!ledger.effects.contains(&Effect::RestartIce(FIRST)));
}

#[test]
fn a_path_that_is_not_up_soon_is_looked_for_through_the_servers() {
    let mut ledger = joined_with_servers();
    // Where nothing gets out at all, some browsers know it at once.
    ledger.happen(FIRST, Happened::PeerFailed);
    assert_eq!(phase(&ledger), Phase::Connecting);
    ledger.wait(DIRECT_MS);
    assert_eq!(ledger.effects.last(), Some(&Effect::RestartIce(FIRST)));
    answer(
        &mut ledger,
        FIRST,
        Request::Restart,
        Happened::RestartAnswered,
    );
    ledger.happen(FIRST, Happened::PeerConnected);
    assert_eq!(phase(&ledger), Phase::Live);
    assert_eq!(ledger.session.deadline(), None);
}

#[test]
fn without_servers_there_is_no_other_path_to_look_for() {
    let mut ledger = minted();
    answer(&mut ledger, FIRST, Request::Post, Happened::Answered);
    ledger.happen(FIRST, Happened::AnswerApplied);
    ledger.wait(2 * DIRECT_MS);
    assert!(!ledger.effects.contains(&Effect::RestartIce(FIRST)));
    ledger.happen(FIRST, Happened::PeerFailed);
    assert_eq!(phase(&ledger), Phase::Ended(EndReason::MediaBlocked));
}

#[test]
fn a_gateway_that_takes_no_second_offer_still_has_the_direct_path() {
    let mut ledger = joined_with_servers();
    ledger.wait(DIRECT_MS);
    answer(
        &mut ledger,
        FIRST,
        Request::Restart,
        Happened::RestartRefused(409),
    );
    ledger.wait(5_000);
    answer(&mut ledger, FIRST, Request::Apply, Happened::PeerConnected);
    assert_eq!(phase(&ledger), Phase::Live);
}

#[test]
fn a_lost_connection_comes_back() {
    let mut ledger = live();
    ledger.happen(FIRST, Happened::PeerDisconnected);
    assert_eq!(phase(&ledger), Phase::Reconnecting);
    answer(
        &mut ledger,
        FIRST,
        Request::Restart,
        Happened::RestartUnsent,
    );
    ledger.wait(1_000);
    answer(
        &mut ledger,
        FIRST,
        Request::Restart,
        Happened::RestartAnswered,
    );
    assert_eq!(phase(&ledger), Phase::Reconnecting);
    ledger.happen(FIRST, Happened::PeerConnected);
    assert_eq!(phase(&ledger), Phase::Live);
    assert_eq!(ledger.session.deadline(), None);
}

#[test]
fn an_answer_that_is_applied_after_the_path_was_lost_again_asks_for_no_second_restart() {
    let mut ledger = joined_with_servers();
    ledger.happen(FIRST, Happened::PeerConnected);
    ledger.happen(FIRST, Happened::PeerDisconnected);
    assert_eq!(ledger.effects.last(), Some(&Effect::RestartIce(FIRST)));
    answer(&mut ledger, FIRST, Request::Apply, Happened::AnswerApplied);
    ledger.wait(DIRECT_MS);
    ledger.happen(FIRST, Happened::PeerDisconnected);
    let restarts = ledger
        .effects
        .iter()
        .filter(|it| matches!(it, Effect::RestartIce(_)));
    assert_eq!(restarts.count(), 1);
}

#[test]
fn a_lost_connection_is_given_up_after_fifteen_seconds() {
    let mut ledger = live();
    ledger.happen(FIRST, Happened::PeerFailed);
    ledger.wait(RECONNECT_MS - 1);
    assert_eq!(phase(&ledger), Phase::Reconnecting);
    ledger.wait(1);
    assert_eq!(phase(&ledger), Phase::Ended(EndReason::ConnectionLost));
    ledger.check_settled();
}

#[test]
fn no_restart_is_sent_while_the_browser_is_offline() {
    let mut ledger = live();
    ledger.feed(Input::Offline);
    assert_eq!(phase(&ledger), Phase::Live, "the media may still flow");
    ledger.happen(FIRST, Happened::PeerDisconnected);
    ledger.wait(5_000);
    assert!(!ledger.effects.contains(&Effect::RestartIce(FIRST)));
    assert_eq!(
        ledger.feed(Input::NetworkChanged),
        [Effect::RestartIce(FIRST)]
    );
    answer(
        &mut ledger,
        FIRST,
        Request::Restart,
        Happened::RestartAnswered,
    );
    ledger.happen(FIRST, Happened::PeerConnected);
    assert_eq!(phase(&ledger), Phase::Live);
}

#[test]
fn a_changed_network_restarts_ice_on_a_connection_that_still_works() {
    let mut ledger = live();
    assert_eq!(
        ledger.feed(Input::NetworkChanged),
        [Effect::RestartIce(FIRST)]
    );
    assert_eq!(phase(&ledger), Phase::Reconnecting);
    answer(
        &mut ledger,
        FIRST,
        Request::Restart,
        Happened::RestartAnswered,
    );
    assert_eq!(phase(&ledger), Phase::Live);
}

#[test]
fn a_network_that_changes_during_a_restart_gets_one_of_its_own() {
    let mut ledger = live();
    ledger.feed(Input::NetworkChanged);
    assert_eq!(ledger.feed(Input::NetworkChanged), []);
    // The request of the first one may hang, on a connection that is dead.
    answer(
        &mut ledger,
        FIRST,
        Request::Restart,
        Happened::RestartUnsent,
    );
    ledger.wait(0);
    assert_eq!(ledger.effects.last(), Some(&Effect::RestartIce(FIRST)));
    answer(
        &mut ledger,
        FIRST,
        Request::Restart,
        Happened::RestartAnswered,
    );
    assert_eq!(phase(&ledger), Phase::Live);
}

#[test]
fn a_refused_restart_does_not_end_a_connection_that_works() {
    let mut ledger = live();
    ledger.feed(Input::NetworkChanged);
    answer(
        &mut ledger,
        FIRST,
        Request::Restart,
        Happened::RestartRefused(404),
    );
    assert_eq!(phase(&ledger), Phase::Live);
}

#[test]
fn a_session_the_gateway_forgot_is_over() {
    let mut ledger = live();
    ledger.happen(FIRST, Happened::PeerDisconnected);
    answer(
        &mut ledger,
        FIRST,
        Request::Restart,
        Happened::RestartRefused(404),
    );
    assert_eq!(phase(&ledger), Phase::Ended(EndReason::ConnectionLost));
}

#[test]
fn the_agent_hangs_up() {
    let mut ledger = live();
    ledger.happen(FIRST, Happened::RemoteEnded);
    assert_eq!(phase(&ledger), Phase::Ended(EndReason::RemoteEnded));
    ledger.check_settled();
    let mut ledger = live();
    ledger.happen(FIRST, Happened::Replaced);
    assert_eq!(phase(&ledger), Phase::Ended(EndReason::Replaced));
    ledger.check_settled();
}

#[test]
fn leaving_the_page_leaves_the_call() {
    let mut ledger = live();
    assert_eq!(
        ledger.feed(Input::Leave),
        [
            Effect::ClosePeer(FIRST),
            Effect::DeleteSession(FIRST),
            Effect::EndCall(FIRST),
            Effect::ReleaseMicrophone
        ]
    );
    ledger.check_settled();
}

#[test]
fn mute_is_told_once_and_forgotten_by_the_next_call() {
    let mut ledger = live();
    assert_eq!(ledger.feed(Input::Mute(true)), [Effect::SetMuted(true)]);
    assert_eq!(ledger.feed(Input::Mute(true)), []);
    assert!(ledger.session.view().muted);
    ledger.feed(Input::HangUp);
    assert_eq!(ledger.feed(Input::Mute(false)), []);
    ledger.feed(Input::Start);
    assert!(!ledger.session.view().muted);
}

#[test]
fn a_second_click_does_not_start_a_second_call() {
    let mut ledger = live();
    assert_eq!(ledger.feed(Input::Start), []);
}

#[test]
fn a_browser_without_webrtc_is_not_asked_for_its_microphone() {
    let mut ledger = Ledger::default();
    assert_eq!(ledger.feed(Input::StartUnable), []);
    assert_eq!(phase(&ledger), Phase::Ended(EndReason::BrowserUnable));
}
