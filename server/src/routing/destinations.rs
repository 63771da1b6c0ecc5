//! Where a call is transferred to: the first of those who are meant that is there. Pure.

use api::routing::{Destination, DestinationDetails};
use jiff::tz::TimeZone;

use crate::invalid::{Invalid, checked_name};
use crate::phone::E164;
use crate::tenants::BusinessHours;

/// The variable of a call that says where it is handed over to.
pub const TRANSFER_TO: &str = "transfer_to";
/// Retell's own tool that does so, as agents have it.
pub const TRANSFER_NOW: &str = "transfer_now";

const SIP_MAX_CHARS: usize = 255;

/// What a caller who wants somebody gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transfer<'a> {
    /// This one is there.
    To(&'a Destination),
    /// None of those who are meant is there before this time (Unix ms), if it is known.
    Nobody(Option<i64>),
    /// It is their time, and none of them is ready for calls; who, where it is one.
    NotReady(Option<&'a Destination>),
}

/// A destination as it is kept.
///
/// # Errors
/// With what is wrong.
pub fn checked(mut details: DestinationDetails) -> Result<DestinationDetails, Invalid> {
    let name = checked_name(&details.name);
    details.name = name.ok_or_else(|| Invalid::of("name", "name has 1 to 100 characters."))?;
    details.to = address(details.to.trim())?;
    if let Some(hours) = &details.hours {
        BusinessHours::try_from(hours)?;
    }
    Ok(details)
}

fn address(to: &str) -> Result<String, Invalid> {
    if let Some(rest) = to.strip_prefix("sip:").or_else(|| to.strip_prefix("sips:")) {
        let plain = |c: char| c.is_ascii_graphic() && !"<>{}\"".contains(c);
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        if to.len() > SIP_MAX_CHARS || host.is_empty() || !to.chars().all(plain) {
            return Err(Invalid::of("to", "to is no SIP address."));
        }
        return Ok(to.to_owned());
    }
    let number = E164::parse(to).map_err(|error| Invalid::of("to", format!("to: {error}.")))?;
    if !number.is_dialable() {
        return Err(Invalid::of("to", "to is of a kind that is not dialled."));
    }
    Ok(number.to_string())
}

/// Who is there at a moment (Unix ms) of those that are meant: by their name or number, or
/// all of them where nobody is called so. `all` is in its order; of the same place in it, who
/// is `ready` by their own word goes before those of whom nobody knows.
#[must_use]
pub fn choose<'a>(
    all: &'a [Destination],
    meant: Option<&str>,
    ready: impl Fn(&str) -> bool,
    business: &BusinessHours,
    zone: &TimeZone,
    now: i64,
) -> Transfer<'a> {
    let active: Vec<_> = all.iter().filter(|it| it.details.active).collect();
    let named = meant.map(|meant| meant.trim().to_lowercase());
    let named = named.filter(|meant| !meant.is_empty());
    let is_meant = |it: &&&Destination| {
        let name = it.details.name.to_lowercase();
        named.as_ref().is_some_and(|meant| {
            name.contains(meant)
                || meant.contains(&name)
                || it.details.to.eq_ignore_ascii_case(meant)
        })
    };
    let mut fits: Vec<_> = active.iter().filter(is_meant).copied().collect();
    if fits.is_empty() {
        fits = active;
    }
    // What was kept was checked.
    let hours = |it: &Destination| {
        let own = it.details.hours.as_ref();
        own.and_then(|hours| BusinessHours::try_from(hours).ok())
            .unwrap_or_else(|| business.clone())
    };
    let open: Vec<_> = fits
        .iter()
        .filter(|it| hours(it).is_open(now, zone))
        .copied()
        .collect();
    let is_ready = |it: &Destination| it.details.person.as_deref().map(&ready);
    let there = open.iter().filter(|it| is_ready(it) != Some(false));
    if let Some(there) = there.min_by_key(|it| (it.details.order, is_ready(it).is_none())) {
        return Transfer::To(there);
    }
    match open[..] {
        [] => {}
        [one] => return Transfer::NotReady(Some(one)),
        _ => return Transfer::NotReady(None),
    }
    let openings = fits
        .iter()
        .filter_map(|it| hours(it).next_opening(now, zone));
    Transfer::Nobody(openings.min())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn destination(name: &str, to: &str, from: Option<&str>) -> Destination {
        let day = from.map(|from| json!([{"from": from, "to": "18:00"}]));
        let hours = day.map(|day| json!({"week": [day, day, day, day, day, day, day]}));
        let details = json!({"name": name, "to": to, "hours": hours});
        Destination {
            id: name.to_owned(),
            details: checked(serde_json::from_value(details).unwrap()).unwrap(),
            revision: 0,
        }
    }

    fn at(hour: i8) -> i64 {
        let moment = jiff::civil::date(2026, 11, 30).at(hour, 0, 0, 0);
        let moment = moment.to_zoned(TimeZone::UTC).unwrap();
        moment.timestamp().as_millisecond()
    }

    #[test]
    fn the_first_of_those_who_are_meant_is_taken_if_they_are_there() {
        let mut all = vec![
            destination("Sales", "+49 30 901820", Some("10:00")),
            destination("Sales, Ana", "sip:ana@example.com", Some("09:00")),
            destination("Reception", "+4930901821", None),
        ];
        let business: BusinessHours = serde_json::from_value(
            json!({"week": [[{"from": "07:00", "to": "18:00"}], [], [], [], [], [], []]}),
        )
        .unwrap();
        let choose = |all: &[Destination], meant: &str, hour| match choose(
            all,
            Some(meant),
            |_| true,
            &business,
            &TimeZone::UTC,
            at(hour),
        ) {
            Transfer::To(it) => Ok(it.id.clone()),
            Transfer::Nobody(opens) => Err(opens),
            Transfer::NotReady(_) => unreachable!("nobody says so"),
        };
        assert_eq!(
            choose(&all, "the sales department", 11),
            Ok("Sales".to_owned())
        );
        assert_eq!(choose(&all, "sales", 9), Ok("Sales, Ana".to_owned()));
        assert_eq!(choose(&all, "sales", 8), Err(Some(at(9))));
        assert_eq!(choose(&all, "a human", 8), Ok("Reception".to_owned()));
        assert_eq!(choose(&all, "+4930901821", 8), Ok("Reception".to_owned()));
        all[2].details.active = false;
        assert_eq!(choose(&all, "", 8), Err(Some(at(9))));
        assert_eq!(choose(&[], "sales", 8), Err(None));
    }

    #[test]
    fn a_person_is_tried_only_while_they_are_ready_and_before_others_of_the_same_place() {
        let person = |name: &str, to: &str| {
            let mut it = destination(name, to, None);
            it.details.person = Some(name.to_owned());
            it
        };
        let mut all = [
            destination("Reception", "+4930901821", None),
            person("Ana", "sip:ana@example.com"),
            person("Ben", "sip:ben@example.com"),
        ];
        let always: BusinessHours = serde_json::from_value(json!({})).unwrap();
        let choose = |all: &[Destination], meant: &str, ready: &[&str]| {
            let is_ready = |who: &str| ready.contains(&who);
            let zone = &TimeZone::UTC;
            match choose(all, Some(meant), is_ready, &always, zone, at(9)) {
                Transfer::To(it) => it.id.clone(),
                Transfer::NotReady(one) => format!("not {}", one.map_or("any", |it| &it.id)),
                Transfer::Nobody(_) => unreachable!("it is always open"),
            }
        };
        assert_eq!(choose(&all, "somebody", &[]), "Reception");
        assert_eq!(choose(&all, "somebody", &["Ben"]), "Ben");
        assert_eq!(choose(&all, "Ana", &["Ben"]), "not Ana");
        assert_eq!(choose(&all[1..], "somebody", &[]), "not any");
        // Whoever set the order knows better.
        all[1].details.order = 1;
        assert_eq!(choose(&all, "somebody", &["Ana"]), "Reception");
    }

    #[test]
    fn a_destination_is_a_number_that_is_dialled_or_a_sip_address() {
        for (to, kept) in [
            ("0049 30 901820", Some("+4930901820")),
            (
                "sip:ana@example.com;transport=tls",
                Some("sip:ana@example.com;transport=tls"),
            ),
            ("+34803123456", None),
            ("sip:ana@", None),
            ("sip:a b@example.com", None),
            ("https://example.com", None),
        ] {
            assert_eq!(address(to).ok().as_deref(), kept, "{to}");
        }
    }
}
