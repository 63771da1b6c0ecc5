//! How the parts are written.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::meant::{Clock, Day, Fact, Half, Meant, of_day};
use crate::{Context, grammar};

/// One thing that was said.
pub(super) fn of(fact: Fact) -> Meant {
    let mut meant = Meant::default();
    meant.take(fact);
    meant
}

/// A moment, or a date with a time, in ISO 8601.
pub(super) fn instant(text: &str, zone: &TimeZone) -> Option<Meant> {
    if !text.contains(':') {
        return date(text);
    }
    let moment = text
        .parse::<Timestamp>()
        .map(|it| it.to_zoned(zone.clone()));
    if let Ok(moment) = moment.or_else(|_| {
        text.parse::<Zoned>()
            .map(|it| it.with_time_zone(zone.clone()))
    }) {
        return Some(Meant {
            exact: Some(moment),
            ..Meant::default()
        });
    }
    let at: DateTime = text.parse().ok()?;
    let mut meant = of(Fact::Day(Day::Date(at.date())));
    meant.take(Fact::Clock(on_clock(at.time(), Half::Sure)));
    Some(meant)
}

/// A date, `2026-12-01`, and its midnight as programs write it; without a year, `12-01`.
pub(super) fn date(text: &str) -> Option<Meant> {
    let whole = text.split_once('T').map_or(Some(text), |(date, time)| {
        time.starts_with("00:00").then_some(date)
    });
    if let Some(Ok(date)) = whole.map(str::parse::<Date>) {
        return Some(of(Fact::Day(Day::Date(date))));
    }
    let (month, day) = text.trim_start_matches('-').split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    ((1..=12).contains(&month) && (1..=31).contains(&day))
        .then(|| of(Fact::Day(Day::NoYear(month, day))))
}

/// `3`, `+3`, `in_3`.
pub(super) fn in_days(text: &str) -> Option<Meant> {
    let days = text.trim_start_matches("in").trim_matches(['_', ' ']);
    days.parse()
        .ok()
        .map(|days| of(Fact::Day(Day::InDays(days))))
}

/// A month by its number or its name.
pub(super) fn month(text: &str, context: &Context<'_>) -> Option<i8> {
    if let Ok(month) = text.parse::<i8>() {
        return (1..=12).contains(&month).then_some(month);
    }
    let named = |text: &str| {
        let days = grammar::read_any(text, context.language, |meant| !meant.days.is_empty())?.days;
        match days[..] {
            [Day::InMonth(month)] => Some(month),
            _ => None,
        }
    };
    named(text).or_else(|| named(&format!("in {text}")))
}

/// `16:30`, `16:30:00`, `1630`: with two digits, as it is written in 24 hours.
pub(super) fn time(text: &str) -> Option<Meant> {
    let text = text.trim_start_matches('T');
    let digits = text.len() == 4 && text.bytes().all(|it| it.is_ascii_digit());
    if text.find(':') != Some(2) && !digits {
        return None;
    }
    if text == "24:00" {
        return Some(of(Fact::Clock(Clock::said(24, 0))));
    }
    text.parse::<Time>()
        .ok()
        .map(|time| of(Fact::Clock(on_clock(time, Half::Written))))
}

fn on_clock(time: Time, half: Half) -> Clock {
    let said = Clock::said(time.hour().unsigned_abs().into(), 0);
    Clock {
        half: if said.half == Half::Sure {
            said.half
        } else {
            half
        },
        ..Clock::sure(of_day(time))
    }
}

/// A text, or a number as one; what stands for nothing is nothing.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = match Value::deserialize(from)? {
        Value::Null => return Ok(None),
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => match number.as_f64() {
            Some(whole) if number.is_f64() && whole.fract() == 0.0 => format!("{whole:.0}"),
            _ => number.to_string(),
        },
        other => {
            return Err(D::Error::custom(format!(
                "`{other}` is neither a text nor a number"
            )));
        }
    };
    let nothing = ["", "null", "none", "undefined", "any"].contains(&text.to_lowercase().as_str());
    Ok((!nothing).then_some(text))
}
