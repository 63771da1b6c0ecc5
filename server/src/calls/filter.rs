//! Which calls a list shows, checked and in the terms of the store.

use api::calls::{CallQuery, CallState, DeeperQuery, Number};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use super::moment::{When, WhenError, when};
use super::words::{looked_for, words};

/// Why a [`CallQuery`] cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// The number is too short, too long, or none.
    #[error(
        "`number` is a number in international format (+49…) or its last {} digits or more.",
        Number::MIN_DIGITS
    )]
    Number,
    /// It is neither a day nor a moment.
    #[error(
        "`{0}` is a day (2026-11-21) or a moment (2026-11-21T14:00:00+01:00, or without the \
         offset, by the business's clock)."
    )]
    Time(&'static str),
    /// It is no time there was.
    #[error(
        "`{0}` is a time that the business's clocks skipped. Choose a later one, or add the \
         offset from UTC, as in 2026-11-21T14:00:00+01:00."
    )]
    Skipped(&'static str),
    /// Nothing can be looked for.
    #[error("`text` has no word that could be looked for, or more than {TEXT_WORDS_MAX}.")]
    Text,
}

/// How many words a call is looked for by.
const TEXT_WORDS_MAX: usize = 8;

/// What a call has to be to be shown; `None` does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallFilter {
    /// Where the call stands.
    pub status: Option<CallState>,
    /// `web_call` or `phone_call`.
    pub call_type: Option<String>,
    /// `inbound`, `outbound` or `internal`.
    pub direction: Option<String>,
    /// Which agent answered.
    pub agent_id: Option<String>,
    /// Which public key started it.
    pub public_key_id: Option<String>,
    /// The other side's number.
    pub number: Option<Number>,
    /// Retell's `disconnection_reason`.
    pub disconnection_reason: Option<String>,
    /// `Positive`, `Neutral`, `Negative` or `Unknown`.
    pub user_sentiment: Option<String>,
    /// Whether the call reached its aim.
    pub successful: Option<bool>,
    /// Whether a recording can be played.
    pub has_recording: Option<bool>,
    /// Which person sees to it.
    pub claimed_by: Option<String>,
    /// Whether it is marked for a supervisor to look at.
    pub flagged: Option<bool>,
    /// Whether people were warned of something in it.
    pub warned: Option<bool>,
    /// Created then or later (Unix ms).
    pub since: Option<i64>,
    /// Created before then (Unix ms).
    pub before: Option<i64>,
    /// Lasted at least so long (ms).
    pub min_duration_ms: Option<i64>,
    /// Lasted at most so long (ms).
    pub max_duration_ms: Option<i64>,
    /// What was said in it: all of these words, as they are entered.
    pub words: Vec<String>,
    /// All the words somebody looks for, folded, in the order in which they were typed: those that
    /// were said, or beginnings of words of the contact's name.
    pub looked_for: Vec<String>,
    /// What was said in it: a word that begins so.
    pub beginning: Option<String>,
    /// The contact's name: a word of it begins with each of these.
    pub named: Vec<String>,
    /// How it came out.
    pub disposition: Option<String>,
    /// Whether it is said how it came out.
    pub has_disposition: Option<bool>,
    /// A tag it has.
    pub tag: Option<String>,
    /// Whether an appointment was made in it.
    pub has_booking: Option<bool>,
    /// Cost at least so much (US cents).
    pub min_cost_cents: Option<i64>,
    /// Cost at most so much (US cents).
    pub max_cost_cents: Option<i64>,
}

impl CallFilter {
    /// What a query asks for; its days are those of the IANA time zone, UTC's
    /// where nobody knows the zone.
    ///
    /// # Errors
    /// When a parameter makes no sense.
    pub fn of(query: &CallQuery, timezone: &str) -> Result<Self, FilterError> {
        let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
        let from = query.from.as_deref();
        let until = query.until.as_deref();
        Ok(Self {
            status: query.status,
            call_type: text(query.call_type.as_ref()),
            direction: text(query.direction.as_ref()),
            agent_id: text(query.agent_id.as_ref()),
            public_key_id: text(query.public_key_id.as_ref()),
            number: query
                .number
                .as_deref()
                .filter(|number| !number.is_empty())
                .map(|number| Number::parse(number).ok_or(FilterError::Number))
                .transpose()?,
            disconnection_reason: text(query.disconnection_reason.as_ref()),
            user_sentiment: text(query.user_sentiment.as_ref()),
            successful: query.successful,
            has_recording: query.has_recording,
            claimed_by: text(query.claimed_by.as_ref()),
            flagged: query.flagged,
            warned: query.warned,
            since: moment("from", from, &zone, 0)?,
            before: moment("until", until, &zone, 1)?,
            min_duration_ms: query.min_duration_s.map(|s| i64::from(s) * 1000),
            max_duration_ms: query.max_duration_s.map(|s| i64::from(s) * 1000),
            ..Self::default()
        })
    }

    /// The same, and what is asked of calls besides.
    ///
    /// # Errors
    /// When a parameter makes no sense.
    pub fn and(self, query: &DeeperQuery) -> Result<Self, FilterError> {
        let typed = text(query.text.as_ref());
        let mut looked_for = typed.as_deref().map(looked_for).unwrap_or_default();
        looked_for.truncate(TEXT_WORDS_MAX);
        let words = typed.as_deref().map(words).unwrap_or_default();
        if typed.is_some() && looked_for.is_empty() || words.len() > TEXT_WORDS_MAX {
            return Err(FilterError::Text);
        }
        Ok(Self {
            words: words.into_iter().collect(),
            looked_for,
            disposition: text(query.disposition.as_ref()),
            has_disposition: query.has_disposition,
            tag: text(query.tag.as_ref()),
            has_booking: query.has_booking,
            min_cost_cents: query.min_cost_cents.map(i64::from),
            max_cost_cents: query.max_cost_cents.map(i64::from),
            ..self
        })
    }
}

fn text(value: Option<&String>) -> Option<String> {
    value.filter(|value| !value.is_empty()).cloned()
}

/// The moment (Unix ms) a text names: itself, or the beginning of a day, or of
/// the one so many days later.
fn moment(
    name: &'static str,
    text: Option<&str>,
    zone: &TimeZone,
    days: i64,
) -> Result<Option<i64>, FilterError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    match when(text, zone) {
        Ok(When::Moment(at)) => Ok(Some(at)),
        Ok(When::Day(day)) => day
            .checked_add(days.days())
            .and_then(|day| day.to_zoned(zone.clone()))
            .map(|begin| Some(begin.timestamp().as_millisecond()))
            .map_err(|_| FilterError::Time(name)),
        Err(WhenError::Neither) => Err(FilterError::Time(name)),
        Err(WhenError::Skipped) => Err(FilterError::Skipped(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(name: &str, value: &str) -> Result<CallFilter, FilterError> {
        let mut query = CallQuery::default();
        query.set(name, value);
        CallFilter::of(&query, "Europe/Berlin")
    }

    #[test]
    fn days_are_those_of_the_business() {
        let hour = 3_600_000;
        // The clocks went back on this day: it had 25 hours.
        let begin = filter("from", "2026-10-25").unwrap().since.unwrap();
        let end = filter("until", "2026-10-25").unwrap().before.unwrap();
        assert_eq!(begin, 1_792_879_200_000);
        assert_eq!(end - begin, 25 * hour);
        let moment = filter("from", "2026-10-25T00:00:00+02:00").unwrap();
        assert_eq!(moment.since, Some(begin));
    }

    #[test]
    fn what_is_looked_for_is_words() {
        let asked = |text: &str| {
            let text = Some(text.to_owned());
            let query = DeeperQuery {
                text,
                ..DeeperQuery::default()
            };
            CallFilter::default().and(&query).map(|filter| filter.words)
        };
        assert_eq!(
            asked("a REFUND, please"),
            Ok(vec!["please".into(), "refund".into()])
        );
        assert_eq!(asked(""), Ok(Vec::new()));
        // Nobody says so, but a name may begin with it.
        assert_eq!(asked("the"), Ok(Vec::new()));
        for text in ["…", "1 2 3 4 5 6 7 8 9"] {
            assert_eq!(asked(text), Err(FilterError::Text), "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (name, value, error) in [
            ("number", "123", FilterError::Number),
            ("from", "yesterday", FilterError::Time("from")),
            ("until", "2026-13-01", FilterError::Time("until")),
            ("from", "2026-03-29T02:30", FilterError::Skipped("from")),
            ("until", "9999-12-31", FilterError::Time("until")),
        ] {
            assert_eq!(filter(name, value), Err(error), "{name}={value}");
        }
    }
}
