//! An event of ours, as it is written.

use std::fmt;

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarProperty, ICalendarValue,
};

/// An event. Its times are written as moments, which need no time zone to be described.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    /// What it is known by, everywhere and for ever.
    pub uid: String,
    /// When it begins (Unix ms).
    pub from: i64,
    /// When it ends (Unix ms).
    pub to: i64,
    /// When it was changed (Unix ms).
    pub changed_at: i64,
    /// What people see.
    pub summary: String,
    /// What they see when they look closer.
    pub description: String,
}

impl fmt::Debug for Event {
    /// Leaves out what it is about.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Event");
        shown.field("from", &self.from).field("to", &self.to);
        shown.finish_non_exhaustive()
    }
}

impl fmt::Display for Event {
    /// As a calendar that holds it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = |ms: i64| PartialDateTime::from_utc_timestamp(ms.div_euclid(1000));
        let text = |text: &str| ICalendarValue::Text(text.to_owned());
        let mut calendar = ICalendarComponent::new(ICalendarComponentType::VCalendar);
        calendar.add_property(ICalendarProperty::Version, text("2.0"));
        calendar.add_property(
            ICalendarProperty::Prodid,
            text("-//Switchboard//Bookings//EN"),
        );
        calendar.component_ids.push(1);
        let mut event = ICalendarComponent::new(ICalendarComponentType::VEvent);
        event.add_uid(&self.uid);
        event.add_dtstamp(moment(self.changed_at));
        event.add_property(ICalendarProperty::Dtstart, moment(self.from));
        event.add_property(ICalendarProperty::Dtend, moment(self.to));
        event.add_property(ICalendarProperty::Summary, text(&self.summary));
        if !self.description.is_empty() {
            event.add_property(ICalendarProperty::Description, text(&self.description));
        }
        let whole = ICalendar {
            components: vec![calendar, event],
        };
        write!(f, "{whole}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::busy;

    #[test]
    fn what_is_written_is_read_again() {
        let event = Event {
            uid: "one@example.com".to_owned(),
            from: 1_796_893_200_000,
            to: 1_796_895_000_000,
            changed_at: 1_796_000_000_000,
            summary: "Haircut, long; with \\ and ü: Ana\nX-EVIL:1".to_owned(),
            description: "é".repeat(300),
        };
        let ics = event.to_string();
        assert!(ics.starts_with("BEGIN:VCALENDAR\r\n"), "{ics}");
        assert!(ics.ends_with("END:VCALENDAR\r\n"), "{ics}");
        assert!(ics.lines().all(|line| line.len() <= 77), "{ics}");
        assert!(!ics.contains("\nX-EVIL"), "{ics}");
        let around = (event.from - 86_400_000, event.to + 86_400_000);
        let read = busy::read(&[ics], around, &jiff::tz::TimeZone::UTC).unwrap();
        assert_eq!(read.unread, 0);
        let [one] = &read.busy[..] else {
            panic!("{read:?}")
        };
        assert_eq!(
            (one.uid.as_str(), one.from, one.to),
            ("one@example.com", event.from, event.to)
        );
    }
}
