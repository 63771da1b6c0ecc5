//! The parts a language model fills in, and the schema it is told them by.

mod formats;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use self::formats::{date, in_days, instant, month, of, text, time};
use crate::meant::{Day, Fact, Meant};
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
            date(text)
                .or_else(|| instant(text, zone))
                .or_else(|| day(text))
        })?;
        each(&self.weekday, &day)?;
        each(&self.relative_day, &|text| {
            day(&text.replace('_', " ")).or_else(|| in_days(text))
        })?;
        // Who has to fill in every number sends naughts; they say no more than a day that is named.
        let named = [
            &self.instant,
            &self.date,
            &self.weekday,
            &self.relative_day,
            &self.day_of_month,
        ];
        let is_named = named.into_iter().flatten().any(|text| text != "0");
        let number = |text: &str, day: fn(i32) -> Day| match text.parse() {
            Ok(0) if is_named => Some(Meant::default()),
            Ok(number) => Some(of(Fact::Day(day(number)))),
            Err(_) => None,
        };
        each(&self.in_days, &|text| {
            number(text, Day::InDays).or_else(|| in_days(text))
        })?;
        each(&self.week_offset, &|text| number(text, Day::Week))?;
        each(&self.time, &|text| time(text).or_else(|| hour(text)))?;
        // "mañana" and "Morgen" alone are the next day.
        each(&self.part_of_day, &|text| {
            let read = hour(text).or_else(|| hour(&format!("por la {text}")));
            read.or_else(|| hour(&format!("am {text}")))
        })?;
        let month = match &self.month {
            Some(text) if text != "0" => {
                Some(month(text, context).ok_or_else(|| Question::Unreadable(text.clone()))?)
            }
            _ => None,
        };
        let day_of_month = self.day_of_month.clone().filter(|text| text != "0");
        each(&day_of_month, &|text| {
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
        if let (Some(month), None) = (month, &day_of_month) {
            meant.take(Fact::Day(Day::InMonth(month)));
        }
        if agree {
            Ok(meant)
        } else {
            Err(Question::TimesDisagree)
        }
    }
}
