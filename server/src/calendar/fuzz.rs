//! What is made of a linked calendar, up to the database.

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
