//! The keyboard: keys that do what the page offers, a map of them, and keys of one's own.
//!
//! A key presses what could be pressed with the mouse just as well, so it can do no more than
//! that, and what is asked before is asked before. None does anything while somebody types.

mod map;

use browser::ui::web::{self, Listener};
use browser::ui::{dom, json};
use leptos::html;
use leptos::prelude::*;
use leptos::web_sys::{Element, HtmlElement, KeyboardEvent};
use wasm_bindgen::{JsCast, JsValue};

use crate::data::Desk;
use crate::words::keys::Texts;
use map::{ACTIONS, Action, Does, Keys, No};

/// Where keys of one's own are kept, in this browser.
const KEPT_AT: &str = "switchboard-keys";
/// Where a key is a sign that is written.
const FIELDS: &str = "input, textarea, select, [contenteditable]";
/// What leads to the map.
const LEADS_HERE: &str = "[data-keys]";
/// Over everything else: what is below hears no keys.
const ABOVE: &str = "dialog[open], .sb-drawer:popover-open";

fn kept() -> Keys {
    // A browser without storage knows the usual ones.
    let storage = window().local_storage().ok().flatten();
    let text = storage.and_then(|storage| storage.get_item(KEPT_AT).ok().flatten());
    Keys::parse(&text.unwrap_or_default())
}

fn keep(keys: &Keys) {
    if let Ok(Some(storage)) = window().local_storage() {
        // What is not kept holds until the page is closed.
        let _ = match keys.are_usual() {
            true => storage.remove_item(KEPT_AT),
            false => storage.set_item(KEPT_AT, &keys.to_text()),
        };
    }
}

/// Whether an event is a key by itself, pressed by somebody who does not type.
fn is_for_us(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let types = target.is_some_and(|it| it.matches(FIELDS).unwrap_or(false));
    let with_another = event.ctrl_key() || event.alt_key() || event.meta_key();
    !(types || with_another || event.repeat() || event.is_composing())
}

/// The page's element for this, unless something stands above the page.
fn element(selector: &str) -> Option<HtmlElement> {
    let find = |selector| document().query_selector(selector).ok().flatten();
    if find(ABOVE).is_some() {
        return None;
    }
    find(selector)?.dyn_into().ok()
}

/// Hears keys for as long as it is there, and shows the map of them. `first` is the event it was
/// loaded with, if it was one of a key or a press of what leads here.
#[component]
pub(crate) fn KeyMap(desk: Desk, first: StoredValue<JsValue, LocalStorage>) -> impl IntoView {
    let keys = RwSignal::new(kept());
    let shown = RwSignal::new(false);
    let hear = move |event: JsValue| {
        if json::string(&event, "type").as_deref() == Some("click") {
            let target = json::get(&event, "target").dyn_into::<Element>();
            if target.is_ok_and(|it| it.closest(LEADS_HERE).is_ok_and(|it| it.is_some())) {
                shown.set(true);
            }
            return;
        }
        let event: KeyboardEvent = event.unchecked_into();
        if event.default_prevented() || !is_for_us(&event) {
            return;
        }
        let action = keys.with_untracked(|keys| keys.action(&event.key()));
        let Some(action) = action else { return };
        let is_done = match action.does {
            Does::ShowKeys
                if document()
                    .query_selector(ABOVE)
                    .is_ok_and(|it| it.is_some()) =>
            {
                false
            }
            Does::ShowKeys => {
                shown.set(true);
                true
            }
            Does::Press => element(action.with).map(|it| it.click()).is_some(),
            Does::Focus => element(action.with).map(|it| dom::focus(&it)).is_some(),
        };
        if is_done {
            event.prevent_default();
        }
    };
    if let Some(event) = first.try_get_value().filter(JsValue::is_object) {
        hear(event);
    }
    for event in ["keydown", "click"] {
        StoredValue::new_local(Listener::new(&web::window(), event, hear));
    }
    // What another tab chose holds here, too.
    let stored = move |_| keys.set(kept());
    StoredValue::new_local(Listener::new(&web::window(), "storage", stored));
    move || shown.get().then(|| view! { <Map desk keys shown /> })
}

/// What is said below the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Nothing,
    PressOne,
    Unfit,
    Taken(&'static str),
}

#[component]
fn Map(desk: Desk, keys: RwSignal<Keys>, shown: RwSignal<bool>) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let dialog = NodeRef::<html::Dialog>::new();
    dialog.on_load(|dialog| {
        // Fails only for a dialog that is no longer in the page.
        let _ = dialog.show_modal();
    });
    // For which another key is being chosen.
    let choosing = RwSignal::new(None::<&'static Action>);
    let said = RwSignal::new(Said::Nothing);
    let choose = move |action: &'static Action| {
        choosing.set(Some(action));
        said.set(Said::PressOne);
    };
    let take = move |event: KeyboardEvent| {
        let Some(action) = choosing.get_untracked() else {
            return;
        };
        let key = event.key();
        if key == "Tab" || key == "Shift" {
            return;
        }
        event.prevent_default();
        event.stop_propagation();
        let done = match key.as_str() {
            "Escape" => Ok(()),
            "Backspace" | "Delete" => {
                keys.update(|keys| keys.clear(action));
                Ok(())
            }
            key => keys
                .try_update(|keys| keys.set(action, key))
                .unwrap_or(Ok(())),
        };
        said.set(match done {
            Ok(()) => Said::Nothing,
            Err(No::Unfit) => Said::Unfit,
            Err(No::Taken(by)) => Said::Taken(by),
        });
        if done.is_ok() {
            choosing.set(None);
            keys.with_untracked(keep);
        }
    };
    let reset = move |_| {
        keys.set(Keys::default());
        choosing.set(None);
        said.set(Said::Nothing);
        keys.with_untracked(keep);
    };
    let row = move |action: &'static Action| {
        let key = Memo::new(move |_| keys.with(|keys| keys.of(action)));
        let name = move || word(texts(), action.name);
        let label = move || match key.get() {
            Some(key) => texts().change(&key, name()),
            None => texts().choose(name()),
        };
        let face = move || match choosing.get() == Some(action) {
            true => "…".to_owned(),
            false => key.get().unwrap_or_else(|| "–".to_owned()),
        };
        view! {
            <dt>{name}</dt>
            <dd>
                <button
                    type="button"
                    class="sb-button sb-button-small"
                    aria-label=label
                    aria-pressed=move || (choosing.get() == Some(action)).to_string()
                    on:click=move |_| choose(action)
                    on:blur=move |_| {
                        if choosing.get_untracked() == Some(action) {
                            choosing.set(None);
                            said.set(Said::Nothing);
                        }
                    }
                >
                    <kbd>{face}</kbd>
                </button>
            </dd>
        }
    };
    let says = move || {
        let texts = texts();
        match said.get() {
            Said::Nothing => String::new(),
            Said::PressOne => texts.press_one().to_owned(),
            Said::Unfit => texts.unfit().to_owned(),
            Said::Taken(by) => texts.taken(word(texts, by)),
        }
    };
    view! {
        <dialog
            class="sb-dialog"
            aria-labelledby="keys-title"
            node_ref=dialog
            on:keydown=take
            on:close=move |_| shown.set(false)
        >
            <h2 id="keys-title">{move || texts().title()}</h2>
            <p class="sb-hint">{move || texts().hint()}</p>
            <dl class="sb-facts">{ACTIONS.iter().map(row).collect_view()}</dl>
            <p class="sb-hint">{move || texts().fixed()}</p>
            <p role="status">{says}</p>
            <div class="sb-actions">
                <button
                    type="button"
                    class="sb-button"
                    disabled=move || keys.with(Keys::are_usual)
                    on:click=reset
                >
                    {move || texts().reset()}
                </button>
                <button
                    type="button"
                    class="sb-button sb-button-primary"
                    on:click=move |_| {
                        if let Some(dialog) = dialog.get_untracked() {
                            dialog.close();
                        }
                    }
                >
                    {move || texts().close()}
                </button>
            </div>
        </dialog>
    }
}

/// What an action is called.
fn word(texts: Texts, name: &str) -> &'static str {
    match name {
        "help" => texts.help(),
        "search" => texts.search(),
        "filters" => texts.filters(),
        "back" => texts.back(),
        "test_call" => texts.test_call(),
        "claim" => texts.claim(),
        "flag" => texts.flag(),
        "listen" => texts.listen(),
        "note" => texts.note(),
        "variables" => texts.variables(),
        "hand_over" => texts.hand_over(),
        "take" => texts.take(),
        "mute" => texts.mute(),
        "hold" => texts.hold(),
        "end" => texts.end(),
        "wrap_up" => texts.wrap_up(),
        "calls" => texts.calls(),
        "callbacks" => texts.callbacks(),
        "calendar" => texts.calendar(),
        "contacts" => texts.contacts(),
        _ => texts.play(),
    }
}
