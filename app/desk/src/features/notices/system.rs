//! Notifications of the browser, over whatever else somebody looks at.

use browser::ui::json;
use browser::ui::web::{self, Listener};
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// Whether the browser shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Permission {
    /// It was not asked yet.
    Open,
    Granted,
    Denied,
    /// It has none, or not for pages such as this one.
    Unavailable,
}

/// What makes them.
fn maker() -> Option<Function> {
    json::get(&web::window(), "Notification").dyn_into().ok()
}

/// Whether the browser shows them, as it was told before.
pub(super) fn permission() -> Permission {
    let told = maker().and_then(|maker| json::string(&maker, "permission"));
    match told.as_deref() {
        Some("granted") => Permission::Granted,
        Some("denied") => Permission::Denied,
        Some(_) => Permission::Open,
        None => Permission::Unavailable,
    }
}

/// Has the browser ask whoever sits before it.
pub(super) async fn ask() -> Permission {
    if let Some(maker) = maker()
        && let Ok(answer) = web::call(&maker, "requestPermission", &JsValue::UNDEFINED)
        && let Ok(answer) = answer.dyn_into::<Promise>()
    {
        // What was answered stands where it is looked for.
        let _ = web::wait(answer).await;
    }
    permission()
}

/// One that is shown.
pub(super) struct Shown {
    _pressed: Listener,
}

/// Shows one, silently: sounds are ours. Of those with one `tag` there is one, of however many
/// tabs. `pressed` is called when somebody presses it, in this tab, which is in front then.
/// `None` where the browser shows none.
pub(super) fn show(
    title: &str,
    body: &str,
    tag: &str,
    pressed: impl Fn() + 'static,
) -> Option<Shown> {
    let about = json::object(&[
        ("body", body.into()),
        ("tag", tag.into()),
        ("silent", true.into()),
    ]);
    let shown = Reflect::construct(&maker()?, &Array::of2(&title.into(), &about)).ok()?;
    let this = shown.clone();
    let pressed = Listener::new(shown.unchecked_ref(), "click", move |_| {
        // A browser that does not bring the tab to the front leaves it where it is.
        let _ = web::window().focus();
        // Every one can be closed.
        let _ = web::call(&this, "close", &JsValue::UNDEFINED);
        pressed();
    });
    Some(Shown { _pressed: pressed })
}
