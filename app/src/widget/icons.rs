//! The widget's icons: one path each on a grid of 24 by 24, in the colour of
//! the text around them. They repeat what a label says.

use leptos::prelude::*;

pub(super) const MICROPHONE: &str = "M12 3.5a2.75 2.75 0 0 0-2.75 2.75v5.5a2.75 2.75 0 0 0 5.5 0v-5.5A2.75 2.75 0 0 0 12 3.5ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3";
pub(super) const MICROPHONE_OFF: &str = "M9.3 9.3v2.45a2.75 2.75 0 0 0 4.4 2.2m1.05-3V6.25a2.75 2.75 0 0 0-5.3-1M5.5 11.5a6.5 6.5 0 0 0 10.6 5m1.9-2.4c.32-.8.5-1.68.5-2.6M12 18v3M4 4l16 16";
pub(super) const HANG_UP: &str = "M3.2 14.8c-.5-1.7-.1-3.2 1.2-4.2 4.5-3.3 10.7-3.3 15.2 0 1.3 1 1.7 2.5 1.2 4.2l-4.6-.5-.7-2.7a11.5 11.5 0 0 0-7 0l-.7 2.7-4.6.5Z";
pub(super) const PHONE: &str = "M6.6 3.5 9 3l2 5-2.4 1.6a12 12 0 0 0 5.8 5.8L16 13l5 2-.5 2.4A3.2 3.2 0 0 1 17 20 14.5 14.5 0 0 1 4 7a3.2 3.2 0 0 1 2.6-3.5Z";
pub(super) const SLIDERS: &str = "M4 8h9m5 0h2M4 16h2m5 0h9M15.5 5.5v5M8.5 13.5v5";
pub(super) const CLOSE: &str = "m6 6 12 12M18 6 6 18";
pub(super) const SOUND: &str =
    "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4ZM15.5 9a4 4 0 0 1 0 6M18 6.5a7.5 7.5 0 0 1 0 11";

/// Draws one.
pub(super) fn icon(
    path: impl Fn() -> &'static str + Send + Sync + Copy + 'static,
) -> impl IntoView {
    view! {
        <svg
            class="sb-icon"
            viewBox="0 0 24 24"
            fill="none"
            stroke="currentColor"
            stroke-width="1.75"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d=path />
        </svg>
    }
}
