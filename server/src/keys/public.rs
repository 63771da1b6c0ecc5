//! What a public key may be told to allow.

use api::keys::{Mode, OutOfHours, PublicKeySettings};
use uuid::Uuid;

use super::captcha::{self, SealedCaptcha};
use super::origins;
use crate::clock::DAY_MS;
use crate::invalid::Invalid;
use crate::phone::can_be_called;
use crate::vault::Vault;

const NAME_MAX_CHARS: usize = 80;
const LIST_MAX: usize = 50;
const TEXT_MAX_CHARS: usize = 200;
const PER_MINUTE_MAX: u32 = 10_000;
const MINUTES_MAX: u32 = 1_000_000;
const PER_DAY_MAX: u32 = 10_000;
const CONCURRENT_MAX: u32 = 10_000;
const APPEARANCE_MAX_BYTES: usize = 16 * 1024;
/// How long a replaced key works on when nobody says (ms).
const OVERLAP_MS: i64 = 7 * DAY_MS;
/// How long it may work on at most (ms).
const OVERLAP_MAX_MS: i64 = 366 * DAY_MS;

/// Checked settings, ready to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// What it allows; no captcha in it.
    pub settings: PublicKeySettings,
    /// The captcha, its secret sealed.
    pub captcha: Option<SealedCaptcha>,
}

/// The id of a new public key: `pk_` and 128 random bits.
#[must_use]
pub fn new_public_key_id() -> String {
    format!("pk_{}", Uuid::new_v4().simple())
}

/// Checks the settings of a key, and seals its captcha's secret. `before` is
/// the captcha the key had: without a new secret its own stays.
///
/// # Errors
/// With what is wrong.
pub fn draft(
    mut settings: PublicKeySettings,
    key_id: &str,
    before: Option<&SealedCaptcha>,
    vault: &Vault,
) -> Result<Draft, Invalid> {
    settings.name = text("name", &settings.name, NAME_MAX_CHARS)?;
    if settings.name.is_empty() {
        return Err(Invalid::of("name", "The key needs a name."));
    }
    settings.title = text("title", &settings.title, NAME_MAX_CHARS)?;
    if settings.title.is_empty() {
        settings.title.clone_from(&settings.name);
    }
    settings.agents = list("agents", settings.agents)?;
    if settings.agents.is_empty() {
        return Err(Invalid::of("agents", "The key needs at least one agent."));
    }
    settings.origins = list("origins", settings.origins)?;
    if settings.origins.is_empty() {
        return Err(Invalid::of("origins", "The key needs at least one origin."));
    }
    for origin in &settings.origins {
        if !origins::is_pattern(origin) {
            return Err(Invalid::of(
                "origins",
                format!(
                    "{origin:?} is no origin such as https://www.example.com or https://*.example.com."
                ),
            ));
        }
    }
    settings.variables = list("variables", settings.variables)?;
    settings.modes.dedup();
    if settings.modes.contains(&Mode::Unknown) {
        return Err(Invalid::of("modes", "modes are voice and callback."));
    }
    if settings.modes.is_empty() {
        return Err(Invalid::of("modes", "The key needs at least one mode."));
    }
    between(
        "calls_per_minute",
        settings.calls_per_minute,
        PER_MINUTE_MAX,
    )?;
    between(
        "calls_per_ip_per_minute",
        settings.calls_per_ip_per_minute,
        PER_MINUTE_MAX,
    )?;
    if let Some(minutes) = settings.minutes_per_day {
        between("minutes_per_day", minutes, MINUTES_MAX)?;
    }
    if let Some(concurrent) = settings.max_concurrent {
        between("max_concurrent", concurrent, CONCURRENT_MAX)?;
    }
    between("callbacks_per_day", settings.callbacks_per_day, PER_DAY_MAX)?;
    settings.countries = countries(&settings.countries)?;
    if settings.out_of_hours == OutOfHours::Unknown {
        let wrong = "out_of_hours is call, callback or closed.";
        return Err(Invalid::of("out_of_hours", wrong));
    }
    if settings.out_of_hours == OutOfHours::Callback && !settings.modes.contains(&Mode::Callback) {
        return Err(Invalid::of(
            "out_of_hours",
            "Call-backs out of hours take the mode callback.",
        ));
    }
    let appearance = serde_json::to_vec(&settings.appearance).map_or(usize::MAX, |json| json.len());
    if appearance > APPEARANCE_MAX_BYTES {
        return Err(Invalid::of(
            "appearance",
            "The appearance is longer than 16 KiB.",
        ));
    }
    let captcha = settings
        .captcha
        .take()
        .map(|given| captcha::seal(&given, key_id, before, vault))
        .transpose()
        .map_err(|invalid| invalid.below("captcha"))?;
    Ok(Draft { settings, captcha })
}

/// Until when a key that is replaced works on.
///
/// # Errors
/// When the chosen time is past, or more than a year away.
pub fn rotation_end(works_until: Option<i64>, now: i64) -> Result<i64, Invalid> {
    let end = works_until.unwrap_or(now + OVERLAP_MS);
    if end < now || end > now + OVERLAP_MAX_MS {
        return Err(Invalid::of(
            "works_until",
            "The old key must stop working between now and a year from now.",
        ));
    }
    Ok(end)
}

fn text(what: &str, text: &str, max: usize) -> Result<String, Invalid> {
    let text = text.trim();
    if text.chars().count() > max {
        return Err(Invalid::of(
            what,
            format!("{what} has more than {max} characters."),
        ));
    }
    Ok(text.to_owned())
}

fn list(what: &str, items: Vec<String>) -> Result<Vec<String>, Invalid> {
    if items.len() > LIST_MAX {
        return Err(Invalid::of(
            what,
            format!("{what} has more than {LIST_MAX} entries."),
        ));
    }
    let mut kept: Vec<String> = Vec::new();
    for item in items {
        let item = text(what, &item, TEXT_MAX_CHARS)?;
        if !item.is_empty() && !kept.contains(&item) {
            kept.push(item);
        }
    }
    Ok(kept)
}

fn countries(codes: &[String]) -> Result<Vec<String>, Invalid> {
    let codes = codes.iter().map(|code| code.trim().to_uppercase());
    let codes = list("countries", codes.collect())?;
    match codes.iter().find(|code| !can_be_called(code)) {
        Some(code) => Err(Invalid::of(
            "countries",
            format!("{code:?} is no country that can be called; countries are given as DE or ES."),
        )),
        None => Ok(codes),
    }
}

fn between(what: &str, value: u32, max: u32) -> Result<(), Invalid> {
    if (1..=max).contains(&value) {
        return Ok(());
    }
    Err(Invalid::of(
        what,
        format!("{what} must be from 1 to {max}."),
    ))
}

#[cfg(test)]
mod tests {
    use api::keys::{Captcha, CaptchaKind};

    use super::*;
    use crate::config::Secret;

    fn settings() -> PublicKeySettings {
        PublicKeySettings {
            name: " Site ".to_owned(),
            agents: vec!["agent_1".to_owned(), "agent_1".to_owned(), " ".to_owned()],
            origins: vec!["https://*.example.com".to_owned()],
            ..PublicKeySettings::default()
        }
    }

    fn vault() -> Vault {
        Vault::new([&Secret::new("key")]).unwrap()
    }

    fn checked(change: impl FnOnce(&mut PublicKeySettings)) -> Result<Draft, Invalid> {
        let mut settings = settings();
        change(&mut settings);
        draft(settings, "pk_1", None, &vault())
    }

    #[test]
    fn what_was_typed_is_tidied() {
        let draft = checked(|_| {}).unwrap();
        assert_eq!(draft.settings.name, "Site");
        assert_eq!(draft.settings.title, "Site");
        assert_eq!(draft.settings.agents, ["agent_1"]);
    }

    #[test]
    fn what_cannot_be_is_refused_with_a_sentence() {
        type Change = fn(&mut PublicKeySettings);
        let wrong: [(Change, &str); 14] = [
            (|it| it.name.clear(), "name"),
            (|it| it.name = "x".repeat(81), "80"),
            (|it| it.agents.clear(), "agent"),
            (|it| it.origins.clear(), "origin"),
            (
                |it| it.origins = vec!["example.com".to_owned()],
                "example.com",
            ),
            (|it| it.modes.clear(), "mode"),
            (|it| it.calls_per_minute = 0, "calls_per_minute"),
            (|it| it.minutes_per_day = Some(0), "minutes_per_day"),
            (|it| it.callbacks_per_day = 0, "callbacks_per_day"),
            (|it| it.countries = vec!["de".into(), "CU".into()], "CU"),
            (|it| it.out_of_hours = OutOfHours::Callback, "mode callback"),
            (|it| it.out_of_hours = OutOfHours::Unknown, "out_of_hours"),
            (|it| it.modes.push(Mode::Unknown), "modes are"),
            (
                |it| {
                    it.appearance
                        .insert("logo".to_owned(), "x".repeat(17_000).into());
                },
                "appearance",
            ),
        ];
        for (change, word) in wrong {
            let sentence = checked(change).unwrap_err().to_string();
            assert!(sentence.contains(word), "{sentence}");
        }
    }

    #[test]
    fn a_captcha_s_secret_is_sealed_and_stays_when_none_is_given() {
        let with = |secret: Option<&str>| Captcha {
            kind: CaptchaKind::Turnstile,
            site_key: "site".to_owned(),
            secret: secret.map(str::to_owned),
            min_score: None,
        };
        assert!(checked(|it| it.captcha = Some(with(None))).is_err());
        let first = checked(|it| it.captcha = Some(with(Some("hunter2")))).unwrap();
        let sealed = first.captcha.unwrap();
        assert!(!sealed.secret.contains("hunter2"));
        assert_eq!(first.settings.captcha, None);
        let mut again = settings();
        again.captcha = Some(with(None));
        let second = draft(again, "pk_1", Some(&sealed), &vault()).unwrap();
        assert_eq!(second.captcha.unwrap().secret, sealed.secret);
    }

    #[test]
    fn a_replaced_key_ends_between_now_and_a_year() {
        assert_eq!(rotation_end(Some(7), 5), Ok(7));
        assert_eq!(rotation_end(None, 5), Ok(5 + OVERLAP_MS));
        assert!(rotation_end(Some(4), 5).is_err());
        assert!(rotation_end(Some(i64::MAX), 5).is_err());
    }
}
