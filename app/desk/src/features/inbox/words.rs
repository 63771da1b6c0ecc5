//! What became of a delivery, in words.

use api::inbox::{DeliveryAttempt, DeliverySummary};

use super::texts::Texts;

/// How a state is drawn.
pub(super) fn chip(delivery: &DeliverySummary) -> &'static str {
    match delivery.state.as_str() {
        "done" => "sb-chip sb-chip-good",
        "pending" => "sb-chip sb-chip-accent",
        "parked" => "sb-chip sb-chip-warn",
        "rejected" => "sb-chip sb-chip-bad",
        _ => "sb-chip",
    }
}

/// Why it was refused, failed, or had no effect; `None` when it had.
pub(super) fn reason(delivery: &DeliverySummary, texts: &Texts) -> Option<String> {
    if let Some(ahead) = delivery.ahead_ms {
        let words = if ahead > 0 {
            texts.clock_slow
        } else {
            texts.clock_off
        };
        let minutes = ahead.unsigned_abs() / 60_000;
        return Some(words.replace("{minutes}", &minutes.to_string()));
    }
    let verdict = texts
        .verdicts
        .iter()
        .find(|(name, _)| *name == delivery.verdict && *name != "accepted");
    match verdict {
        Some((_, words)) => Some((*words).to_owned()),
        None => delivery
            .error
            .as_deref()
            .map(|error| in_words(error, texts)),
    }
}

/// Who worked on it.
pub(super) fn author(attempt: &DeliveryAttempt, texts: &Texts) -> String {
    match attempt.by_kind.as_str() {
        "worker" => texts.by_worker.to_owned(),
        "operator" => texts.by_operator.to_owned(),
        _ => attempt.by_name.clone().unwrap_or_default(),
    }
}

/// The server's reason; one that is no sentence of ours is shown as it is.
pub(super) fn in_words(error: &str, texts: &Texts) -> String {
    texts
        .reasons
        .iter()
        .find(|(known, _)| *known == error)
        .map_or_else(|| error.to_owned(), |(_, words)| (*words).to_owned())
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
    use browser::ui::i18n::Lang;

    fn delivery(verdict: &str, error: Option<&str>) -> DeliverySummary {
        DeliverySummary {
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
    fn every_language_has_words_for_the_same() {
        let of = |lang| Texts::of(lang);
        for lang in Lang::ALL {
            for (index, (name, _)) in of(Lang::En).verdicts.iter().enumerate() {
                assert_eq!(of(lang).verdicts[index].0, *name);
            }
            for (index, (name, _)) in of(Lang::En).reasons.iter().enumerate() {
                assert_eq!(of(lang).reasons[index].0, *name);
            }
            for (index, (name, _)) in of(Lang::En).states.iter().enumerate() {
                assert_eq!(of(lang).states[index].0, *name);
            }
        }
    }

    #[test]
    fn a_reason_is_told_in_the_reader_s_language() {
        let texts = Texts::of(Lang::De);
        let known = delivery("accepted", Some("no tenant is known for its call"));
        assert!(reason(&known, texts).is_some_and(|words| words.contains("Anruf")));
        let unknown = delivery("accepted", Some("the database refused"));
        assert_eq!(
            reason(&unknown, texts).as_deref(),
            Some("the database refused")
        );
        assert_eq!(reason(&delivery("accepted", None), texts), None);
        assert!(reason(&delivery("signature-stale", None), texts).is_some());
    }

    #[test]
    fn a_clock_that_is_off_is_named_with_how_far() {
        let off_by = |minutes: i64| DeliverySummary {
            ahead_ms: Some(minutes * 60_000),
            ..delivery("signature-stale", None)
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
