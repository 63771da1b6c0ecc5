//! The filters that are seldom needed: a control for each, and what is set as chips that
//! take it away again. They are loaded when somebody asks for them, or an address does.

use api::calls::{
    CallChoice, CallChoices, CallQuery, CallState, CallView, CallViewList, NewCallView,
};
use api::desk::CallStatus;
use leptos::ev::{Event, MouseEvent, SubmitEvent};
use leptos::leptos_dom::helpers::debounce;
use leptos::prelude::*;
use leptos::web_sys::UrlSearchParams;

use super::export::Export;
use super::filters::{Chosen, KIND, beside_quick};
use super::reasons;
use crate::data::{Desk, Errand, Loaded, SaveButton, Status, api_client};
use crate::kit::{CheckField, DateRange, Day, Days, SETTLED, TextField};
use crate::nav;
use crate::role::Role;
use crate::words::Lang;
use crate::words::call::Texts as CallTexts;
use crate::words::format::{self, Precision};
use crate::words::history;
use crate::words::marks::Texts as Marks;
use crate::words::more_filters::Texts;
use crate::words::parts::Texts as Parts;
use browser::ui::http::Failure;
use browser::ui::time;

/// The durations offered (s).
const DURATIONS: [u32; 6] = [30, 60, 120, 300, 600, 1800];

/// The costs offered (US cents).
const COSTS: [u32; 6] = [5, 10, 25, 50, 100, 500];

/// What a control shows: its value, and what it is called.
type Options = Vec<(String, String)>;

#[derive(Clone, Copy)]
struct Filters {
    desk: Desk,
    choices: Loaded<CallChoices>,
}

impl Filters {
    fn open(desk: Desk) -> Self {
        Self {
            desk,
            choices: Loaded::from(desk, "/api/desk/calls/choices"),
        }
    }

    /// What there is; without it there are two filters less to choose from.
    fn choices(self) -> CallChoices {
        let choices = self.choices.value.get().and_then(Result::ok);
        choices.unwrap_or_default()
    }

    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    /// The words of what was said in calls and of them.
    fn more(self) -> history::Texts {
        history::Texts::of(self.desk.lang.get())
    }

    /// The value of a parameter; empty where any will do.
    fn value(self, name: &str) -> String {
        Chosen(self.desk).value(name)
    }

    fn set(self, name: &str, value: &str) {
        Chosen(self.desk).put(name, value);
    }

    /// What a filter is called.
    fn label(self, name: &str) -> &'static str {
        let (own, desk) = (self.texts(), self.desk.texts());
        let call = CallTexts::of(self.desk.lang.get());
        match name {
            "status" => desk.status(),
            "agent_id" => desk.agent(),
            "public_key_id" => own.public_key(),
            "disconnection_reason" => call.reason(),
            "user_sentiment" => call.sentiment(),
            "successful" => own.goal(),
            "has_recording" => call.recording(),
            "claimed_by" => Marks::of(self.desk.lang.get()).by_claim(),
            "flagged" => Marks::of(self.desk.lang.get()).by_flag(),
            "warned" => Marks::of(self.desk.lang.get()).by_warning(),
            "from" => Parts::of(self.desk.lang.get()).from(),
            "until" => Parts::of(self.desk.lang.get()).until(),
            "min_duration_s" => own.at_least(),
            "max_duration_s" => own.at_most(),
            "text" => self.more().text(),
            "disposition" => self.more().disposition(),
            "has_disposition" => self.more().has_disposition(),
            "tag" => self.more().tag(),
            "has_booking" => self.more().booking(),
            "min_cost_cents" => self.more().min_cost(),
            "max_cost_cents" => self.more().max_cost(),
            _ => own.kind(),
        }
    }

    /// What can be chosen.
    fn options(self, name: &str) -> Options {
        let (own, desk) = (self.texts(), self.desk.texts());
        let fixed = |options: &[(&str, &str)]| -> Options {
            options
                .iter()
                .map(|(value, text)| ((*value).to_owned(), (*text).to_owned()))
                .collect()
        };
        match name {
            "status" => CallState::ALL
                .iter()
                .map(|state| {
                    let status = match state {
                        CallState::Live => CallStatus::Ongoing,
                        CallState::Ended => CallStatus::Ended,
                        CallState::NotConnected => CallStatus::NotConnected,
                        CallState::Error => CallStatus::Error,
                    };
                    (state.name().to_owned(), desk.stands(status).to_owned())
                })
                .collect(),
            "agent_id" => own_options(&self.choices().agents),
            "public_key_id" => own_options(&self.choices().public_keys),
            "disconnection_reason" => reasons::all(self.desk.lang.get())
                .into_iter()
                .map(|(code, words)| (code.to_owned(), words.to_owned()))
                .collect(),
            "user_sentiment" => ["Positive", "Neutral", "Negative", "Unknown"]
                .iter()
                .map(|word| ((*word).to_owned(), desk.feeling(word).to_owned()))
                .collect(),
            "successful" => fixed(&[
                ("true", CallTexts::of(self.desk.lang.get()).goal_reached()),
                ("false", desk.goal_missed()),
            ]),
            "has_recording" => fixed(&[("true", own.recorded()), ("false", own.not_recorded())]),
            "claimed_by" => vec![(
                self.desk.me(),
                Marks::of(self.desk.lang.get()).by_me().to_owned(),
            )],
            "flagged" => {
                let marks = Marks::of(self.desk.lang.get());
                fixed(&[
                    ("true", marks.is_flagged()),
                    ("false", marks.is_not_flagged()),
                ])
            }
            "warned" => {
                let marks = Marks::of(self.desk.lang.get());
                fixed(&[
                    ("true", marks.is_warned()),
                    ("false", marks.is_not_warned()),
                ])
            }
            "min_duration_s" | "max_duration_s" => DURATIONS
                .iter()
                .map(|s| (s.to_string(), time::duration(i64::from(*s) * 1000)))
                .collect(),
            "disposition" => {
                let listed = self.choices().dispositions.items.into_iter();
                same(listed.map(|one| one.name))
            }
            "has_disposition" => {
                let more = self.more();
                fixed(&[
                    ("true", more.disposition_said()),
                    ("false", more.disposition_open()),
                ])
            }
            "tag" => same(self.choices().tags.into_iter()),
            "has_booking" => {
                let more = self.more();
                fixed(&[("true", more.booked()), ("false", more.not_booked())])
            }
            "min_cost_cents" | "max_cost_cents" => COSTS
                .iter()
                .map(|cents| {
                    let dollars = f64::from(*cents) / 100.0;
                    (
                        cents.to_string(),
                        format::dollars(dollars, self.desk.lang.get()),
                    )
                })
                .collect(),
            KIND => fixed(&[
                ("web_call", desk.web_call()),
                ("phone_call", own.phone_call()),
                ("inbound", desk.inbound_call()),
                ("outbound", desk.outbound_call()),
                ("internal", desk.test_call()),
            ]),
            _ => Vec::new(),
        }
    }

    /// What is set, in words.
    fn in_words(self, name: &str, value: &str) -> String {
        if let ("from" | "until", Some(day)) = (name, Day::parse(value)) {
            let begins = day.begins_in_utc();
            return format::date(begins, self.desk.lang.get(), "UTC", Precision::Date);
        }
        let chosen = self
            .options(name)
            .into_iter()
            .find(|(option, _)| option == value);
        chosen.map_or_else(|| value.to_owned(), |(_, text)| text)
    }
}

/// Those that are called what they are.
fn same(names: impl Iterator<Item = String>) -> Options {
    names.map(|name| (name.clone(), name)).collect()
}

fn own_options(choices: &[CallChoice]) -> Options {
    choices
        .iter()
        .map(|choice| (choice.id.clone(), choice.name.clone()))
        .collect()
}

/// The controls.
#[component]
pub(crate) fn MoreFilters(desk: Desk) -> impl IntoView {
    let filters = Filters::open(desk);
    let select = |name: &'static str| view! { <Choice filters name /> };
    view! {
        <form class="sb-filters-form" on:submit=move |event| event.prevent_default()>
            <Said filters />
            {select("status")}
            {select(KIND)}
            {select("agent_id")}
            {select("public_key_id")}
            <DaysBetween filters />
            {select("disconnection_reason")}
            {select("user_sentiment")}
            {select("successful")}
            {select("has_recording")}
            {select("claimed_by")}
            {select("flagged")}
            {select("warned")}
            {select("min_duration_s")}
            {select("max_duration_s")}
            {select("disposition")}
            {select("has_disposition")}
            {select("tag")}
            {select("has_booking")}
            {select("min_cost_cents")}
            {select("max_cost_cents")}
        </form>
        <Views filters />
        {move || (desk.role() >= Role::Supervisor).then(|| view! { <Export desk /> })}
    }
}

const VIEWS: &str = "/api/desk/call-views";

/// What failures mean of views.
fn refused(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let is_refused = matches!(failure, Failure::Problem { status: 422, .. });
    is_refused.then(|| history::Texts::of(lang).view_invalid())
}

/// What a view asks for.
fn asked_by(view: &CallView) -> CallQuery {
    let mut query = CallQuery::default();
    if let Ok(parameters) = UrlSearchParams::new_with_str(&view.query) {
        for name in CallQuery::NAMES.iter().chain(&CallQuery::DEEPER) {
            if let Some(value) = parameters.get(name) {
                query.set(name, &value);
            }
        }
    }
    query
}

/// The filters that were saved, and saving those that are set.
#[component]
fn Views(filters: Filters) -> impl IntoView {
    let desk = filters.desk;
    let loaded = Loaded::<CallViewList>::from(desk, VIEWS);
    let (saving, removing) = (Errand::new(), Errand::new());
    let name = RwSignal::new(String::new());
    let shared = RwSignal::new(false);
    let may_share = move || desk.role() >= Role::Supervisor;
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let query = desk.filter.with_untracked(nav::query);
        let new = NewCallView {
            name: name.get_untracked(),
            query: query.trim_start_matches('?').to_owned(),
            shared: shared.get_untracked(),
        };
        let work = async move { api_client::post::<CallView>(VIEWS, &new).await };
        saving.run(desk, work, move |_| {
            name.set(String::new());
            loaded.reload();
        });
    };
    let row = move |view: CallView| {
        let asked = asked_by(&view);
        let href = nav::calls_address(&asked);
        let open = move |click: MouseEvent| {
            if nav::is_plain(&click) {
                click.prevent_default();
                desk.filter_by(asked.clone());
            }
        };
        let may_remove = !view.shared || may_share();
        let address = format!("{VIEWS}/{}", view.id);
        let label = view.name.clone();
        let remove = may_remove.then(|| {
            let remove = move |_| {
                let address = address.clone();
                let work = async move { api_client::delete(&address).await };
                removing.run(desk, work, move |()| loaded.reload());
            };
            view! {
                <button
                    type="button"
                    class="sb-button sb-button-quiet"
                    aria-label=move || filters.more().view_remove(&label)
                    on:click=remove
                >
                    <span aria-hidden="true">"×"</span>
                </button>
            }
        });
        view! {
            <div class="sb-actions" role="listitem">
                <a class="sb-back" href=href on:click=open>{view.name}</a>
                {view
                    .shared
                    .then(|| {
                        view! { <span class="sb-hint">{move || filters.more().view_of_all()}</span> }
                    })}
                {remove}
            </div>
        }
    };
    let list = move || {
        let items = loaded.value.get()?.ok()?.items;
        Some(if items.is_empty() {
            view! { <p class="sb-hint">{move || filters.more().views_none()}</p> }.into_any()
        } else {
            let rows = items.into_iter().map(row).collect_view();
            view! { <div class="sb-form" role="list">{rows}</div> }.into_any()
        })
    };
    view! {
        <section class="sb-form" aria-labelledby="views-title">
            <h3 id="views-title">{move || filters.more().views()}</h3>
            {list}
            <Status desk errand=removing done=Signal::stored("") />
            <form class="sb-form" novalidate on:submit=submit>
                <TextField
                    id="view-name"
                    label=Signal::derive(move || filters.more().view_name())
                    value=name
                />
                {move || {
                    may_share()
                        .then(|| {
                            view! {
                                <CheckField
                                    id="view-shared"
                                    label=Signal::derive(move || filters.more().view_shared())
                                    value=shared
                                />
                            }
                        })
                }}
                <Status desk errand=saving words=refused as _ />
                <div class="sb-actions">
                    <SaveButton
                        desk
                        errand=saving
                        label=Signal::derive(move || filters.more().view_save())
                        keeps_nothing=true
                    />
                </div>
            </form>
        </section>
    }
}

/// Sets a filter to what its control says once that stays, unless the list was left before: the
/// address of another page is not the list's to change.
fn once_settled(filters: Filters, name: &'static str) -> impl FnMut(Event) {
    let mut settle = debounce(SETTLED, move |value: String| filters.set(name, &value));
    move |event| settle(event_target_value(&event))
}

/// What was said in the calls: asked for while it is typed.
#[component]
fn Said(filters: Filters) -> impl IntoView {
    let change = once_settled(filters, "text");
    view! {
        <div class="sb-filter">
            <label for="filter-text">{move || filters.label("text")}</label>
            <input
                id="filter-text"
                class="sb-input"
                type="search"
                autocomplete="off"
                aria-describedby="filter-text-hint"
                prop:value=move || filters.value("text")
                on:input=change
            />
            <p id="filter-text-hint" class="sb-hint">{move || filters.more().text_hint()}</p>
        </div>
    }
}

/// One of several values, or any.
#[component]
fn Choice(filters: Filters, name: &'static str) -> impl IntoView {
    let id = format!("filter-{name}");
    // Arrow keys step through the values: only the one they stop at is asked for.
    let choose = once_settled(filters, name);
    let options = move || {
        let value = filters.value(name);
        let mut options = filters.options(name);
        // One the address names and we do not offer can be seen all the same.
        if !value.is_empty() && options.iter().all(|(option, _)| *option != value) {
            options.push((value.clone(), value.clone()));
        }
        options.insert(0, (String::new(), filters.texts().any().to_owned()));
        options
            .into_iter()
            .map(|(option, text)| {
                let selected = option == value;
                view! { <option value=option selected=selected>{text}</option> }
            })
            .collect_view()
    };
    view! {
        <div class="sb-filter">
            <label for=id.clone()>{move || filters.label(name)}</label>
            <select
                id=id
                class="sb-select"
                prop:value=move || filters.value(name)
                on:change=choose
            >
                {options}
            </select>
        </div>
    }
}

/// From which day until which.
#[component]
fn DaysBetween(filters: Filters) -> impl IntoView {
    let desk = filters.desk;
    // An address may say moments as well: only days can be picked.
    let day = move |name: &str| {
        let value = filters.value(name);
        value.split('T').next().unwrap_or_default().to_owned()
    };
    let choose = Callback::new(move |(from, until): Days| {
        let mut filter = desk.filter.get_untracked();
        // A moment that stays as it is stays a moment.
        for (name, chosen) in [("from", from), ("until", until)] {
            if untrack(|| day(name)) != chosen {
                filter.set(name, &chosen);
            }
        }
        desk.filter_by(filter);
    });
    view! {
        <DateRange
            id="filter"
            days=Signal::derive(move || (day("from"), day("until")))
            today=desk.today
            choose
        />
    }
}

/// What is set beside what the bar shows, each with a way to take it away.
#[component]
pub(crate) fn FilterChips(desk: Desk) -> impl IntoView {
    let filters = Filters::open(desk);
    let chip = move |(name, value): (&'static str, String)| {
        let text = move || {
            let words = filters.in_words(name, &value);
            format!("{}: {words}", filters.label(name))
        };
        let label = {
            let text = text.clone();
            move || filters.texts().remove(&text())
        };
        view! {
            <li>
                <button
                    type="button"
                    class="sb-filter-chip"
                    aria-label=label
                    on:click=move |_| filters.set(name, "")
                >
                    {text}
                    <span aria-hidden="true">"×"</span>
                </button>
            </li>
        }
    };
    let chips = move || beside_quick(desk).into_iter().map(chip).collect_view();
    view! {
        <ul class="sb-filter-chips" role="list">
            {chips}
        </ul>
    }
}
