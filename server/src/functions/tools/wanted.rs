//! What a caller wants: which service, with whom, when; and the free times for it.

use api::calendar::{Service, Slot, SlotList};
use futures_util::future::join_all;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};
use spoken::{Asked, Context, Opening, When};

use super::booking;
use crate::calendar::{self, NotFree};
use crate::clock::DAY_MS;
use crate::functions::answer::{No, instant, say};
use crate::functions::asking::{Arguments, Asking, text};
use crate::functions::schema;
use crate::tenants::BusinessHours;

/// So many free times are told at once: more, nobody keeps in mind.
pub(super) const TOLD: usize = 5;
/// And so many of each of several services.
const TOLD_OF_EACH: usize = 2;
/// So far before a time, and after it, others are looked for (ms).
const BEFORE_MS: i64 = DAY_MS;
const AFTER_MS: i64 = 14 * DAY_MS;
/// So many times of a stretch are looked at.
const LOOKED_AT: usize = 500;

/// What a service and a time are asked by.
pub(super) fn properties() -> Value {
    schema::with(
        json!({
            "service": schema::text("The service the caller wants, as get_available_services names it, or as the caller said it."),
            "service_id": schema::text("The service's id, if it is known."),
            "duration": {"type": "integer", "description": "How many minutes the service takes, if that tells it from the others."},
            "staff": schema::text("The name of the person the caller wants, if any."),
            "slot": schema::text("A time offered earlier in this call, exactly as it was given there (ISO 8601)."),
        }),
        Asked::properties(),
    )
}

/// The service that is wanted: by its id, by what the caller called it, by how long it
/// takes, or because there is only one.
pub(super) fn service<'a>(
    asking: &'a Asking<'_>,
    arguments: &Arguments,
) -> Result<&'a Service, No> {
    match fitting(asking, arguments).as_slice() {
        [only] => Ok(only),
        fits => Err(which_service(asking, fits)),
    }
}

/// The same for who only wants to know when something is free: where none is named, all that fit,
/// if they are not too many to be told.
pub(super) fn services<'a>(
    asking: &'a Asking<'_>,
    arguments: &Arguments,
) -> Result<Vec<&'a Service>, No> {
    let fits = fitting(asking, arguments);
    let is_named = text(arguments, &SERVICE).is_some();
    match fits.len() {
        1 => Ok(fits),
        2..=SERVICES if !is_named => Ok(fits),
        _ => Err(which_service(asking, &fits)),
    }
}

/// What a service is named by: models put the name where the id belongs.
const SERVICE: [&str; 2] = ["service", "service_id"];
/// So many services are looked at at once.
const SERVICES: usize = 6;

fn offered_services<'a>(asking: &'a Asking<'_>) -> impl Iterator<Item = &'a Service> + Clone {
    asking.plan.services.iter().filter(|it| it.details.active)
}

/// The services that fit what is said of one.
fn fitting<'a>(asking: &'a Asking<'_>, arguments: &Arguments) -> Vec<&'a Service> {
    let all = offered_services(asking);
    if let Some(id) = text(arguments, &["service_id"])
        && let Some(service) = all.clone().find(|service| service.id == id)
    {
        return vec![service];
    }
    let named = text(arguments, &SERVICE).map(str::to_lowercase);
    let minutes = arguments.get("duration").and_then(Value::as_u64);
    let those = |fit: &dyn Fn(&Service) -> bool| -> Vec<&'a Service> {
        all.clone().filter(|service| fit(service)).collect()
    };
    match &named {
        Some(named) => {
            let same = those(&|it| it.details.name.to_lowercase() == *named);
            let alike = |it: &Service| {
                let name = it.details.name.to_lowercase();
                name.contains(named) || named.contains(&name)
            };
            if same.is_empty() { those(&alike) } else { same }
        }
        None => {
            let lasting = those(&|it| Some(u64::from(it.details.minutes)) == minutes);
            if lasting.is_empty() {
                all.collect()
            } else {
                lasting
            }
        }
    }
}

/// Asks back which of the services that fit it is, or of all where none does.
fn which_service(asking: &Asking<'_>, fits: &[&Service]) -> No {
    let language = asking.language;
    let all: Vec<_> = offered_services(asking).collect();
    let names = names(if fits.is_empty() { &all } else { fits });
    let (reason, message) = if all.is_empty() {
        let message = say!(
            language,
            "Nothing can be booked at the moment.",
            "En este momento no se puede reservar nada.",
            "Im Moment kann nichts gebucht werden."
        );
        ("no_services", message)
    } else {
        let message = say!(
            language,
            "Which service would that be? There is {names}.",
            "¿Qué servicio sería? Tenemos {names}.",
            "Um welche Leistung geht es? Es gibt {names}."
        );
        ("which_service", message)
    };
    No::because(reason, message)
}

fn names(services: &[&Service]) -> String {
    let all: Vec<_> = services.iter().map(|it| it.details.name.as_str()).collect();
    all.join(", ")
}

/// The id of the member of staff that is wanted.
pub(super) fn staff(asking: &Asking<'_>, arguments: &Arguments) -> Result<Option<String>, No> {
    let Some(wanted) = text(arguments, &["staff"]) else {
        return Ok(None);
    };
    let named = wanted.to_lowercase();
    let mut all = asking.plan.staff.iter().filter(|(it, _)| it.details.active);
    let found = all.find(|(it, _)| {
        let name = it.details.name.to_lowercase();
        name == named || name.contains(&named) || named.contains(&name)
    });
    let language = asking.language;
    match found {
        Some((member, _)) => Ok(Some(member.id.clone())),
        None => Err(No::because(
            "unknown_staff",
            say!(
                language,
                "There is nobody here called {wanted}.",
                "Aquí no hay nadie que se llame {wanted}.",
                "Hier gibt es niemanden namens {wanted}."
            ),
        )),
    }
}

/// When it is wanted; `None` where nothing was said of it.
pub(super) fn when(asking: &Asking<'_>, arguments: &Arguments) -> Result<Option<When>, No> {
    if let Some(range) = arguments.get("date_range").and_then(days) {
        return Ok(Some(offered(asking, range)));
    }
    let parts = Value::Object(arguments.clone());
    let mut asked: Asked = serde_json::from_value(parts)
        .map_err(|wrong| No::arguments(asking.language, &wrong.to_string()))?;
    asked.instant = asked
        .instant
        .or_else(|| text(arguments, &["slot"]).map(str::to_owned));
    if let Some(Value::String(range)) = arguments.get("date_range") {
        asked.said = asked.said.or_else(|| Some(range.clone()));
    }
    if asked.is_empty() {
        return Ok(None);
    }
    let opening = opening(&asking.plan.hours);
    let context = Context {
        now: &asking.now,
        language: asking.language,
        opening: Some(&opening),
    };
    match spoken::resolve(&asked, &context) {
        Ok(when) => Ok(Some(when)),
        Err(question) => Err(No::question(&question, &asking.now, asking.language)),
    }
}

/// `2026-12-01/2026-12-05`, or an object of the two.
fn days(range: &Value) -> Option<(Date, Date)> {
    let date = |text: &str| text.trim().get(..10)?.parse::<Date>().ok();
    let (from, to) = match range {
        Value::String(text) => {
            let parts = text.split_once('/').or_else(|| text.split_once(" to "))?;
            (date(parts.0)?, date(parts.1)?)
        }
        Value::Object(parts) => {
            let part = |names: [&str; 3]| names.iter().find_map(|name| parts.get(*name)?.as_str());
            let (from, to) = (
                part(["from", "start", "start_date"])?,
                part(["to", "end", "end_date"])?,
            );
            (date(from)?, date(to)?)
        }
        _ => return None,
    };
    (from <= to).then_some((from, to))
}

/// As much of a stretch of days as can be booked at all: somebody who means "any time" names years.
fn offered(asking: &Asking<'_>, (from, to): (Date, Date)) -> When {
    let today = asking.now.date();
    let ahead = i64::from(asking.plan.settings.horizon_days);
    let last = today.saturating_add(ahead.days());
    let from = from.max(today).min(to);
    When::Days(from, to.min(last).max(from))
}

/// The business's week, by which it is settled which four o'clock is meant.
fn opening(hours: &BusinessHours) -> Opening {
    let week = hours.by_day().week.unwrap_or_default();
    week.map(|day| day.into_iter().map(|it| it.from..it.to).collect())
}

/// The free times of a stretch (Unix ms), in their order.
pub(super) async fn free(
    asking: &Asking<'_>,
    service: &Service,
    staff: Option<&str>,
    (from, to): (i64, i64),
    most: usize,
) -> Result<SlotList, No> {
    let (cx, tenant, plan) = (&asking.cx.calendar, asking.tenant, &asking.plan);
    match calendar::free_slots(cx, tenant, plan, service, staff, (from, to), most).await {
        Ok(slots) => Ok(slots),
        Err(error) => Err(booking::refused(asking, service, error).await),
    }
}

/// Free times to choose from, spread over all there are.
pub(super) async fn choices(
    asking: &Asking<'_>,
    service: &Service,
    staff: Option<&str>,
    (from, to): (i64, i64),
) -> Result<SlotList, No> {
    let mut found = free(asking, service, staff, (from, to), LOOKED_AT).await?;
    found.items = spread(&found.items, TOLD);
    Ok(found)
}

/// So many of the times, spread over all there are.
fn spread(all: &[Slot], most: usize) -> Vec<Slot> {
    if all.len() <= most {
        return all.to_vec();
    }
    let every = |at: usize| all.get(at * (all.len() - 1) / (most - 1)).cloned();
    (0..most).filter_map(every).collect()
}

/// Free times of several services at once, a few of each, in a stretch (Unix ms); those that have
/// none are left out.
///
/// # Errors
/// Where none can be told of any, because of an error.
pub(super) async fn choices_of_each<'a>(
    asking: &Asking<'_>,
    services: &[&'a Service],
    staff: Option<&str>,
    span: (i64, i64),
) -> Result<Vec<(&'a Service, SlotList)>, No> {
    let (cx, tenant, plan) = (&asking.cx.calendar, asking.tenant, &asking.plan);
    let looking = services
        .iter()
        .map(|service| calendar::free_slots(cx, tenant, plan, service, staff, span, LOOKED_AT));
    let looked = join_all(looking).await;
    let (mut found, mut failed) = (Vec::new(), None);
    let mut answered = false;
    for (service, slots) in services.iter().zip(looked) {
        match slots {
            Ok(mut slots) => {
                answered = true;
                slots.items = spread(&slots.items, TOLD_OF_EACH);
                if !slots.items.is_empty() {
                    found.push((*service, slots));
                }
            }
            // Who is wanted does others of them.
            Err(error) => failed = Some((*service, error)),
        }
    }
    match failed {
        Some((service, error)) if !answered => Err(booking::refused(asking, service, error).await),
        _ => Ok(found),
    }
}

/// The free times nearest to a moment (Unix ms): two before it, and those after it.
pub(super) async fn nearest(
    asking: &Asking<'_>,
    service: &Service,
    staff: Option<&str>,
    at: i64,
) -> Result<SlotList, No> {
    let before = free(asking, service, staff, (at - BEFORE_MS, at), LOOKED_AT).await?;
    let after = free(asking, service, staff, (at + 1, at + AFTER_MS), TOLD).await?;
    let near = before.items.len().saturating_sub(2);
    let items = before.items.into_iter().skip(near).chain(after.items);
    Ok(SlotList {
        items: items.take(TOLD).collect(),
        as_of: before.as_of.into_iter().chain(after.as_of).min(),
    })
}

/// The times as they are told: by themselves, and for the agent to hand back, with since when
/// they are known where that is not certain.
pub(super) fn told(asking: &Asking<'_>, slots: &SlotList) -> (String, Value) {
    let moments: Vec<_> = slots
        .items
        .iter()
        .map(|slot| asking.zoned(slot.starts_at))
        .collect();
    let told: Vec<_> = moments
        .iter()
        .zip(&slots.items)
        .map(|(at, slot)| {
            let staff = slot.staff_id.as_deref();
            json!({
                "slot": instant(at),
                "spoken": spoken::speak(at, &asking.now, asking.language),
                "staff": staff.and_then(|id| asking.plan.name_of(id)),
            })
        })
        .collect();
    let words = spoken::speak_slots(&moments, &asking.now, asking.language);
    let mut rest = json!({"slots": told});
    if let Some(as_of) = slots.as_of {
        rest["as_of"] = instant(&asking.zoned(as_of)).into();
    }
    (words, rest)
}

/// What is added where times are those last known (Unix ms), and nobody can be asked.
pub(super) fn how_certain(asking: &Asking<'_>, as_of: Option<i64>) -> String {
    let language = asking.language;
    as_of.map_or_else(String::new, |_| {
        say!(
            language,
            " That is how it was last known; I cannot check it just now.",
            " Es lo último que sabemos; ahora mismo no puedo comprobarlo.",
            " Das ist der letzte bekannte Stand; prüfen kann ich es gerade nicht."
        )
    })
}

/// Nothing is free there: why, and what is instead.
pub(super) fn not_free(asking: &Asking<'_>, why: Option<NotFree>, slots: &SlotList) -> No {
    let language = asking.language;
    let (words, mut rest) = told(asking, slots);
    let certain = how_certain(asking, slots.as_of);
    rest["available"] = false.into();
    let reason = match why {
        Some(NotFree::TooSoon) => "too_soon",
        Some(NotFree::TooFar) => "too_far",
        Some(NotFree::Closed) => "closed",
        Some(NotFree::Taken) | None => "taken",
    };
    let first = match why {
        Some(NotFree::TooSoon) => say!(
            language,
            "That is too short notice.",
            "Es con muy poca antelación.",
            "Das ist zu kurzfristig."
        ),
        Some(NotFree::TooFar) => say!(
            language,
            "That is further ahead than can be booked.",
            "Esa fecha aún no se puede reservar.",
            "So weit im Voraus kann noch nicht gebucht werden."
        ),
        Some(NotFree::Closed) => say!(
            language,
            "We are closed then.",
            "A esa hora está cerrado.",
            "Da ist geschlossen."
        ),
        Some(NotFree::Taken) | None => say!(
            language,
            "Nothing is free then.",
            "A esa hora no hay nada libre.",
            "Da ist nichts frei."
        ),
    };
    let message = match slots.items.as_slice() {
        [] => say!(
            language,
            "{first} I found nothing near it either.",
            "{first} Tampoco he encontrado nada cerca.",
            "{first} Auch in der Nähe habe ich nichts gefunden."
        ),
        _ => say!(
            language,
            "{first} Free is: {words}.{certain}",
            "{first} Está libre: {words}.{certain}",
            "{first} Frei ist: {words}.{certain}"
        ),
    };
    No::because(reason, message).with(rest)
}
