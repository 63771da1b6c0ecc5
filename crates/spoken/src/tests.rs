use serde_json::{Value, json};

use super::*;

/// Monday to Friday from nine to seven.
fn office() -> Opening {
    let mut week = Opening::default();
    for day in &mut week[..5] {
        day.push(9 * 60..19 * 60);
    }
    week
}

/// What is made of some parts, on a Monday at ten in Berlin.
fn of(parts: Value) -> Result<When, Question> {
    at("2026-11-16T10:00[Europe/Berlin]", parts)
}

fn at(now: &str, parts: Value) -> Result<When, Question> {
    let now: Zoned = now.parse().unwrap();
    let opening = office();
    let context = Context {
        now: &now,
        language: Language::English,
        opening: Some(&opening),
    };
    resolve(&serde_json::from_value(parts).unwrap(), &context)
}

fn day(text: &str) -> Result<When, Question> {
    Ok(When::Day(text.parse().unwrap()))
}

fn moment(text: &str) -> Result<When, Question> {
    let at: jiff::civil::DateTime = text.parse().unwrap();
    Ok(When::Moment(at.in_tz("Europe/Berlin").unwrap()))
}

#[test]
fn parts_are_read_as_models_and_programs_send_them() {
    assert_eq!(
        of(json!({"date": "2026-12-01", "time": "16:30"})),
        moment("2026-12-01T16:30")
    );
    assert_eq!(
        of(json!({"date": "12-01", "time": "4:30 pm"})),
        moment("2026-12-01T16:30")
    );
    assert_eq!(
        of(json!({"date": "23.11.", "time": "16h30"})),
        moment("2026-11-23T16:30")
    );
    assert_eq!(of(json!({"date": "01-07"})), day("2027-01-07"));
    assert_eq!(
        of(json!({"weekday": "Tuesday", "week_offset": "1", "time": null})),
        day("2026-11-24")
    );
    assert_eq!(
        of(json!({"weekday": "martes", "week_offset": 0})),
        day("2026-11-17")
    );
    assert_eq!(
        of(json!({"relative_day": "day_after_tomorrow", "time": "halb vier"})),
        moment("2026-11-18T15:30")
    );
    assert_eq!(of(json!({"relative_day": "in_3_days"})), day("2026-11-19"));
    assert_eq!(of(json!({"in_days": 3.0, "time": ""})), day("2026-11-19"));
    assert_eq!(
        of(json!({"day_of_month": "23", "weekday": "monday"})),
        day("2026-11-23")
    );
    assert_eq!(
        of(json!({"day_of_month": 3, "month": "December"})),
        day("2026-12-03")
    );
    assert_eq!(
        of(json!({"instant": "2026-12-01T15:00:00+01:00"})),
        moment("2026-12-01T15:00")
    );
    assert_eq!(
        of(json!({"instant": "2026-12-01T14:00:00Z"})),
        moment("2026-12-01T15:00")
    );
    assert_eq!(
        of(json!({"instant": "2026-12-01T15:00:00", "name": "Ada"})),
        moment("2026-12-01T15:00")
    );
    assert_eq!(
        of(json!({"date": "soonish"})),
        Err(Question::Unreadable("soonish".to_owned()))
    );
    assert!(serde_json::from_value::<Asked>(json!({"date": ["2026-12-01"]})).is_err());
}
