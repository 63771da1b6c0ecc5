//! The orb: both voices as one calm shape. It is moved by CSS custom
//! properties only, so a new level costs no layout, and it says nothing a
//! screen reader would miss: the mood line below it says it in words.

use leptos::prelude::*;

use crate::call::meter::Levels;

/// Draws the orb.
pub(super) fn orb(levels: RwSignal<Levels>) -> impl IntoView {
    view! {
        <div
            class="sbw-orb"
            aria-hidden="true"
            class:sbw-agent=move || levels.get().agent_speaks
            style:--sbw-out=move || levels.get().output.to_string()
            style:--sbw-in=move || levels.get().input.to_string()
        >
            <span class="sbw-halo"></span>
            <span class="sbw-ring"></span>
            <span class="sbw-core"></span>
        </div>
    }
}
