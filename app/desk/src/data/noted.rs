//! Who did something with a call, and what they wrote down of it, as several pages show it.

use api::attend::DoneBy;
use api::wrap_up::CallNote;
use leptos::prelude::*;

use super::Desk;
use super::dial::linked;
use crate::words::attend::Texts as Names;
use crate::words::format::{self, Precision};
use crate::words::history::Texts;

/// What whoever did it is called.
pub(crate) fn name(texts: Names, done: &DoneBy) -> String {
    match (&done.user_id, done.name.as_str()) {
        (None, _) => texts.program().to_owned(),
        (Some(_), "") => texts.left().to_owned(),
        (Some(_), name) => name.to_owned(),
    }
}

/// A note, below who wrote it and when.
#[component]
pub(crate) fn Noted(desk: Desk, note: CallNote) -> impl IntoView {
    let CallNote {
        text,
        written,
        edited_at,
        ..
    } = note;
    let head = move || {
        let (lang, timezone) = (desk.lang.get(), desk.timezone());
        let when = |at| format::date(at, lang, &timezone, Precision::Short);
        let texts = Texts::of(lang);
        let by = texts.note_by(&name(Names::of(lang), &written), &when(written.at));
        match edited_at {
            Some(at) => texts.note_changed(&by, &when(at)),
            None => by,
        }
    };
    view! {
        <p class="sb-hint">{head}</p>
        <p class="sb-note">{linked(desk, &text)}</p>
    }
}
