//! The filters that are seldom needed: a control for each, and what is set as chips that
//! take it away again. They are loaded when somebody asks for them, or an address does.

use api::calls::{CallChoice, CallChoices, CallState};
use api::desk::CallStatus;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use std::time::Duration;

use super::filters::{Chosen, KIND, beside_quick};
use super::reasons;
use crate::data::{Desk, Loaded};
use crate::kit::icon::{Icon, icon};
use crate::words::filters::Texts;
use browser::ui::time;

/// The durations offered (s).
const DURATIONS: [u32; 6] = [30, 60, 120, 300, 600, 1800];

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
        match name {
            "status" => desk.status(),
            "agent_id" => desk.agent(),
            "public_key_id" => own.public_key(),
            "disconnection_reason" => desk.reason(),
            "user_sentiment" => desk.sentiment(),
            "successful" => own.goal(),
            "has_recording" => desk.recording(),
            "from" => own.from(),
            "until" => own.until(),
            "min_duration_s" => own.at_least(),
            "max_duration_s" => own.at_most(),
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
            "successful" => fixed(&[("true", desk.goal_reached()), ("false", desk.goal_missed())]),
            "has_recording" => fixed(&[("true", own.recorded()), ("false", own.not_recorded())]),
            "min_duration_s" | "max_duration_s" => DURATIONS
                .iter()
                .map(|s| (s.to_string(), time::duration(i64::from(*s) * 1000)))
                .collect(),
            KIND => fixed(&[
                ("web_call", desk.web_call()),
                ("phone_call", own.phone_call()),
                ("inbound", desk.inbound_call()),
                ("outbound", desk.outbound_call()),
            ]),
            _ => Vec::new(),
        }
    }

    /// What is set, in words.
    fn in_words(self, name: &str, value: &str) -> String {
        let chosen = self
            .options(name)
            .into_iter()
            .find(|(option, _)| option == value);
        chosen.map_or_else(|| value.to_owned(), |(_, text)| text)
    }
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
            {select("status")}
            {select(KIND)}
            {select("agent_id")}
            {select("public_key_id")}
            <Day filters name="from" />
            <Day filters name="until" />
            {select("disconnection_reason")}
            {select("user_sentiment")}
            {select("successful")}
            {select("has_recording")}
            {select("min_duration_s")}
            {select("max_duration_s")}
        </form>
    }
}

/// How long somebody may look at one of several values before it is the one they want.
const SETTLED: Duration = Duration::from_millis(300);

/// One of several values, or any.
#[component]
fn Choice(filters: Filters, name: &'static str) -> impl IntoView {
    let id = format!("filter-{name}");
    // Arrow keys step through the values: only the one they stop at is asked for.
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let choose = move |event| {
        if let Some(waiting) = waiting.get_value() {
            waiting.clear();
        }
        let value = event_target_value(&event);
        let set = move || filters.set(name, &value);
        waiting.set_value(set_timeout_with_handle(set, SETTLED).ok());
    };
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

/// No call is older.
const EARLIEST: &str = "2000-01-01";

#[component]
fn Day(filters: Filters, name: &'static str) -> impl IntoView {
    let id = format!("filter-{name}");
    let wrong = Memo::new(move |_| {
        let (from, until) = (filters.value("from"), filters.value("until"));
        name == "until" && !until.is_empty() && until < from
    });
    let said = {
        let id = format!("{id}-wrong");
        move || {
            let (wrong, id) = (wrong.get(), id.clone());
            wrong.then(|| {
                view! {
                    <p class="sb-field-error" id=id>
                        {icon(Icon::Alert)}
                        {move || filters.texts().until_early()}
                    </p>
                }
            })
        }
    };
    let described = format!("{id}-wrong");
    view! {
        <div class="sb-filter">
            <label for=id.clone()>{move || filters.label(name)}</label>
            <input
                id=id
                class="sb-input"
                class:sb-input-unset=move || filters.value(name).is_empty()
                type="date"
                min=EARLIEST
                aria-invalid=move || wrong.get().then_some("true")
                aria-describedby=move || wrong.get().then(|| described.clone())
                prop:value=move || filters.value(name)
                on:change=move |event| {
                    let day = event_target_value(&event);
                    // A year that is typed is 0002 at first, then 0020.
                    if day.is_empty() || day.as_str() >= EARLIEST {
                        filters.set(name, &day);
                    }
                }
            />
            {said}
        </div>
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
