//! A button with a menu of what is seldom done: arrows, Home and End lead through it, letters find
//! what begins with them, Escape and a press elsewhere put it away.

use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};

use super::roving::{Along, moved, named};
use browser::ui::{dom, time};

/// How long letters belong together (ms).
const TYPED_TOGETHER_MS: u64 = 600;

/// What choosing something does.
#[derive(Clone)]
pub(crate) enum Does {
    /// This.
    Act(Callback<()>),
    /// Fetches a file: its address, and what it is called.
    Fetch(String, &'static str),
}

/// Something that can be chosen.
#[derive(Clone)]
pub(crate) struct MenuItem {
    /// What it is called, unlike any other.
    pub(crate) label: &'static str,
    pub(crate) does: Does,
    /// Whether something goes for good.
    pub(crate) is_danger: bool,
}

/// What was typed to find something, and when (ms).
#[derive(Debug, Default)]
struct Typed {
    letters: String,
    at: u64,
}

/// The button and its menu.
#[component]
pub(crate) fn Menu(
    /// Unique on the page.
    id: &'static str,
    /// What it is a menu of.
    #[prop(into)]
    label: Signal<&'static str>,
    #[prop(into)] items: Signal<Vec<MenuItem>>,
) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let typed = StoredValue::new(Typed::default());
    let (place, button) = (NodeRef::<html::Div>::new(), NodeRef::<html::Button>::new());
    let item_id = move |nth: usize| format!("{id}-item-{nth}");
    let count = move || items.with_untracked(Vec::len);
    let focus = move |nth: usize| {
        if let Some(item) = document().get_element_by_id(&item_id(nth)) {
            dom::focus(&item);
        }
    };
    let open = move |nth: usize| {
        is_open.set(true);
        // Once it is drawn.
        request_animation_frame(move || focus(nth));
    };
    let put_away = move || {
        is_open.set(false);
        if let Some(button) = button.get_untracked() {
            dom::focus(&button);
        }
    };
    let press = move |_| match is_open.get_untracked() {
        true => put_away(),
        false => open(0),
    };
    let on_button = move |event: KeyboardEvent| {
        let nth = match event.key().as_str() {
            "ArrowDown" => 0,
            "ArrowUp" => count().saturating_sub(1),
            _ => return,
        };
        event.prevent_default();
        open(nth);
    };
    let find = move |key: &str, nth: usize| {
        let now = time::monotonic();
        let letters = typed.try_update_value(|typed| {
            if now.saturating_sub(typed.at) > TYPED_TOGETHER_MS {
                typed.letters.clear();
            }
            typed.letters.push_str(key);
            typed.at = now;
            typed.letters.clone()
        });
        items.with_untracked(|items| {
            let names = items.iter().map(|item| item.label);
            named(&letters.unwrap_or_default(), nth, names)
        })
    };
    let on_item = move |event: KeyboardEvent, nth: usize| {
        let key = event.key();
        if event.ctrl_key() || event.alt_key() || event.meta_key() {
            return;
        }
        // A letter is the menu's here, and no key of the page's.
        event.stop_propagation();
        let is_letter = key.chars().count() == 1;
        let to = match key.as_str() {
            "Escape" => {
                event.prevent_default();
                return put_away();
            }
            // The focus goes on from the button.
            "Tab" => return put_away(),
            // A link knows the other key only.
            " " => {
                event.prevent_default();
                let item = event
                    .target()
                    .and_then(|it| it.dyn_into::<HtmlElement>().ok());
                return item.iter().for_each(HtmlElement::click);
            }
            _ if is_letter => find(&key, nth),
            _ => moved(&key, nth, count(), Along::Column),
        };
        if let Some(to) = to {
            event.prevent_default();
            focus(to);
        }
    };
    let left = move |event: FocusEvent| {
        let to = event
            .related_target()
            .and_then(|to| to.dyn_into::<Node>().ok());
        let stays = place
            .get_untracked()
            .is_some_and(|place| place.contains(to.as_ref()));
        if !stays {
            is_open.set(false);
        }
    };
    let row = move |(nth, item): (usize, MenuItem)| {
        let class = match item.is_danger {
            true => "sb-menu-item sb-menu-danger",
            false => "sb-menu-item",
        };
        match item.does {
            Does::Act(act) => {
                let choose = move |_| {
                    put_away();
                    act.run(());
                };
                view! {
                    <button
                        type="button"
                        role="menuitem"
                        id=item_id(nth)
                        class=class
                        tabindex="-1"
                        on:keydown=move |event| on_item(event, nth)
                        on:click=choose
                    >
                        {item.label}
                    </button>
                }
                .into_any()
            }
            Does::Fetch(address, name) => view! {
                <a
                    role="menuitem"
                    id=item_id(nth)
                    class=class
                    href=address
                    download=name
                    tabindex="-1"
                    on:keydown=move |event| on_item(event, nth)
                    // Once the browser has taken what is pressed.
                    on:click=move |_| request_animation_frame(put_away)
                >
                    {item.label}
                </a>
            }
            .into_any(),
        }
    };
    let rows = move || items.get().into_iter().enumerate().map(row).collect_view();
    let list = move || {
        is_open.get().then(|| {
            view! {
                <div id=id class="sb-menu-list" role="menu" aria-label=move || label.get()>
                    {rows}
                </div>
            }
        })
    };
    view! {
        // Some browsers take the focus away from what is pressed, which would put the menu away.
        <div class="sb-menu" node_ref=place on:focusout=left on:mousedown=|it| it.prevent_default()>
            <button
                type="button"
                class="sb-button sb-menu-button"
                aria-haspopup="menu"
                aria-expanded=move || is_open.get().to_string()
                aria-controls=move || is_open.get().then_some(id)
                node_ref=button
                on:keydown=on_button
                on:click=press
            >
                {label}
            </button>
            {list}
        </div>
    }
}
