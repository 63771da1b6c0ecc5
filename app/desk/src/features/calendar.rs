//! The calendar: what is booked, by day and by week, and booking, moving and cancelling it.

mod book;
mod details;
mod drag;
mod grid;
mod place;
mod times;

use api::calendar::{
    Booking, BookingState, CalendarOffer, CalendarSettings, ServiceList, StaffList,
};
use api::problem::slug;
use leptos::ev;
use leptos::prelude::*;

use crate::data::{Desk, Errand, LoadMore, Loaded, Pages, Status, wall};
use crate::kit::icon::{Icon, icon};
use crate::kit::{Confirm, Day, Drawer, Empty, Question, Toast, ToastPlace, Wall, hide, show};
use crate::nav::{self, Link, title};
use crate::role::Role;
use crate::route::{Route, Section};
use crate::words::Lang;
use crate::words::calendar::Texts;
use crate::words::format::{self, Precision};
use book::Book;
use browser::ui::http::{Failure, escape};
use details::Details;
use grid::Grid;

const BOOKINGS: &str = "/api/desk/calendar/bookings";
/// The drawer for one booking.
const DRAWER: &str = "booking-drawer";

/// What the drawer is about.
#[derive(Debug, Clone, PartialEq)]
enum Open {
    /// A booking that is yet to be, on this day, for somebody.
    New(Day, Whom),
    /// This one.
    Booking(String),
}

/// For whom a booking is to be, as far as that is known.
#[derive(Debug, Clone, PartialEq, Default)]
struct Whom {
    name: String,
    phone: String,
    /// The call they are spoken with in.
    call_id: String,
}

/// What the address bar asks to be shown, of whoever comes from a call or a contact.
fn asked(day: Day) -> Option<Open> {
    if let Some(id) = nav::asked("booking") {
        return Some(Open::Booking(id));
    }
    let whom = Whom {
        phone: nav::asked("new")?,
        name: nav::asked("name").unwrap_or_default(),
        call_id: nav::asked("call").unwrap_or_default(),
    };
    Some(Open::New(day, whom))
}

/// What the page's parts share.
#[derive(Clone, Copy)]
struct Shared {
    desk: Desk,
    /// The day that is shown, or one of the week that is.
    day: RwSignal<Day>,
    /// Whether it is the week.
    week: RwSignal<bool>,
    bookings: Pages<Booking>,
    services: Loaded<ServiceList>,
    staff: Loaded<StaffList>,
    settings: Loaded<CalendarOffer>,
    open: RwSignal<Option<Open>>,
    errand: Errand,
    question: RwSignal<Option<Question>>,
    toast: Toast,
    /// What is told of a booking that keys lead somewhere.
    told: RwSignal<String>,
    /// Which booking has the focus again when it is drawn anew, by its id.
    refocus: StoredValue<Option<String>>,
}

impl Shared {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    /// How far apart the times are that a booking is moved to (minutes): those that are offered.
    fn step(self) -> i64 {
        let offer = self.settings.value.get_untracked().and_then(Result::ok);
        let settings = offer.map_or_else(CalendarSettings::default, |offer| offer.settings);
        i64::from(settings.step_minutes.max(1))
    }

    /// What the business's clock shows at a moment (Unix ms).
    fn wall(self, at: i64) -> Wall {
        wall(at, &untrack(|| self.desk.timezone()))
    }

    /// When a day begins (Unix ms).
    fn begins(self, day: Day) -> i64 {
        day.begins(|at| self.wall(at))
    }

    /// The moment of a day when the clock shows so many minutes since midnight (Unix ms).
    fn moment(self, day: Day, minutes: i64) -> i64 {
        Wall { day, minutes }.moment(|at| self.wall(at))
    }

    fn today(self) -> Day {
        Day::parse(&self.desk.today.get()).unwrap_or(self.day.get_untracked())
    }

    /// A moment, as the reader writes it.
    fn written(self, at: i64, precision: Precision) -> String {
        format::date(at, self.desk.lang.get(), &self.desk.timezone(), precision)
    }

    /// The days that are shown.
    fn days(self) -> Vec<Day> {
        shown(self.day, self.week)
    }

    /// The bookings that stand; what was held too long no longer does.
    fn standing(self) -> Vec<Booking> {
        let held = |it: &Booking| it.state == BookingState::Held;
        let mut items = self.bookings.items.get().unwrap_or_default();
        if items.iter().any(held) {
            let now = self.desk.now.get();
            items.retain(|it| !held(it) || it.held_until.is_some_and(|until| until > now));
        }
        items
    }

    fn show(self, open: Open) {
        self.open.set(Some(open));
        show(DRAWER);
    }

    fn close(self) {
        hide(DRAWER);
        self.open.set(None);
    }
}

/// The days that are shown: one, or those of its week.
fn shown(day: RwSignal<Day>, week: RwSignal<bool>) -> Vec<Day> {
    let day = day.get();
    if !week.get() {
        return vec![day];
    }
    (0..7).map(|nth| day.monday().plus(nth)).collect()
}

/// The day in the address bar, or else today, and whether it is its week that is shown.
fn in_address(today: Day) -> (Day, bool) {
    let day = nav::asked("day").and_then(|day| Day::parse(&day));
    (day.unwrap_or(today), nav::asked("view").is_none())
}

/// Where these are shown.
fn address(day: Day, week: bool) -> String {
    let view = if week { "" } else { "&view=day" };
    format!("{}?day={}{view}", Route::Calendar.path(), day.text())
}

/// Keeps the address in step with what is shown, so that it survives a reload and can be sent
/// to somebody, and what is shown with the back button.
fn follow_address(desk: Desk, day: RwSignal<Day>, week: RwSignal<bool>) {
    let today = move || Day::parse(&desk.today.get_untracked()).unwrap_or(Day::EPOCH);
    Effect::new(move |before: Option<()>| {
        let (day, week) = (day.get(), week.get());
        if before.is_some() && in_address(today()) != (day, week) {
            nav::remember(&address(day, week));
        }
    });
    let back = window_event_listener(ev::popstate, move |_| {
        if nav::current() == Route::Calendar {
            let (first, is_week) = in_address(today());
            day.set(first);
            week.set(is_week);
        }
    });
    on_cleanup(move || back.remove());
}

/// What the server's refusal means here.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let texts = Texts::of(lang);
    match failure {
        Failure::Problem { slug, .. } => match slug.as_str() {
            slug::SLOT_TAKEN => Some(texts.taken()),
            slug::SLOT_NOT_OFFERED => Some(texts.not_offered()),
            slug::CALENDAR_AWAY => Some(texts.away()),
            slug::BOOKING_NOT_OPEN => Some(texts.not_open()),
            slug::VALUE_INVALID => Some(texts.number_wrong()),
            _ => None,
        },
        _ => None,
    }
}

/// The calendar; it keeps itself up to date.
#[component]
pub(crate) fn CalendarPage(desk: Desk) -> impl IntoView {
    let today = Day::parse(&desk.today.get_untracked()).unwrap_or(Day::EPOCH);
    let (first, is_week) = in_address(today);
    let day = RwSignal::new(first);
    let week = RwSignal::new(is_week);
    follow_address(desk, day, week);
    let path = move |first: Day, last: Day| {
        let timezone = untrack(|| desk.timezone());
        let begins = |day: Day| day.begins(|at| wall(at, &timezone));
        let (from, to) = (begins(first), begins(last.plus(1)));
        format!("{BOOKINGS}?from={from}&to={to}&limit=200")
    };
    let days = untrack(|| shown(day, week));
    let (begins, ends) = (days[0], days[days.len() - 1]);
    let shared = Shared {
        desk,
        day,
        week,
        bookings: Pages::from(desk, &path(begins, ends)),
        services: Loaded::from(desk, "/api/desk/calendar/services"),
        staff: Loaded::from(desk, "/api/desk/calendar/staff"),
        settings: Loaded::from(desk, "/api/desk/calendar/settings"),
        open: RwSignal::new(None),
        errand: Errand::new(),
        question: RwSignal::new(None),
        toast: Toast::new(),
        told: RwSignal::new(String::new()),
        refocus: StoredValue::new(None),
    };
    let shown = Memo::new(move |_| shared.days());
    Effect::new(move |before: Option<Vec<Day>>| {
        let days = shown.get();
        if before.is_some_and(|before| before != days)
            && let (Some(first), Some(last)) = (days.first(), days.last())
        {
            shared.bookings.go(&path(*first, *last));
        }
        days
    });
    Effect::new(move || document().set_title(&title(desk.texts().calendar(), desk.texts())));
    let wanted = StoredValue::new(asked(first));
    Effect::new(move || {
        if let Some(open) = wanted.get_value() {
            // Nobody's number stays in the address bar.
            nav::replace(&address(first, is_week));
            shared.show(open);
        }
    });
    let label = Signal::derive(move || match shared.open.get() {
        Some(Open::Booking(_)) => shared.texts().booking(),
        _ => shared.texts().book(),
    });
    let inside = move || match shared.open.get()? {
        Open::New(day, whom) => Some(view! { <Book shared day whom /> }.into_any()),
        Open::Booking(id) => {
            let path = format!("{BOOKINGS}/{}", escape(&id));
            Some(view! { <Details shared path /> }.into_any())
        }
    };
    view! {
        <section class="sb-page sb-calendar-page" aria-labelledby="calendar-title">
            <div class="sb-calendar-head">
                <h1 id="calendar-title">{move || desk.texts().calendar()}</h1>
                <Bar shared />
            </div>
            <Status desk errand=shared.errand done=Signal::stored("") words=words />
            <Body shared />
            <LoadMore desk pages=shared.bookings />
            <ToastPlace toast=shared.toast />
            <p class="sb-hidden" role="status">{shared.told}</p>
            <Drawer id=DRAWER label>
                {inside}
            </Drawer>
            <Confirm question=shared.question />
        </section>
    }
}

/// Which time is shown, and a booking that is to be.
#[component]
fn Bar(shared: Shared) -> impl IntoView {
    let Shared {
        desk, day, week, ..
    } = shared;
    let go = move |by: i64| {
        let days = if week.get_untracked() { 7 * by } else { by };
        day.update(|day| *day = day.plus(days));
    };
    let period = move || {
        let days = shared.days();
        let noon = |day: &Day| shared.begins(*day) + 12 * 3_600_000;
        match days.as_slice() {
            [first, .., last] => {
                let (first, last) = (noon(first), noon(last));
                let date = |at| shared.written(at, Precision::Date);
                format!("{} – {}", date(first), date(last))
            }
            all => all
                .first()
                .map(|day| shared.written(noon(day), Precision::Day))
                .unwrap_or_default(),
        }
    };
    let choose = move |event| {
        if let Some(chosen) = Day::parse(&event_target_value(&event)) {
            day.set(chosen);
        }
    };
    let view_button = move |is_week: bool, name: fn(Texts) -> &'static str| {
        view! {
            <button
                type="button"
                class="sb-quick-button"
                aria-pressed=move || (week.get() == is_week).to_string()
                on:click=move |_| week.set(is_week)
            >
                {move || name(shared.texts())}
            </button>
        }
    };
    let may_set = move || desk.role() >= Role::Admin;
    view! {
        <div class="sb-calendar-bar">
            <div class="sb-calendar-go">
                <button
                    type="button"
                    class="sb-button sb-button-quiet"
                    aria-label=move || shared.texts().earlier()
                    on:click=move |_| go(-1)
                >
                    {icon(Icon::Back)}
                </button>
                <button
                    type="button"
                    class="sb-button sb-button-quiet sb-calendar-later"
                    aria-label=move || shared.texts().later()
                    on:click=move |_| go(1)
                >
                    {icon(Icon::Back)}
                </button>
                <button
                    type="button"
                    class="sb-button"
                    on:click=move |_| day.set(untrack(|| shared.today()))
                >
                    {move || desk.texts().today()}
                </button>
                <strong class="sb-calendar-period" role="status">{period}</strong>
            </div>
            <input
                type="date"
                class="sb-input"
                aria-label=move || shared.texts().go_to_day()
                prop:value=move || day.get().text()
                on:change=choose
            />
            <div class="sb-quick" role="group" aria-label=move || shared.texts().shown()>
                {view_button(false, |texts| texts.day())}
                {view_button(true, |texts| texts.week())}
            </div>
            {move || {
                may_set()
                    .then(|| {
                        view! {
                            <Link route=desk.route to=Route::Settings(Section::Services) class="sb-button">
                                {move || shared.texts().settings()}
                            </Link>
                        }
                    })
            }}
            <button
                type="button"
                class="sb-button sb-button-primary"
                on:click=move |_| {
                    let (today, shown) = untrack(|| (shared.today(), shared.day.get()));
                    shared.show(Open::New(shown.max(today), Whom::default()));
                }
            >
                {move || shared.texts().book()}
            </button>
        </div>
    }
}

/// The bookings, or what there has to be before there can be some.
#[component]
fn Body(shared: Shared) -> impl IntoView {
    let desk = shared.desk;
    let nothing = Memo::new(move |_| {
        let services = shared.services.value.get();
        matches!(services, Some(Ok(list)) if list.items.iter().all(|it| !it.details.active))
    });
    let here = Memo::new(move |_| shared.bookings.items.with(Option::is_some));
    let drawn = move || {
        if here.get() {
            view! { <Grid shared /> }.into_any()
        } else {
            view! {
                <div class="sb-card sb-coming" aria-busy="true">
                    <p class="sb-hidden" role="status">{move || desk.texts().loading()}</p>
                    {(0..4).map(|_| view! { <div class="sb-skeleton"></div> }).collect_view()}
                </div>
            }
            .into_any()
        }
    };
    view! {
        {move || {
            nothing
                .get()
                .then(|| {
                    view! {
                        <Empty
                            title=Signal::derive(move || shared.texts().no_services())
                            hint=Signal::derive(move || shared.texts().no_services_hint())
                        />
                    }
                })
        }}
        {drawn}
    }
}
