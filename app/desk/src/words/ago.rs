//! How long ago something was, or how soon it will be, as people say it in their language, by the
//! browser's `Intl`.

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::Lang;
use browser::ui::{json, web};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// The largest first: from how much on (ms) it is told in this, and how long one is.
const UNITS: [(i64, i64, &str); 5] = [
    (365 * DAY_MS, 365 * DAY_MS, "year"),
    (60 * DAY_MS, 30 * DAY_MS, "month"),
    (2 * DAY_MS, DAY_MS, "day"),
    (HOUR_MS, HOUR_MS, "hour"),
    (MINUTE_MS, MINUTE_MS, "minute"),
];

thread_local! {
    /// The formatters there are, by the language and whether they say "now".
    static MADE: RefCell<HashMap<(Lang, bool), Option<JsValue>>> = RefCell::default();
}

/// How far from `now` a moment is (both Unix ms), such as `3 min. ago`, `in 2 hr.` or `now`.
pub(crate) fn ago(at: i64, now: i64, lang: Lang) -> String {
    let (count, unit) = span(at - now);
    let formatter = MADE.with_borrow_mut(|made| {
        let made = made.entry((lang, count == 0));
        made.or_insert_with_key(|(lang, says_now)| make(*lang, *says_now))
            .clone()
    });
    let text = formatter.and_then(|formatter| {
        let format: Function = json::get(&formatter, "format").dyn_into().ok()?;
        let (count, unit) = (JsValue::from_f64(count as f64), JsValue::from_str(unit));
        format.call2(&formatter, &count, &unit).ok()?.as_string()
    });
    // Browsers before 2020 have none; the moment itself is in the title.
    text.unwrap_or_default()
}

/// A span (ms) as a number of something; less than a minute is none.
fn span(ms: i64) -> (i64, &'static str) {
    let length = ms.abs();
    let unit = UNITS.into_iter().find(|(from, ..)| length >= *from);
    unit.map_or((0, "second"), |(_, one, unit)| (ms / one, unit))
}

fn make(lang: Lang, says_now: bool) -> Option<JsValue> {
    let intl = json::get(&web::window(), "Intl");
    let class: Function = json::get(&intl, "RelativeTimeFormat").dyn_into().ok()?;
    let text = JsValue::from_str;
    let options = json::object(&[
        ("style", text("short")),
        ("numeric", text(if says_now { "auto" } else { "always" })),
    ]);
    let arguments = Array::of2(&text(&lang.locale()), &options);
    Reflect::construct(&class, &arguments).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_what_fits_it() {
        for (ms, expected) in [
            (0, (0, "second")),
            (-59_999, (0, "second")),
            (-MINUTE_MS, (-1, "minute")),
            (HOUR_MS - 1, (59, "minute")),
            (-47 * HOUR_MS, (-47, "hour")),
            (-2 * DAY_MS, (-2, "day")),
            (-59 * DAY_MS, (-59, "day")),
            (-60 * DAY_MS, (-2, "month")),
            (-800 * DAY_MS, (-2, "year")),
        ] {
            assert_eq!(span(ms), expected, "{ms}");
        }
    }
}
