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
        of(json!({"date": "2026-12-01T00:00:00.000Z", "time": "1630"})),
        moment("2026-12-01T16:30")
    );
    assert_eq!(
        of(json!({"date": "17.11.2026", "time": "9"})),
        moment("2026-11-17T09:00")
    );
    assert_eq!(of(json!({"date": "11/17/2026"})), day("2026-11-17"));
    assert_eq!(of(json!({"date": "17/11/2026"})), day("2026-11-17"));
    assert_eq!(
        of(
            json!({"date": "2026-11-24", "in_days": 0, "week_offset": 0, "day_of_month": 0, "month": 0, "weekday": ""})
        ),
        day("2026-11-24")
    );
    assert_eq!(of(json!({"in_days": 0})), day("2026-11-16"));
    for part in ["morning", "mañana", "Morgen", "vormittags"] {
        let parts = json!({"in_days": 1, "time": "8:00", "part_of_day": part});
        assert_eq!(of(parts), moment("2026-11-17T08:00"), "{part}");
    }
    assert_eq!(
        of(json!({"date": "soonish"})),
        Err(Question::Unreadable("soonish".to_owned()))
    );
    assert!(serde_json::from_value::<Asked>(json!({"date": ["2026-12-01"]})).is_err());
}

/// What is asked, as the name of the question.
fn asked(parts: Value) -> &'static str {
    of(parts).map_or_else(|question| question.code(), |_| "nothing")
}

#[test]
fn words_and_parts_have_to_agree() {
    // The model is a day off.
    assert_eq!(
        of(
            json!({"date": "2026-11-17", "time": "15:00", "said": "the day after tomorrow at three"})
        ),
        Err(Question::WordsDisagree(
            "2026-11-17".parse().unwrap(),
            "2026-11-18".parse().unwrap()
        ))
    );
    assert_eq!(
        asked(json!({"date": "2026-11-17", "time": "16:00", "said": "tomorrow at half past four"})),
        "times_disagree"
    );
    assert_eq!(
        asked(
            json!({"date": "2026-11-17", "part_of_day": "morning", "said": "tomorrow afternoon"})
        ),
        "times_disagree"
    );
    // A weekday beside the words is checked by them, and chooses none of the days they leave open.
    assert_eq!(
        of(json!({"weekday": "monday", "said": "tomorrow"})),
        Err(Question::WeekdayDisagrees(
            jiff::civil::Weekday::Monday,
            "2026-11-17".parse().unwrap()
        ))
    );
    assert_eq!(
        of(json!({"weekday": "tuesday", "said": "the 24th"})),
        day("2026-11-24")
    );
    assert_eq!(
        asked(json!({"weekday": "tuesday", "time": "15:00", "said": "next Tuesday at three"})),
        "which_of"
    );
    // They say the same, or the parts say more, or the words do.
    let half_past = moment("2026-11-17T16:30");
    assert_eq!(
        of(json!({"date": "2026-11-17", "time": "16:30", "said": "tomorrow at half past four"})),
        half_past
    );
    assert_eq!(
        of(json!({"weekday": "tuesday", "time": "16:30", "said": "at half past four"})),
        half_past
    );
    assert_eq!(
        of(json!({"weekday": "tuesday", "said": "at half past four"})),
        half_past
    );
    assert_eq!(
        of(json!({"week_offset": 1, "said": "on Tuesday"})),
        day("2026-11-24")
    );
    assert_eq!(
        asked(json!({"week_offset": 1, "said": "the 20th"})),
        "days_disagree"
    );
    assert_eq!(
        of(json!({"month": 12, "said": "on the third at ten"})),
        moment("2026-12-03T10:00")
    );
    // Who says so means no minute.
    assert_eq!(
        of(json!({"relative_day": "today", "time": "12:15", "said": "in two hours"})),
        moment("2026-11-16T12:15")
    );
    assert_eq!(
        asked(json!({"relative_day": "today", "time": "13:00", "said": "in two hours"})),
        "times_disagree"
    );
    // What is not understood fully is no witness against the parts.
    assert_eq!(
        of(
            json!({"weekday": "tuesday", "time": "16:30", "said": "not Monday at four, the day after"})
        ),
        half_past
    );
    assert_eq!(
        of(json!({"said": "whenever it suits you"})),
        Err(Question::NotUnderstood)
    );
}

#[test]
fn a_choice_that_was_asked_back_is_taken() {
    assert_eq!(
        of(json!({"said": "next Tuesday"})),
        Err(Question::WhichOf(vec![
            "2026-11-17".parse().unwrap(),
            "2026-11-24".parse().unwrap()
        ]))
    );
    assert_eq!(
        of(json!({"date": "2026-11-24", "said": "next Tuesday"})),
        day("2026-11-24")
    );
    assert_eq!(
        asked(json!({"relative_day": "tomorrow", "said": "at eight"})),
        "which_half"
    );
    assert_eq!(
        of(json!({"relative_day": "tomorrow", "time": "8:00 pm", "said": "at eight"})),
        moment("2026-11-17T20:00")
    );
    assert_eq!(
        of(json!({"relative_day": "tomorrow", "part_of_day": "evening", "said": "at eight"})),
        moment("2026-11-17T20:00")
    );
}

#[test]
fn weekday_and_number_have_to_agree() {
    let wrong = Err(Question::WeekdayDisagrees(
        jiff::civil::Weekday::Monday,
        "2026-11-24".parse().unwrap(),
    ));
    assert_eq!(of(json!({"weekday": "monday", "day_of_month": 24})), wrong);
    assert_eq!(
        of(json!({"weekday": "monday", "date": "2026-11-24"})),
        wrong
    );
    assert_eq!(
        of(json!({"date": "2026-11-24", "said": "Monday the 24th"})),
        wrong
    );
    assert_eq!(
        asked(json!({"relative_day": "tomorrow", "date": "2026-11-24"})),
        "days_disagree"
    );
}

#[test]
fn nothing_is_in_the_past() {
    assert_eq!(of(json!({"date": "2025-11-24"})), Err(Question::Past));
    assert_eq!(
        of(json!({"date": "2026-11-16", "time": "09:00"})),
        Err(Question::Past)
    );
    assert_eq!(
        of(json!({"relative_day": "today", "time": "9:00"})),
        Err(Question::Past)
    );
    assert_eq!(
        of(json!({"instant": "2026-11-16T09:59:00+01:00"})),
        Err(Question::Past)
    );
    assert_eq!(of(json!({"date": "11-15"})), day("2027-11-15"));
    assert_eq!(of(json!({"date": "2028-11-24"})), Err(Question::TooFar));
    assert_eq!(of(json!({"date": "2026-02-30"})), Err(Question::NoSuchDay));
    assert_eq!(of(json!({"date": "02-30"})), Err(Question::NoSuchDay));
}

#[test]
fn hours_tell_the_morning_from_the_afternoon() {
    assert_eq!(
        of(json!({"in_days": 1, "time": "4:30"})),
        moment("2026-11-17T16:30")
    );
    assert_eq!(
        of(json!({"in_days": 1, "time": "04:30"})),
        moment("2026-11-17T16:30")
    );
    assert_eq!(
        of(json!({"in_days": 1, "time": "9:30"})),
        moment("2026-11-17T09:30")
    );
    // In 24 hours eight is eight.
    assert_eq!(
        of(json!({"in_days": 1, "time": "08:00"})),
        moment("2026-11-17T08:00")
    );
    assert_eq!(asked(json!({"in_days": 1, "time": "8:00"})), "which_half");
    assert_eq!(
        of(json!({"in_days": 1, "time": "24:00"})),
        moment("2026-11-18T00:00")
    );

    let now: Zoned = "2026-11-16T10:00[Europe/Berlin]".parse().unwrap();
    let unknown = Context {
        now: &now,
        language: Language::English,
        opening: None,
    };
    let ask = |time: &str| {
        let asked = Asked {
            in_days: Some("1".into()),
            time: Some(time.into()),
            ..Asked::default()
        };
        resolve(&asked, &unknown)
    };
    assert_eq!(ask("half past four"), moment("2026-11-17T16:30"));
    assert_eq!(ask("16:30"), moment("2026-11-17T16:30"));
    assert!(
        matches!(ask("04:30"), Err(Question::WhichHalf(..))),
        "the middle of the night is asked"
    );
    assert!(matches!(ask("8"), Err(Question::WhichHalf(..))));
}

#[test]
fn clocks_that_change_skip_a_time_or_show_it_twice() {
    let spring = at(
        "2027-03-27T10:00[Europe/Berlin]",
        json!({"relative_day": "tomorrow", "time": "2:30 am"}),
    );
    let Err(question @ Question::NoSuchTime(..)) = spring else {
        panic!("{spring:?}")
    };
    let now: Zoned = "2027-03-27T10:00[Europe/Berlin]".parse().unwrap();
    assert_eq!(question.instead(&now).len(), 2);

    let autumn = "2027-10-30T10:00[Europe/Berlin]";
    let twice = at(
        autumn,
        json!({"relative_day": "tomorrow", "time": "2:30 am"}),
    );
    let Err(question @ Question::Twice(..)) = twice else {
        panic!("{twice:?}")
    };
    let both = question.instead(&autumn.parse().unwrap());
    assert_eq!(both[1].duration_since(&both[0]).as_secs(), 3600);
    assert_eq!(
        question.sentence(&autumn.parse().unwrap(), Language::English),
        "Tomorrow the clocks go back, and that time comes twice. The first or the second one?"
    );
    // With its offset there is no doubt.
    let second = at(autumn, json!({"instant": "2027-10-31T02:30:00+01:00"}));
    assert_eq!(second, Ok(When::Moment(both[1].clone())));
    // Once the first is over, it is the second.
    let between = at(
        "2027-10-31T02:45:00+02:00[Europe/Berlin]",
        json!({"relative_day": "today", "time": "2:30 am"}),
    );
    assert_eq!(between, Ok(When::Moment(both[1].clone())));
}

#[test]
fn times_are_said_as_people_say_them() {
    let now: Zoned = "2026-11-16T10:00[Europe/Berlin]".parse().unwrap();
    let said = |at: &str| {
        let at: Zoned = format!("{at}[Europe/Berlin]").parse().unwrap();
        Language::ALL.map(|language| speak(&at, &now, language))
    };
    assert_eq!(
        said("2026-11-17T16:30"),
        [
            "tomorrow at half past four in the afternoon",
            "mañana a las cuatro y media de la tarde",
            "morgen um 16 Uhr 30"
        ]
    );
    assert_eq!(
        said("2026-11-30T09:45"),
        [
            "Monday the 30th at quarter to ten in the morning",
            "el lunes 30 a las diez menos cuarto de la mañana",
            "am Montag, dem 30., um 9 Uhr 45 morgens"
        ]
    );
    assert_eq!(
        said("2027-01-04T13:00"),
        [
            "Monday the 4th of January 2027 at one o'clock in the afternoon",
            "el lunes 4 de enero de 2027 a la una de la tarde",
            "am Montag, dem 4. Januar 2027 um 13 Uhr"
        ]
    );
}

#[test]
fn free_times_are_said_day_by_day() {
    let now: Zoned = "2026-11-16T10:00[Europe/Berlin]".parse().unwrap();
    let slots = [
        "2026-11-30T09:00",
        "2026-11-30T09:30",
        "2026-11-30T11:00",
        "2026-12-01T13:30",
    ];
    let slots = slots.map(|at| format!("{at}[Europe/Berlin]").parse().unwrap());
    let said = Language::ALL.map(|language| speak_slots(&slots, &now, language));
    assert_eq!(
        said,
        [
            "Monday the 30th at 9:00, 9:30 and 11:00; Tuesday the 1st of December at 1:30 pm",
            "el lunes 30 a las 9:00, 9:30 y 11:00; el martes 1 de diciembre a las 13:30",
            "am Montag, dem 30. um 9:00, 9:30 und 11:00 Uhr; am Dienstag, dem 1. Dezember um 13:30 Uhr"
        ]
    );
}

#[test]
fn questions_are_asked_in_the_language_of_the_caller() {
    let now: Zoned = "2026-11-16T10:00[Europe/Berlin]".parse().unwrap();
    let asked =
        |parts| of(parts).map_err(|it| Language::ALL.map(|language| it.sentence(&now, language)));
    assert_eq!(
        asked(json!({"said": "next Tuesday"})).unwrap_err(),
        [
            "Do you mean tomorrow or Tuesday the 24th?",
            "¿Se refiere a mañana o al martes 24?",
            "Meinen Sie morgen oder am Dienstag, dem 24.?"
        ]
    );
    assert_eq!(
        asked(json!({"said": "Monday the 24th"})).unwrap_err(),
        [
            "The 24th is a Tuesday, not a Monday. Which day do you mean?",
            "El 24 es martes, no lunes. ¿A qué día se refiere?",
            "Der 24. ist ein Dienstag, kein Montag. Welchen Tag meinen Sie?"
        ]
    );
    assert_eq!(
        asked(json!({"said": "tomorrow at eight"})).unwrap_err(),
        [
            "Do you mean at eight o'clock in the morning or at eight o'clock in the evening?",
            "¿Quiere decir a las ocho de la mañana o a las ocho de la noche?",
            "Meinen Sie um 8 Uhr morgens oder um 20 Uhr?"
        ]
    );
}

#[test]
fn a_caller_may_speak_another_of_our_languages() {
    assert_eq!(
        of(json!({"relative_day": "tomorrow", "said": "übermorgen um 15 Uhr"})),
        Err(Question::WordsDisagree(
            "2026-11-17".parse().unwrap(),
            "2026-11-18".parse().unwrap()
        ))
    );
    assert_eq!(
        of(json!({"said": "lunes 23 a las cuatro y media"})),
        moment("2026-11-23T16:30")
    );
}

#[test]
fn every_part_is_in_the_schema() {
    let all = json!({
        "weekday": "a", "date": "a", "relative_day": "a", "in_days": "a", "week_offset": "a", "day_of_month": "a",
        "month": "a", "time": "a", "part_of_day": "a", "instant": "a", "said": "a",
    });
    let asked: Asked = serde_json::from_value(all.clone()).unwrap();
    assert_eq!(serde_json::to_value(asked).unwrap(), all);
    let names = |value: &Value| {
        value
            .as_object()
            .map(|it| it.keys().cloned().collect::<Vec<_>>())
    };
    assert_eq!(names(&Asked::properties()), names(&all));
}

#[test]
fn a_time_within_what_was_said_is_that_time() {
    let three = moment("2026-11-17T15:00");
    assert_eq!(
        of(json!({"date": "2026-11-17", "time": "15:00", "said": "tomorrow after two"})),
        three
    );
    assert_eq!(
        of(json!({"instant": "2026-11-17T15:00:00+01:00", "said": "between two and four"})),
        three
    );
    assert_eq!(
        asked(json!({"date": "2026-11-17", "time": "09:00", "said": "tomorrow after 2 pm"})),
        "times_disagree"
    );
    assert_eq!(
        asked(json!({"date": "2026-11-17", "time": "17:00", "said": "tomorrow from 2 until 4 pm"})),
        "times_disagree"
    );
}
