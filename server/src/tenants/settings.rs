//! What a business says about itself.

use jiff::tz::TimeZone;

use super::{BusinessHours, HoursError};
use crate::invalid::checked_name;

/// The languages the desk's people and the agents may speak: more than our
/// pages do.
const LANGUAGES_MAX: usize = 20;

/// What a business says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantSettings {
    /// Its name.
    pub name: String,
    /// Its IANA time zone, one that jiff knows.
    pub timezone: String,
    /// IETF language tags, the first is the default.
    pub languages: Vec<String>,
    /// The agent a call goes to when nothing else says.
    pub default_agent_id: Option<String>,
    /// When it is open, in its time zone.
    pub hours: BusinessHours,
}

/// Why settings are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The name is empty or too long.
    #[error("a name has 1 to 100 characters")]
    Name,
    /// There is no such time zone.
    #[error("there is no time zone of this name")]
    Timezone,
    /// No language, too many, or a text that is no language tag.
    #[error("languages are given as tags such as en or es-MX, at least one")]
    Languages,
    /// The default agent is none of the business's.
    #[error("the default agent is none of this business's agents")]
    Agent,
    /// The hours make no sense.
    #[error(transparent)]
    Hours(#[from] HoursError),
}

impl TenantSettings {
    /// The settings as they are kept; whose the default agent is, the store
    /// knows.
    ///
    /// # Errors
    /// When one of them is refused.
    pub fn checked(self) -> Result<Self, SettingsError> {
        Ok(Self {
            name: checked_name(&self.name).ok_or(SettingsError::Name)?,
            timezone: checked_timezone(&self.timezone).ok_or(SettingsError::Timezone)?,
            languages: checked_languages(&self.languages).ok_or(SettingsError::Languages)?,
            default_agent_id: self.default_agent_id.filter(|id| !id.is_empty()),
            hours: self.hours.checked()?,
        })
    }

    /// The time zone. One the system has forgotten is UTC.
    #[must_use]
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.timezone).unwrap_or(TimeZone::UTC)
    }
}

/// A time zone as the IANA database spells it.
#[must_use]
pub fn checked_timezone(text: &str) -> Option<String> {
    let zone = TimeZone::get(text.trim()).ok()?;
    zone.iana_name().map(str::to_owned)
}

/// Language tags, each once.
#[must_use]
pub fn checked_languages(tags: &[String]) -> Option<Vec<String>> {
    let mut known: Vec<String> = Vec::new();
    for tag in tags.iter().map(|tag| tag.trim()) {
        if !is_language(tag) {
            return None;
        }
        if !known.iter().any(|other| other.eq_ignore_ascii_case(tag)) {
            known.push(tag.to_owned());
        }
    }
    (1..=LANGUAGES_MAX).contains(&known.len()).then_some(known)
}

/// The shape of an IETF language tag: subtags of letters and digits, the first
/// of two or three letters.
fn is_language(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let first = subtags.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && subtags.all(|subtag| {
            (1..=8).contains(&subtag.len())
                && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> TenantSettings {
        TenantSettings {
            name: " Sunrise ".into(),
            timezone: "europe/berlin".into(),
            languages: vec!["en".into(), "es-MX".into(), "EN".into()],
            default_agent_id: Some("agent_1".into()),
            hours: BusinessHours::default(),
        }
    }

    #[test]
    fn settings_are_kept_in_one_spelling() {
        let kept = settings().checked().unwrap();
        assert_eq!(
            (kept.name.as_str(), kept.timezone.as_str()),
            ("Sunrise", "Europe/Berlin")
        );
        assert_eq!(kept.languages, ["en", "es-MX"]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let refused = |change: fn(&mut TenantSettings)| {
            let mut settings = settings();
            change(&mut settings);
            settings.checked().unwrap_err()
        };
        assert_eq!(refused(|it| it.name = "  ".into()), SettingsError::Name);
        assert_eq!(refused(|it| it.name = "a\u{0}".into()), SettingsError::Name);
        for zone in ["Europe/Atlantis", "", "+02:00"] {
            assert_eq!(checked_timezone(zone), None, "{zone}");
        }
        assert_eq!(
            refused(|it| it.timezone = "Mars".into()),
            SettingsError::Timezone
        );
        assert_eq!(refused(|it| it.languages.clear()), SettingsError::Languages);
        assert_eq!(
            refused(|it| it.languages.push("e n".into())),
            SettingsError::Languages
        );
    }
}
