//! A new booking: the service, with whom, when, and for whom.

use api::calendar::{Booking, NewBooking};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::times::{Choice, Times};
use super::{BOOKINGS, Shared, Whom, words};
use crate::data::{Errand, SaveButton, Status, api_client};
use crate::kit::{Day, SelectField, TextArea, TextField};

/// The form; it begins with a day, and with whom it is for.
#[component]
pub(super) fn Book(shared: Shared, day: Day, whom: Whom) -> impl IntoView {
    let texts = move || shared.texts();
    let choice = Choice::new(String::new(), String::new(), day);
    let (name, phone, notes) = (
        RwSignal::new(whom.name),
        RwSignal::new(whom.phone),
        RwSignal::new(String::new()),
    );
    let call_id = Some(whom.call_id).filter(|id| !id.is_empty());
    let services = move || {
        let list = match shared.services.value.get() {
            Some(Ok(list)) => list.items,
            _ => Vec::new(),
        };
        let active = list.into_iter().filter(|it| it.details.active);
        active
            .map(|it| {
                (
                    it.id,
                    texts().lasting(it.details.minutes.into(), &it.details.name),
                )
            })
            .collect::<Vec<_>>()
    };
    // The first is chosen, as the field shows it.
    Effect::new(move || {
        if choice.service.with(String::is_empty)
            && let Some((id, _)) = services().into_iter().next()
        {
            choice.service.set(id);
        }
    });
    let is_chosen = Memo::new(move |_| !choice.service.with(String::is_empty));
    let missing = RwSignal::new(false);
    let errand = Errand::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let starts_at = choice.starts_at.get_untracked();
        missing.set(starts_at.is_none());
        let Some(starts_at) = starts_at else { return };
        let phone = phone.get_untracked();
        let new = NewBooking {
            service_id: choice.service.get_untracked(),
            staff_id: choice.staff_id(),
            starts_at,
            name: name.get_untracked(),
            phone: Some(phone).filter(|it| !it.trim().is_empty()),
            notes: notes.get_untracked(),
            call_id: call_id.clone(),
        };
        let work = async move { api_client::post::<Booking>(BOOKINGS, &new).await };
        errand.run(shared.desk, work, move |booking| {
            shared.day.set(shared.wall(booking.starts_at).day);
            shared.close();
            shared.bookings.reload();
            shared.toast.tell(untrack(texts).booked(&booking.reference));
        });
    };
    view! {
        <form class="sb-form" novalidate on:submit=submit>
            <SelectField
                id="booking-service-id"
                label=Signal::derive(move || texts().service())
                value=choice.service
                options=Signal::derive(services)
            />
            {move || is_chosen.get().then(|| view! { <Times shared choice /> })}
            {move || {
                (missing.get() && choice.starts_at.get().is_none())
                    .then(|| view! { <p class="sb-field-error" role="alert">{texts().choose_time()}</p> })
            }}
            <TextField
                id="booking-name"
                label=Signal::derive(move || texts().name())
                value=name
            />
            <TextField
                id="booking-phone"
                label=Signal::derive(move || texts().phone())
                value=phone
                kind="tel"
                hint=Signal::derive(move || Some(texts().phone_hint()))
            />
            <TextArea
                id="booking-notes"
                label=Signal::derive(move || texts().notes())
                value=notes
                rows=2
            />
            <Status desk=shared.desk errand done=Signal::stored("") words=words />
            <div class="sb-actions">
                <SaveButton desk=shared.desk errand label=Signal::derive(move || texts().book()) />
            </div>
        </form>
    }
}
