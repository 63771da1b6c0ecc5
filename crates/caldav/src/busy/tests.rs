use proptest::prelude::*;

use super::*;

const ZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:Europe/Copenhagen\r\nBEGIN:STANDARD\r\n\
    DTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\n\
    DTSTART:19700329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";

fn at(moment: &str) -> i64 {
    moment.parse::<Timestamp>().unwrap().as_millisecond()
}

fn event(lines: &str) -> String {
    let lines = lines.replace('\n', "\r\n");
    format!("BEGIN:VEVENT\r\nUID:e\r\nDTSTAMP:20261101T000000Z\r\n{lines}\r\nEND:VEVENT\r\n")
}

fn calendar(events: &[&str]) -> String {
    let events: String = events.iter().map(|it| event(it)).collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{ZONE}{events}END:VCALENDAR\r\n")
}

fn read_in(events: &[&str], time: (&str, &str), zone: &str) -> Reading {
    let time = (at(time.0), at(time.1));
    read(&[calendar(events)], time, &TimeZone::get(zone).unwrap()).unwrap()
}

/// As `from/to`, in a business in Copenhagen and December.
fn december(events: &[&str]) -> Vec<String> {
    let time = ("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
    let read = read_in(events, time, "Europe/Copenhagen");
    assert_eq!(read.unread, 0, "{events:?}");
    let shown = |ms| {
        Timestamp::from_millisecond(ms)
            .unwrap()
            .strftime("%dT%H:%M")
            .to_string()
    };
    let times = read.busy.iter();
    times
        .map(|it| format!("{}/{}", shown(it.from), shown(it.to)))
        .collect()
}

#[test]
fn a_time_is_where_its_zone_says() {
    for (lines, expected) in [
        (
            "DTSTART:20261207T090000Z\nDTEND:20261207T093000Z",
            "07T09:00/07T09:30",
        ),
        (
            "DTSTART;TZID=Europe/Copenhagen:20261208T100000\nDURATION:PT45M",
            "08T09:00/08T09:45",
        ),
        // As Outlook calls it, and as nobody does.
        (
            "DTSTART;TZID=Romance Standard Time:20261208T100000\nDURATION:PT1H",
            "08T09:00/08T10:00",
        ),
        (
            "DTSTART;TZID=Where we are:20261208T100000\nDURATION:PT1H",
            "08T09:00/08T10:00",
        ),
        (
            "DTSTART:20261209T100000\nDTEND:20261209T103000",
            "09T09:00/09T09:30",
        ),
        (
            "DTSTART;VALUE=DATE:20261210\nDTEND;VALUE=DATE:20261212",
            "09T23:00/11T23:00",
        ),
        ("DTSTART;VALUE=DATE:20261210", "09T23:00/10T23:00"),
        (
            "DTSTART:20261211T130000Z\nDURATION:PT45M\nSTATUS:TENTATIVE",
            "11T13:00/11T13:45",
        ),
    ] {
        assert_eq!(december(&[lines]), [expected], "{lines}");
    }
}

#[test]
fn what_keeps_nobody_busy_is_left_out() {
    for lines in [
        "DTSTART:20261207T090000Z\nDTEND:20261207T093000Z\nTRANSP:TRANSPARENT",
        "DTSTART:20261207T090000Z\nDTEND:20261207T093000Z\nSTATUS:CANCELLED",
        // It has no end: it is over when it begins.
        "DTSTART:20261207T090000Z",
        "DTSTART:20261207T093000Z\nDTEND:20261207T090000Z",
        "DTSTART:20261130T220000Z\nDTEND:20261201T000000Z",
    ] {
        assert_eq!(december(&[lines]), [""; 0], "{lines}");
    }
}

#[test]
fn what_repeats_does_so_on_the_clock_of_its_zone() {
    let weekly = "DTSTART;TZID=Europe/Copenhagen:20261005T080000\n\
        DTEND;TZID=Europe/Copenhagen:20261005T090000\nSEQUENCE:1\n\
        RRULE:FREQ=WEEKLY;BYDAY=MO\nEXDATE;TZID=Europe/Copenhagen:20261214T080000";
    let moved = "RECURRENCE-ID;TZID=Europe/Copenhagen:20261207T080000\nSEQUENCE:4\n\
        DTSTART;TZID=Europe/Copenhagen:20261207T110000\n\
        DTEND;TZID=Europe/Copenhagen:20261207T120000";
    let dropped = "RECURRENCE-ID;TZID=Europe/Copenhagen:20261221T080000\nSTATUS:CANCELLED\n\
        DTSTART;TZID=Europe/Copenhagen:20261221T080000\n\
        DTEND;TZID=Europe/Copenhagen:20261221T090000";
    let times = december(&[weekly, moved, dropped]);
    assert_eq!(times, ["07T10:00/07T11:00", "28T07:00/28T08:00"]);
    // In summer it was an hour earlier in UTC.
    let october = ("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z");
    let read = read_in(&[weekly], october, "Europe/Copenhagen");
    let begins: Vec<_> = read.busy.iter().map(|it| it.from).collect();
    let expected =
        ["05T06", "12T06", "19T06", "26T07"].map(|it| at(&format!("2026-10-{it}:00:00Z")));
    assert_eq!(begins, expected);
}

#[test]
fn the_last_time_is_said_in_utc() {
    let lines = "DTSTART;TZID=Europe/Copenhagen:20261207T080000\nDURATION:PT1H\n\
        RRULE:FREQ=WEEKLY;UNTIL=20261221T070000Z";
    let times = december(&[lines]);
    assert_eq!(
        times,
        [
            "07T07:00/07T08:00",
            "14T07:00/14T08:00",
            "21T07:00/21T08:00"
        ]
    );
    let lines = "DTSTART;VALUE=DATE:20261207\nRRULE:FREQ=DAILY;UNTIL=20261208";
    assert_eq!(
        december(&[lines]),
        ["06T23:00/07T23:00", "07T23:00/08T23:00"]
    );
    let lines = "DTSTART:20261207T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=2";
    assert_eq!(
        december(&[lines]),
        ["07T08:00/07T09:00", "08T08:00/08T09:00"]
    );
    let lines = "DTSTART:20261207T080000Z\nDURATION:PT1H\nRDATE:20261209T120000Z";
    assert_eq!(
        december(&[lines]),
        ["07T08:00/07T09:00", "09T12:00/09T13:00"]
    );
}

#[test]
fn a_day_without_midnight_is_a_day_all_the_same() {
    // In Beirut the clocks skip it.
    let time = ("2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z");
    let read = read_in(&["DTSTART;VALUE=DATE:20260329"], time, "Asia/Beirut");
    let [day] = &read.busy[..] else {
        panic!("{read:?}")
    };
    assert_eq!(
        (day.from, day.to),
        (at("2026-03-28T22:00:00Z"), at("2026-03-29T21:00:00Z"))
    );
}

#[test]
fn what_repeats_for_ever_is_read_to_the_end_of_the_time() {
    let daily = "DTSTART:19950101T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY";
    assert_eq!(december(&[daily]).len(), 31);
    let every_second = "DTSTART:20260101T080000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY";
    let time = (at("2026-12-01T00:00:00Z"), at("2026-12-02T00:00:00Z"));
    let read = read(&[calendar(&[every_second])], time, &TimeZone::UTC);
    assert_eq!(read, Err(Error::TooMuch));
}

#[test]
fn what_cannot_be_understood_is_counted() {
    let time = ("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
    assert_eq!(read_in(&["SUMMARY:no time"], time, "UTC").unread, 1);
    let none = read(&["nonsense".to_owned()], (0, 1), &TimeZone::UTC).unwrap();
    assert_eq!(none.unread, 1);
}

#[test]
fn a_time_is_asked_for_with_whole_days_around_it() {
    let time = (at("2026-12-07T09:00:00Z"), at("2026-12-07T09:30:00Z"));
    let asked = query(whole_days(time));
    let range = r#"start="20261206T000000Z" end="20261209T000000Z""#;
    assert!(asked.contains(range), "{asked}");
}

proptest! {
    #[test]
    fn anything_is_read_without_harm(
        lines in proptest::collection::vec(
            "(DTSTART|DTEND|RRULE|EXDATE|RDATE|DURATION|RECURRENCE-ID|TRANSP)\
             (;TZID=Europe/Copenhagen|;VALUE=DATE)?:[A-Z0-9=;,+-]{0,40}", 0..8),
    ) {
        let event = lines.join("\n");
        let time = (at("2026-12-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
        if let Ok(read) = read(&[calendar(&[&event])], time, &TimeZone::UTC) {
            for it in &read.busy {
                prop_assert!(it.from < it.to && it.from < time.1 && it.to > time.0);
            }
        }
    }
}

/// One of several calendars with something of the others in a few places.
fn mixed(seeds: &[String], edits: &[(usize, usize, usize, usize)]) -> String {
    let mut mixed = seeds[edits.len() % seeds.len()].clone().into_bytes();
    for &(from, lasts, of, at) in edits {
        let other = seeds[of % seeds.len()].as_bytes();
        let from = from % (mixed.len() + 1);
        let to = (from + lasts).min(mixed.len());
        let at = at % other.len();
        let piece = &other[at..(at + lasts).min(other.len())];
        mixed.splice(from..to, piece.iter().copied());
    }
    String::from_utf8_lossy(&mixed).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn calendars_that_are_broken_are_read_without_harm(
        edits in proptest::collection::vec((any::<usize>(), 0..24usize, any::<usize>(), any::<usize>()), 1..7),
    ) {
        let seeds = [
            calendar(&["DTSTART;TZID=Europe/Copenhagen:20261005T080000\nDURATION:PT1H\nSEQUENCE:1\n\
                RRULE:FREQ=WEEKLY;BYDAY=MO,-1FR;UNTIL=20271221T070000Z;INTERVAL=2\n\
                EXDATE;TZID=Europe/Copenhagen:20261214T080000"]),
            calendar(&["DTSTART;VALUE=DATE:20260229\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1;COUNT=7",
                "RECURRENCE-ID;VALUE=DATE:20280229\nDTSTART:99991231T235960Z\nDTEND:00000101T000000Z"]),
            calendar(&["DTSTART:20261207T080000Z\nDURATION:-P99999999W\n\
                RDATE;VALUE=PERIOD:20261209T120000Z/PT1H,20261210T120000Z/20261210T130000Z",
                "DTSTART:20261207T080000Z\nRRULE:FREQ=MINUTELY;BYSETPOS=-366;BYHOUR=25;BYYEARDAY=-366"]),
        ];
        let time = (at("2026-12-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
        let zone = TimeZone::get("Europe/Copenhagen").unwrap();
        let _ = read(&[mixed(&seeds, &edits)], time, &zone);
    }
}
