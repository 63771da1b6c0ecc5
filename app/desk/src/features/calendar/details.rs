//! One booking: what it is, where it comes from, and moving or cancelling it.

use api::Page;
use api::calendar::{Booking, BookingState, MoveBooking};
use api::contacts::Contact;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use serde_json::Value;

use super::times::{Choice, Times};
use super::{BOOKINGS, Shared, words};
use crate::data::dial::{Number, linked};
use crate::data::{Errand, Loaded, Loading, SaveButton, Status, api_client};
use crate::kit::Question;
use crate::nav::Link;
use crate::route::Route;
use crate::words::format::Precision;
use crate::words::kit::Texts as Common;
use browser::ui::http::escape;

/// Everything about a booking.
#[component]
pub(super) fn Details(
    shared: Shared,
    /// Where it is at the server.
    path: String,
) -> impl IntoView {
    let loaded = Loaded::<Booking>::from(shared.desk, path);
    let moving = RwSignal::new(false);
    let draw = move |booking: Booking| {
        let is_open = booking.starts_at > shared.desk.now.get_untracked();
        let stands = booking.state != BookingState::Cancelled && is_open;
        let kept = StoredValue::new(booking.clone());
        view! {
            <Facts shared booking />
            {stands
                .then(|| {
                    view! {
                        {move || {
                            let booking = kept.get_value();
                            if moving.get() {
                                view! { <Move shared booking moving /> }.into_any()
                            } else {
                                view! { <Actions shared booking moving /> }.into_any()
                            }
                        }}
                    }
                })}
        }
    };
    // What is being chosen stays, though something else was booked meanwhile.
    let booking = Memo::new(move |_| loaded.value.get()?.ok());
    move || match booking.get() {
        Some(booking) => draw(booking).into_any(),
        None => view! { <Loading desk=shared.desk loaded draw=|_| () /> }.into_any(),
    }
}

#[component]
fn Facts(shared: Shared, booking: Booking) -> impl IntoView {
    let desk = shared.desk;
    let texts = move || shared.texts();
    let (starts_at, ends_at) = (booking.starts_at, booking.ends_at);
    let (class, word): (_, fn(super::Texts) -> &'static str) = match booking.state {
        BookingState::Confirmed if booking.pending => {
            ("sb-chip sb-chip-warn", |texts| texts.pending())
        }
        BookingState::Confirmed => ("sb-chip sb-chip-good", |texts| texts.confirmed()),
        BookingState::Held => ("sb-chip sb-chip-warn", |texts| texts.held()),
        BookingState::Cancelled => ("sb-chip", |texts| texts.cancelled()),
        BookingState::Unknown => ("sb-chip", |_| "–"),
    };
    let text = |value: String| (!value.is_empty()).then_some(value);
    let contact = booking.phone.as_ref().map(|number| {
        let path = format!("/api/desk/contacts?phone={}", escape(number));
        Loaded::<Page<Contact>>::from(desk, path)
    });
    let contact = Memo::new(move |_| {
        let page = contact?.value.get()?.ok()?;
        Some(page.items.into_iter().next()?.id)
    });
    let phone = booking.phone.map(|number| {
        view! {
            <dt>{move || texts().phone()}</dt>
            <dd>
                <Number desk number />
            </dd>
        }
    });
    let staff = booking.staff.map(|name| {
        view! {
            <dt>{move || texts().staff()}</dt>
            <dd>{name}</dd>
        }
    });
    let notes = text(booking.notes).map(|notes| {
        view! {
            <dt>{move || texts().notes()}</dt>
            <dd>{linked(desk, &notes)}</dd>
        }
    });
    let call = booking.call_id.map(|id| {
        view! {
            <dt>{move || texts().made_in()}</dt>
            <dd>
                <Link route=desk.route to=Route::Call(id)>{move || texts().open_call()}</Link>
            </dd>
        }
    });
    let name = StoredValue::new(text(booking.name));
    let name = move || {
        name.get_value()
            .unwrap_or_else(|| texts().nameless().to_owned())
    };
    let who = move || match contact.get() {
        Some(id) => {
            view! { <Link route=desk.route to=Route::Contact(id)>{name()}</Link> }.into_any()
        }
        None => name().into_any(),
    };
    view! {
        <p><span class=class>{move || word(texts())}</span></p>
        <dl class="sb-facts">
            <dt>{move || texts().time()}</dt>
            <dd>
                {move || shared.written(starts_at, Precision::Short)}
                " – "
                {move || shared.written(ends_at, Precision::Time)}
            </dd>
            <dt>{move || texts().service()}</dt>
            <dd>{booking.service}</dd>
            {staff}
            <dt>{move || texts().name()}</dt>
            <dd>{who}</dd>
            {phone}
            <dt>{move || texts().reference()}</dt>
            <dd><code class="sb-id">{booking.reference}</code></dd>
            {notes}
            {call}
        </dl>
    }
}

#[component]
fn Actions(shared: Shared, booking: Booking, moving: RwSignal<bool>) -> impl IntoView {
    let texts = move || shared.texts();
    let is_held = booking.state == BookingState::Held;
    let kept = StoredValue::new(booking);
    let cancel = move |()| {
        let booking = kept.get_value();
        change(
            shared,
            &booking.id,
            "cancel",
            &Value::Null,
            move |cancelled| {
                shared.close();
                let texts = untrack(texts);
                if is_held {
                    return shared.toast.tell(texts.given_back().to_owned());
                }
                let id = cancelled.id;
                shared
                    .toast
                    .done(texts.was_cancelled(&cancelled.reference), move || {
                        change(shared, &id, "restore", &Value::Null, move |_| {
                            shared.toast.undone();
                        });
                    });
            },
        );
    };
    let give_back = move |_| {
        let texts = texts();
        shared.question.set(Some(Question {
            title: texts.give_back_title().to_owned(),
            text: texts.give_back_text().to_owned(),
            yes: texts.give_back(),
            act: Callback::new(cancel),
        }));
    };
    let act = move || {
        if is_held {
            // Whoever is on the telephone may be about to say yes.
            return view! {
                <button type="button" class="sb-button" on:click=give_back>
                    {move || texts().give_back()}
                </button>
            }
            .into_any();
        }
        view! {
            <button type="button" class="sb-button" on:click=move |_| moving.set(true)>
                {move || texts().move_it()}
            </button>
            <button
                type="button"
                class="sb-button sb-button-danger"
                on:click=move |_| cancel(())
            >
                {move || texts().cancel()}
            </button>
        }
        .into_any()
    };
    view! { <div class="sb-actions sb-booking-actions">{act()}</div> }
}

/// Has something become of a booking.
pub(super) fn change(
    shared: Shared,
    id: &str,
    what: &'static str,
    body: &impl serde::Serialize,
    done: impl FnOnce(Booking) + 'static,
) {
    let path = format!("{BOOKINGS}/{}/{what}", escape(id));
    let body = serde_json::to_value(body).unwrap_or_default();
    let about = shared.errand.about(&path);
    let work = async move { api_client::post::<Booking>(&path, &body).await };
    about.run(shared.desk, work, move |booking| {
        shared.bookings.reload();
        done(booking);
    });
}

/// Another time for it.
#[component]
fn Move(shared: Shared, booking: Booking, moving: RwSignal<bool>) -> impl IntoView {
    let texts = move || shared.texts();
    let staff = booking.staff_id.clone().unwrap_or_default();
    let day = shared.wall(booking.starts_at).day;
    let choice = Choice::new(booking.service_id.clone(), staff, day);
    let errand = Errand::new();
    let missing = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let starts_at = choice.starts_at.get_untracked();
        missing.set(starts_at.is_none());
        let Some(starts_at) = starts_at else { return };
        let to = MoveBooking {
            starts_at,
            staff_id: choice.staff_id(),
        };
        let back = MoveBooking {
            starts_at: booking.starts_at,
            staff_id: booking.staff_id.clone(),
        };
        let path = format!("{BOOKINGS}/{}/move", escape(&booking.id));
        let work = async move { api_client::post::<Booking>(&path, &to).await };
        errand.run(shared.desk, work, move |moved| {
            shared.day.set(shared.wall(moved.starts_at).day);
            shared.close();
            shared.bookings.reload();
            let when = untrack(|| shared.written(moved.starts_at, Precision::Short));
            let id = moved.id;
            shared.toast.done(untrack(texts).was_moved(&when), move || {
                change(shared, &id, "move", &back, move |_| shared.toast.undone());
            });
        });
    };
    view! {
        <form class="sb-form sb-booking-actions" novalidate on:submit=submit>
            <h3>{move || texts().move_to()}</h3>
            <Times shared choice />
            {move || {
                (missing.get() && choice.starts_at.get().is_none())
                    .then(|| view! { <p class="sb-field-error" role="alert">{texts().choose_time()}</p> })
            }}
            <Status desk=shared.desk errand done=Signal::stored("") words=words />
            <div class="sb-actions">
                <SaveButton desk=shared.desk errand label=Signal::derive(move || texts().move_it()) />
                <button type="button" class="sb-button" on:click=move |_| moving.set(false)>
                    {move || Common::of(shared.desk.lang.get()).cancel()}
                </button>
            </div>
        </form>
    }
}
