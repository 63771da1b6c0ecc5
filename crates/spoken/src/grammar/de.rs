//! German.

use super::phrase::{Kind, Says, Slots, part};
use super::table::Table;
use crate::meant::{Clock, Day, Fact, Part, Which};

const ONES: [&str; 20] = [
    "null",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fuenf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwoelf",
    "dreizehn",
    "vierzehn",
    "fuenfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
];
const TENS: [&str; 4] = ["zwanzig", "dreissig", "vierzig", "fuenfzig"];
const ORDINALS: [&str; 19] = [
    "erst",
    "zweit",
    "dritt",
    "viert",
    "fuenft",
    "sechst",
    "siebt",
    "acht",
    "neunt",
    "zehnt",
    "elft",
    "zwoelft",
    "dreizehnt",
    "vierzehnt",
    "fuenfzehnt",
    "sechzehnt",
    "siebzehnt",
    "achtzehnt",
    "neunzehnt",
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
        Kind::Count,
        [("einen", 1), ("einem", 1), ("einer", 1), ("eine", 1)],
    );
    let ordinals = ordinals();
    table.words(Kind::DayOfMonth, ordinals.iter().cloned());
    table.words(
        Kind::OrdinalMonth,
        ordinals.iter().filter(|(_, number)| *number <= 12).cloned(),
    );
    table.words(Kind::Ordinal, ordinals);
    table.names(
        Kind::Weekday,
        0,
        &[
            "montag|montags|mo",
            "dienstag|dienstags|di",
            "mittwoch|mittwochs|mi",
            "donnerstag|donnerstags|do",
            "freitag|freitags|fr",
            "samstag|samstags|sonnabend|sa",
            "sonntag|sonntags",
        ],
    );
    table.names(
        Kind::Month,
        1,
        &[
            "januar|jaenner|jan",
            "februar|feber|feb",
            "maerz",
            "april|apr",
            "mai",
            "juni|juno|jun",
            "juli|julei|jul",
            "august|aug",
            "september|sep|sept",
            "oktober|okt",
            "november|nov",
            "dezember|dez",
        ],
    );
    table.words(
        Kind::Part,
        [
            ("frueh", part(Part::Morning)),
            ("vormittag", part(Part::Morning)),
            ("vormittags", part(Part::Morning)),
            ("morgens", part(Part::Morning)),
            ("mittag", part(Part::Noon)),
            ("mittags", part(Part::Noon)),
            ("nachmittag", part(Part::Afternoon)),
            ("nachmittags", part(Part::Afternoon)),
            ("abend", part(Part::Evening)),
            ("abends", part(Part::Evening)),
            ("nacht", part(Part::Night)),
            ("nachts", part(Part::Night)),
        ],
    );
    table.words(
        Kind::At,
        [
            ("um", 0),
            ("gegen", 0),
            ("so um", 0),
            ("so gegen", 0),
            ("ungefaehr um", 0),
            ("etwa um", 0),
            ("circa um", 0),
            ("um circa", 0),
            ("um etwa", 0),
            ("um ungefaehr", 0),
            ("um punkt", 0),
            ("punkt", 0),
            ("ab", 1),
            ("nach", 1),
            ("von", 1),
            ("nicht vor", 1),
            ("fruehestens um", 1),
            ("so ab", 1),
            ("vor", 2),
            ("bis", 2),
            ("spaetestens um", 2),
            ("bis spaetestens", 2),
        ],
    );
    table.phrases(DAYS);
    table.phrases(DATES);
    table.phrases(TIMES);
    table.fillers(FILLERS);
    table
}

const DAYS: &[(&str, Says)] = &[
    ("heute", |_| vec![in_days(0)]),
    ("morgen", |_| vec![in_days(1)]),
    ("uebermorgen", |_| vec![in_days(2)]),
    ("gestern", |_| vec![in_days(-1)]),
    ("ueberuebermorgen", |_| vec![in_days(3)]),
    ("heute morgen", |_| {
        vec![in_days(0), Fact::Part(Part::Morning)]
    }),
    ("heute #p", |s| vec![in_days(0), s.part()]),
    ("am|den|der|diesen? #w", |s| vec![s.weekday(Which::First)]),
    (
        "am|den|der? kommenden|kommender|kommendem|kommende #w",
        |s| vec![s.weekday(Which::Coming)],
    ),
    (
        "am|den|der? naechsten|naechster|naechstem|naechste #w",
        |s| vec![s.weekday(Which::Next)],
    ),
    ("am? #w morgen", |s| {
        vec![s.weekday(Which::First), Fact::Part(Part::Morning)]
    }),
    ("am? #w in acht|8 tagen", |s| {
        vec![s.weekday(Which::AndAWeek)]
    }),
    ("am? #w ueber acht|8 tage", |s| {
        vec![s.weekday(Which::AndAWeek)]
    }),
    ("heute in acht|8 tagen", |_| vec![in_days(7)]),
    ("heute ueber acht|8 tage", |_| vec![in_days(7)]),
    ("heute in einer woche", |_| vec![in_days(7)]),
    ("heute in vierzehn|14 tagen", |_| vec![in_days(14)]),
    ("heute in zwei|2 wochen", |_| vec![in_days(14)]),
    ("morgen in acht|8 tagen", |_| vec![in_days(8)]),
    ("morgen in einer woche", |_| vec![in_days(8)]),
    ("morgen in vierzehn|14 tagen", |_| vec![in_days(15)]),
    ("in acht|8 tagen", |_| vec![Fact::Day(Day::InAbout(8))]),
    ("#w in vierzehn|14 tagen", |s| {
        vec![s.weekday(Which::First), Fact::Day(Day::InWeeks(2))]
    }),
    ("in #n tag|tagen", |s| vec![in_days(s.times(1))]),
    ("in #n woche|wochen", |s| {
        vec![Fact::Day(Day::InWeeks(s.times(1)))]
    }),
    ("in #n stunde|stunden", |s| {
        vec![Fact::Day(Day::InMinutes(s.times(60)))]
    }),
    ("in einer halben stunde", |_| {
        vec![Fact::Day(Day::InMinutes(30))]
    }),
    ("in einer viertelstunde", |_| {
        vec![Fact::Day(Day::InMinutes(15))]
    }),
    ("in anderthalb|eineinhalb stunden", |_| {
        vec![Fact::Day(Day::InMinutes(90))]
    }),
    ("in #m minute|minuten", |s| {
        vec![Fact::Day(Day::InMinutes(
            i32::try_from(s.minute).unwrap_or(0),
        ))]
    }),
    ("in? diese|dieser woche", |_| vec![Fact::Day(Day::Week(0))]),
    (
        "in? der? naechste|naechster|naechsten|kommende|kommender|kommenden woche",
        |_| vec![Fact::Day(Day::Week(1))],
    ),
    ("uebernaechste|uebernaechster|uebernaechsten woche", |_| {
        vec![Fact::Day(Day::Week(2))]
    }),
    ("in der uebernaechsten woche", |_| {
        vec![Fact::Day(Day::Week(2))]
    }),
    ("am|dieses|diesem? wochenende", |_| {
        vec![Fact::Day(Day::Weekend(0))]
    }),
    ("am? naechstes|naechsten wochenende", |_| {
        vec![Fact::Day(Day::Weekend(1))]
    }),
    ("am|in|gegen|ueber|zu? der|den? #p", |s| vec![s.part()]),
    ("guten morgen|tag|abend|mittag", |_| vec![]),
    (
        "am|den|der|die? erste|erster|ersten freie|freier|freien|moegliche|moeglichen|termin",
        |_| vec![Fact::Unclear],
    ),
    ("so frueh|bald|schnell wie moeglich", |_| {
        vec![Fact::Unclear]
    }),
    ("am morgen", |_| vec![Fact::Part(Part::Morning)]),
    ("in der fruehe|frueh", |_| vec![Fact::Part(Part::Morning)]),
];

const DATES: &[(&str, Says)] = &[
    ("am|den|dem|der|zum? #o", |s| vec![s.of_month()]),
    ("am|den|dem|der|zum? #o #w", |s| {
        s.of_month_and(Which::First)
    }),
    ("am|den|dem|der|zum? #o #om #y?", |s| vec![s.date()]),
    ("am|den|dem|der|zum? #d . #mn . #y?", |s| vec![s.date()]),
    ("am|den|dem|der|zum? #d . #mn", |s| vec![s.date()]),
    ("am|den|dem|der|zum? #d / #mn", |s| vec![s.date()]),
    ("am|den|dem|der|zum? #d #mo #y?", |s| vec![s.date()]),
    ("des|im|in? naechsten|kommenden monat|monats", |_| {
        vec![Fact::Day(Day::MonthAhead(1))]
    }),
    ("in? diesem|diesen|dieses monat|monats", |_| {
        vec![Fact::Day(Day::MonthAhead(0))]
    }),
    ("in #n monat|monaten", |s| vec![s.in_months()]),
    ("an? heiligabend", |_| vec![holiday(12, 24)]),
    ("an|zu? silvester", |_| vec![holiday(12, 31)]),
    ("an? neujahr", |_| vec![holiday(1, 1)]),
    ("am? #y - #mn - #d", |s| vec![s.date()]),
    ("im #mo", |s| vec![s.named_month()]),
    ("#mo", |s| vec![s.named_month()]),
];

const TIMES: &[(&str, Says)] = &[
    ("zwischen #h uhr? und #to uhr?", Slots::stretch),
    ("#at #h", |s| vec![s.clock(0)]),
    ("#at? #h uhr", |s| vec![s.clock(0)]),
    ("#at? #h uhr #m", |s| vec![s.clock(s.minute)]),
    ("#at? #h uhr und? #m minuten?", |s| vec![s.clock(s.minute)]),
    ("#at? #h :|. #mm uhr?", |s| vec![s.clock(s.minute)]),
    ("#at? #h h #mm?", |s| vec![s.clock(s.minute)]),
    ("#at #h #m", |s| vec![s.clock(s.minute)]),
    ("#at? halb #h", |s| vec![s.clock(-30)]),
    ("#at? viertel nach #h uhr?", |s| vec![s.clock(15)]),
    ("#at? viertel vor #h uhr?", |s| vec![s.clock(-15)]),
    ("#at? viertel ueber #h", |s| vec![s.clock(15)]),
    ("#at? viertel #h", |s| vec![s.clock(-45)]),
    ("#at? dreiviertel #h", |s| vec![s.clock(-15)]),
    ("#at? drei viertel #h", |s| vec![s.clock(-15)]),
    ("#at? #m minuten? nach #h uhr?", |s| vec![s.clock(s.minute)]),
    ("#at? #m minuten? vor #h uhr?", |s| vec![s.clock(-s.minute)]),
    ("#at? #m minuten? vor halb #h", |s| {
        vec![s.clock(-30 - s.minute)]
    }),
    ("#at? #m minuten? nach halb #h", |s| {
        vec![s.clock(s.minute - 30)]
    }),
    ("#at? mitternacht", |_| vec![Fact::Clock(Clock::sure(1440))]),
    ("#at? zwoelf|12 uhr? mittags", |_| {
        vec![Fact::Clock(Clock::sure(720))]
    }),
];

fn holiday(month: i8, day: i8) -> Fact {
    Fact::Day(Day::NoYear(month, day))
}

fn in_days(days: i32) -> Fact {
    Fact::Day(Day::InDays(days))
}

/// Zero to fifty-nine, as hours and minutes say them.
fn numbers() -> Vec<(String, i64)> {
    let mut numbers: Vec<_> = ONES.iter().map(|it| (*it).to_owned()).zip(0..).collect();
    numbers.extend([("ein", 1), ("zwo", 2)].map(|(name, value)| (name.to_owned(), value)));
    for (tens, value) in TENS.iter().zip([20, 30, 40, 50]) {
        numbers.push(((*tens).to_owned(), value));
        let ones = ONES.iter().zip(0..).skip(1).take(9);
        numbers.extend(ones.map(|(one, ones)| {
            let one = if ones == 1 { "ein" } else { one };
            (format!("{one}und{tens}"), value + ones)
        }));
    }
    numbers
}

/// First to thirty-first, in each case.
fn ordinals() -> Vec<(String, i64)> {
    let mut stems: Vec<_> = ORDINALS
        .iter()
        .map(|it| (*it).to_owned())
        .zip(1..)
        .collect();
    stems.push(("siebent".to_owned(), 7));
    let numbers = numbers()
        .into_iter()
        .filter(|(_, number)| (20..=31).contains(number));
    stems.extend(numbers.map(|(name, number)| (format!("{name}st"), number)));
    let endings = ["e", "en", "er", "em"];
    stems
        .iter()
        .flat_map(|(stem, number)| endings.map(|ending| (format!("{stem}{ending}"), *number)))
        .collect()
}

const FILLERS: &str = "aeh aehm ja jo also gut ok okay bitte danke hallo tag gruess gott moin ich wir mir uns mich sie \
    ihnen ihr es da dann so und zu zum zur auf fuer mit der die das den dem des ein eine einen einem einer am im in um an bei \
    haette haetten haben habe hab gern gerne will wuerde wuerden wollte wollten moechte moechten brauche braeuchte brauchen \
    kann koennte koennten koennen geht ginge gehen gaebe gibt gebe waere waer ist sein passt passen passe passte kommen komme \
    vorbeikommen vorbei vorbeischauen termin termine zeit uhrzeit tisch platz was etwas noch frei freies freie freien \
    verfuegbar moeglich vielleicht eventuell am besten lieber wie ob man mal nur auch schon einfach doch eben genau sagen \
    sagen wir machen mache buchen reservieren vereinbaren ausmachen nehmen nehme arzt doktor praxis zahnarzt friseur \
    untersuchung kontrolle beratung bekommen kriegen kriege kriegt heisst wuensche vormerken eintragen legen schauen sehen \
    gleich direkt super prima klar denn hier nun sieht aus irgendwann ganz";
