//! Something a person asked the server to do, and what became of it.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Desk, Standing, is_signed_out};
use crate::kit::Texts;
use crate::kit::icon::{Icon, icon};
use browser::ui::http::Failure;
use browser::ui::i18n::Lang;

/// Says what a failure means here; `None` leaves it to the common words.
pub(crate) type Words = fn(&Failure, Lang) -> Option<&'static str>;

/// How an errand ended.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    Done,
    Failed(Failure),
}

/// One thing at a time. A handle of signals: copy it freely.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Errand {
    busy: RwSignal<bool>,
    outcome: RwSignal<Option<Outcome>>,
}

impl Errand {
    /// Nothing was asked yet.
    pub(crate) fn new() -> Self {
        Self {
            busy: RwSignal::new(false),
            outcome: RwSignal::new(None),
        }
    }

    /// Whether the answer is on its way.
    pub(crate) fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// Whether nothing is under way, asked once.
    pub(crate) fn is_free(self) -> bool {
        !self.busy.get_untracked()
    }

    /// Forgets what became of the last one.
    pub(crate) fn forget(self) {
        self.outcome.set(None);
    }

    /// Does it, unless the last one is still under way, and calls `done` when
    /// it succeeded and the page is still open.
    pub(crate) fn run<T: 'static>(
        self,
        desk: Desk,
        work: impl Future<Output = Result<T, Failure>> + 'static,
        done: impl FnOnce(T) + 'static,
    ) {
        self.run_then(desk, work, done, || {});
    }

    /// The same, and calls `failed` when it did not succeed.
    pub(crate) fn run_then<T: 'static>(
        self,
        desk: Desk,
        work: impl Future<Output = Result<T, Failure>> + 'static,
        done: impl FnOnce(T) + 'static,
        failed: impl FnOnce() + 'static,
    ) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.outcome.set(None);
        spawn_local(async move {
            let answer = work.await;
            if self.busy.try_set(false).is_some() {
                // The page is gone.
                return;
            }
            match answer {
                Ok(value) => {
                    self.outcome.set(Some(Outcome::Done));
                    done(value);
                }
                Err(failure) if is_signed_out(&failure) => desk.become_(Standing::SignedOut),
                Err(failure) => {
                    self.outcome.set(Some(Outcome::Failed(failure)));
                    failed();
                }
            }
        });
    }
}

/// Says how an errand ended, to screen readers too.
#[component]
pub(crate) fn Status(
    desk: Desk,
    errand: Errand,
    /// What to say when it succeeded; nothing when it is empty.
    #[prop(optional, into)]
    done: Option<Signal<&'static str>>,
    /// What failures mean here.
    #[prop(optional)]
    words: Option<Words>,
) -> impl IntoView {
    let success = move || {
        let text = match done {
            Some(done) => done.get(),
            None => Texts::of(desk.lang.get()).saved,
        };
        let shown = errand.outcome.get() == Some(Outcome::Done) && !text.is_empty();
        shown.then(|| view! { <p class="sb-done">{text}</p> })
    };
    let failure = move || {
        let Some(Outcome::Failed(failure)) = errand.outcome.get() else {
            return None;
        };
        let text = words
            .and_then(|words| words(&failure, desk.lang.get()))
            .unwrap_or_else(|| desk.texts().failure(&failure));
        Some(view! {
            <p class="sb-problem">
                {icon(Icon::Alert)}
                <span>{text}</span>
            </p>
        })
    };
    view! {
        <div class="sb-status">
            <div role="status">{success}</div>
            <div role="alert">{failure}</div>
        </div>
    }
}

/// Submits the form it is in.
#[component]
pub(crate) fn SaveButton(
    desk: Desk,
    errand: Errand,
    /// What it does; "Save" when nothing is said.
    #[prop(optional, into)]
    label: Option<Signal<&'static str>>,
) -> impl IntoView {
    let text = move || {
        let texts = Texts::of(desk.lang.get());
        if errand.is_busy() {
            return texts.saving;
        }
        label.map_or(texts.save, |label| label.get())
    };
    view! {
        <button
            type="submit"
            class="sb-button sb-button-primary"
            aria-busy=move || errand.is_busy().to_string()
        >
            {text}
        </button>
    }
}
