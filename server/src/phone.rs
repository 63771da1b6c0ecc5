//! Telephone numbers, as E.164 everywhere inside. The one place that knows the
//! library which reads what people write.

use std::fmt;
use std::str::FromStr;

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

/// The text is no telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no telephone number in international form, such as +49 30 901820")]
pub struct NotANumber;

impl E164 {
    /// Reads a number in international form, as people write it: with spaces,
    /// hyphens and brackets, beginning with `+` or `00`.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, NotANumber> {
        let text = text.trim();
        let international = match text.strip_prefix("00") {
            Some(rest) => format!("+{rest}"),
            None => text.to_owned(),
        };
        read(&international, None)
    }

    /// Reads a number as it is dialled within a country (ISO 3166-1 alpha-2,
    /// such as `DE`), or in international form.
    ///
    /// # Errors
    /// When it is neither.
    pub fn parse_in(text: &str, country: &str) -> Result<Self, NotANumber> {
        let country = Region::from_str(country).map_err(|_| NotANumber)?;
        read(text.trim(), Some(country))
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

/// Whether numbers can be read as of this country (ISO 3166-1 alpha-2).
#[must_use]
pub fn is_country(code: &str) -> bool {
    // Where nobody knows which, the library says ZZ.
    code != "ZZ" && Region::from_str(code).is_ok()
}

fn read(text: &str, country: Option<Region>) -> Result<E164, NotANumber> {
    // Letters stand for digits in advertisements, and an extension cannot be kept.
    if text.chars().any(char::is_alphabetic) {
        return Err(NotANumber);
    }
    let number = PhoneNumber::parse(text, country).map_err(|_| NotANumber)?;
    if !PHONE_NUMBER_UTIL.is_possible_number(&number) {
        return Err(NotANumber);
    }
    let e164 = number.format_as(PhoneNumberFormat::E164).into_owned();
    let digits = e164.strip_prefix('+').ok_or(NotANumber)?;
    let plain = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if plain {
        Ok(E164(e164))
    } else {
        Err(NotANumber)
    }
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
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
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
        ] {
            assert_eq!(E164::parse(text).unwrap().as_str(), "+4930901820", "{text}");
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
            "+49 30 901820 ext. 5",
            "\0",
        ] {
            assert_eq!(E164::parse(text), Err(NotANumber), "{text:?}");
        }
        assert_eq!(E164::parse_in("030 901820", "Germany"), Err(NotANumber));
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
