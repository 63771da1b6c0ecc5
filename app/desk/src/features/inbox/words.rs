//! What became of an entry, in words.

use api::inbox::{EntryAttempt, EntrySummary};

use crate::words::Found as _;
use crate::words::inbox::Texts;

/// How a state is drawn.
pub(super) fn chip(entry: &EntrySummary) -> &'static str {
    match entry.state.as_str() {
        "done" => "sb-chip sb-chip-good",
        "pending" => "sb-chip sb-chip-accent",
        "parked" => "sb-chip sb-chip-warn",
        "rejected" => "sb-chip sb-chip-bad",
        _ => "sb-chip",
    }
}

/// Why it was refused, failed, or had no effect; `None` when it had.
pub(super) fn reason(entry: &EntrySummary, texts: Texts) -> Option<String> {
    if let Some(ahead) = entry.ahead_ms {
        let minutes = ahead.abs() / 60_000;
        return Some(if ahead > 0 {
            texts.clock_slow(minutes)
        } else {
            texts.clock_off(minutes)
        });
    }
    let verdict = Some(entry.verdict.as_str())
        .filter(|verdict| *verdict != "accepted")
        .and_then(|verdict| texts.find(&format!("verdicts.{verdict}")));
    match verdict {
        Some(words) => Some(words.to_owned()),
        None => entry.error.as_deref().map(|error| in_words(error, texts)),
    }
}

/// Who worked on it.
pub(super) fn author(attempt: &EntryAttempt, texts: Texts) -> String {
    match attempt.by_kind.as_str() {
        "worker" => texts.by_worker().to_owned(),
        "operator" => texts.by_operator().to_owned(),
        _ => attempt.by_name.clone().unwrap_or_default(),
    }
}

/// The server's reason; one that is no sentence of ours is shown as it is.
pub(super) fn in_words(error: &str, texts: Texts) -> String {
    let known = texts.find(&format!("reasons.{error}"));
    known.unwrap_or(error).to_owned()
}

/// A state's name.
pub(super) fn state(state: &str, texts: Texts) -> String {
    let known = texts.find(&format!("states.{state}"));
    known.unwrap_or(state).to_owned()
}

/// JSON with a line for each value; anything else as it is.
pub(super) fn pretty(body: &str) -> String {
    serde_json::from_str::<serde_json::Value>(body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Lang;

    fn entry(verdict: &str, error: Option<&str>) -> EntrySummary {
        EntrySummary {
            id: "1".into(),
            received_at: 0,
            event: None,
            call_id: None,
            verdict: verdict.into(),
            state: "parked".into(),
            attempts: 1,
            duplicates: 0,
            latency_ms: None,
            error: error.map(str::to_owned),
            ahead_ms: None,
            replayable: true,
        }
    }

    #[test]
    fn a_reason_is_told_in_the_reader_s_language() {
        let texts = Texts::of(Lang::of("de"));
        let known = entry("accepted", Some("no tenant is known for its call"));
        assert!(reason(&known, texts).is_some_and(|words| words.contains("Anruf")));
        let unknown = entry("accepted", Some("the database refused"));
        assert_eq!(
            reason(&unknown, texts).as_deref(),
            Some("the database refused")
        );
        assert_eq!(reason(&entry("accepted", None), texts), None);
        assert!(reason(&entry("signature-stale", None), texts).is_some());
    }

    #[test]
    fn a_clock_that_is_off_is_named_with_how_far() {
        let off_by = |minutes: i64| EntrySummary {
            ahead_ms: Some(minutes * 60_000),
            ..entry("signature-stale", None)
        };
        for lang in Lang::ALL {
            let texts = Texts::of(lang);
            let words = |minutes| reason(&off_by(minutes), texts).unwrap();
            assert!(words(6).contains(" 6 ") && words(-7).contains(" 7 "));
            assert_ne!(words(6), words(-6));
        }
    }

    #[test]
    fn a_body_is_printed_line_by_line() {
        assert_eq!(pretty("{\"a\":[1]}"), "{\n  \"a\": [\n    1\n  ]\n}");
        assert_eq!(pretty("{\"a\""), "{\"a\"");
    }
}
