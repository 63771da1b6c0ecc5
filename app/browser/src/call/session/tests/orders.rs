//! Generated orders: property tests, and every short order exhaustively.

use proptest::prelude::*;

use super::ledger::{Ledger, Request};
use super::stories::MINTED;
use crate::call::problem::Problem;
use crate::call::session::{Attempt, Happened, Input, MicrophoneFault, Phase};

/// One generated step.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Answer one of the open requests, well or badly.
    Answer { pick: usize, outcome: u8 },
    /// The peer connection reports something.
    Peer(Happened),
    /// The visitor or the browser does something.
    Do(Input),
    /// Something that belongs to no open request: stale, doubled or premature.
    Noise { attempt: u32, happened: Happened },
    /// Time passes.
    Wait(u64),
}

const STATUSES: [u16; 9] = [400, 401, 403, 404, 409, 422, 429, 500, 503];

fn outcome(request: Request, outcome: u8) -> Happened {
    let status = STATUSES[usize::from(outcome) % STATUSES.len()];
    let good = !outcome.is_multiple_of(4);
    match (request, good) {
        (Request::Microphone, true) => Happened::MicrophoneGranted,
        (Request::Microphone, false) => Happened::MicrophoneRefused(MicrophoneFault::Denied),
        (Request::Offer, true) => Happened::OfferReady,
        (Request::Offer, false) => Happened::PeerUnusable,
        (Request::Mint, true) => Happened::Minted {
            servers: outcome.is_multiple_of(3),
            answered: outcome < 80,
        },
        (Request::Mint, false) => Happened::MintRefused(Problem::RetellBusy),
        (Request::Post, true) if outcome < 160 => Happened::Answered,
        (Request::Post, true) => Happened::OfferRefused(404),
        (Request::Post, false) if outcome.is_multiple_of(8) => Happened::OfferUnsent,
        (Request::Post, false) => Happened::OfferRefused(status),
        (Request::Apply, true) if outcome.is_multiple_of(3) => Happened::AnswerApplied,
        (Request::Apply, true) => Happened::PeerConnected,
        (Request::Apply, false) => Happened::AnswerUnusable,
        (Request::Restart, true) => Happened::RestartAnswered,
        (Request::Restart, false) if outcome.is_multiple_of(8) => Happened::RestartUnsent,
        (Request::Restart, false) => Happened::RestartRefused(status),
    }
}

fn peer_event() -> impl Strategy<Value = Happened> {
    prop_oneof![
        3 => Just(Happened::PeerConnected),
        2 => Just(Happened::PeerDisconnected),
        1 => Just(Happened::PeerFailed),
        2 => Just(Happened::Candidate),
        1 => Just(Happened::RemoteEnded),
        1 => Just(Happened::Replaced),
    ]
}

/// Results no shell would deliver twice are left out: the books would count
/// sessions and calls that never were. The exhaustive test covers those.
fn noise() -> impl Strategy<Value = Happened> {
    prop_oneof![
        Just(Happened::MicrophoneGranted),
        Just(Happened::MicrophoneRefused(MicrophoneFault::Busy)),
        Just(Happened::OfferReady),
        Just(Happened::PeerUnusable),
        Just(Happened::AnswerUnusable),
        Just(Happened::RestartUnsent),
        Just(Happened::RestartRefused(404)),
        peer_event(),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (any::<usize>(), any::<u8>()).prop_map(|(pick, outcome)| Step::Answer { pick, outcome }),
        4 => peer_event().prop_map(Step::Peer),
        4 => prop_oneof![
            3 => Just(Input::Start),
            1 => Just(Input::StartAllowed),
            3 => Just(Input::StartAtHand),
            1 => Just(Input::HangUp),
            1 => Just(Input::Leave),
            1 => any::<bool>().prop_map(Input::Mute),
            1 => Just(Input::StartUnable),
            1 => Just(Input::MicrophoneSilenced),
            1 => Just(Input::MicrophoneLost),
            1 => Just(Input::MicrophoneBack),
            1 => Just(Input::MicrophoneNear),
            1 => Just(Input::MicrophoneOpened),
            1 => Just(Input::Offline),
            2 => Just(Input::NetworkChanged),
            1 => Just(Input::Tick),
        ].prop_map(Step::Do),
        2 => (0u32..6, noise()).prop_map(|(attempt, happened)| Step::Noise { attempt, happened }),
        4 => prop_oneof![0u64..400, 0u64..25_000].prop_map(Step::Wait),
    ]
}

fn answer(ledger: &mut Ledger, pick: usize, how: u8) {
    if ledger.open.is_empty() {
        return;
    }
    let index = pick % ledger.open.len();
    let (attempt, request) = ledger.open[index];
    let happened = outcome(request, how);
    ledger.made(attempt, happened);
    ledger.answer(index, happened);
}

fn run(steps: &[Step]) -> Ledger {
    let mut ledger = Ledger::default();
    for step in steps {
        match *step {
            Step::Answer { pick, outcome } => answer(&mut ledger, pick, outcome),
            Step::Peer(happened) => {
                if let Some(attempt) = ledger.session.attempt() {
                    ledger.happen(attempt, happened);
                }
            }
            Step::Do(input) => {
                ledger.feed(input);
            }
            // A microphone is only ever noise for attempts that did not ask.
            Step::Noise { attempt, happened } => {
                let current = ledger.session.attempt();
                if current != Some(Attempt(attempt)) {
                    ledger.happen(Attempt(attempt), happened);
                }
            }
            Step::Wait(ms) => ledger.wait(ms),
        }
    }
    ledger
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_books_balance(steps in prop::collection::vec(step(), 0..80), how in any::<u8>()) {
        let mut ledger = run(&steps);
        ledger.feed(Input::HangUp);
        prop_assert!(!ledger.session.view().phase.is_active());
        // What was still on its way arrives after the end, well or badly.
        while !ledger.open.is_empty() {
            answer(&mut ledger, 0, how);
        }
        ledger.check_settled();
    }

    #[test]
    fn left_alone_every_call_settles(steps in prop::collection::vec(step(), 0..60)) {
        let mut ledger = run(&steps);
        // Nothing answers any more: only the two phases a person ends stay.
        ledger.wait(60_000);
        let phase = ledger.session.view().phase;
        prop_assert!(
            matches!(phase, Phase::Idle | Phase::AskingMicrophone | Phase::Live | Phase::Ended(_)),
            "stuck in {phase:?}"
        );
    }
}

#[test]
fn every_short_order_of_every_input_ends_cleanly() {
    let of = |happened| Input::Of(Attempt(1), happened);
    let alphabet = [
        Input::Start,
        Input::HangUp,
        Input::NetworkChanged,
        Input::Offline,
        Input::Tick,
        of(Happened::MicrophoneGranted),
        of(Happened::OfferReady),
        of(MINTED),
        of(Happened::Minted {
            servers: true,
            answered: true,
        }),
        of(Happened::Answered),
        of(Happened::AnswerApplied),
        of(Happened::OfferRefused(401)),
        of(Happened::OfferRefused(404)),
        of(Happened::PeerConnected),
        of(Happened::PeerFailed),
        of(Happened::RestartAnswered),
        of(Happened::RemoteEnded),
        Input::Of(Attempt(2), MINTED),
    ];
    // Start, then every order of five more: 18^5 of them.
    let depth = 5;
    let count = alphabet.len().pow(depth);
    for number in 0..count {
        let mut session = crate::call::session::Session::new();
        session.handle(0, Input::Start);
        let mut rest = number;
        for at in 1..=u64::from(depth) {
            session.handle(at * 3_000, alphabet[rest % alphabet.len()]);
            rest /= alphabet.len();
        }
        session.handle(20_000, Input::HangUp);
        assert!(!session.view().phase.is_active());
        assert_eq!(session.deadline(), None);
        assert!(session.handle(21_000, Input::Tick).is_empty());
        assert!(session.handle(21_000, Input::NetworkChanged).is_empty());
        assert!(session.handle(21_000, Input::HangUp).is_empty());
    }
}
