//! What pages are made of: buttons, fields, hours, days, a table, rows without end, tabs, a menu, a drawer, charts and figures, a
//! question before something that cannot be undone, a way to undo what can be, a secret shown once, icons. It knows nothing
//! of the desk but which language its reader speaks, from the context ([`speak`]).

mod ago;
mod button;
mod chart;
mod confirm;
mod day;
mod drawer;
mod empty;
mod field;
mod hours;
pub(crate) mod icon;
mod known;
mod menu;
mod method;
mod range;
mod roving;
mod rows;
mod secret;
mod several;
mod stat;
mod table;
mod tabs;
mod timezone;
mod toast;
mod volume;
mod week;

use leptos::prelude::*;

use crate::words::Lang;

use crate::words::kit::Texts;
pub(crate) use ago::Ago;
pub(crate) use button::{Button, ButtonLook, ButtonSize, RowActions};
pub(crate) use chart::{Chart, Look, Plot, Series, Shape};
pub(crate) use confirm::{Confirm, Question};
pub(crate) use day::{Day, Wall};
pub(crate) use drawer::{Drawer, hide, put_away, show};
pub(crate) use empty::Empty;
pub(crate) use field::{
    CheckField, ColorField, JsonField, Refused, SETTLED, SelectField, TextArea, TextField,
    focus_wrong, named_lines,
};
pub(crate) use hours::{DayField, DayHours};
pub(crate) use known::Known;
pub(crate) use menu::{Does, Menu, MenuItem};
pub(crate) use method::{MethodField, method_name, method_named};
pub(crate) use range::{DateRange, Days};
pub(crate) use rows::{BLOCK, Rows, near};
pub(crate) use secret::{SecretBox, write_to_clipboard};
pub(crate) use several::{Offer, SeveralField};
pub(crate) use stat::Stats;
pub(crate) use table::{Cell, Table};
pub(crate) use tabs::{Tab, Tabs};
pub(crate) use timezone::TimezoneField;
pub(crate) use toast::{Toast, ToastPlace};
pub(crate) use volume::Volume;
pub(crate) use week::{HoursFields, TypedHours};

/// What time it is (Unix ms), told again and again.
#[derive(Debug, Clone, Copy)]
struct Clock(RwSignal<i64>);

/// Lets the parts drawn by whoever calls this speak this language, and know what time it is (Unix
/// ms).
pub(crate) fn speak(lang: RwSignal<Lang>, now: RwSignal<i64>) {
    provide_context(lang);
    provide_context(Clock(now));
    provide_context(Refused::new(None));
}

/// The kit's words, following the reader's language.
fn words() -> Signal<Texts> {
    let lang = language();
    Signal::derive(move || Texts::of(lang.get()))
}

/// The reader's language.
fn language() -> Signal<Lang> {
    let lang = use_context::<RwSignal<Lang>>();
    Signal::derive(move || lang.map(|lang| lang.get()).unwrap_or_default())
}
