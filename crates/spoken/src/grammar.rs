//! A small grammar of what people say about times. It understands all of a text, or it says so.
//!
//! A language is tables: words of each kind, phrases made of them, and words that say nothing of
//! the time. At each place the phrase that takes most words counts.

mod de;
mod en;
mod es;
mod phrase;
mod table;
mod tokens;

use std::sync::LazyLock;

use self::table::Table;
use crate::Language;
use crate::meant::{Day, Fact, Meant};

static ENGLISH: LazyLock<Table> = LazyLock::new(en::table);
static SPANISH: LazyLock<Table> = LazyLock::new(es::table);
static GERMAN: LazyLock<Table> = LazyLock::new(de::table);

fn table(language: Language) -> &'static Table {
    match language {
        Language::English => &ENGLISH,
        Language::Spanish => &SPANISH,
        Language::German => &GERMAN,
    }
}

/// What a text says of a time; `None` where not every word of it is understood, or it says two
/// things of a kind.
pub(crate) fn read(text: &str, language: Language) -> Option<Meant> {
    let tokens = tokens::tokens(text, language)?;
    let table = table(language);
    let heard = table.hear(&tokens);
    let mut meant = Meant::default();
    let mut at = 0;
    while at < tokens.len() {
        if let Some((length, facts)) = heard.longest(at) {
            for fact in facts {
                if !meant.take(fact) {
                    return None;
                }
            }
            at += length;
        } else if table.is_filler(&tokens[at]) {
            at += 1;
        } else {
            return None;
        }
    }
    let weekdays = meant
        .days
        .iter()
        .filter(|day| matches!(day, Day::Weekday(..)));
    (weekdays.count() < 2 && !meant.is_empty()).then_some(meant)
}

/// The same of a text that may be in any of our languages, this one first, where it says what is
/// asked for; a bare hour will do.
pub(crate) fn read_any(text: &str, language: Language, says: fn(&Meant) -> bool) -> Option<Meant> {
    let others = Language::ALL.into_iter().filter(|it| *it != language);
    let languages = || [language].into_iter().chain(others.clone());
    let mut full = languages().filter_map(|it| read(text, it));
    let mut hours = languages().filter_map(|it| bare_hour(text, it));
    full.find(says).or_else(|| hours.find(says))
}

/// "four" where an hour is asked for.
fn bare_hour(text: &str, language: Language) -> Option<Meant> {
    let tokens = tokens::tokens(text, language)?;
    let clock = table(language).hear(&tokens).hour()?;
    let mut meant = Meant::default();
    meant.take(Fact::Clock(clock)).then_some(meant)
}
