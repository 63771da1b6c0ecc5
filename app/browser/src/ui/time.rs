//! Durations and dates as people read them.

use js_sys::Date;
use wasm_bindgen::JsValue;

use super::i18n::Lang;
use super::{json, locale, web};

/// A duration as `m:ss`, from an hour on as `h:mm:ss`. Negative is zero.
#[must_use]
pub fn duration(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let mut text = String::new();
    if hours > 0 {
        text.push_str(&hours.to_string());
        text.push(':');
        push_two_digits(&mut text, minutes);
    } else {
        text.push_str(&minutes.to_string());
    }
    text.push(':');
    push_two_digits(&mut text, seconds % 60);
    text
}

fn push_two_digits(text: &mut String, number: i64) {
    if number < 10 {
        text.push('0');
    }
    text.push_str(&number.to_string());
}

/// A duration as HTML's `datetime` attribute takes it (`PT83S`).
#[must_use]
pub fn machine_duration(ms: i64) -> String {
    let mut text = String::from("PT");
    text.push_str(&(ms.max(0) / 1000).to_string());
    text.push('S');
    text
}

/// How much of a date is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// `21 Nov, 14:05`
    Short,
    /// `Saturday, 21 November 2026 at 14:05`
    Full,
}

/// A moment (Unix ms) in the reader's language and the given IANA time zone;
/// in the browser's own zone, by name, when the zone is unknown to it.
#[must_use]
pub fn date(ms: i64, lang: Lang, timezone: &str, precision: Precision) -> String {
    let date = moment(ms);
    let text = |zone: Option<&str>| {
        let style = |name: &str| JsValue::from_str(name);
        // Nobody may take the time of another place for the business's.
        let own = zone.is_none();
        let zone = ("timeZone", zone.map_or(JsValue::UNDEFINED, style));
        let options = match precision {
            Precision::Short => json::object(&[
                ("month", style("short")),
                ("day", style("numeric")),
                ("hour", style("2-digit")),
                ("minute", style("2-digit")),
                (
                    "timeZoneName",
                    if own {
                        style("short")
                    } else {
                        JsValue::UNDEFINED
                    },
                ),
                zone,
            ]),
            Precision::Full => json::object(&[
                ("dateStyle", style("full")),
                ("timeStyle", style(if own { "long" } else { "short" })),
                zone,
            ]),
        };
        locale::date(&date, &lang.locale(), &options)
    };
    text(Some(timezone))
        .or_else(|| text(None))
        .unwrap_or_default()
}

/// The day of a moment (Unix ms) in the given IANA time zone, as `2026-11-21`;
/// in the browser's own zone when the zone is unknown to it.
#[must_use]
pub fn day(ms: i64, timezone: &str) -> String {
    /// Writes dates that way round.
    const SWEDISH: &str = "sv-SE";
    let date = moment(ms);
    let text = |zone: JsValue| {
        let style = |name: &str| JsValue::from_str(name);
        let options = json::object(&[
            ("year", style("numeric")),
            ("month", style("2-digit")),
            ("day", style("2-digit")),
            ("timeZone", zone),
        ]);
        locale::date(&date, SWEDISH, &options)
    };
    text(JsValue::from_str(timezone))
        .or_else(|| text(JsValue::UNDEFINED))
        .unwrap_or_default()
}

/// A moment as HTML's `datetime` attribute takes it.
#[must_use]
pub fn machine_date(ms: i64) -> String {
    moment(ms).to_iso_string().into()
}

/// Now, as Unix milliseconds.
#[must_use]
pub fn now() -> i64 {
    Date::now() as i64
}

/// The browser's own IANA time zone, by the name the browser has for it; `None`
/// when it does not tell, or does not know.
#[must_use]
pub fn own_zone() -> Option<String> {
    /// What Chromium says for a zone it has no name for.
    const UNKNOWN: &str = "Etc/Unknown";
    let intl = json::get(&js_sys::global(), "Intl");
    web::call(&intl, "DateTimeFormat", &JsValue::UNDEFINED)
        .and_then(|format| web::call(&format, "resolvedOptions", &JsValue::UNDEFINED))
        .ok()
        .and_then(|options| json::string(&options, "timeZone"))
        .filter(|zone| zone != UNKNOWN)
}

/// Milliseconds on a clock that never jumps.
#[must_use]
pub fn monotonic() -> u64 {
    web_sys::window()
        .and_then(|window| window.performance())
        .map_or(0, |performance| performance.now() as u64)
}

fn moment(ms: i64) -> Date {
    // Dates beyond year 275760 are not representable in the browser either.
    Date::new(&JsValue::from_f64(ms as f64))
}

#[cfg(test)]
mod tests {
    use super::{duration, machine_duration};

    #[test]
    fn durations_are_minutes_and_seconds_until_an_hour() {
        for (ms, text) in [
            (-5, "0:00"),
            (0, "0:00"),
            (999, "0:00"),
            (9_000, "0:09"),
            (83_400, "1:23"),
            (600_000, "10:00"),
            (3_599_999, "59:59"),
            (3_600_000, "1:00:00"),
            (36_061_000, "10:01:01"),
        ] {
            assert_eq!(duration(ms), text, "{ms} ms");
        }
    }

    #[test]
    fn durations_for_machines_are_whole_seconds() {
        assert_eq!(machine_duration(83_999), "PT83S");
    }
}
