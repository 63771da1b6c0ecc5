use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A Saturday, noon in Madrid; the clocks there are put back the night after, and put
/// forward on the 28th of March.
const NOW: &str = "2026-10-24T12:00";

fn plan(hours: &Value, staff: &[Value]) -> Plan {
    let hours: BusinessHours = serde_json::from_value(hours.clone()).unwrap();
    let staff = staff.iter().enumerate().map(|(at, own)| {
        let details = serde_json::from_value(json!({"name": format!("Staff {at}")})).unwrap();
        let member = StaffMember {
            id: format!("staff_{at}"),
            details,
            revision: 0,
            has_feed: false,
        };
        (member, serde_json::from_value(own.clone()).unwrap())
    });
    Plan {
        zone: TimeZone::get("Europe/Madrid").unwrap(),
        hours: hours.checked().unwrap(),
        settings: CalendarSettings {
            notice_minutes: 60,
            step_minutes: 30,
            horizon_days: 300,
            ..CalendarSettings::default()
        },
        services: Vec::new(),
        staff: staff.collect(),
    }
}

fn office() -> Value {
    let day = json!([{"from": "09:00", "to": "13:00"}, {"from": "15:00", "to": "18:00"}]);
    json!({
        "week": [day, day, day, day, day, [], []],
        "exceptions": [{"date": "2026-11-02", "open": []}],
    })
}

fn service(minutes: u16, before: u16, after: u16) -> Service {
    let details = json!({
        "name": "Cut", "minutes": minutes, "before_minutes": before, "after_minutes": after,
    });
    Service {
        id: "service".to_owned(),
        details: serde_json::from_value(details).unwrap(),
        revision: 0,
    }
}

fn at(plan: &Plan, text: &str) -> i64 {
    let civil: jiff::civil::DateTime = text.parse().unwrap();
    let zoned = civil.to_zoned(plan.zone.clone()).unwrap();
    zoned.timestamp().as_millisecond()
}

/// The free times between two, as the clock on the wall says them.
fn free(plan: &Plan, of: &Service, from: &str, to: &str, taken: &[Taken]) -> Vec<String> {
    let (from, to, now) = (at(plan, from), at(plan, to), at(plan, NOW));
    let slots = slots(plan, of, None, (from, to), taken, now, 100).unwrap();
    let wall = slots.iter().map(|slot| {
        let moment = Timestamp::from_millisecond(slot.starts_at).unwrap();
        let wall = moment.to_zoned(plan.zone.clone());
        wall.strftime("%d %H:%M").to_string()
    });
    wall.collect()
}

fn refused(plan: &Plan, of: &Service, when: &str, taken: &[Taken]) -> Option<NotFree> {
    let now = at(plan, NOW);
    match plan.place(of, None, at(plan, when), taken, now) {
        Ok(_) => None,
        Err(CalendarError::NotFree(why)) => Some(why),
        Err(error) => panic!("{error}"),
    }
}

fn taken(plan: &Plan, staff_id: Option<&str>, from: &str, to: &str) -> Taken {
    Taken {
        staff_id: staff_id.map(str::to_owned),
        everybody: false,
        from: at(plan, from),
        to: at(plan, to),
    }
}

#[test]
fn a_slot_fits_into_the_hours_and_not_over_a_break() {
    let plan = plan(&office(), &[]);
    assert_eq!(
        free(
            &plan,
            &service(120, 0, 0),
            "2026-10-26T00:00",
            "2026-10-27T00:00",
            &[]
        ),
        [
            "26 09:00", "26 09:30", "26 10:00", "26 10:30", "26 11:00", "26 15:00", "26 15:30",
            "26 16:00"
        ]
    );
    // Buffers may reach out of the hours.
    assert_eq!(
        free(
            &plan,
            &service(240, 30, 30),
            "2026-10-26T00:00",
            "2026-10-27T00:00",
            &[]
        ),
        ["26 09:00"]
    );
}

#[test]
fn closed_days_the_past_and_what_is_too_far_are_told_apart() {
    let plan = plan(&office(), &[]);
    let of = service(30, 0, 0);
    assert_eq!(
        free(&plan, &of, "2026-11-02T00:00", "2026-11-03T00:00", &[]).len(),
        0
    );
    for (when, why) in [
        ("2026-11-02T10:00", Some(NotFree::Closed)),
        ("2026-10-26T13:00", Some(NotFree::Closed)),
        ("2026-10-26T10:02", Some(NotFree::Closed)),
        ("2026-10-23T10:00", Some(NotFree::TooSoon)),
        ("2026-10-24T12:59", Some(NotFree::TooSoon)),
        ("2027-10-25T10:00", Some(NotFree::TooFar)),
        ("2026-10-26T10:05", None),
    ] {
        assert_eq!(refused(&plan, &of, when, &[]), why, "{when}");
    }
}

#[test]
fn buffers_keep_others_away() {
    let plan = plan(&office(), &[]);
    let of = service(30, 0, 15);
    let booked = taken(&plan, None, "2026-10-26T10:00", "2026-10-26T10:45");
    assert_eq!(
        free(
            &plan,
            &of,
            "2026-10-26T09:00",
            "2026-10-26T12:00",
            &[booked]
        ),
        // At half past nine its own buffer would reach into the other's time.
        ["26 09:00", "26 11:00", "26 11:30"]
    );
}

#[test]
fn whoever_is_free_does_it_and_only_in_hours_of_their_own() {
    let mornings = json!([{"from": "09:00", "to": "11:00"}]);
    let mornings = json!({"week": [mornings, [], [], [], [], [], []]});
    let plan = plan(&office(), &[mornings, Value::Null]);
    let of = service(60, 0, 0);
    let now = at(&plan, NOW);
    let who = |when: &str, taken: &[Taken]| {
        let place = plan.place(&of, None, at(&plan, when), taken, now);
        place.ok().flatten()
    };
    let first = taken(
        &plan,
        Some("staff_0"),
        "2026-10-26T09:00",
        "2026-10-26T10:00",
    );
    let second = taken(
        &plan,
        Some("staff_1"),
        "2026-10-26T09:00",
        "2026-10-26T10:00",
    );
    assert_eq!(who("2026-10-26T09:00", &[]).as_deref(), Some("staff_0"));
    let both = [first, second];
    assert_eq!(
        who("2026-10-26T09:00", &both[..1]).as_deref(),
        Some("staff_1")
    );
    assert_eq!(who("2026-10-26T09:00", &both), None);
    assert_eq!(who("2026-10-26T11:00", &[]).as_deref(), Some("staff_1"));
    assert!(matches!(
        plan.place(
            &of,
            Some("staff_0"),
            at(&plan, "2026-10-27T09:00"),
            &[],
            now
        ),
        Err(CalendarError::NotFree(NotFree::Closed))
    ));
    let not_theirs = plan.place(
        &of,
        Some("staff_9"),
        at(&plan, "2026-10-27T09:00"),
        &[],
        now,
    );
    assert!(matches!(not_theirs, Err(CalendarError::NoStaff)));
}

#[test]
fn a_business_without_staff_serves_as_many_at_once_as_it_says() {
    let mut plan = plan(&office(), &[]);
    plan.settings.capacity = 2;
    let of = service(60, 0, 0);
    let one_after_the_other = [
        taken(&plan, None, "2026-10-26T09:00", "2026-10-26T09:30"),
        taken(&plan, None, "2026-10-26T09:30", "2026-10-26T10:00"),
    ];
    assert_eq!(
        refused(&plan, &of, "2026-10-26T09:00", &one_after_the_other),
        None
    );
    let mut both = one_after_the_other.to_vec();
    both.push(taken(
        &plan,
        Some("gone"),
        "2026-10-26T09:45",
        "2026-10-26T10:15",
    ));
    assert_eq!(
        refused(&plan, &of, "2026-10-26T09:00", &both),
        Some(NotFree::Taken)
    );
    assert_eq!(refused(&plan, &of, "2026-10-26T10:00", &both), None);
}

#[test]
fn an_hour_the_clocks_skip_has_no_slot_and_one_they_repeat_has_two() {
    let night = json!([{"from": "01:00", "to": "04:00"}]);
    let hours = json!({"week": [night, night, night, night, night, night, night]});
    let plan = plan(&hours, &[]);
    let of = service(60, 0, 0);
    assert_eq!(
        free(&plan, &of, "2026-10-25T00:00", "2026-10-25T12:00", &[]),
        [
            "25 01:00", "25 01:30", "25 02:00", "25 02:30", "25 02:00", "25 02:30", "25 03:00"
        ]
    );
    assert_eq!(
        free(&plan, &of, "2027-03-28T00:00", "2027-03-28T12:00", &[]),
        ["28 01:00", "28 01:30", "28 03:00"]
    );
}

#[test]
fn a_business_that_never_said_when_it_is_open_is_booked_by_day() {
    let plan = plan(&json!({}), &[]);
    let of = service(60, 0, 0);
    let day = free(&plan, &of, "2026-10-26T00:00", "2026-10-27T00:00", &[]);
    assert_eq!(
        (day[0].as_str(), day[day.len() - 1].as_str()),
        ("26 08:00", "26 19:00")
    );
}

proptest! {
    #[test]
    fn what_is_offered_can_be_booked_and_nothing_else_of_the_grid(
        minutes in (1_u16..30).prop_map(|five| five * 5),
        after in (0_u16..6).prop_map(|five| five * 5),
        booked in prop::collection::vec((0_i64..600, 1_i64..24), 0..8),
    ) {
        let plan = plan(&office(), &[]);
        let of = service(minutes, 0, after);
        let (from, now) = (at(&plan, "2026-10-26T00:00"), at(&plan, NOW));
        let to = from + 2 * DAY_MS;
        let taken: Vec<_> = booked
            .iter()
            .map(|(begins, lasts)| Taken {
                staff_id: None,
                everybody: false,
                from: from + begins * GRAIN_MS,
                to: from + (begins + lasts) * GRAIN_MS,
            })
            .collect();
        let offered = slots(&plan, &of, None, (from, to), &taken, now, 1_000).unwrap();
        let offered: Vec<_> = offered.iter().map(|slot| slot.starts_at).collect();
        let half_hours = (0..96).map(|half| from + half * 30 * MINUTE_MS);
        let bookable: Vec<_> = half_hours
            .filter(|at| plan.place(&of, None, *at, &taken, now).is_ok())
            .collect();
        prop_assert_eq!(offered, bookable);
    }
}
