//! Numbers and dates as people write them in their language, by the browser's `Intl`. To make
//! a formatter takes longer than to use it: each is made once.

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::{Array, Date, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::Lang;
use browser::ui::{json, web};

/// How much of a date is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    /// `14:05`
    Time,
    /// `Saturday, 21 November`; with its year unless that is this year.
    Day,
    /// `Sat 21`
    Weekday,
    /// `21 Nov`; with its year unless that is this year.
    Date,
    /// `Sat 21 Nov, 14:05`; with its year unless that is this year.
    Short,
    /// `Saturday, 21 November 2026 at 14:05`; with the zone where the reader's clock shows another
    /// time.
    Full,
}

/// What a formatter writes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Style {
    Number,
    Category,
    Dollars,
    Milliseconds,
    Percent,
    Time(Zone),
    DayThisYear(Zone),
    DayOtherYear(Zone),
    ThisYear(Zone),
    OtherYear(Zone),
    Full(Zone),
    FullInZone(Zone),
    Day(Zone),
    Wall(Zone),
    Weekday(Zone),
    DateThisYear(Zone),
    DateOtherYear(Zone),
}

/// An IANA time zone; `None` is the browser's own.
type Zone = Option<String>;

thread_local! {
    /// The formatters there are; `None` where the browser has none: it does not know the zone.
    static MADE: RefCell<HashMap<(Lang, Style), Option<Function>>> = RefCell::default();
}

/// A whole number.
pub(crate) fn number(number: i64, lang: Lang) -> String {
    if cfg!(not(target_family = "wasm")) {
        // There is a browser wherever somebody reads it.
        return number.to_string();
    }
    write(&JsValue::from_f64(number as f64), lang, Style::Number).unwrap_or_default()
}

/// A number with what comes behind its point, such as `1.25`.
pub(crate) fn decimal(number: f64, lang: Lang) -> String {
    write(&JsValue::from_f64(number), lang, Style::Number).unwrap_or_default()
}

/// A share of a whole, such as `2.5 %`.
pub(crate) fn percent(share: f64, lang: Lang) -> String {
    write(&JsValue::from_f64(share), lang, Style::Percent).unwrap_or_default()
}

/// The category of a number among the plural forms of a language.
pub(super) fn category(number: i64, lang: Lang) -> String {
    if cfg!(not(target_family = "wasm")) {
        return if number == 1 { "one" } else { "other" }.to_owned();
    }
    write(&JsValue::from_f64(number as f64), lang, Style::Category).unwrap_or_default()
}

/// An amount of US dollars.
pub(crate) fn dollars(amount: f64, lang: Lang) -> String {
    write(&JsValue::from_f64(amount), lang, Style::Dollars).unwrap_or_default()
}

/// A span of time in milliseconds.
pub(crate) fn milliseconds(amount: f64, lang: Lang) -> String {
    write(&JsValue::from_f64(amount), lang, Style::Milliseconds).unwrap_or_default()
}

/// A moment (Unix ms) in the reader's language and the given IANA time zone;
/// in the browser's own zone, by name, when the zone is unknown to it.
pub(crate) fn date(ms: i64, lang: Lang, timezone: &str, precision: Precision) -> String {
    let moment = moment(ms);
    let text = |zone: Zone| {
        let style = match precision {
            Precision::Time => Style::Time(zone),
            Precision::Day if is_this_year(ms, timezone) => Style::DayThisYear(zone),
            Precision::Day => Style::DayOtherYear(zone),
            Precision::Full if zone.is_none() || is_elsewhere(ms, timezone) => {
                Style::FullInZone(zone)
            }
            Precision::Full => Style::Full(zone),
            Precision::Weekday => Style::Weekday(zone),
            Precision::Date if is_this_year(ms, timezone) => Style::DateThisYear(zone),
            Precision::Date => Style::DateOtherYear(zone),
            Precision::Short if is_this_year(ms, timezone) => Style::ThisYear(zone),
            Precision::Short => Style::OtherYear(zone),
        };
        write(&moment, lang, style)
    };
    text(Some(timezone.to_owned()))
        .or_else(|| text(None))
        .unwrap_or_default()
}

/// The day of a moment (Unix ms) in the given IANA time zone, as `2026-11-21`;
/// in the browser's own zone when the zone is unknown to it.
pub(crate) fn day(ms: i64, timezone: &str) -> String {
    by_machine(ms, timezone, Style::Day)
}

/// The same with the time, as `2026-11-21 14:05`.
pub(crate) fn wall(ms: i64, timezone: &str) -> String {
    by_machine(ms, timezone, Style::Wall)
}

fn by_machine(ms: i64, timezone: &str, style: fn(Zone) -> Style) -> String {
    let moment = moment(ms);
    let text = |zone: Zone| write(&moment, Lang::default(), style(zone));
    text(Some(timezone.to_owned()))
        .or_else(|| text(None))
        .unwrap_or_default()
}

/// Whether the reader's own clock shows another time at a moment (Unix ms) than one in the given
/// IANA time zone.
pub(crate) fn is_elsewhere(ms: i64, timezone: &str) -> bool {
    let clock = |zone: Zone| write(&moment(ms), Lang::default(), Style::Wall(zone));
    let there = clock(Some(timezone.to_owned()));
    there.is_some() && there != clock(None)
}

fn is_this_year(ms: i64, timezone: &str) -> bool {
    let year = |ms| day(ms, timezone).split('-').next().map(str::to_owned);
    year(ms) == year(browser::ui::time::now())
}

fn moment(ms: i64) -> JsValue {
    // Dates beyond year 275760 are not representable in the browser either.
    Date::new(&JsValue::from_f64(ms as f64)).into()
}

/// What a formatter makes of a value; `None` when the browser has no such formatter.
fn write(value: &JsValue, lang: Lang, style: Style) -> Option<String> {
    let formatter = MADE.with_borrow_mut(|made| {
        let formatter = made.entry((lang, style));
        formatter
            .or_insert_with_key(|(lang, style)| make(*lang, style))
            .clone()
    })?;
    formatter
        .call1(&JsValue::UNDEFINED, value)
        .ok()?
        .as_string()
}

/// Makes a formatter. Through `Reflect`, because a time zone the browser does not know is an
/// exception, which a typed binding would turn into a panic.
fn make(lang: Lang, style: &Style) -> Option<Function> {
    /// Writes dates the way round machines do.
    const SWEDISH: &str = "sv-SE";
    let class = match style {
        Style::Category => "PluralRules",
        Style::Number | Style::Dollars | Style::Milliseconds | Style::Percent => "NumberFormat",
        Style::Time(_)
        | Style::DayThisYear(_)
        | Style::DayOtherYear(_)
        | Style::ThisYear(_)
        | Style::OtherYear(_)
        | Style::Full(_)
        | Style::FullInZone(_)
        | Style::Day(_)
        | Style::Wall(_)
        | Style::Weekday(_)
        | Style::DateThisYear(_)
        | Style::DateOtherYear(_) => "DateTimeFormat",
    };
    let locale = match style {
        Style::Day(_) | Style::Wall(_) => SWEDISH.to_owned(),
        _ => lang.locale(),
    };
    let intl = json::get(&web::window(), "Intl");
    let class: Function = json::get(&intl, class).dyn_into().ok()?;
    let arguments = Array::of2(&JsValue::from_str(&locale), &options(style));
    let formatter = Reflect::construct(&class, &arguments).ok()?;
    let method = match style {
        Style::Category => "select",
        _ => "format",
    };
    let method: Function = json::get(&formatter, method).dyn_into().ok()?;
    Some(method.bind0(&formatter))
}

fn options(style: &Style) -> JsValue {
    let text = JsValue::from_str;
    let zone = |zone: &Zone| {
        zone.as_deref()
            .map_or(JsValue::UNDEFINED, JsValue::from_str)
    };
    // Nobody may take the time of another place for the business's.
    let named = |zone: &Zone| match zone {
        Some(_) => JsValue::UNDEFINED,
        None => text("short"),
    };
    let (numeric, two, none) = (|| text("numeric"), || text("2-digit"), JsValue::UNDEFINED);
    let short = |year: JsValue, in_zone: &Zone| {
        json::object(&[
            ("weekday", text("short")),
            ("year", year),
            ("month", text("short")),
            ("day", numeric()),
            ("hour", two()),
            ("minute", two()),
            ("timeZoneName", named(in_zone)),
            ("timeZone", zone(in_zone)),
        ])
    };
    let day = |year: JsValue, in_zone: &Zone| {
        json::object(&[
            ("weekday", text("long")),
            ("year", year),
            ("month", text("long")),
            ("day", numeric()),
            ("timeZone", zone(in_zone)),
        ])
    };
    let date = |year: JsValue, in_zone: &Zone| {
        json::object(&[
            ("year", year),
            ("month", text("short")),
            ("day", numeric()),
            ("timeZone", zone(in_zone)),
        ])
    };
    match style {
        Style::Number | Style::Category => JsValue::UNDEFINED,
        Style::Dollars => json::object(&[
            ("style", text("currency")),
            ("currency", text("USD")),
            ("maximumFractionDigits", JsValue::from_f64(3.0)),
        ]),
        Style::Milliseconds => json::object(&[
            ("style", text("unit")),
            ("unit", text("millisecond")),
            ("maximumFractionDigits", JsValue::from_f64(0.0)),
        ]),
        Style::Percent => json::object(&[
            ("style", text("percent")),
            ("maximumFractionDigits", JsValue::from_f64(1.0)),
        ]),
        Style::Time(in_zone) => json::object(&[
            ("hour", two()),
            ("minute", two()),
            ("timeZoneName", named(in_zone)),
            ("timeZone", zone(in_zone)),
        ]),
        Style::DayThisYear(in_zone) => day(none, in_zone),
        Style::DayOtherYear(in_zone) => day(numeric(), in_zone),
        Style::ThisYear(in_zone) => short(none, in_zone),
        Style::OtherYear(in_zone) => short(numeric(), in_zone),
        Style::Full(in_zone) => json::object(&[
            ("dateStyle", text("full")),
            ("timeStyle", text("short")),
            ("timeZone", zone(in_zone)),
        ]),
        // A style names no zone without the seconds.
        Style::FullInZone(in_zone) => json::object(&[
            ("weekday", text("long")),
            ("year", numeric()),
            ("month", text("long")),
            ("day", numeric()),
            ("hour", numeric()),
            ("minute", two()),
            ("timeZoneName", text("short")),
            ("timeZone", zone(in_zone)),
        ]),
        Style::Day(in_zone) => json::object(&[
            ("year", numeric()),
            ("month", two()),
            ("day", two()),
            ("timeZone", zone(in_zone)),
        ]),
        Style::Wall(in_zone) => json::object(&[
            ("year", numeric()),
            ("month", two()),
            ("day", two()),
            ("hour", two()),
            ("minute", two()),
            ("timeZone", zone(in_zone)),
        ]),
        Style::Weekday(in_zone) => json::object(&[
            ("weekday", text("short")),
            ("day", numeric()),
            ("timeZone", zone(in_zone)),
        ]),
        Style::DateThisYear(in_zone) => date(none, in_zone),
        Style::DateOtherYear(in_zone) => date(numeric(), in_zone),
    }
}
