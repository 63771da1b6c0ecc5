//! Durations as people read them, and moments as machines do.

use js_sys::Date;
use wasm_bindgen::JsValue;

use super::{json, web};

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

/// A moment as HTML's `datetime` attribute takes it.
#[must_use]
pub fn machine_date(ms: i64) -> String {
    moment(ms).to_iso_string().into()
}

/// Reads a moment, as Unix milliseconds; `None` for a day, and for what is neither.
#[must_use]
pub fn read_moment(text: &str) -> Option<i64> {
    let at = Date::parse(text);
    (text.contains('T') && !at.is_nan()).then_some(at as i64)
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
