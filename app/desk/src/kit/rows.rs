//! The rows of a table of any length, of which only those are drawn that are near the screen.

use js_sys::{Array, Function, Reflect};
use leptos::html;
use leptos::prelude::*;
use leptos::web_sys::Element;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};

use browser::ui::{json, web};

/// How many rows are drawn, or not, together.
pub(crate) const BLOCK: usize = 50;
/// How far from the screen something may be and is near it (px).
const NEAR: &str = "1000px 0px";
/// How high a row is that was never drawn (px): most are.
const ROW_PX: usize = 33;

/// The rows, a `tbody` for each [`BLOCK`] of them.
#[component]
pub(crate) fn Rows(
    /// How many there are.
    count: Memo<usize>,
    /// One that is drawn at once, as the first ones are.
    at: usize,
    /// How many columns they have.
    columns: usize,
    /// Draws a block, from this row on.
    draw: Callback<usize, AnyView>,
) -> impl IntoView {
    let blocks = move || 0..count.get().div_ceil(BLOCK);
    let block = move |nth: usize| {
        let body = NodeRef::<html::Tbody>::new();
        let drawn = RwSignal::new(nth == 0 || nth == at / BLOCK);
        let height = StoredValue::new(None::<usize>);
        body.on_load(move |body| {
            let itself = body.clone();
            near(&body, move |is_near, its_height| {
                // Who reads here with the keyboard goes on from here.
                let focused = document().active_element();
                if is_near || !itself.contains(focused.as_deref()) {
                    if drawn.get_untracked() && !is_near {
                        height.set_value(Some(its_height as usize));
                    }
                    drawn.set(is_near);
                }
            });
        });
        let drawn = Memo::new(move |_| drawn.get());
        let rows = move || {
            if drawn.get() {
                return draw.run(nth * BLOCK);
            }
            let gap = move || {
                let rows = count.get().saturating_sub(nth * BLOCK).min(BLOCK);
                let height = height.get_value().unwrap_or(rows * ROW_PX);
                format!("{height}px")
            };
            view! {
                <tr class="sb-gap" aria-hidden="true">
                    <td colspan=columns style:height=gap></td>
                </tr>
            }
            .into_any()
        };
        view! { <tbody role="rowgroup" node_ref=body>{rows}</tbody> }
    };
    view! { <For each=blocks key=|nth| *nth children=block /> }
}

/// Tells whether an element is near the screen and how high it is (px), now and whenever that
/// changes, as long as the current component lives.
pub(crate) fn near(element: &Element, tell: impl Fn(bool, f64) + 'static) {
    let heard = Closure::<dyn Fn(Array)>::new(move |entries: Array| {
        // The last one says how it is now.
        let entry = entries.at(-1);
        let height = json::number(&json::get(&entry, "boundingClientRect"), "height");
        let is_near = json::boolean(&entry, "isIntersecting") == Some(true);
        tell(is_near, height.unwrap_or_default());
    });
    let class: Function = json::get(&web::window(), "IntersectionObserver").unchecked_into();
    let options = json::object(&[("rootMargin", JsValue::from_str(NEAR))]);
    let arguments = Array::of2(heard.as_ref(), &options);
    if let Ok(observer) = Reflect::construct(&class, &arguments) {
        // Fails only for what is no element.
        let _ = web::call(&observer, "observe", element);
        StoredValue::new_local(Observer {
            observer,
            _heard: heard,
        });
    }
}

/// Hears nothing more when it is dropped.
struct Observer {
    observer: JsValue,
    _heard: Closure<dyn Fn(Array)>,
}

impl Drop for Observer {
    fn drop(&mut self) {
        let _ = web::call(&self.observer, "disconnect", &JsValue::UNDEFINED);
    }
}
