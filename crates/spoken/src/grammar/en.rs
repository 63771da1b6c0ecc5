//! English.

use super::phrase::{Kind, Says, Slots, part};
use super::table::Table;
use crate::meant::{Day, Fact, Part, Which};

/// The names of the small numbers.
const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 4] = ["twenty", "thirty", "forty|fourty", "fifty"];
const ORDINALS: [&str; 20] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
];

pub(super) fn table() -> Table {
    let mut table = Table::default();
    let numbers = numbers();
    table.words(
        Kind::Hour,
        numbers
            .iter()
            .filter(|(_, number)| (0..=24).contains(number))
            .cloned(),
    );
    table.words(Kind::Minute, numbers.iter().cloned());
    table.words(
        Kind::Count,
        numbers.iter().filter(|(_, number)| *number > 0).cloned(),
    );
    table.words(
        Kind::Fives,
        [
            ("five", 5),
            ("5", 5),
            ("ten", 10),
            ("10", 10),
            ("twenty", 20),
            ("20", 20),
            ("twenty five", 25),
            ("25", 25),
        ],
    );
    table.words(
        Kind::Said,
        numbers
            .iter()
            .filter(|(_, number)| number % 5 == 0 && *number > 9)
            .cloned(),
    );
    table.words(Kind::Count, [("a", 1), ("an", 1), ("a couple of", 2)]);
    let ordinals = ordinals();
    table.words(Kind::Ordinal, ordinals.iter().cloned());
    table.words(Kind::DayOfMonth, ordinals);
    table.names(
        Kind::Weekday,
        0,
        &[
            "monday|mondays|mon",
            "tuesday|tuesdays|tue|tues",
            "wednesday|wednesdays",
            "thursday|thursdays|thu|thur|thurs",
            "friday|fridays|fri",
            "saturday|saturdays|sat",
            "sunday|sundays|sun",
        ],
    );
    table.names(
        Kind::Month,
        1,
        &[
            "january|jan",
            "february|feb",
            "march|mar",
            "april|apr",
            "may",
            "june|jun",
            "july|jul",
            "august|aug",
            "september|sep|sept",
            "october|oct",
            "november|nov",
            "december|dec",
        ],
    );
    table.words(
        Kind::Part,
        [
            ("morning", part(Part::Morning)),
            ("lunchtime", part(Part::Noon)),
            ("lunch time", part(Part::Noon)),
            ("afternoon", part(Part::Afternoon)),
            ("evening", part(Part::Evening)),
            ("night", part(Part::Night)),
        ],
    );
    table.words(Kind::Half, [("am", 0), ("a m", 0), ("pm", 1), ("p m", 1)]);
    table.words(
        Kind::At,
        [
            ("at", 0),
            ("at about", 0),
            ("at around", 0),
            ("around", 0),
            ("about", 0),
            ("by about", 0),
            ("after", 1),
            ("from", 1),
            ("any time after", 1),
            ("anytime after", 1),
            ("sometime after", 1),
            ("not before", 1),
            ("from about", 1),
            ("starting at", 1),
            ("starting from", 1),
            ("before", 2),
            ("until", 2),
            ("till", 2),
            ("by", 2),
            ("any time before", 2),
            ("not later than", 2),
        ],
    );
    table.phrases(DAYS);
    table.phrases(DATES);
    table.phrases(TIMES);
    table.fillers(FILLERS);
    table
}

const DAYS: &[(&str, Says)] = &[
    ("today", |_| vec![in_days(0)]),
    ("tomorrow", |_| vec![in_days(1)]),
    ("the? day after tomorrow", |_| vec![in_days(2)]),
    ("yesterday", |_| vec![in_days(-1)]),
    ("this #p", |s| vec![in_days(0), s.part()]),
    ("later|earlier today", |_| vec![in_days(0)]),
    ("tonight", |_| vec![in_days(0), Fact::Part(Part::Night)]),
    ("on|this? #w", |s| vec![s.weekday(Which::First)]),
    ("this|the? coming|upcoming #w", |s| {
        vec![s.weekday(Which::Coming)]
    }),
    ("#w coming", |s| vec![s.weekday(Which::Coming)]),
    ("on? next #w", |s| vec![s.weekday(Which::Next)]),
    ("#w week", |s| vec![s.weekday(Which::AndAWeek)]),
    ("a week on|from #w", |s| vec![s.weekday(Which::AndAWeek)]),
    ("a week from? today", |_| vec![in_days(7)]),
    ("today week", |_| vec![in_days(7)]),
    ("a week from? tomorrow", |_| vec![in_days(8)]),
    ("tomorrow week", |_| vec![in_days(8)]),
    ("in #n days time?", |s| vec![in_days(s.times(1))]),
    ("in #n day time?", |s| vec![in_days(s.times(1))]),
    ("#n days from now|today", |s| vec![in_days(s.times(1))]),
    ("in #n week|weeks time?", |s| {
        vec![Fact::Day(Day::InWeeks(s.times(1)))]
    }),
    ("#n week|weeks from now|today", |s| {
        vec![Fact::Day(Day::InWeeks(s.times(1)))]
    }),
    ("in? a? fortnight time?", |_| {
        vec![Fact::Day(Day::InWeeks(2))]
    }),
    ("in a fortnights time", |_| vec![Fact::Day(Day::InWeeks(2))]),
    ("in #n hour|hours time?", |s| {
        vec![Fact::Day(Day::InMinutes(s.times(60)))]
    }),
    ("#n hour|hours from now", |s| {
        vec![Fact::Day(Day::InMinutes(s.times(60)))]
    }),
    ("in half an? hour", |_| vec![Fact::Day(Day::InMinutes(30))]),
    ("in an hour and a half", |_| {
        vec![Fact::Day(Day::InMinutes(90))]
    }),
    ("in #m minute|minutes", |s| {
        vec![Fact::Day(Day::InMinutes(
            i32::try_from(s.minute).unwrap_or(0),
        ))]
    }),
    ("of? this week", |_| vec![Fact::Day(Day::Week(0))]),
    ("of? next week", |_| vec![Fact::Day(Day::Week(1))]),
    ("of? the following week", |_| vec![Fact::Day(Day::Week(1))]),
    ("of? the? week after next", |_| {
        vec![Fact::Day(Day::Week(2))]
    }),
    ("this|the weekend", |_| vec![Fact::Day(Day::Weekend(0))]),
    ("next weekend", |_| vec![Fact::Day(Day::Weekend(1))]),
    ("in|the? #p", |s| vec![s.part()]),
    ("in the #p", |s| vec![s.part()]),
    ("at|by night", |_| vec![Fact::Part(Part::Night)]),
    ("first thing", |_| vec![Fact::Part(Part::Morning)]),
    ("good #p", |_| vec![]),
    ("come|coming|drop|stop|swing|pop by|over", |_| vec![]),
    ("table for #n", |_| vec![]),
    (
        "the? first|next|earliest|soonest available|free|possible|slot|appointment|opening|one|time",
        |_| vec![Fact::Unclear],
    ),
    ("first of all", |_| vec![]),
    (
        "one|a|just|hang|wait|hold second|sec|moment|minute",
        |_| vec![],
    ),
    ("or so", |_| vec![]),
    ("this|same time", |_| vec![Fact::Unclear]),
    ("over lunch", |_| vec![Fact::Part(Part::Noon)]),
];

const DATES: &[(&str, Says)] = &[
    ("on? the? #o", |s| vec![s.of_month()]),
    ("on? the? #o #w", |s| s.of_month_and(Which::First)),
    ("the #d", |s| vec![s.of_month()]),
    ("on? the? #d of? #mo #y?", |s| vec![s.date()]),
    ("on? #mo the? #d #y?", |s| vec![s.date()]),
    ("the|of|in? next month", |_| {
        vec![Fact::Day(Day::MonthAhead(1))]
    }),
    ("of|in? this month", |_| vec![Fact::Day(Day::MonthAhead(0))]),
    ("of the month", |_| vec![]),
    ("in #n month|months time?", |s| vec![s.in_months()]),
    ("#n month|months from now|today", |s| vec![s.in_months()]),
    ("christmas eve", |_| vec![holiday(12, 24)]),
    ("christmas day", |_| vec![holiday(12, 25)]),
    ("new years eve", |_| vec![holiday(12, 31)]),
    ("new years day", |_| vec![holiday(1, 1)]),
    ("on? #d / #mn / #y", |s| vec![s.slashed()]),
    ("on? #y -|/ #mn -|/ #d", |s| vec![s.date()]),
    ("on? #mn / #d", |s| vec![s.slashed()]),
    ("on? #mn / #d / #y", |s| vec![s.slashed()]),
    ("on? #d / #mn", |s| vec![s.slashed()]),
    ("in #mo", |s| vec![s.named_month()]),
];

const TIMES: &[(&str, Says)] = &[
    // No minutes to an hour.
    ("from #h #half? to|till|til #to #half?", Slots::stretch),
    ("between #h #half? and|to #to #half?", Slots::stretch),
    ("#at #h #half?", |s| vec![s.clock(0)]),
    ("#at? #h #half", |s| vec![s.clock(0)]),
    ("#at? #h oclock #half?", |s| vec![s.clock(0)]),
    ("#at? #h o clock #half?", |s| vec![s.clock(0)]),
    ("#at? #h :|. #mm #half?", |s| vec![s.clock(s.minute)]),
    ("#at? #h h #mm?", |s| vec![s.clock(s.minute)]),
    ("#at #h #m #half?", |s| vec![s.clock(s.minute)]),
    ("#h #said #half?", |s| vec![s.clock(s.minute)]),
    ("#at? #h #m #half", |s| vec![s.clock(s.minute)]),
    ("#at? #h oh|o #m #half?", |s| vec![s.clock(s.minute)]),
    ("#at? half past? #h #half?", |s| vec![s.clock(30)]),
    ("#at? a? quarter past|after #h #half?", |s| {
        vec![s.clock(15)]
    }),
    ("#at? a? quarter to|of|till|til|before #h #half?", |s| {
        vec![s.clock(-15)]
    }),
    ("#at? #m minute|minutes past|after #h #half?", |s| {
        vec![s.clock(s.minute)]
    }),
    ("#at? #five past|after #h #half?", |s| {
        vec![s.clock(s.minute)]
    }),
    ("#at? #m minute|minutes to|till|til #h #half?", |s| {
        vec![s.clock(-s.minute)]
    }),
    ("#at? #five to|till|til #h #half?", |s| {
        vec![s.clock(-s.minute)]
    }),
    ("#at? 12? noon", |s| vec![s.sure(720)]),
    ("#at? twelve noon", |s| vec![s.sure(720)]),
    ("#at? midday", |s| vec![s.sure(720)]),
    ("#at? 12? midnight", |s| vec![s.sure(1440)]),
    ("#at? twelve midnight", |s| vec![s.sure(1440)]),
    ("#at #h in the #p", |s| vec![s.clock(0), s.part()]),
    ("#at? #h in the #p", |s| match s.hour {
        // "Is there one in the afternoon?"
        1 => vec![Fact::Unclear],
        _ => vec![s.clock(0), s.part()],
    }),
    ("#at? #h #m in the #p", |s| {
        vec![s.clock(s.minute), s.part()]
    }),
    ("#at? #h at night", |s| {
        vec![s.clock(0), Fact::Part(Part::Night)]
    }),
    ("#at? #h #m at night", |s| {
        vec![s.clock(s.minute), Fact::Part(Part::Night)]
    }),
    ("#at? #h tonight", |s| {
        vec![s.clock(0), in_days(0), Fact::Part(Part::Night)]
    }),
];

fn holiday(month: i8, day: i8) -> Fact {
    Fact::Day(Day::NoYear(month, day))
}

fn in_days(days: i32) -> Fact {
    Fact::Day(Day::InDays(days))
}

/// Zero to fifty-nine.
fn numbers() -> Vec<(String, i64)> {
    let mut numbers: Vec<_> = ONES.iter().map(|it| (*it).to_owned()).zip(0..).collect();
    for (tens, value) in TENS.iter().zip([20, 30, 40, 50]) {
        for tens in tens.split('|') {
            numbers.push((tens.to_owned(), value));
            let ones = ONES.iter().zip(0..).skip(1).take(9);
            numbers.extend(ones.map(|(one, ones)| (format!("{tens} {one}"), value + ones)));
        }
    }
    numbers
}

/// First to thirty-first.
fn ordinals() -> Vec<(String, i64)> {
    let mut ordinals: Vec<_> = ORDINALS
        .iter()
        .map(|it| (*it).to_owned())
        .zip(1..)
        .collect();
    let ones = ORDINALS.iter().zip(1..).take(9);
    ordinals.extend(ones.map(|(one, ones)| (format!("twenty {one}"), 20 + ones)));
    ordinals.push(("thirtieth".to_owned(), 30));
    ordinals.push(("thirty first".to_owned(), 31));
    ordinals
}

const FILLERS: &str = "a an the on at in for of to and um uh er erm well so ok okay yes yeah yep please thanks thank you \
    hi hello hey i id ill im ive we wed well us me my it its is are was be been would could can may might will shall should \
    want wanted need like love prefer take have has had do does did get got make made book booking schedule reserve arrange \
    come coming go see visit drop appointment appointments slot slots opening spot time day date table something anything \
    some any one there that thats this works work suit suits fine good great perfect best better lets let say says said maybe \
    perhaps possibly probably possible ideally if how about what available availability free open with your you ya guys \
    doctor dentist just sometime really actually then also still exactly sharp precisely would think guess hoping hope \
    looking wondering thinking try trying fit squeeze put down move again kindly here am pop up haircut checkup check \
    cleaning consultation meeting early late preferably";
