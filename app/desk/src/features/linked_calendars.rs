//! The calendars people have elsewhere: whose is linked, which of them it is, whether it can be
//! read, and what was written into it; and the account at Cal.com that services are kept in.

mod calcom;
mod link;

use std::collections::HashMap;

use api::calendar::StaffList;
use api::linked_calendars::{
    CalendarWrite, CalendarWriteState, FoundCalendar, LinkTest, LinkedCalendarList,
};
use leptos::prelude::*;

use crate::data::elsewhere::{Write, Writes};
use crate::data::{Desk, Errand, Loaded, Loading};
use crate::kit::{Confirm, Question};
use crate::words::elsewhere;
use crate::words::linked_calendars::Texts;
use browser::ui::http::escape;
use calcom::Calcom;
use link::{Link, NewLink};

const PATH: &str = "/api/desk/calendar/links";

/// What the page's parts share.
#[derive(Clone, Copy)]
struct Shared {
    desk: Desk,
    links: Loaded<LinkedCalendarList>,
    staff: Loaded<StaffList>,
    /// What came of trying one out, by its id: it outlives the list.
    tested: RwSignal<HashMap<String, LinkTest>>,
    question: RwSignal<Option<Question>>,
    errand: Errand,
}

impl Shared {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    fn label(self, read: fn(Texts) -> &'static str) -> Signal<&'static str> {
        Signal::derive(move || read(self.texts()))
    }

    /// What somebody is called whose calendar it is.
    fn whose(self, staff_id: Option<&str>) -> String {
        let name = staff_id.and_then(|id| {
            let staff = self.staff.value.get()?.ok()?;
            let mut all = staff.items.into_iter();
            Some(all.find(|it| it.id == id)?.details.name)
        });
        name.unwrap_or_else(|| self.texts().business().to_owned())
    }

    /// The calendars that were found of one.
    fn found(self, id: &str) -> Vec<FoundCalendar> {
        let tested = self.tested.read();
        tested
            .get(id)
            .map(|it| it.calendars.clone())
            .unwrap_or_default()
    }
}

/// Linked calendars.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let shared = Shared {
        desk,
        links: Loaded::from(desk, PATH),
        staff: Loaded::from(desk, "/api/desk/calendar/staff"),
        tested: RwSignal::new(HashMap::new()),
        question: RwSignal::new(None),
        errand: Errand::new(),
    };
    let draw = move |list: LinkedCalendarList| {
        let links = list.items.into_iter();
        links
            .map(|link| view! { <Link shared link /> })
            .collect_view()
    };
    let links = move |_: StaffList| {
        view! {
            <Loading desk loaded=shared.links draw />
            <NewLink shared />
        }
    };
    view! {
        <p class="sb-hint">{shared.label(|texts| texts.hint())}</p>
        <Loading desk loaded=shared.staff draw=links />
        <Writes
            desk
            path="/api/desk/calendar/writes"
            title=shared.label(|texts| texts.writes())
            empty_hint=shared.label(|texts| texts.empty_hint())
            read=write
        />
        <Calcom desk />
        <Confirm question=shared.question />
    }
}

/// How a booking that is to stand in a calendar reads.
fn write(desk: Desk, write: CalendarWrite) -> Write {
    let state = write.state;
    let named = move || {
        let lang = desk.lang.get();
        let (common, texts) = (elsewhere::Texts::of(lang), Texts::of(lang));
        match state {
            CalendarWriteState::Written => texts.written(),
            CalendarWriteState::Removed => texts.removed(),
            CalendarWriteState::Parked => common.parked(),
            CalendarWriteState::Waiting | CalendarWriteState::Unknown => common.waiting(),
        }
    };
    Write {
        at: write.starts_at,
        what: view! { {write.service} " · " {write.reference} }.into_any(),
        state: Signal::derive(named),
        reason: write.reason,
        again: (state == CalendarWriteState::Parked)
            .then(|| format!("/api/desk/calendar/writes/{}/replay", escape(&write.id))),
        is_parked: state == CalendarWriteState::Parked,
    }
}
