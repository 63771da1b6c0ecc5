//! The form of a destination.

use api::business::Hours;
use api::routing::{Destination, DestinationDetails, DestinationList};
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::{PATH, Shared, Texts};
use crate::data::staff::Staff;
use crate::data::{Desk, Errand, SaveButton, Status};
use crate::kit::{
    Button, CheckField, HoursFields, SelectField, TextField, TypedHours, focus_wrong,
};
use crate::words::availability::Texts as StaffTexts;
use crate::words::kit::Texts as Common;

/// What is wrong with something that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Name,
    To,
    Order,
    Hours,
}

/// What is typed.
#[derive(Clone)]
struct Typed {
    name: RwSignal<String>,
    to: RwSignal<String>,
    /// The id of who answers there; empty for nobody in particular.
    person: RwSignal<String>,
    order: RwSignal<String>,
    active: RwSignal<bool>,
    /// Whether somebody is there as the business is open.
    as_business: RwSignal<bool>,
    hours: TypedHours,
}

impl Typed {
    fn of(details: Option<DestinationDetails>) -> Self {
        let details = details.unwrap_or(DestinationDetails {
            name: String::new(),
            to: String::new(),
            person: None,
            hours: None,
            order: 0,
            active: true,
        });
        Self {
            name: RwSignal::new(details.name),
            to: RwSignal::new(details.to),
            person: RwSignal::new(details.person.unwrap_or_default()),
            order: RwSignal::new(details.order.to_string()),
            active: RwSignal::new(details.active),
            as_business: RwSignal::new(details.hours.is_none()),
            hours: TypedHours::from(&details.hours.unwrap_or_default()),
        }
    }

    /// What is sent, or all that is wrong.
    fn read(&self) -> Result<DestinationDetails, Vec<Wrong>> {
        let text = |typed: RwSignal<String>| typed.get().trim().to_owned();
        let (name, to) = (text(self.name), text(self.to));
        let order = text(self.order).parse::<u32>();
        let hours: Option<Option<Hours>> = match self.as_business.get() {
            true => Some(None),
            false => self.hours.read().map(Some),
        };
        let wrong = [
            (name.is_empty(), Wrong::Name),
            (!can_be_called(&to), Wrong::To),
            (order.is_err(), Wrong::Order),
            (hours.is_none(), Wrong::Hours),
        ];
        let wrong: Vec<_> = wrong.into_iter().filter(|(is, _)| *is).collect();
        match (hours, order) {
            (Some(hours), Ok(order)) if wrong.is_empty() => Ok(DestinationDetails {
                name,
                to,
                person: Some(self.person.get()).filter(|it| !it.is_empty()),
                hours,
                order,
                active: self.active.get(),
            }),
            _ => Err(wrong.into_iter().map(|(_, wrong)| wrong).collect()),
        }
    }
}

/// Whether it looks like a number in international form, or a SIP address; the server knows
/// better.
fn can_be_called(to: &str) -> bool {
    let sip = to.strip_prefix("sip:").or_else(|| to.strip_prefix("sips:"));
    sip.or_else(|| to.strip_prefix('+'))
        .or_else(|| to.strip_prefix("00"))
        .is_some_and(|rest| !rest.is_empty())
}

/// Adds a destination, or changes one.
#[component]
pub(super) fn Form(shared: Shared, edited: Option<Destination>) -> impl IntoView {
    let desk = shared.desk;
    let texts = move || shared.texts();
    let (before, details) = edited.map(|it| ((it.id, it.revision), it.details)).unzip();
    let is_new = before.is_none();
    let typed = Typed::of(details);
    let tried = RwSignal::new(false);
    let read = typed.clone();
    let wrong = Memo::new(move |_| match tried.get() {
        true => read.read().err().unwrap_or_default(),
        false => Vec::new(),
    });
    let error = move |which: Wrong, said: fn(Texts) -> &'static str| {
        Signal::derive(move || {
            wrong
                .with(|all| all.contains(&which))
                .then(|| said(texts()))
        })
    };
    let show = shared
        .listed
        .rivals
        .show_one(PATH, move |list: DestinationList| {
            let id = shared
                .listed
                .editing
                .get_untracked()
                .flatten()
                .map(|it| it.id);
            let mut all = list.items.into_iter();
            let theirs = all.find(|it| Some(&it.id) == id.as_ref());
            shared.listed.editing.set(theirs.map(Some));
        });
    let errand = Errand::new();
    let form = NodeRef::<html::Form>::new();
    let read = typed.clone();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Ok(details) = untrack(|| read.read()) else {
            focus_wrong(form);
            return;
        };
        let kept = before
            .as_ref()
            .map(|(id, revision)| (id.as_str(), *revision));
        shared.listed.save(errand, kept, details, show);
    };
    let heading = NodeRef::<html::H3>::new();
    heading.on_load(|heading| {
        let _ = heading.focus();
    });
    let Typed {
        name,
        to,
        person,
        order,
        active,
        as_business,
        hours,
    } = typed;
    let of_staff = move || StaffTexts::of(desk.lang.get());
    let own_hours = move || {
        let typed = hours.clone();
        (!as_business.get()).then(|| {
            view! {
                <HoursFields typed always=shared.label(|texts| texts.always()) />
                {move || {
                    let is_wrong = wrong.with(|all| all.contains(&Wrong::Hours));
                    is_wrong.then(|| view! {
                        <p class="sb-field-error" role="alert">{texts().hours_wrong()}</p>
                    })
                }}
            }
        })
    };
    view! {
        <form
            class="sb-card sb-form"
            aria-labelledby="destination-form"
            novalidate
            node_ref=form
            on:submit=submit
        >
            <h3 id="destination-form" tabindex="-1" node_ref=heading>
                {move || if is_new { texts().add() } else { texts().change_title() }}
            </h3>
            <div class="sb-form-row">
                <TextField
                    id="destination-name"
                    label=shared.label(|texts| texts.name())
                    value=name
                    hint=Signal::derive(move || Some(texts().name_hint()))
                    error=error(Wrong::Name, |texts| texts.name_missing())
                />
                <TextField
                    id="destination-to"
                    label=shared.label(|texts| texts.to())
                    value=to
                    hint=Signal::derive(move || Some(texts().to_hint()))
                    error=error(Wrong::To, |texts| texts.to_wrong())
                />
                <TextField
                    id="destination-order"
                    label=shared.label(|texts| texts.order())
                    value=order
                    kind="number"
                    hint=Signal::derive(move || Some(texts().order_hint()))
                    error=error(Wrong::Order, |texts| texts.order_wrong())
                />
            </div>
            <SelectField
                id="destination-person"
                label=Signal::derive(move || of_staff().person())
                value=person
                options=people(shared.desk, person)
                hint=Signal::derive(move || Some(of_staff().person_hint()))
            />
            <fieldset>
                <legend>{shared.label(|texts| texts.hours())}</legend>
                <CheckField
                    id="destination-as-business"
                    label=shared.label(|texts| texts.business_hours())
                    value=as_business
                />
                {own_hours}
            </fieldset>
            <CheckField
                id="destination-active"
                label=shared.label(|texts| texts.active())
                value=active
            />
            <Status desk errand />
            <div class="sb-actions">
                <SaveButton desk errand />
                <Button press=move |()| shared.listed.editing.set(None)>
                    {move || Common::of(desk.lang.get()).cancel()}
                </Button>
            </div>
        </form>
    }
}

/// Whom a destination can be of: nobody in particular, or any of the staff.
fn people(desk: Desk, chosen: RwSignal<String>) -> Signal<Vec<(String, String)>> {
    let staff = Staff::of(desk);
    Signal::derive(move || {
        let texts = StaffTexts::of(desk.lang.get());
        let mut people = vec![(String::new(), texts.person_none().to_owned())];
        people.extend(staff.all().into_iter().map(|it| (it.user_id, it.name)));
        let chosen = chosen.get();
        if !people.iter().any(|(id, _)| *id == chosen) {
            people.push((chosen, texts.person_gone().to_owned()));
        }
        people
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_of_each_field_and_what_is_right_is_kept() {
        let _owner = Owner::new();
        let typed = Typed::of(None);
        typed.to.set("030 901820".to_owned());
        typed.order.set("-1".to_owned());
        assert_eq!(
            typed.read().unwrap_err(),
            [Wrong::Name, Wrong::To, Wrong::Order]
        );
        typed.name.set(" Reception ".to_owned());
        typed.order.set("2".to_owned());
        for to in ["+49 30 901820", "0049 30 901820", "sip:front@pbx.test"] {
            typed.to.set(to.to_owned());
            let details = typed.read().unwrap();
            assert_eq!(
                (details.name.as_str(), details.to.as_str()),
                ("Reception", to)
            );
            // As the business is open, until somebody says otherwise.
            assert_eq!(details.hours, None);
        }
        typed.as_business.set(false);
        let always = typed.read().unwrap();
        assert_eq!(always.hours, Some(Hours::default()));
        let again = Typed::of(Some(always.clone()));
        assert_eq!(again.read().unwrap(), always);
    }
}
