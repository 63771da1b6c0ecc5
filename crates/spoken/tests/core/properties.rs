//! What is true of whatever is said, whenever it is.

#![expect(clippy::unwrap_used, reason = "a failing test says where")]

use jiff::civil::DateTime;
use jiff::{ToSpan, Unit, Zoned};
use proptest::prelude::*;
use spoken::{Asked, Context, Language, Opening, Question, When, resolve, speak};

/// Zones whose clocks change by an hour, by half of one, at midnight, or never.
const ZONES: [&str; 5] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Asuncion",
    "Asia/Kathmandu",
];

/// Now, to the second, over four years.
fn now() -> impl Strategy<Value = Zoned> {
    (0..4 * 366 * 86_400_i64, prop::sample::select(&ZONES)).prop_map(|(seconds, zone)| {
        let start: DateTime = "2025-01-01T00:00".parse().unwrap();
        start
            .in_tz(zone)
            .unwrap()
            .checked_add(seconds.seconds())
            .unwrap()
    })
}

fn language() -> impl Strategy<Value = Language> {
    prop::sample::select(&Language::ALL[..])
}

/// Words about times, of which most texts are understood in part and many fully.
fn words() -> impl Strategy<Value = String> {
    const WORDS: &str = "today tomorrow yesterday the day after next this week on at in of to half quarter past \
        monday tuesday friday sunday morning afternoon evening night noon midnight first third 3rd 31st december \
        february 29 30 2 4 7 12 16 23 2026 2027 : . / am pm oclock hours minutes days weeks two four eight twelve \
        hoy mañana pasado el la las a de por que viene próximo semana lunes martes viernes tarde noche y media \
        cuarto menos tres cuatro doce ocho quince enero diciembre en dentro horas días heute morgen übermorgen am \
        um halb viertel vor nach dreiviertel uhr nächste nächsten kommenden woche montag dienstag mittwoch früh \
        abend nachmittag dritten einunddreißigsten zwölften januar in acht tagen vierzehn stunden ab bis";
    let words: Vec<_> = WORDS.split_whitespace().collect();
    prop::collection::vec(prop::sample::select(words), 1..9).prop_map(|words| words.join(" "))
}

/// What is in the tables of phrases, and said at another time.
fn phrase() -> impl Strategy<Value = String> {
    let tables = [
        include_str!("phrases/en.tsv"),
        include_str!("phrases/es.tsv"),
        include_str!("phrases/de.tsv"),
    ];
    let phrases = tables
        .into_iter()
        .flat_map(str::lines)
        .filter_map(|line| line.split('\t').next());
    prop::sample::select(phrases.collect::<Vec<_>>()).prop_map(str::to_owned)
}

/// A part as it may come: missing, right, or anything.
fn part(right: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        60 => Just(None),
        10 => prop::sample::select(right).prop_map(|it| Some(it.to_owned())),
        1 => words().prop_map(Some),
    ]
}

fn asked() -> impl Strategy<Value = Asked> {
    let parts = (
        part(&["monday", "tuesday", "sunday", "viernes"]),
        part(&["2026-03-29", "2027-10-31", "02-29", "31.12.", "12-01"]),
        part(&["today", "tomorrow", "day_after_tomorrow", "in_3_days"]),
        part(&["-1", "0", "3", "99999999"]),
        part(&["-1", "0", "1", "2", "2147483647"]),
        part(&["1", "29", "31", "0", "32"]),
        part(&["2", "12", "13", "diciembre"]),
        part(&["02:30", "2:30", "16:30", "4 pm", "24:00", "00:00", "12:00"]),
        part(&["morning", "noon", "afternoon", "evening", "night"]),
        part(&[
            "2026-10-25T02:30:00",
            "2026-12-01T15:00:00Z",
            "9999-12-31T23:59:59Z",
        ]),
        prop::option::of(prop_oneof![4 => phrase(), 1 => words()]),
    );
    parts.prop_map(
        |(
            weekday,
            date,
            relative_day,
            in_days,
            week_offset,
            day_of_month,
            month,
            time,
            part_of_day,
            instant,
            said,
        )| Asked {
            weekday,
            date,
            relative_day,
            in_days,
            week_offset,
            day_of_month,
            month,
            time,
            part_of_day,
            instant,
            said,
        },
    )
}

fn opening() -> impl Strategy<Value = Option<Opening>> {
    let hours = prop::collection::vec(
        (0..24_u16, 1..12_u16).prop_map(|(from, long)| from * 60..(from + long) * 60),
        0..3,
    );
    prop::option::of(prop::array::uniform7(hours))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn nothing_is_ever_in_the_past(asked in asked(), now in now(), language in language(), opening in opening()) {
        let context = Context { now: &now, language, opening: opening.as_ref() };
        match resolve(&asked, &context) {
            Ok(when) => {
                let (from, to) = when.span(&now);
                prop_assert!(from >= now && to >= from, "{when:?}");
                if let When::Moment(at) = when {
                    prop_assert!(at > now);
                }
            }
            Err(question) => {
                let sentence = question.sentence(&now, language);
                prop_assert!(sentence.contains('?'), "{sentence}");
                for at in question.instead(&now) {
                    prop_assert!(!speak(&at, &now, language).is_empty());
                }
            }
        }
    }

    #[test]
    fn what_is_spoken_is_understood(now in now(), minutes in 1..600 * 1_440_i64, language in language()) {
        let at = now.checked_add(minutes.minutes()).unwrap().round(Unit::Minute).unwrap();
        let said = speak(&at, &now, language);
        let asked = Asked { said: Some(said.clone()), ..Asked::default() };
        let context = Context { now: &now, language, opening: None };
        match resolve(&asked, &context) {
            Ok(When::Moment(understood)) => prop_assert_eq!(understood, at, "{}", said),
            // It does not say which, so it is asked.
            Err(Question::Twice(first, second)) => prop_assert!(first == at || second == at, "{}", said),
            other => prop_assert!(false, "{said}: {other:?}"),
        }
    }
}

/// Anything that may come instead of what was asked for.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        "[0-9:./ -]{0,40}",
        "[🕓📅🎉a-z0-9 ]{0,40}",
        words()
    ]
}

proptest! {
    // Ten texts each.
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_text_has_an_answer(
        texts in prop::collection::vec((text(), 0..11_usize), 10),
        language in language(),
    ) {
        let now: Zoned = "2026-11-16T10:00[Europe/Berlin]".parse().unwrap();
        let context = Context { now: &now, language, opening: None };
        for (text, field) in texts {
            let it = |at: usize| (field == at).then(|| text.clone());
            let asked = Asked {
                weekday: it(0), date: it(1), relative_day: it(2), in_days: it(3), week_offset: it(4),
                day_of_month: it(5), month: it(6), time: it(7), part_of_day: it(8), instant: it(9),
                said: it(10),
            };
            let _ = resolve(&asked, &context);
        }
    }
}

#[test]
fn a_very_long_text_takes_no_longer() {
    let now: Zoned = "2026-11-16T10:00[Europe/Berlin]".parse().unwrap();
    for word in [
        "half past ",
        "las cuatro y ",
        "viertel vor ",
        "23.",
        "1/",
        "🕓",
        "a",
    ] {
        for times in [30, 10_000_000 / word.len()] {
            let text = word.repeat(times);
            for language in Language::ALL {
                let context = Context {
                    now: &now,
                    language,
                    opening: None,
                };
                let asked = Asked {
                    said: Some(text.clone()),
                    time: Some(text.clone()),
                    ..Asked::default()
                };
                let begun = std::time::Instant::now();
                let _ = resolve(&asked, &context);
                assert!(begun.elapsed().as_secs() < 2, "{times} times `{word}`");
            }
        }
    }
}
