//! A bar that shows how loud something is.

use leptos::prelude::*;

/// A level meter; `level` goes from 0 to 1. Decorative: what it means for a
/// person ("you are muted", "the agent speaks") is said in words elsewhere.
#[component]
pub fn Meter(
    /// The smoothed loudness.
    #[prop(into)]
    level: Signal<f64>,
) -> impl IntoView {
    let scale = move || level.get().clamp(0.0, 1.0).to_string();
    view! {
        <span class="sb-meter" aria-hidden="true">
            <span class="sb-meter-bar" style:--sb-level=scale></span>
        </span>
    }
}
