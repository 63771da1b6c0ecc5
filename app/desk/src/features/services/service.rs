//! The services: listed, added, changed, removed.

use api::calcom::{CalcomEventType, CalcomEventTypeList};
use api::calendar::{Price, Service, ServiceDetails, ServiceList};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::{CancelButton, Saving, Shared, Texts, price, state_and_actions};
use crate::data::{Errand, Loaded, Loading, Rivalry, Rivals, SaveButton, Status};
use crate::kit::{Cell, CheckField, Confirm, Empty, SelectField, Table, TextArea, TextField};

pub(super) const PATH: &str = "/api/desk/calendar/services";
const EVENT_TYPES: &str = "/api/desk/calendar/calcom/event-types";

/// What a business is paid in where it has said nothing.
const CURRENCY: &str = "EUR";

/// The list, and the form of one.
#[component]
pub(super) fn Services(shared: Shared) -> impl IntoView {
    let texts = move || shared.texts();
    let editing = RwSignal::new(None::<Option<Service>>);
    let draw = move |list: ServiceList| {
        if list.items.is_empty() {
            return view! {
                <Empty
                    title=shared.label(|texts| texts.no_services())
                    hint=shared.label(|texts| texts.no_services_hint())
                />
            }
            .into_any();
        }
        let columns = move || {
            let texts = texts();
            vec![
                texts.name(),
                texts.lasts(),
                texts.price(),
                texts.who(),
                texts.state(),
                texts.actions(),
            ]
        };
        let rows = list.items.into_iter().map(|it| row(shared, it, editing));
        let rows = rows.collect_view();
        view! {
            <Table label=shared.label(|texts| texts.services()) columns=columns numbers=&[2]>
                {rows}
            </Table>
        }
        .into_any()
    };
    let rivals = Rivals::new(shared.desk);
    let show = rivals.show_one(PATH, move |list: ServiceList| {
        let id = editing.get_untracked().flatten().map(|it| it.id);
        let theirs = list
            .items
            .into_iter()
            .find(|it| Some(&it.id) == id.as_ref());
        editing.set(theirs.map(Some));
    });
    let form = move || {
        let edited = editing.get()?;
        let saving = Saving {
            shared,
            rivals,
            errand: Errand::new(),
            path: PATH,
            show,
            close: Callback::new(move |()| editing.set(None)),
        };
        Some(view! { <Form saving edited /> })
    };
    view! {
        <section class="sb-section sb-figures" aria-labelledby="services-title">
            <h2 id="services-title">{shared.label(|texts| texts.services())}</h2>
            <Loading desk=shared.desk loaded=shared.services draw />
            <Status desk=shared.desk errand=shared.errand done=Signal::stored("") />
            <div class="sb-actions">
                <button type="button" class="sb-button" on:click=move |_| editing.set(Some(None))>
                    {move || texts().add_service()}
                </button>
            </div>
            <Rivalry rivals />
            {form}
        </section>
        <Confirm question=shared.question />
    }
}

fn row(
    shared: Shared,
    service: Service,
    editing: RwSignal<Option<Option<Service>>>,
) -> impl IntoView {
    let texts = move || shared.texts();
    let ServiceDetails {
        name,
        minutes,
        before_minutes,
        after_minutes,
        price,
        staff,
        active,
        ..
    } = service.details.clone();
    let (minutes, before, after) = (
        i64::from(minutes),
        i64::from(before_minutes),
        i64::from(after_minutes),
    );
    let lasts = move || match before + after {
        0 => texts().lasting(minutes),
        _ => texts().buffered(after, before, minutes),
    };
    let price = price.map(|it| format!("{} {}", price::write(it.cents), it.currency));
    let who = move || {
        let all = match shared.staff.value.get() {
            Some(Ok(list)) => list.items,
            _ => Vec::new(),
        };
        let names = all.into_iter().filter(|it| staff.contains(&it.id));
        let names: Vec<_> = names.map(|it| it.details.name).collect();
        if names.is_empty() {
            texts().everybody().to_owned()
        } else {
            names.join(", ")
        }
    };
    let kept = StoredValue::new(service);
    let edit = move || editing.set(Some(Some(kept.get_value())));
    let remove = move || {
        kept.with_value(|it| shared.remove(PATH, &it.id, &it.details.name));
    };
    let (state, actions) = state_and_actions(shared, active, &name, edit, remove);
    view! {
        <tr role="row">
            <Cell column=shared.label(|texts| texts.name())>
                <strong>{name}</strong>
            </Cell>
            <Cell column=shared.label(|texts| texts.lasts())>{lasts}</Cell>
            <Cell column=shared.label(|texts| texts.price()) number=true>{price}</Cell>
            <Cell column=shared.label(|texts| texts.who())>{who}</Cell>
            <Cell column=shared.label(|texts| texts.state())>{state}</Cell>
            <Cell column=shared.label(|texts| texts.actions())>{actions}</Cell>
        </tr>
    }
}

/// What is wrong with what is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Name,
    Minutes,
    Price,
}

/// What is typed.
#[derive(Clone, Copy)]
struct Typed {
    name: RwSignal<String>,
    description: RwSignal<String>,
    minutes: RwSignal<String>,
    before: RwSignal<String>,
    after: RwSignal<String>,
    amount: RwSignal<String>,
    currency: RwSignal<String>,
    staff: RwSignal<Vec<String>>,
    /// The event type at Cal.com that keeps it; empty where it is kept here.
    event_type: RwSignal<String>,
    active: RwSignal<bool>,
}

impl Typed {
    fn of(details: Option<ServiceDetails>) -> Self {
        let text = |minutes: fn(&ServiceDetails) -> u16, new: &str| {
            let minutes = details.as_ref().map(|it| minutes(it).to_string());
            RwSignal::new(minutes.unwrap_or_else(|| new.to_owned()))
        };
        let (minutes, before, after) = (
            text(|it| it.minutes, "30"),
            text(|it| it.before_minutes, "0"),
            text(|it| it.after_minutes, "0"),
        );
        let is_new = details.is_none();
        let details = details.unwrap_or(ServiceDetails {
            name: String::new(),
            description: String::new(),
            minutes: 0,
            before_minutes: 0,
            after_minutes: 0,
            price: None,
            staff: Vec::new(),
            event_type: None,
            active: is_new,
        });
        let price = details.price;
        let amount = price.as_ref().map(|it| price::write(it.cents));
        let currency = price.map_or_else(|| CURRENCY.to_owned(), |it| it.currency);
        Self {
            name: RwSignal::new(details.name),
            description: RwSignal::new(details.description),
            minutes,
            before,
            after,
            amount: RwSignal::new(amount.unwrap_or_default()),
            currency: RwSignal::new(currency),
            staff: RwSignal::new(details.staff),
            event_type: RwSignal::new(
                details
                    .event_type
                    .map(|it| it.to_string())
                    .unwrap_or_default(),
            ),
            active: RwSignal::new(details.active),
        }
    }

    fn read(self) -> Result<ServiceDetails, Fault> {
        let minutes = |typed: RwSignal<String>| {
            let minutes = typed.with_untracked(|text| text.trim().parse::<u16>().ok());
            minutes.filter(|it| it % 5 == 0).ok_or(Fault::Minutes)
        };
        let name = self.name.get_untracked().trim().to_owned();
        let amount = self.amount.get_untracked();
        let price = match amount.trim() {
            "" => None,
            amount => Some(Price {
                cents: price::read(amount).ok_or(Fault::Price)?,
                currency: self.currency.get_untracked().trim().to_uppercase(),
            }),
        };
        if name.is_empty() {
            return Err(Fault::Name);
        }
        Ok(ServiceDetails {
            name,
            description: self.description.get_untracked(),
            minutes: minutes(self.minutes)
                .and_then(|it| (it > 0).then_some(it).ok_or(Fault::Minutes))?,
            before_minutes: minutes(self.before)?,
            after_minutes: minutes(self.after)?,
            price,
            staff: self.staff.get_untracked(),
            event_type: self.event_type.with_untracked(|it| it.parse().ok()),
            active: self.active.get_untracked(),
        })
    }
}

#[component]
fn Form(saving: Saving, edited: Option<Service>) -> impl IntoView {
    let Saving {
        shared,
        errand,
        close,
        ..
    } = saving;
    let texts = move || shared.texts();
    let (before, details) = edited.map(|it| ((it.id, it.revision), it.details)).unzip();
    let is_new = before.is_none();
    let typed = Typed::of(details);
    let fault = RwSignal::new(None::<Fault>);
    let heading = NodeRef::<html::H3>::new();
    heading.on_load(|heading| {
        let _ = heading.focus();
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        match typed.read() {
            Err(wrong) => fault.set(Some(wrong)),
            Ok(details) => {
                fault.set(None);
                saving.send(before.clone(), details);
            }
        }
    };
    let error = move |which: Fault, words: fn(Texts) -> &'static str| {
        Signal::derive(move || (fault.get() == Some(which)).then(|| words(texts())))
    };
    let who = move || {
        let all = match shared.staff.value.get() {
            Some(Ok(list)) => list.items,
            _ => Vec::new(),
        };
        let check = |it: api::calendar::StaffMember| {
            let (id, own) = (it.id.clone(), it.id);
            let change = move |event| {
                let chosen = event_target_checked(&event);
                typed.staff.update(|all| {
                    all.retain(|it| *it != own);
                    all.extend(chosen.then(|| own.clone()));
                });
            };
            view! {
                <label class="sb-check">
                    <input
                        type="checkbox"
                        class="sb-tick"
                        prop:checked=move || typed.staff.with(|all| all.contains(&id))
                        on:change=change
                    />
                    <span>{it.details.name}</span>
                </label>
            }
        };
        (!all.is_empty()).then(|| {
            view! {
                <fieldset class="sb-checks">
                    <legend>{texts().who()}</legend>
                    {all.into_iter().map(check).collect_view()}
                </fieldset>
                <p class="sb-hint">{texts().who_hint()}</p>
            }
        })
    };
    view! {
        <form class="sb-card sb-form" aria-labelledby="service-form" novalidate on:submit=submit>
            <h3 id="service-form" tabindex="-1" node_ref=heading>
                {move || if is_new { texts().add_service() } else { texts().change_service() }}
            </h3>
            <div class="sb-form-row">
                <TextField
                    id="service-name"
                    label=shared.label(|texts| texts.name())
                    value=typed.name
                    error=error(Fault::Name, |texts| texts.name_missing())
                />
                <TextField
                    id="service-minutes"
                    label=shared.label(|texts| texts.minutes())
                    value=typed.minutes
                    kind="number"
                    error=error(Fault::Minutes, |texts| texts.minutes_wrong())
                />
            </div>
            <div class="sb-form-row">
                <TextField id="service-before-minutes" label=shared.label(|texts| texts.before()) value=typed.before kind="number" />
                <TextField id="service-after-minutes" label=shared.label(|texts| texts.after()) value=typed.after kind="number" />
                <TextField
                    id="service-price"
                    label=shared.label(|texts| texts.price())
                    value=typed.amount
                    error=error(Fault::Price, |texts| texts.price_wrong())
                />
                <TextField id="service-currency" label=shared.label(|texts| texts.currency()) value=typed.currency />
            </div>
            <TextArea
                id="service-description"
                label=shared.label(|texts| texts.description())
                value=typed.description
                rows=2
            />
            <Kept shared event_type=typed.event_type />
            {move || typed.event_type.with(String::is_empty).then_some(who)}
            <CheckField id="service-active" label=shared.label(|texts| texts.active()) value=typed.active />
            <Status desk=shared.desk errand />
            <div class="sb-actions">
                <SaveButton desk=shared.desk errand />
                <CancelButton desk=shared.desk close />
            </div>
        </form>
    }
}

/// Who keeps a service, where the business has an account at Cal.com.
#[component]
fn Kept(shared: Shared, event_type: RwSignal<String>) -> impl IntoView {
    let texts = move || shared.texts();
    let loaded = Loaded::<CalcomEventTypeList>::from(shared.desk, EVENT_TYPES);
    let all = move || match loaded.value.get() {
        Some(Ok(list)) => list.items,
        _ => Vec::new(),
    };
    let options = move || {
        let texts = texts();
        let here = (String::new(), texts.kept_here().to_owned());
        let chosen = event_type.get();
        // What wants something that nobody says on the telephone cannot be booked from here.
        let fits = |it: &CalcomEventType| it.wants.is_empty() || it.id.to_string() == chosen;
        let known: Vec<_> = all().into_iter().filter(fits).collect();
        let missing = !chosen.is_empty() && known.iter().all(|it| it.id.to_string() != chosen);
        let missing = missing.then(|| (chosen.clone(), format!("Cal.com: {chosen}")));
        let there = known.into_iter().map(|it| {
            let name = texts.kept_at(i64::from(it.minutes), &it.title);
            (it.id.to_string(), name)
        });
        std::iter::once(here)
            .chain(there)
            .chain(missing)
            .collect::<Vec<_>>()
    };
    move || {
        (!all().is_empty() || !event_type.with(String::is_empty)).then(|| {
            view! {
                <SelectField
                    id="service-kept"
                    label=shared.label(|texts| texts.kept())
                    value=event_type
                    options=Signal::derive(options)
                    hint=Signal::derive(move || Some(texts().kept_hint()))
                />
            }
        })
    }
}
