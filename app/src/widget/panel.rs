//! The panel: what a visitor sees from the first click to "call again".

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;

use super::advice::{advice, farewell};
use super::browser::Browser;
use super::config::Config;
use super::controls::controls;
use super::host::{Ask, Host};
use super::icons::{self, icon};
use super::orb::orb;
use super::texts::Texts;
use crate::call::devices::Notice;
use crate::call::events::CallEvent;
use crate::call::session::Phase;
use crate::call::shell::{Call, Signals};
use crate::transcript::feed::Feed;
use crate::transcript::model::Audience;
use crate::transcript::view::{Transcript, TranscriptTexts};
use crate::ui::time;

/// What every part of the panel works with: cheap handles.
#[derive(Clone, Copy)]
pub(super) struct Panel {
    pub(super) texts: &'static Texts,
    pub(super) call: StoredValue<Call, LocalStorage>,
    pub(super) signals: Signals,
    pub(super) phase: Memo<Phase>,
    pub(super) menu_open: RwSignal<bool>,
    pub(super) menu_button: NodeRef<html::Button>,
    host: StoredValue<Host, LocalStorage>,
    feed: Feed,
    /// The transcript cannot be read at the moment.
    unreadable: RwSignal<bool>,
    /// Retell's `disconnection_reason`.
    retell_reason: RwSignal<Option<String>>,
}

impl Panel {
    fn new(config: &Config) -> Self {
        let feed = Feed::new(Audience::Visitor);
        let unreadable = RwSignal::new(false);
        let retell_reason = RwSignal::new(None);
        let call = Call::new(config.page.clone(), move |event| {
            unreadable.set(event == CallEvent::Unavailable);
            match event {
                CallEvent::Snapshot(items) => feed.snapshot(items),
                CallEvent::Items(items) => feed.apply(items),
                CallEvent::Unavailable => {}
                CallEvent::Ended(reason) => {
                    retell_reason.set(reason);
                    feed.end();
                }
            }
        });
        let signals = call.signals();
        Self {
            texts: Texts::of(config.lang),
            call: StoredValue::new_local(call),
            signals,
            phase: Memo::new(move |_| signals.view.get().phase),
            menu_open: RwSignal::new(false),
            menu_button: NodeRef::new(),
            host: StoredValue::new_local(Host::find()),
            feed,
            unreadable,
            retell_reason,
        }
    }

    fn start(self) {
        if self.phase.get_untracked().is_active() {
            return;
        }
        self.feed.snapshot(Vec::new());
        self.unreadable.set(false);
        self.retell_reason.set(None);
        self.menu_open.set(false);
        self.call.with_value(Call::start);
    }

    /// The panel is out of the way: a talk goes on, but what is not one yet ends.
    fn closed(self) {
        let talking = matches!(
            self.phase.get_untracked(),
            Phase::Live | Phase::Reconnecting
        );
        if !talking {
            self.call.with_value(Call::hang_up);
        }
    }

    fn close(self) {
        self.closed();
        self.host.with_value(Host::say_close);
    }

    fn escape(self, event: &KeyboardEvent) {
        if event.key() != "Escape" {
            return;
        }
        if self.menu_open.get_untracked() {
            self.menu_open.set(false);
            if let Some(button) = self.menu_button.get_untracked() {
                // Fails only for elements that are not shown.
                let _ = button.focus();
            }
        } else if self.host.with_value(Host::exists) {
            self.close();
        }
    }

    fn status(self) -> &'static str {
        let texts = &self.texts.phase;
        match self.phase.get() {
            Phase::Idle => texts.idle,
            Phase::AskingMicrophone => texts.asking_microphone,
            Phase::Minting | Phase::Connecting => texts.connecting,
            Phase::Live => texts.live,
            Phase::Reconnecting => texts.reconnecting,
            Phase::Ended(_) => texts.ended,
        }
    }

    /// What is going on right now, for those who look.
    fn mood(self) -> &'static str {
        let texts = &self.texts.mood;
        match self.phase.get() {
            Phase::Idle | Phase::Ended(_) => "",
            Phase::AskingMicrophone => texts.allow,
            Phase::Minting | Phase::Connecting => texts.preparing,
            Phase::Reconnecting => texts.reconnecting,
            Phase::Live if self.signals.levels.get().agent_speaks => texts.agent_speaks,
            Phase::Live if self.signals.view.get().muted => texts.muted,
            Phase::Live => texts.listening,
        }
    }

    fn notice(self) -> &'static str {
        let texts = &self.texts.notice;
        match self.signals.notice.get() {
            None if self.unreadable.get() && self.phase.get().is_active() => {
                self.texts.transcript.unavailable
            }
            None => "",
            Some(Notice::MicrophoneSwitched) => texts.microphone_switched,
            Some(Notice::MicrophoneLost) => texts.microphone_lost,
            Some(Notice::MicrophoneRefused) => texts.microphone_refused,
            Some(Notice::SpeakerSwitched) => texts.speaker_switched,
        }
    }
}

/// Draws the panel.
pub(super) fn panel(config: Config) -> impl IntoView {
    let panel = Panel::new(&config);
    let Panel {
        texts,
        signals,
        phase,
        ..
    } = panel;
    let root = NodeRef::<html::Section>::new();
    let configured = if config.title.is_empty() {
        texts.default_title.to_owned()
    } else {
        config.title
    };
    let title = RwSignal::new(configured);

    let focus = move || {
        if let Some(root) = root.get_untracked() {
            // Fails only for elements that are not shown.
            let _ = root.focus();
        }
    };
    // A button that goes away takes the keyboard with it: keep it in the panel.
    let keep_focus = move || {
        request_animation_frame(move || {
            let lost = document()
                .active_element()
                .is_none_or(|active| active.tag_name() == "BODY");
            if lost && document().has_focus().unwrap_or(false) {
                focus();
            }
        });
    };
    Effect::new(move |_| {
        let phase = phase.get();
        panel.host.with_value(|host| host.say_phase(phase));
        keep_focus();
    });
    panel.host.with_value(|host| {
        host.listen(move |ask| match ask {
            Ask::Open {
                start,
                title: wanted,
            } => {
                if let Some(wanted) = wanted {
                    title.set(wanted);
                }
                focus();
                if start {
                    panel.start();
                }
            }
            Ask::Close => panel.closed(),
        });
        host.say_ready();
    });
    let alone = !panel.host.with_value(Host::exists);

    let no_talk = move || signals.view.get().live_since.is_none();
    let reason = move || match phase.get() {
        Phase::Ended(reason) => Some(reason.name()),
        _ => None,
    };
    view! {
        <section
            class="sbw-panel"
            node_ref=root
            tabindex="-1"
            aria-label=move || title.get()
            data-state=move || phase.get().name()
            data-reason=reason
            data-audio-in=move || signals.levels.get().input.to_string()
            data-audio-out=move || signals.levels.get().output.to_string()
            on:keydown=move |event| panel.escape(&event)
            on:pointerdown=move |_| panel.call.with_value(Call::allow_sound)
        >
            <header class="sbw-head">
                <div class="sbw-who">
                    <h1>{move || title.get()}</h1>
                    <p class="sbw-line">
                        <span class="sbw-status" role="status">
                            {move || panel.status()}
                        </span>
                        <span class="sbw-clock" hidden=no_talk>
                            {move || time::duration((signals.seconds.get() * 1_000) as i64)}
                        </span>
                    </p>
                </div>
                <button
                    type="button"
                    class="sbw-close"
                    aria-label=texts.close
                    hidden=alone
                    on:click=move |_| panel.close()
                >
                    {icon(|| icons::CLOSE)}
                </button>
            </header>
            <div class="sbw-stage">
                {orb(signals.levels)} <p class="sbw-mood">{move || panel.mood()}</p>
            </div>
            {greeting(panel)}
            {outcome(panel)}
            <p class="sbw-notice" aria-live="polite">
                {move || panel.notice()}
            </p>
            {words(panel)}
            <footer class="sbw-foot">
                <button
                    type="button"
                    class="sb-button sb-button-primary sbw-wide"
                    hidden=move || !signals.sound_blocked.get()
                    on:click=move |_| panel.call.with_value(Call::allow_sound)
                >
                    {icon(|| icons::SOUND)}
                    {texts.tap_to_hear}
                </button>
                {controls(panel)}
                <button
                    type="button"
                    class="sb-button sb-button-primary sbw-wide"
                    hidden=move || phase.get().is_active()
                    on:click=move |_| panel.start()
                >
                    {icon(|| icons::PHONE)}
                    {move || start_text(panel)}
                </button>
            </footer>
        </section>
    }
}

/// After a talk one calls again; what never began is started.
fn start_text(panel: Panel) -> &'static str {
    match panel.phase.get() {
        Phase::Ended(reason)
            if !reason.is_fault() || panel.signals.view.get().live_since.is_some() =>
        {
            panel.texts.call_again
        }
        _ => panel.texts.start_call,
    }
}

fn greeting(panel: Panel) -> impl IntoView {
    view! {
        <div class="sbw-greeting" hidden=move || panel.phase.get() != Phase::Idle>
            <h2>{panel.texts.intro}</h2>
            <p>{panel.texts.intro_note}</p>
        </div>
    }
}

/// How it ended: what went wrong, or a farewell, and how long it took.
fn outcome(panel: Panel) -> impl IntoView {
    let Panel {
        texts,
        signals,
        phase,
        ..
    } = panel;
    let browser = Browser::here();
    let advice = Memo::new(move |_| match phase.get() {
        Phase::Ended(reason) => advice(reason, texts, browser),
        _ => None,
    });
    let farewell = move || match phase.get() {
        Phase::Ended(reason) => panel
            .retell_reason
            .with(|retell| farewell(reason, retell.as_deref(), texts)),
        _ => None,
    };
    let running = move || phase.get().is_active() || phase.get() == Phase::Idle;
    let no_talk = move || signals.view.get().live_since.is_none();
    view! {
        <div class="sbw-alert" role="alert" hidden=move || advice.get().is_none()>
            <h2>{move || advice.get().map(|advice| advice.what)}</h2>
            <p>{move || advice.get().map(|advice| advice.next)}</p>
        </div>
        <section
            class="sbw-summary"
            aria-label=texts.summary.label
            hidden=move || running() || (advice.get().is_some() && no_talk())
        >
            <p class="sbw-farewell">{farewell}</p>
            <dl hidden=no_talk>
                <dt>{texts.summary.duration}</dt>
                <dd>{move || time::duration((signals.seconds.get() * 1_000) as i64)}</dd>
            </dl>
        </section>
    }
}

/// The transcript, while there is a talk and afterwards.
fn words(panel: Panel) -> impl IntoView {
    let Panel {
        texts, phase, feed, ..
    } = panel;
    let words = &texts.transcript;
    let transcript = TranscriptTexts {
        label: words.label,
        empty: words.empty,
        jump_to_latest: words.jump_to_latest,
        agent: words.agent.to_owned(),
        user: words.user,
        transfer_target: words.transfer_target,
        key_pressed: words.key_pressed,
        text_message: words.text_message,
    };
    let hidden = move || match phase.get() {
        Phase::Connecting | Phase::Live | Phase::Reconnecting => false,
        _ => feed.is_empty(),
    };
    view! {
        <div class="sbw-words" hidden=hidden>
            <Transcript feed=feed texts=transcript />
        </div>
    }
}
