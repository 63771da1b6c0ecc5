//! What settings and templates may be, and when it is quiet.

use std::collections::BTreeMap;

use api::sms::{QuietHours, SmsProvider, SmsSettings, SmsWords, is_language_tag};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use outbound::{BadAddress, Rules};
use reqwest::header::HeaderName;
use url::Url;

use super::text::{self, Word};
use crate::invalid::{Invalid, checked_name};
use crate::phone::E164;
use crate::template;

pub(super) use api::sms::SmsTemplateDetails as Template;

const HEADERS_MAX: usize = 10;
const JSON_MAX_BYTES: usize = 16 * 1024;
const LANGUAGES_MAX: usize = 20;
/// The longest name that a message comes from instead of a number.
const SENDER_MAX: usize = 11;
const WORDS_MAX: usize = 20;
const WORD_MAX: usize = 40;
const PER_DAY_MAX: u32 = 100_000;

/// The settings of a business that never said any.
pub(super) fn fresh() -> SmsSettings {
    SmsSettings {
        per_day: 200,
        ..SmsSettings::default()
    }
}

/// Settings as they are kept.
pub(super) async fn checked(
    rules: &Rules,
    mut settings: SmsSettings,
    secrets: &BTreeMap<String, String>,
) -> Result<SmsSettings, Invalid> {
    let wrong = |field: &str, why: &str| Err(Invalid::of(field, why));
    let because = |why: &str| Err(Invalid::because(why));
    if !(1..=PER_DAY_MAX).contains(&settings.per_day) {
        return wrong("per_day", "per_day is a number from 1 to 100000.");
    }
    if let Some(quiet) = &settings.quiet {
        let (from, to) = (time(&quiet.from), time(&quiet.to));
        if from.is_none() || to.is_none() || from == to {
            return wrong("quiet", "quiet has two different times such as 21:00.");
        }
    }
    check_words(&settings.words)?;
    let address = match &mut settings.provider {
        None | Some(SmsProvider::LogOnly) => None,
        Some(SmsProvider::Twilio {
            account_sid,
            from,
            messaging_service_sid,
            base_url,
        }) => {
            let service = messaging_service_sid.as_deref();
            if !plain(account_sid) || !service.is_none_or(plain) {
                return because("account_sid and messaging_service_sid are as Twilio shows them.");
            }
            if !secrets.contains_key("auth_token") {
                return because("The secret auth_token is needed.");
            }
            if let Some(number) = from {
                *number = E164::parse(number)
                    .map_err(|error| Invalid::of("provider.from", format!("from: {error}.")))?
                    .to_string();
            }
            if from.is_some() == service.is_some() {
                return because("Either from or messaging_service_sid is needed.");
            }
            base_url.clone()
        }
        Some(SmsProvider::Vonage {
            api_key,
            from,
            base_url,
        }) => {
            if !plain(api_key) {
                return wrong("provider.api_key", "api_key is as Vonage shows it.");
            }
            let named = |name: &str| secrets.contains_key(name);
            if !named("api_secret") || !named("signature_secret") {
                return because("The secrets api_secret and signature_secret are needed.");
            }
            let is_name = plain(from)
                && from.len() <= SENDER_MAX
                && from.bytes().any(|byte| byte.is_ascii_alphabetic());
            if !is_name {
                *from = E164::parse(from)
                    .map_err(|error| Invalid::of("provider.from", format!("from: {error}.")))?
                    .to_string();
            }
            base_url.clone()
        }
        Some(SmsProvider::Gateway {
            url, headers, body, ..
        }) => {
            let long = body.as_ref().map(|body| body.to_string().len());
            if long > Some(JSON_MAX_BYTES) {
                return wrong("provider.body", "body is longer than 16 KiB.");
            }
            let can_be = |name: &String| HeaderName::try_from(name).is_ok();
            if headers.len() > HEADERS_MAX || !headers.keys().all(can_be) {
                return wrong("provider.headers", "headers are up to 10.");
            }
            let host = url.split_once("://").map(|(_, rest)| rest);
            let host = host.and_then(|rest| rest.split(['/', '?', '#']).next());
            if host.is_none_or(|host| host.contains("{{")) {
                return wrong("provider.url", "The host of url has no places to fill in.");
            }
            template::fill(url, |_| Some("x".to_owned()))
        }
    };
    if let Some(address) = address {
        let bad = |bad: BadAddress| Invalid::of("provider.url", format!("url: {bad}"));
        let url: Url = rules.parse(&address).map_err(bad)?;
        rules.look_ahead(&url).await.map_err(bad)?;
    }
    Ok(settings)
}

/// Whether a business can have these words of its own.
fn check_words(words: &BTreeMap<String, SmsWords>) -> Result<(), Invalid> {
    let wrong = |why: &str| Err(Invalid::of("words", why));
    if words.len() > LANGUAGES_MAX || !words.keys().all(|tag| is_language_tag(tag)) {
        return wrong("words are of up to 20 languages, by their tags such as es.");
    }
    let mut answers = words.values().flat_map(|it| [&it.stopped, &it.started]);
    let fits = |it: &String| text::segments(it) <= super::SEGMENTS_MAX && !it.contains('\n');
    if !answers.all(fits) {
        return wrong("An answer is one line of at most 6 segments.");
    }
    let mut meant = BTreeMap::new();
    for of_language in words.values() {
        for (all, means) in [
            (&of_language.stop, Word::Stop),
            (&of_language.start, Word::Start),
        ] {
            let can_be =
                |word: &String| !text::bare(word).is_empty() && word.chars().count() <= WORD_MAX;
            if all.len() > WORDS_MAX || !all.iter().all(can_be) {
                return wrong("A language has up to 20 words, of 1 to 40 characters.");
            }
            for word in all {
                let before = text::always(word).map(|(means, _)| means);
                let before = before.or(meant.insert(text::bare(word), means));
                if before.is_some_and(|before| before != means) {
                    return wrong(
                        "A word cannot mean both, nor the opposite of what it always does.",
                    );
                }
            }
        }
    }
    Ok(())
}

/// A template as it is kept.
pub(super) fn checked_template(mut template: Template) -> Result<Template, Invalid> {
    let name = checked_name(&template.name);
    template.name = name.ok_or_else(|| Invalid::of("name", "name has 1 to 100 characters."))?;
    let fits = |(tag, said): (&String, &String)| {
        is_language_tag(tag)
            && !said.trim().is_empty()
            && text::segments(said) <= super::SEGMENTS_MAX
    };
    let count = template.texts.len();
    if !(1..=LANGUAGES_MAX).contains(&count) || !template.texts.iter().all(fits) {
        return Err(Invalid::of(
            "texts",
            "texts has a text of at most 6 segments for each language, by its tag such as es.",
        ));
    }
    Ok(template)
}

/// Letters and digits, as ids and keys of providers are.
fn plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn time(text: &str) -> Option<Time> {
    Time::strptime("%H:%M", text).ok()
}

/// The first moment (Unix ms), from `now` on, at which it is not quiet.
pub(super) fn after_quiet(quiet: Option<&QuietHours>, timezone: &str, now: i64) -> i64 {
    let hours = quiet.and_then(|quiet| Some((time(&quiet.from)?, time(&quiet.to)?)));
    let Some((from, to)) = hours else { return now };
    let zone = TimeZone::get(timezone).unwrap_or(TimeZone::UTC);
    let Ok(moment) = Timestamp::from_millisecond(now) else {
        return now;
    };
    let wall = moment.to_zoned(zone.clone());
    let clock = wall.time();
    let overnight = from > to;
    let is_quiet = if overnight {
        clock >= from || clock < to
    } else {
        clock >= from && clock < to
    };
    if !is_quiet {
        return now;
    }
    let day = match overnight && clock >= from {
        true => wall.date().checked_add(1.day()).unwrap_or(wall.date()),
        false => wall.date(),
    };
    let end = day.to_datetime(to).to_zoned(zone);
    end.map_or(now, |end| end.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_at_night_waits_for_the_morning() {
        let at = |text: &str| {
            let moment: Timestamp = text.parse().unwrap();
            moment.as_millisecond()
        };
        let quiet = |from: &str, to: &str| QuietHours {
            from: from.to_owned(),
            to: to.to_owned(),
        };
        let night = quiet("21:00", "08:00");
        let after = |now: &str| after_quiet(Some(&night), "Europe/Berlin", at(now));
        assert_eq!(after("2026-11-29T19:59:00Z"), at("2026-11-29T19:59:00Z"));
        assert_eq!(after("2026-11-29T20:00:00Z"), at("2026-11-30T07:00:00Z"));
        assert_eq!(after("2026-11-30T02:00:00Z"), at("2026-11-30T07:00:00Z"));
        assert_eq!(after("2026-11-30T07:00:00Z"), at("2026-11-30T07:00:00Z"));
        // The night in which clocks go forward.
        assert_eq!(after("2027-03-27T22:00:00Z"), at("2027-03-28T06:00:00Z"));
        let noon = quiet("12:00", "14:00");
        let siesta = after_quiet(Some(&noon), "Europe/Madrid", at("2026-11-30T11:30:00Z"));
        assert_eq!(siesta, at("2026-11-30T13:00:00Z"));
        assert_eq!(after_quiet(None, "Europe/Madrid", 5), 5);
    }
}
