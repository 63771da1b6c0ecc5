//! Stories of the microphone: asked for, lost, silenced, and back again.

use super::ledger::{Ledger, Request};
use super::stories::{FIRST, MINTED, SECOND, answer, live, phase, started};
use crate::call::session::{
    Effect, EndReason, Happened, Input, JOIN_MS, MICROPHONE_MS, MicrophoneFault, Phase, Unheard,
};

#[test]
fn no_microphone_no_call() {
    for fault in [
        MicrophoneFault::Denied,
        MicrophoneFault::Forbidden,
        MicrophoneFault::Missing,
        MicrophoneFault::Busy,
        MicrophoneFault::Unanswering,
        MicrophoneFault::Unsupported,
    ] {
        let mut ledger = started();
        answer(
            &mut ledger,
            FIRST,
            Request::Microphone,
            Happened::MicrophoneRefused(fault),
        );
        assert_eq!(phase(&ledger), Phase::Ended(EndReason::Microphone(fault)));
        assert!(!ledger.effects.contains(&Effect::Mint(FIRST)));
        ledger.check_settled();
    }
}

#[test]
fn where_the_microphone_is_allowed_nothing_waits_for_it() {
    let mut ledger = Ledger::default();
    assert_eq!(
        ledger.feed(Input::StartAtHand),
        [Effect::CreatePeer(FIRST), Effect::AskMicrophone(FIRST)]
    );
    assert_eq!(
        ledger.happen(FIRST, Happened::OfferReady),
        [Effect::Mint(FIRST)]
    );
    answer(&mut ledger, FIRST, Request::Mint, MINTED);
    assert!(ledger.effects.contains(&Effect::PostOffer(FIRST)));
    assert_eq!(phase(&ledger), Phase::AskingMicrophone);
    assert_eq!(
        ledger.happen(FIRST, Happened::MicrophoneGranted),
        [Effect::AttachMicrophone(FIRST)]
    );
    assert_eq!(phase(&ledger), Phase::Connecting);
}

#[test]
fn a_microphone_that_fails_after_all_takes_the_call_down() {
    let mut ledger = Ledger::default();
    ledger.feed(Input::StartAtHand);
    answer(&mut ledger, FIRST, Request::Offer, Happened::OfferReady);
    answer(&mut ledger, FIRST, Request::Mint, MINTED);
    let busy = MicrophoneFault::Busy;
    let effects = ledger.happen(FIRST, Happened::MicrophoneRefused(busy));
    assert!(effects.contains(&Effect::EndCall(FIRST)), "{effects:?}");
    assert_eq!(phase(&ledger), Phase::Ended(EndReason::Microphone(busy)));
}

#[test]
fn a_fresh_call_gets_the_microphone_its_predecessor_asked_for() {
    let mut ledger = Ledger::default();
    ledger.feed(Input::StartAtHand);
    answer(&mut ledger, FIRST, Request::Offer, Happened::OfferReady);
    answer(&mut ledger, FIRST, Request::Mint, MINTED);
    answer(
        &mut ledger,
        FIRST,
        Request::Post,
        Happened::OfferRefused(401),
    );
    assert_eq!(
        ledger.happen(FIRST, Happened::MicrophoneGranted),
        [Effect::AttachMicrophone(SECOND)]
    );
}

#[test]
fn an_allowed_microphone_that_never_answers_ends_the_call_it_was_opened_for() {
    let mut ledger = Ledger::default();
    ledger.feed(Input::StartAtHand);
    answer(&mut ledger, FIRST, Request::Offer, Happened::OfferReady);
    answer(&mut ledger, FIRST, Request::Mint, MINTED);
    answer(&mut ledger, FIRST, Request::Post, Happened::Answered);
    answer(&mut ledger, FIRST, Request::Apply, Happened::PeerConnected);
    ledger.wait(MICROPHONE_MS - 1);
    assert_eq!(phase(&ledger), Phase::AskingMicrophone);
    ledger.wait(1);
    let reason = EndReason::Microphone(MicrophoneFault::Unanswering);
    assert_eq!(phase(&ledger), Phase::Ended(reason));
    assert!(ledger.effects.contains(&Effect::DeleteSession(FIRST)));
    ledger.check_settled();
    // It opens after all, long after that call.
    ledger.wait(40_000);
    assert_eq!(ledger.happen(FIRST, Happened::MicrophoneGranted), []);
    assert_eq!(phase(&ledger), Phase::Ended(reason));
}

#[test]
fn an_allowed_microphone_that_never_answers_is_given_up_where_no_call_was_made() {
    let mut ledger = Ledger::default();
    ledger.feed(Input::StartAllowed);
    ledger.wait(MICROPHONE_MS);
    let reason = EndReason::Microphone(MicrophoneFault::Unanswering);
    assert_eq!(phase(&ledger), Phase::Ended(reason));
    assert!(!ledger.effects.contains(&Effect::Mint(FIRST)));
    ledger.check_settled();
}

#[test]
fn a_fresh_call_does_not_wait_longer_for_the_microphone_of_its_predecessor() {
    let mut ledger = Ledger::default();
    ledger.feed(Input::StartAtHand);
    answer(&mut ledger, FIRST, Request::Offer, Happened::OfferReady);
    ledger.wait(MICROPHONE_MS / 2);
    answer(&mut ledger, FIRST, Request::Mint, MINTED);
    answer(
        &mut ledger,
        FIRST,
        Request::Post,
        Happened::OfferRefused(401),
    );
    ledger.wait(MICROPHONE_MS / 2);
    let reason = EndReason::Microphone(MicrophoneFault::Unanswering);
    assert_eq!(phase(&ledger), Phase::Ended(reason));
}

#[test]
fn a_visitor_who_is_asked_for_the_microphone_has_all_the_time_they_want() {
    let mut ledger = started();
    ledger.wait(10 * JOIN_MS);
    assert_eq!(phase(&ledger), Phase::AskingMicrophone);
    assert_eq!(ledger.session.deadline(), None);
}

#[test]
fn a_microphone_that_went_away_comes_back_when_devices_change() {
    let mut ledger = live();
    assert_eq!(
        ledger.feed(Input::MicrophoneLost),
        [Effect::ReopenMicrophone]
    );
    assert_eq!(ledger.session.view().unheard, Some(Unheard::Lost));
    assert_eq!(phase(&ledger), Phase::Live);
    // There was no other; now one is plugged in.
    assert_eq!(
        ledger.feed(Input::MicrophoneNear),
        [Effect::ReopenMicrophone]
    );
    assert_eq!(ledger.session.view().unheard, Some(Unheard::Lost));
    assert_eq!(ledger.feed(Input::MicrophoneOpened), []);
    assert_eq!(ledger.session.view().unheard, None);
    assert_eq!(ledger.feed(Input::MicrophoneNear), []);
}

#[test]
fn a_microphone_the_system_silences_is_opened_anew_when_it_gives_it_back() {
    let mut ledger = live();
    assert_eq!(ledger.feed(Input::MicrophoneSilenced), []);
    assert_eq!(ledger.session.view().unheard, Some(Unheard::Silenced));
    assert_eq!(
        ledger.feed(Input::MicrophoneBack),
        [Effect::ReopenMicrophone]
    );
    assert_eq!(ledger.session.view().unheard, None);
    // The one it was opened in place of is silenced, as iOS does, and then it is there.
    ledger.feed(Input::MicrophoneSilenced);
    ledger.feed(Input::MicrophoneOpened);
    assert_eq!(ledger.session.view().unheard, None);
}

#[test]
fn a_page_that_is_seen_again_tries_a_silenced_microphone() {
    let mut ledger = live();
    assert_eq!(ledger.feed(Input::MicrophoneNear), []);
    ledger.feed(Input::MicrophoneSilenced);
    assert_eq!(
        ledger.feed(Input::MicrophoneNear),
        [Effect::ReopenMicrophone]
    );
    ledger.feed(Input::HangUp);
    assert_eq!(ledger.session.view().unheard, None);
    assert_eq!(ledger.feed(Input::MicrophoneNear), []);
}
