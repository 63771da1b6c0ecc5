//! The server's work for the business: what waits, and what is left to a person.

use api::jobs::{JobCount, JobQueue, ParkedJob};
use leptos::prelude::*;
use serde_json::json;

pub(crate) use crate::words::jobs::Texts;

use crate::data::Desk;
use crate::data::api_client;
use crate::data::{Errand, LoadMore, Loaded, Loading, Pages, Status};
use crate::kit::{Cell, Confirm, Empty, Question, Table};
use crate::words::format::{self, Precision};
use browser::ui::time;

/// What all parts of the section share.
#[derive(Clone, Copy)]
struct Shared {
    desk: Desk,
    queue: Loaded<JobQueue>,
    parked: Pages<ParkedJob>,
    errand: Errand,
    question: RwSignal<Option<Question>>,
}

impl Shared {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    fn reload(self) {
        self.queue.reload();
        self.parked.reload();
    }

    fn when(self, at: i64, precision: Precision) -> String {
        format::date(at, self.desk.lang.get(), &self.desk.timezone(), precision)
    }

    fn kind(self, kind: &str) -> String {
        match kind {
            "hook.deliver" => self.texts().hook_deliver().to_owned(),
            "call.follow" => self.texts().call_follow().to_owned(),
            "callback.follow" => self.texts().callback_follow().to_owned(),
            "callback.place" => self.texts().callback_place().to_owned(),
            "account.mirror" => self.texts().account_mirror().to_owned(),
            "calendar.read" => self.texts().calendar_read().to_owned(),
            "calendar.write" => self.texts().calendar_write().to_owned(),
            "crm.write" => self.texts().crm_write().to_owned(),
            "calls.import" => self.texts().calls_import().to_owned(),
            "hook.forget" => self.texts().hook_forget().to_owned(),
            "privacy.erase" => self.texts().privacy_erase().to_owned(),
            "privacy.retention" => self.texts().privacy_retention().to_owned(),
            other => other.to_owned(),
        }
    }
}

/// The jobs.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let shared = Shared {
        desk,
        queue: Loaded::from(desk, "/api/desk/jobs"),
        parked: Pages::from(desk, "/api/desk/jobs/parked"),
        errand: Errand::new(),
        question: RwSignal::new(None),
    };
    let draw = move |queue: JobQueue| {
        if queue.items.is_empty() {
            return view! {
                <Empty title=move || shared.texts().empty() hint=move || shared.texts().empty_hint() />
            }
            .into_any();
        }
        let rows = queue
            .items
            .into_iter()
            .map(|count| count_row(shared, count))
            .collect_view();
        let columns = move || {
            let texts = shared.texts();
            vec![texts.kind(), texts.state(), texts.count(), texts.oldest()]
        };
        view! {
            <Table label=move || shared.texts().queue() columns=columns numbers=&[2]>
                {rows}
            </Table>
        }
        .into_any()
    };
    let parked = move || {
        let jobs = shared.parked.items.get().filter(|jobs| !jobs.is_empty())?;
        let rows = jobs
            .into_iter()
            .map(|job| parked_row(shared, job))
            .collect_view();
        let columns = move || {
            let texts = shared.texts();
            vec![
                texts.added(),
                texts.kind(),
                texts.attempts(),
                texts.why(),
                "",
            ]
        };
        Some(view! {
            <h2>{move || shared.texts().parked_title()}</h2>
            <p class="sb-hint">{move || shared.texts().parked_hint()}</p>
            <Table label=move || shared.texts().parked_title() columns=columns numbers=&[2]>
                {rows}
            </Table>
        })
    };
    view! {
        <p class="sb-hint">{move || shared.texts().hint()}</p>
        <div class="sb-actions">
            <button type="button" class="sb-button" on:click=move |_| shared.reload()>
                {move || shared.texts().refresh()}
            </button>
        </div>
        <Loading desk loaded=shared.queue draw />
        <Status desk errand=shared.errand done=Signal::stored("") />
        {parked}
        <LoadMore desk pages=shared.parked />
        <Confirm question=shared.question />
    }
}

fn count_row(shared: Shared, count: JobCount) -> impl IntoView {
    let at = count.oldest_at;
    let (kind, state) = (count.kind, count.state);
    let whom = count.whom.map(|whom| format!(" · {whom}"));
    let named = move || {
        let texts = shared.texts();
        match state.as_str() {
            "running" => texts.running(),
            "parked" => texts.parked(),
            "resting" => texts.resting(),
            _ => texts.waiting(),
        }
    };
    view! {
        <tr role="row">
            <Cell column=move || shared.texts().kind()>{move || shared.kind(&kind)} {whom}</Cell>
            <Cell column=move || shared.texts().state()>{named}</Cell>
            <Cell column=move || shared.texts().count() number=true>{count.count}</Cell>
            <Cell column=move || shared.texts().oldest()>
                <time datetime=time::machine_date(at)>
                    {move || shared.when(at, Precision::Short)}
                </time>
            </Cell>
        </tr>
    }
}

fn parked_row(shared: Shared, job: ParkedJob) -> impl IntoView {
    let at = job.created_at;
    let kind = job.kind;
    let path = StoredValue::new(format!("/api/desk/jobs/{}", job.id));
    let retry = move |_| {
        let path = format!("{}/retry", path.get_value());
        let about = shared.errand.about(&path);
        let work = async move { api_client::post::<()>(&path, &json!({})).await };
        about.run(shared.desk, work, move |()| shared.reload());
    };
    let discard = move || {
        let path = path.get_value();
        let about = shared.errand.about(&path);
        let work = async move { api_client::delete(&path).await };
        about.run(shared.desk, work, move |()| shared.reload());
    };
    let ask = move |_| {
        let texts = shared.texts();
        shared.question.set(Some(Question {
            title: texts.discard_title().to_owned(),
            text: texts.discard_text().to_owned(),
            yes: texts.discard(),
            act: Callback::new(move |()| discard()),
        }));
    };
    view! {
        <tr role="row">
            <Cell column=move || shared.texts().added()>
                <time datetime=time::machine_date(at)>
                    {move || shared.when(at, Precision::Short)}
                </time>
            </Cell>
            <Cell column=move || shared.texts().kind()>{move || shared.kind(&kind)}</Cell>
            <Cell column=move || shared.texts().attempts() number=true>{job.attempts}</Cell>
            <Cell column=move || shared.texts().why()>{job.reason}</Cell>
            <Cell column="">
                <div class="sb-actions">
                    <button type="button" class="sb-button sb-button-small" on:click=retry>
                        {move || shared.texts().retry()}
                    </button>
                    <button
                        type="button"
                        class="sb-button sb-button-small sb-button-danger"
                        on:click=ask
                    >
                        {move || shared.texts().discard()}
                    </button>
                </div>
            </Cell>
        </tr>
    }
}
