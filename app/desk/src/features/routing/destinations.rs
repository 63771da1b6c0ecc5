//! Whom a call can be handed to: listed in the order they are tried, added, changed, removed.

mod form;

use api::routing::{Destination, DestinationDetails, DestinationList};
use leptos::prelude::*;

use crate::data::{ChangeOrRemove, Desk, ListAndForm, Listed, Loaded};
use crate::kit::{Cell, Empty, Table};
use crate::words::destinations::Texts;
use form::Form;

/// Where they are.
const PATH: &str = "/api/desk/transfer-destinations";

/// What the section's parts share: the list, and the form of one of them or of a new one. A handle
/// of signals: copy it freely.
#[derive(Clone, Copy)]
struct Shared {
    desk: Desk,
    listed: Listed<DestinationList, Option<Destination>>,
}

impl Shared {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    fn label(self, read: fn(Texts) -> &'static str) -> Signal<&'static str> {
        Signal::derive(move || read(self.texts()))
    }
}

/// The list, and the form of one.
#[component]
pub(super) fn Destinations(desk: Desk) -> impl IntoView {
    let listed = Listed::of(desk, PATH, Loaded::from(desk, PATH));
    let shared = Shared { desk, listed };
    let draw = move |list: DestinationList| {
        if list.items.is_empty() {
            return view! {
                <Empty
                    title=shared.label(|texts| texts.empty())
                    hint=shared.label(|texts| texts.empty_hint())
                />
            }
            .into_any();
        }
        let columns = move || {
            let texts = shared.texts();
            vec![
                texts.name(),
                texts.to(),
                texts.hours(),
                texts.state(),
                texts.actions(),
            ]
        };
        let rows = list
            .items
            .into_iter()
            .map(|it| row(shared, it))
            .collect_view();
        view! {
            <Table label=shared.label(|texts| texts.title()) columns=columns>
                {rows}
            </Table>
        }
        .into_any()
    };
    let form = move |edited| view! { <Form shared edited /> };
    view! {
        <section class="sb-section" aria-labelledby="destinations-title">
            <h2 id="destinations-title">{shared.label(|texts| texts.title())}</h2>
            <p class="sb-hint">{shared.label(|texts| texts.hint())}</p>
            <ListAndForm listed draw add=shared.label(|texts| texts.add()) fresh=|| None form />
        </section>
    }
}

fn row(shared: Shared, it: Destination) -> impl IntoView {
    let texts = move || shared.texts();
    let DestinationDetails {
        name,
        to,
        hours,
        active,
        ..
    } = it.details.clone();
    let has_own = hours.is_some();
    let hours = move || match has_own {
        true => texts().own_hours(),
        false => texts().business_hours(),
    };
    let class = match active {
        true => "sb-chip sb-chip-good",
        false => "sb-chip",
    };
    let of = name.clone();
    view! {
        <tr role="row">
            <Cell column=shared.label(|texts| texts.name())>
                <strong>{name}</strong>
            </Cell>
            <Cell column=shared.label(|texts| texts.to())>
                <span class="sb-id">{to}</span>
            </Cell>
            <Cell column=shared.label(|texts| texts.hours())>{hours}</Cell>
            <Cell column=shared.label(|texts| texts.state())>
                <span class=class>
                    {move || if active { texts().on() } else { texts().off() }}
                </span>
            </Cell>
            <Cell column=shared.label(|texts| texts.actions())>
                <ChangeOrRemove
                    listed=shared.listed
                    of
                    id=it.id.clone()
                    details=it.details.clone()
                    edited=Some(it)
                    change=shared.label(|texts| texts.change())
                    remove=shared.label(|texts| texts.remove())
                    removed=move |name| shared.texts().removed(name)
                />
            </Cell>
        </tr>
    }
}
