//! What a function answers: short, and with a sentence that can be spoken.

use api::functions::FunctionOutcome;
use serde_json::{Map, Value, json};
use spoken::{Language, Question};

use crate::calendar::CalendarError;
use crate::store::StoreError;

/// So many characters of an answer reach the agent (retell-protocol C3).
const MAX_CHARS: usize = 15_000;

/// A sentence in the language of the call.
macro_rules! say {
    ($language:expr, $english:literal, $spanish:literal, $german:literal $(,)?) => {
        match $language {
            spoken::Language::English => format!($english),
            spoken::Language::Spanish => format!($spanish),
            spoken::Language::German => format!($german),
        }
    };
}
pub(super) use say;

/// What a function found or did: the sentence, and the rest for the agent to go by.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    /// What can be said.
    pub(super) message: String,
    /// The rest; an object.
    pub(super) rest: Value,
}

impl Answer {
    pub(super) fn new(message: String, rest: Value) -> Self {
        Self { message, rest }
    }

    /// As it is sent.
    pub(super) fn into_json(self) -> Value {
        bounded(whole(true, self.message, self.rest))
    }
}

/// Why a function did not do what it was asked: an answer, too.
#[derive(Debug)]
pub(super) enum No {
    /// It cannot be done so.
    Because {
        /// Why, for programs.
        reason: &'static str,
        /// What can be said.
        message: String,
        /// The rest; an object.
        rest: Value,
    },
    /// Something of ours is broken.
    Broken(String),
    /// It was not done in time.
    Late,
}

impl No {
    pub(super) fn because(reason: &'static str, message: String) -> Self {
        Self::Because {
            reason,
            message,
            rest: json!({}),
        }
    }

    pub(super) fn with(self, more: Value) -> Self {
        match self {
            Self::Because {
                reason, message, ..
            } => Self::Because {
                reason,
                message,
                rest: more,
            },
            other => other,
        }
    }

    /// The arguments do not fit.
    pub(super) fn arguments(language: Language, wrong: &str) -> Self {
        let message = say!(
            language,
            "I am missing something for that.",
            "Me falta un dato para eso.",
            "Dafür fehlt mir noch eine Angabe."
        );
        Self::because("arguments", message).with(json!({"detail": wrong}))
    }

    /// Something is asked back about a time.
    pub(super) fn question(question: &Question, now: &jiff::Zoned, language: Language) -> Self {
        let instead = question.instead(now);
        let instead: Vec<_> = instead.iter().map(instant).collect();
        Self::because(question.code(), question.sentence(now, language)).with(json!({
            "choices": instead,
        }))
    }

    /// What becomes of the function by it.
    pub(super) fn outcome(&self) -> FunctionOutcome {
        match self {
            Self::Because { .. } => FunctionOutcome::Refused,
            Self::Broken(_) => FunctionOutcome::Failed,
            Self::Late => FunctionOutcome::Late,
        }
    }

    /// As it is sent; `promised` where the staff was left a note to call them back.
    pub(super) fn into_json(self, language: Language, promised: bool) -> Value {
        let (reason, message, mut rest) = match self {
            Self::Because {
                reason,
                message,
                rest,
            } => (reason, message, rest),
            Self::Broken(_) => {
                let message = match promised {
                    true => say!(
                        language,
                        "I am sorry, that did not work just now. Somebody will call you back.",
                        "Lo siento, ahora mismo no ha funcionado. Alguien le devolverá la llamada.",
                        "Es tut mir leid, das hat gerade nicht geklappt. Es ruft Sie jemand zurück."
                    ),
                    false => say!(
                        language,
                        "I am sorry, that did not work just now. Please call us again in a while.",
                        "Lo siento, ahora mismo no ha funcionado. Llámenos de nuevo dentro de un rato.",
                        "Es tut mir leid, das hat gerade nicht geklappt. Bitte rufen Sie später noch einmal an."
                    ),
                };
                ("failed", message, json!({"callback": promised}))
            }
            Self::Late => {
                let message = say!(
                    language,
                    "That is taking longer than usual. Shall I try once more?",
                    "Está tardando más de lo normal. ¿Lo intento otra vez?",
                    "Das dauert länger als sonst. Soll ich es noch einmal versuchen?"
                );
                ("late", message, json!({}))
            }
        };
        rest["reason"] = reason.into();
        bounded(whole(false, message, rest))
    }
}

impl From<StoreError> for No {
    fn from(error: StoreError) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<CalendarError> for No {
    /// For those a caller can do nothing about; the others have sentences where they
    /// come up.
    fn from(error: CalendarError) -> Self {
        Self::Broken(error.to_string())
    }
}

/// A moment as it is handed back when it is chosen.
pub(super) fn instant(at: &jiff::Zoned) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn whole(ok: bool, message: String, rest: Value) -> Value {
    let mut whole = Map::new();
    whole.insert("ok".to_owned(), ok.into());
    whole.insert("message".to_owned(), message.into());
    if let Value::Object(rest) = rest {
        whole.extend(rest);
    }
    Value::Object(whole)
}

/// An answer that is too long has its sentence alone.
fn bounded(answer: Value) -> Value {
    if answer.to_string().chars().count() <= MAX_CHARS {
        return answer;
    }
    let message = answer["message"].as_str().unwrap_or_default();
    let message: String = message.chars().take(MAX_CHARS / 2).collect();
    json!({"ok": answer["ok"], "message": message, "shortened": true})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_its_sentence_and_is_never_too_long() {
        let answer = Answer::new("Yes.".to_owned(), json!({"slots": [1]}));
        let expected = json!({"ok": true, "message": "Yes.", "slots": [1]});
        assert_eq!(answer.into_json(), expected);
        let long = Answer::new("Yes.".to_owned(), json!({"slots": "ä".repeat(20_000)}));
        let expected = json!({"ok": true, "message": "Yes.", "shortened": true});
        assert_eq!(long.into_json(), expected);
    }

    #[test]
    fn what_is_broken_tells_the_caller_nothing_of_it() {
        for language in Language::ALL {
            let told = No::Broken("secret".to_owned()).into_json(language, false);
            assert_eq!(
                (&told["ok"], &told["reason"]),
                (&json!(false), &json!("failed"))
            );
            assert!(!told.to_string().contains("secret"));
        }
    }
}
