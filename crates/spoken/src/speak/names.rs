//! The names of days, months and numbers, in the order of [`Language::ALL`].

use crate::Language;

pub(super) const WEEKDAYS: [[&str; 7]; 3] = [
    [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ],
    [
        "lunes",
        "martes",
        "miércoles",
        "jueves",
        "viernes",
        "sábado",
        "domingo",
    ],
    [
        "Montag",
        "Dienstag",
        "Mittwoch",
        "Donnerstag",
        "Freitag",
        "Samstag",
        "Sonntag",
    ],
];

pub(super) const MONTHS: [[&str; 12]; 3] = [
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
];

const ENGLISH: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const ENGLISH_TENS: [&str; 4] = ["twenty", "thirty", "forty", "fifty"];

const SPANISH: [&str; 30] = [
    "cero",
    "una",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciséis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidós",
    "veintitrés",
    "veinticuatro",
    "veinticinco",
    "veintiséis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
];
const SPANISH_TENS: [&str; 3] = ["treinta", "cuarenta", "cincuenta"];

/// Where a language stands in the tables.
pub(super) fn index(language: Language) -> usize {
    match language {
        Language::English => 0,
        Language::Spanish => 1,
        Language::German => 2,
    }
}

/// What an English ordinal ends with.
pub(super) fn ending(number: i8) -> &'static str {
    match (number / 10, number % 10) {
        (1, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}

/// A number below sixty in English.
pub(super) fn english(number: i8) -> String {
    let number = usize::from(number.unsigned_abs());
    match (number / 10, number % 10) {
        (0 | 1, _) => ENGLISH[number].to_owned(),
        (tens, 0) => ENGLISH_TENS[(tens - 2).min(3)].to_owned(),
        (tens, ones) => format!("{}-{}", ENGLISH_TENS[(tens - 2).min(3)], ENGLISH[ones]),
    }
}

/// A number below sixty in Spanish; one as hours say it.
pub(super) fn spanish(number: i8) -> String {
    let number = usize::from(number.unsigned_abs());
    match (number / 10, number % 10) {
        (0..=2, _) => SPANISH[number].to_owned(),
        (tens, 0) => SPANISH_TENS[(tens - 3).min(2)].to_owned(),
        (tens, 1) => format!("{} y uno", SPANISH_TENS[(tens - 3).min(2)]),
        (tens, ones) => format!("{} y {}", SPANISH_TENS[(tens - 3).min(2)], SPANISH[ones]),
    }
}
