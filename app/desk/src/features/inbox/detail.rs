//! One entry: what came, what became of it, and having it tried again.

use api::inbox::{EntryAttempt, EntryDetail, Replay};
use leptos::html;
use leptos::prelude::*;

use super::list::{failed, replay};
use super::words;
use crate::data::Desk;
use crate::data::{Errand, Loaded, Loading, Status};
use crate::kit::{Button, ButtonLook, Cell, Table};
use crate::words::format::{self, Precision};
use crate::words::inbox::Texts;
use browser::ui::time;

/// One entry; `back` leaves it.
#[component]
pub(super) fn Detail(desk: Desk, id: String, back: Callback<()>) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let loaded = Loaded::<EntryDetail>::from(desk, format!("/api/desk/inbox/{id}"));
    let errand = Errand::new();
    // Until it was worked on.
    Effect::new(move |_| {
        desk.now.track();
        let waits = loaded.value.with_untracked(
            |value| matches!(value, Some(Ok(detail)) if detail.summary.state == "pending"),
        );
        if waits {
            loaded.reload();
        }
    });
    let button = NodeRef::<html::Button>::new();
    button.on_load(|button| {
        let _ = button.focus();
    });
    let again = move |()| {
        let which = Replay {
            ids: Some(vec![id.clone()]),
            filter: None,
        };
        let about = errand.about(id.as_str());
        replay(desk, about, which, move || loaded.reload());
    };
    let replayable = Memo::new(move |_| {
        loaded
            .value
            .with(|value| matches!(value, Some(Ok(detail)) if detail.summary.replayable))
    });
    view! {
        <div class="sb-actions">
            <button type="button" class="sb-button" node_ref=button on:click=move |_| back.run(())>
                {move || texts().back()}
            </button>
            <Button
                look=ButtonLook::Primary
                disabled=move || !replayable.get()
                busy=move || errand.is_busy()
                press=again
            >
                {move || texts().replay()}
            </Button>
        </div>
        <Status desk errand done=Signal::derive(move || texts().replayed()) words=failed />
        <Loading desk loaded draw=move |detail| facts(desk, detail) />
    }
}

fn facts(desk: Desk, detail: EntryDetail) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let at = detail.summary.received_at;
    let when = move || format::date(at, desk.lang.get(), &desk.timezone(), Precision::Full);
    let body = words::pretty(&detail.body);
    let answer = detail.answer.as_deref().map(words::pretty);
    let headers: Vec<_> = [
        ("x-retell-signature", detail.signature.clone()),
        ("content-type", detail.content_type.clone()),
        ("user-agent", detail.user_agent.clone()),
        ("sha-256", Some(detail.body_sha256.clone())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(format!("{name}: {}", value?)))
    .collect();
    let summary = StoredValue::new(detail.summary.clone());
    let state = move || summary.with_value(|it| words::state(&it.state, texts()));
    let reason = move || summary.with_value(|it| words::reason(it, texts()));
    let tries = detail.tries;
    let attempts = move || {
        if tries.is_empty() {
            return view! { <p class="sb-hint">{move || texts().no_attempts()}</p> }.into_any();
        }
        let rows = tries
            .iter()
            .cloned()
            .map(|attempt| attempt_row(desk, attempt))
            .collect_view();
        let columns = move || {
            let texts = texts();
            vec![
                "#",
                texts.received(),
                texts.took(),
                texts.outcome(),
                texts.by(),
            ]
        };
        view! {
            <Table label=Signal::derive(move || texts().attempts()) columns=Signal::derive(columns) numbers=&[2]>
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <div class="sb-card">
            <dl class="sb-facts">
                <dt>{move || texts().event()}</dt>
                <dd>{detail.summary.event.clone()}</dd>
                <dt>{move || texts().call()}</dt>
                <dd class="sb-id">{detail.summary.call_id.clone()}</dd>
                <dt>{move || texts().received()}</dt>
                <dd>{when}</dd>
                <dt>{move || texts().state()}</dt>
                <dd>
                    <span class=words::chip(&detail.summary)>{state}</span>
                </dd>
                {move || {
                    reason()
                        .map(|reason| {
                            view! {
                                <dt>{move || texts().why()}</dt>
                                <dd>{reason}</dd>
                            }
                        })
                }}
                <dt>{move || texts().duplicates()}</dt>
                <dd>{detail.summary.duplicates}</dd>
                <dt>{move || texts().from()}</dt>
                <dd class="sb-id">{detail.remote_ip}</dd>
            </dl>
        </div>
        <section aria-labelledby="tries-title">
            <h2 id="tries-title">{move || texts().attempts()}</h2>
            {attempts}
        </section>
        {answer
            .map(|answer| {
                view! {
                    <section aria-labelledby="answer-title">
                        <h2 id="answer-title">{move || texts().answered()}</h2>
                        <pre class="sb-code" tabindex="0">{answer}</pre>
                    </section>
                }
            })}
        <section aria-labelledby="headers-title">
            <h2 id="headers-title">{move || texts().headers()}</h2>
            <pre class="sb-code" tabindex="0">{headers.join("\n")}</pre>
        </section>
        <section aria-labelledby="body-title">
            <h2 id="body-title">{move || texts().body()}</h2>
            <pre class="sb-code" tabindex="0">{body}</pre>
        </section>
    }
}

fn attempt_row(desk: Desk, attempt: EntryAttempt) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let at = attempt.at;
    let when = move || format::date(at, desk.lang.get(), &desk.timezone(), Precision::Full);
    let took = attempt.duration_us as f64 / 1000.0;
    let took = move || format!("{} ms", format::decimal(took, desk.lang.get()));
    let number = attempt.number;
    let attempt = StoredValue::new(attempt);
    let outcome = move || attempt.with_value(|it| words::state(&it.outcome, texts()));
    let error = move || {
        attempt.with_value(|it| {
            it.error
                .as_deref()
                .map(|error| words::in_words(error, texts()))
        })
    };
    let by = move || attempt.with_value(|it| words::author(it, texts()));
    view! {
        <tr role="row">
            <Cell column=Signal::stored("#")>{number}</Cell>
            <Cell column=Signal::derive(move || texts().received())>
                <time datetime=time::machine_date(at)>{when}</time>
            </Cell>
            <Cell column=Signal::derive(move || texts().took()) number=true>{took}</Cell>
            <Cell column=Signal::derive(move || texts().outcome())>
                <div>
                    {outcome}
                    {move || error().map(|text| view! { <p class="sb-hint">{text}</p> })}
                </div>
            </Cell>
            <Cell column=Signal::derive(move || texts().by())>{by}</Cell>
        </tr>
    }
}
