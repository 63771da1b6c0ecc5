//! What the staff did with the call for good, below what was said in it: from then on nothing is
//! written down.

use api::attend::DoneBy;
use api::desk::CallDetail;
use browser::ui::time;
use leptos::prelude::*;

use super::follow::Call;
use crate::data::Desk;
use crate::data::noted::name;
use crate::words::attend::Texts;

/// Who took it over, and who ended it, each with the moment.
#[component]
pub(super) fn Done(desk: Desk, call: Call) -> impl IntoView {
    // The stream tells of it at once, the details are asked for.
    Effect::new(move || {
        let is_told = call.attending.with(|it| it.taken_over.is_some());
        let is_known = |detail: &CallDetail| detail.taken_over.is_some();
        let is_known = call
            .detail
            .with_untracked(|detail| detail.as_ref().is_some_and(is_known));
        if is_told && !is_known {
            call.load();
        }
    });
    let done = Memo::new(move |_| {
        call.detail.with(|detail| {
            let detail = detail.as_ref()?;
            let summary = &detail.summary;
            let begun_at = summary.started_at.unwrap_or(summary.created_at);
            Some((begun_at, detail.taken_over.clone(), detail.stopped.clone()))
        })
    });
    move || {
        let texts = Texts::of(desk.lang.get());
        let (begun_at, taken_over, stopped) = done.get()?;
        let line = |done: DoneBy, says: fn(Texts, &str) -> String| {
            view! {
                <li class="sb-row sb-row-note">
                    <span class="sb-row-time">{time::duration(done.at - begun_at)}</span>
                    " "
                    {says(texts, &name(texts, &done))}
                </li>
            }
        };
        let taken_over = taken_over.map(|done| line(done, |texts, name| texts.has_call(name)));
        let stopped = stopped.map(|done| line(done, |texts, name| texts.stopped(name)));
        (taken_over.is_some() || stopped.is_some()).then(|| {
            view! {
                <ol class="sb-done" role="list" aria-label=texts.done()>
                    {taken_over}
                    {stopped}
                </ol>
            }
        })
    }
}
