//! The panel: what a visitor sees from the first click to "call again".

use std::cell::OnceCell;

use super::advice::{advice, farewell};
use super::browser::Browser;
use super::config::Config;
use super::host::{Ask, Host};
use super::page;
use super::texts::Texts;
use crate::call::devices::{Devices, Notice};
use crate::call::events::CallEvent;
use crate::call::meter::Levels;
use crate::call::session::{Phase, View};
use crate::call::shell::{Call, State, Viewer};
use crate::transcript::board::Board;
use crate::transcript::model::Audience;
use crate::transcript::texts::TranscriptTexts;
use crate::ui::json;
use crate::ui::time;
use crate::ui::web::{Listener, document, window};

/// The panel's parts. There is one panel in a page and it lives as long.
struct Panel {
    texts: &'static Texts,
    /// Set right after the panel that watches it.
    call: OnceCell<Call>,
    host: Host,
    words: Board,
    browser: Browser,
}

/// Brings the page's markup to life.
pub(super) fn open(config: Config) {
    let panel: &'static Panel = Box::leak(Box::new(Panel {
        texts: Texts::of(config.lang),
        call: OnceCell::new(),
        host: Host::find(),
        words: Board::new(Audience::Visitor),
        browser: Browser::here(),
    }));
    panel.call.get_or_init(|| Call::new(config.page, panel));
    panel.label(&config.title);
    panel.show_words();
    panel.obey_buttons();
    panel.draw(panel.call().state());
    panel.host.listen(move |ask| match ask {
        Ask::Open { start, title } => {
            if let Some(title) = title {
                panel.set_title(&title);
            }
            page::focus("sbw");
            if start {
                panel.start();
            }
        }
        Ask::Close => panel.closed(),
    });
    panel.host.say_ready();
}

impl Viewer for &'static Panel {
    fn state_changed(&self, state: State) {
        self.draw(state);
    }

    fn levels_changed(&self, levels: Levels) {
        self.draw_levels(levels);
    }

    fn devices_changed(&self, devices: &Devices) {
        self.draw_devices(devices);
    }

    fn heard(&self, event: CallEvent) {
        match event {
            CallEvent::Snapshot(items) => self.words.snapshot(items),
            CallEvent::Items(items) => self.words.apply(items),
            CallEvent::Ended(_) => self.words.end(),
            CallEvent::Unavailable => {}
        }
        // The last words may come after the end, when there were none before.
        if !self.phase().is_active() {
            self.draw(self.call().state());
        }
    }
}

impl Panel {
    fn call(&self) -> &Call {
        // Set by `open` before anything can ask for it.
        self.call.get().expect("a call")
    }

    fn start(&self) {
        if self.phase().is_active() {
            return;
        }
        self.words.restart();
        self.call().start();
    }

    fn phase(&self) -> Phase {
        self.call().state().view.phase
    }

    /// The panel is out of the way: a talk goes on, but what is not one yet ends.
    fn closed(&self) {
        if !matches!(self.phase(), Phase::Live | Phase::Reconnecting) {
            self.call().hang_up();
        }
    }

    fn close(&self) {
        self.closed();
        self.host.say_close();
    }

    fn escape(&self) {
        if page::is_shown("sbw-devices") {
            self.open_menu(false);
            page::focus("sbw-menu");
        } else if self.host.exists() {
            self.close();
        }
    }

    fn open_menu(&self, open: bool) {
        page::show("sbw-devices", open);
        page::set_attribute("sbw-menu", "aria-expanded", Some(flag(open)));
    }

    fn set_title(&self, title: &str) {
        page::set_text("sbw-title", title);
        page::set_attribute("sbw", "aria-label", Some(title));
    }

    /// Writes what never changes.
    fn label(&self, title: &str) {
        let texts = self.texts;
        self.set_title(if title.is_empty() {
            texts.default_title
        } else {
            title
        });
        for (id, text) in [
            ("sbw-intro", texts.intro),
            ("sbw-intro-note", texts.intro_note),
            ("sbw-hear-text", texts.tap_to_hear),
            ("sbw-hang-up-text", texts.hang_up),
            ("sbw-menu-text", texts.devices),
            ("sbw-microphone-text", texts.microphone),
            ("sbw-speaker-text", texts.speaker),
            ("sbw-lasted-label", texts.summary.duration),
        ] {
            page::set_text(id, text);
        }
        page::set_attribute("sbw-close", "aria-label", Some(texts.close));
        page::set_attribute("sbw-summary", "aria-label", Some(texts.summary.label));
        page::show("sbw-close", self.host.exists());
    }

    fn obey_buttons(&'static self) {
        page::on("sbw-start", "click", || self.start());
        page::on("sbw-hang-up", "click", || self.call().hang_up());
        page::on("sbw-close", "click", || self.close());
        page::on("sbw-menu", "click", || {
            self.open_menu(!page::is_shown("sbw-devices"));
        });
        page::on("sbw-mute", "click", || {
            let muted = self.call().state().view.muted;
            self.call().set_muted(!muted);
        });
        page::on("sbw-microphone", "change", || {
            self.call()
                .choose_microphone(page::chosen("sbw-microphone"));
        });
        page::on("sbw-speaker", "change", || {
            self.call().choose_speaker(page::chosen("sbw-speaker"));
        });
        // Any tap will do to be allowed to play.
        page::on("sbw", "pointerdown", || self.call().allow_sound());
        page::on("sbw-hear", "click", || self.call().allow_sound());
        // On the window, because a focus that was just lost is nowhere in the panel.
        std::mem::forget(Listener::new(&window(), "keydown", |event| {
            if json::string(&event, "key").as_deref() == Some("Escape") {
                self.escape();
            }
        }));
    }

    /// Shows where the call stands.
    fn draw(&self, state: State) {
        let texts = self.texts;
        let view = state.view;
        let phase = view.phase;
        let (active, talked) = (phase.is_active(), view.live_since.is_some());
        let reason = match phase {
            Phase::Ended(reason) => Some(reason),
            _ => None,
        };
        let changed = self.host.say_phase(phase);

        page::set_attribute("sbw", "data-state", Some(phase.name()));
        page::set_attribute("sbw", "data-reason", reason.map(|reason| reason.name()));
        page::set_text("sbw-status", self.status(phase, talked));
        let clock = time::duration((state.seconds * 1_000) as i64);
        page::set_text("sbw-clock", &clock);
        page::show("sbw-clock", active && talked);
        self.draw_mood(state.view, self.call().levels());

        let advice = reason.and_then(|reason| advice(reason, texts, self.browser));
        page::set_text("sbw-alert-what", advice.map_or("", |advice| advice.what));
        page::set_text("sbw-alert-next", advice.map_or("", |advice| advice.next));
        page::show("sbw-alert", advice.is_some());
        let farewell = reason.and_then(|reason| farewell(reason, state.remote, texts));
        page::set_text("sbw-farewell", farewell.unwrap_or(""));
        page::show(
            "sbw-summary",
            farewell.is_some() || (advice.is_some() && talked),
        );
        page::set_text("sbw-lasted-value", &clock);
        page::show("sbw-lasted", talked);

        page::show("sbw-greeting", phase == Phase::Idle);
        page::set_text("sbw-notice", self.notice(&state));
        let words_wanted = matches!(phase, Phase::Live | Phase::Reconnecting);
        page::show(
            "sbw-words",
            words_wanted || (!active && !self.words.is_empty()),
        );
        page::show("sbw-hear", active && state.sound_blocked);
        page::show("sbw-controls", active);
        page::set_text(
            "sbw-mute-text",
            if view.muted { texts.unmute } else { texts.mute },
        );
        // Not `aria-pressed`: the name already says what the button does.
        page::set_attribute("sbw-mute", "data-muted", Some(flag(view.muted)));
        page::show("sbw-start", !active);
        // After a talk one calls again; what never began is started.
        let again = talked || reason.is_some_and(|reason| !reason.is_fault());
        page::set_text(
            "sbw-start-text",
            if again {
                texts.call_again
            } else {
                texts.start_call
            },
        );
        if changed {
            if !active {
                self.open_menu(false);
            }
            keep_focus();
        }
    }

    fn status(&self, phase: Phase, talked: bool) -> &'static str {
        let texts = &self.texts.phase;
        match phase {
            Phase::Idle => texts.idle,
            Phase::AskingMicrophone => texts.asking_microphone,
            Phase::Minting | Phase::Connecting => texts.connecting,
            Phase::Live => texts.live,
            Phase::Reconnecting => texts.reconnecting,
            Phase::Ended(reason) if reason.is_fault() && !talked => texts.failed,
            Phase::Ended(_) => texts.ended,
        }
    }

    /// What is going on right now, for those who look.
    fn draw_mood(&self, view: View, levels: Levels) {
        let texts = &self.texts.mood;
        let mood = match view.phase {
            Phase::Idle | Phase::Ended(_) => "",
            Phase::AskingMicrophone => texts.allow,
            Phase::Minting | Phase::Connecting => texts.preparing,
            Phase::Reconnecting => texts.reconnecting,
            Phase::Live if levels.agent_speaks => texts.agent_speaks,
            Phase::Live if view.muted => texts.muted,
            Phase::Live => texts.listening,
        };
        page::set_text("sbw-mood", mood);
    }

    fn notice(&self, state: &State) -> &'static str {
        let texts = &self.texts.notice;
        match state.notice {
            Some(Notice::MicrophoneSwitched) => texts.microphone_switched,
            Some(Notice::MicrophoneLost) => texts.microphone_lost,
            Some(Notice::MicrophoneRefused) => texts.microphone_refused,
            Some(Notice::SpeakerSwitched) => texts.speaker_switched,
            None if state.words_missing && state.view.phase.is_active() => {
                self.texts.transcript.unavailable
            }
            None => "",
        }
    }

    fn draw_devices(&self, devices: &Devices) {
        let (default, unnamed) = (self.texts.default_device, self.texts.unnamed_device);
        page::fill(
            "sbw-microphone",
            &devices.microphones,
            &devices.microphone,
            default,
            unnamed,
        );
        page::fill(
            "sbw-speaker",
            &devices.speakers,
            &devices.speaker,
            default,
            unnamed,
        );
        page::show("sbw-speaker-line", !devices.speakers.is_empty());
    }

    fn show_words(&self) {
        let words = &self.texts.transcript;
        let texts = TranscriptTexts {
            label: words.label,
            empty: words.empty,
            jump_to_latest: words.jump_to_latest,
            agent: words.agent.to_owned(),
            user: words.user,
            transfer_target: words.transfer_target,
            key_pressed: words.key_pressed,
            text_message: words.text_message,
        };
        if let Some(root) = page::html("sbw-words") {
            self.words.mount(&root, texts, None, None);
        }
    }

    /// Both voices, as one calm shape moved by CSS alone.
    fn draw_levels(&self, levels: Levels) {
        let (agent, visitor) = (levels.agent.to_string(), levels.visitor.to_string());
        page::set_attribute("sbw", "data-audio-in", Some(&agent));
        page::set_attribute("sbw", "data-audio-out", Some(&visitor));
        if let Some(orb) = page::html("sbw-orb") {
            let style = orb.style();
            // Both fail only for names that are no property.
            let _ = style.set_property("--sbw-agent", &agent);
            let _ = style.set_property("--sbw-visitor", &visitor);
        }
        page::set_attribute("sbw-orb", "data-speaks", levels.agent_speaks.then_some(""));
        self.draw_mood(self.call().state().view, levels);
    }
}

/// A button that goes away takes the keyboard with it: keep it in the panel.
/// What was just hidden still counts as the active element.
fn keep_focus() {
    let lost = document().active_element().is_none_or(|active| {
        active.tag_name() == "BODY" || matches!(active.closest("[hidden]"), Ok(Some(_)))
    });
    if lost && document().has_focus().unwrap_or(false) {
        page::focus("sbw");
    }
}

fn flag(on: bool) -> &'static str {
    if on { "true" } else { "false" }
}
