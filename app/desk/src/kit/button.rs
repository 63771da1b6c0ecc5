//! A button that has something done, and shows that it is under way.

use leptos::prelude::*;

/// How much a button stands out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ButtonLook {
    /// One of several.
    #[default]
    Plain,
    /// What most want.
    Primary,
    /// It cannot be undone.
    Danger,
    /// Seldom wanted.
    Quiet,
}

/// How large its words are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ButtonSize {
    /// As what stands around it.
    #[default]
    Usual,
    /// Smaller, for rows and cards.
    Small,
}

/// The button. While what it asked for is under way it cannot be pressed again; it keeps the focus,
/// which one that is `disabled` would lose.
#[component]
pub(crate) fn Button(
    #[prop(optional)] look: ButtonLook,
    #[prop(optional)] size: ButtonSize,
    /// What it is called where its words alone do not say what it is about.
    #[prop(optional, into)]
    name: Option<Signal<String>>,
    /// Whether what it asked for is under way.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Whether it cannot be pressed at all.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    #[prop(into)] press: Callback<()>,
    /// Its words.
    children: Children,
) -> impl IntoView {
    let look = match look {
        ButtonLook::Plain => "",
        ButtonLook::Primary => " sb-button-primary",
        ButtonLook::Danger => " sb-button-danger",
        ButtonLook::Quiet => " sb-button-quiet",
    };
    let size = match size {
        ButtonSize::Usual => "",
        ButtonSize::Small => " sb-button-small",
    };
    let is_busy = move || busy.get().then_some("true");
    view! {
        <button
            type="button"
            class=["sb-button", size, look].concat()
            disabled=move || disabled.get()
            aria-label=move || name.map(|name| name.get())
            aria-busy=is_busy
            aria-disabled=is_busy
            on:click=move |_| {
                if !busy.get_untracked() {
                    press.run(());
                }
            }
        >
            {children()}
        </button>
    }
}

/// What can be done with one of many: small buttons, which by name say what they are about.
#[component]
pub(crate) fn RowActions(
    /// What they are about.
    #[prop(into)]
    of: String,
    /// What each says, how it looks, and what it does.
    does: Vec<(Signal<&'static str>, ButtonLook, Callback<()>)>,
) -> impl IntoView {
    let of = StoredValue::new(of);
    let button = |(says, look, press): (Signal<&'static str>, ButtonLook, Callback<()>)| {
        let name = move || of.with_value(|of| format!("{}: {of}", says.get()));
        view! {
            <Button look size=ButtonSize::Small name press>
                {says}
            </Button>
        }
    };
    view! { <div class="sb-actions">{does.into_iter().map(button).collect_view()}</div> }
}
