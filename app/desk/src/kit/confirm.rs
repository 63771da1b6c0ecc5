//! A question before something that cannot be undone.

use std::sync::atomic::{AtomicUsize, Ordering};

use leptos::html;
use leptos::prelude::*;

use super::words;

/// What is asked, in the reader's language, and what a yes does.
#[derive(Clone)]
pub(crate) struct Question {
    /// The question in a few words.
    pub(crate) title: String,
    /// What it would do.
    pub(crate) text: String,
    /// The button that says yes, by what it does.
    pub(crate) yes: &'static str,
    /// Runs on a yes.
    pub(crate) act: Callback<()>,
}

/// How many there have been, for names of their own.
static QUESTIONS: AtomicUsize = AtomicUsize::new(0);

/// Asks while there is a question. The browser's own
/// modal dialog keeps the focus inside, closes on Escape, and gives the focus
/// back.
#[component]
pub(crate) fn Confirm(question: RwSignal<Option<Question>>) -> impl IntoView {
    let kit = words();
    // A page may have more than one.
    let nth = QUESTIONS.fetch_add(1, Ordering::Relaxed);
    let (title, text) = (
        format!("question-title-{nth}"),
        format!("question-text-{nth}"),
    );
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let asked = question.with(Option::is_some);
        let Some(dialog) = dialog.get() else { return };
        if asked && !dialog.open() {
            // Fails only for a dialog that is no longer in the page.
            let _ = dialog.show_modal();
        } else if !asked && dialog.open() {
            dialog.close();
        }
    });
    let say_yes = move |_| {
        if let Some(question) = question.get_untracked() {
            question.act.run(());
        }
        question.set(None);
    };
    let said = move |read: fn(Question) -> String| question.get().map(read);
    view! {
        <dialog
            class="sb-dialog"
            aria-labelledby=title
            aria-describedby=text
            node_ref=dialog
            on:close=move |_| question.set(None)
        >
            <h2 id=title.clone()>{move || said(|it| it.title)}</h2>
            <p id=text.clone()>{move || said(|it| it.text)}</p>
            <div class="sb-actions">
                <button type="button" class="sb-button" on:click=move |_| question.set(None)>
                    {move || kit.get().cancel()}
                </button>
                <button type="button" class="sb-button sb-button-danger" on:click=say_yes>
                    {move || said(|it| it.yes.to_owned())}
                </button>
            </div>
        </dialog>
    }
}
