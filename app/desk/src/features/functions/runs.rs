//! What a function was asked last, and what it answered.

use api::functions::FunctionRun;
use leptos::prelude::*;

use super::{Shared, outcome};
use crate::data::{LoadMore, Pages};
use crate::nav::Link;
use crate::route::Route;
use crate::words::format::{self, Precision};

/// What it was asked, the newest first.
#[component]
pub(super) fn Runs(shared: Shared, pages: Pages<FunctionRun>) -> impl IntoView {
    let desk = shared.desk;
    let texts = move || shared.texts();
    let items = Memo::new(move |_| pages.items.get().unwrap_or_default());
    let nothing = move || {
        let none = pages
            .items
            .with(|items| items.as_ref().is_some_and(Vec::is_empty));
        none.then(|| view! { <p class="sb-hint">{texts().no_runs()}</p> })
    };
    view! {
        {nothing}
        <ul class="sb-runs" role="list" aria-label=move || texts().runs()>
            <For
                each=move || items.get()
                key=|it| (it.call.id.clone(), it.call.latency_ms)
                children=move |run| view! { <Asked shared run open=false /> }
            />
        </ul>
        <LoadMore desk pages />
    }
}

/// One of them: what and when, and unfolded what was said.
#[component]
pub(super) fn Asked(
    shared: Shared,
    run: FunctionRun,
    /// Whether it is unfolded at first.
    open: bool,
) -> impl IntoView {
    let desk = shared.desk;
    let texts = move || shared.texts();
    let FunctionRun {
        call_id,
        trial,
        call,
    } = run;
    let when = move || format::date(call.at, desk.lang.get(), &desk.timezone(), Precision::Short);
    let (became, took) = (call.outcome, call.latency_ms);
    let chip = move || {
        let (class, word) = outcome(became, texts());
        view! { <span class=class>{word}</span> }
    };
    let said = call.answer.as_ref();
    let said = said.and_then(|answer| Some(answer.get("message")?.as_str()?.to_owned()));
    let pretty = |value| serde_json::to_string_pretty(&value).unwrap_or_default();
    let (arguments, answer) = (
        pretty(serde_json::Value::Object(call.arguments)),
        call.answer.map(pretty),
    );
    let link = call_id.map(|id| {
        view! {
            <p>
                <Link route=desk.route to=Route::Call(id)>{move || texts().call()}</Link>
            </p>
        }
    });
    view! {
        <li>
            <details class="sb-unfold" open=open>
                <summary>
                    <span>{when}</span>
                    {chip}
                    {trial.then(|| view! { <span class="sb-chip">{move || texts().trial()}</span> })}
                    <span class="sb-row-took">{move || shared.milliseconds(took)}</span>
                    <span class="sb-runs-said">{said}</span>
                </summary>
                {link}
                <p class="sb-row-label">{move || texts().arguments()}</p>
                <pre>{arguments}</pre>
                <p class="sb-row-label">{move || texts().answer()}</p>
                <pre>{answer}</pre>
            </details>
        </li>
    }
}
