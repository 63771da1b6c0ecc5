//! Times: held for a caller, and booked.

use api::calendar::{Booking, BookingState, ConfirmBooking, NewBooking, Service};
use jiff::Zoned;
use serde_json::{Value, json};
use spoken::When;

use super::{appointments, callback, wanted};
use crate::calendar::{self, BookingFilter, CalendarError, Sure};
use crate::deeds::Author;
use crate::functions::answer::{Answer, No, instant, say};
use crate::functions::asking::{Arguments, Asking, text};
use crate::functions::tool::Tool;
use crate::functions::{promise, schema};
use crate::phone::E164;
use crate::tenants::country;

/// So many of somebody's appointments are looked at.
pub(super) const LOOKED_AT: u32 = 20;

pub(super) const START: Tool = Tool {
    names: &["start_booking"],
    about: "Holds a free time for some minutes, while the caller makes up their mind and says their name. Read the time back, then call confirm_booking.",
    parameters: || schema::object(schema::with(wanted::properties(), customer()), &[]),
    variables: &[],
    changes: true,
    run: |asking, arguments| Box::pin(start(asking, arguments)),
};

pub(super) const CONFIRM: Tool = Tool {
    names: &["confirm_booking"],
    about: "Books the time that is held, once the caller said yes to it.",
    parameters: || {
        let hold = json!({"hold": schema::text("What start_booking gave; the one of this call if left out.")});
        schema::object(schema::with(hold, customer()), &[])
    },
    variables: &[],
    changes: true,
    run: |asking, arguments| Box::pin(confirm(asking, arguments)),
};

pub(super) const BOOK: Tool = Tool {
    names: &["book_appointment", "book_appointment_cal"],
    about: "Books an appointment at once. Only after the caller said yes to the service, the day and the time.",
    parameters: || schema::object(schema::with(wanted::properties(), customer()), &[]),
    variables: &[],
    changes: true,
    run: |asking, arguments| Box::pin(book(asking, arguments)),
};

pub(super) const PHONE: &str =
    "The caller's number as they said it; leave it out if it is the number they call from.";

fn customer() -> Value {
    json!({
        "name": schema::text("The caller's name."),
        "customer_name": schema::text("The same."),
        "phone": schema::text(PHONE),
        "customer_phone": schema::text("The same."),
        "notes": schema::text("What the staff should know."),
    })
}

/// The number the caller gave, or calls from.
pub(super) fn number(asking: &Asking<'_>, arguments: &Arguments) -> Result<Option<E164>, No> {
    let given = text(arguments, &["phone", "customer_phone"]);
    given.map_or(Ok(asking.number.clone()), |given| said(asking, given))
}

/// A number as a caller says it: in international form, or as it is dialled in the business's
/// country.
pub(super) fn said(asking: &Asking<'_>, given: &str) -> Result<Option<E164>, No> {
    let digits: String = given.chars().filter(char::is_ascii_digit).collect();
    let calls_from = asking.number.as_ref();
    // Models send the number they were told the caller has, the end of it, or a word for it.
    let means_it = |it: &&E164| it.as_str().ends_with(&digits);
    if let Some(number) = calls_from.filter(means_it) {
        return Ok(Some(number.clone()));
    }
    let country = country::of_timezone(asking.tenant.timezone()).unwrap_or_default();
    let at_home = E164::parse_in(given, country).ok().filter(E164::is_valid);
    if let Some(number) = E164::parse(given).ok().or(at_home) {
        return Ok(Some(number));
    }
    let language = asking.language;
    let message = say!(
        language,
        "I did not get the telephone number. Could you say it with its country code?",
        "No he entendido el número de teléfono. ¿Puede decirlo con el prefijo del país?",
        "Ich habe die Telefonnummer nicht verstanden. Bitte mit der Vorwahl des Landes."
    );
    Err(No::because("phone", message))
}

/// What is to be booked.
struct Wish<'a> {
    service: &'a Service,
    new: NewBooking,
}

async fn wish<'a>(asking: &'a Asking<'_>, arguments: &Arguments) -> Result<Wish<'a>, No> {
    let service = wanted::service(asking, arguments)?;
    let staff_id = wanted::staff(asking, arguments)?;
    let at = moment(asking, arguments, service, staff_id.as_deref()).await?;
    let name = text(arguments, &["name", "customer_name"]).or_else(|| asking.known_name());
    Ok(Wish {
        new: NewBooking {
            service_id: service.id.clone(),
            staff_id,
            starts_at: at.timestamp().as_millisecond(),
            name: name.unwrap_or_default().to_owned(),
            phone: number(asking, arguments)?.map(|number| number.to_string()),
            notes: text(arguments, &["notes"]).unwrap_or_default().to_owned(),
            call_id: asking.call(),
        },
        service,
    })
}

/// The moment that is wanted; of a day or a part of it, one has to be chosen.
pub(super) async fn moment(
    asking: &Asking<'_>,
    arguments: &Arguments,
    service: &Service,
    staff: Option<&str>,
) -> Result<Zoned, No> {
    let (language, now) = (asking.language, asking.now_ms());
    let span = match wanted::when(asking, arguments)? {
        Some(When::Moment(at)) => return Ok(at),
        Some(when) => {
            let (from, to) = when.span(&asking.now);
            (
                from.timestamp().as_millisecond(),
                to.timestamp().as_millisecond(),
            )
        }
        None => (now, now + 14 * crate::clock::DAY_MS),
    };
    let slots = wanted::choices(asking, service, staff, span).await?;
    if slots.items.is_empty() {
        let near = wanted::nearest(asking, service, staff, span.0).await?;
        return Err(wanted::not_free(asking, None, &near));
    }
    let (words, told) = wanted::told(asking, &slots);
    let certain = wanted::how_certain(asking, slots.as_of);
    let message = say!(
        language,
        "What time would suit you? There is {words}.{certain}",
        "¿A qué hora le viene bien? Hay {words}.{certain}",
        "Um wie viel Uhr passt es Ihnen? Frei ist {words}.{certain}"
    );
    Err(No::because("which_time", message).with(told))
}

/// What was booked or held in this call and stands.
pub(super) async fn of_call(asking: &Asking<'_>) -> Result<Vec<Booking>, No> {
    made_in_call(asking, asking.now_ms()).await
}

/// What was booked in this call, and what was held in it and not given back before a moment
/// (Unix ms).
async fn made_in_call(asking: &Asking<'_>, held_after: i64) -> Result<Vec<Booking>, No> {
    let Some(call_id) = asking.call() else {
        return Ok(Vec::new());
    };
    let filter = BookingFilter {
        call_id: Some(call_id),
        ..BookingFilter::default()
    };
    let bookings = asking.cx.store.bookings();
    Ok(bookings
        .page(asking.tenant, &filter, None, LOOKED_AT, held_after)
        .await?)
}

async fn start(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let wish = wish(asking, arguments).await?;
    let mut before = of_call(asking).await?;
    // Whoever changes their mind lets go of what was held for them, once they have the other.
    before.retain(|it| it.state == BookingState::Held && is_for(it, &wish));
    let same = before.iter().find(|it| is_same(it, &wish)).cloned();
    let booking = match same {
        Some(booking) => booking,
        None => {
            let given_back = before.into_iter().map(|it| it.id).collect();
            let (cx, author) = (&asking.cx.calendar, Author::system());
            let holding =
                calendar::hold_instead(cx, asking.tenant, wish.new.clone(), given_back, &author);
            taken(asking, &wish, holding.await).await?
        }
    };
    let (language, time) = (asking.language, asking.spoken(booking.starts_at));
    let service = &booking.service;
    let (needs_name, needs_phone) = (booking.name.is_empty(), booking.phone.is_none());
    let message = match (needs_name, needs_phone) {
        (true, _) => say!(
            language,
            "I am holding {service}, {time}, for you. What is your name?",
            "Le reservo provisionalmente {service}, {time}. ¿Cómo se llama?",
            "Ich halte {service}, {time}, für Sie frei. Wie ist Ihr Name?"
        ),
        (_, true) => say!(
            language,
            "I am holding {service}, {time}, for you. Which number can we reach you at?",
            "Le reservo provisionalmente {service}, {time}. ¿En qué número podemos localizarle?",
            "Ich halte {service}, {time}, für Sie frei. Unter welcher Nummer erreichen wir Sie?"
        ),
        _ => say!(
            language,
            "I am holding {service}, {time}, for you. Shall I book it?",
            "Le reservo provisionalmente {service}, {time}. ¿Lo confirmo?",
            "Ich halte {service}, {time}, für Sie frei. Soll ich das buchen?"
        ),
    };
    let held_until = booking.held_until.map(|at| instant(&asking.zoned(at)));
    let missing = [(needs_name, "name"), (needs_phone, "phone")];
    let missing: Vec<_> = missing.iter().filter(|it| it.0).map(|it| it.1).collect();
    Ok(Answer::new(
        message,
        json!({
            "hold": booking.id, "expires_at": held_until, "missing": missing,
            "slot": instant(&asking.zoned(booking.starts_at)), "spoken": time,
            "service": service, "staff": booking.staff,
        }),
    ))
}

fn is_same(booking: &Booking, wish: &Wish<'_>) -> bool {
    let (new, staff) = (&wish.new, &wish.new.staff_id);
    booking.service_id == new.service_id
        && booking.starts_at == new.starts_at
        && (staff.is_none() || *staff == booking.staff_id)
        && is_for(booking, wish)
}

/// Whether a booking may be for whom something is wanted: several people are booked in a call. One
/// of the names may be the beginning of the other.
fn is_for(booking: &Booking, wish: &Wish<'_>) -> bool {
    let (one, other) = (booking.name.to_lowercase(), wish.new.name.to_lowercase());
    let mut words = one.split_whitespace().zip(other.split_whitespace());
    words.all(|(one, other)| one == other)
}

/// The time that was taken, or what is free instead.
async fn taken(
    asking: &Asking<'_>,
    wish: &Wish<'_>,
    done: Result<Booking, CalendarError>,
) -> Result<Booking, No> {
    match done {
        Ok(booking) => Ok(booking),
        Err(CalendarError::NotFree(why)) => {
            let (staff, at) = (wish.new.staff_id.as_deref(), wish.new.starts_at);
            let near = wanted::nearest(asking, wish.service, staff, at).await?;
            Err(wanted::not_free(asking, Some(why), &near))
        }
        Err(error) => Err(refused(asking, wish.service, error).await),
    }
}

/// What a caller can be told of an error.
pub(super) async fn refused(asking: &Asking<'_>, service: &Service, error: CalendarError) -> No {
    let language = asking.language;
    match error {
        CalendarError::Away => callback::instead(asking, service).await,
        CalendarError::NoNumber => callback::no_number(asking),
        CalendarError::NoStaff => nobody(asking),
        CalendarError::Invalid(invalid) => {
            let message = say!(
                language,
                "I did not get that right. Could you say it once more?",
                "No lo he entendido bien. ¿Puede repetirlo?",
                "Das habe ich nicht richtig verstanden. Können Sie es noch einmal sagen?"
            );
            No::because("invalid", message).with(json!({"detail": invalid.to_string()}))
        }
        CalendarError::HoldGone => hold_gone(asking),
        CalendarError::Unknown | CalendarError::NotOpen => no_appointment(asking),
        other => other.into(),
    }
}

fn nobody(asking: &Asking<'_>) -> No {
    let language = asking.language;
    No::because(
        "no_staff",
        say!(
            language,
            "Nobody of that name does this.",
            "Nadie con ese nombre lo hace.",
            "Niemand mit diesem Namen macht das."
        ),
    )
}

fn hold_gone(asking: &Asking<'_>) -> No {
    let language = asking.language;
    No::because(
        "hold_gone",
        say!(
            language,
            "That time is not held any more. Which time would you like?",
            "Esa hora ya no está reservada. ¿Qué hora le viene bien?",
            "Diese Zeit ist nicht mehr freigehalten. Welche Zeit möchten Sie?"
        ),
    )
}

pub(super) fn no_appointment(asking: &Asking<'_>) -> No {
    let language = asking.language;
    No::because(
        "no_appointment",
        say!(
            language,
            "I cannot find such an appointment.",
            "No encuentro esa cita.",
            "Ich finde keinen solchen Termin."
        ),
    )
}

fn need_name(asking: &Asking<'_>) -> No {
    let language = asking.language;
    No::because(
        "name",
        say!(
            language,
            "What name shall I book it under?",
            "¿A nombre de quién lo reservo?",
            "Auf welchen Namen soll ich buchen?"
        ),
    )
}

async fn confirm(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let (cx, tenant) = (asking.cx, asking.tenant);
    let held = match text(arguments, &["hold"]) {
        Some(hold) => cx.store.bookings().find(tenant, hold).await?,
        // The newest one, even if it has run out: another is not what is said yes to.
        None => {
            let all = made_in_call(asking, i64::MIN).await?;
            all.into_iter()
                .max_by_key(|it| (it.created_at, it.id.clone()))
        }
    };
    let now = asking.now_ms();
    let stands = |it: &Booking| it.state == BookingState::Confirmed || it.held_until > Some(now);
    let held = held.filter(stands).ok_or_else(|| hold_gone(asking))?;
    let name = text(arguments, &["name", "customer_name"]);
    if held.name.is_empty() && name.is_none() {
        return Err(need_name(asking));
    }
    let phone = match text(arguments, &["phone", "customer_phone"]) {
        Some(_) => number(asking, arguments)?.map(|number| number.to_string()),
        None => None,
    };
    // Whom nobody can reach learns nothing of what becomes of it.
    if held.phone.is_none() && phone.is_none() {
        return Err(callback::no_number(asking));
    }
    let who = ConfirmBooking {
        name: name.map(str::to_owned),
        phone,
        notes: text(arguments, &["notes"]).map(str::to_owned),
    };
    match calendar::confirm(&cx.calendar, tenant, &held.id, &who, &Author::system()).await {
        Ok(booking) => Ok(booked(asking, &booking).await),
        Err(error) => Err(not_changed(asking, &held, error).await),
    }
}

/// What a caller can be told of a booking that is not changed; where its time is gone, what is
/// free instead.
pub(super) async fn not_changed(
    asking: &Asking<'_>,
    booking: &Booking,
    error: CalendarError,
) -> No {
    let mut all = asking.plan.services.iter();
    let Some(service) = all.find(|it| it.id == booking.service_id) else {
        return no_appointment(asking);
    };
    match error {
        CalendarError::NotFree(why) => {
            match wanted::nearest(asking, service, None, booking.starts_at).await {
                Ok(near) => wanted::not_free(asking, Some(why), &near),
                Err(no) => no,
            }
        }
        error => refused(asking, service, error).await,
    }
}

async fn book(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let wish = wish(asking, arguments).await?;
    let before = of_call(asking).await?;
    let same = before.iter().find(|it| is_same(it, &wish));
    if same.is_none_or(|it| it.name.is_empty()) && wish.new.name.is_empty() {
        return Err(need_name(asking));
    }
    if same.is_none_or(|it| it.phone.is_none()) && wish.new.phone.is_none() {
        return Err(callback::no_number(asking));
    }
    let booking = match same {
        // It was booked in this call before, or is held for it.
        Some(same) => {
            let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
            let who = ConfirmBooking {
                name: given(&wish.new.name),
                phone: wish.new.phone.clone(),
                notes: given(&wish.new.notes),
            };
            let (cx, author) = (asking.cx, Author::system());
            let confirmed =
                calendar::confirm(&cx.calendar, asking.tenant, &same.id, &who, &author).await;
            match confirmed {
                Ok(booking) => booking,
                Err(error) => return Err(not_changed(asking, same, error).await),
            }
        }
        None => {
            let (cx, author) = (&asking.cx.calendar, Author::system());
            let new = wish.new.clone();
            let booking = calendar::book(cx, asking.tenant, new, Sure::Confirmed, &author);
            taken(asking, &wish, booking.await).await?
        }
    };
    Ok(booked(asking, &booking).await)
}

async fn booked(asking: &Asking<'_>, booking: &Booking) -> Answer {
    let (language, time) = (asking.language, asking.spoken(booking.starts_at));
    let (service, reference) = (&booking.service, &booking.reference);
    let about = say!(
        language,
        "Tell them whether it is agreed: {service}, {time} ({reference}).",
        "Decirles si queda confirmado: {service}, {time} ({reference}).",
        "Sagen, ob es bestätigt ist: {service}, {time} ({reference})."
    );
    let reference = digits(reference);
    let promised = booking.pending && promise::keep(asking, about).await;
    let message = match booking.pending {
        false => say!(
            language,
            "That is booked: {service}, {time}. The number is {reference}.",
            "Queda reservado: {service}, {time}. El número es {reference}.",
            "Das ist gebucht: {service}, {time}. Die Nummer ist {reference}."
        ),
        true if !promised => say!(
            language,
            "That is asked for, and not agreed yet: {service}, {time}. The number is {reference}.",
            "Queda solicitado, todavía sin confirmar: {service}, {time}. El número es {reference}.",
            "Das ist angefragt und noch nicht bestätigt: {service}, {time}. Die Nummer ist {reference}."
        ),
        true => say!(
            language,
            "That is asked for: {service}, {time}. You hear from us as soon as it is agreed. The number is {reference}.",
            "Queda solicitado: {service}, {time}. Le avisamos en cuanto esté confirmado. El número es {reference}.",
            "Das ist angefragt: {service}, {time}. Sie hören von uns, sobald es bestätigt ist. Die Nummer ist {reference}."
        ),
    };
    Answer::new(
        message,
        json!({"booking": appointments::shown(asking, booking)}),
    )
}

/// Digits one by one, so that they are not read as a number.
fn digits(reference: &str) -> String {
    let all: Vec<_> = reference.chars().map(String::from).collect();
    all.join(" ")
}
