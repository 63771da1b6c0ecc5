//! A secret that is shown once: to be copied, then put away.

use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;

use super::words;
use browser::ui::{json, web};

/// How the copying went.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Copied {
    Yes,
    No,
}

/// Shows `secret` until the reader puts it away.
#[component]
pub(crate) fn SecretBox(
    /// What it is.
    #[prop(into)]
    label: Signal<&'static str>,
    secret: RwSignal<Option<String>>,
    /// What it is for, besides that it is shown once.
    #[prop(optional, into)]
    hint: Signal<Option<&'static str>>,
) -> impl IntoView {
    let kit = words();
    let copied = RwSignal::new(None::<Copied>);
    let field = NodeRef::<html::Input>::new();
    field.on_load(|field| {
        let _ = field.focus();
        field.select();
    });
    let copy = move |_| {
        let text = secret.get_untracked().unwrap_or_default();
        spawn_local(async move {
            let verdict = if write_to_clipboard(&text).await {
                Copied::Yes
            } else {
                Copied::No
            };
            copied.try_set(Some(verdict));
        });
    };
    let put_away = move |_| {
        copied.set(None);
        secret.set(None);
    };
    let shown = Memo::new(move |_| secret.get());
    move || {
        shown.get().map(|text| {
            view! {
                <div class="sb-secret" role="group" aria-labelledby="secret-label">
                    <label id="secret-label" for="secret">{label}</label>
                    <div class="sb-secret-line">
                        <input
                            id="secret"
                            class="sb-input"
                            type="text"
                            readonly
                            aria-describedby="secret-hint"
                            prop:value=text
                            node_ref=field
                        />
                        <button type="button" class="sb-button sb-button-primary" on:click=copy>
                            {move || kit.get().copy()}
                        </button>
                    </div>
                    <p id="secret-hint" class="sb-hint">
                        {move || kit.get().shown_once()} " " {move || hint.get()}
                    </p>
                    <p role="status">
                        {move || match copied.get() {
                            Some(Copied::Yes) => kit.get().copied(),
                            Some(Copied::No) => kit.get().copy_failed(),
                            None => "",
                        }}
                    </p>
                    <button type="button" class="sb-button" on:click=put_away>
                        {move || kit.get().put_away()}
                    </button>
                </div>
            }
        })
    }
}

/// The clipboard is there on HTTPS and on this machine only.
pub(crate) async fn write_to_clipboard(text: &str) -> bool {
    let clipboard = json::get(&json::get(&web::window(), "navigator"), "clipboard");
    let Ok(written) = web::call(&clipboard, "writeText", &JsValue::from_str(text)) else {
        return false;
    };
    match written.dyn_into() {
        Ok(promise) => web::wait(promise).await.is_ok(),
        Err(_) => false,
    }
}
