//! What the reader wants to be told of in this browser, and how.

use api::warnings::Severity;
use browser::ui::web::{self, Listener};
use leptos::prelude::*;
use leptos::web_sys::Event;

use super::choice::Choice;
use super::news::What;
use super::system::{self, Permission};
use super::tone::Tones;
use super::{keep, kept};
use crate::data::Desk;
use crate::kit::{CheckField, SelectField, Volume};
use crate::role::Role;
use crate::words::notices::Texts;

/// The values of the choice of warnings.
const NONE: &str = "none";
const LOW: &str = "low";
const HIGH: &str = "high";

/// The choice as it stands in the form. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
struct Typed {
    begun: RwSignal<bool>,
    warned: RwSignal<String>,
    due: RwSignal<bool>,
    claimed: RwSignal<bool>,
    flagged: RwSignal<bool>,
    page: RwSignal<bool>,
    browser: RwSignal<bool>,
    sound: RwSignal<bool>,
    volume: RwSignal<u8>,
}

impl Typed {
    fn new() -> Self {
        let typed = Self {
            begun: RwSignal::default(),
            warned: RwSignal::default(),
            due: RwSignal::default(),
            claimed: RwSignal::default(),
            flagged: RwSignal::default(),
            page: RwSignal::default(),
            browser: RwSignal::default(),
            sound: RwSignal::default(),
            volume: RwSignal::default(),
        };
        typed.set(kept());
        typed
    }

    fn set(self, choice: Choice) {
        self.begun.set(choice.begun);
        let warned = match choice.warned {
            None => NONE,
            Some(Severity::Low | Severity::Unknown) => LOW,
            Some(Severity::High) => HIGH,
        };
        self.warned.set(warned.to_owned());
        self.due.set(choice.due);
        self.claimed.set(choice.claimed);
        self.flagged.set(choice.flagged);
        self.page.set(choice.page);
        self.browser.set(choice.browser);
        self.sound.set(choice.sound);
        self.volume.set(choice.volume);
    }

    fn get(self) -> Choice {
        Choice {
            begun: self.begun.get(),
            warned: self.warned.with(|warned| match warned.as_str() {
                LOW => Some(Severity::Low),
                HIGH => Some(Severity::High),
                _ => None,
            }),
            due: self.due.get(),
            claimed: self.claimed.get(),
            flagged: self.flagged.get(),
            page: self.page.get(),
            browser: self.browser.get(),
            sound: self.sound.get(),
            volume: self.volume.get(),
        }
    }
}

/// The choices. They are kept as they are made.
#[component]
pub(crate) fn Choices(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let typed = Typed::new();
    let choice = Memo::new(move |_| typed.get());
    Effect::new(move |before: Option<Choice>| {
        let now = choice.get();
        if before.is_some_and(|before| before != now) && now != kept() {
            keep(now);
            // Other tabs are told by the browser, this one is not.
            if let Ok(event) = Event::new("storage") {
                // Refused only while the same event is on its way.
                let _ = web::window().dispatch_event(&event);
            }
            desk.load_later();
        }
        now
    });
    let stored = move |_| {
        let kept = kept();
        if choice.get_untracked() != kept {
            typed.set(kept);
        }
    };
    StoredValue::new_local(Listener::new(&web::window(), "storage", stored));
    let warnings = move || {
        let texts = texts();
        let options = [
            (NONE, texts.warnings_none()),
            (LOW, texts.warnings_all()),
            (HIGH, texts.warnings_high()),
        ];
        options
            .map(|(value, label)| (value.to_owned(), label.to_owned()))
            .to_vec()
    };
    view! {
        <section class="sb-card" aria-labelledby="notices-title">
            <h2 id="notices-title">{move || texts().title()}</h2>
            <div class="sb-form">
                <p class="sb-hint">{move || texts().hint()}</p>
                <fieldset>
                    <legend>{move || texts().when()}</legend>
                    <CheckField
                        id="notices-begun"
                        label=move || texts().when_begun()
                        value=typed.begun
                    />
                    <CheckField
                        id="notices-due"
                        label=move || texts().when_due()
                        value=typed.due
                    />
                    <CheckField
                        id="notices-claimed"
                        label=move || texts().when_claimed()
                        value=typed.claimed
                    />
                    {move || {
                        (desk.role() >= Role::Supervisor)
                            .then(|| {
                                view! {
                                    <CheckField
                                        id="notices-flagged"
                                        label=move || texts().when_flagged()
                                        hint=move || Some(texts().when_flagged_hint())
                                        value=typed.flagged
                                    />
                                }
                            })
                    }}
                    <div class="sb-form-narrow">
                        <SelectField
                            id="notices-warned"
                            label=move || texts().when_warned()
                            value=typed.warned
                            options=Signal::derive(warnings)
                        />
                    </div>
                </fieldset>
                <fieldset>
                    <legend>{move || texts().how()}</legend>
                    <CheckField
                        id="notices-page"
                        label=move || texts().by_page()
                        value=typed.page
                    />
                    <ByBrowser desk value=typed.browser />
                    <BySound desk typed />
                </fieldset>
            </div>
        </section>
    }
}

/// By the browser, which is asked once somebody wants it.
#[component]
fn ByBrowser(desk: Desk, value: RwSignal<bool>) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let permission = RwSignal::new(system::permission());
    let example = StoredValue::new_local(None);
    let ask = move || {
        web::spawn(async move {
            let mut answer = system::ask().await;
            if answer == Permission::Granted {
                let (title, body) = untrack(|| (texts().title(), texts().example()));
                let shown = system::show(title, body, "switchboard-example", || {});
                // Some browsers have them for pages that were installed, and only there.
                if shown.is_none() {
                    answer = Permission::Unavailable;
                }
                example.try_set_value(shown);
            }
            permission.try_set(answer);
            if answer != Permission::Granted {
                value.try_set(false);
            }
        });
    };
    Effect::new(move |was_on: Option<bool>| {
        let is_on = value.get();
        if is_on && was_on == Some(false) {
            ask();
        }
        is_on
    });
    // It may have been taken back since it was switched on.
    let says = move || {
        let texts = texts();
        match permission.get() {
            Permission::Open => None,
            Permission::Granted => value.get().then(|| texts.granted()),
            Permission::Denied => Some(texts.denied()),
            Permission::Unavailable => Some(texts.unavailable()),
        }
    };
    view! {
        <div>
            <CheckField
                id="notices-browser"
                label=move || texts().by_browser()
                value=value
                hint=move || Some(texts().by_browser_hint())
            />
            <p class="sb-hint" role="status">{says}</p>
        </div>
    }
}

/// By a sound, and how loud.
#[component]
fn BySound(desk: Desk, typed: Typed) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let tones = StoredValue::new_local(None::<Tones>);
    // Whether the last one was heard.
    let heard = RwSignal::new(None);
    let play = move || {
        tones.update_value(|tones| {
            if tones.is_none() {
                *tones = Tones::new();
            }
            match tones {
                Some(tones) => {
                    let volume = typed.volume.get_untracked();
                    tones.play(What::Begun, volume, move |is_heard| {
                        heard.try_set(Some(is_heard));
                    });
                }
                None => heard.set(Some(false)),
            }
        });
    };
    let says = move || match heard.get() {
        Some(false) => Some(texts().not_heard()),
        Some(true) => Some(texts().heard()),
        None => None,
    };
    view! {
        <CheckField
            id="notices-sound"
            label=move || texts().by_sound()
            value=typed.sound
            hint=move || Some(texts().by_sound_hint())
        />
        <div class="sb-notices-sound">
            <Volume label=Signal::derive(move || texts().volume()) volume=typed.volume />
            <button type="button" class="sb-button sb-button-small" on:click=move |_| play()>
                {move || texts().try_it()}
            </button>
            <span class="sb-hint" role="status">{says}</span>
        </div>
    }
}
