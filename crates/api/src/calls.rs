//! Which calls a list shows: the parameters of `GET /api/desk/calls`, and the
//! same question asked of one call, for rows that arrive by themselves.

use serde::{Deserialize, Serialize};

use crate::desk::CallSummary;
use crate::live::CallStatus;
use crate::wrap_up::{CallNote, Dispositions, WrapUp};

/// Where a call stands, as far as a filter tells it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// Minted or being held.
    Live,
    /// Over.
    Ended,
    /// The other side was never reached.
    NotConnected,
    /// Over, by a failure.
    Error,
}

impl CallState {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Live, Self::Ended, Self::NotConnected, Self::Error];

    /// Where a call with this status stands.
    #[must_use]
    pub fn of(status: CallStatus) -> Self {
        match status {
            CallStatus::Registered | CallStatus::Ongoing => Self::Live,
            CallStatus::NotConnected => Self::NotConnected,
            CallStatus::Ended | CallStatus::Unknown => Self::Ended,
            CallStatus::Error => Self::Error,
        }
    }

    /// The name in an address.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Ended => "ended",
            Self::NotConnected => "not_connected",
            Self::Error => "error",
        }
    }

    /// What [`name`](Self::name) wrote.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What is asked of the calls of a list; a call has to answer all of it. The
/// fields are named like the parameters of the address.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(default)]
pub struct CallQuery {
    /// Where the call stands.
    pub status: Option<CallState>,
    /// `web_call` or `phone_call`.
    pub call_type: Option<String>,
    /// `inbound`, `outbound`, or `internal`: the staff tried an agent.
    pub direction: Option<String>,
    /// Which agent answered.
    pub agent_id: Option<String>,
    /// Which public key started it.
    pub public_key_id: Option<String>,
    /// The other side's number: E.164, or its last digits as they are written
    /// down, from four on. See [`Number`].
    pub number: Option<String>,
    /// Retell's `disconnection_reason`.
    pub disconnection_reason: Option<String>,
    /// `Positive`, `Neutral`, `Negative` or `Unknown`.
    pub user_sentiment: Option<String>,
    /// Whether the call reached its aim.
    pub successful: Option<bool>,
    /// Whether a recording can be played.
    pub has_recording: Option<bool>,
    /// The id of the person who sees to it.
    pub claimed_by: Option<String>,
    /// Whether it is marked for a supervisor to look at.
    pub flagged: Option<bool>,
    /// Whether people were warned of something in it.
    pub warned: Option<bool>,
    /// Created on this day of the business's or later (`2026-11-21`), or from
    /// this moment on (RFC 3339).
    pub from: Option<String>,
    /// Created on this day of the business's or earlier, or before this moment.
    pub until: Option<String>,
    /// Lasted at least so long (s).
    pub min_duration_s: Option<u32>,
    /// Lasted at most so long (s).
    pub max_duration_s: Option<u32>,
    /// What no row of the list tells, by the names of [`DeeperQuery`], as an address has it.
    #[serde(skip)]
    #[cfg_attr(feature = "openapi", param(ignore))]
    pub deeper: Vec<(&'static str, String)>,
}

/// What is asked of calls besides, of which the list's rows tell nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
#[serde(default)]
pub struct DeeperQuery {
    /// Words that were said in the call, all of them, whatever their case and accents, of which the
    /// last may be the beginning of one; or beginnings of the name of the contact. What was said is
    /// found within seconds of a call's end.
    pub text: Option<String>,
    /// How it came out: the name of a disposition.
    pub disposition: Option<String>,
    /// Whether it is said how it came out.
    pub has_disposition: Option<bool>,
    /// A tag it has.
    pub tag: Option<String>,
    /// Whether an appointment was made in it.
    pub has_booking: Option<bool>,
    /// It cost at least so much (US cents).
    pub min_cost_cents: Option<u32>,
    /// It cost at most so much (US cents).
    pub max_cost_cents: Option<u32>,
}

impl CallQuery {
    /// The names of the parameters.
    pub const NAMES: [&str; 17] = [
        "status",
        "call_type",
        "direction",
        "agent_id",
        "public_key_id",
        "number",
        "disconnection_reason",
        "user_sentiment",
        "successful",
        "has_recording",
        "claimed_by",
        "flagged",
        "warned",
        "from",
        "until",
        "min_duration_s",
        "max_duration_s",
    ];

    /// The names of the parameters of [`DeeperQuery`].
    pub const DEEPER: [&str; 7] = [
        "text",
        "disposition",
        "has_disposition",
        "tag",
        "has_booking",
        "min_cost_cents",
        "max_cost_cents",
    ];

    /// Whether every call will do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs().is_empty()
    }

    /// The parameters as an address carries them, not escaped.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let text = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        let yes = |value: Option<bool>| value.map(|value| value.to_string());
        let number = |value: Option<u32>| value.map(|value| value.to_string());
        let values = [
            self.status.map(|status| status.name().to_owned()),
            text(&self.call_type),
            text(&self.direction),
            text(&self.agent_id),
            text(&self.public_key_id),
            text(&self.number),
            text(&self.disconnection_reason),
            text(&self.user_sentiment),
            yes(self.successful),
            yes(self.has_recording),
            text(&self.claimed_by),
            yes(self.flagged),
            yes(self.warned),
            text(&self.from),
            text(&self.until),
            number(self.min_duration_s),
            number(self.max_duration_s),
        ];
        Self::NAMES
            .into_iter()
            .zip(values)
            .filter_map(|(name, value)| Some((name, value?)))
            .chain(self.deeper.iter().cloned())
            .collect()
    }

    /// Takes in one parameter of an address. One that has another name, or a
    /// value that cannot be, is as if it were not there.
    pub fn set(&mut self, name: &str, value: &str) {
        let text = || Some(value.to_owned()).filter(|value| !value.is_empty());
        match name {
            "status" => self.status = CallState::parse(value),
            "call_type" => self.call_type = text(),
            "direction" => self.direction = text(),
            "agent_id" => self.agent_id = text(),
            "public_key_id" => self.public_key_id = text(),
            "number" => self.number = text(),
            "disconnection_reason" => self.disconnection_reason = text(),
            "user_sentiment" => self.user_sentiment = text(),
            "successful" => self.successful = value.parse().ok(),
            "has_recording" => self.has_recording = value.parse().ok(),
            "claimed_by" => self.claimed_by = text(),
            "flagged" => self.flagged = value.parse().ok(),
            "warned" => self.warned = value.parse().ok(),
            "from" => self.from = text(),
            "until" => self.until = text(),
            "min_duration_s" => self.min_duration_s = value.parse().ok(),
            "max_duration_s" => self.max_duration_s = value.parse().ok(),
            _ => {
                if let Some(name) = Self::DEEPER.iter().find(|known| **known == name) {
                    self.deeper.retain(|(other, _)| other != name);
                    self.deeper.extend(text().map(|value| (*name, value)));
                }
            }
        }
    }

    /// Whether a call belongs into the list, as far as its row tells. `day` tells the business's day of a moment
    /// (Unix ms) as `2026-11-21`; `moment` reads what is no day but a moment (RFC 3339).
    #[must_use]
    pub fn matches(
        &self,
        call: &CallSummary,
        day: impl Fn(i64) -> String,
        moment: impl Fn(&str) -> Option<i64>,
    ) -> bool {
        let at = call.created_at;
        let same = |wanted: &Option<String>, is: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| is == Some(wanted))
        };
        self.status
            .is_none_or(|status| status == CallState::of(call.status))
            && same(&self.call_type, Some(&call.call_type))
            && same(&self.direction, call.direction.as_deref())
            && same(&self.agent_id, Some(&call.agent_id))
            && same(&self.public_key_id, call.public_key_id.as_deref())
            && self.number.as_deref().is_none_or(|wanted| {
                Number::parse(wanted)
                    .is_some_and(|wanted| call.other_number().is_some_and(|is| wanted.is(is)))
            })
            && same(
                &self.disconnection_reason,
                call.disconnection_reason.as_deref(),
            )
            && same(&self.user_sentiment, call.user_sentiment.as_deref())
            && self
                .successful
                .is_none_or(|wanted| call.successful == Some(wanted))
            && self
                .has_recording
                .is_none_or(|wanted| call.has_recording == wanted)
            && same(&self.claimed_by, call.claimed_by.as_deref())
            && self
                .flagged
                .is_none_or(|wanted| call.flagged_at.is_some() == wanted)
            && self
                .warned
                .is_none_or(|wanted| call.warning.is_some() == wanted)
            && self.min_duration_s.is_none_or(|least| {
                call.duration_ms
                    .is_some_and(|ms| ms >= i64::from(least) * 1000)
            })
            && self.max_duration_s.is_none_or(|most| {
                call.duration_ms
                    .is_some_and(|ms| ms <= i64::from(most) * 1000)
            })
            && self.from.as_ref().is_none_or(|from| match moment(from) {
                Some(from) => from <= at,
                None => *from <= day(at),
            })
            && self.until.as_ref().is_none_or(|until| match moment(until) {
                Some(until) => at < until,
                None => day(at) <= *until,
            })
    }
}

/// Filters of the list under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallView {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What follows the question mark of the list's address.
    pub query: String,
    /// Whether it is everybody's of the business, and not only who saved it.
    pub shared: bool,
}

/// `GET /api/desk/call-views`: one's own and the business's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CallViewList {
    /// By name.
    pub items: Vec<CallView>,
}

/// `POST /api/desk/call-views`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCallView {
    /// See [`CallView`].
    pub name: String,
    /// See there.
    pub query: String,
    /// See there.
    #[serde(default)]
    pub shared: bool,
}

/// A call as it stands in a file of many: a line of JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExportedCall {
    /// As the list has it.
    #[serde(flatten)]
    pub call: CallSummary,
    /// What it cost (US cents).
    pub cost_cents: Option<f64>,
    /// What people say of it.
    #[serde(flatten)]
    pub said: WrapUp,
    /// What they wrote down, the oldest first.
    pub notes: Vec<CallNote>,
}

/// A phone number somebody looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Number {
    /// All of it (E.164).
    Whole(String),
    /// Its last digits.
    Ending(String),
}

impl Number {
    /// With fewer digits too many numbers end.
    pub const MIN_DIGITS: usize = 4;
    /// E.164 has no more.
    pub const MAX_DIGITS: usize = 15;

    /// Reads what a person wrote. Between the digits may be spaces, dots,
    /// dashes, slashes and brackets; the zeros with which one dials abroad or
    /// out of town are no part of a number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // What nobody sees comes along with what is copied.
        let text = text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        let whole = text.starts_with('+');
        let text = text.strip_prefix('+').unwrap_or(text);
        if !text
            .chars()
            .all(|c| c.is_ascii_digit() || " .-/()\u{a0}\u{202f}".contains(c) || is_invisible(c))
        {
            return None;
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let digits = digits.trim_start_matches('0');
        if !(Self::MIN_DIGITS..=Self::MAX_DIGITS).contains(&digits.len()) {
            return None;
        }
        Some(if whole {
            Self::Whole(format!("+{digits}"))
        } else {
            Self::Ending(digits.to_owned())
        })
    }

    /// Whether this number is the one.
    #[must_use]
    pub fn is(&self, number: &str) -> bool {
        match self {
            Self::Whole(whole) => number == whole,
            Self::Ending(digits) => number.ends_with(digits.as_str()),
        }
    }
}

/// Whether a character is one that nobody sees: a mark of writing direction, a
/// joiner, or where a word may be broken.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

/// `GET /api/desk/calls/choices`: what the list can be filtered by, besides
/// what is the same for every business.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CallChoices {
    /// The agents, by name.
    pub agents: Vec<CallChoice>,
    /// The public keys, by title.
    pub public_keys: Vec<CallChoice>,
    /// How calls can come out.
    #[serde(default)]
    pub dispositions: Dispositions,
    /// The tags that calls have.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallChoice {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> CallSummary {
        CallSummary {
            id: "call_1".into(),
            call_type: "phone_call".into(),
            direction: Some("outbound".into()),
            from_number: Some("+4930111222".into()),
            to_number: Some("+34911223344".into()),
            contact_name: None,
            about: None,
            agent_id: "agent_1".into(),
            agent_name: None,
            public_key_id: None,
            status: CallStatus::Ended,
            created_at: 1,
            started_at: None,
            ended_at: None,
            duration_ms: Some(60_000),
            disconnection_reason: Some("user_hangup".into()),
            user_sentiment: Some("Positive".into()),
            successful: Some(false),
            has_recording: true,
            claimed_by: Some("user_1".into()),
            claimed_by_name: None,
            flagged_at: Some(1),
            warning: Some("Asks for a human".into()),
            warning_severity: None,
            warned_at: None,
        }
    }

    fn day(_: i64) -> String {
        "2026-11-21".into()
    }

    /// So many milliseconds after the first of 1970.
    fn moment(text: &str) -> Option<i64> {
        let ms = text.strip_prefix("1970-01-01T00:00:00.00")?;
        ms.strip_suffix('Z')?.parse().ok()
    }

    #[test]
    fn every_parameter_survives_the_address_and_is_asked() {
        for (name, fitting, other) in [
            ("status", "ended", "live"),
            ("call_type", "phone_call", "web_call"),
            ("direction", "outbound", "inbound"),
            ("agent_id", "agent_1", "agent_2"),
            ("number", "+34 911 223 344", "+4930111222"),
            ("number", "0911 22 33 44", "55 33 44"),
            ("disconnection_reason", "user_hangup", "inactivity"),
            ("user_sentiment", "Positive", "Negative"),
            ("successful", "false", "true"),
            ("has_recording", "true", "false"),
            ("claimed_by", "user_1", "user_2"),
            ("flagged", "true", "false"),
            ("warned", "true", "false"),
            ("from", "2026-11-21", "2026-11-22"),
            ("until", "2026-11-21", "2026-11-20"),
            (
                "from",
                "1970-01-01T00:00:00.001Z",
                "1970-01-01T00:00:00.002Z",
            ),
            (
                "until",
                "1970-01-01T00:00:00.002Z",
                "1970-01-01T00:00:00.001Z",
            ),
            ("min_duration_s", "60", "61"),
            ("max_duration_s", "60", "59"),
        ] {
            for (value, expected) in [(fitting, true), (other, false)] {
                let mut query = CallQuery::default();
                query.set(name, value);
                assert_eq!(query.pairs(), [(name, value.to_owned())]);
                assert_eq!(
                    query.matches(&call(), day, moment),
                    expected,
                    "{name}={value}"
                );
            }
        }
        let mut query = CallQuery::default();
        query.set("public_key_id", "pk_1");
        assert!(!query.matches(&call(), day, moment));
        for (name, value) in [("status", "x"), ("agent_id", ""), ("color", "red")] {
            let mut query = CallQuery::default();
            query.set(name, value);
            assert!(query.is_empty() && query.matches(&call(), day, moment));
        }
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, number) in [
            ("+49 (30) 111-222", Number::Whole("+4930111222".into())),
            ("0049 30 111222", Number::Ending("4930111222".into())),
            ("030/111.222", Number::Ending("30111222".into())),
            (" 1222 ", Number::Ending("1222".into())),
            (
                "\u{202a}+49 30\u{200b} 111222\u{202c}",
                Number::Whole("+4930111222".into()),
            ),
        ] {
            assert_eq!(Number::parse(text), Some(number), "{text}");
        }
        for text in ["", "222", "000222", "+12x4", "1234567890123456", "%1222"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }
}
