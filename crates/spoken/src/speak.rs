//! Times as a person says them, for a voice to read aloud.

mod clock;
mod names;

use jiff::Zoned;
use jiff::civil::{Date, Time, Weekday};

use crate::Language::{self, English, German, Spanish};

/// A moment: "tomorrow at half past four in the afternoon", "el lunes 30 a las diez de la mañana",
/// "am Montag, dem 30., um 16 Uhr 30". [`crate::resolve`] reads the words back as the same moment.
#[must_use]
pub fn speak(at: &Zoned, now: &Zoned, language: Language) -> String {
    let at = at.with_time_zone(now.time_zone().clone());
    let day = speak_day(at.date(), now, language);
    let time = clock::speak(at.time(), language);
    match language {
        German if day.ends_with('.') => format!("{day}, {time}"),
        _ => format!("{day} {time}"),
    }
}

/// A day: "today", "tomorrow", "Monday the 30th", "Friday the 4th of December", with its year where
/// it is not the current one.
#[must_use]
pub fn speak_day(day: Date, now: &Zoned, language: Language) -> String {
    let today = now.date();
    let word = if day == today {
        ["today", "hoy", "heute"]
    } else if today.tomorrow().is_ok_and(|tomorrow| tomorrow == day) {
        ["tomorrow", "mañana", "morgen"]
    } else {
        let (weekday, date) = (weekday(day.weekday(), language), date(day, now, language));
        return match language {
            English => format!("{weekday} {date}"),
            Spanish => format!("el {weekday} {date}"),
            German => format!("am {weekday}, dem {date}"),
        };
    };
    word[names::index(language)].to_owned()
}

/// Moments to choose from, each day once: "Monday the 30th at 9:00, 9:30 and 11:00; Tuesday the
/// 1st of December at 2:30 pm".
#[must_use]
pub fn speak_slots(slots: &[Zoned], now: &Zoned, language: Language) -> String {
    let zone = now.time_zone();
    let slots: Vec<_> = slots
        .iter()
        .map(|it| it.with_time_zone(zone.clone()))
        .collect();
    let days = slots
        .chunk_by(|one, other| one.date() == other.date())
        .filter_map(|of_day| {
            let day = speak_day(of_day.first()?.date(), now, language);
            let times: Vec<_> = of_day
                .iter()
                .map(|at| clock::digits(at.time(), language))
                .collect();
            let times = listed(&times, ["and", "y", "und"][names::index(language)]);
            Some(match language {
                English => format!("{day} at {times}"),
                Spanish => format!("{day} a las {times}").replace(" a las 1:", " a la 1:"),
                German => format!("{day} um {times} Uhr"),
            })
        });
    days.collect::<Vec<_>>().join("; ")
}

/// One or another.
pub(crate) fn either(things: &[String], language: Language) -> String {
    listed(things, ["or", "o", "oder"][names::index(language)])
}

/// A time without a day: "half past four in the afternoon".
pub(crate) fn time(time: Time, language: Language) -> String {
    clock::speak(time, language)
}

/// A weekday's name.
pub(crate) fn weekday(weekday: Weekday, language: Language) -> &'static str {
    names::WEEKDAYS[names::index(language)]
        [usize::from(weekday.to_monday_zero_offset().unsigned_abs())]
}

/// A date without its weekday; its month only if it is not the current one.
pub(crate) fn date(date: Date, now: &Zoned, language: Language) -> String {
    let (day, today) = (date.day(), now.date());
    let month = names::MONTHS[names::index(language)][usize::from(date.month().unsigned_abs()) - 1];
    let number = match language {
        English => format!("the {day}{}", names::ending(day)),
        Spanish => day.to_string(),
        German => format!("{day}."),
    };
    if (date.year(), date.month()) == (today.year(), today.month()) {
        return number;
    }
    let year = (date.year() != today.year()).then(|| date.year());
    match (language, year) {
        (English, None) => format!("{number} of {month}"),
        (English, Some(year)) => format!("{number} of {month} {year}"),
        (Spanish, None) => format!("{number} de {month}"),
        (Spanish, Some(year)) => format!("{number} de {month} de {year}"),
        (German, None) => format!("{number} {month}"),
        (German, Some(year)) => format!("{number} {month} {year}"),
    }
}

/// With its first letter large.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

fn listed(things: &[String], last: &str) -> String {
    match things {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}
