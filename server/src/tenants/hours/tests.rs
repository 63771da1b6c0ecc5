use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::clock::MINUTE_MS;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// A moment by the clock in Berlin, such as `2026-11-23T09:00`.
fn berlin(text: &str) -> i64 {
    let civil: jiff::civil::DateTime = text.parse().unwrap();
    let at = civil.to_zoned(zone("Europe/Berlin")).unwrap();
    at.timestamp().as_millisecond()
}

fn utc(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_millisecond()
}

fn hours(value: serde_json::Value) -> BusinessHours {
    let hours: BusinessHours = serde_json::from_value(value).unwrap();
    hours.checked().unwrap()
}

fn office() -> BusinessHours {
    let day = json!([{"from": "09:00", "to": "12:30"}, {"from": "14:00", "to": "18:00"}]);
    hours(json!({
        "week": [day, day, day, day, [{"from": "09:00", "to": "13:00"}], [], []],
        "exceptions": [
            {"date": "2026-12-24", "open": [{"from": "09:00", "to": "12:00"}]},
            {"date": "2026-12-25", "open": []},
        ],
    }))
}

#[test]
fn a_day_opens_and_closes_by_its_clock() {
    let (office, tz) = (office(), zone("Europe/Berlin"));
    // 2026-11-23 is a Monday.
    for (at, open) in [
        ("2026-11-23T08:59", false),
        ("2026-11-23T09:00", true),
        ("2026-11-23T12:29", true),
        ("2026-11-23T12:30", false),
        ("2026-11-23T14:00", true),
        ("2026-11-23T18:00", false),
        ("2026-11-27T13:00", false),
        ("2026-11-28T10:00", false),
        ("2026-12-24T10:00", true),
        ("2026-12-24T15:00", false),
        ("2026-12-25T10:00", false),
    ] {
        assert_eq!(office.is_open(berlin(at), &tz), open, "{at}");
    }
}

#[test]
fn the_next_opening_skips_weekends_and_holidays() {
    let (office, tz) = (office(), zone("Europe/Berlin"));
    for (after, next) in [
        ("2026-11-23T07:00", "2026-11-23T09:00"),
        ("2026-11-23T09:00", "2026-11-23T14:00"),
        ("2026-11-23T20:00", "2026-11-24T09:00"),
        ("2026-11-27T14:00", "2026-11-30T09:00"),
        ("2026-12-24T12:00", "2026-12-28T09:00"),
    ] {
        let found = office.next_opening(berlin(after), &tz);
        assert_eq!(found, Some(berlin(next)), "{after}");
    }
}

#[test]
fn without_hours_a_business_is_always_open_but_for_its_exceptions() {
    let tz = zone("Europe/Berlin");
    let always = BusinessHours::default();
    assert!(always.is_open(0, &tz) && always.next_opening(0, &tz).is_none());
    let holiday = hours(json!({"exceptions": [{"date": "2026-12-25", "open": []}]}));
    assert!(holiday.is_open(berlin("2026-12-24T23:59"), &tz));
    assert!(!holiday.is_open(berlin("2026-12-25T12:00"), &tz));
    let next = holiday.next_opening(berlin("2026-12-25T12:00"), &tz);
    assert_eq!(next, Some(berlin("2026-12-26T00:00")));
    let never = hours(json!({"week": [[], [], [], [], [], [], []]}));
    assert_eq!(never.next_opening(0, &tz), None);
}

#[test]
fn an_opening_the_clocks_jump_over_is_at_the_jump() {
    // On 2026-03-29 Berlin's clocks go from 02:00 to 03:00, at 01:00 UTC.
    let night =
        hours(json!({"week": [[], [], [], [], [], [], [{"from": "02:30", "to": "05:00"}]]}));
    let tz = zone("Europe/Berlin");
    let jump = utc("2026-03-29T01:00:00Z");
    assert_eq!(
        night.next_opening(utc("2026-03-28T12:00:00Z"), &tz),
        Some(jump)
    );
    assert!(!night.is_open(jump - 1, &tz) && night.is_open(jump, &tz));
}

#[test]
fn an_hour_that_is_repeated_opens_twice() {
    // On 2026-10-25 Berlin's clocks go from 03:00 back to 02:00, at 01:00 UTC.
    let short =
        hours(json!({"week": [[], [], [], [], [], [], [{"from": "02:15", "to": "02:30"}]]}));
    let tz = zone("Europe/Berlin");
    let first = utc("2026-10-25T00:15:00Z");
    let second = utc("2026-10-25T01:15:00Z");
    assert_eq!(
        short.next_opening(utc("2026-10-24T12:00:00Z"), &tz),
        Some(first)
    );
    assert_eq!(short.next_opening(first, &tz), Some(second));
    // Closed at three, and open again when three has not come yet.
    let till_three =
        hours(json!({"week": [[], [], [], [], [], [], [{"from": "01:00", "to": "02:30"}]]}));
    assert!(!till_three.is_open(utc("2026-10-25T00:45:00Z"), &tz));
    let again = utc("2026-10-25T01:00:00Z");
    assert_eq!(
        till_three.next_opening(utc("2026-10-25T00:45:00Z"), &tz),
        Some(again)
    );
}

#[test]
fn a_day_may_end_at_midnight_and_the_next_go_on() {
    let days = json!([{"from": "20:00", "to": "24:00"}]);
    let early = json!([{"from": "00:00", "to": "02:00"}]);
    let bar = hours(json!({"week": [[], [], [], [], days, early, []]}));
    let tz = zone("Europe/Berlin");
    for (at, open) in [
        ("2026-11-27T19:59", false),
        ("2026-11-27T23:59", true),
        ("2026-11-28T00:00", true),
        ("2026-11-28T02:00", false),
    ] {
        assert_eq!(bar.is_open(berlin(at), &tz), open, "{at}");
    }
    let next = bar.next_opening(berlin("2026-11-27T21:00"), &tz);
    assert_eq!(
        next,
        Some(berlin("2026-12-04T20:00")),
        "midnight opens nothing"
    );
}

#[test]
fn hours_that_make_no_sense_are_refused() {
    let check = |value| {
        serde_json::from_value::<BusinessHours>(value)
            .unwrap()
            .checked()
    };
    let week = |day: serde_json::Value| json!({"week": [day, [], [], [], [], [], []]});
    assert_eq!(
        check(week(json!([{"from": "12:00", "to": "09:00"}]))),
        Err(HoursError::Backwards)
    );
    assert_eq!(
        check(week(json!([{"from": "12:00", "to": "12:00"}]))),
        Err(HoursError::Backwards)
    );
    let twice = json!([{"from": "09:00", "to": "12:00"}, {"from": "11:00", "to": "13:00"}]);
    assert_eq!(check(week(twice)), Err(HoursError::Overlap));
    let date = json!({"date": "2026-12-24", "open": []});
    assert_eq!(
        check(json!({"exceptions": [date, date]})),
        Err(HoursError::TwiceExcepted)
    );
    for time in ["9:00", "25:00", "24:01", "09:60", "+1:00", "", "09:00:00"] {
        assert_eq!(clock::parse(time), None, "{time}");
    }
    assert_eq!(clock::parse("24:00"), Some(1440));
}

#[test]
fn hours_read_back_as_they_were_written() {
    let office = office();
    let text = serde_json::to_string(&office).unwrap();
    assert!(text.contains(r#"{"from":"09:00","to":"12:30"}"#), "{text}");
    assert_eq!(
        serde_json::from_str::<BusinessHours>(&text).unwrap(),
        office
    );
    assert_eq!(
        serde_json::from_str::<BusinessHours>("{}").unwrap(),
        BusinessHours::default()
    );
}

fn intervals() -> impl Strategy<Value = Vec<Interval>> {
    prop::collection::btree_set(0_u16..=96, 0..6).prop_map(|quarters| {
        let quarters: Vec<_> = quarters.into_iter().collect();
        quarters
            .chunks_exact(2)
            .map(|pair| Interval {
                from: pair[0] * 15,
                to: pair[1] * 15,
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Looking at every quarter of an hour finds the same opening, over days
    /// on which the clocks change.
    #[test]
    fn the_next_opening_is_the_first_moment_that_is_open_after_a_closed_one(
        week in prop::array::uniform7(intervals()),
        start in prop::sample::select(vec![
            "2026-03-27T00:00:00Z", "2026-10-23T00:00:00Z", "2026-11-20T00:00:00Z",
        ]),
        name in prop::sample::select(vec![
            "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC",
        ]),
        offset in 0_i64..96,
    ) {
        let hours = BusinessHours { week: Some(week), exceptions: vec![] }.checked().unwrap();
        let tz = zone(name);
        let after = utc(start) + offset * 15 * MINUTE_MS;
        let steps = 8 * 96;
        let found = (1..steps).map(|step| after + step * 15 * MINUTE_MS).find(|at| {
            hours.is_open(*at, &tz) && !hours.is_open(at - MINUTE_MS, &tz)
        });
        let next = hours.next_opening(after, &tz);
        match found {
            Some(at) => prop_assert_eq!(next, Some(at)),
            None => prop_assert!(next.is_none_or(|next| next >= after + steps * 15 * MINUTE_MS)),
        }
    }
}
