//! Times by the clock: in twelve hours and the part of the day, in German in twenty-four.

use jiff::civil::Time;

use super::names::{english, spanish};
use crate::Language;

/// A time with its preposition: "at half past four in the afternoon".
pub(super) fn speak(time: Time, language: Language) -> String {
    match language {
        Language::English => in_english(time),
        Language::Spanish => in_spanish(time),
        Language::German => in_german(time),
    }
}

/// A time in digits, for a list of them.
pub(super) fn digits(time: Time, language: Language) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    if language != Language::English {
        return format!("{hour}:{minute:02}");
    }
    let half = match hour {
        0..7 => " am",
        7..12 => "",
        _ => " pm",
    };
    format!("{}:{minute:02}{half}", twelve(hour))
}

/// The hour as a clock with hands shows it.
fn twelve(hour: i8) -> i8 {
    match hour % 12 {
        0 => 12,
        hour => hour,
    }
}

fn in_english(time: Time) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    let part = match hour {
        0..12 => "in the morning",
        12..18 => "in the afternoon",
        18..21 => "in the evening",
        _ => "at night",
    };
    let (this, next) = (english(twelve(hour)), english(twelve(hour + 1)));
    let clock = match minute {
        0 if hour == 12 => return "at noon".to_owned(),
        0 if hour == 0 => return "at 12 am".to_owned(),
        0 => format!("{this} o'clock"),
        15 => format!("quarter past {this}"),
        30 => format!("half past {this}"),
        45 => format!("quarter to {next}"),
        1..10 if minute != 5 => format!("{this} oh {}", english(minute)),
        5..30 if minute % 5 == 0 => format!("{} past {this}", english(minute)),
        35.. if minute % 5 == 0 => format!("{} to {next}", english(60 - minute)),
        _ => format!("{this} {}", english(minute)),
    };
    format!("at {clock} {part}")
}

fn in_spanish(time: Time) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    let to_next = minute > 30 && minute % 5 == 0;
    let part = match hour {
        0..6 => "de la madrugada",
        6..12 => "de la mañana",
        12 if !to_next => "del mediodía",
        12..20 => "de la tarde",
        _ => "de la noche",
    };
    let shown = twelve(if to_next { hour + 1 } else { hour });
    let past = match minute {
        0 => String::new(),
        15 => " y cuarto".to_owned(),
        30 => " y media".to_owned(),
        45 => " menos cuarto".to_owned(),
        1 => " y un minuto".to_owned(),
        _ if to_next => format!(" menos {}", spanish(60 - minute)),
        _ => format!(" y {}", spanish(minute)),
    };
    let at = if shown == 1 { "a la" } else { "a las" };
    format!("{at} {}{past} {part}", spanish(shown))
}

fn in_german(time: Time) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    // Up to noon the hour alone may be heard as one of the afternoon.
    let part = match hour {
        1..5 => " nachts",
        5..10 => " morgens",
        10..12 => " vormittags",
        12 => " mittags",
        _ => "",
    };
    match minute {
        0 => format!("um {hour} Uhr{part}"),
        _ => format!("um {hour} Uhr {minute}{part}"),
    }
}
