//! Spanish.

use super::phrase::{Kind, Says, Slots, part};
use super::table::Table;
use crate::meant::{Day, Fact, Part, Which};

const NUMBERS: [&str; 30] = [
    "cero",
    "un|una|uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciseis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno|veintiuna|veintiun",
    "veintidos",
    "veintitres",
    "veinticuatro",
    "veinticinco",
    "veintiseis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
];
const TENS: [&str; 3] = ["treinta", "cuarenta", "cincuenta"];

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
    table.words(Kind::Count, [("un par de", 2)]);
    table.words(
        Kind::DayOfMonth,
        numbers
            .iter()
            .filter(|(_, number)| (1..=31).contains(number))
            .cloned(),
    );
    table.words(Kind::DayOfMonth, [("primero", 1)]);
    table.words(Kind::Ordinal, [("primero", 1)]);
    table.names(
        Kind::Weekday,
        0,
        &[
            "lunes|lun",
            "martes",
            "miercoles|mie",
            "jueves|jue",
            "viernes|vie",
            "sabado|sabados|sab",
            "domingo|domingos|dom",
        ],
    );
    table.names(
        Kind::Month,
        1,
        &[
            "enero|ene",
            "febrero|feb",
            "marzo",
            "abril|abr",
            "mayo",
            "junio|jun",
            "julio|jul",
            "agosto|ago",
            "septiembre|setiembre|sep|sept",
            "octubre|oct",
            "noviembre|nov",
            "diciembre|dic",
        ],
    );
    table.words(
        Kind::Part,
        [
            ("madrugada", part(Part::SmallHours)),
            ("manana", part(Part::Morning)),
            ("mananita", part(Part::Morning)),
            ("mediodia", part(Part::Noon)),
            ("medio dia", part(Part::Noon)),
            ("tarde", part(Part::Afternoon)),
            ("tardecita", part(Part::Afternoon)),
            ("noche", part(Part::Night)),
        ],
    );
    table.words(Kind::Half, [("am", 0), ("a m", 0), ("pm", 1), ("p m", 1)]);
    let at = [
        ("a", 0),
        ("sobre", 0),
        ("hacia", 0),
        ("como a", 0),
        ("tipo", 0),
        ("alrededor de", 0),
        ("para", 0),
        ("a eso de", 0),
        ("mas o menos a", 0),
        ("despues de", 1),
        ("a partir de", 1),
        ("desde", 1),
        ("pasadas", 1),
        ("antes de", 2),
        ("hasta", 2),
    ];
    for article in ["las", "la"] {
        table.words(
            Kind::At,
            at.iter()
                .map(|(word, value)| (format!("{word} {article}"), *value)),
        );
        table.words(Kind::At, [(article, 0)]);
    }
    table.phrases(DAYS);
    table.phrases(DATES);
    table.phrases(TIMES);
    table.fillers(FILLERS);
    table
}

const DAYS: &[(&str, Says)] = &[
    ("hoy", |_| vec![in_days(0)]),
    ("manana", |_| vec![in_days(1)]),
    ("pasado manana", |_| vec![in_days(2)]),
    ("el? #w pasado", |_| vec![Fact::Unclear]),
    ("esta|misma hora", |_| vec![Fact::Unclear]),
    ("ayer", |_| vec![in_days(-1)]),
    ("esta|este #p", |s| vec![in_days(0), s.part()]),
    ("el|este? #w", |s| vec![s.weekday(Which::First)]),
    ("el? proximo #w", |s| vec![s.weekday(Which::Coming)]),
    ("el? #w proximo", |s| vec![s.weekday(Which::Coming)]),
    ("el|este? #w que viene", |s| vec![s.weekday(Which::Coming)]),
    ("el|este? #w siguiente", |s| vec![s.weekday(Which::Next)]),
    ("el|del? #w en ocho dias?", |s| {
        vec![s.weekday(Which::AndAWeek)]
    }),
    ("de #w en ocho dias?", |s| vec![s.weekday(Which::AndAWeek)]),
    ("el|del? #w en una semana", |s| {
        vec![s.weekday(Which::AndAWeek)]
    }),
    ("el #w de? dentro de una semana", |s| {
        vec![s.weekday(Which::AndAWeek)]
    }),
    ("de? hoy en ocho|8 dias?", |_| vec![in_days(7)]),
    ("de? hoy en quince|15 dias?", |_| vec![in_days(14)]),
    ("de? hoy en una semana", |_| vec![in_days(7)]),
    ("de? manana en ocho|8 dias?", |_| vec![in_days(8)]),
    ("de? manana en quince|15 dias?", |_| vec![in_days(15)]),
    ("en|de ocho|8 dias", |_| vec![about(8)]),
    ("dentro de ocho|8 dias", |_| vec![about(8)]),
    ("en quince|15 dias", |_| vec![about(15)]),
    ("dentro de quince|15 dias", |_| vec![about(15)]),
    ("en #n dia|dias", |s| vec![in_days(s.times(1))]),
    ("dentro de #n dia|dias", |s| vec![in_days(s.times(1))]),
    ("de aqui a #n dia|dias", |s| vec![in_days(s.times(1))]),
    ("en #n semana|semanas", |s| {
        vec![Fact::Day(Day::InWeeks(s.times(1)))]
    }),
    ("de? dentro de #n semana|semanas", |s| {
        vec![Fact::Day(Day::InWeeks(s.times(1)))]
    }),
    ("en #n hora|horas", |s| {
        vec![Fact::Day(Day::InMinutes(s.times(60)))]
    }),
    ("dentro de #n hora|horas", |s| {
        vec![Fact::Day(Day::InMinutes(s.times(60)))]
    }),
    ("en media hora", |_| vec![Fact::Day(Day::InMinutes(30))]),
    ("dentro de media hora", |_| {
        vec![Fact::Day(Day::InMinutes(30))]
    }),
    ("en una hora y media", |_| {
        vec![Fact::Day(Day::InMinutes(90))]
    }),
    ("en #m minuto|minutos", |s| {
        vec![Fact::Day(Day::InMinutes(
            i32::try_from(s.minute).unwrap_or(0),
        ))]
    }),
    ("de? esta semana", |_| vec![Fact::Day(Day::Week(0))]),
    ("de? la? semana que viene", |_| {
        vec![Fact::Day(Day::Week(1))]
    }),
    ("de? la? proxima semana", |_| vec![Fact::Day(Day::Week(1))]),
    ("de? la? semana proxima|siguiente|entrante", |_| {
        vec![Fact::Day(Day::Week(1))]
    }),
    ("este|el fin de semana", |_| {
        vec![Fact::Day(Day::Weekend(0))]
    }),
    ("el? proximo fin de semana", |_| {
        vec![Fact::Day(Day::Weekend(1))]
    }),
    ("el fin de semana que viene", |_| {
        vec![Fact::Day(Day::Weekend(1))]
    }),
    ("por|en|de|a? la #p", |s| vec![s.part()]),
    ("por|en? la #p de|del #w", |s| {
        vec![s.part(), s.weekday(Which::First)]
    }),
    ("del mediodia", |_| vec![Fact::Part(Part::Noon)]),
    ("a la? noche", |_| vec![Fact::Part(Part::Night)]),
    ("a la tarde", |_| vec![Fact::Part(Part::Afternoon)]),
    ("#w tarde|noche", |s| {
        vec![s.weekday(Which::First), s.part()]
    }),
    ("muy? temprano|tempranito", |_| {
        vec![Fact::Part(Part::Morning)]
    }),
    ("tarde", |_| vec![Fact::Part(Part::Afternoon)]),
    ("noche", |_| vec![Fact::Part(Part::Night)]),
];

const DATES: &[(&str, Says)] = &[
    ("el|al dia? #d", |s| vec![s.of_month()]),
    ("dia #d", |s| vec![s.of_month()]),
    ("el? #w dia? #d", |s| {
        vec![s.weekday(Which::First), s.of_month()]
    }),
    ("el? dia? #d de? #mo", |s| vec![s.date()]),
    ("el? dia? #d de #mo del? #y", |s| vec![s.date()]),
    ("el? dia? #d de #mo de #y", |s| vec![s.date()]),
    ("el? #w dia? #d de? #mo", |s| {
        vec![s.weekday(Which::First), s.date()]
    }),
    ("el? #w dia? #d de #mo del? #y", |s| {
        vec![s.weekday(Which::First), s.date()]
    }),
    ("el? #w dia? #d de #mo de #y", |s| {
        vec![s.weekday(Which::First), s.date()]
    }),
    ("de|en? el|del? mes que viene", |_| {
        vec![Fact::Day(Day::MonthAhead(1))]
    }),
    ("de|en? el|del? proximo mes", |_| {
        vec![Fact::Day(Day::MonthAhead(1))]
    }),
    ("de|en? este mes", |_| vec![Fact::Day(Day::MonthAhead(0))]),
    ("dentro de #n mes|meses", |s| vec![s.in_months()]),
    ("en #n mes|meses", |s| vec![s.in_months()]),
    ("en? nochebuena", |_| vec![holiday(12, 24)]),
    ("el? dia de navidad", |_| vec![holiday(12, 25)]),
    ("en? nochevieja", |_| vec![holiday(12, 31)]),
    ("el? dia? de? ano nuevo", |_| vec![holiday(1, 1)]),
    ("el? #d - #mn - #y", |s| vec![s.date()]),
    ("el? #y -|/ #mn -|/ #d", |s| vec![s.date()]),
    ("el? #d / #mn", |s| vec![s.date()]),
    ("el? #d / #mn / #y", |s| vec![s.date()]),
    ("en #mo", |s| vec![s.named_month()]),
    ("#mo", |s| vec![s.named_month()]),
];

const TIMES: &[(&str, Says)] = &[
    ("entre las|la? #h y las|la? #to", Slots::stretch),
    ("de las|la? #h a las|la? #to", Slots::stretch),
    ("#at #h #half?", |s| vec![s.clock(0)]),
    ("#at? #h #half", |s| vec![s.clock(0)]),
    ("#at? #h horas|hs|h|hrs", |s| vec![s.clock(0)]),
    ("#at? #h h #mm", |s| vec![s.clock(s.minute)]),
    ("#at? #h :|. #mm #half?", |s| vec![s.clock(s.minute)]),
    ("#at? #h :|. #mm horas|hs|h|hrs", |s| {
        vec![s.clock(s.minute)]
    }),
    ("#at #h y #m minuto|minutos? #half?", |s| {
        vec![s.clock(s.minute)]
    }),
    ("#at #h con? #m minutos? #half?", |s| {
        vec![s.clock(s.minute)]
    }),
    ("#at? #h y media #half?", |s| vec![s.clock(30)]),
    ("#at? #h y cuarto #half?", |s| vec![s.clock(15)]),
    ("#at? #h menos cuarto #half?", |s| vec![s.clock(-15)]),
    ("#at? #h menos #m #half?", |s| vec![s.clock(-s.minute)]),
    ("al? un? cuarto para las|la #h #half?", |s| {
        vec![s.clock(-15)]
    }),
    ("#at? #m minutos? para las|la #h #half?", |s| {
        vec![s.clock(-s.minute)]
    }),
    ("#at? #h en punto", |s| vec![s.clock(0)]),
    ("a|al? mediodia", |_| {
        vec![Fact::Clock(crate::meant::Clock::sure(720))]
    }),
    ("a|al? medio dia", |_| {
        vec![Fact::Clock(crate::meant::Clock::sure(720))]
    }),
    ("a? la? medianoche", |_| {
        vec![Fact::Clock(crate::meant::Clock::sure(1440))]
    }),
    ("#h de la #p", |s| vec![s.clock(0), s.part()]),
    ("#h y #m de la #p", |s| vec![s.clock(s.minute), s.part()]),
];

fn holiday(month: i8, day: i8) -> Fact {
    Fact::Day(Day::NoYear(month, day))
}

fn in_days(days: i32) -> Fact {
    Fact::Day(Day::InDays(days))
}

fn about(days: i32) -> Fact {
    Fact::Day(Day::InAbout(days))
}

/// Zero to fifty-nine.
fn numbers() -> Vec<(String, i64)> {
    let mut numbers = Vec::new();
    for (names, value) in NUMBERS.iter().zip(0..) {
        numbers.extend(names.split('|').map(|name| (name.to_owned(), value)));
    }
    for (tens, value) in TENS.iter().zip([30, 40, 50]) {
        numbers.push(((*tens).to_owned(), value));
        for (names, ones) in NUMBERS.iter().zip(0..).skip(1).take(9) {
            numbers.extend(
                names
                    .split('|')
                    .map(|name| (format!("{tens} y {name}"), value + ones)),
            );
        }
    }
    numbers
}

const FILLERS: &str = "a al de del el la los las lo un una en por para que es y con se si me mi nos le les su te tu yo usted \
    ustedes eh ah bueno pues este vale ok claro gracias favor hola buenas buenos dias tardes mire mira oiga verdad quiero \
    quisiera queria querria querriamos queremos gustaria necesito necesitaria puedo puede pueden podria podrian podemos poder \
    podriamos tengo tiene tienen tendria tendrian tenga haber hay habria ser seria sea estar esta estaria venir vengo ir voy \
    pasar pasarme pasaria acercarme pedir reservar reserva cita citas hora horas hueco huecos sitio turno turnos mesa visita \
    consulta dia momento algo alguna algun disponible disponibilidad noches libre viene bien mejor perfecto vendria preferiria prefiero \
    posible quizas quiza tal vez a ver como cual exactamente punto justo solo tambien todavia aun ahi aqui digamos pongamos \
    apuntar apunteme dar darme deme agendar tomar hacer hacerme revision limpieza corte doctor doctora dentista medico \
    cliente agenda cogerme coger sacar va iria";
