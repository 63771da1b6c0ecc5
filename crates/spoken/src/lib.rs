//! What a caller says about a time, and times as a person says them.
//!
//! A language model understands the sentence; what is booked must still never be the wrong day.
//! So the model hands over the *parts* of what it understood ([`Asked`]), and [`resolve`] makes a
//! day, a window or a moment of them in the business's zone, or a [`Question`] to ask back. The
//! caller's own words are read by a small grammar of our own: where it understands all of them
//! and they say something else than the parts, the answer is a question, not a guess.
//! [`speak`] and [`speak_slots`] say a time so that it can be read aloud.
//!
//! Pure: no clock and no I/O; now comes in.
//!
//! ```
//! use spoken::{Asked, Context, Language, Question, When, resolve, speak};
//!
//! let now = "2026-11-16T10:00[Europe/Berlin]".parse()?;
//! let context = Context { now: &now, language: Language::German, opening: None };
//! let said = |said: &str| Asked { said: Some(said.to_owned()), ..Asked::default() };
//!
//! let Ok(When::Moment(at)) = resolve(&said("übermorgen um halb vier"), &context) else {
//!     panic!("it is clear");
//! };
//! assert_eq!(speak(&at, &now, Language::English), "Wednesday the 18th at half past three in the afternoon");
//!
//! // The model was a day off.
//! let parts = Asked { date: Some("2026-11-17".to_owned()), ..said("übermorgen um halb vier") };
//! let Err(question @ Question::WordsDisagree(..)) = resolve(&parts, &context) else {
//!     panic!("the caller's words say another day");
//! };
//! assert_eq!(question.sentence(&now, Language::German), "Meinen Sie morgen oder am Mittwoch, dem 18.?");
//! # Ok::<(), jiff::Error>(())
//! ```
//!
//! # What words mean here
//!
//! A rule yields every day (or time) that its words may mean; what else was said, what is over and
//! the opening hours take some away. If more than one is left, the caller is asked.
//!
//! - *Tuesday*, *this Tuesday*: the first one to come. On a Tuesday it may be today or in a week.
//! - *next Tuesday*, *nächsten Dienstag*: the first one to come to some people, the one of next
//!   week to others. Where both are the same day, that is it; else the caller is asked.
//! - *el próximo martes*, *el martes que viene*, *kommenden Dienstag*: the first one to come, as
//!   dictionaries have it. If that is tomorrow, people would have said so, and the caller is asked.
//! - *Tuesday of next week*: weeks begin on Mondays. *Tuesday week*, *a week on Tuesday*, *Dienstag
//!   in acht Tagen*, *el martes en ocho*: the first one to come, and a week.
//! - *heute in acht Tagen*, *de hoy en ocho*: in a week, for both days are counted; *de hoy en
//!   quince*: in two weeks. *in acht Tagen*, *en quince días* alone may be meant either way.
//! - *the 3rd*, *December 3rd*: the next one, today included. A weekday beside it has to agree.
//! - *half four* is half past four in English; *halb vier* is half past three in German.
//! - *at four*: what the opening hours of the day allow; both, or neither: what is between seven in
//!   the morning and ten in the evening. *noon* is twelve o'clock. *midnight* ends the day it is
//!   said of.
//! - *after two*, *between two and four* are windows; a time within them in the parts is that time.
//! - *3/12* is the 3rd of December in Spanish and German; in English it is asked.

mod asked;
mod grammar;
mod meant;
mod question;
mod resolve;
mod speak;
#[cfg(test)]
mod tests;

use std::ops::Range;

use jiff::Zoned;

pub use asked::Asked;
pub use question::Question;
pub use resolve::{When, resolve};
pub use speak::{speak, speak_day, speak_slots};

/// A language that is understood and spoken here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Spanish.
    Spanish,
    /// German.
    German,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::English, Self::Spanish, Self::German];

    /// The language of a tag (`es`, `es-419`, `de_AT`, `multi`): English if it is none of ours.
    #[must_use]
    pub fn of(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        match primary.to_ascii_lowercase().as_str() {
            "es" => Self::Spanish,
            "de" => Self::German,
            _ => Self::English,
        }
    }

    /// Its tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::German => "de",
        }
    }
}

/// When a business is open: Monday to Sunday, in minutes after midnight.
pub type Opening = [Vec<Range<u16>>; 7];

/// What has to be known to understand a time.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Now, in the zone of the business.
    pub now: &'a Zoned,
    /// What the caller speaks.
    pub language: Language,
    /// Settles whether four is in the morning or in the afternoon; `None` if it is not known.
    pub opening: Option<&'a Opening>,
}
