//! Which calls are listed: a search, the filters that are needed every day as buttons, and the
//! others where one asks for them ([`super::more_filters`]). What is set is in the address, so
//! it can be shared and the back button takes it back.

use api::calls::{CallQuery, CallState, Number};
use leptos::ev::Event;
use leptos::prelude::*;

use crate::data::{Desk, Load};
use crate::kit::Drawer;
use crate::kit::icon::{Icon, icon};
use crate::nav::Link;
use crate::route::Route;
use crate::words::filters::Texts;
use crate::words::format::{self, Precision};
use browser::ui::web::Timer;

/// Several parameters as one choice: `call_type` and `direction`.
pub(super) const KIND: &str = "kind";
/// How long nothing is typed until it is looked for (ms).
const PAUSE_MS: u64 = 250;
/// The parameters of the search.
const NUMBER: &str = "number";
/// See above.
const TEXT: &str = "text";

/// What the bar shows that is loaded when it is needed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Later {
    /// A control for every filter.
    pub(crate) form: fn(Desk) -> AnyView,
    /// What is set of them, each with a way to take it away.
    pub(crate) chips: fn(Desk) -> AnyView,
}

/// What is set.
#[derive(Clone, Copy)]
pub(super) struct Chosen(pub(super) Desk);

impl Chosen {
    /// The value of a parameter; empty where any will do.
    pub(super) fn value(self, name: &str) -> String {
        self.0.filter.with(|filter| value_of(filter, name))
    }

    /// Sets a parameter, under an address of its own.
    pub(super) fn put(self, name: &str, value: &str) {
        let mut filter = self.0.filter.get_untracked();
        if name == KIND {
            let of_direction = matches!(value, "inbound" | "outbound" | "internal");
            filter.set("call_type", if of_direction { "" } else { value });
            filter.set("direction", if of_direction { value } else { "" });
        } else {
            filter.set(name, value);
        }
        self.0.filter_by(filter);
    }

    /// What is looked for: the parameter, and its value.
    fn searched(self) -> (&'static str, String) {
        let number = self.value(NUMBER);
        if number.is_empty() {
            (TEXT, self.value(TEXT))
        } else {
            (NUMBER, number)
        }
    }

    /// Looks for what was written instead; `false` where that cannot be looked for.
    fn search(self, written: &str) -> bool {
        let asked = asks_for(written);
        let known = asked.is_some() || written.is_empty();
        if known {
            let mut filter = self.0.filter.get_untracked();
            filter.set(untrack(|| self.searched()).0, "");
            if let Some(name) = asked {
                filter.set(name, written);
            }
            self.0.filter_by(filter);
        }
        known
    }
}

/// The parameter that asks for what was written: a number, else words that were said. `None` for
/// what begins like a number and is none.
fn asks_for(written: &str) -> Option<&'static str> {
    let begins_with_letter = || {
        let first = written.chars().find(|it| it.is_alphanumeric());
        first.is_some_and(char::is_alphabetic)
    };
    if Number::parse(written).is_some() {
        Some(NUMBER)
    } else {
        begins_with_letter().then_some(TEXT)
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

/// A filter that is one press away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quick {
    /// Calls that go on.
    Live,
    /// Calls that did not come about.
    Missed,
    /// Calls that did not reach their aim: somebody may have to see to it.
    Attention,
    /// Those of this day of the business's.
    Today,
}

impl Quick {
    const ALL: [Self; 4] = [Self::Live, Self::Missed, Self::Attention, Self::Today];

    /// The parameter, and the value it asks for.
    fn asks(self, today: &str) -> (&'static str, String) {
        let (name, value) = match self {
            Self::Live => ("status", CallState::Live.name()),
            Self::Missed => ("status", CallState::NotConnected.name()),
            Self::Attention => ("successful", "false"),
            Self::Today => ("from", today),
        };
        (name, value.to_owned())
    }

    fn label(self, desk: Desk) -> &'static str {
        match self {
            Self::Live => desk.texts().live(),
            Self::Missed => desk.texts().not_connected(),
            Self::Attention => Texts::of(desk.lang.get()).attention(),
            Self::Today => desk.texts().today(),
        }
    }
}

/// The filters that are set and of which the bar shows nothing.
pub(super) fn beside_quick(desk: Desk) -> Vec<(&'static str, String)> {
    let shown = Quick::ALL.map(|quick| quick.asks(&desk.today.get()));
    let mut set = desk.filter.with(set_filters);
    let searched = Chosen(desk).searched();
    set.retain(|set| *set != searched && !shown.contains(set));
    set
}

/// The bar above the list.
#[component]
pub(crate) fn FilterBar(desk: Desk, later: Later) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let count = Memo::new(move |_| desk.filter.with(|filter| set_filters(filter).len()));
    let others = Memo::new(move |_| !beside_quick(desk).is_empty());
    let wanted = RwSignal::new(false);
    let summary = move || {
        let count = i64::try_from(count.get()).unwrap_or_default();
        (count > 0).then(|| texts().set(count))
    };
    view! {
        <section class="sb-filters" aria-label=move || texts().filters()>
            <SearchField desk />
            <div class="sb-quick" role="group" aria-label=move || texts().quick()>
                {Quick::ALL
                    .map(|quick| view! { <QuickButton desk quick /> })
                    .into_iter()
                    .collect_view()}
            </div>
            <button
                type="button"
                class="sb-button sb-filters-more"
                popovertarget="more-filters"
                on:click=move |_| wanted.set(true)
            >
                {icon(Icon::Filter)}
                <span>{move || texts().more()}</span>
            </button>
            <p class="sb-hidden" role="status">{summary}</p>
            {move || (count.get() > 0).then(|| view! { <Clear desk /> })}
            <Link route=desk.route to=Route::new_call() class="sb-button sb-button-quiet">
                {move || desk.texts().test_call()}
            </Link>
        </section>
        {move || others.get().then(|| (later.chips)(desk))}
        <Drawer id="more-filters" label=Signal::derive(move || texts().more())>
            {move || wanted.get().then(|| (later.form)(desk))}
        </Drawer>
    }
}

#[component]
fn QuickButton(desk: Desk, quick: Quick) -> impl IntoView {
    let is_set = move || {
        let (name, value) = quick.asks(&desk.today.get());
        Chosen(desk).value(name) == value
    };
    let press = move |_| {
        let (name, value) = quick.asks(&desk.today.get_untracked());
        let value = if untrack(is_set) { "" } else { &value };
        Chosen(desk).put(name, value);
    };
    view! {
        <button
            type="button"
            class="sb-quick-button"
            aria-pressed=move || is_set().to_string()
            on:click=press
        >
            {move || quick.label(desk)}
        </button>
    }
}

#[component]
fn SearchField(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let wrong = RwSignal::new(false);
    let value = Memo::new(move |_| Chosen(desk).searched().1);
    // Another value, from wherever, takes the place of what was typed.
    Effect::new(move || {
        value.track();
        wrong.set(false);
    });
    let change = move |event: Event| {
        wrong.set(!Chosen(desk).search(event_target_value(&event).trim()));
    };
    // While it is typed: what cannot be looked for may become something that can.
    let typed = StoredValue::new(String::new());
    let timer = Timer::new(move || {
        Chosen(desk).search(&typed.get_value());
    });
    let timer = StoredValue::new_local(timer);
    let typing = move |event| {
        typed.set_value(event_target_value(&event));
        timer.with_value(|timer| timer.set(PAUSE_MS));
    };
    let note = move || {
        if wrong.get() {
            texts().number_wrong()
        } else {
            texts().number_hint()
        }
    };
    view! {
        <div class="sb-search">
            {icon(Icon::Search)}
            <label for="filter-number" class="sb-hidden">{move || texts().number()}</label>
            <input
                id="filter-number"
                class="sb-input"
                type="search"
                inputmode="search"
                autocomplete="off"
                placeholder=move || texts().search()
                aria-describedby="filter-number-note"
                aria-invalid=move || wrong.get().then_some("true")
                prop:value=value
                on:change=change
                on:input=typing
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
        <div class="sb-blank">
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

    #[test]
    fn a_number_is_looked_for_among_numbers_and_words_among_what_was_said() {
        for (written, expected) in [
            ("+49 30 901820", Some(NUMBER)),
            ("(0)1820", Some(NUMBER)),
            ("Ana", Some(TEXT)),
            ("¿qué hora?", Some(TEXT)),
            ("order 4711", Some(TEXT)),
            ("12", None),
            ("+49 30 90182x", None),
            ("?", None),
        ] {
            assert_eq!(asks_for(written), expected, "{written}");
        }
    }

    #[test]
    fn what_is_one_press_away_can_be_asked() {
        for quick in Quick::ALL {
            let (name, value) = quick.asks("2026-11-21");
            let mut filter = CallQuery::default();
            filter.set(name, &value);
            assert_eq!(set_filters(&filter), [(name, value)], "{quick:?}");
        }
    }
}
