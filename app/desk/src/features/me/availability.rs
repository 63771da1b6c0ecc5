//! Whether the reader takes calls, and who of the others does.

use api::availability::{Availability, Colleague, SayAvailability};
use leptos::html;
use leptos::prelude::*;

use crate::data::staff::{Staff, named};
use crate::data::{Desk, Errand, Loading, Status, api_client};
use crate::kit::{Cell, Table};
use crate::words::availability::Texts;
use crate::words::format::{self, Precision};

/// What the reader says of themselves. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
struct Saying {
    desk: Desk,
    staff: Staff,
    errand: Errand,
}

impl Saying {
    fn new(desk: Desk) -> Self {
        Self {
            desk,
            staff: Staff::of(desk),
            errand: Errand::new(),
        }
    }

    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    /// Whether this is what they have said; at first they are away.
    fn is(self, availability: Availability) -> bool {
        let said = self.staff.reader().and_then(|it| it.said);
        said.unwrap_or(Availability::Away) == availability
    }

    fn say(self, availability: Availability) {
        let body = SayAvailability { availability };
        let about = self.errand.about(availability.name());
        let work = async move { api_client::put::<()>("/api/desk/me/availability", &body).await };
        let staff = self.staff;
        about.run(self.desk, work, move |()| staff.loaded.reload());
    }

    /// Whether it was not done, and why.
    fn status(self) -> impl IntoView {
        let (desk, errand) = (self.desk, self.errand);
        view! { <Status desk errand done=Signal::stored("") /> }
    }
}

/// What the reader says of themselves, in one line.
#[component]
pub(crate) fn TakesCalls(desk: Desk) -> impl IntoView {
    let saying = Saying::new(desk);
    let select = NodeRef::<html::Select>::new();
    select.on_load(|select| {
        let _ = select.focus();
    });
    let choose = move |event| {
        let value = event_target_value(&event);
        let chosen = Availability::ALL.into_iter().find(|it| it.name() == value);
        chosen.into_iter().for_each(|it| saying.say(it));
    };
    let options = Availability::ALL.map(|it| {
        view! {
            <option value=it.name() selected=move || saying.is(it)>
                {move || named(saying.texts(), it)}
            </option>
        }
    });
    view! {
        <select
            class="sb-select"
            aria-label=move || saying.texts().title()
            node_ref=select
            on:change=choose
        >
            {options.into_iter().collect_view()}
        </select>
        {saying.status()}
    }
}

/// What the reader says of themselves, what it means, and who of the others takes calls.
#[component]
pub(super) fn TakingCalls(desk: Desk) -> impl IntoView {
    let saying = Saying::new(desk);
    let (texts, staff) = (move || saying.texts(), saying.staff);
    let choices = Availability::ALL.map(|it| {
        view! {
            <div class="sb-field-check">
                <label>
                    <input
                        type="radio"
                        name="availability"
                        prop:checked=move || saying.is(it)
                        on:change=move |_| saying.say(it)
                    />
                    <span>{move || named(texts(), it)}</span>
                </label>
            </div>
        }
    });
    let in_call = move || {
        let in_call = staff.reader().is_some_and(|it| it.in_call);
        in_call.then(|| texts().in_call_hint())
    };
    view! {
        <section class="sb-card" aria-labelledby="availability-title">
            <h2 id="availability-title">{move || texts().title()}</h2>
            <p class="sb-hint">{move || texts().hint()}</p>
            <fieldset class="sb-fieldset" aria-labelledby="availability-title">
                {choices.into_iter().collect_view()}
            </fieldset>
            <p class="sb-hint" role="status">{in_call}</p>
            {saying.status()}
            <Colleagues staff />
        </section>
    }
}

/// The others.
#[component]
fn Colleagues(staff: Staff) -> impl IntoView {
    let desk = staff.desk;
    let texts = move || Texts::of(desk.lang.get());
    let draw = move |all: api::availability::Colleagues| {
        let reader = untrack(move || staff.reader()).map(|it| it.user_id);
        let others = all.items.into_iter();
        let rows: Vec<_> = others
            .filter(|it| Some(&it.user_id) != reader.as_ref())
            .map(|it| row(staff, it))
            .collect();
        (!rows.is_empty()).then(|| {
            let columns = move || {
                let texts = texts();
                vec![texts.name(), texts.state(), texts.since()]
            };
            view! {
                <h3>{move || texts().colleagues()}</h3>
                <Table label=move || texts().colleagues() columns=columns>
                    {rows}
                </Table>
            }
        })
    };
    view! { <Loading desk loaded=staff.loaded draw /> }
}

fn row(staff: Staff, who: Colleague) -> impl IntoView {
    let desk = staff.desk;
    let texts = move || Texts::of(desk.lang.get());
    let (name, since) = (who.name.clone(), who.since);
    let since = move || {
        let date = |ms| format::date(ms, desk.lang.get(), &desk.timezone(), Precision::Full);
        since.map(date)
    };
    view! {
        <tr role="row">
            <Cell column=move || texts().name()>
                <strong>{name}</strong>
            </Cell>
            <Cell column=move || texts().state()>{staff.chip(who)}</Cell>
            <Cell column=move || texts().since()>{since}</Cell>
        </tr>
    }
}
