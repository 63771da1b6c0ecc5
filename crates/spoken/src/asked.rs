//! The parts a language model fills in, and the schema it is told them by.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use crate::meant::{Clock, Day, Fact, Half, Meant, Reach};
use crate::{Context, Question, grammar};

/// What a caller asked for, in the parts a language model made of it.
///
/// Each may be missing. Texts are read leniently: as the schema says, or as somebody would say
/// them in one of our languages. What is not of these parts is ignored, so that it can be read
/// from all arguments of a function.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// `tuesday`.
    #[serde(
        default,
        deserialize_with = "text",
        skip_serializing_if = "Option::is_none"
    )]
    pub weekday: Option<String>,
    /// `2026-12-01`; `12-01` or `1.12.` for the next one.
    #[serde(
        default,
        deserialize_with = "text",
        skip_serializing_if = "Option::is_none"
    )]
    pub date: Option<String>,
    /// `today`, `tomorrow`, `day_after_tomorrow`, `in_3_days`.
    #[serde(
        default,
        deserialize_with = "text",
        skip_serializing_if = "Option::is_none"
    )]
    pub relative_day: Option<String>,
    /// So many days from today.
    #[serde(
        default,
        deserialize_with = "text",
        skip_serializing_if = "Option::is_none"
    )]
    pub in_days: Option<String>,
    /// The calendar week: 1 is next week. 0 says no more than the weekday does.
    #[serde(
        default,
        deserialize_with = "text",
        skip_serializing_if = "Option::is_none"
    )]
    pub week_offset: Option<String>,
    /// 1 to 31.
    #[serde(
        default,
        deserialize_with = "text",
        skip_serializing_if = "Option::is_none"
    )]
    pub day_of_month: Option<String>,
    /// 1 to 12, or its name.
    #[serde(
        default,
        deserialize_with = "text",
        skip_serializing_if = "Option::is_none"
    )]
    pub month: Option<String>,
    /// `16:30`, `4:30 pm`, `16h30`.
    #[serde(
        default,
        deserialize_with = "text",
        skip_serializing_if = "Option::is_none"
    )]
    pub time: Option<String>,
    /// `morning`, `noon`, `afternoon`, `evening`, `night`.
    #[serde(
        default,
        deserialize_with = "text",
        skip_serializing_if = "Option::is_none"
    )]
    pub part_of_day: Option<String>,
    /// `2026-12-01T15:00:00+01:00`; without an offset it is the business's time.
    #[serde(
        default,
        deserialize_with = "text",
        skip_serializing_if = "Option::is_none"
    )]
    pub instant: Option<String>,
    /// The caller's own words.
    #[serde(
        default,
        deserialize_with = "text",
        skip_serializing_if = "Option::is_none"
    )]
    pub said: Option<String>,
}

impl Asked {
    /// Whether nothing was asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The properties of a JSON Schema's object by which a language model is told the parts.
    #[must_use]
    pub fn properties() -> Value {
        let text = |about: &str| json!({"type": "string", "description": about});
        json!({
            "weekday": {
                "type": "string",
                "enum": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
                "description": "The day of the week, if the caller named one.",
            },
            "date": text("The date as YYYY-MM-DD, or MM-DD if the caller named no year. Leave it out if the caller named no date."),
            "relative_day": {
                "type": "string",
                "enum": ["today", "tomorrow", "day_after_tomorrow"],
                "description": "The day, if the caller named it from today.",
            },
            "in_days": {"type": "integer", "description": "The day, as a number of days from today, if the caller said it so."},
            "week_offset": {"type": "integer", "description": "Which calendar week, if the caller named one: 0 is this week, 1 next week."},
            "day_of_month": {"type": "integer", "minimum": 1, "maximum": 31, "description": "The day of the month, if the caller named one."},
            "month": {"type": "integer", "minimum": 1, "maximum": 12, "description": "The month, if the caller named one."},
            "time": text("The time as HH:MM in 24 hours; as the caller said it (\"4:30\", \"4:30 pm\") if it is not certain which half of the day is meant."),
            "part_of_day": {
                "type": "string",
                "enum": ["morning", "noon", "afternoon", "evening", "night"],
                "description": "The part of the day, if the caller named one.",
            },
            "instant": text("A time offered earlier in this call, exactly as it was given there (ISO 8601)."),
            "said": text("The caller's own words about day and time, word for word and in the caller's language."),
        })
    }

    /// What the parts mean, the caller's words aside.
    pub(crate) fn read(&self, context: &Context<'_>) -> Result<Meant, Question> {
        let zone = context.now.time_zone();
        let mut meant = Meant::default();
        let mut agree = true;
        let mut each = |field: &Option<String>, read: &dyn Fn(&str) -> Option<Meant>| {
            let Some(text) = field else { return Ok(()) };
            let read = read(text).ok_or_else(|| Question::Unreadable(text.clone()))?;
            agree &= meant.join(read);
            Ok(())
        };
        let day =
            |text: &str| grammar::read_any(text, context.language, |meant| !meant.days.is_empty());
        let hour = |text: &str| {
            let says = |meant: &Meant| meant.clock.is_some() || meant.part.is_some();
            grammar::read_any(text, context.language, says)
        };
        each(&self.instant, &|text| instant(text, zone))?;
        each(&self.date, &|text| {
            instant(text, zone)
                .or_else(|| date(text))
                .or_else(|| day(text))
        })?;
        each(&self.weekday, &day)?;
        each(&self.relative_day, &|text| {
            day(&text.replace('_', " ")).or_else(|| in_days(text))
        })?;
        each(&self.in_days, &in_days)?;
        each(&self.time, &|text| time(text).or_else(|| hour(text)))?;
        each(&self.part_of_day, &hour)?;
        each(&self.week_offset, &|text| {
            let offset: i32 = text.parse().ok()?;
            // What is often sent along with a weekday, and then says no more than it does.
            let empty = offset == 0 && self.weekday.is_some();
            Some(if empty {
                Meant::default()
            } else {
                of(Fact::Day(Day::Week(offset)))
            })
        })?;
        let month = match &self.month {
            Some(text) => {
                Some(month(text, context).ok_or_else(|| Question::Unreadable(text.clone()))?)
            }
            None => None,
        };
        each(&self.day_of_month, &|text| {
            let day = match text.parse::<i8>() {
                Ok(day) if (1..=31).contains(&day) => day,
                Ok(_) => return None,
                Err(_) => match day(text)?.days[..] {
                    [Day::OfMonth(day)] => day,
                    _ => return None,
                },
            };
            Some(of(Fact::Day(
                month.map_or(Day::OfMonth(day), |month| Day::NoYear(month, day)),
            )))
        })?;
        if let (Some(month), None) = (month, &self.day_of_month) {
            meant.take(Fact::Day(Day::InMonth(month)));
        }
        if agree {
            Ok(meant)
        } else {
            Err(Question::TimesDisagree)
        }
    }
}

fn of(fact: Fact) -> Meant {
    let mut meant = Meant::default();
    meant.take(fact);
    meant
}

/// A moment, or a date with a time, in ISO 8601.
fn instant(text: &str, zone: &TimeZone) -> Option<Meant> {
    if !text.contains(':') {
        return text
            .parse::<Date>()
            .ok()
            .map(|date| of(Fact::Day(Day::Date(date))));
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

/// A date without a year, `12-01`.
fn date(text: &str) -> Option<Meant> {
    let (month, day) = text.trim_start_matches('-').split_once('-')?;
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    ((1..=12).contains(&month) && (1..=31).contains(&day))
        .then(|| of(Fact::Day(Day::NoYear(month, day))))
}

/// `3`, `+3`, `in_3`.
fn in_days(text: &str) -> Option<Meant> {
    let days = text.trim_start_matches("in").trim_matches(['_', ' ']);
    days.parse()
        .ok()
        .map(|days| of(Fact::Day(Day::InDays(days))))
}

/// A month by its number or its name.
fn month(text: &str, context: &Context<'_>) -> Option<i8> {
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

/// `16:30`, `16:30:00`: with two digits, as it is written in 24 hours.
fn time(text: &str) -> Option<Meant> {
    let text = text.trim_start_matches('T');
    if text.find(':') != Some(2) {
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
    let (hour, minute) = (time.hour().unsigned_abs(), time.minute().unsigned_abs());
    let said = Clock::said(hour.into(), 0);
    Clock {
        minutes: u16::from(hour) * 60 + u16::from(minute),
        half: if said.half == Half::Sure {
            Half::Sure
        } else {
            half
        },
        reach: Reach::At,
    }
}

/// A text, or a number as one; what stands for nothing is nothing.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
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
    let nothing = ["", "null", "none", "undefined"].contains(&text.to_lowercase().as_str());
    Ok((!nothing).then_some(text))
}
