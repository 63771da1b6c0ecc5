//! What people were warned of in the call, as it happened, each with the moment it is about.

use api::warnings::{CallWarning, Severity};
use leptos::prelude::*;

use super::follow::Call;
use super::found::bring_into_sight;
use crate::data::Desk;
use crate::words::warnings::Texts;
use browser::ui::time;

/// The warnings, told as they come.
#[component]
pub(super) fn Warned(desk: Desk, call: Call) -> impl IntoView {
    let warnings = Memo::new(move |_| {
        let warnings = |detail: &api::desk::CallDetail| detail.warnings.clone();
        call.detail.with(|detail| detail.as_ref().map(warnings))
    });
    let each = move || warnings.get().unwrap_or_default();
    view! {
        <div role="status" aria-atomic="false">
            <For
                each
                key=|warning| warning.rule_id.clone()
                children=move |warning| line(desk, call, warning)
            />
        </div>
    }
}

fn line(desk: Desk, call: Call, warning: CallWarning) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let at = warning.time_ms;
    let class = match warning.severity {
        Severity::High => "sb-chip sb-chip-bad",
        Severity::Low | Severity::Unknown => "sb-chip sb-chip-warn",
    };
    let show = move |_| {
        call.feed.mark(Some(at));
        bring_into_sight();
    };
    let clock = time::duration(at);
    let named = clock.clone();
    view! {
        <p class="sb-attend-other">
            <span class=class>{move || texts().warning()}</span>
            <button
                type="button"
                class="sb-button sb-button-small"
                aria-label=move || texts().show_moment(&named)
                on:click=show
            >
                {clock}
            </button>
            <span>{warning.name}</span>
        </p>
    }
}
