//! A call as it is written into a CRM. Pure.

use api::calendar::{Booking, BookingState};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde_json::{Value, json};
use spoken::Language;

use crate::phone::E164;

/// What a CRM is told of a call.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CallFacts {
    /// Retell's id.
    pub(crate) call_id: String,
    /// Whether the business called.
    pub(crate) outbound: bool,
    /// The number on the other side.
    pub(crate) number: Option<E164>,
    /// The calling number.
    pub(crate) from: Option<String>,
    /// The called number.
    pub(crate) to: Option<String>,
    /// What the other side is called.
    pub(crate) name: Option<String>,
    /// Who spoke for the business.
    pub(crate) agent: Option<String>,
    /// When it began (Unix ms).
    pub(crate) started_at: i64,
    /// How long it took (ms).
    pub(crate) duration_ms: i64,
    /// How it ended.
    pub(crate) ended: Ended,
    /// Whether it reached its aim.
    pub(crate) successful: Option<bool>,
    /// How the other side felt.
    pub(crate) sentiment: Option<String>,
    /// What it was about.
    pub(crate) summary: Option<String>,
    /// What it cost (US cents).
    pub(crate) cost_cents: Option<f64>,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Somebody spoke.
    Connected,
    /// Nobody answered.
    NoAnswer,
    /// The line was busy.
    Busy,
    /// A machine answered.
    Voicemail,
    /// It failed.
    Failed,
}

impl Ended {
    /// Its name for programs.
    fn name(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::NoAnswer => "no_answer",
            Self::Busy => "busy",
            Self::Voicemail => "voicemail",
            Self::Failed => "failed",
        }
    }
}

/// A call as it is written down.
#[derive(Debug, Clone)]
pub(super) struct Activity {
    pub(super) facts: CallFacts,
    /// When it began, by the business's clock.
    pub(super) started: Zoned,
    /// One line.
    pub(super) subject: String,
    /// All there is to say, a line each.
    pub(super) lines: Vec<String>,
    /// Our page of the call.
    pub(super) url: String,
}

macro_rules! words {
    ($language:expr, $en:literal, $es:literal, $de:literal) => {
        match $language {
            Language::English => format!($en),
            Language::Spanish => format!($es),
            Language::German => format!($de),
        }
    };
}

impl Activity {
    /// Says what there is to say of a call, for people who speak that language.
    pub(super) fn of(
        facts: CallFacts,
        bookings: &[Booking],
        url: String,
        timezone: &str,
        language: Language,
    ) -> Self {
        let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
        let moment = |at| Timestamp::from_millisecond(at).unwrap_or_default();
        let started = moment(facts.started_at).to_zoned(zone.clone());
        let mut lines: Vec<_> = facts.summary.iter().cloned().collect();
        lines.push(outcome(&facts, language));
        if let Some(mood) = &facts.sentiment {
            lines.push(words!(
                language,
                "Mood: {mood}",
                "Ánimo: {mood}",
                "Stimmung: {mood}"
            ));
        }
        for booking in bookings {
            let when = spoken::speak(
                &moment(booking.starts_at).to_zoned(zone.clone()),
                &started,
                language,
            );
            let (what, reference) = (&booking.service, &booking.reference);
            lines.push(match booking.state {
                BookingState::Cancelled => words!(
                    language,
                    "Cancelled: {what}, {when} ({reference})",
                    "Cita anulada: {what}, {when} ({reference})",
                    "Termin abgesagt: {what}, {when} ({reference})"
                ),
                BookingState::Confirmed | BookingState::Held | BookingState::Unknown => words!(
                    language,
                    "Booked: {what}, {when} ({reference})",
                    "Cita: {what}, {when} ({reference})",
                    "Termin: {what}, {when} ({reference})"
                ),
            });
        }
        let seconds = facts.duration_ms / 1000;
        let length = format!("{}:{:02}", seconds / 60, seconds % 60);
        lines.push(words!(
            language,
            "Length: {length}",
            "Duración: {length}",
            "Dauer: {length}"
        ));
        if let Some(cost) = cost(&facts) {
            lines.push(words!(
                language,
                "Cost: {cost}",
                "Coste: {cost}",
                "Kosten: {cost}"
            ));
        }
        lines.push(url.clone());
        Self {
            subject: subject(&facts, language),
            facts,
            started,
            lines,
            url,
        }
    }

    /// As text.
    pub(super) fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// As HTML: nothing in it but text, breaks and the link.
    pub(super) fn html(&self) -> String {
        let lines = self.lines.iter().map(|line| match line == &self.url {
            true => {
                let url = escaped(line);
                format!("<a href=\"{url}\">{url}</a>")
            }
            false => escaped(line).replace('\n', "<br>"),
        });
        lines.collect::<Vec<_>>().join("<br>")
    }

    /// When it began, in UTC.
    pub(super) fn utc(&self) -> Zoned {
        self.started.with_time_zone(TimeZone::UTC)
    }

    /// How long it took in whole minutes: whatever began counts.
    pub(super) fn minutes(&self) -> i64 {
        self.facts
            .duration_ms
            .max(0)
            .unsigned_abs()
            .div_ceil(60_000)
            .try_into()
            .unwrap_or(i64::MAX)
    }

    /// What templates fill in.
    pub(super) fn scope(&self) -> Value {
        let facts = &self.facts;
        json!({
            "call_id": facts.call_id,
            "subject": self.subject,
            "text": self.text(),
            "html": self.html(),
            "direction": if facts.outbound { "outbound" } else { "inbound" },
            "outcome": facts.ended.name(),
            "started_at": self.started.timestamp().to_string(),
            "date": self.started.strftime("%Y-%m-%d").to_string(),
            "time": self.started.strftime("%H:%M").to_string(),
            "duration_ms": facts.duration_ms,
            "duration_s": facts.duration_ms / 1000,
            "duration_min": self.minutes(),
            "summary": facts.summary,
            "sentiment": facts.sentiment,
            "cost": cost(facts),
            "url": self.url,
            "from": facts.from,
            "to": facts.to,
        })
    }
}

fn subject(facts: &CallFacts, language: Language) -> String {
    let agent = facts.agent.as_deref().unwrap_or("Switchboard");
    match (facts.ended == Ended::Connected, facts.outbound) {
        (true, false) => words!(
            language,
            "Call answered by {agent}",
            "Llamada atendida por {agent}",
            "Anruf, angenommen von {agent}"
        ),
        (true, true) => words!(
            language,
            "Call made by {agent}",
            "Llamada hecha por {agent}",
            "Anruf von {agent}"
        ),
        (false, _) => words!(
            language,
            "Call by {agent} that was not answered",
            "Llamada de {agent} sin respuesta",
            "Anruf von {agent} ohne Antwort"
        ),
    }
}

fn outcome(facts: &CallFacts, language: Language) -> String {
    let ended = match facts.ended {
        Ended::Connected => words!(language, "answered", "atendida", "angenommen"),
        Ended::NoAnswer => words!(language, "no answer", "sin respuesta", "keine Antwort"),
        Ended::Busy => words!(language, "busy", "comunicaba", "besetzt"),
        Ended::Voicemail => words!(language, "voicemail", "buzón de voz", "Mailbox"),
        Ended::Failed => words!(language, "failed", "ha fallado", "fehlgeschlagen"),
    };
    let aim = facts.successful.map(|reached| match reached {
        true => words!(
            language,
            ", aim reached",
            ", objetivo logrado",
            ", Ziel erreicht"
        ),
        false => words!(
            language,
            ", aim not reached",
            ", objetivo no logrado",
            ", Ziel nicht erreicht"
        ),
    });
    let aim = aim.unwrap_or_default();
    words!(
        language,
        "Outcome: {ended}{aim}",
        "Resultado: {ended}{aim}",
        "Ergebnis: {ended}{aim}"
    )
}

fn cost(facts: &CallFacts) -> Option<String> {
    let cents = facts.cost_cents.filter(|cents| cents.is_finite())?;
    Some(format!("{:.2} USD", cents / 100.0))
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> CallFacts {
        CallFacts {
            call_id: "call_1".to_owned(),
            outbound: false,
            number: None,
            from: None,
            to: None,
            name: None,
            agent: Some("Emma".to_owned()),
            started_at: 1_790_000_000_000,
            duration_ms: 61_500,
            ended: Ended::Connected,
            successful: Some(true),
            sentiment: Some("Positive".to_owned()),
            summary: Some("Wants <b>tea</b>\n& cake.".to_owned()),
            cost_cents: Some(12.5),
        }
    }

    #[test]
    fn a_call_is_told_in_the_language_of_the_business() {
        let url = "https://desk.example/desk/calls/call_1";
        let told = |language| Activity::of(facts(), &[], url.to_owned(), "Europe/Berlin", language);
        let english = told(Language::English);
        assert_eq!(english.subject, "Call answered by Emma");
        assert_eq!(
            english.lines[1..],
            [
                "Outcome: answered, aim reached",
                "Mood: Positive",
                "Length: 1:01",
                "Cost: 0.12 USD",
                url
            ]
        );
        assert_eq!(
            told(Language::German).lines[1],
            "Ergebnis: angenommen, Ziel erreicht"
        );
        assert_eq!(told(Language::Spanish).subject, "Llamada atendida por Emma");
        let html = english.html();
        assert!(
            html.starts_with("Wants &lt;b&gt;tea&lt;/b&gt;<br>&amp; cake.<br>Outcome"),
            "{html}"
        );
        assert!(
            html.ends_with(&format!("<a href=\"{url}\">{url}</a>")),
            "{html}"
        );
        assert_eq!(
            (english.minutes(), english.scope()["duration_s"].clone()),
            (2, json!(61))
        );
        assert_eq!(english.scope()["date"], "2026-09-21");
    }
}
