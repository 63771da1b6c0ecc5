//! What is made of a linked calendar, and of what Cal.com tells, up to the database.

use jiff::tz::TimeZone;

/// When it is read (Unix ms): a month.
const TIME: (i64, i64) = (1_796_083_200_000, 1_798_761_600_000);

/// A calendar object.
pub fn calendar(bytes: &[u8]) {
    let object = String::from_utf8_lossy(bytes).into_owned();
    let zone = TimeZone::get("America/Santiago").unwrap_or(TimeZone::UTC);
    let Ok(read) = caldav::busy::read(&[object], TIME, &zone) else {
        return;
    };
    for busy in read.busy {
        assert!(busy.from < busy.to, "what takes no time keeps nobody");
        let within = busy.from < TIME.1 && busy.to > TIME.0;
        assert!(within, "what is not in the time keeps nobody in it");
    }
}

/// A webhook of Cal.com: its signature in the first line, of what follows.
pub fn calcom(bytes: &[u8]) {
    const SECRET: &str = "secret of the business";
    let text = String::from_utf8_lossy(bytes);
    let (signature, body) = text.split_once('\n').unwrap_or((&text, ""));
    let body = body.as_bytes();
    let is_signed = |body: &[u8], by: &str| ::calcom::hook::is_signed(SECRET, body, by);
    assert!(!is_signed(body, signature), "nobody has the secret");
    let ours = ::calcom::hook::sign(SECRET, body);
    assert!(is_signed(body, &ours) && !is_signed(&[body, b" "].concat(), &ours));
    if let Some(uid) = ::calcom::hook::about(body) {
        let path = format!("/v2/bookings/{uid}");
        assert_eq!(
            path.split('/').count(),
            4,
            "it stays one part of an address"
        );
        assert!(!path.contains(['?', '#', '%', '.']), "{path}");
    }
}
