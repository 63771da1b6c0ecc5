//! How loud something is played.

use leptos::prelude::*;

/// A slider from silent to as loud as it is (percent), beside its name.
#[component]
pub(crate) fn Volume(
    #[prop(into)] label: Signal<&'static str>,
    volume: RwSignal<u8>,
) -> impl IntoView {
    let turn = move |event| {
        if let Ok(percent) = event_target_value(&event).parse() {
            volume.set(percent);
        }
    };
    view! {
        <label class="sb-volume">
            <span>{label}</span>
            <input
                type="range"
                min="0"
                max="100"
                step="5"
                prop:value=move || volume.get().to_string()
                on:input=turn
            />
        </label>
    }
}
