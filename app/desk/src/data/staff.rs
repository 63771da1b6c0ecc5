//! Who of the staff takes calls, as several pages show it.

use api::availability::{Availability, Colleague, Colleagues};
use leptos::prelude::*;

use super::{Desk, Loaded, Standing};
use crate::words::availability::Texts;

/// The staff; asked for again when the stream tells of a change.
#[derive(Clone, Copy)]
pub(crate) struct Staff {
    pub(crate) desk: Desk,
    pub(crate) loaded: Loaded<Colleagues>,
}

impl Staff {
    pub(crate) fn of(desk: Desk) -> Self {
        Self {
            desk,
            loaded: Loaded::from(desk, "/api/desk/availability"),
        }
    }

    /// Everybody, as far as they are known.
    pub(crate) fn all(self) -> Vec<Colleague> {
        match self.loaded.value.get() {
            Some(Ok(staff)) => staff.items,
            _ => Vec::new(),
        }
    }

    /// One of them.
    pub(crate) fn one(self, user_id: &str) -> Option<Colleague> {
        self.all().into_iter().find(|it| it.user_id == user_id)
    }

    /// The reader.
    pub(crate) fn reader(self) -> Option<Colleague> {
        match self.desk.standing.get() {
            Standing::SignedIn(session) => self.one(&session.user_id),
            _ => None,
        }
    }

    /// Whether somebody takes calls, in words.
    pub(crate) fn says(self, who: &Colleague) -> &'static str {
        let texts = Texts::of(self.desk.lang.get());
        match (who.availability, who.said) {
            _ if who.in_call => texts.in_call(),
            (Availability::Away, Some(Availability::Ready | Availability::Busy)) => {
                texts.desk_closed()
            }
            (availability, _) => named(texts, availability),
        }
    }

    /// The same to be looked at.
    pub(crate) fn chip(self, who: Colleague) -> impl IntoView {
        let class = match who.availability {
            Availability::Ready => "sb-chip sb-chip-good",
            Availability::Busy => "sb-chip sb-chip-warn",
            Availability::Away | Availability::Unknown => "sb-chip",
        };
        view! { <span class=class>{move || self.says(&who)}</span> }
    }
}

/// What it is called.
pub(crate) fn named(texts: Texts, availability: Availability) -> &'static str {
    match availability {
        Availability::Ready => texts.ready(),
        Availability::Busy => texts.busy(),
        Availability::Away => texts.away(),
        Availability::Unknown => "–",
    }
}
