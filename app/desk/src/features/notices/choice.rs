//! What somebody wants to be told of, and how. Pure.

use api::warnings::Severity;
use serde::{Deserialize, Serialize};

use super::news::What;

/// What is told, and how; it holds in one browser, as its permission and its loudspeaker do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Choice {
    /// That a call begins.
    pub(super) begun: bool,
    /// Warnings that matter so much or more; none at all.
    pub(super) warned: Option<Severity>,
    /// That a call-back becomes due.
    pub(super) due: bool,
    /// That a call is given to the reader, or taken from them.
    pub(super) claimed: bool,
    /// That somebody flags a call, in the page in any case.
    pub(super) flagged: bool,
    /// In the page.
    pub(super) page: bool,
    /// By the browser, where nobody looks at the page.
    pub(super) browser: bool,
    /// By a sound.
    pub(super) sound: bool,
    /// How loud, in percent.
    pub(super) volume: u8,
}

impl Default for Choice {
    /// All of it, in no way but what is told in any case: whoever wants to be told says how.
    fn default() -> Self {
        Self {
            begun: true,
            warned: Some(Severity::Low),
            due: true,
            claimed: true,
            flagged: true,
            page: false,
            browser: false,
            sound: false,
            volume: 60,
        }
    }
}

impl Choice {
    /// Reads what [`to_text`](Self::to_text) wrote; what makes no sense is as if nothing were chosen.
    pub(super) fn parse(text: &str) -> Self {
        let read: Self = serde_json::from_str(text).unwrap_or_default();
        Self {
            volume: read.volume.min(100),
            ..read
        }
    }

    /// What is chosen, to be kept.
    pub(super) fn to_text(self) -> String {
        // A few switches: serialising them cannot fail.
        serde_json::to_string(&self).unwrap_or_default()
    }

    /// Whether this is to be told.
    pub(super) fn wants(self, what: What) -> bool {
        match what {
            What::Begun => self.begun,
            What::Warned(severity) => self.warned.is_some_and(|least| severity >= least),
            What::Due => self.due,
            What::Given => true,
            What::Flagged => self.flagged,
            What::Taken => self.claimed,
        }
    }

    /// Whether it reaches somebody who looks at something else.
    pub(super) fn reaches_far(self) -> bool {
        self.browser || self.sound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_told_from_a_severity_on() {
        let told = |warned| {
            let choice = Choice {
                warned,
                ..Choice::default()
            };
            [Severity::Low, Severity::High].map(|it| choice.wants(What::Warned(it)))
        };
        assert_eq!(told(None), [false, false]);
        assert_eq!(told(Some(Severity::Low)), [true, true]);
        assert_eq!(told(Some(Severity::High)), [false, true]);
    }

    #[test]
    fn a_choice_is_kept_and_what_makes_no_sense_is_none() {
        let chosen = Choice {
            begun: false,
            warned: None,
            page: true,
            volume: 0,
            ..Choice::default()
        };
        assert_eq!(Choice::parse(&chosen.to_text()), chosen);
        for nonsense in ["", "[]", "{\"sound\": 3}", "{\"volume\": 300}"] {
            assert_eq!(Choice::parse(nonsense), Choice::default(), "{nonsense}");
        }
        assert_eq!(Choice::parse("{\"volume\": 120}").volume, 100);
    }
}
