//! Asking Retell for calls that were missed, and how far that is.

use api::inbox::{CallImport, ImportList, StartImport};
use leptos::prelude::*;

use crate::data::Desk;
use crate::data::api_client;
use crate::data::{Errand, Loaded, Status};
use crate::kit::Button;
use crate::words::format::{self, Precision};
use crate::words::inbox::Texts;

const PATH: &str = "/api/desk/imports";

/// The button, the last run, and the address Retell posts to.
#[component]
pub(super) fn Missed(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let list = Loaded::<ImportList>::from(desk, PATH);
    let errand = Errand::new();
    let newest = Memo::new(move |_| match list.value.get() {
        Some(Ok(list)) => list.items.first().cloned(),
        _ => None,
    });
    let runs = Memo::new(move |_| newest.with(|run| run.as_ref().is_some_and(is_running)));
    // While a run goes on its figures change.
    Effect::new(move |_| {
        desk.now.track();
        if runs.get() {
            list.reload();
        }
    });
    let ask = move |()| {
        let work = async move { api_client::post(PATH, &StartImport::default()).await };
        errand.run(desk, work, move |answer: ImportList| list.set(answer));
    };
    let address = move || match list.value.get() {
        Some(Ok(list)) => Some(list.webhook_url),
        _ => None,
    };
    let said = move || newest.get().map(|run| in_words(desk, &run, texts()));
    view! {
        <section class="sb-card" aria-labelledby="missed-title">
            <h2 id="missed-title">{move || texts().missed()}</h2>
            <p class="sb-hint">{move || texts().missed_hint()}</p>
            <p role="status">{said}</p>
            <div class="sb-actions">
                <Button busy=move || errand.is_busy() || runs.get() press=ask>
                    {move || if runs.get() { texts().asking() } else { texts().ask() }}
                </Button>
            </div>
            <Status desk errand done=Signal::stored("") />
            <p class="sb-hint">
                {move || texts().address()} " "
                <code class="sb-id">{address}</code>
            </p>
        </section>
    }
}

fn is_running(run: &CallImport) -> bool {
    run.state == "running"
}

fn in_words(desk: Desk, run: &CallImport, texts: Texts) -> String {
    match (&run.error, run.finished_at) {
        (Some(error), _) => texts.ask_failed(error),
        (None, None) => {
            let total = run.total.map_or_else(
                || "?".to_owned(),
                |total| format::number(total, desk.lang.get()),
            );
            texts.progress(run.seen, &total)
        }
        (None, Some(at)) => {
            let when = format::date(at, desk.lang.get(), &desk.timezone(), Precision::Short);
            texts.asked(run.changed, run.seen, &when)
        }
    }
}
