//! Whom a call can be handed to: listed in the order they are tried, added, changed, removed.

mod form;

use api::routing::{Destination, DestinationDetails, DestinationList};
use leptos::prelude::*;
use serde::de::IgnoredAny;

use crate::data::{Desk, Errand, Loaded, Loading, Rivalry, Rivals, Status, api_client};
use crate::kit::{Cell, Empty, Table, Toast, ToastPlace};
use crate::words::destinations::Texts;
use browser::ui::http::escape;
use form::Form;

/// Where they are.
const PATH: &str = "/api/desk/transfer-destinations";

/// What the section's parts share. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
struct Shared {
    desk: Desk,
    list: Loaded<DestinationList>,
    /// The open form: of one, or of a new one.
    editing: RwSignal<Option<Option<Destination>>>,
    rivals: Rivals,
    errand: Errand,
    toast: Toast,
}

impl Shared {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    fn label(self, read: fn(Texts) -> &'static str) -> Signal<&'static str> {
        Signal::derive(move || read(self.texts()))
    }

    /// Takes one away; as long as that is told it can be put back.
    fn remove(self, it: Destination) {
        let path = format!("{PATH}/{}", escape(&it.id));
        let about = self.errand.about(&path);
        let work = async move { api_client::delete(&path).await };
        about.run(self.desk, work, move |()| {
            self.list.reload();
            let said = untrack(|| self.texts()).removed(&it.details.name);
            self.toast
                .done(said, move || self.put_back(it.details.clone()));
        });
    }

    fn put_back(self, details: DestinationDetails) {
        let about = self.errand.about(format!("{PATH} {}", details.name));
        let work = async move { api_client::post::<IgnoredAny>(PATH, &details).await };
        about.run(self.desk, work, move |_| {
            self.list.reload();
            self.toast.undone();
        });
    }
}

/// The list, and the form of one.
#[component]
pub(super) fn Destinations(desk: Desk) -> impl IntoView {
    let rivals = Rivals::new(desk);
    let shared = Shared {
        desk,
        list: Loaded::from(desk, PATH),
        editing: RwSignal::new(None),
        rivals,
        errand: Errand::new(),
        toast: Toast::new(),
    };
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
    let form = move || {
        let edited = shared.editing.get()?;
        Some(view! { <Form shared edited /> })
    };
    view! {
        <section class="sb-section" aria-labelledby="destinations-title">
            <h2 id="destinations-title">{shared.label(|texts| texts.title())}</h2>
            <p class="sb-hint">{shared.label(|texts| texts.hint())}</p>
            <Loading desk loaded=shared.list draw />
            <Status desk errand=shared.errand done=Signal::stored("") />
            <ToastPlace toast=shared.toast />
            <div class="sb-actions">
                <button
                    type="button"
                    class="sb-button"
                    on:click=move |_| shared.editing.set(Some(None))
                >
                    {shared.label(|texts| texts.add())}
                </button>
            </div>
            <Rivalry rivals />
            {form}
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
    let kept = StoredValue::new(it);
    let named = StoredValue::new(name.clone());
    let label = move |verb: fn(Texts) -> &'static str| {
        move || format!("{}: {}", verb(texts()), named.get_value())
    };
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
                <div class="sb-actions">
                    <button
                        type="button"
                        class="sb-button sb-button-small"
                        aria-label=label(|texts| texts.change())
                        on:click=move |_| shared.editing.set(Some(Some(kept.get_value())))
                    >
                        {move || texts().change()}
                    </button>
                    <button
                        type="button"
                        class="sb-button sb-button-small"
                        aria-label=label(|texts| texts.remove())
                        on:click=move |_| shared.remove(kept.get_value())
                    >
                        {move || texts().remove()}
                    </button>
                </div>
            </Cell>
        </tr>
    }
}
