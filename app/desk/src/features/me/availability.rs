//! Whether the reader takes calls, and who of the others does.

use api::availability::{Availability, Colleague, SayAvailability};
use leptos::prelude::*;

use crate::data::staff::{Staff, named};
use crate::data::{Desk, Errand, Loading, Status, api_client};
use crate::kit::{Cell, Table};
use crate::words::availability::Texts;
use crate::words::format::{self, Precision};

/// What the reader says of themselves.
#[component]
pub(super) fn TakingCalls(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let staff = Staff::of(desk);
    let errand = Errand::new();
    let say = move |availability: Availability| {
        let body = SayAvailability { availability };
        let about = errand.about(availability.name());
        let work = async move { api_client::put::<()>("/api/desk/me/availability", &body).await };
        about.run(desk, work, move |()| staff.loaded.reload());
    };
    let said = Memo::new(move |_| staff.reader().and_then(|it| it.said));
    let choices = Availability::ALL.map(|it| {
        view! {
            <div class="sb-field-check">
                <label>
                    <input
                        type="radio"
                        name="availability"
                        prop:checked=move || said.get().unwrap_or(Availability::Away) == it
                        on:change=move |_| say(it)
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
            <Status desk errand done=Signal::stored("") />
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
