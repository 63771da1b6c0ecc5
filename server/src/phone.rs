//! Telephone numbers, as E.164 everywhere inside. The one place that knows the
//! library which reads what people write.

use std::fmt;
use std::str::FromStr;

use api::calls::is_invisible;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, PhoneNumberType, Region};
use serde::{Deserialize, Deserializer, Serialize};

/// Country codes of satellites, global networks and global premium services.
/// Some of their numbers count as ordinary mobiles, and cost like nothing else.
const COSTLY_COUNTRY_CODES: [i32; 8] = [808, 870, 878, 881, 882, 883, 888, 979];

/// A telephone number in E.164: a `+` and at most 15 digits. Of a length its
/// country has; whether it was ever given out, [`E164::is_valid`] tells better.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct E164(String);

/// Why a text is not taken for a telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// It is none.
    #[error("this is no telephone number in international form, such as +49 30 901820")]
    NotANumber,
    /// It goes on with an extension, and without it somebody else would answer.
    #[error("extensions cannot be dialled: leave it out, or give a direct number")]
    Extension,
}

impl E164 {
    /// Reads a number in international form, as people write it, paste it and as
    /// programs mangle it: with spaces, hyphens and brackets, beginning with `+`,
    /// `00`, `tel:`, or with the space an address makes of a `+`.
    ///
    /// # Errors
    /// When it is none, or has an extension.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let text = bare(text);
        let number = text.trim();
        let rest = number.strip_prefix("00").or_else(|| {
            let was_a_plus =
                text.starts_with(' ') && number.starts_with(|c: char| c.is_ascii_digit());
            was_a_plus.then_some(number)
        });
        match rest {
            Some(rest) => read(&format!("+{rest}"), None),
            None => read(number, None),
        }
    }

    /// Reads a number as it is dialled within a country (ISO 3166-1 alpha-2,
    /// such as `DE`), or in international form.
    ///
    /// # Errors
    /// When it is neither, or has an extension.
    pub fn parse_in(text: &str, country: &str) -> Result<Self, PhoneError> {
        let country = Region::from_str(country).map_err(|_| PhoneError::NotANumber)?;
        let text = bare(text);
        let text = text.trim();
        // `00` is how one dials out of most countries; written, it is a `+`.
        let international = text.strip_prefix("00").map(|rest| format!("+{rest}"));
        let international = international.map(|number| read(&number, None));
        match international {
            Some(Ok(number)) => Ok(number),
            _ => read(text, Some(country)),
        }
    }

    /// The text, `+…`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the number lies in a range that is given out: what may be dialled.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        PhoneNumber::parse(&self.0, None).is_ok_and(|number| number.is_valid())
    }

    /// Whether a program may have it dialled: an ordinary number of a range that
    /// is given out. Premium-rate, shared-cost, satellite and the like are what
    /// telephone fraud lives on.
    #[must_use]
    pub fn is_dialable(&self) -> bool {
        use PhoneNumberType::{FixedLine, FixedLineOrMobile, Mobile, TollFree, VoIP};
        PhoneNumber::parse(&self.0, None).is_ok_and(|number| {
            let ordinary = matches!(
                number.get_type(),
                FixedLine | FixedLineOrMobile | Mobile | TollFree | VoIP
            );
            number.is_valid() && ordinary && !COSTLY_COUNTRY_CODES.contains(&number.country_code)
        })
    }

    /// The country it belongs to (ISO 3166-1 alpha-2), where one can be told.
    #[must_use]
    pub fn country(&self) -> Option<String> {
        let number = PhoneNumber::parse(&self.0, None).ok()?;
        number.get_region_code().map(|region| region.to_string())
    }

    /// Its digits without those of the country, as it is often written there.
    #[must_use]
    pub fn national(&self) -> &str {
        let digits = &self.0[1..];
        let country = PhoneNumber::parse(&self.0, None).map(|number| number.country_code);
        let country = country.map_or_else(|_| String::new(), |code| code.to_string());
        digits.strip_prefix(&country).unwrap_or(digits)
    }

    /// As people write it internationally: `+49 30 901820`.
    #[must_use]
    pub fn pretty(&self) -> String {
        PhoneNumber::parse(&self.0, None).map_or_else(
            |_| self.0.clone(),
            |number| {
                number
                    .format_as(PhoneNumberFormat::International)
                    .into_owned()
            },
        )
    }
}

/// Where Retell never calls (retell-protocol K1).
const NEVER: [&str; 7] = ["CU", "IR", "KP", "SY", "RU", "BY", "VE"];

/// Whether numbers can be read as of this country (ISO 3166-1 alpha-2).
#[must_use]
pub fn is_country(code: &str) -> bool {
    // Where nobody knows which, the library says ZZ.
    code != "ZZ" && Region::from_str(code).is_ok()
}

/// Whether a country (ISO 3166-1 alpha-2, in capitals) can be called at all.
#[must_use]
pub fn can_be_called(code: &str) -> bool {
    code.len() == 2
        && code.bytes().all(|byte| byte.is_ascii_uppercase())
        && is_country(code)
        && !NEVER.contains(&code)
}

/// A number somebody gives us as E.164, and anything else as it is.
#[must_use]
pub fn canonical(text: &str) -> String {
    E164::parse(text).map_or_else(|_| text.to_owned(), |number| number.0)
}

/// The text without what comes along with a copied number: marks of writing
/// direction, joiners and other characters nobody sees, and the `tel:` of a link.
fn bare(text: &str) -> String {
    let seen = text.chars().filter(|c| !is_invisible(*c));
    let text: String = seen
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    let start = text.trim_start();
    match start.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("tel:") => {
            let number = start[4..].trim_start_matches('/');
            // Only the plus is ever written so in a link to a number.
            number
                .replace("%2B", "+")
                .replace("%2b", "+")
                .replace("%20", " ")
        }
        _ => text,
    }
}

fn read(text: &str, country: Option<Region>) -> Result<E164, PhoneError> {
    let number = PhoneNumber::parse(text, country).map_err(|_| PhoneError::NotANumber)?;
    if !number.extension().is_empty() {
        return Err(PhoneError::Extension);
    }
    // Letters stand for digits in advertisements.
    if text.chars().any(char::is_alphabetic) {
        return Err(PhoneError::NotANumber);
    }
    let e164 = number.format_as(PhoneNumberFormat::E164).into_owned();
    let e164 = of_today(&e164).unwrap_or(e164);
    // It is kept so and read again. Of several zeros one is taken off each time: what
    // is another number then is none.
    let number = PhoneNumber::parse(&e164, None).map_err(|_| PhoneError::NotANumber)?;
    if number.format_as(PhoneNumberFormat::E164) != e164
        || !PHONE_NUMBER_UTIL.is_possible_number(&number)
    {
        return Err(PhoneError::NotANumber);
    }
    let digits = e164.strip_prefix('+').ok_or(PhoneError::NotANumber)?;
    let plain = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain {
        Ok(E164(e164))
    } else {
        Err(PhoneError::NotANumber)
    }
}

/// A number as it is dialled today, where it was dialled in another way before
/// and is still stored so: Mexican mobiles had a 1 after the country code, and
/// Argentine ones have a 9 there in place of the 15 that is dialled at home.
fn of_today(e164: &str) -> Option<String> {
    if let Some(mexican) = e164.strip_prefix("+521")
        && mexican.len() == 10
    {
        return Some(format!("+52{mexican}"));
    }
    let argentine = e164.strip_prefix("+54").filter(|rest| rest.len() == 12)?;
    (2..=4).find_map(|area| {
        let (area, rest) = argentine.split_at(area);
        let mobile = format!("+549{area}{}", rest.strip_prefix("15")?);
        let valid = PhoneNumber::parse(&mobile, None).is_ok_and(|number| number.is_valid());
        valid.then_some(mobile)
    })
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for E164 {
    /// Shows nothing but its last two digits, so that no number reaches a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail = self.0.get(self.0.len().saturating_sub(2)..);
        write!(f, "E164(…{})", tail.unwrap_or_default())
    }
}

impl FromStr for E164 {
    type Err = PhoneError;

    fn from_str(text: &str) -> Result<Self, PhoneError> {
        Self::parse(text)
    }
}

impl<'de> Deserialize<'de> for E164 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for text in [
            "+4930901820",
            " +49 30 901820 ",
            "0049 (30) 901-820",
            "+49/30/901820",
            // Out of a document, a chat, a link, and an address.
            "\u{202a}+49\u{200b} 30 901\u{ad}820\u{202c}",
            "\u{feff}+49\u{a0}30\u{202f}901820\u{2069}",
            "tel:+49-30-901820",
            "TEL://%2B4930901820",
            " 4930901820",
            " 49 30 901820",
            "＋４９ ３０ ９０１８２０",
            "+49 (0)30 901820",
        ] {
            let read = E164::parse(text);
            assert_eq!(read.as_ref().map(E164::as_str), Ok("+4930901820"), "{text}");
        }
        let berlin = E164::parse_in("030 901820", "DE").unwrap();
        assert_eq!(berlin.as_str(), "+4930901820");
        assert_eq!(
            E164::parse_in("+34 911 23 01 00", "de").unwrap().as_str(),
            "+34911230100"
        );
        assert_eq!(berlin.pretty(), "+49 30 901820");
        assert_eq!(berlin.country().as_deref(), Some("DE"));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in [
            "",
            "+",
            "030 901820",
            "+49",
            "+4930901820000000000",
            "call me",
            "+1 800 FLOWERS",
            "4930901820",
            "tel:",
            "\u{200b}",
            "\0",
        ] {
            assert_eq!(E164::parse(text), Err(PhoneError::NotANumber), "{text:?}");
        }
        let nowhere = E164::parse_in("030 901820", "Germany");
        assert_eq!(nowhere, Err(PhoneError::NotANumber));
    }

    #[test]
    fn an_extension_is_never_cut_off_in_silence() {
        for text in [
            "+49 30 901820 ext. 5",
            "+49 30 901820;ext=5",
            "tel:+4930901820;ext=5",
            "+49 30 901820 x5",
            "+49 30 901820 #5",
            "+49 30 901820,,5",
        ] {
            assert_eq!(E164::parse(text), Err(PhoneError::Extension), "{text:?}");
        }
        let american = E164::parse_in("(415) 555-0100 x12", "US");
        assert_eq!(american, Err(PhoneError::Extension));
    }

    #[test]
    fn a_number_in_its_older_form_is_the_one_of_today() {
        for (older, today) in [
            ("+521 55 1234 5678", "+525512345678"),
            ("+52 1 55 1234 5678", "+525512345678"),
            ("+52 55 1234 5678", "+525512345678"),
            ("+54 11 15 2345 6789", "+5491123456789"),
            ("+54 9 11 2345 6789", "+5491123456789"),
            ("+54 351 15 234 5678", "+5493512345678"),
            ("+54 11 4345 6789", "+541143456789"),
        ] {
            assert_eq!(E164::parse(older).unwrap().as_str(), today, "{older}");
        }
        assert_eq!(canonical("+5215512345678"), "+525512345678");
        assert_eq!(canonical("anonymous"), "anonymous");
    }

    #[test]
    fn a_range_that_is_not_given_out_is_not_valid() {
        assert!(E164::parse("+34911230100").unwrap().is_valid());
        assert!(!E164::parse("+15555550100").unwrap().is_valid());
    }

    #[test]
    fn only_ordinary_numbers_are_dialled() {
        for number in [
            "+14155550100",
            "+34911230100",
            "+4915123456789",
            "+493023125100",
        ] {
            assert!(E164::parse(number).unwrap().is_dialable(), "{number}");
        }
        for number in [
            "+34803123456",
            "+499001234567",
            "+881612345678",
            "+15555550100",
        ] {
            assert!(!E164::parse(number).unwrap().is_dialable(), "{number}");
        }
    }

    #[test]
    fn no_number_reaches_a_log() {
        let number = E164::parse("+4930901820").unwrap();
        assert_eq!(format!("{number:?}"), "E164(…20)");
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_and_reads_back(text in "[+0-9 ()./-]{0,24}|.{0,24}") {
            if let Ok(number) = E164::parse(&text) {
                prop_assert_eq!(E164::parse(number.as_str()), Ok(number.clone()));
                prop_assert!(number.as_str().len() <= 16);
            }
        }
    }
}
