//! What comes from outside, each a function of any bytes, none of which may make it
//! panic or break its word. `cargo xtask fuzz` looks for those that do; the tests try
//! the corpus in `fuzz/`, and a few thousand inputs made from it.

use api::calls::{CallQuery, Number};
use axum::extract::Query;
use jiff::tz::TimeZone;
use retell::signature::{self, SignatureError};
use standardwebhooks::Webhook;

use crate::callbacks::slots;
use crate::calls::{CallCursor, CallFilter, moment};
use crate::keys::origins;
use crate::notify::sign;
use crate::phone::{self, E164};
use crate::signed::Signer;
use crate::tenants::{BusinessHours, checked_timezone};
pub use crate::{
    calendar::fuzz::calcom, calendar::fuzz::calendar, contacts::fuzz::contacts, crm::fuzz::crm,
    functions::fuzz::function, inbox::fuzz::webhook, live::fuzz::monitor, sms::fuzz::sms,
};

/// When it is (Unix ms).
const NOW: i64 = 1_790_000_000_000;

/// A name, which its corpus has too, and what is done with its input.
pub type Target = (&'static str, fn(&[u8]));

/// All but the offers, which the emulator reads.
pub const TARGETS: [Target; 12] = [
    ("webhook", webhook),
    ("function", function),
    ("sms", sms),
    ("crm", crm),
    ("calendar", calendar),
    ("calcom", calcom),
    ("contacts", contacts),
    ("signature", signature),
    ("monitor", monitor),
    ("phone", phone),
    ("filter", filter),
    ("time", time),
];

/// The first line and the rest.
fn parts(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

/// A signature in the first line, of what follows: Retell's, or a token of ours; and
/// what we sign for others.
pub fn signature(bytes: &[u8]) {
    const KEY: &str = "key_of_the_server";
    let text = String::from_utf8_lossy(bytes);
    let (header, body) = parts(&text);
    let now = NOW.unsigned_abs();
    let verified = signature::verify(body.as_bytes(), KEY, header, now);
    let checked = signature::check_header(header, now);
    assert!(verified.is_err(), "nobody but us has the key");
    assert_eq!(signature::signed_at(header).is_some(), {
        let unreadable = [SignatureError::Missing, SignatureError::Malformed];
        !unreadable.iter().any(|error| checked == Err(*error))
    });
    let signed = signature::sign(body.as_bytes(), KEY, now);
    let verify = |body: &[u8]| signature::verify(body, KEY, &signed, now);
    assert_eq!(verify(body.as_bytes()), Ok(()));
    let longer = [body.as_bytes(), b" "].concat();
    assert_eq!(verify(&longer), Err(SignatureError::Mismatch));

    let signer = Signer::new(KEY.as_bytes());
    assert!(signer.verify_call_ticket(header, body, NOW).is_err());
    assert!(signer.verify_panel_nonce(header, body, NOW).is_err());
    assert!(signer.verify_callback_form(header, body, NOW).is_err());
    assert!(signer.verify_setup_token(header, NOW).is_err());
    let ticket = signer.call_ticket(body, NOW);
    assert_eq!(signer.verify_call_ticket(&ticket, body, NOW), Ok(()));
    assert!(signer.verify_panel_nonce(&ticket, body, NOW).is_err());

    let secret = sign::new_secret();
    let ours = sign::signature(std::slice::from_ref(&secret), header, NOW / 1000, body);
    let theirs = Webhook::new(secret.expose())
        .and_then(|receiver| receiver.sign(header, NOW / 1000, body.as_bytes()));
    assert_eq!(theirs.ok(), Some(ours));
}

/// A telephone number, as people write it.
pub fn phone(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (number, country) = parts(&text);
    let country = if country.is_empty() { "DE" } else { country };
    for read in [E164::parse(number), E164::parse_in(number, country)] {
        let Ok(read) = read else { continue };
        assert_eq!(E164::parse(read.as_str()).as_ref(), Ok(&read), "{number:?}");
        assert_eq!(phone::canonical(read.as_str()), read.as_str());
        assert!(!read.is_dialable() || read.is_valid());
        let _ = (read.country(), read.pretty());
        let whole = Number::parse(read.as_str());
        assert!(whole.is_some_and(|whole| whole.is(read.as_str())));
    }
    let _ = (phone::is_country(country), phone::can_be_called(country));
}

/// The query of a list of calls; the first line is a cursor or an origin.
pub fn filter(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (first, query) = parts(&text);
    if let Ok(cursor) = first.parse::<CallCursor>() {
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }
    // A page is always on a list that names it.
    if origins::is_pattern(first) && !first.contains('*') {
        assert!(origins::allows(&[first.to_owned()], first));
    }
    let mut by_name = CallQuery::default();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        by_name.set(name, value);
    }
    let parsed = format!("/?{query}").parse().ok();
    let parsed = parsed.and_then(|uri| Query::<CallQuery>::try_from_uri(&uri).ok());
    for query in [Some(by_name), parsed.map(|Query(query)| query)] {
        for zone in ["Europe/Berlin", "nowhere"] {
            let _ = query.as_ref().map(|query| CallFilter::of(query, zone));
        }
    }
}

/// A time zone, a moment and hours of business, a line each.
pub fn time(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (zone, rest) = parts(&text);
    let (time, hours) = parts(rest);
    let known = checked_timezone(zone);
    if let Some(known) = &known {
        assert_eq!(checked_timezone(known).as_ref(), Some(known));
    }
    let zone = known.and_then(|zone| TimeZone::get(&zone).ok());
    let zone = zone.unwrap_or(TimeZone::UTC);
    let at = moment(time, NOW, &zone);
    let hours: Option<BusinessHours> = serde_json::from_str(hours).ok();
    let hours = hours.and_then(|hours| hours.checked().ok());
    let hours = hours.unwrap_or_default();
    let offered = slots::first_after(&hours, &zone, NOW);
    assert!(offered.is_none_or(|slot| slot >= NOW));
    if let Some(at) = at {
        let _ = (hours.is_open(at, &zone), hours.next_opening(at, &zone));
        if slots::is_slot(&hours, &zone, at, NOW) {
            assert!(slots::placing(&hours, &zone, at, NOW).is_some_and(|at| at >= NOW));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{self, AssertUnwindSafe};
    use std::path::Path;

    use rand::rngs::StdRng;
    use rand::seq::IndexedRandom as _;
    use rand::{RngExt as _, SeedableRng as _};

    use super::*;

    /// Inputs made for each target.
    const INPUTS: usize = 1000;
    /// What is hard to read.
    const PIECES: [&str; 18] = [
        "\0",
        "\u{202e}",
        "\u{1f44d}",
        "\\ud83d",
        "-9223372036854775808",
        "18446744073709551616",
        "1e999",
        "NaN",
        "null",
        "{}",
        "[[",
        "\"",
        "00",
        "+",
        ":",
        "\r\n",
        "9999-12-31T23:59:60",
        "%00",
    ];

    fn corpus(name: &str) -> Vec<Vec<u8>> {
        let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
        let files = std::fs::read_dir(place.join(name)).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        files
            .iter()
            .map(|file| std::fs::read(file).unwrap())
            .collect()
    }

    /// One of the corpus, changed in a few places.
    fn changed(corpus: &[Vec<u8>], random: &mut StdRng) -> Vec<u8> {
        let any = |random: &mut StdRng| corpus.choose(random).unwrap().clone();
        let mut input = any(random);
        for _ in 0..random.random_range(1..6) {
            let from = random.random_range(0..=input.len());
            let to = random.random_range(from..=input.len().min(from + 16));
            let instead = match random.random_range(0..5) {
                0 => Vec::new(),
                1 => PIECES.choose(random).unwrap().as_bytes().to_vec(),
                2 => vec![random.random(); to - from],
                3 => input[from..to].repeat(3),
                _ => {
                    let other = any(random);
                    other[random.random_range(0..=other.len())..].to_vec()
                }
            };
            input.splice(from..to, instead);
        }
        input
    }

    #[test]
    fn nothing_that_comes_from_outside_makes_it_panic() {
        let seed = std::env::var("SWITCHBOARD_TEST_SEED").map_or_else(
            |_| rand::random(),
            |seed| seed.parse().expect("SWITCHBOARD_TEST_SEED is a number"),
        );
        let offers: Target = ("sdp", emulator::media::offers::take);
        for (name, target) in TARGETS.into_iter().chain([offers]) {
            let mut random = StdRng::seed_from_u64(seed);
            let corpus = corpus(name);
            let made = (0..INPUTS).map(|_| changed(&corpus, &mut random));
            for input in corpus.iter().cloned().chain(made) {
                let done = panic::catch_unwind(AssertUnwindSafe(|| target(&input)));
                let shown = input.escape_ascii();
                assert!(
                    done.is_ok(),
                    "{name}: {shown} (SWITCHBOARD_TEST_SEED={seed})"
                );
            }
        }
    }
}
