//! Which calls are listed: a control for each filter, and what is set as chips
//! that take it away again. What is set is in the address, so it can be shared
//! and the back button takes it back.

use api::calls::{CallChoice, CallChoices, CallQuery, CallState, Number};
use api::desk::CallStatus;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::reasons;
use crate::data::api_client;
use crate::data::{Desk, Load};
use crate::words::filters::Texts;
use crate::words::format::{self, Precision};
use browser::ui::time;

/// The durations offered (s).
const DURATIONS: [u32; 6] = [30, 60, 120, 300, 600, 1800];

/// Several parameters as one choice: `call_type` and `direction`.
const KIND: &str = "kind";

/// What a control shows: its value, and what it is called.
type Options = Vec<(String, String)>;

#[derive(Clone, Copy)]
struct Filters {
    desk: Desk,
    choices: RwSignal<CallChoices>,
}

impl Filters {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    /// The value of a parameter; empty where any will do.
    fn value(self, name: &str) -> String {
        self.desk.filter.with(|filter| value_of(filter, name))
    }

    fn set(self, name: &str, value: &str) {
        let mut filter = self.desk.filter.get_untracked();
        if name == KIND {
            let of_direction = matches!(value, "inbound" | "outbound");
            filter.set("call_type", if of_direction { "" } else { value });
            filter.set("direction", if of_direction { value } else { "" });
        } else {
            filter.set(name, value);
        }
        self.desk.filter_by(filter);
    }

    /// How many are set.
    fn summary(self, count: usize) -> String {
        match i64::try_from(count) {
            Ok(0) | Err(_) => self.texts().filters().to_owned(),
            Ok(count) => self.texts().set(count),
        }
    }

    /// What a filter is called.
    fn label(self, name: &str) -> &'static str {
        let (own, desk) = (self.texts(), self.desk.texts());
        match name {
            "status" => desk.status(),
            "agent_id" => desk.agent(),
            "public_key_id" => own.public_key(),
            "number" => own.number(),
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
            "agent_id" => self.choices.with(|choices| own_options(&choices.agents)),
            "public_key_id" => self
                .choices
                .with(|choices| own_options(&choices.public_keys)),
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

fn value_of(filter: &CallQuery, name: &str) -> String {
    let of = |name: &str| {
        filter
            .pairs()
            .into_iter()
            .find(|(own, _)| *own == name)
            .map_or_else(String::new, |(_, value)| value)
    };
    if name == KIND {
        let direction = of("direction");
        return if direction.is_empty() {
            of("call_type")
        } else {
            direction
        };
    }
    of(name)
}

fn own_options(choices: &[CallChoice]) -> Options {
    choices
        .iter()
        .map(|choice| (choice.id.clone(), choice.name.clone()))
        .collect()
}

/// The filters that are set, under the names of their controls.
fn set_filters(filter: &CallQuery) -> Vec<(&'static str, String)> {
    let mut set: Vec<(&str, String)> = Vec::new();
    for (name, _) in filter.pairs() {
        let name = match name {
            "call_type" | "direction" => KIND,
            name => name,
        };
        if set.iter().all(|(other, _)| *other != name) {
            set.push((name, value_of(filter, name)));
        }
    }
    set
}

/// The controls and the chips.
#[component]
pub(crate) fn FilterBar(desk: Desk) -> impl IntoView {
    let filters = Filters {
        desk,
        choices: RwSignal::new(CallChoices::default()),
    };
    spawn_local(async move {
        // Without them there are two filters less to choose from.
        if let Ok(choices) = api_client::choices().await {
            filters.choices.try_set(choices);
        }
    });
    let open = RwSignal::new(false);
    let count = Memo::new(move |_| desk.filter.with(|filter| set_filters(filter).len()));
    let select = |name: &'static str| view! { <Choice filters name /> };
    view! {
        <section class="sb-filters" aria-label=move || filters.texts().filters()>
            <button
                type="button"
                class="sb-button sb-filters-toggle"
                aria-expanded=move || open.get().to_string()
                aria-controls="call-filters"
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {move || filters.summary(count.get())}
            </button>
            <form
                id="call-filters"
                class:sb-open=open
                on:submit=move |event| event.prevent_default()
            >
                {select("status")}
                {select(KIND)}
                {select("agent_id")}
                {select("public_key_id")}
                <NumberField filters />
                {select("disconnection_reason")}
                {select("user_sentiment")}
                {select("successful")}
                {select("has_recording")}
                <Day filters name="from" />
                <Day filters name="until" />
                {select("min_duration_s")}
                {select("max_duration_s")}
            </form>
            <Chips filters count />
        </section>
    }
}

/// One of several values, or any.
#[component]
fn Choice(filters: Filters, name: &'static str) -> impl IntoView {
    let id = format!("filter-{name}");
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
                on:change=move |event| filters.set(name, &event_target_value(&event))
            >
                {options}
            </select>
        </div>
    }
}

#[component]
fn NumberField(filters: Filters) -> impl IntoView {
    let wrong = RwSignal::new(false);
    let value = Memo::new(move |_| filters.value("number"));
    // Another value, from wherever, takes the place of what was typed.
    Effect::new(move || {
        value.track();
        wrong.set(false);
    });
    let change = move |event| {
        let value = event_target_value(&event);
        let value = value.trim();
        let known = value.is_empty() || Number::parse(value).is_some();
        wrong.set(!known);
        if known {
            filters.set("number", value);
        }
    };
    let note = move || {
        if wrong.get() {
            filters.texts().number_wrong()
        } else {
            filters.texts().number_hint()
        }
    };
    view! {
        <div class="sb-filter">
            <label for="filter-number">{move || filters.label("number")}</label>
            <input
                id="filter-number"
                class="sb-input"
                type="tel"
                autocomplete="off"
                aria-describedby="filter-number-note"
                aria-invalid=move || wrong.get().then_some("true")
                prop:value=value
                on:change=change
            />
            <p
                id="filter-number-note"
                class="sb-filter-note"
                class:sb-hidden=move || !wrong.get()
                role="status"
            >
                {note}
            </p>
        </div>
    }
}

/// No call is older.
const EARLIEST: &str = "2000-01-01";

#[component]
fn Day(filters: Filters, name: &'static str) -> impl IntoView {
    let id = format!("filter-{name}");
    view! {
        <div class="sb-filter">
            <label for=id.clone()>{move || filters.label(name)}</label>
            <input
                id=id
                class="sb-input"
                class:sb-input-unset=move || filters.value(name).is_empty()
                type="date"
                min=EARLIEST
                prop:value=move || filters.value(name)
                on:change=move |event| {
                    let day = event_target_value(&event);
                    // A year that is typed is 0002 at first, then 0020.
                    if day.is_empty() || day.as_str() >= EARLIEST {
                        filters.set(name, &day);
                    }
                }
            />
        </div>
    }
}

/// What is set, each with a way to take it away.
#[component]
fn Chips(filters: Filters, count: Memo<usize>) -> impl IntoView {
    let desk = filters.desk;
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
    move || {
        (count.get() > 0).then(|| {
            view! {
                <div class="sb-filter-chips">
                    <p class="sb-filter-count" role="status">
                        {move || filters.summary(count.get())}
                    </p>
                    <ul role="list">
                        {move || {
                            desk.filter
                                .with(set_filters)
                                .into_iter()
                                .map(chip)
                                .collect_view()
                        }}
                    </ul>
                    <Clear desk />
                </div>
            }
        })
    }
}

/// Takes every filter away.
#[component]
fn Clear(desk: Desk) -> impl IntoView {
    view! {
        <button
            type="button"
            class="sb-button sb-button-quiet"
            on:click=move |_| desk.filter_by(CallQuery::default())
        >
            {move || Texts::of(desk.lang.get()).clear()}
        </button>
    }
}

/// In place of the list, where filters leave nothing of it.
#[component]
pub(crate) fn NothingMatches(desk: Desk) -> impl IntoView {
    let title = move || {
        let texts = Texts::of(desk.lang.get());
        if desk.calls.more.get().is_some() {
            texts.nothing_yet()
        } else {
            texts.nothing()
        }
    };
    view! {
        <div class="sb-card sb-blank">
            <p class="sb-blank-title" role="status">{title}</p>
            <Clear desk />
        </div>
    }
}

/// How far back calls were looked at, where that is why the list ends.
#[component]
pub(crate) fn SearchedTo(desk: Desk) -> impl IntoView {
    move || {
        let at = desk.calls.searched_to.get()?;
        let when = format::date(at, desk.lang.get(), &desk.timezone(), Precision::Short);
        let text = Texts::of(desk.lang.get()).searched_to();
        Some(view! { <p class="sb-hint" role="status">{text} " " {when} "."</p> })
    }
}

/// What the button below the list says.
pub(crate) fn more_label(desk: Desk) -> &'static str {
    match desk.calls.more.get() {
        Some(Load::Loading) => desk.texts().loading(),
        _ if desk.calls.searched_to.get().is_some() => Texts::of(desk.lang.get()).search_on(),
        _ => desk.texts().load_more(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_parameters_are_one_choice() {
        let mut filter = CallQuery::default();
        filter.set("call_type", "phone_call");
        assert_eq!(set_filters(&filter), [(KIND, "phone_call".to_owned())]);
        filter.set("direction", "inbound");
        filter.set("status", "ended");
        let expected = [("status", "ended".to_owned()), (KIND, "inbound".to_owned())];
        assert_eq!(set_filters(&filter), expected);
    }
}
