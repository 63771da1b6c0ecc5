//! Which numbers are called back. Pure.

use crate::phone::{E164, PhoneError, can_be_called};
use crate::tenants::country;

/// Countries and their territories with numbers of their own, of which nobody
/// there thinks as abroad: part of the country's numbering, or dialled and paid
/// like it. Not all that share a country code are: Jamaica has the code of the
/// United States, and its numbers are a favourite of fraud.
const TERRITORIES: [(&str, &[&str]); 11] = [
    ("AU", &["CC", "CX"]),
    ("CW", &["BQ"]),
    ("FI", &["AX"]),
    ("FR", &["BL", "GF", "GP", "MF", "MQ", "PM", "RE", "YT"]),
    ("GB", &["GG", "IM", "JE"]),
    ("GP", &["BL", "MF"]),
    ("IT", &["VA"]),
    ("MA", &["EH"]),
    ("NO", &["SJ"]),
    ("RE", &["YT"]),
    ("US", &["AS", "GU", "MP", "PR", "VI"]),
];

/// Why a number is not called back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text is no number of the country.
    #[error("this is no telephone number")]
    NotANumber,
    /// It has an extension.
    #[error("extensions cannot be dialled")]
    Extension,
    /// Numbers of its country are not called.
    #[error("numbers of this country are not called")]
    Country,
    /// Premium, shared-cost, satellite and the like, or one of the business's own.
    #[error("the number is not one that is dialled")]
    NotDialable,
}

/// The countries a key calls: its own list, else the business's country by its
/// time zone, else those of its numbers. The business's own comes first.
#[must_use]
pub fn countries(listed: &[String], timezone: &str, own: &[E164]) -> Vec<String> {
    let home = country::of_timezone(timezone);
    let mut countries: Vec<String> = if listed.is_empty() {
        match home {
            Some(home) => vec![home.to_owned()],
            None => own.iter().filter_map(E164::country).collect(),
        }
    } else {
        listed.to_vec()
    };
    countries.retain(|code| can_be_called(code));
    countries.dedup();
    if let Some(at) = countries
        .iter()
        .position(|code| Some(code.as_str()) == home)
    {
        countries[..=at].rotate_right(1);
    }
    countries
}

/// Reads a number as it is written in a country, or in international form, and
/// checks that it is called back.
///
/// # Errors
/// When it is none, or is not called.
pub fn check(
    text: &str,
    country: &str,
    allowed: &[String],
    own: &[E164],
) -> Result<E164, NumberError> {
    let number = read(text, country)?;
    let of = number.country();
    if !of.is_some_and(|of| is_allowed(&of, allowed)) {
        return Err(NumberError::Country);
    }
    if !number.is_dialable() || own.contains(&number) {
        return Err(NumberError::NotDialable);
    }
    Ok(number)
}

/// A number of the country, or of a territory where it is dialled as at home.
fn read(text: &str, country: &str) -> Result<E164, NumberError> {
    let mut outcome = Err(NumberError::NotANumber);
    for place in std::iter::once(country).chain(territories(country).iter().copied()) {
        match E164::parse_in(text, place) {
            // Else a digit is wrong, more likely than not.
            Ok(number) if number.is_valid() => return Ok(number),
            Err(PhoneError::Extension) => outcome = Err(NumberError::Extension),
            _ => {}
        }
    }
    outcome
}

fn territories(country: &str) -> &'static [&'static str] {
    let of = TERRITORIES.iter().find(|(main, _)| *main == country);
    of.map_or(&[], |(_, territories)| territories)
}

fn is_allowed(country: &str, allowed: &[String]) -> bool {
    allowed
        .iter()
        .any(|main| main == country || territories(main).contains(&country))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn list(codes: &[&str]) -> Vec<String> {
        codes.iter().map(|&code| code.to_owned()).collect()
    }

    fn numbers(texts: &[&str]) -> Vec<E164> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_number_is_read_in_any_national_format() {
        let allowed = list(&["ES", "DE", "FR", "US"]);
        for (text, country, e164) in [
            ("612 34 56 78", "ES", "+34612345678"),
            ("(612) 345-678", "ES", "+34612345678"),
            ("+34 612345678", "DE", "+34612345678"),
            ("0034 612 345 678", "DE", "+34612345678"),
            ("030 / 901820", "DE", "+4930901820"),
            ("06 12 34 56 78", "FR", "+33612345678"),
            ("(415) 555-0100", "US", "+14155550100"),
        ] {
            let number = check(text, country, &allowed, &[]).unwrap();
            assert_eq!(number.as_str(), e164, "{text}");
        }
    }

    #[test]
    fn a_country_s_territories_are_called_like_itself() {
        for (country, text, e164) in [
            ("GB", "07911 123456", "+447911123456"),
            ("GB", "07624 312345", "+447624312345"),
            ("GB", "01481 256789", "+441481256789"),
            ("IT", "06 698 12345", "+390669812345"),
            ("US", "(787) 234-5678", "+17872345678"),
            ("FI", "018 12345", "+3581812345"),
            ("NO", "79 12 34 56", "+4779123456"),
            ("FR", "0690 00 12 34", "+590690001234"),
            ("FR", "+262 692 12 34 56", "+262692123456"),
            ("GP", "0690 00 12 34", "+590690001234"),
        ] {
            let number = check(text, country, &list(&[country]), &[]);
            assert_eq!(
                number.map(|it| it.to_string()),
                Ok(e164.to_owned()),
                "{text}"
            );
        }
        // The other way round, and with nothing but the code in common, not.
        for (country, text) in [
            ("GG", "020 7946 0018"),
            ("US", "+1 876 555 0123"),
            ("US", "+1 416 555 0123"),
        ] {
            let refused = check(text, country, &list(&[country]), &[]);
            assert_eq!(refused, Err(NumberError::Country), "{text}");
        }
    }

    #[test]
    fn fraud_s_favourites_are_refused() {
        let allowed = list(&["ES", "US"]);
        let own = numbers(&["+34911230100"]);
        for (text, why) in [
            ("803 123 456", NumberError::NotDialable),
            ("901 123 456", NumberError::NotDialable),
            ("902 123 456", NumberError::NotDialable),
            ("911 23 01 00", NumberError::NotDialable),
            ("+882 16 1234 5678", NumberError::Country),
            ("+1 876 555 0123", NumberError::Country),
            ("+53 5 1234567", NumberError::Country),
            ("+49 30 901820", NumberError::Country),
            ("112", NumberError::NotANumber),
            ("call me", NumberError::NotANumber),
            ("", NumberError::NotANumber),
            ("12 34 56 78 9", NumberError::NotANumber),
            ("612 34 56 78 ext. 5", NumberError::Extension),
        ] {
            assert_eq!(check(text, "ES", &allowed, &own), Err(why), "{text}");
        }
    }

    #[test]
    fn the_countries_are_the_key_s_or_the_business_s_own() {
        assert_eq!(countries(&[], "Europe/Madrid", &[]), ["ES"]);
        assert_eq!(
            countries(&list(&["DE", "PT", "ES"]), "Europe/Madrid", &[]),
            ["ES", "DE", "PT"]
        );
        assert_eq!(countries(&[], "UTC", &numbers(&["+34911230100"])), ["ES"]);
        assert_eq!(countries(&list(&["CU", "DE"]), "UTC", &[]), ["DE"]);
        for code in ["es", "E", "ESP", "CU", "RU", "ZZ", "001"] {
            assert!(!can_be_called(code), "{code}");
        }
    }

    proptest! {
        /// Whatever is typed: what passes is an ordinary number of an allowed
        /// country, and reads back as itself.
        #[test]
        fn what_passes_is_ordinary(text in "[+0-9 ()./-]{0,20}") {
            let allowed = list(&["ES", "DE"]);
            if let Ok(number) = check(&text, "ES", &allowed, &[]) {
                prop_assert!(number.is_dialable());
                prop_assert!(allowed.contains(&number.country().unwrap()));
                prop_assert_eq!(check(number.as_str(), "DE", &allowed, &[]), Ok(number));
            }
        }
    }
}
