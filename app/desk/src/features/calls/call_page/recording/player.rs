//! What is being listened to: where one is, how fast, and what is left out.

use api::live::ItemKind;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::web_sys::HtmlAudioElement;
use wasm_bindgen_futures::JsFuture;

use super::super::found::AT;
use super::load;
use super::sound::{Sound, after_silence};
use crate::features::calls::call_page::follow::Call;
use crate::route::Route;
use browser::ui::http::Abort;
use browser::ui::{time, web};

/// The player of a call's recording. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
pub(in super::super) struct Player {
    call: Call,
    pub(super) audio: NodeRef<html::Audio>,
    /// Where one is (s).
    pub(super) at: RwSignal<f64>,
    /// How long it is (s); nothing until that is known.
    pub(super) length: RwSignal<f64>,
    pub(super) playing: RwSignal<bool>,
    /// How many times as fast as it was spoken.
    pub(super) speed: RwSignal<f64>,
    /// Whether silence is left out.
    pub(super) skips: RwSignal<bool>,
    /// How it sounds; nothing until that is known.
    pub(super) sound: RwSignal<Option<Sound>>,
    silences: StoredValue<Vec<(f64, f64)>>,
    /// Where one is to be once it can be heard (ms).
    starts_at: StoredValue<Option<i64>>,
    /// Whether somebody looks with each frame.
    looking: StoredValue<bool>,
}

impl Player {
    /// Nothing is played yet.
    pub(in super::super) fn new(call: Call) -> Self {
        Self {
            call,
            audio: NodeRef::new(),
            at: RwSignal::new(0.0),
            length: RwSignal::new(0.0),
            playing: RwSignal::new(false),
            speed: RwSignal::new(1.0),
            skips: RwSignal::new(false),
            sound: RwSignal::new(None),
            silences: StoredValue::new(Vec::new()),
            starts_at: StoredValue::new(None),
            looking: StoredValue::new(false),
        }
    }

    /// Is at this time of the call (ms) once it can be heard, and is silent there.
    pub(in super::super) fn start_at(self, ms: i64) {
        self.starts_at.set_value(Some(ms));
        self.begin();
    }

    /// Goes to where it is to start, if its length is known by now.
    fn begin(self) {
        if self.length.get_untracked() > 0.0
            && let Some(ms) = self.starts_at.try_update_value(Option::take).flatten()
        {
            self.seek(ms as f64 / 1_000.0);
        }
    }

    /// Plays from a time of the call (ms). Who has just selected words wants the words.
    pub(in super::super) fn play_from(self, ms: i64) {
        if web::is_selecting() {
            return;
        }
        self.seek(ms as f64 / 1_000.0);
        self.play();
    }

    /// Listens through the recording of a call for what is to be seen of it, for as long as
    /// the page is open.
    pub(super) fn listen_through(self, id: String) {
        let abort = Abort::new();
        let signal = abort.signal();
        StoredValue::new_local(abort);
        spawn_local(async move {
            let Some(sound) = load::sound(&id, &signal).await else {
                return;
            };
            let sound = sound.visitor_first(&self.spoken_by_visitor());
            self.silences.try_set_value(sound.silences());
            self.sound.try_set(Some(sound));
        });
    }

    /// When the visitor speaks (ms).
    fn spoken_by_visitor(self) -> Vec<(i64, i64)> {
        let spoken = self.call.detail.try_with_untracked(|detail| {
            let items = detail.iter().flat_map(|detail| &detail.transcript);
            let words = items
                .filter(|item| matches!(item.kind, ItemKind::User { .. }))
                .flat_map(|item| &item.words);
            words.map(|word| (word.start_ms, word.end_ms)).collect()
        });
        spoken.unwrap_or_default()
    }

    /// The address of the call's page at this moment of it.
    pub(super) fn link(self) -> String {
        let origin = location().origin().unwrap_or_default();
        let page = Route::Call(self.call.id()).path();
        let at = time::duration((self.at.get_untracked() * 1_000.0) as i64);
        format!("{origin}{page}?{AT}={at}")
    }

    fn audio(self) -> Option<HtmlAudioElement> {
        self.audio.try_get_untracked().flatten()
    }

    /// Plays, or stops for now.
    pub(super) fn toggle(self) {
        match self.audio() {
            // Fails only for what is not there yet.
            Some(audio) if !audio.paused() => drop(audio.pause()),
            _ => self.play(),
        }
    }

    fn play(self) {
        let Some(playing) = self.audio().and_then(|audio| audio.play().ok()) else {
            return;
        };
        spawn_local(async move {
            // A refusal to play (no sound yet, another press) leaves the position.
            let _ = JsFuture::from(playing).await;
        });
    }

    /// Goes to a time (s).
    pub(super) fn seek(self, to: f64) {
        if let Some(audio) = self.audio() {
            audio.set_current_time(to);
            self.show(to);
        }
    }

    /// Plays so many times as fast.
    pub(super) fn set_speed(self, speed: f64) {
        self.speed.set(speed);
        if let Some(audio) = self.audio() {
            audio.set_playback_rate(speed);
        }
    }

    /// The length is known by now.
    pub(super) fn measure(self) {
        let length = self.audio().map(|audio| audio.duration());
        // What is streamed without a length has an endless one.
        if let Some(length) = length.filter(|length| length.is_finite()) {
            self.length.set(length);
            self.begin();
        }
    }

    /// It plays: looks where it is with every frame, for words are short.
    pub(super) fn look(self) {
        if !self.looking.get_value() {
            self.looking.set_value(true);
            self.look_on();
        }
    }

    fn look_on(self) {
        let goes_on = self
            .audio()
            .is_some_and(|audio| !audio.paused() && !audio.ended());
        // The page is gone, or it was stopped.
        if self.looking.try_set_value(goes_on).is_none() && goes_on {
            self.advance();
            request_animation_frame(move || self.look_on());
        }
    }

    /// Shows where it is; where that is silence, it goes on behind it. A page that nobody
    /// sees has no frames: then it is asked a few times a second.
    pub(super) fn advance(self) {
        let Some(audio) = self.audio() else { return };
        let mut at = audio.current_time();
        if self.skips.get_untracked()
            && let Some(to) = self.silences.with_value(|all| after_silence(all, at))
        {
            audio.set_current_time(to);
            at = to;
        }
        self.show(at);
    }

    fn show(self, at: f64) {
        self.call.feed.mark(Some((at * 1_000.0) as i64));
        // Who wants no motion sees it in steps.
        self.at.set(if is_calm() { at.floor() } else { at });
    }

    /// It is over.
    pub(super) fn end(self) {
        self.playing.set(false);
        self.call.feed.mark(None);
    }
}

/// Whether the reader wants nothing to move.
fn is_calm() -> bool {
    let query = window().match_media("(prefers-reduced-motion: reduce)");
    query.is_ok_and(|query| query.is_some_and(|query| query.matches()))
}
