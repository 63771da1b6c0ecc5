//! What has just been done, where it was done, and a way to undo it.
//!
//! It is told to screen readers and takes nobody's focus; it goes by itself, though not while
//! somebody is at it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};

use super::icon::{Icon, icon};
use super::words;
use crate::words::kit::Texts;
use browser::ui::web::Timer;
use browser::ui::{dom, time};

/// How long it stays (ms), begun anew once nobody is at it any more.
const STAYS_MS: u64 = 10_000;

/// What is said, and what undoes it.
#[derive(Clone)]
struct Said {
    text: String,
    undo: Option<Callback<()>>,
}

/// One place where deeds are told; a later one takes the place of an earlier one. A handle of
/// signals: copy it freely.
#[derive(Clone, Copy)]
pub(crate) struct Toast {
    kit: Signal<Texts>,
    said: RwSignal<Option<Said>>,
    /// Until when it stays (ms, monotonic); nothing while somebody is at it.
    until: StoredValue<Option<u64>>,
    timer: StoredValue<Option<Timer>, LocalStorage>,
}

impl Toast {
    /// Nothing was done yet.
    pub(crate) fn new() -> Self {
        let toast = Self {
            kit: words(),
            said: RwSignal::new(None),
            until: StoredValue::new(None),
            timer: StoredValue::new_local(None),
        };
        toast
            .timer
            .set_value(Some(Timer::new(move || toast.look())));
        toast
    }

    /// Says what was done, and offers to undo it.
    pub(crate) fn done(self, text: impl Into<String>, undo: impl Fn() + Send + Sync + 'static) {
        self.say(text.into(), Some(Callback::new(move |()| undo())));
    }

    /// Says what was done, and that is that.
    pub(crate) fn tell(self, text: String) {
        self.say(text, None);
    }

    /// Says that it was undone.
    pub(crate) fn undone(self) {
        self.tell(self.kit.get_untracked().undone().to_owned());
    }

    fn say(self, text: String, undo: Option<Callback<()>>) {
        self.said.set(Some(Said { text, undo }));
        self.leave();
    }

    /// It does not go by itself for now.
    pub(crate) fn stay(self) {
        self.until.set_value(None);
    }

    fn leave(self) {
        self.until.set_value(Some(time::monotonic() + STAYS_MS));
        self.wait(STAYS_MS);
    }

    fn wait(self, ms: u64) {
        self.timer.with_value(|timer| {
            if let Some(timer) = timer {
                timer.set(ms);
            }
        });
    }

    /// Its time may be over; nobody is told any more once the page is gone.
    fn look(self) {
        let Some(Some(until)) = self.until.try_get_value() else {
            return;
        };
        match until.saturating_sub(time::monotonic()) {
            0 => self.put_away(),
            left => self.wait(left),
        }
    }

    fn put_away(self) {
        self.stay();
        self.said.set(None);
    }
}

/// Where it is told: below what it is about, and in sight.
#[component]
pub(crate) fn ToastPlace(toast: Toast) -> impl IntoView {
    let kit = toast.kit;
    let leave = move |event: Event| {
        let place = event
            .current_target()
            .and_then(|it| it.dyn_into::<Element>().ok());
        let is_there = place.and_then(|it| it.matches(":hover, :focus-within").ok());
        if is_there != Some(true) {
            toast.leave();
        }
    };
    // The button that is pressed goes; the focus goes to what it was about.
    let end = move |event: &Event| {
        let place = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let about = place.and_then(|it| it.closest("[tabindex='-1']").ok().flatten());
        toast.put_away();
        if let Some(about) = about {
            dom::focus(&about);
        }
    };
    let shown = move || {
        let Said { text, undo } = toast.said.get()?;
        let undo = undo.map(|undo| {
            view! {
                <button
                    type="button"
                    class="sb-button sb-button-small"
                    on:click=move |event| {
                        end(&event);
                        undo.run(());
                    }
                >
                    {move || kit.get().undo()}
                </button>
            }
        });
        Some(view! {
            <div
                class="sb-toast"
                on:pointerenter=move |_| toast.stay()
                on:pointerleave=move |event| leave(event.into())
                on:focusin=move |_| toast.stay()
                on:focusout=move |event| leave(event.into())
            >
                <span>{text}</span>
                {undo}
                <button
                    type="button"
                    class="sb-button sb-button-quiet"
                    aria-label=move || kit.get().close()
                    on:click=move |event| end(&event)
                >
                    {icon(Icon::Close)}
                </button>
            </div>
        })
    };
    view! { <div class="sb-toast-place" role="status">{shown}</div> }
}
