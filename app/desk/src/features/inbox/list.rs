//! The list of entries, its filters, and replaying several.

use api::inbox::{EntryFilter, EntrySummary, Replay, Replayed};
use api::problem::slug;
use leptos::ev;
use leptos::prelude::*;

use super::words;
use crate::data::Desk;
use crate::data::api_client;
use crate::data::{About, Errand, LoadMore, Pages, Status};
use crate::kit::{
    Button, ButtonSize, Cell, Confirm, Empty, Question, SelectField, Table, TextField,
};
use crate::nav;
use crate::route::Section;
use crate::words::Found as _;
use crate::words::Lang;
use crate::words::format::{self, Precision};
use crate::words::inbox::Texts;
use crate::words::sections::Texts as Sections;
use browser::ui::http::{Failure, escape};
use browser::ui::time;

const PATH: &str = "/api/desk/inbox";

/// The events Retell sends, for the filter.
const EVENTS: [&str; 15] = [
    "call_started",
    "call_ended",
    "call_analyzed",
    "call_inbound",
    "transcript_updated",
    "transfer_started",
    "transfer_bridged",
    "transfer_cancelled",
    "transfer_ended",
    "chat_started",
    "chat_ended",
    "chat_analyzed",
    "chat_inbound",
    "alert_triggered",
    "alert_resolved",
];

/// What is worked on again, for the buttons that ask for it: those that were ticked.
const SELECTED: &str = "selected";
/// Or those that wait.
const PARKED: &str = "parked";

/// Asks the server to work on entries again.
pub(super) fn replay(desk: Desk, about: About, which: Replay, done: impl FnOnce() + 'static) {
    let work = async move { api_client::post(&format!("{PATH}/replay"), &which).await };
    about.run(desk, work, move |_: Replayed| done());
}

/// What a failed replay means.
pub(super) fn failed(failure: &Failure, lang: Lang) -> Option<&'static str> {
    match failure {
        Failure::Problem { slug, .. } if slug == slug::NOTHING_TO_REPLAY => {
            Some(Texts::of(lang).nothing_to_replay())
        }
        _ => None,
    }
}

/// The list with what can be done about it.
#[component]
pub(super) fn List(
    desk: Desk,
    /// The one that is looked at.
    open: Memo<Option<String>>,
) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let pages = Pages::<EntrySummary>::from(desk, PATH);
    let selected = RwSignal::new(Vec::<String>::new());
    let question = RwSignal::new(None::<Question>);
    let errand = Errand::new();
    // Who comes back from one sees what became of it.
    Effect::new(move |before: Option<bool>| {
        let is_open = open.with(Option::is_some);
        if before == Some(true) && !is_open {
            pages.reload();
        }
        is_open
    });
    let after = move || {
        selected.set(Vec::new());
        pages.reload();
    };
    let replay_selected = move |()| {
        let which = Replay {
            ids: Some(selected.get_untracked()),
            filter: None,
        };
        replay(desk, errand.about(SELECTED), which, after);
    };
    let replay_parked = move |()| {
        let texts = Texts::of(desk.lang.get_untracked());
        let act = move |()| {
            let filter = EntryFilter {
                state: Some("parked".to_owned()),
                ..EntryFilter::default()
            };
            let which = Replay {
                ids: None,
                filter: Some(filter),
            };
            replay(desk, errand.about(PARKED), which, after);
        };
        question.set(Some(Question {
            title: texts.replay_parked().to_owned(),
            text: texts.replay_parked_text().to_owned(),
            yes: texts.replay(),
            act: Callback::new(act),
        }));
    };
    let list = move || {
        let Some(entries) = pages.items.get() else {
            return pages.coming(3);
        };
        if entries.is_empty() {
            return view! {
                <Empty title=move || texts().empty() hint=move || texts().empty_hint() />
            }
            .into_any();
        }
        let rows = entries
            .into_iter()
            .map(|entry| row(desk, entry, selected))
            .collect_view();
        let columns = move || {
            let texts = texts();
            vec![
                "",
                texts.received(),
                texts.event(),
                texts.call(),
                texts.state(),
                texts.attempts(),
                texts.latency(),
                "",
            ]
        };
        view! {
            <Table label=move || Sections::of(desk.lang.get()).inbox() columns=columns numbers=&[5, 6]>
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Filters desk pages />
        <div class="sb-actions">
            <Button
                disabled=move || selected.with(Vec::is_empty)
                busy=move || errand.is_doing(SELECTED)
                press=replay_selected
            >
                {move || texts().replay_selected()}
                {move || selected.with(|ids| (!ids.is_empty()).then(|| format!(" ({})", ids.len())))}
            </Button>
            <Button busy=move || errand.is_doing(PARKED) press=replay_parked>
                {move || texts().replay_parked()}
            </Button>
        </div>
        <Status desk errand done=Signal::derive(move || texts().replayed()) words=failed />
        {list}
        <LoadMore desk pages />
        <Confirm question />
    }
}

#[component]
fn Filters(desk: Desk, pages: Pages<EntrySummary>) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let [state, verdict, event, call] = [(); 4].map(|()| RwSignal::new(String::new()));
    let all = move || vec![(String::new(), texts().all().to_owned())];
    let states = move || {
        let mut options = all();
        // How an attempt ends is no state of the whole.
        let states = texts().named("states.").into_iter();
        options.extend(
            states
                .filter(|(state, _)| *state != "failed")
                .map(|(state, words)| (state.to_owned(), words.to_owned())),
        );
        options
    };
    let verdicts = move || {
        let mut options = all();
        let short = texts()
            .named("verdicts.")
            .into_iter()
            .map(|(verdict, words)| {
                let first = words.split_inclusive(". ").next().unwrap_or(words);
                let first = first.trim_end_matches(['.', ' ']);
                (verdict.to_owned(), first.to_owned())
            });
        options.extend(short);
        options
    };
    let events = move || {
        let mut options = all();
        options.extend(EVENTS.map(|event| (event.to_owned(), event.to_owned())));
        options
    };
    let go = move || {
        let given = [
            ("state", state),
            ("verdict", verdict),
            ("event", event),
            ("call_id", call),
        ];
        let query: Vec<_> = given
            .into_iter()
            .map(|(name, value)| (name, value.get_untracked().trim().to_owned()))
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", escape(&value)))
            .collect();
        pages.go(&format!("{PATH}?{}", query.join("&")));
    };
    Effect::new(move |before: Option<()>| {
        for choice in [state, verdict, event] {
            choice.track();
        }
        if before.is_some() {
            go();
        }
    });
    let submit = move |submitted: ev::SubmitEvent| {
        submitted.prevent_default();
        go();
    };
    view! {
        <form class="sb-card sb-form" on:submit=submit>
            <div class="sb-form-row">
                <SelectField id="inbox-state" label=Signal::derive(move || texts().state()) value=state options=Signal::derive(states) />
                <SelectField id="inbox-verdict" label=Signal::derive(move || texts().verdict()) value=verdict options=Signal::derive(verdicts) />
                <SelectField id="inbox-event" label=Signal::derive(move || texts().event()) value=event options=Signal::derive(events) />
                <TextField id="inbox-call" label=Signal::derive(move || texts().call()) value=call />
            </div>
            <div class="sb-actions">
                <button type="submit" class="sb-button">{move || texts().filter()}</button>
            </div>
        </form>
    }
}

fn row(desk: Desk, entry: EntrySummary, selected: RwSignal<Vec<String>>) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let at = entry.received_at;
    let when = move |precision| format::date(at, desk.lang.get(), &desk.timezone(), precision);
    let id = StoredValue::new(entry.id.clone());
    let named = entry.event.clone();
    let event = move || {
        named
            .clone()
            .unwrap_or_else(|| texts().no_event().to_owned())
    };
    let label = {
        let event = event.clone();
        move || texts().select(&event(), &when(Precision::Full))
    };
    let is_selected = move || selected.with(|ids| id.with_value(|id| ids.contains(id)));
    let select = move |_| {
        selected.update(
            |ids| match ids.iter().position(|it| id.with_value(|id| it == id)) {
                Some(index) => drop(ids.remove(index)),
                None => ids.push(id.get_value()),
            },
        );
    };
    let replayable = entry.replayable;
    let latency = entry.latency_ms;
    let latency = move || latency.map(|ms| format::milliseconds(ms as f64, desk.lang.get()));
    let (call, attempts) = (entry.call_id.clone(), entry.attempts);
    let entry = StoredValue::new(entry);
    let state = move || entry.with_value(|it| words::state(&it.state, texts()));
    let reason = move || entry.with_value(|it| words::reason(it, texts()));
    view! {
        <tr role="row">
            <Cell column=Signal::stored("")>
                {replayable
                    .then(|| {
                        view! {
                            <input
                                type="checkbox"
                                class="sb-tick"
                                aria-label=label
                                prop:checked=is_selected
                                on:change=select
                            />
                        }
                    })}
            </Cell>
            <Cell column=Signal::derive(move || texts().received())>
                <time datetime=time::machine_date(at)>
                    {move || when(Precision::Short)}
                </time>
            </Cell>
            <Cell column=Signal::derive(move || texts().event())>{event}</Cell>
            <Cell column=Signal::derive(move || texts().call())>
                <span class="sb-id">{call}</span>
            </Cell>
            <Cell column=Signal::derive(move || texts().state())>
                <div>
                    <span class=entry.with_value(words::chip)>{state}</span>
                    {move || reason().map(|text| view! { <p class="sb-hint">{text}</p> })}
                </div>
            </Cell>
            <Cell column=Signal::derive(move || texts().attempts()) number=true>{attempts}</Cell>
            <Cell column=Signal::derive(move || texts().latency()) number=true>{latency}</Cell>
            <Cell column=Signal::stored("")>
                <div class="sb-actions">
                    <Button
                        size=ButtonSize::Small
                        press=move |()| nav::open(desk.route, Section::Inbox, Some(id.get_value()))
                    >
                        {move || texts().details()}
                    </Button>
                </div>
            </Cell>
        </tr>
    }
}
