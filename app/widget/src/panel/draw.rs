//! What the panel shows of a call.

use wasm_bindgen::JsValue;

use super::{EXTRAS_AFTER_MS, LATER, Panel, flag};
use crate::advice::{advice, farewell};
use crate::page;
use crate::tabs::Word;
use crate::texts::Advice;
use browser::call::devices::{Devices, Notice};
use browser::call::meter::Levels;
use browser::call::peer;
use browser::call::problem::Problem;
use browser::call::session::{EndReason, MicrophoneFault, Phase, Unheard, View};
use browser::call::shell::State;
use browser::transcript::texts::TranscriptTexts;
use browser::ui::json;
use browser::ui::time;
use browser::ui::web::{document, later, spawn};

impl Panel {
    /// Shows where the call stands.
    pub(super) fn draw(&'static self, state: State) {
        let texts = &self.texts;
        let view = state.view;
        let phase = view.phase;
        let (active, talked) = (phase.is_active(), view.live_since.is_some());
        let reason = match phase {
            Phase::Ended(reason) => Some(reason),
            _ => None,
        };
        let seconds = JsValue::from_f64(state.seconds as f64);
        // Said before anybody clicks, and before the microphone is asked for.
        let unable = !active && !peer::is_possible();
        let reason_told = reason.or(unable.then_some(EndReason::BrowserUnable));
        let advice = reason_told.and_then(|reason| advice(reason, self.browser));
        let faulty = advice.is_some();
        if let Some(Advice { what, .. }) = &advice
            && self.texts.find(what).is_none()
            && self.learn()
        {
            return;
        }
        // Where the words that come later did not come, what fits any fault.
        let tell =
            |name: &str, instead: &str| texts.find(name).unwrap_or_else(|| texts.get(instead));
        let (what, next) = advice
            .map(|Advice { what, next }| {
                (
                    tell(&what, "fault.internal.what"),
                    tell(&next, "fault.internal.next"),
                )
            })
            .unwrap_or_default();
        let changed = self.host.say_phase(
            phase,
            view.muted,
            &[("seconds", seconds), ("message", JsValue::from_str(&what))],
        );

        page::set_attribute("sbw", "data-state", Some(phase.name()));
        page::set_attribute("sbw", "data-reason", reason.map(|reason| reason.name()));
        page::set_text("sbw-status", &texts.get(status(phase, talked)));
        let clock = time::duration((state.seconds * 1_000) as i64);
        page::set_text("sbw-clock", &clock);
        page::show("sbw-clock", active && talked);
        self.draw_mood(state.view, self.call().levels());

        page::set_text("sbw-alert-what", &what);
        page::set_text("sbw-alert-next", &next);
        page::show("sbw-alert", faulty);
        let farewell = reason.and_then(|reason| farewell(reason, state.remote));
        page::set_text("sbw-farewell", &self.later_text(farewell));
        page::show("sbw-summary", farewell.is_some() || (faulty && talked));
        page::set_text("sbw-lasted-value", &clock);
        page::show("sbw-lasted", talked);

        page::show("sbw-greeting", phase == Phase::Idle && !unable);
        page::set_text("sbw-notice", &self.later_text(notice(&state)));
        self.words.read(self.reads.get() || state.sound_blocked);
        let words_wanted = matches!(phase, Phase::Live | Phase::Reconnecting);
        page::show(
            "sbw-words",
            words_wanted || (!active && !self.words.is_empty()),
        );
        page::show("sbw-hear", active && state.sound_blocked);
        page::show("sbw-controls", active);
        page::set_text(
            "sbw-mute-text",
            &if view.muted {
                texts.get("unmute")
            } else {
                texts.get("mute")
            },
        );
        // Not `aria-pressed`: the name already says what the button does.
        page::set_attribute("sbw-mute", "data-muted", Some(flag(view.muted)));
        page::show("sbw-start", !active && !unable);
        page::show("sbw-check", !active && !talked);
        // After a talk one calls again; what never began is started.
        let again = talked || reason.is_some_and(|reason| !reason.is_fault());
        page::set_text(
            "sbw-start-text",
            &if again {
                texts.get("call_again")
            } else {
                texts.get("start_call")
            },
        );
        if changed {
            if !active {
                self.open_menu(false);
            }
            let forbidden = reason == Some(EndReason::Microphone(MicrophoneFault::Forbidden));
            if phase == Phase::Live || farewell.is_some() || (!active && talked) || forbidden {
                let panel = self;
                later(EXTRAS_AFTER_MS, move || {
                    panel.want(LATER);
                    // Before the network goes, and these are wanted.
                    panel.learn();
                });
            }
            if reason == Some(EndReason::Refused(Problem::LinesBusy)) {
                self.want("queue");
            }
            match phase {
                Phase::Idle => {}
                Phase::Ended(_) => self.tabs.say(Word::Gone),
                _ => self.tabs.say(Word::Here),
            }
            keep_focus();
        }
    }

    /// Fetches the words that come later, once, and draws again with them; says
    /// whether they are on their way now.
    fn learn(&'static self) -> bool {
        let asks = !self.later_words.replace(true);
        if asks {
            // A server that refuses can be reached.
            spawn(async move {
                let address = self.config.texts("later", &self.texts.get("lang"));
                self.texts.add(&address.unwrap_or_default()).await;
                self.draw(self.call().state());
            });
        }
        asks
    }

    /// A text of those that come later; nothing as long as it is not here.
    fn later_text(&'static self, name: Option<&str>) -> String {
        let Some(name) = name else {
            return String::new();
        };
        self.texts.find(name).unwrap_or_else(|| {
            self.learn();
            String::new()
        })
    }

    /// What is going on right now, for those who look.
    pub(super) fn draw_mood(&self, view: View, levels: Levels) {
        let mood = match view.phase {
            Phase::AskingMicrophone => "mood.allow",
            Phase::Minting | Phase::Connecting => "mood.preparing",
            Phase::Reconnecting => "mood.reconnecting",
            Phase::Live if levels.agent_speaks => "mood.agent_speaks",
            Phase::Live if view.muted => "mood.muted",
            Phase::Live if levels.measured => "mood.listening",
            // While nothing is measured, nobody knows who speaks.
            Phase::Live | Phase::Idle | Phase::Ended(_) => {
                return page::set_text("sbw-mood", "");
            }
        };
        page::set_text("sbw-mood", &self.texts.get(mood));
    }

    pub(super) fn draw_devices(&self, devices: &Devices) {
        let (default, unnamed) = (
            &self.texts.get("default_device"),
            &self.texts.get("unnamed_device"),
        );
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

    pub(super) fn show_words(&self) {
        // As the desk's words, these live as long as the page.
        let get = |name: &str| -> &'static str { self.texts.get(name).leak() };
        let bot = json::string(&self.options.borrow(), "bot-name");
        let texts = TranscriptTexts {
            label: get("transcript.label"),
            empty: get("transcript.empty"),
            jump_to_latest: get("transcript.jump_to_latest"),
            agent: bot.unwrap_or_else(|| self.texts.get("transcript.agent")),
            user: get("transcript.user"),
            transfer_target: get("transcript.transfer_target"),
            key_pressed: get("transcript.key_pressed"),
            text_message: get("transcript.text_message"),
        };
        if let Some(root) = page::html("sbw-words") {
            self.words.unmount();
            root.set_text_content(None);
            self.words.mount(&root, texts, None, None);
        }
    }

    /// Both voices, as one calm shape moved by CSS alone.
    pub(super) fn draw_levels(&self, levels: Levels) {
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

fn status(phase: Phase, talked: bool) -> &'static str {
    match phase {
        Phase::Idle => "phase.idle",
        Phase::AskingMicrophone => "phase.asking_microphone",
        Phase::Minting | Phase::Connecting => "phase.connecting",
        Phase::Live => "phase.live",
        Phase::Reconnecting => "phase.reconnecting",
        Phase::Ended(reason) if reason.is_fault() && !talked => "phase.failed",
        Phase::Ended(_) => "phase.ended",
    }
}

/// The text about what happened to the devices, or to the transcript.
fn notice(state: &State) -> Option<&'static str> {
    Some(match (state.view.unheard, state.notice) {
        (Some(Unheard::Lost), _) => "notice.microphone_lost",
        (Some(Unheard::Silenced), _) => "notice.microphone_silenced",
        (_, Some(Notice::MicrophoneSwitched)) => "notice.microphone_switched",
        (_, Some(Notice::MicrophoneRefused)) => "notice.microphone_refused",
        (_, Some(Notice::SpeakerSwitched)) => "notice.speaker_switched",
        _ if state.silent => "notice.microphone_silent",
        _ if state.words_missing && state.view.phase.is_active() => "transcript.unavailable",
        _ => return None,
    })
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
