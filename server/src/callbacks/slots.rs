//! When a business can call back. Pure: the time, the hours and the time zone
//! are given.
//!
//! A slot is half an hour by the clock on the business's wall, beginning at the
//! full or the half hour, in which it is open throughout. Moments are walked
//! through rather than wall times: what the clocks skip has no moment, and what
//! they repeat has two.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock::{DAY_MS, MINUTE_MS};
use crate::tenants::BusinessHours;

/// How long a slot lasts (ms).
pub const SLOT_MS: i64 = 30 * MINUTE_MS;
/// Every offset from UTC is a multiple of it, so every full and half hour is hit.
const STEP_MS: i64 = 15 * MINUTE_MS;
/// Nobody plans a call for in five minutes (ms).
const LEAD_MS: i64 = 30 * MINUTE_MS;
/// How far ahead slots are offered (ms).
const HORIZON_MS: i64 = 7 * DAY_MS;
/// How far ahead the first slot is looked for: over the longest holidays (ms).
const FAR_MS: i64 = 60 * DAY_MS;
/// A call that is placed within this time is placed when it was wanted (ms).
const PROMPT_MS: i64 = 5 * MINUTE_MS;
/// A call that was wanted out of hours is not placed later than this (ms).
const LATE_MS: i64 = 60 * MINUTE_MS;
/// How many are offered at most.
const OFFERED: usize = 120;

/// The slots there are from now on (Unix ms), in order: those of a week, or the
/// first one where that is further away.
#[must_use]
pub fn slots(hours: &BusinessHours, tz: &TimeZone, now: i64) -> Vec<i64> {
    let hours = hours.by_day();
    let earliest = now.saturating_add(LEAD_MS);
    let near: Vec<i64> = from(&hours, tz, earliest)
        .take_while(|at| *at < now.saturating_add(HORIZON_MS))
        .take(OFFERED)
        .collect();
    if near.is_empty() {
        return from(&hours, tz, earliest).next().into_iter().collect();
    }
    near
}

/// Whether a moment (Unix ms) is a slot that has not begun.
#[must_use]
pub fn is_slot(hours: &BusinessHours, tz: &TimeZone, at: i64, now: i64) -> bool {
    at > now && at < now.saturating_add(FAR_MS) && begins(&hours.by_day(), tz, at)
}

/// The first slot at or after a moment (Unix ms).
#[must_use]
pub fn first_after(hours: &BusinessHours, tz: &TimeZone, after: i64) -> Option<i64> {
    from(&hours.by_day(), tz, after).next()
}

/// When a call that was wanted at one moment may be placed from another on (Unix
/// ms): at once while the business is open, or has just closed, and for an hour
/// where it was closed when somebody wanted the call all the same; else with the
/// next slot, if there is one.
#[must_use]
pub fn placing(hours: &BusinessHours, tz: &TimeZone, wanted_at: i64, now: i64) -> Option<i64> {
    let hours = hours.by_day();
    let grace = if hours.is_open(wanted_at, tz) {
        PROMPT_MS
    } else {
        LATE_MS
    };
    if now - wanted_at <= grace || hours.is_open(now, tz) {
        return Some(now);
    }
    from(&hours, tz, now).next()
}

fn from<'a>(
    hours: &'a BusinessHours,
    tz: &'a TimeZone,
    earliest: i64,
) -> impl Iterator<Item = i64> + 'a {
    let first = earliest.saturating_add(STEP_MS - 1).div_euclid(STEP_MS) * STEP_MS;
    let steps = FAR_MS / STEP_MS;
    (0..steps)
        .map(move |step| first + step * STEP_MS)
        .filter(move |at| begins(hours, tz, *at))
}

fn begins(hours: &BusinessHours, tz: &TimeZone, at: i64) -> bool {
    let Ok(moment) = Timestamp::from_millisecond(at) else {
        return false;
    };
    let wall = moment.to_zoned(tz.clone()).time();
    let on_the_half_hour = wall.minute() % 30 == 0 && wall.second() == 0 && at % MINUTE_MS == 0;
    // Closed time costs one look, for most of the day.
    on_the_half_hour && (0..30).all(|minute| hours.is_open(at + minute * MINUTE_MS, tz))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::tenants::hours::Interval;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn at(text: &str, tz: &TimeZone) -> i64 {
        let civil: jiff::civil::DateTime = text.parse().unwrap();
        let zoned = civil.to_zoned(tz.clone()).unwrap();
        zoned.timestamp().as_millisecond()
    }

    fn wall(at: i64, tz: &TimeZone) -> String {
        let moment = Timestamp::from_millisecond(at).unwrap();
        moment
            .to_zoned(tz.clone())
            .strftime("%Y-%m-%d %H:%M")
            .to_string()
    }

    fn hours(value: serde_json::Value) -> BusinessHours {
        let hours: BusinessHours = serde_json::from_value(value).unwrap();
        hours.checked().unwrap()
    }

    fn weekdays(from: &str, to: &str) -> BusinessHours {
        let day = json!([{"from": from, "to": to}]);
        hours(json!({"week": [day, day, day, day, day, [], []]}))
    }

    #[test]
    fn a_call_is_placed_in_the_hours_or_soon_after_it_was_wanted_out_of_them() {
        let tz = zone("Europe/Madrid");
        let office = weekdays("09:00", "18:00");
        let always = BusinessHours::default();
        for (hours, wanted, now, placed) in [
            // Its lines were busy until late, or for a moment.
            (
                &office,
                "2026-11-23T17:30",
                "2026-11-23T23:00",
                "2026-11-24T09:00",
            ),
            (
                &office,
                "2026-11-23T17:30",
                "2026-11-23T18:20",
                "2026-11-24T09:00",
            ),
            (
                &office,
                "2026-11-23T17:30",
                "2026-11-23T17:59",
                "2026-11-23T17:59",
            ),
            (
                &office,
                "2026-11-23T17:58",
                "2026-11-23T18:02",
                "2026-11-23T18:02",
            ),
            // Out of hours on purpose, and when that is long ago.
            (
                &office,
                "2026-11-23T20:00",
                "2026-11-23T20:45",
                "2026-11-23T20:45",
            ),
            (
                &office,
                "2026-11-23T20:00",
                "2026-11-23T21:30",
                "2026-11-24T09:00",
            ),
            // Nobody is woken by a business that never closes.
            (
                &always,
                "2026-11-23T17:50",
                "2026-11-24T03:00",
                "2026-11-24T08:00",
            ),
            (
                &always,
                "2026-11-23T23:00",
                "2026-11-23T23:10",
                "2026-11-23T23:10",
            ),
        ] {
            let placing = placing(hours, &tz, at(wanted, &tz), at(now, &tz));
            let placed = placed.replace('T', " ");
            assert_eq!(
                placing.map(|at| wall(at, &tz)),
                Some(placed),
                "{wanted}, {now}"
            );
        }
        let never = hours(json!({"week": [[], [], [], [], [], [], []]}));
        let (wanted, now) = (at("2026-11-23T10:00", &tz), at("2026-11-23T12:00", &tz));
        assert_eq!(placing(&never, &tz, wanted, now), None);
    }

    #[test]
    fn slots_lie_within_the_hours_and_not_too_soon() {
        let tz = zone("Europe/Madrid");
        let open = hours(json!({
            "week": [[{"from": "09:15", "to": "11:00"}, {"from": "16:00", "to": "16:45"}], [], [], [], [], [], []],
        }));
        // A Monday.
        let now = at("2026-11-23T09:05", &tz);
        let walls: Vec<_> = slots(&open, &tz, now)
            .iter()
            .map(|slot| wall(*slot, &tz))
            .collect();
        assert_eq!(
            walls,
            ["2026-11-23 10:00", "2026-11-23 10:30", "2026-11-23 16:00",]
        );
        assert!(is_slot(&open, &tz, at("2026-11-23T10:00", &tz), now));
        // It was offered when the form was shown, and has not begun.
        assert!(is_slot(&open, &tz, at("2026-11-23T09:30", &tz), now));
        for other in ["2026-11-23T09:00", "2026-11-23T10:15", "2026-11-24T10:00"] {
            assert!(!is_slot(&open, &tz, at(other, &tz), now), "{other}");
        }
        let past = at("2026-11-23T10:30", &tz);
        assert!(!is_slot(&open, &tz, past, past));
        assert!(!is_slot(&open, &tz, past + 1, now));
    }

    #[test]
    fn holidays_have_no_slots_and_the_next_one_is_found_behind_them() {
        let tz = zone("Europe/Berlin");
        let mut open = weekdays("09:00", "10:00");
        for day in 21..32 {
            let closed = json!({"date": format!("2026-12-{day}"), "open": []});
            open.exceptions
                .push(serde_json::from_value(closed).unwrap());
        }
        let now = at("2026-12-20T12:00", &tz);
        let offered = slots(&open, &tz, now);
        assert_eq!(offered.len(), 1);
        assert_eq!(wall(offered[0], &tz), "2027-01-01 09:00");
        assert_eq!(first_after(&open, &tz, now), Some(offered[0]));
    }

    #[test]
    fn who_never_opens_offers_nothing() {
        let closed = hours(json!({"week": [[], [], [], [], [], [], []]}));
        let tz = zone("Europe/Berlin");
        assert_eq!(slots(&closed, &tz, at("2026-11-23T09:00", &tz)), [0_i64; 0]);
    }

    #[test]
    fn who_is_always_open_calls_by_day() {
        let tz = zone("Europe/Berlin");
        let now = at("2026-11-23T19:40", &tz);
        let offered = slots(&BusinessHours::default(), &tz, now);
        assert_eq!(wall(offered[0], &tz), "2026-11-24 08:00");
        assert!(offered.iter().all(|slot| wall(*slot, &tz)[11..] < *"20:00"));
    }

    #[test]
    fn the_hour_the_clocks_skip_has_no_slot_and_the_one_they_repeat_has_two() {
        let tz = zone("Europe/Madrid");
        let night =
            hours(json!({"week": [[], [], [], [], [], [], [{"from": "01:00", "to": "04:00"}]]}));
        let of = |now: &str| -> Vec<String> {
            slots(&night, &tz, at(now, &tz))
                .iter()
                .map(|slot| wall(*slot, &tz)[11..].to_owned())
                .collect()
        };
        assert_eq!(of("2026-03-28T20:00"), ["01:00", "01:30", "03:00", "03:30"]);
        assert_eq!(
            of("2026-10-24T20:00"),
            [
                "01:00", "01:30", "02:00", "02:30", "02:00", "02:30", "03:00", "03:30"
            ]
        );
    }

    prop_compose! {
        fn day()(mut cuts in prop::collection::btree_set(0_u16..=288, 0..6)) -> Vec<Interval> {
            if cuts.len() % 2 == 1 {
                cuts.pop_last();
            }
            let cuts: Vec<_> = cuts.into_iter().map(|cut| cut * 5).collect();
            cuts.chunks(2)
                .map(|pair| Interval { from: pair[0], to: pair[1] })
                .collect()
        }
    }

    const ZONES: [&str; 8] = [
        "Europe/Madrid",
        "America/New_York",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "Pacific/Chatham",
        "America/Santiago",
        "UTC",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        /// Whatever the hours, the zone and the time: every slot offered is one,
        /// lies within open hours for its whole length by the business's own
        /// clock, begins on a half hour, and none is missing.
        #[test]
        fn every_slot_is_open_throughout_and_none_is_missing(
            week in prop::array::uniform7(day()),
            zone_index in 0..ZONES.len(),
            // Two years around several changes of the clocks.
            now in 1_790_000_000_000_i64..1_853_000_000_000,
        ) {
            let tz = zone(ZONES[zone_index]);
            let open = BusinessHours { week: Some(week), exceptions: Vec::new() }.checked().unwrap();
            let offered = slots(&open, &tz, now);
            prop_assert!(offered.windows(2).all(|pair| pair[0] < pair[1]));
            for slot in &offered {
                prop_assert!(is_slot(&open, &tz, *slot, now));
                prop_assert!(*slot >= now + LEAD_MS);
                prop_assert!(["00", "30"].contains(&&wall(*slot, &tz)[14..]));
                for minute in 0..30 {
                    prop_assert!(open.is_open(slot + minute * MINUTE_MS, &tz));
                }
            }
            // The same from the other end: minute by minute over the first day.
            let end = offered.last().copied().unwrap_or(0).min(now + DAY_MS);
            let mut minute = (now + LEAD_MS).div_euclid(MINUTE_MS) * MINUTE_MS + MINUTE_MS;
            while minute <= end {
                if is_slot(&open, &tz, minute, now) {
                    prop_assert!(offered.contains(&minute), "{}", wall(minute, &tz));
                }
                minute += MINUTE_MS;
            }
        }
    }
}
