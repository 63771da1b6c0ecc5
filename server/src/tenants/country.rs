//! Which country a business is in, by its time zone.

/// A line for each name of a time zone, and its country's code.
const ZONES: &str = include_str!("country.tab");

/// The country of a time zone (ISO 3166-1 alpha-2); `None` for zones of no
/// country, such as `UTC`.
#[must_use]
pub fn of_timezone(timezone: &str) -> Option<&'static str> {
    let mut zones = ZONES.lines().filter(|line| !line.starts_with('#'));
    zones.find_map(|line| {
        let (zone, country) = line.split_once(' ')?;
        (zone == timezone).then_some(country)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_tells_its_country() {
        for (zone, country) in [
            ("Europe/Madrid", Some("ES")),
            ("Atlantic/Canary", Some("ES")),
            ("Europe/Berlin", Some("DE")),
            ("America/New_York", Some("US")),
            ("America/Argentina/Buenos_Aires", Some("AR")),
            // Names that browsers and people use, though the database has newer ones.
            ("Asia/Calcutta", Some("IN")),
            ("Europe/Kiev", Some("UA")),
            ("America/Buenos_Aires", Some("AR")),
            ("Asia/Saigon", Some("VN")),
            ("US/Eastern", Some("US")),
            ("Iceland", Some("IS")),
            ("America/Coyhaique", Some("CL")),
            ("UTC", None),
            ("", None),
            ("#", None),
        ] {
            assert_eq!(of_timezone(zone), country, "{zone}");
        }
    }

    #[test]
    fn every_country_has_telephone_numbers() {
        let zones = ZONES.lines().filter(|line| !line.starts_with('#'));
        for line in zones {
            let (zone, country) = line.split_once(' ').unwrap();
            // Nobody lives there.
            if !matches!(country, "AQ" | "TF" | "GS" | "PN" | "UM") {
                assert!(crate::phone::is_country(country), "{zone}");
            }
        }
    }
}
