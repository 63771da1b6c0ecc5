//! The listener's machine: the walks people take, and every order that can be made up.

use proptest::prelude::*;

use super::{
    Attempt, Effect, EndReason, Happened, Input, MicrophoneFault, Phase, Session, Trouble, Voice,
};

/// A session, and what has to balance in the end.
#[derive(Debug, Default)]
struct Stage {
    session: Session,
    now: u64,
    /// What was asked for and has no answer yet.
    open: Vec<Effect>,
    /// At the gateway, at our server, and the microphone.
    sessions: Vec<Attempt>,
    listeners: Vec<Attempt>,
    microphone: bool,
    opening: bool,
    /// Whether our server had the agent stopped.
    taken: bool,
    confirmed: bool,
}

impl Stage {
    fn feed(&mut self, input: Input) -> Vec<Effect> {
        match input {
            Input::Confirm if self.session.view().voice == Voice::Ready => self.confirmed = true,
            Input::MicrophoneGranted => {
                if !std::mem::take(&mut self.opening) {
                    return Vec::new();
                }
                self.microphone = true;
            }
            Input::MicrophoneRefused(_) if !std::mem::take(&mut self.opening) => {
                return Vec::new();
            }
            Input::MicrophoneLost => self.microphone = false,
            Input::Of(of, Happened::Granted) => self.listeners.push(of),
            Input::Of(of, Happened::Answered) => self.sessions.push(of),
            Input::Of(_, Happened::TakenOver) => self.taken = true,
            _ => {}
        }
        let effects = self.session.handle(self.now, input);
        for effect in &effects {
            match *effect {
                Effect::OpenMicrophone => self.opening = true,
                Effect::ReleaseMicrophone => (self.microphone, self.opening) = (false, false),
                Effect::DeleteSession(of) => self.sessions.retain(|it| *it != of),
                Effect::TellLeft(of) => self.listeners.retain(|it| *it != of),
                // Its session goes with its peer, or is gone at the gateway.
                Effect::ClosePeer(of) if self.session.attempt().is_some_and(|it| it != of) => {
                    self.sessions.retain(|it| *it != of);
                }
                Effect::TakeOver(_) => assert!(self.confirmed, "nobody has confirmed"),
                Effect::Speak(_) => assert!(self.taken, "the call is not theirs"),
                _ => {}
            }
            if answer_to(*effect, 1).is_some() {
                self.open.push(*effect);
            }
        }
        assert!(self.session.view().voice < Voice::Opening || self.taken);
        effects
    }

    fn of(&mut self, happened: Happened) -> Vec<Effect> {
        let attempt = self.session.attempt().unwrap();
        self.feed(Input::Of(attempt, happened))
    }

    fn wait(&mut self, ms: u64) {
        let until = self.now + ms;
        while let Some(at) = self.session.deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.feed(Input::Tick);
        }
        self.now = until;
    }

    fn listening() -> Self {
        let mut stage = Self::default();
        let one = Attempt(1);
        let begun = stage.feed(Input::Listen);
        assert_eq!(begun, [Effect::CreatePeer(one), Effect::Ask(one)]);
        assert_eq!(stage.of(Happened::Granted), []);
        assert_eq!(stage.of(Happened::Candidate), []);
        assert_eq!(stage.of(Happened::OfferReady), [Effect::PostOffer(one)]);
        let answered = stage.of(Happened::Answered);
        assert_eq!(
            answered,
            [Effect::ApplyAnswer(one), Effect::SendCandidates(one)]
        );
        assert_eq!(stage.phase(), Phase::Joining);
        stage.of(Happened::PeerConnected);
        assert_eq!(stage.phase(), Phase::Listening);
        stage
    }

    /// Until somebody only has to say yes.
    fn ready() -> Self {
        let mut stage = Self::listening();
        assert_eq!(stage.feed(Input::WantVoice), [Effect::OpenMicrophone]);
        assert_eq!(stage.voice(), Voice::Asking);
        assert_eq!(stage.feed(Input::MicrophoneGranted), []);
        assert_eq!(stage.voice(), Voice::Ready);
        stage
    }

    fn talking() -> Self {
        let mut stage = Self::ready();
        stage.feed(Input::Confirm);
        stage.of(Happened::TakenOver);
        stage.of(Happened::Renewed);
        assert_eq!(stage.voice(), Voice::Talking);
        stage
    }

    fn phase(&self) -> Phase {
        self.session.view().phase
    }

    fn voice(&self) -> Voice {
        self.session.view().voice
    }

    /// Nothing is left anywhere.
    fn is_over(&self, reason: EndReason) {
        assert_eq!(self.phase(), Phase::Ended(reason));
        assert_eq!(self.voice(), Voice::Silent);
        self.balances();
    }

    fn balances(&self) {
        assert_eq!(self.sessions, [], "sessions at the gateway");
        assert_eq!(self.listeners, [], "listeners at our server");
        assert!(!self.microphone, "the microphone is open");
        assert_eq!(self.session.deadline(), None);
    }
}

/// What may come of an effect, well or badly.
fn answer_to(effect: Effect, how: u8) -> Option<(Attempt, Happened)> {
    const STATUSES: [u16; 6] = [400, 401, 404, 409, 429, 500];
    let good = !how.is_multiple_of(4);
    let status = STATUSES[usize::from(how) % STATUSES.len()];
    let either = |well, badly| if good { well } else { badly };
    Some(match effect {
        Effect::CreatePeer(of) => (of, either(Happened::OfferReady, Happened::PeerUnusable)),
        Effect::Ask(of) if how.is_multiple_of(8) => (of, Happened::AskUnsent),
        Effect::Ask(of) => (of, either(Happened::Granted, Happened::Refused(how > 128))),
        Effect::PostOffer(of) if how.is_multiple_of(8) => (of, Happened::OfferUnsent),
        Effect::PostOffer(of) => (
            of,
            either(Happened::Answered, Happened::OfferRefused(status)),
        ),
        Effect::ApplyAnswer(of) => (
            of,
            either(Happened::PeerConnected, Happened::AnswerUnusable),
        ),
        Effect::Renew { attempt, .. } if how.is_multiple_of(8) => {
            (attempt, Happened::RenewalUnsent)
        }
        Effect::Renew { attempt, .. } => (
            attempt,
            either(Happened::Renewed, Happened::RenewalRefused(status)),
        ),
        Effect::TakeOver(of) if how.is_multiple_of(8) => (of, Happened::TakeOverInDoubt),
        Effect::TakeOver(of) => (
            of,
            either(Happened::TakenOver, Happened::TakeOverRefused(how > 128)),
        ),
        _ => return None,
    })
}

#[test]
fn somebody_listens_and_leaves_without_a_trace() {
    let mut stage = Stage::listening();
    let one = Attempt(1);
    let left = stage.feed(Input::Stop);
    assert_eq!(
        left,
        [
            Effect::ClosePeer(one),
            Effect::DeleteSession(one),
            Effect::TellLeft(one)
        ]
    );
    stage.is_over(EndReason::Stopped);
}

#[test]
fn the_microphone_comes_first_then_the_question_then_the_switch_then_the_voice() {
    let mut stage = Stage::ready();
    let one = Attempt(1);
    assert_eq!(stage.feed(Input::Confirm), [Effect::TakeOver(one)]);
    assert_eq!(stage.voice(), Voice::Switching);
    let renew = Effect::Renew {
        attempt: one,
        restart: false,
    };
    assert_eq!(stage.of(Happened::TakenOver), [Effect::Speak(one), renew]);
    assert_eq!(stage.voice(), Voice::Opening);
    assert_eq!(stage.of(Happened::Renewed), []);
    assert_eq!(stage.voice(), Voice::Talking);
    assert_eq!(stage.feed(Input::Mute(true)), [Effect::SetMuted(true)]);
    assert_eq!(stage.feed(Input::Mute(true)), []);
    stage.wait(3_600_000);
    assert_eq!(stage.phase(), Phase::Listening);
    stage.feed(Input::Stop);
    stage.is_over(EndReason::Stopped);
}

#[test]
fn without_a_microphone_nothing_is_asked_of_our_server() {
    let mut stage = Stage::listening();
    stage.feed(Input::Confirm);
    stage.feed(Input::WantVoice);
    assert_eq!(stage.feed(Input::Confirm), []);
    let denied = MicrophoneFault::Denied;
    stage.feed(Input::MicrophoneRefused(denied));
    assert_eq!(stage.voice(), Voice::Silent);
    assert_eq!(
        stage.session.view().trouble,
        Some(Trouble::Microphone(denied))
    );
    // It is pulled out while the question is read.
    let mut stage = Stage::ready();
    stage.feed(Input::MicrophoneLost);
    assert_eq!(stage.feed(Input::Confirm), []);
    assert_eq!(stage.voice(), Voice::Silent);
}

#[test]
fn who_thinks_again_lets_the_microphone_go_and_listens_on() {
    for ready in [false, true] {
        let mut stage = Stage::listening();
        stage.feed(Input::WantVoice);
        if ready {
            stage.feed(Input::MicrophoneGranted);
        }
        assert_eq!(stage.feed(Input::ThinkAgain), [Effect::ReleaseMicrophone]);
        assert_eq!(
            (stage.phase(), stage.voice()),
            (Phase::Listening, Voice::Silent)
        );
    }
    let mut late = Stage::ready();
    late.feed(Input::Confirm);
    assert_eq!(late.feed(Input::ThinkAgain), [], "it cannot be undone");
}

#[test]
fn who_is_not_given_the_call_listens_on_and_may_try_again() {
    let mut stage = Stage::ready();
    stage.feed(Input::Confirm);
    let refused = stage.of(Happened::TakeOverRefused(false));
    assert_eq!(refused, [Effect::ReleaseMicrophone]);
    assert_eq!(stage.session.view().trouble, Some(Trouble::Refused));
    assert_eq!(stage.feed(Input::WantVoice), [Effect::OpenMicrophone]);
    assert_eq!(stage.session.view().trouble, None);
    let mut over = Stage::ready();
    over.feed(Input::Confirm);
    over.of(Happened::TakeOverRefused(true));
    over.is_over(EndReason::CallOver);
}

#[test]
fn an_answer_that_does_not_come_is_asked_for_again_and_then_the_call_is_left() {
    let mut stage = Stage::ready();
    stage.feed(Input::Confirm);
    stage.of(Happened::TakeOverInDoubt);
    stage.open.clear();
    stage.wait(1_000);
    assert_eq!(stage.open, [Effect::TakeOver(Attempt(1))]);
    stage.of(Happened::TakenOver);
    assert_eq!(stage.voice(), Voice::Opening);

    let mut stage = Stage::ready();
    stage.feed(Input::Confirm);
    stage.wait(super::SWITCH_MS);
    stage.is_over(EndReason::ConnectionLost);
}

#[test]
fn a_voice_whose_offer_fails_is_offered_again_and_nobody_is_left_in_silence() {
    let mut stage = Stage::ready();
    stage.feed(Input::Confirm);
    stage.of(Happened::TakenOver);
    stage.of(Happened::RenewalUnsent);
    stage.open.clear();
    stage.wait(1_000);
    let again = Effect::Renew {
        attempt: Attempt(1),
        restart: false,
    };
    assert_eq!(stage.open, [again]);
    stage.of(Happened::RenewalRefused(500));
    assert_eq!(stage.voice(), Voice::Opening);
    stage.wait(super::RECONNECT_MS);
    stage.is_over(EndReason::ConnectionLost);
}

#[test]
fn a_repair_on_its_way_when_the_call_is_taken_over_is_followed_by_the_voice() {
    let mut stage = Stage::ready();
    let one = Attempt(1);
    stage.feed(Input::Confirm);
    stage.of(Happened::PeerDisconnected);
    assert_eq!(stage.phase(), Phase::Reconnecting);
    assert_eq!(stage.of(Happened::TakenOver), [Effect::Speak(one)]);
    stage.of(Happened::PeerConnected);
    // Its offer was made without the microphone.
    let voice = Effect::Renew {
        attempt: one,
        restart: false,
    };
    assert_eq!(stage.of(Happened::Renewed), [voice]);
    assert_eq!(stage.voice(), Voice::Opening);
    stage.of(Happened::Renewed);
    assert_eq!(stage.voice(), Voice::Talking);
}

#[test]
fn a_lost_connection_is_restarted_and_given_up_after_a_while() {
    let mut stage = Stage::listening();
    let restart = Effect::Renew {
        attempt: Attempt(1),
        restart: true,
    };
    assert_eq!(stage.of(Happened::PeerDisconnected), [restart]);
    assert_eq!(stage.phase(), Phase::Reconnecting);
    stage.of(Happened::Renewed);
    stage.of(Happened::PeerConnected);
    assert_eq!(stage.phase(), Phase::Listening);
    // Another network, while the old path still seems to work.
    assert_eq!(stage.feed(Input::NetworkChanged), [restart]);
    stage.of(Happened::Renewed);
    assert_eq!(stage.phase(), Phase::Listening);
    // Without a network nothing is sent.
    stage.feed(Input::Offline);
    assert_eq!(stage.of(Happened::PeerFailed), []);
    stage.wait(5_000);
    assert_eq!(stage.feed(Input::NetworkChanged), [restart]);
    stage.wait(super::RECONNECT_MS);
    stage.is_over(EndReason::ConnectionLost);
}

#[test]
fn who_only_listens_joins_anew_where_the_gateway_forgot_them() {
    let mut stage = Stage::ready();
    stage.of(Happened::PeerFailed);
    let (one, two) = (Attempt(1), Attempt(2));
    let anew = stage.of(Happened::RenewalRefused(404));
    assert_eq!(
        anew,
        [
            Effect::ClosePeer(one),
            Effect::TellLeft(one),
            Effect::CreatePeer(two),
            Effect::Ask(two)
        ]
    );
    assert_eq!(stage.phase(), Phase::Reconnecting);
    assert_eq!(
        stage.feed(Input::Confirm),
        [],
        "there is no way to be heard"
    );
    for happened in [Happened::OfferReady, Happened::Granted, Happened::Answered] {
        stage.of(happened);
    }
    stage.of(Happened::PeerConnected);
    assert_eq!(
        (stage.phase(), stage.voice()),
        (Phase::Listening, Voice::Ready)
    );
    assert_eq!(stage.feed(Input::Confirm), [Effect::TakeOver(two)]);
}

#[test]
fn whose_call_it_is_there_is_no_other_way_in() {
    let mut stage = Stage::talking();
    stage.of(Happened::PeerFailed);
    stage.of(Happened::RenewalRefused(404));
    stage.is_over(EndReason::ConnectionLost);
    let mut stage = Stage::ready();
    stage.feed(Input::Confirm);
    stage.of(Happened::PeerFailed);
    stage.of(Happened::RenewalRefused(404));
    stage.is_over(EndReason::ConnectionLost);
}

#[test]
fn a_microphone_that_goes_while_they_speak_is_opened_anew() {
    let mut stage = Stage::talking();
    assert_eq!(stage.feed(Input::MicrophoneLost), [Effect::OpenMicrophone]);
    assert!(stage.session.view().unheard);
    let back = stage.feed(Input::MicrophoneGranted);
    assert_eq!(back, [Effect::Speak(Attempt(1))]);
    assert!(!stage.session.view().unheard);
}

#[test]
fn a_call_that_is_over_is_over_at_every_step() {
    let begun = || {
        let mut stage = Stage::default();
        stage.feed(Input::Listen);
        stage
    };
    let switching = || {
        let mut stage = Stage::ready();
        stage.feed(Input::Confirm);
        stage
    };
    let stages: [&dyn Fn() -> Stage; 5] = [
        &begun,
        &Stage::listening,
        &Stage::ready,
        &switching,
        &Stage::talking,
    ];
    for (at, make) in stages.into_iter().enumerate() {
        for how in [0, 1, 2] {
            let mut stage = make();
            let reason = match how {
                0 => (stage.of(Happened::RemoteEnded), EndReason::CallOver).1,
                1 => (stage.feed(Input::CallOver), EndReason::CallOver).1,
                _ => (stage.feed(Input::Leave), EndReason::PageLeft).1,
            };
            assert_eq!(stage.phase(), Phase::Ended(reason), "{at}");
            // What was on its way arrives after all.
            for effect in std::mem::take(&mut stage.open) {
                if let Some((of, happened)) = answer_to(effect, 1)
                    && !matches!(effect, Effect::CreatePeer(_) | Effect::ApplyAnswer(_))
                    && stage.session.needs(of)
                {
                    stage.feed(Input::Of(of, happened));
                }
            }
            stage.balances();
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Answer { pick: usize, how: u8 },
    Peer(Happened),
    Do(Input),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let peer = prop_oneof![
        3 => Just(Happened::PeerConnected),
        2 => Just(Happened::PeerDisconnected),
        1 => Just(Happened::PeerFailed),
        1 => Just(Happened::Candidate),
        1 => Just(Happened::RemoteEnded),
    ];
    let done = prop_oneof![
        3 => Just(Input::Listen),
        1 => Just(Input::Stop),
        1 => Just(Input::Leave),
        4 => Just(Input::WantVoice),
        4 => Just(Input::MicrophoneGranted),
        1 => Just(Input::MicrophoneRefused(MicrophoneFault::Denied)),
        1 => Just(Input::MicrophoneLost),
        4 => Just(Input::Confirm),
        1 => Just(Input::ThinkAgain),
        1 => any::<bool>().prop_map(Input::Mute),
        1 => Just(Input::CallOver),
        1 => Just(Input::Offline),
        2 => Just(Input::NetworkChanged),
        1 => Just(Input::Tick),
    ];
    prop_oneof![
        12 => (any::<usize>(), any::<u8>()).prop_map(|(pick, how)| Step::Answer { pick, how }),
        4 => peer.prop_map(Step::Peer),
        6 => done.prop_map(Step::Do),
        3 => prop_oneof![0u64..400, 0u64..25_000].prop_map(Step::Wait),
    ]
}

fn answer(stage: &mut Stage, pick: usize, how: u8) {
    if stage.open.is_empty() {
        return;
    }
    let effect = stage.open.remove(pick % stage.open.len());
    let Some((of, happened)) = answer_to(effect, how) else {
        return;
    };
    let current = stage.session.attempt() == Some(of);
    // A take-over done for who has left is theirs no more; and a peer that is closed says
    // nothing.
    let lasting = matches!(effect, Effect::Ask(_) | Effect::PostOffer(_));
    if current || lasting {
        stage.feed(Input::Of(of, happened));
    }
}

/// Has a step happen.
fn take(stage: &mut Stage, step: Step) {
    match step {
        Step::Answer { pick, how } => answer(stage, pick, how),
        Step::Peer(happened) if stage.session.attempt().is_some() => {
            stage.of(happened);
        }
        Step::Peer(_) => {}
        Step::Do(input) => {
            if input == Input::Listen && stage.session.attempt().is_none() {
                (stage.confirmed, stage.taken) = (false, false);
            }
            stage.feed(input);
        }
        Step::Wait(ms) => stage.wait(ms),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    /// Whatever happens, who has gone is nowhere any more, and nobody spoke unasked.
    #[test]
    fn whatever_happens_the_books_balance(
        steps in prop::collection::vec(step(), 0..80),
        how in any::<u8>(),
    ) {
        let mut stage = Stage::default();
        for step in steps {
            take(&mut stage, step);
        }
        stage.feed(Input::Stop);
        prop_assert!(!stage.phase().is_active());
        while !stage.open.is_empty() {
            answer(&mut stage, 0, how);
        }
        stage.balances();
    }

    /// Left alone, nobody is stuck on the way, and least of all with the call in their hands.
    #[test]
    fn left_alone_everything_settles(steps in prop::collection::vec(step(), 0..60)) {
        let mut stage = Stage::default();
        for step in steps {
            take(&mut stage, step);
        }
        stage.wait(120_000);
        let (phase, voice) = (stage.phase(), stage.voice());
        prop_assert!(
            matches!(phase, Phase::Idle | Phase::Listening | Phase::Ended(_)),
            "stuck in {phase:?}"
        );
        prop_assert!(!matches!(voice, Voice::Switching | Voice::Opening), "stuck in {voice:?}");
    }
}
