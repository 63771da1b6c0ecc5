//! Choosing with whom and when: a member of staff, a day, and one of its free times.

use api::calendar::{Slot, SlotList};
use leptos::prelude::*;

use super::{Shared, words};
use crate::data::{Errand, Pages, Status, api_client};
use crate::kit::{Day, SelectField, TextField};
use crate::words::format::Precision;
use browser::ui::http::escape;

/// So far ahead a free day is looked for (days).
const AHEAD: i64 = 31;

/// What is chosen. A handle of signals.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choice {
    /// Which service.
    pub(super) service: RwSignal<String>,
    /// With whom; empty for anybody.
    pub(super) staff: RwSignal<String>,
    /// On which day (`2026-11-23`).
    pub(super) day: RwSignal<String>,
    /// When it begins (Unix ms).
    pub(super) starts_at: RwSignal<Option<i64>>,
}

impl Choice {
    pub(super) fn new(service: String, staff: String, day: Day) -> Self {
        Self {
            service: RwSignal::new(service),
            staff: RwSignal::new(staff),
            day: RwSignal::new(day.text()),
            starts_at: RwSignal::new(None),
        }
    }

    pub(super) fn staff_id(self) -> Option<String> {
        Some(self.staff.get_untracked()).filter(|id| !id.is_empty())
    }

    /// Where the free times are from a day on, for so many days.
    fn address(self, shared: Shared, from: Day, days: i64, most: u32) -> String {
        let (begin, end) = (shared.begins(from), shared.begins(from.plus(days)));
        let service = escape(&self.service.get());
        let staff = match self.staff.get().as_str() {
            "" => String::new(),
            id => format!("&staff_id={}", escape(id)),
        };
        format!(
            "/api/desk/calendar/slots?service_id={service}{staff}&from={begin}&to={end}&limit={most}"
        )
    }
}

/// The fields; the service is chosen already.
#[component]
pub(super) fn Times(shared: Shared, choice: Choice) -> impl IntoView {
    let texts = move || shared.texts();
    let Choice {
        service,
        staff,
        day,
        starts_at,
    } = choice;
    let address = Memo::new(move |_| {
        let day = Day::parse(&day.get())?;
        let chosen = !service.with(String::is_empty);
        chosen.then(|| choice.address(shared, day, 1, 500))
    });
    let first = untrack(|| address.get()).unwrap_or_default();
    let slots = Pages::<Slot>::from(shared.desk, &first);
    Effect::new(move |before: Option<Option<String>>| {
        let address = address.get();
        if before.is_some_and(|before| before != address) {
            starts_at.set(None);
            if let Some(address) = &address {
                slots.go(address);
            }
        }
        address
    });
    let free = Memo::new(move |_| slots.items.get());
    let who = move || {
        let anybody = (String::new(), texts().anybody().to_owned());
        let list = match shared.staff.value.get() {
            Some(Ok(list)) => list.items,
            _ => Vec::new(),
        };
        let does = match shared.services.value.get() {
            Some(Ok(list)) => list.items,
            _ => Vec::new(),
        };
        let does = does.into_iter().find(|it| service.with(|id| it.id == *id));
        let does = does.map(|it| it.details.staff).unwrap_or_default();
        let able = list.into_iter().filter(|it| it.details.active);
        let able = able.filter(|it| does.is_empty() || does.contains(&it.id));
        let able = able.map(|it| (it.id, it.details.name));
        [anybody].into_iter().chain(able).collect::<Vec<_>>()
    };
    let has_staff = Memo::new(move |_| who().len() > 1);
    let looking = Errand::new();
    let next = move |_| {
        let Some(from) = day.with_untracked(|day| Day::parse(day)) else {
            return;
        };
        let address = untrack(|| choice.address(shared, from.plus(1), AHEAD - 1, 1));
        let work = async move { api_client::get::<SlotList>(&address).await };
        looking.run(shared.desk, work, move |list| {
            if let Some(slot) = list.items.first() {
                day.set(shared.wall(slot.starts_at).day.text());
            }
        });
    };
    let time = move |slot: Slot| {
        let at = slot.starts_at;
        view! {
            <label class="sb-time">
                <input
                    type="radio"
                    name="booking-time"
                    prop:checked=move || starts_at.get() == Some(at)
                    on:change=move |_| starts_at.set(Some(at))
                />
                <span>{move || shared.written(at, Precision::Time)}</span>
            </label>
        }
    };
    let times = move || {
        let free = free.get()?;
        if free.is_empty() {
            return Some(
                view! {
                    <p class="sb-hint" role="status">{move || texts().none_free()}</p>
                    <button type="button" class="sb-button" on:click=next>
                        {move || texts().next_free()}
                    </button>
                }
                .into_any(),
            );
        }
        let all = free.into_iter().map(time).collect_view();
        Some(view! { <div class="sb-times">{all}</div> }.into_any())
    };
    view! {
        {move || {
            has_staff
                .get()
                .then(|| {
                    view! {
                        <SelectField
                            id="booking-staff-id"
                            label=Signal::derive(move || texts().staff())
                            value=staff
                            options=Signal::derive(who)
                        />
                    }
                })
        }}
        <TextField id="booking-day" label=Signal::derive(move || texts().day()) value=day kind="date" />
        <fieldset>
            <legend>{move || texts().time()}</legend>
            {times}
        </fieldset>
        <Status desk=shared.desk errand=looking done=Signal::stored("") words=words />
    }
}
