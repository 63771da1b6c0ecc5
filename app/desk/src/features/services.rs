//! What can be booked, with whom, and how it is offered: the settings of the calendar.

mod member;
mod price;
mod rules;
mod service;

use api::calendar::{CalendarOffer, ServiceList, StaffList};
use leptos::prelude::*;

use crate::data::{Desk, Errand, Loaded, Loading, Rivalry, Rivals, api_client};
use crate::kit::{Button, ButtonLook, Question, RowActions};
use crate::nav::Link;
use crate::route::{Route, Section};
use crate::words::kit::Texts as Common;
use crate::words::services::Texts;
use browser::ui::http::escape;
use rules::Rules;

/// What the page's parts share.
#[derive(Clone, Copy)]
struct Shared {
    desk: Desk,
    services: Loaded<ServiceList>,
    staff: Loaded<StaffList>,
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

    /// Asks, and then removes something of a list.
    fn remove(self, path: &str, id: &str, name: &str) {
        let texts = untrack(|| self.texts());
        let path = format!("{path}/{}", escape(id));
        let act = move |()| {
            let path = path.clone();
            let about = self.errand.about(&path);
            let work = async move { api_client::delete(&path).await };
            about.run(self.desk, work, move |()| self.reload());
        };
        self.question.set(Some(Question {
            title: texts.remove_title(name),
            text: texts.remove_text().to_owned(),
            yes: texts.remove(),
            act: Callback::new(act),
        }));
    }

    fn reload(self) {
        self.services.reload();
        self.staff.reload();
    }
}

/// How one of a list is saved: a new one, or another revision of one that is there.
#[derive(Clone, Copy)]
struct Saving {
    shared: Shared,
    rivals: Rivals,
    errand: Errand,
    path: &'static str,
    /// Shows it as somebody else has saved it.
    show: Callback<()>,
    close: Callback<()>,
}

impl Saving {
    fn send(self, before: Option<(String, i64)>, body: impl serde::Serialize + 'static) {
        let path = self.path;
        let done = move |_: serde::de::IgnoredAny| {
            self.shared.reload();
            self.close.run(());
        };
        match before {
            None => {
                let work = async move { api_client::post(path, &body).await };
                self.errand.run(self.shared.desk, work, done);
            }
            Some((id, read)) => {
                let path = format!("{path}/{}", escape(&id));
                self.rivals
                    .put(self.errand, &path, read, &body, self.show, done);
            }
        }
    }
}

/// The services, the staff, the rules.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let shared = Shared {
        desk,
        services: Loaded::from(desk, service::PATH),
        staff: Loaded::from(desk, member::PATH),
        question: RwSignal::new(None),
        errand: Errand::new(),
    };
    let (rules, errand, show) = Loaded::<CalendarOffer>::for_form(desk, rules::PATH);
    let rivals = Rivals::new(desk);
    let draw = move |offer: CalendarOffer| view! { <Rules shared rivals show errand offer /> };
    view! {
        <p class="sb-hint">{shared.label(|texts| texts.hint())}</p>
        <service::Services shared />
        <member::Staff shared />
        <section class="sb-card sb-section" aria-labelledby="opening-title">
            <h2 id="opening-title">{shared.label(|texts| texts.all_hours())}</h2>
            <p class="sb-hint">{shared.label(|texts| texts.opening_hint())}</p>
            <div class="sb-actions">
                <Link route=desk.route to=Route::Settings(Section::Business) class="sb-button">
                    {shared.label(|texts| texts.opening())}
                </Link>
            </div>
        </section>
        <Rivalry rivals />
        <Loading desk loaded=rules draw />
    }
}

/// What puts a form away.
#[component]
fn CancelButton(desk: Desk, close: Callback<()>) -> impl IntoView {
    view! {
        <Button press=close>{move || Common::of(desk.lang.get()).cancel()}</Button>
    }
}

/// Whether something can be booked, and what can be done with it.
fn state_and_actions(
    shared: Shared,
    active: bool,
    name: &str,
    edit: impl Fn() + Send + Sync + 'static,
    remove: impl Fn() + Send + Sync + 'static,
) -> (AnyView, AnyView) {
    let texts = move || shared.texts();
    let class = if active {
        "sb-chip sb-chip-good"
    } else {
        "sb-chip"
    };
    let state = view! {
        <span class=class>
            {move || if active { texts().active() } else { texts().inactive() }}
        </span>
    };
    let does = vec![
        (
            shared.label(|texts| texts.edit()),
            ButtonLook::Plain,
            Callback::new(move |()| edit()),
        ),
        (
            shared.label(|texts| texts.remove()),
            ButtonLook::Plain,
            Callback::new(move |()| remove()),
        ),
    ];
    let actions = view! { <RowActions of=name does /> };
    (state.into_any(), actions.into_any())
}
