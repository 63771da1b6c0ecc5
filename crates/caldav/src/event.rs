//! An event of ours, as it is written.

use std::fmt;

use calcard::common::PartialDateTime;
use calcard::icalendar::{
    ICalendar, ICalendarComponent, ICalendarComponentType, ICalendarParameter, ICalendarProperty,
    ICalendarValue, ICalendarValueType,
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
        write!(f, "{}", whole(calendar(), [self]))
    }
}

/// Events as a calendar elsewhere reads them again and again.
#[derive(Debug)]
pub struct Feed {
    /// What the calendar is called there.
    pub name: String,
    /// All that is in it.
    pub events: Vec<Event>,
}

impl fmt::Display for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// How often it is worth looking again.
        const AGAIN: &str = "PT15M";
        let mut calendar = calendar();
        // What the standard calls it, and what the calendars people have read.
        let named = |name: &str| ICalendarProperty::Other(name.to_owned());
        calendar.add_property(ICalendarProperty::Method, text("PUBLISH"));
        calendar.add_property(ICalendarProperty::Name, text(&self.name));
        calendar.add_property(named("X-WR-CALNAME"), text(&self.name));
        let duration = ICalendarParameter::value(ICalendarValueType::Duration);
        calendar.add_property_with_params(
            ICalendarProperty::RefreshInterval,
            [duration],
            text(AGAIN),
        );
        calendar.add_property(named("X-PUBLISHED-TTL"), text(AGAIN));
        write!(f, "{}", whole(calendar, &self.events))
    }
}

fn text(text: &str) -> ICalendarValue {
    ICalendarValue::Text(text.to_owned())
}

/// A calendar with nothing in it.
fn calendar() -> ICalendarComponent {
    let mut calendar = ICalendarComponent::new(ICalendarComponentType::VCalendar);
    calendar.add_property(ICalendarProperty::Version, text("2.0"));
    calendar.add_property(
        ICalendarProperty::Prodid,
        text("-//Switchboard//Bookings//EN"),
    );
    calendar
}

fn component(event: &Event) -> ICalendarComponent {
    let moment = |ms: i64| PartialDateTime::from_utc_timestamp(ms.div_euclid(1000));
    let mut component = ICalendarComponent::new(ICalendarComponentType::VEvent);
    component.add_uid(&event.uid);
    component.add_dtstamp(moment(event.changed_at));
    component.add_property(ICalendarProperty::Dtstart, moment(event.from));
    component.add_property(ICalendarProperty::Dtend, moment(event.to));
    component.add_property(ICalendarProperty::Summary, text(&event.summary));
    if !event.description.is_empty() {
        component.add_property(ICalendarProperty::Description, text(&event.description));
    }
    component
}

/// The calendar with these in it.
fn whole<'a>(
    mut calendar: ICalendarComponent,
    events: impl IntoIterator<Item = &'a Event>,
) -> ICalendar {
    let events: Vec<_> = events.into_iter().map(component).collect();
    calendar.component_ids.extend(1..=events.len() as u32);
    let mut components = vec![calendar];
    components.extend(events);
    ICalendar { components }
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

    #[test]
    fn a_feed_holds_all_of_them_and_says_what_it_is() {
        let event = |uid: &str, from: i64| Event {
            uid: uid.to_owned(),
            from,
            to: from + 1_800_000,
            changed_at: from,
            summary: "Haircut: Ana".to_owned(),
            description: String::new(),
        };
        let start = 1_796_893_200_000;
        let feed = Feed {
            name: "Ada, of Sonnenschein".to_owned(),
            events: vec![event("one@x", start), event("two@x", start + 3_600_000)],
        };
        let ics = feed.to_string();
        assert!(
            ics.contains("X-WR-CALNAME:Ada\\, of Sonnenschein\r\n"),
            "{ics}"
        );
        assert!(
            ics.contains("REFRESH-INTERVAL;VALUE=DURATION:PT15M\r\n"),
            "{ics}"
        );
        let around = (start - 86_400_000, start + 86_400_000);
        let read = busy::read(&[ics], around, &jiff::tz::TimeZone::UTC).unwrap();
        let uids: Vec<_> = read.busy.iter().map(|it| it.uid.as_str()).collect();
        assert_eq!(uids, ["one@x", "two@x"]);
        let none = Feed {
            events: Vec::new(),
            ..feed
        };
        assert!(none.to_string().ends_with("END:VCALENDAR\r\n"));
    }
}
