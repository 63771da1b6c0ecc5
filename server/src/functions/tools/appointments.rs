//! Appointments there are: found, moved and cancelled.

use api::calendar::{Booking, BookingState, MoveBooking};
use serde_json::{Value, json};

use super::booking::{
    LOOKED_AT, PHONE, moment, no_appointment, not_changed, number, of_call, refused,
};
use super::wanted;
use crate::calendar::{self, BookingFilter, CalendarError};
use crate::deeds::Author;
use crate::functions::answer::{Answer, No, instant, say};
use crate::functions::asking::{Arguments, Asking, text};
use crate::functions::schema;
use crate::functions::tool::Tool;
use crate::phone::E164;

pub(super) const LIST: Tool = Tool {
    names: &["list_appointments"],
    about: "Lists the appointments the caller has.",
    parameters: || schema::object(json!({"phone": schema::text(PHONE)}), &[]),
    variables: &[],
    changes: false,
    run: |asking, arguments| Box::pin(list(asking, arguments)),
};

pub(super) const RESCHEDULE: Tool = Tool {
    names: &["reschedule_appointment"],
    about: "Moves an appointment of the caller's to another time, which the caller said yes to. The day and the time are the new ones.",
    parameters: || schema::object(schema::with(wanted::properties(), which()), &[]),
    variables: &[],
    changes: true,
    run: |asking, arguments| Box::pin(reschedule(asking, arguments)),
};

pub(super) const CANCEL: Tool = Tool {
    names: &["cancel_appointment"],
    about: "Cancels an appointment of the caller's, after they said which one. The day is that of the appointment.",
    parameters: || schema::object(schema::with(wanted::properties(), which()), &[]),
    variables: &[],
    changes: true,
    run: |asking, arguments| Box::pin(cancel(asking, arguments)),
};

fn which() -> Value {
    json!({
        "reference": schema::text("The appointment's number, six digits, if the caller has it."),
        "phone": schema::text(PHONE),
        "customer_phone": schema::text("The same."),
    })
}

/// An appointment as the agent is told of it.
pub(super) fn shown(asking: &Asking<'_>, booking: &Booking) -> Value {
    json!({
        "reference": booking.reference,
        "service": booking.service,
        "staff": booking.staff,
        "name": booking.name,
        "pending": booking.pending,
        "slot": instant(&asking.zoned(booking.starts_at)),
        "spoken": asking.spoken(booking.starts_at),
    })
}

/// Somebody's appointments that are to come.
pub(super) async fn upcoming(asking: &Asking<'_>, phone: Option<E164>) -> Result<Vec<Booking>, No> {
    let now = asking.now_ms();
    let mut all = match phone {
        None => of_call(asking).await?,
        Some(phone) => {
            let filter = BookingFilter {
                from: Some(now),
                phone: Some(phone),
                ..BookingFilter::default()
            };
            let store = &asking.cx.store;
            store
                .bookings()
                .page(asking.tenant, &filter, None, LOOKED_AT, now)
                .await?
        }
    };
    all.retain(|it| it.state == BookingState::Confirmed && it.starts_at > now);
    Ok(all)
}

fn spoken_list(asking: &Asking<'_>, bookings: &[Booking]) -> String {
    let lines: Vec<_> = bookings
        .iter()
        .map(|it| format!("{}, {}", it.service, asking.spoken(it.starts_at)))
        .collect();
    lines.join("; ")
}

async fn list(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let language = asking.language;
    let all = upcoming(asking, number(asking, arguments)?).await?;
    let lines = spoken_list(asking, &all);
    let message = match all.is_empty() {
        true => say!(
            language,
            "There are no appointments to come.",
            "No hay ninguna cita pendiente.",
            "Es stehen keine Termine an."
        ),
        false => say!(
            language,
            "These are the appointments: {lines}.",
            "Estas son las citas: {lines}.",
            "Das sind die Termine: {lines}."
        ),
    };
    let shown: Vec<_> = all.iter().map(|it| shown(asking, it)).collect();
    Ok(Answer::new(message, json!({"appointments": shown})))
}

/// The appointment that is meant: by its number together with who it is for, else the
/// only one there is of the caller's that fits.
async fn meant(
    asking: &Asking<'_>,
    arguments: &Arguments,
    fits: impl Fn(&Booking) -> bool,
) -> Result<Booking, No> {
    let language = asking.language;
    let phone = number(asking, arguments)?;
    if let Some(reference) = text(arguments, &["reference"]) {
        let digits: String = reference.chars().filter(char::is_ascii_digit).collect();
        let booking = asking
            .cx
            .store
            .bookings()
            .by_reference(asking.tenant, &digits)
            .await?;
        // The digits alone are guessed easily.
        let is_theirs = |it: &Booking| {
            let of_call = it.call_id.is_some() && it.call_id == asking.call();
            of_call || (phone.is_some() && it.phone.as_deref() == phone.as_ref().map(E164::as_str))
        };
        return booking
            .filter(is_theirs)
            .ok_or_else(|| no_appointment(asking));
    }
    let mut all = upcoming(asking, phone).await?;
    all.retain(fits);
    match all.as_slice() {
        [] => Err(no_appointment(asking)),
        [only] => Ok(only.clone()),
        several => {
            let lines = spoken_list(asking, several);
            let message = say!(
                language,
                "Which appointment do you mean? There are: {lines}.",
                "¿A qué cita se refiere? Hay: {lines}.",
                "Welchen Termin meinen Sie? Es gibt: {lines}."
            );
            let shown: Vec<_> = several.iter().map(|it| shown(asking, it)).collect();
            Err(No::because("which_appointment", message).with(json!({"appointments": shown})))
        }
    }
}

async fn reschedule(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let language = asking.language;
    let booking = meant(asking, arguments, |_| true).await?;
    let service = asking
        .plan
        .services
        .iter()
        .find(|it| it.id == booking.service_id);
    let service = service.ok_or_else(|| no_appointment(asking))?;
    let staff_id = wanted::staff(asking, arguments)?;
    let at = moment(asking, arguments, service, staff_id.as_deref()).await?;
    let to = MoveBooking {
        starts_at: at.timestamp().as_millisecond(),
        staff_id,
    };
    let (cx, author) = (asking.cx, Author::system());
    let moved = calendar::reschedule(&cx.calendar, asking.tenant, &booking.id, &to, &author).await;
    let moved = match moved {
        Ok(moved) => moved,
        Err(CalendarError::NotFree(why)) => {
            let staff = to.staff_id.as_deref();
            let near = wanted::nearest(asking, service, staff, to.starts_at).await?;
            return Err(wanted::not_free(asking, Some(why), &near));
        }
        Err(error) => return Err(refused(asking, service, error).await),
    };
    let (name, time) = (&moved.service, asking.spoken(moved.starts_at));
    let message = match &moved.staff {
        Some(whom) if moved.staff_id != booking.staff_id => say!(
            language,
            "That is moved: {name}, {time}, with {whom}.",
            "Queda cambiado: {name}, {time}, con {whom}.",
            "Das ist verlegt: {name}, {time}, bei {whom}."
        ),
        _ => say!(
            language,
            "That is moved: {name}, {time}.",
            "Queda cambiado: {name}, {time}.",
            "Das ist verlegt: {name}, {time}."
        ),
    };
    Ok(Answer::new(
        message,
        json!({"booking": shown(asking, &moved)}),
    ))
}

async fn cancel(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let language = asking.language;
    let when = match text(arguments, &["reference"]) {
        Some(_) => None,
        None => wanted::when(asking, arguments)?,
    };
    let span = when.map(|when| {
        let (from, to) = when.span(&asking.now);
        (
            from.timestamp().as_millisecond(),
            to.timestamp().as_millisecond(),
        )
    });
    // A moment is no stretch.
    let fits = |it: &Booking| {
        span.is_none_or(|(from, to)| it.starts_at == from || (from..to).contains(&it.starts_at))
    };
    let booking = meant(asking, arguments, fits).await?;
    let (cx, author) = (asking.cx, Author::system());
    let cancelled = calendar::cancel(&cx.calendar, asking.tenant, &booking.id, &author).await;
    let cancelled = match cancelled {
        Ok(cancelled) => cancelled,
        Err(error) => return Err(not_changed(asking, &booking, error).await),
    };
    let (name, time) = (&cancelled.service, asking.spoken(cancelled.starts_at));
    let message = say!(
        language,
        "That is cancelled: {name}, {time}.",
        "Queda anulada: {name}, {time}.",
        "Das ist abgesagt: {name}, {time}."
    );
    Ok(Answer::new(
        message,
        json!({"booking": shown(asking, &cancelled)}),
    ))
}
