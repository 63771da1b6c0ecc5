//! What can be booked, with whom, and how it is offered: the settings of the calendar.

mod member;
mod price;
mod rules;
mod service;

use api::calendar::{CalendarSettings, ServiceList, StaffList};
use leptos::prelude::*;

use crate::data::{Desk, Errand, Loaded, Loading, api_client};
use crate::kit::Question;
use crate::nav::Link;
use crate::route::{Route, Section};
use crate::words::kit::Texts as Common;
use crate::words::services::Texts;
use browser::ui::http::{Failure, escape};
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

/// Adds one to a list, or says anew what it is.
async fn send<T>(path: &str, id: Option<String>, body: impl serde::Serialize) -> Result<T, Failure>
where
    T: serde::de::DeserializeOwned,
{
    match id {
        None => api_client::post(path, &body).await,
        Some(id) => api_client::put(&format!("{path}/{}", escape(&id)), &body).await,
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
    let rules = Loaded::<CalendarSettings>::from(desk, rules::PATH);
    let draw = move |settings: CalendarSettings| view! { <Rules shared settings /> };
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
        <Loading desk loaded=rules draw />
    }
}

/// What puts a form away.
#[component]
fn CancelButton(desk: Desk, close: Callback<()>) -> impl IntoView {
    view! {
        <button type="button" class="sb-button" on:click=move |_| close.run(())>
            {move || Common::of(desk.lang.get()).cancel()}
        </button>
    }
}

/// Whether something can be booked, and what can be done with it.
fn state_and_actions(
    shared: Shared,
    active: bool,
    name: &str,
    edit: impl Fn() + 'static,
    remove: impl Fn() + 'static,
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
    let named = |verb: fn(Texts) -> &'static str| {
        let name = name.to_owned();
        move || format!("{}: {name}", verb(texts()))
    };
    let actions = view! {
        <div class="sb-actions">
            <button
                type="button"
                class="sb-button sb-button-small"
                aria-label=named(|texts| texts.edit())
                on:click=move |_| edit()
            >
                {move || texts().edit()}
            </button>
            <button
                type="button"
                class="sb-button sb-button-small"
                aria-label=named(|texts| texts.remove())
                on:click=move |_| remove()
            >
                {move || texts().remove()}
            </button>
        </div>
    };
    (state.into_any(), actions.into_any())
}
