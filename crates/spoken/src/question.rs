//! What is asked back, where it is not certain what was meant.

use jiff::civil::{Date, Time, Weekday};
use jiff::{ToSpan, Zoned};

use crate::Language::{self, English, German, Spanish};
use crate::speak::{self, speak_day};

/// Why a time is not certain, and what to ask the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// No day was said.
    WhichDay,
    /// What was said may be any of these days.
    WhichOf(Vec<Date>),
    /// The parts say the first day, the caller's words the second.
    WordsDisagree(Date, Date),
    /// The date is no such weekday.
    WeekdayDisagrees(Weekday, Date),
    /// Several things were said of the day that are not true of any.
    DaysDisagree,
    /// Several things were said of the time that are not true of any.
    TimesDisagree,
    /// The morning's or the afternoon's.
    WhichHalf(Time, Time),
    /// It is over.
    Past,
    /// It is further away than anybody asks for: more than two years.
    TooFar,
    /// There is no such date.
    NoSuchDay,
    /// The clocks skip that time of the day.
    NoSuchTime(Date, Time),
    /// The clocks show that time twice on its day.
    Twice(Zoned, Zoned),
    /// A part cannot be read.
    Unreadable(String),
    /// There are words only, and they are not understood.
    NotUnderstood,
}

impl Question {
    /// Its name for programs, in snake case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WhichDay => "which_day",
            Self::WhichOf(_) => "which_of",
            Self::WordsDisagree(..) => "words_disagree",
            Self::WeekdayDisagrees(..) => "weekday_disagrees",
            Self::DaysDisagree => "days_disagree",
            Self::TimesDisagree => "times_disagree",
            Self::WhichHalf(..) => "which_half",
            Self::Past => "past",
            Self::TooFar => "too_far",
            Self::NoSuchDay => "no_such_day",
            Self::NoSuchTime(..) => "no_such_time",
            Self::Twice(..) => "twice",
            Self::Unreadable(_) => "unreadable",
            Self::NotUnderstood => "not_understood",
        }
    }

    /// The question as it is asked.
    #[must_use]
    pub fn sentence(&self, now: &Zoned, language: Language) -> String {
        let day = |date: &Date| speak_day(*date, now, language);
        let time = |time: &Time| speak::time(*time, language);
        let said = |english: &str, spanish: &str, german: &str| {
            let text = match language {
                English => english,
                Spanish => spanish,
                German => german,
            };
            text.to_owned()
        };
        match self {
            Self::WhichDay => said(
                "Which day would that be?",
                "¿Qué día sería?",
                "An welchem Tag?",
            ),
            Self::WhichOf(dates) => {
                let to = |date: &Date| match language {
                    Spanish => format!("a {}", day(date)).replace("a el ", "al "),
                    _ => day(date),
                };
                let days: Vec<_> = dates.iter().map(to).collect();
                let days = speak::either(&days, language);
                match language {
                    English => format!("Do you mean {days}?"),
                    Spanish => format!("¿Se refiere {days}?"),
                    German => format!("Meinen Sie {days}?"),
                }
            }
            Self::WordsDisagree(parts, words) => {
                Self::WhichOf(vec![*parts.min(words), *parts.max(words)]).sentence(now, language)
            }
            Self::WeekdayDisagrees(weekday, date) => {
                let (weekday, other) = (
                    speak::weekday(*weekday, language),
                    speak::weekday(date.weekday(), language),
                );
                let number = speak::date(*date, now, language);
                match language {
                    English => {
                        format!(
                            "{} is a {other}, not a {weekday}. Which day do you mean?",
                            speak::capital(&number)
                        )
                    }
                    Spanish => {
                        format!("El {number} es {other}, no {weekday}. ¿A qué día se refiere?")
                    }
                    German => format!(
                        "Der {number} ist ein {other}, kein {weekday}. Welchen Tag meinen Sie?"
                    ),
                }
            }
            Self::DaysDisagree => said(
                "I have two different days there. Which one do you mean?",
                "Tengo dos días distintos. ¿A cuál se refiere?",
                "Ich habe zwei verschiedene Tage. Welchen meinen Sie?",
            ),
            Self::TimesDisagree => said(
                "I have two different times there. What time do you mean?",
                "Tengo dos horas distintas. ¿A qué hora se refiere?",
                "Ich habe zwei verschiedene Uhrzeiten. Welche meinen Sie?",
            ),
            Self::WhichHalf(one, other) => {
                let times = speak::either(&[time(one), time(other)], language);
                match language {
                    English => format!("Do you mean {times}?"),
                    Spanish => format!("¿Quiere decir {times}?"),
                    German => format!("Meinen Sie {times}?"),
                }
            }
            Self::Past => said(
                "That time is already over. When would you like it instead?",
                "Esa hora ya ha pasado. ¿Cuándo le vendría bien?",
                "Diese Zeit ist schon vorbei. Wann passt es Ihnen stattdessen?",
            ),
            Self::TooFar => said(
                "That is too far ahead. Which date do you mean?",
                "Esa fecha queda demasiado lejos. ¿A qué fecha se refiere?",
                "Das liegt zu weit in der Zukunft. Welches Datum meinen Sie?",
            ),
            Self::NoSuchDay => said(
                "There is no such date. Which day do you mean?",
                "Esa fecha no existe. ¿A qué día se refiere?",
                "Dieses Datum gibt es nicht. Welchen Tag meinen Sie?",
            ),
            Self::NoSuchTime(date, _) => match language {
                English => format!(
                    "{} the clocks go forward, and that time is skipped. What other time suits you?",
                    speak::capital(&day(date))
                ),
                Spanish => format!(
                    "Se cambia la hora {}, y esa hora no existe. ¿Qué otra hora le viene bien?",
                    day(date)
                ),
                German => format!(
                    "{} werden die Uhren vorgestellt, und diese Uhrzeit gibt es nicht. Welche andere passt Ihnen?",
                    speak::capital(&day(date))
                ),
            },
            Self::Twice(first, _) => match language {
                English => format!(
                    "{} the clocks go back, and that time comes twice. The first or the second one?",
                    speak::capital(&day(&first.date()))
                ),
                Spanish => format!(
                    "Se cambia la hora {}, y esa hora se repite. ¿La primera o la segunda?",
                    day(&first.date())
                ),
                German => format!(
                    "{} werden die Uhren zurückgestellt, und diese Uhrzeit gibt es zweimal. Die erste oder die zweite?",
                    speak::capital(&day(&first.date()))
                ),
            },
            Self::Unreadable(_) | Self::NotUnderstood => said(
                "I did not get the day and the time. Could you say them once more?",
                "No he entendido el día y la hora. ¿Puede repetirlos?",
                "Ich habe Tag und Uhrzeit nicht verstanden. Können Sie sie noch einmal sagen?",
            ),
        }
    }

    /// The moments to offer instead, where there are some: the two of a time the clocks show twice,
    /// and those an hour before and after one that they skip.
    #[must_use]
    pub fn instead(&self, now: &Zoned) -> Vec<Zoned> {
        match self {
            Self::Twice(first, second) => vec![first.clone(), second.clone()],
            Self::NoSuchTime(date, time) => {
                let at = date.to_datetime(*time);
                let near = [at.checked_sub(1.hour()), at.checked_add(1.hour())]
                    .into_iter()
                    .flatten();
                near.filter_map(|at| at.to_zoned(now.time_zone().clone()).ok())
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}
