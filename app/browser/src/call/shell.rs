//! Carries out what [`Session`] decides, in the browser.
//!
//! [`Call`] is the only thing the rest of the app touches: a handful of
//! methods for what people do, and a [`Viewer`] for what there is to show.

mod effects;
mod media;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventTarget, MediaStream};

use super::devices::{Devices, Notice};
use super::events::{CallEvent, RemoteEnd};
use super::legs::Legs;
use super::levels::Silence;
use super::meter::{Levels, Meter};
use super::microphone::Microphone;
use super::mint::{Access, Page};
use super::peer::{self, Peer};
use super::playback::Playback;
use super::session::{Attempt, Effect, Happened, Input, Phase, Session, View};
use crate::ui::events::EventStream;
use crate::ui::json;
use crate::ui::time::monotonic;
use crate::ui::web::{Listener, Timer, document, is_hidden, mark, window};

/// How long after the call is connected its loudness is measured, in ms.
const METER_AFTER_MS: u64 = 150;

/// How long a call's last words may arrive after its end, in ms.
const LAST_WORDS_MS: u64 = 6_000;

/// Where a call stands, and what a visitor should know about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct State {
    /// What the session says.
    pub view: View,
    /// The seconds the talk has lasted.
    pub seconds: u64,
    /// What happened to the devices last.
    pub notice: Option<Notice>,
    /// Nothing at all comes from the microphone, although it is the visitor's turn.
    pub silent: bool,
    /// The browser plays nothing until it is tapped.
    pub sound_blocked: bool,
    /// The transcript cannot be read at the moment.
    pub words_missing: bool,
    /// Why the far end ended the call, once our server knows.
    pub remote: Option<RemoteEnd>,
}

/// Who shows a call. Called whenever something changed, never from within one
/// of [`Call`]'s own methods being told so already.
pub trait Viewer {
    /// The call stands somewhere else.
    fn state_changed(&self, state: State);
    /// Somebody is louder or quieter: at most ten times a second, once the
    /// agent has been heard.
    fn levels_changed(&self, levels: Levels);
    /// Devices came, went, or were chosen.
    fn devices_changed(&self, devices: &Devices);
    /// A call was minted, to be joined now.
    fn minted(&self, access: &Access);
    /// No call was minted, but there is this [`api::problem::Problem`], if anything.
    fn refused(&self, problem: &JsValue);
    /// Something was said; `data` is how it came.
    fn heard(&self, event: CallEvent, data: &JsValue);
}

/// A panel's telephone: one call at a time, any number in a row.
#[derive(Clone)]
pub struct Call(Rc<Inner>);

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Call")
    }
}

/// A peer, and the attempt it belongs to, once there is one.
struct Spare {
    peer: Peer,
    taken_by: Rc<Cell<Option<Attempt>>>,
}

struct Inner {
    me: Weak<Inner>,
    page: Page,
    /// What goes along when a call is minted.
    more: RefCell<JsValue>,
    viewer: Box<dyn Viewer>,
    state: Cell<State>,
    levels: Cell<Levels>,
    devices: RefCell<Devices>,
    session: RefCell<Session>,
    legs: Legs<Access>,
    /// For the next attempt.
    spare: RefCell<Option<Spare>>,
    spare_end: Timer,
    microphone: RefCell<Option<Microphone>>,
    /// What the browser says about microphones.
    permission: RefCell<JsValue>,
    /// Whether it names one, and that one is not known to fail.
    named: Cell<bool>,
    /// Counts what makes a microphone on its way unwanted.
    microphone_turn: Cell<u32>,
    meter: RefCell<Option<Meter>>,
    /// The agent's audio.
    agent: RefCell<Option<MediaStream>>,
    playback: RefCell<Option<Playback>>,
    events: RefCell<Option<EventStream>>,
    deadline: Timer,
    measure: Timer,
    silence: Cell<Silence>,
    last_words: Timer,
    heard: Cell<bool>,
    /// Whether this call has been live.
    talking: Cell<bool>,
    listeners: RefCell<Vec<Listener>>,
}

impl Call {
    /// A telephone that does nothing until [`Call::start`].
    pub fn new(page: Page, viewer: impl Viewer + 'static) -> Self {
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
                page,
                more: RefCell::default(),
                viewer: Box::new(viewer),
                state: Cell::default(),
                levels: Cell::default(),
                devices: RefCell::default(),
                session: RefCell::default(),
                legs: Legs::default(),
                spare: RefCell::default(),
                spare_end: timer(|inner| drop(inner.spare.take())),
                microphone: RefCell::default(),
                permission: RefCell::default(),
                named: Cell::new(false),
                microphone_turn: Cell::new(0),
                meter: RefCell::default(),
                agent: RefCell::default(),
                playback: RefCell::default(),
                events: RefCell::default(),
                deadline: timer(|inner| inner.feed(Input::Tick)),
                measure: timer(Inner::measure),
                silence: Cell::default(),
                last_words: timer(|inner| drop(inner.events.take())),
                heard: Cell::new(false),
                talking: Cell::new(false),
                listeners: RefCell::default(),
            }
        });
        inner.watch_page();
        inner.look_for_microphone();
        inner.make_spare_soon();
        Self(inner)
    }

    /// Where the call stands.
    #[must_use]
    pub fn state(&self) -> State {
        self.0.state.get()
    }

    /// How loud both sides are.
    #[must_use]
    pub fn levels(&self) -> Levels {
        self.0.levels.get()
    }

    /// Starts a call, unless one is under way. `more` goes along when it is
    /// minted ([`super::mint::mint`]).
    pub fn start(&self, more: JsValue) {
        mark("switchboard:click");
        self.0.more.replace(more);
        self.0.feed(if !peer::is_possible() {
            Input::StartUnable
        } else if !self.0.microphone_is_allowed() {
            Input::Start
        } else if self.0.named.get() {
            Input::StartAtHand
        } else {
            Input::StartAllowed
        });
    }

    /// Ends the call, in whatever state it is.
    pub fn hang_up(&self) {
        self.0.feed(Input::HangUp);
    }

    /// Stops or resumes sending the visitor's voice.
    pub fn set_muted(&self, muted: bool) {
        self.0.feed(Input::Mute(muted));
    }

    /// Plays what the browser held back; to be called from a tap.
    pub fn allow_sound(&self) {
        self.0.play_on();
        self.0.resume_meter();
    }

    /// Talks into another microphone from now on.
    pub fn choose_microphone(&self, id: &str) {
        self.0.switch_microphone(id, true);
    }

    /// Listens through another speaker from now on.
    pub fn choose_speaker(&self, id: String) {
        self.0.switch_speaker(id, None);
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
        self.show(view);
        let session = self.session.borrow();
        self.legs.retain(|attempt| session.needs(attempt));
    }

    fn happened(&self, attempt: Attempt, happened: Happened) {
        self.feed(Input::Of(attempt, happened));
    }

    /// Changes what is shown, if it is a change.
    fn change(&self, act: impl FnOnce(&mut State)) {
        let mut state = self.state.get();
        act(&mut state);
        if self.state.replace(state) != state {
            self.viewer.state_changed(state);
        }
    }

    fn change_levels(&self, levels: Levels) {
        if self.levels.replace(levels) != levels {
            self.viewer.levels_changed(levels);
        }
    }

    fn change_devices(&self, devices: Devices) {
        if *self.devices.borrow() != devices {
            self.viewer.devices_changed(&devices);
            self.devices.replace(devices);
        }
    }

    fn show(&self, view: View) {
        let before = self.state.get().view;
        if before == view {
            return;
        }
        if view.phase == Phase::Live && !self.talking.replace(true) {
            mark("switchboard:connected");
            // Web Audio takes a moment to start: not while the agent's first
            // words are being set up.
            self.measure.set(METER_AFTER_MS);
        }
        if !view.phase.is_active() {
            self.rest();
        }
        self.change(|state| {
            state.view = view;
            state.seconds = seconds(view);
        });
    }

    /// The call is over: what is still said belongs to it for a moment.
    fn rest(&self) {
        self.talking.set(false);
        self.measure.clear();
        self.change_levels(Levels::default());
        self.change(|state| {
            state.notice = None;
            state.silent = false;
        });
        if let Some(meter) = &mut *self.meter.borrow_mut() {
            meter.rest();
        }
        if self.events.borrow().is_some() {
            self.last_words.set(LAST_WORDS_MS);
        }
        self.make_spare_soon();
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
        listeners.push(on(&window, "pagehide", |inner| {
            inner.spare.take();
            inner.feed(Input::Leave);
        }));
        listeners.push(on(&window, "offline", |inner| inner.feed(Input::Offline)));
        listeners.push(on(&window, "online", |inner| {
            inner.feed(Input::NetworkChanged);
        }));
        listeners.push(on(&document(), "visibilitychange", |inner| {
            // Timers of a hidden page are late, and a phone takes microphone and
            // sound from it.
            inner.feed(Input::Tick);
            inner.measure();
            if !is_hidden() {
                inner.feed(Input::MicrophoneNear);
                inner.play_on();
            }
        }));
        // Absent in Firefox and Safari. It also tells of every other estimate of
        // the speed: only another kind of network (Wi-Fi, cellular) is a change.
        let connection = json::get(&window.navigator(), "connection");
        if !connection.is_undefined() {
            let me = self.me.clone();
            let mut before = json::string(&connection, "type");
            let network: EventTarget = connection.unchecked_into();
            listeners.push(Listener::new(&network, "change", move |event| {
                let now = json::string(&json::get(&event, "target"), "type");
                let is_other = now != before && now.as_deref() != Some("none");
                before = now;
                if is_other && let Some(inner) = me.upgrade() {
                    inner.feed(Input::NetworkChanged);
                }
            }));
        }
        if let Ok(devices) = window.navigator().media_devices()
            && !devices.is_undefined()
        {
            listeners.push(on(&devices, "devicechange", Inner::devices_changed));
        }
    }

    fn play_on(&self) {
        if let Some(playback) = &*self.playback.borrow() {
            playback.resume();
        }
    }

    /// Measures, shows, and comes back, as long as somebody can see it.
    fn measure(&self) {
        let view = self.state.get().view;
        if !view.phase.is_active() || is_hidden() {
            return;
        }
        self.change(|state| state.seconds = seconds(view));
        let levels = self.measured();
        let live = view.phase == Phase::Live;
        let mut silence = match live && levels.measured && !view.muted {
            true => self.silence.get(),
            false => Silence::default(),
        };
        let silent = silence.hear(levels.visitor, levels.agent_speaks, monotonic());
        self.silence.set(silence);
        self.change(|state| state.silent = silent);
        if levels.agent_speaks && !self.heard.replace(true) {
            mark("switchboard:first-audio");
        }
        self.change_levels(levels);
        let waits_for_agent = levels.measured && live && !self.heard.get();
        self.measure.set(if waits_for_agent {
            super::meter::FIRST_INTERVAL_MS
        } else {
            super::meter::INTERVAL_MS
        });
    }
}

fn seconds(view: View) -> u64 {
    view.duration_ms(monotonic()).unwrap_or(0) / 1_000
}
