//! Carries out what the listener's [`Session`] decides, in the browser.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use api::problem::slug;
use wasm_bindgen::JsValue;
use web_sys::{EventTarget, MediaStream, RtcPeerConnectionState};

use super::session::{Attempt, Effect, EndReason, Happened, Input, Phase, Session, View};
use crate::call::legs::{self, CANDIDATES_AFTER_MS, Legs};
use crate::call::meter::{INTERVAL_MS, Meter};
use crate::call::microphone::Microphone;
use crate::call::peer::{self, Peer, PeerEvent};
use crate::call::playback::Playback;
use crate::call::session;
use crate::call::signalling::{self, Failure as NotSent, Gateway};
use crate::ui::http::{self, Failure};
use crate::ui::json;
use crate::ui::time::monotonic;
use crate::ui::web::{Listener, Request, Timer, document, is_hidden, later, spawn, window};

/// How often our server is told that the page is still there, in ms: it takes who says
/// nothing for a minute and a half for gone.
const BEAT_MS: u64 = 25_000;

/// How loud it is, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loudness {
    /// What is heard.
    pub heard: u8,
    /// What is said into the microphone.
    pub said: u8,
}

/// Who shows a listener.
pub trait Viewer {
    /// They stand somewhere else.
    fn changed(&self, view: View);
    /// It is louder or quieter, at most ten times a second.
    fn loudness_changed(&self, loudness: Loudness);
    /// Whether the browser plays nothing until it is tapped.
    fn sound_blocked(&self, blocked: bool);
    /// Our server refused to let them listen, or take the call over, and why.
    fn refused(&self, failure: Failure);
}

/// One of the staff at a call: listens any number of times, one after the other.
#[derive(Clone)]
pub struct Attendant(Rc<Inner>);

impl std::fmt::Debug for Attendant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attendant")
    }
}

/// What our server gave them.
struct Access {
    gateway: Gateway,
    /// The name they join by.
    listener: String,
}

impl legs::Access for Access {
    fn gateway(&self) -> &Gateway {
        &self.gateway
    }
}

struct Inner {
    me: Weak<Inner>,
    /// The address of the call at our server.
    call: String,
    viewer: Box<dyn Viewer>,
    view: Cell<View>,
    loudness: Cell<Loudness>,
    volume: Cell<f64>,
    session: RefCell<Session>,
    legs: Legs<Access>,
    microphone: RefCell<Option<Microphone>>,
    /// Counts what makes a microphone on its way unwanted.
    microphone_turn: Cell<u32>,
    meter: RefCell<Option<Meter>>,
    heard: RefCell<Option<MediaStream>>,
    playback: RefCell<Option<Playback>>,
    deadline: Timer,
    measure: Timer,
    beat: Timer,
    listeners: RefCell<Vec<Listener>>,
}

impl Attendant {
    /// Somebody at the call with this address at our server, who does nothing yet.
    pub fn new(call: String, viewer: impl Viewer + 'static) -> Self {
        let inner = Rc::new_cyclic(|me: &Weak<Inner>| {
            let timer = |act: fn(&Inner)| {
                let me = me.clone();
                Timer::new(move || {
                    if let Some(inner) = me.upgrade() {
                        act(&inner);
                    }
                })
            };
            Inner {
                me: me.clone(),
                call,
                viewer: Box::new(viewer),
                view: Cell::default(),
                loudness: Cell::default(),
                volume: Cell::new(1.0),
                session: RefCell::default(),
                legs: Legs::default(),
                microphone: RefCell::default(),
                microphone_turn: Cell::new(0),
                meter: RefCell::default(),
                heard: RefCell::default(),
                playback: RefCell::default(),
                deadline: timer(|inner| inner.feed(Input::Tick)),
                measure: timer(Inner::measure),
                beat: timer(Inner::say_still_there),
                listeners: RefCell::default(),
            }
        });
        inner.watch_page();
        Self(inner)
    }

    /// Listens, unless they do.
    pub fn listen(&self) {
        if peer::is_possible() {
            self.0.feed(Input::Listen);
        } else {
            let phase = Phase::Ended(EndReason::BrowserUnable);
            self.0.viewer.changed(View {
                phase,
                ..View::default()
            });
        }
    }

    /// Leaves. Whose call it is ends it.
    pub fn stop(&self) {
        self.0.feed(Input::Stop);
    }

    /// Asks for the microphone, to speak instead of the agent.
    pub fn want_voice(&self) {
        self.0.feed(Input::WantVoice);
    }

    /// Takes the call over.
    pub fn confirm(&self) {
        self.0.feed(Input::Confirm);
    }

    /// Only listens after all.
    pub fn think_again(&self) {
        self.0.feed(Input::ThinkAgain);
    }

    /// Is heard or not.
    pub fn set_muted(&self, muted: bool) {
        self.0.feed(Input::Mute(muted));
    }

    /// How loud the call is played, 0 to 1.
    pub fn set_volume(&self, volume: f64) {
        self.0.volume.set(volume);
        if let Some(playback) = &*self.0.playback.borrow() {
            playback.set_volume(volume);
        }
    }

    /// Plays what the browser held back; to be called from a tap.
    pub fn allow_sound(&self) {
        self.0.play_on();
    }

    /// The call is over.
    pub fn call_over(&self) {
        self.0.feed(Input::CallOver);
    }
}

impl Inner {
    /// Gives the session an input and carries out its effects.
    fn feed(&self, input: Input) {
        let (effects, view, deadline) = {
            let mut session = self.session.borrow_mut();
            let effects = session.handle(monotonic(), input);
            (effects, session.view(), session.deadline())
        };
        match deadline {
            Some(at) => self.deadline.set(at.saturating_sub(monotonic())),
            None => self.deadline.clear(),
        }
        for effect in effects {
            self.perform(effect);
        }
        let before = self.view.replace(view);
        if before != view {
            if view.phase.is_active() && !before.phase.is_active() {
                self.measure.set(INTERVAL_MS);
                self.beat.set(BEAT_MS);
            }
            if !view.phase.is_active() {
                self.rest();
            }
            self.viewer.changed(view);
        }
        let session = self.session.borrow();
        self.legs.retain(|attempt| session.needs(attempt));
    }

    fn happened(&self, attempt: Attempt, happened: Happened) {
        self.feed(Input::Of(attempt, happened));
    }

    /// Feeds what comes of work that takes time.
    fn then(&self, attempt: Attempt, work: impl Future<Output = Happened> + 'static) {
        let me = self.me.clone();
        spawn(async move {
            let happened = work.await;
            if let Some(inner) = me.upgrade() {
                inner.happened(attempt, happened);
            }
        });
    }

    /// Begins what the effect asks for. Whatever takes time, and every failure, comes back
    /// as an input later, never from within.
    fn perform(&self, effect: Effect) {
        match effect {
            Effect::CreatePeer(attempt) => self.create_peer(attempt),
            Effect::Ask(attempt) => self.ask(attempt),
            Effect::PostOffer(attempt) => self.post_offer(attempt),
            Effect::ApplyAnswer(attempt) => self.apply_answer(attempt),
            Effect::SendCandidates(attempt) => self.send_candidates(attempt),
            Effect::Renew { attempt, restart } => self.renew(attempt, restart),
            Effect::OpenMicrophone => self.open_microphone(),
            Effect::TakeOver(attempt) => self.take_over(attempt),
            Effect::Speak(attempt) => self.speak(attempt),
            Effect::SetMuted(muted) => {
                if let Some(microphone) = &*self.microphone.borrow() {
                    microphone.set_muted(muted);
                }
            }
            Effect::ReleaseMicrophone => {
                self.next_microphone_turn();
                self.microphone.take();
            }
            Effect::ClosePeer(attempt) => self.close_peer(attempt),
            Effect::DeleteSession(attempt) => self.legs.leave(attempt),
            Effect::TellLeft(attempt) => {
                if let Some(access) = self.legs.access(attempt) {
                    self.tell("DELETE", &access.listener);
                }
            }
        }
    }

    fn create_peer(&self, attempt: Attempt) {
        let me = self.me.clone();
        let peer = Peer::listening(move |event| {
            if let Some(inner) = me.upgrade() {
                inner.peer_event(attempt, event);
            }
        })
        .ok();
        let connection = peer.as_ref().map(Peer::connection);
        if let Some(peer) = &peer {
            self.play(&peer.agent());
        }
        self.legs.begin(attempt, peer);
        let offering = connection.as_ref().map(peer::create_offer);
        self.then(attempt, async move {
            let offered = match offering {
                Some(offering) => offering.await.is_ok(),
                None => false,
            };
            match offered {
                true => Happened::OfferReady,
                false => Happened::PeerUnusable,
            }
        });
    }

    fn peer_event(&self, attempt: Attempt, event: PeerEvent) {
        let happened = match event {
            PeerEvent::Candidate(candidate) => {
                self.legs.found(attempt, candidate);
                Happened::Candidate
            }
            PeerEvent::State(RtcPeerConnectionState::Connected) => Happened::PeerConnected,
            PeerEvent::State(RtcPeerConnectionState::Disconnected) => Happened::PeerDisconnected,
            PeerEvent::State(RtcPeerConnectionState::Failed) => Happened::PeerFailed,
            PeerEvent::Control(state) if matches!(state.as_str(), "ended" | "replaced") => {
                Happened::RemoteEnded
            }
            PeerEvent::State(_) | PeerEvent::Control(_) => return,
        };
        self.happened(attempt, happened);
    }

    fn ask(&self, attempt: Attempt) {
        let url = [&self.call, "/listeners"].concat();
        let me = self.me.clone();
        self.then(attempt, async move {
            let answer = http::request("POST", &url, None).await;
            let Some(inner) = me.upgrade() else {
                return Happened::AskUnsent;
            };
            let failure = match answer {
                Ok(text) => match json::parse(&text).and_then(|answer| read(&answer)) {
                    Some(access) => {
                        inner.legs.grant(attempt, access);
                        return Happened::Granted;
                    }
                    None => Failure::Offline,
                },
                Err(Failure::Offline | Failure::Timeout) => return Happened::AskUnsent,
                Err(failure) => failure,
            };
            let over = is_over(&failure);
            inner.viewer.refused(failure);
            Happened::Refused(over)
        });
    }

    fn post_offer(&self, attempt: Attempt) {
        let Some(access) = self.legs.access(attempt) else {
            return;
        };
        let sdp = self.legs.take_offer(attempt);
        let me = self.me.clone();
        self.then(attempt, async move {
            let Some(sdp) = sdp else {
                return Happened::OfferUnsent;
            };
            match signalling::post_offer(&access.gateway, &access.listener, &sdp).await {
                Ok(joined) => {
                    if let Some(inner) = me.upgrade() {
                        inner.legs.answered(attempt, joined);
                    }
                    Happened::Answered
                }
                Err(NotSent::Status(status)) => Happened::OfferRefused(status),
                Err(NotSent::Unreachable) => Happened::OfferUnsent,
            }
        });
    }

    fn apply_answer(&self, attempt: Attempt) {
        let Some((connection, answer)) = self.legs.take_answer(attempt) else {
            return;
        };
        let me = self.me.clone();
        spawn(async move {
            if peer::apply_answer(&connection, &answer).await.is_err()
                && let Some(inner) = me.upgrade()
            {
                inner.happened(attempt, Happened::AnswerUnusable);
            }
        });
    }

    /// The offer names the candidates found until then: later ones are told when it has not
    /// connected after a moment.
    fn send_candidates(&self, attempt: Attempt) {
        let me = self.me.clone();
        later(CANDIDATES_AFTER_MS, move || {
            if let Some(inner) = me.upgrade() {
                inner.legs.tell_candidates(attempt);
            }
        });
    }

    fn renew(&self, attempt: Attempt, restart: bool) {
        let (Some(connection), Some((access, session_id))) =
            (self.legs.connection(attempt), self.legs.joined(attempt))
        else {
            return;
        };
        self.legs.take_candidates(attempt);
        self.then(attempt, async move {
            let gateway = &access.gateway;
            let offering = async {
                match restart {
                    true => peer::restart_offer(&connection, &gateway.ice_servers).await,
                    false => peer::another_offer(&connection).await,
                }
            };
            match legs::renegotiate(&connection, gateway, &session_id, offering).await {
                Ok(()) => Happened::Renewed,
                Err(NotSent::Status(status)) => Happened::RenewalRefused(status),
                Err(NotSent::Unreachable) => Happened::RenewalUnsent,
            }
        });
    }

    fn take_over(&self, attempt: Attempt) {
        let Some(access) = self.legs.access(attempt) else {
            return;
        };
        let url = [&self.call, "/take-over"].concat();
        let body = json::object(&[("listener", JsValue::from_str(&access.listener))]);
        let body = json::stringify(&body).unwrap_or_default();
        let me = self.me.clone();
        self.then(attempt, async move {
            match http::request("POST", &url, Some(&body)).await {
                Ok(_) => Happened::TakenOver,
                Err(failure) if is_doubtful(&failure) => Happened::TakeOverInDoubt,
                Err(failure) => {
                    let over = is_over(&failure);
                    if let Some(inner) = me.upgrade() {
                        inner.viewer.refused(failure);
                    }
                    Happened::TakeOverRefused(over)
                }
            }
        });
    }

    fn next_microphone_turn(&self) -> u32 {
        let turn = self.microphone_turn.get() + 1;
        self.microphone_turn.set(turn);
        turn
    }

    fn open_microphone(&self) {
        let turn = self.next_microphone_turn();
        let (me, report) = (self.me.clone(), self.me.clone());
        let opening = Microphone::open(None, move |input| {
            if input == session::Input::MicrophoneLost
                && let Some(inner) = report.upgrade()
            {
                inner.feed(Input::MicrophoneLost);
            }
        });
        spawn(async move {
            let opened = opening.await;
            let Some(inner) = me.upgrade() else { return };
            // Not wanted any more: dropping the microphone turns it off.
            if inner.microphone_turn.get() != turn {
                return;
            }
            inner.feed(match opened {
                Ok(microphone) => {
                    // Nobody hears it before the call is theirs; then it is what they mute.
                    microphone.set_muted(inner.view.get().muted);
                    inner.microphone.replace(Some(microphone));
                    Input::MicrophoneGranted
                }
                Err(fault) => Input::MicrophoneRefused(fault),
            });
        });
    }

    fn speak(&self, attempt: Attempt) {
        let microphone = self.microphone.borrow();
        if let Some(microphone) = &*microphone {
            self.legs
                .peer(attempt, |peer| peer.speak(microphone.track()));
        }
    }

    fn close_peer(&self, attempt: Attempt) {
        self.legs.close_peer(attempt);
        self.heard.take();
        if let Some(playback) = &*self.playback.borrow() {
            playback.stop();
        }
    }

    fn play(&self, stream: &MediaStream) {
        let mut playback = self.playback.borrow_mut();
        if playback.is_none() {
            let me = self.me.clone();
            *playback = Playback::new(move |blocked| {
                if let Some(inner) = me.upgrade() {
                    inner.viewer.sound_blocked(blocked);
                }
            })
            .ok();
        }
        if let Some(playback) = &*playback {
            playback.set_volume(self.volume.get());
            playback.play(stream);
        }
        // Not `stream.clone()`: that is JavaScript's, and makes another stream.
        self.heard.replace(Some(Clone::clone(stream)));
    }

    fn play_on(&self) {
        if let Some(playback) = &*self.playback.borrow() {
            playback.resume();
        }
        if let Some(meter) = &*self.meter.borrow() {
            meter.resume();
        }
    }

    /// Measures, shows, and comes back, as long as somebody can see it.
    fn measure(&self) {
        if !self.view.get().phase.is_active() || is_hidden() {
            return;
        }
        let loudness = {
            let mut meter = self.meter.borrow_mut();
            if meter.is_none() {
                *meter = Meter::new();
            }
            let levels = meter.as_mut().map(|meter| {
                let microphone = self.microphone.borrow();
                let said = microphone.as_ref().map(Microphone::stream);
                meter.follow(said, self.heard.borrow().as_ref());
                let levels = meter.measure(monotonic());
                if !levels.measured {
                    meter.resume();
                }
                levels
            });
            levels.map_or_else(Loudness::default, |levels| Loudness {
                heard: levels.agent,
                said: levels.visitor,
            })
        };
        self.show_loudness(loudness);
        self.measure.set(INTERVAL_MS);
    }

    fn show_loudness(&self, loudness: Loudness) {
        if self.loudness.replace(loudness) != loudness {
            self.viewer.loudness_changed(loudness);
        }
    }

    fn rest(&self) {
        self.measure.clear();
        self.beat.clear();
        if let Some(meter) = &mut *self.meter.borrow_mut() {
            meter.rest();
        }
        self.show_loudness(Loudness::default());
    }

    fn say_still_there(&self) {
        let attempt = self.session.borrow().attempt();
        if let Some(access) = attempt.and_then(|attempt| self.legs.access(attempt)) {
            self.tell("PUT", &access.listener);
        }
        self.beat.set(BEAT_MS);
    }

    /// Tells our server of a listener, even while the page goes away.
    fn tell(&self, method: &str, listener: &str) {
        let listener = http::escape(listener);
        let url = [&self.call, "/listeners/", &listener].concat();
        let request = Request {
            method,
            url: &url,
            token: None,
            body: None,
            keepalive: true,
        };
        let sent = request.send();
        spawn(async move {
            // Whom our server does not hear of it takes for gone after a while.
            let _ = sent.await;
        });
    }

    fn watch_page(&self) {
        let window = window();
        let mut listeners = self.listeners.borrow_mut();
        let on = |target: &EventTarget, name, act: fn(&Inner)| {
            let me = self.me.clone();
            Listener::new(target, name, move |_| {
                if let Some(inner) = me.upgrade() {
                    act(&inner);
                }
            })
        };
        listeners.push(on(&window, "pagehide", |inner| inner.feed(Input::Leave)));
        listeners.push(on(&window, "offline", |inner| inner.feed(Input::Offline)));
        listeners.push(on(&window, "online", |inner| {
            inner.feed(Input::NetworkChanged);
        }));
        listeners.push(on(&document(), "visibilitychange", |inner| {
            // Timers of a hidden page are late.
            inner.feed(Input::Tick);
            inner.measure();
            inner.play_on();
        }));
    }
}

fn read(answer: &JsValue) -> Option<Access> {
    Some(Access {
        gateway: Gateway::from_json(answer)?,
        listener: json::string(answer, "listener")?,
    })
}

/// Whether our server says that the call is over.
fn is_over(failure: &Failure) -> bool {
    matches!(failure, Failure::Problem { slug, .. } if slug == slug::CALL_NOT_LIVE)
}

/// What our server says with a status of its own where Retell certainly did nothing.
const REFUSALS: [&str; 5] = [
    slug::RETELL_REJECTED,
    slug::RETELL_UNAUTHORIZED,
    slug::RETELL_PAYMENT_REQUIRED,
    slug::RETELL_BUSY,
    slug::ACCOUNT_UNUSABLE,
];

/// Whether what was asked for may have been done all the same.
fn is_doubtful(failure: &Failure) -> bool {
    match failure {
        Failure::Offline | Failure::Timeout => true,
        Failure::Problem { status, slug, .. } => {
            *status >= 500 && !REFUSALS.contains(&slug.as_str())
        }
    }
}
