//! What can be booked, and when.

use api::calendar::{Price, Service, SlotList};
use serde_json::{Value, json};
use spoken::When;

use super::{booking, wanted};
use crate::calendar::{self, NotFree};
use crate::clock::DAY_MS;
use crate::functions::answer::{Answer, No, instant, say};
use crate::functions::asking::{Arguments, Asking};
use crate::functions::schema;
use crate::functions::tool::Tool;

/// How far ahead the next free times are looked for, where nobody said when (ms).
const AHEAD_MS: i64 = 14 * DAY_MS;

pub(super) const SERVICES: Tool = Tool {
    names: &["get_available_services"],
    about: "Lists the services that can be booked, with how long they take and what they cost.",
    parameters: || schema::object(json!({}), &[]),
    variables: &[],
    changes: false,
    run: |asking, _| Box::pin(async move { Ok(services(asking)) }),
};

pub(super) const HOURS: Tool = Tool {
    names: &["get_business_hours"],
    about: "Tells when the business is open: today, and in the week.",
    parameters: || schema::object(json!({}), &[]),
    variables: &[],
    changes: false,
    run: |asking, _| Box::pin(async move { Ok(hours(asking)) }),
};

pub(super) const CHECK: Tool = Tool {
    names: &["check_availability", "check_availability_cal"],
    about: "Finds free times for a service: at a time, on a day, in a part of a day or of a week; the next ones where the caller said nothing; of all services where none is named. Always call it before offering a time.",
    parameters: || {
        let range = json!({"date_range": {"description": "Two dates, YYYY-MM-DD/YYYY-MM-DD, if the caller wants something between them."}});
        schema::object(schema::with(wanted::properties(), range), &[])
    },
    variables: &[],
    changes: false,
    run: |asking, arguments| Box::pin(check(asking, arguments)),
};

pub(super) const ALTERNATIVES: Tool = Tool {
    names: &["get_alternatives"],
    about: "Finds the free times nearest to one that is not free, before and after it.",
    parameters: || schema::object(wanted::properties(), &[]),
    variables: &[],
    changes: false,
    run: |asking, arguments| Box::pin(alternatives(asking, arguments)),
};

fn services(asking: &Asking<'_>) -> Answer {
    let language = asking.language;
    let all = asking.plan.services.iter().filter(|it| it.details.active);
    let lines: Vec<_> = all.clone().map(|it| line(asking, it)).collect();
    let list: Vec<_> = all
        .map(|it| {
            let details = &it.details;
            json!({
                "service_id": it.id, "name": details.name, "minutes": details.minutes,
                "price": details.price.as_ref().map(amount), "description": details.description,
            })
        })
        .collect();
    let names = lines.join("; ");
    let message = match lines.is_empty() {
        true => say!(
            language,
            "Nothing can be booked at the moment.",
            "En este momento no se puede reservar nada.",
            "Im Moment kann nichts gebucht werden."
        ),
        false => say!(
            language,
            "You can book: {names}.",
            "Puede reservar: {names}.",
            "Sie können buchen: {names}."
        ),
    };
    Answer::new(message, json!({"services": list}))
}

fn line(asking: &Asking<'_>, service: &Service) -> String {
    let language = asking.language;
    let (name, minutes) = (&service.details.name, service.details.minutes);
    let lasts = say!(
        language,
        "{name}, {minutes} minutes",
        "{name}, {minutes} minutos",
        "{name}, {minutes} Minuten"
    );
    match service.details.price.as_ref().map(amount) {
        Some(price) => format!("{lasts}, {price}"),
        None => lasts,
    }
}

/// `45 EUR`, `45.50 EUR`.
fn amount(price: &Price) -> String {
    let (whole, cents) = (price.cents / 100, price.cents % 100);
    match cents {
        0 => format!("{whole} {}", price.currency),
        cents => format!("{whole}.{cents:02} {}", price.currency),
    }
}

fn hours(asking: &Asking<'_>) -> Answer {
    let (language, now) = (asking.language, asking.now_ms());
    let hours = &asking.plan.hours;
    let open = hours.is_open(now, &asking.plan.zone);
    let opens = hours.next_opening(now, &asking.plan.zone);
    let message = match (open, opens.map(|at| asking.spoken(at))) {
        (true, _) => say!(
            language,
            "We are open now.",
            "Ahora está abierto.",
            "Es ist gerade geöffnet."
        ),
        (false, Some(at)) => say!(
            language,
            "We are closed now and open {at}.",
            "Ahora está cerrado; abrimos {at}.",
            "Es ist gerade geschlossen; geöffnet wird {at}."
        ),
        (false, None) => say!(
            language,
            "We are closed now.",
            "Ahora está cerrado.",
            "Es ist gerade geschlossen."
        ),
    };
    Answer::new(
        message,
        json!({
            "open_now": open,
            "opens_at": opens.map(|at| instant(&asking.zoned(at))),
            "timezone": asking.tenant.timezone(),
            "hours": asking.plan.hours,
        }),
    )
}

async fn check(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let services = wanted::services(asking, arguments)?;
    let staff = wanted::staff(asking, arguments)?;
    let staff = staff.as_deref();
    let when = wanted::when(asking, arguments)?;
    let [service] = services[..] else {
        return several(asking, &services, staff, when.as_ref()).await;
    };
    let slots = match &when {
        None => {
            let soon = (asking.now_ms(), asking.now_ms() + AHEAD_MS);
            wanted::free(asking, service, staff, soon, wanted::TOLD).await?
        }
        Some(When::Moment(at)) => {
            let at = at.timestamp().as_millisecond();
            return at_moment(asking, service, staff, at).await;
        }
        Some(when) => {
            let (from, to) = when.span(&asking.now);
            let span = (
                from.timestamp().as_millisecond(),
                to.timestamp().as_millisecond(),
            );
            let slots = wanted::choices(asking, service, staff, span).await?;
            if slots.items.is_empty() {
                let near = wanted::nearest(asking, service, staff, span.0).await?;
                return Err(wanted::not_free(asking, None, &near));
            }
            slots
        }
    };
    if slots.items.is_empty() {
        return Err(wanted::not_free(asking, None, &slots));
    }
    Ok(offer(asking, service, &slots))
}

/// Which of several services is free when; where none is then, which is in the time after it.
async fn several(
    asking: &Asking<'_>,
    services: &[&Service],
    staff: Option<&str>,
    when: Option<&When>,
) -> Result<Answer, No> {
    let from = asking.now_ms();
    let (from, to) = when.map_or((from, from + AHEAD_MS), |when| {
        let (from, to) = when.span(&asking.now);
        let from = from.timestamp().as_millisecond();
        match when {
            When::Moment(_) => (from, from + 1),
            // Each stretch is asked for as often as there are services.
            _ => (from, to.timestamp().as_millisecond().min(from + AHEAD_MS)),
        }
    });
    let free = wanted::choices_of_each(asking, services, staff, (from, to)).await?;
    if !free.is_empty() {
        let (words, told) = offers(asking, &free);
        return Ok(Answer::new(
            words,
            json!({"available": true, "services": told}),
        ));
    }
    let after = (from, from + AHEAD_MS);
    let near = wanted::choices_of_each(asking, services, staff, after).await?;
    if near.is_empty() {
        let none = SlotList {
            items: Vec::new(),
            as_of: None,
        };
        return Err(wanted::not_free(asking, None, &none));
    }
    let language = asking.language;
    let (words, told) = offers(asking, &near);
    let message = say!(
        language,
        "Nothing is free then. {words}",
        "A esa hora no hay nada libre. {words}",
        "Da ist nichts frei. {words}"
    );
    Err(No::because("taken", message).with(json!({"available": false, "services": told})))
}

/// What each service has: in words, and for the agent to go by.
fn offers(asking: &Asking<'_>, free: &[(&Service, SlotList)]) -> (String, Vec<Value>) {
    let all = free.iter().map(|(service, slots)| {
        let Answer { message, rest } = offer(asking, service, slots);
        (message, rest)
    });
    let (words, told): (Vec<_>, Vec<_>) = all.unzip();
    (words.join(" "), told)
}

fn offer(asking: &Asking<'_>, service: &Service, slots: &SlotList) -> Answer {
    let (language, name) = (asking.language, &service.details.name);
    let (words, told) = wanted::told(asking, slots);
    let certain = wanted::how_certain(asking, slots.as_of);
    let message = say!(
        language,
        "For {name} there is: {words}.{certain}",
        "Para {name} hay: {words}.{certain}",
        "Für {name} ist frei: {words}.{certain}"
    );
    let about = json!({"available": true, "service": name, "service_id": service.id});
    Answer::new(message, schema::with(about, told))
}

/// Whether a moment (Unix ms) is free, or what is near it.
async fn at_moment(
    asking: &Asking<'_>,
    service: &Service,
    staff: Option<&str>,
    at: i64,
) -> Result<Answer, No> {
    match why_not(asking, service, staff, at).await? {
        None => {
            let (language, time) = (asking.language, asking.spoken(at));
            let known = wanted::free(asking, service, staff, (at, at + 1), 1).await?;
            let certain = wanted::how_certain(asking, known.as_of);
            let message = say!(
                language,
                "Yes, {time} is free.{certain}",
                "Sí, {time} está libre.{certain}",
                "Ja, {time} ist frei.{certain}"
            );
            let slot = instant(&asking.zoned(at));
            let mut rest = json!({
                "available": true, "service": service.details.name, "service_id": service.id,
                "slots": [{"slot": slot, "spoken": time}],
            });
            if let Some(as_of) = known.as_of {
                rest["as_of"] = instant(&asking.zoned(as_of)).into();
            }
            Ok(Answer::new(message, rest))
        }
        Some(why) => {
            let near = wanted::nearest(asking, service, staff, at).await?;
            Err(wanted::not_free(asking, Some(why), &near))
        }
    }
}

async fn why_not(
    asking: &Asking<'_>,
    service: &Service,
    staff: Option<&str>,
    at: i64,
) -> Result<Option<NotFree>, No> {
    let (cx, tenant, plan) = (&asking.cx.calendar, asking.tenant, &asking.plan);
    match calendar::why_not(cx, tenant, plan, service, staff, at).await {
        Ok(why) => Ok(why),
        Err(error) => Err(booking::refused(asking, service, error).await),
    }
}

async fn alternatives(asking: &Asking<'_>, arguments: &Arguments) -> Result<Answer, No> {
    let service = wanted::service(asking, arguments)?;
    let staff = wanted::staff(asking, arguments)?;
    let at = match wanted::when(asking, arguments)? {
        Some(when) => when.span(&asking.now).0.timestamp().as_millisecond(),
        None => asking.now_ms(),
    };
    let near = wanted::nearest(asking, service, staff.as_deref(), at).await?;
    match near.items.is_empty() {
        true => Err(wanted::not_free(asking, None, &near)),
        false => Ok(offer(asking, service, &near)),
    }
}

/// How somebody can be booked, for [`super::call`].
pub(super) fn names(asking: &Asking<'_>) -> Vec<Value> {
    let all = asking.plan.services.iter().filter(|it| it.details.active);
    all.map(|it| it.details.name.clone().into()).collect()
}
