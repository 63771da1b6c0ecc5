//! What the reader hears of a visitor's call, and says in it once they have taken it over.
//!
//! It is the desk's and no page's, so that they can read and book meanwhile. There is one, and it
//! is at one call at a time.

mod bar;

use std::cell::Cell;

use api::desk::{CallStatus, CallSummary};
use api::problem::slug;
use browser::call::staff::session::{EndReason, Phase, Trouble, View, Voice};
use browser::call::staff::shell::{Attendant, Loudness, Viewer};
use browser::ui::http::Failure;
use leptos::prelude::*;

use super::telephone::{ask_while, lasting, microphone};
use crate::data::{Desk, api_client};
use crate::unsaved::{self, Form};
use crate::words::Lang;
use crate::words::attend::Texts;
pub(super) use bar::{ask_to_end, mute, play, problem, stands};

thread_local! {
    static HEADSET: Cell<Option<Headset>> = const { Cell::new(None) };
}

/// The headset. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Headset {
    desk: Desk,
    attendant: StoredValue<Option<Attendant>, LocalStorage>,
    /// Which call it is at, or was last, as it was then.
    call: RwSignal<Option<CallSummary>>,
    view: RwSignal<View>,
    /// How loud it is.
    pub(super) loudness: RwSignal<Loudness>,
    sound_blocked: RwSignal<bool>,
    /// How loud it is played while it is not on hold, in percent.
    pub(super) volume: RwSignal<u8>,
    /// Whether neither hears the other for now.
    pub(super) on_hold: RwSignal<bool>,
    refused: RwSignal<Option<Failure>>,
}

/// What the call client tells.
struct Told(Headset);

impl Viewer for Told {
    fn changed(&self, view: View) {
        self.0.view.set(view);
    }

    fn loudness_changed(&self, loudness: Loudness) {
        self.0.loudness.set(loudness);
    }

    fn sound_blocked(&self, blocked: bool) {
        self.0.sound_blocked.set(blocked);
    }

    fn refused(&self, failure: Failure) {
        self.0.refused.set(Some(failure));
    }
}

impl Headset {
    /// The desk's.
    pub(super) fn of(desk: Desk) -> Self {
        if let Some(headset) = HEADSET.get() {
            return headset;
        }
        let headset = lasting(|| Self::new(desk));
        HEADSET.set(Some(headset));
        headset
    }

    fn new(desk: Desk) -> Self {
        let headset = Self {
            desk,
            attendant: StoredValue::new_local(None),
            call: RwSignal::new(None),
            view: RwSignal::default(),
            loudness: RwSignal::default(),
            sound_blocked: RwSignal::new(false),
            volume: RwSignal::new(100),
            on_hold: RwSignal::new(false),
            refused: RwSignal::new(None),
        };
        // Whose call it is ends it by leaving.
        let has_call = Memo::new(move |_| headset.has_call());
        ask_while(has_call, move || {
            Form::of_call(headset.texts().leave_question())
        });
        // Of a call that is somebody's no more nothing is on hold.
        Effect::new(move || {
            if !has_call.get() && headset.on_hold.get_untracked() {
                headset.on_hold.set(false);
            }
        });
        Effect::new(move || {
            headset.call.track();
            let percent = match headset.on_hold.get() {
                true => 0,
                false => headset.volume.get(),
            };
            headset.act(|attendant| attendant.set_volume(f64::from(percent) / 100.0));
        });
        desk.calls.hear(move |call| {
            if call.status > CallStatus::Ongoing {
                headset.over(&call.id);
            }
        });
        Effect::new(move || {
            if desk.in_call.get().is_none() {
                headset.forget();
            }
        });
        headset
    }

    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    /// A copy is told: what it answers comes back here.
    fn act(self, act: impl FnOnce(&Attendant)) {
        if let Some(attendant) = self.attendant.get_value() {
            act(&attendant);
        }
    }

    /// Whether it is at the call with this id, or was last.
    pub(super) fn is_at(self, id: &str) -> bool {
        self.call.with(|call| is(call.as_ref(), id))
    }

    /// The same, asked once.
    pub(super) fn was_at(self, id: &str) -> bool {
        self.call.with_untracked(|call| is(call.as_ref(), id))
    }

    /// Listens to a call. The reader leaves the one they are in, after a question where they
    /// speak.
    pub(super) fn listen(self, call: CallSummary) {
        if !self.was_at(&call.id) {
            if !unsaved::may_end_call() {
                return;
            }
            self.forget();
            let attendant = Attendant::new(api_client::call(&call.id), Told(self));
            self.attendant.set_value(Some(attendant));
            self.call.set(Some(call));
        }
        self.refused.set(None);
        self.desk.in_call.set(Some(bar::draw));
        self.act(Attendant::listen);
    }

    /// Leaves the call. Whose it is ends it.
    pub(super) fn stop(self) {
        self.act(Attendant::stop);
    }

    /// Leaves the call, and knows nothing of it any more.
    fn forget(self) {
        self.stop();
        self.attendant.set_value(None);
        self.call.set(None);
        self.view.set(View::default());
        self.sound_blocked.set(false);
    }

    /// The call with this id is over.
    pub(super) fn over(self, id: &str) {
        if self.was_at(id) {
            self.act(Attendant::call_over);
        }
    }

    /// The page of the call it is at goes away: what is asked there is not asked any more, and
    /// what was told there was read.
    pub(super) fn page_left(self) {
        self.think_again();
        if !self.view.with_untracked(|view| view.phase.is_active()) {
            self.forget();
        }
    }

    /// Asks for the microphone, to speak instead of the agent.
    pub(super) fn want_voice(self) {
        self.refused.set(None);
        self.act(Attendant::want_voice);
    }

    /// Takes the call over.
    pub(super) fn confirm(self) {
        self.act(Attendant::confirm);
    }

    /// Only listens after all.
    pub(super) fn think_again(self) {
        self.act(Attendant::think_again);
    }

    fn mute(self, muted: bool) {
        self.act(|attendant| attendant.set_muted(muted));
    }

    /// Neither hears the other: Retell has no hold of its own, so nothing is played to the caller.
    pub(super) fn hold(self, on_hold: bool) {
        self.on_hold.set(on_hold);
        self.mute(on_hold);
    }

    /// Where the reader stands.
    pub(super) fn view(self) -> View {
        self.view.get()
    }

    fn has_call(self) -> bool {
        self.view().voice.has_call()
    }

    fn is_active(self) -> bool {
        self.view().phase.is_active()
    }

    /// The same in words.
    fn stands(self) -> Option<&'static str> {
        let (texts, view) = (self.texts(), self.view());
        Some(match (view.phase, view.voice) {
            (Phase::Idle | Phase::Ended(_), _) => return None,
            (Phase::Reconnecting, _) => texts.reconnecting(),
            (Phase::Joining, _) => texts.joining(),
            (_, Voice::Asking) => texts.asking(),
            (_, Voice::Switching | Voice::Opening) => texts.switching(),
            (_, Voice::Talking) if self.on_hold.get() => texts.on_hold(),
            (_, Voice::Talking) if view.unheard => texts.unheard(),
            (_, Voice::Talking) if view.muted => texts.muted(),
            (_, Voice::Talking) => texts.talking(),
            (_, Voice::Silent | Voice::Ready) => texts.listening(),
        })
    }

    /// What went wrong, in words.
    fn trouble(self) -> Option<&'static str> {
        let (texts, view) = (self.texts(), self.view());
        let refused = || match self.refused.get() {
            Some(failure) => in_words(&failure, self.desk.lang.get())
                .unwrap_or_else(|| self.desk.texts().failure(&failure)),
            None => texts.rejected(),
        };
        Some(match (view.phase, view.trouble) {
            (_, Some(Trouble::Refused)) | (Phase::Ended(EndReason::Refused), None) => refused(),
            (_, Some(Trouble::Microphone(fault))) => microphone(fault, self.desk.lang.get()),
            (Phase::Ended(EndReason::Rejected), _) => texts.rejected(),
            (Phase::Ended(EndReason::MediaBlocked), _) => texts.blocked(),
            (Phase::Ended(EndReason::ConnectionLost), _) => texts.lost(),
            (Phase::Ended(EndReason::BrowserUnable), _) => texts.unable(),
            _ => return None,
        })
    }
}

fn is(call: Option<&CallSummary>, id: &str) -> bool {
    call.is_some_and(|call| call.id == id)
}

/// What a refusal means in a call that goes on.
pub(super) fn in_words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    let texts = Texts::of(lang);
    Some(match slug.as_str() {
        slug::TAKEN_OVER => texts.taken_over(),
        slug::TAKE_OVER_REFUSED => texts.take_over_refused(),
        slug::NOT_LISTENING => texts.not_listening(),
        slug::CALL_NOT_LIVE => texts.call_over(),
        _ => return None,
    })
}
