//! The pages whose part of the program is loaded when they are first visited. What they share
//! with each other is loaded with them, what they share with the first page is there already.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::alerts::Shown;
use super::gate::{PasswordPage, SetupPage};
use super::sign_in::SignInPage;
use crate::data::Desk;
use crate::features::calendar::CalendarPage;
use crate::features::callbacks::CallbacksPage;
use crate::features::calls::call_page::CallPage;
use crate::features::calls::more_filters::{FilterChips, MoreFilters};
use crate::features::calls::test_call::NewCallPage;
use crate::features::contacts::{Beside, ContactsPage, one_or_many};
use crate::features::keys::KeyMap;
use crate::features::notices::{Choices, Notices};
use crate::features::{
    api_keys, audit, business, crm, functions, inbox, jobs, linked_calendars, me, outgoing, people,
    privacy, public_keys, routing, services, sms,
};
use crate::route::{Route, Section};
use crate::words;
use browser::ui::http::Failure;
use browser::ui::web;
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A page, if its part came.
type Drawn = Result<AnyView, SplitLoaderError>;
/// A part on its way.
type Loading = Pin<Box<dyn Future<Output = Result<(), SplitLoaderError>>>>;

/// A page of a part of the program, and what loads the part. Pages that share much are one part:
/// what parts have in common is a file for each set of them.
macro_rules! part {
    ($part:ident: $name:ident, $load:ident, ($($argument:ident: $kind:ty),*) => $page:expr) => {
        #[wasm_split($part, wasm_split_path = ::leptos::wasm_split, preload($load), fallible)]
        fn $name($($argument: $kind),*) -> Drawn {
            Ok($page.into_any())
        }
    };
}

part!(call: call, load_call, (desk: Desk, id: String) => view! { <CallPage desk id beside=beside_call /> });
// One part less makes the first page smaller: what shares little stands here together, where the
// others have no room.
part!(calendar: planned, load_planned, (desk: Desk, page: Route) => match page {
    Route::Callbacks => view! { <CallbacksPage desk /> }.into_any(),
    Route::Calendar => view! { <CalendarPage desk /> }.into_any(),
    _ => view! { <services::Page desk /> }.into_any(),
});
part!(contacts: known, load_known, (desk: Desk, page: Route) => match page {
    Route::Contacts => view! { <ContactsPage desk /> }.into_any(),
    Route::Contact(id) => one_or_many(desk, &id),
    _ => view! { <routing::Page desk /> }.into_any(),
});
part!(contacts: beside, load_beside, (desk: Desk, number: String, call_id: String) => {
    view! { <Beside desk number call_id /> }
});
part!(filters: form, load_form, (desk: Desk) => view! { <MoreFilters desk /> });
part!(filters: chips, load_chips, (desk: Desk) => view! { <FilterChips desk /> });
part!(gate: sign_in, load_sign_in, (desk: Desk) => view! { <SignInPage desk /> });
part!(gate: password, load_password, (desk: Desk, path: String) => view! { <PasswordPage desk path /> });
part!(gate: setup, load_setup, (desk: Desk, path: String) => view! { <SetupPage desk path /> });
// A call of one's own brings the call client along, for which the page of a call has no room.
part!(filters: test_call, load_test_call, (desk: Desk) => view! { <NewCallPage desk /> });
part!(filters: keys, load_keys, (desk: Desk, first: StoredValue<JsValue, LocalStorage>) => {
    view! {
        <KeyMap desk first />
        <Notices desk />
    }
});
part!(gate: alerting, load_alerting, (desk: Desk) => view! { <Shown desk /> });
part!(gate: taking, load_taking, (desk: Desk) => view! { <me::TakesCalls desk /> });
part!(settings: setting, load_settings, (desk: Desk, section: Section) => set(desk, section));
part!(traffic: traffic, load_traffic, (desk: Desk, section: Section) => passing(desk, section));
part!(doing: doing, load_doing, (desk: Desk, section: Section) => match section {
    Section::Crm => view! { <crm::Page desk /> }.into_any(),
    Section::LinkedCalendars => view! { <linked_calendars::Page desk /> }.into_any(),
    _ => view! { <functions::Page desk /> }.into_any(),
});

/// A section in which something is set.
fn set(desk: Desk, section: Section) -> Option<AnyView> {
    Some(match section {
        Section::Me => view! {
            <me::Page desk>
                <Choices desk />
            </me::Page>
        }
        .into_any(),
        Section::Business => view! { <business::Page desk /> }.into_any(),
        Section::People => view! { <people::Page desk /> }.into_any(),
        Section::PublicKeys => view! { <public_keys::Page desk /> }.into_any(),
        Section::ApiKeys => view! { <api_keys::Page desk /> }.into_any(),
        Section::Privacy => view! { <privacy::Page desk /> }.into_any(),
        _ => return None,
    })
}

/// A section that shows what comes, goes and is done.
fn passing(desk: Desk, section: Section) -> Option<AnyView> {
    Some(match section {
        Section::Inbox => view! { <inbox::Page desk /> }.into_any(),
        Section::Outgoing => view! { <outgoing::Page desk /> }.into_any(),
        Section::Jobs => view! { <jobs::Page desk /> }.into_any(),
        Section::Audit => view! { <audit::Page desk /> }.into_any(),
        Section::Messages => view! { <sms::Page desk /> }.into_any(),
        _ => return None,
    })
}

/// The page of a call, or where one is begun.
pub(super) fn call_page(desk: Desk, id: &str) -> AnyView {
    if id == Route::NEW {
        return arriving(
            desk,
            || Box::pin(load_test_call()),
            move || now(test_call(desk)),
        );
    }
    let id = id.to_owned();
    arriving(
        desk,
        || Box::pin(load_call()),
        move || now(call(desk, id.clone())),
    )
}

/// The call-backs, what is booked, or what can be.
pub(super) fn planned_page(desk: Desk, page: Route) -> AnyView {
    arriving(
        desk,
        || Box::pin(load_planned()),
        move || now(planned(desk, page.clone())),
    )
}

/// The contacts, one of them, or who answers callers.
pub(super) fn known_page(desk: Desk, page: Route) -> AnyView {
    arriving(
        desk,
        || Box::pin(load_known()),
        move || now(known(desk, page.clone())),
    )
}

/// Who has a number, beside a call.
fn beside_call(desk: Desk, number: String, call_id: String) -> AnyView {
    arriving(
        desk,
        || Box::pin(load_beside()),
        move || now(beside(desk, number.clone(), call_id.clone())),
    )
}

/// A control for every filter of the list.
pub(super) fn filter_form(desk: Desk) -> AnyView {
    arriving(desk, || Box::pin(load_form()), move || now(form(desk)))
}

/// The filters of the list that are set.
pub(super) fn filter_chips(desk: Desk) -> AnyView {
    arriving(desk, || Box::pin(load_chips()), move || now(chips(desk)))
}

/// The keys, from this event of one on, if it is one; and what tells of what happens.
pub(super) fn key_map(desk: Desk, first: StoredValue<JsValue, LocalStorage>) -> AnyView {
    arriving(
        desk,
        || Box::pin(load_keys()),
        move || now(keys(desk, first)),
    )
}

/// What Retell's alert rules say.
pub(super) fn alerts(desk: Desk) -> AnyView {
    arriving(
        desk,
        || Box::pin(load_alerting()),
        move || now(alerting(desk)),
    )
}

/// Whether the reader takes calls.
pub(super) fn taking_calls(desk: Desk) -> AnyView {
    arriving(desk, || Box::pin(load_taking()), move || now(taking(desk)))
}

/// Signing in.
pub(super) fn sign_in_page(desk: Desk) -> AnyView {
    arriving(
        desk,
        || Box::pin(load_sign_in()),
        move || now(sign_in(desk)),
    )
}

/// Choosing a password; `path` is the invitation's.
pub(super) fn password_page(desk: Desk, path: String) -> AnyView {
    arriving(
        desk,
        || Box::pin(load_password()),
        move || now(password(desk, path.clone())),
    )
}

/// Setting the first business up; `path` is the link's.
pub(super) fn setup_page(desk: Desk, path: String) -> AnyView {
    arriving(
        desk,
        || Box::pin(load_setup()),
        move || now(setup(desk, path.clone())),
    )
}

/// A section of the settings, below the heading.
pub(super) fn section_page(desk: Desk, which: Section) -> AnyView {
    match which {
        Section::Services => planned_page(desk, Route::Settings(which)),
        Section::Routing => known_page(desk, Route::Settings(which)),
        Section::Functions | Section::Crm | Section::LinkedCalendars => arriving(
            desk,
            || Box::pin(load_doing()),
            move || now(doing(desk, which)),
        ),
        Section::Messages | Section::Inbox | Section::Outgoing | Section::Jobs | Section::Audit => {
            arriving(
                desk,
                || Box::pin(load_traffic()),
                move || now(traffic(desk, which)),
            )
        }
        _ => arriving(
            desk,
            || Box::pin(load_settings()),
            move || now(setting(desk, which)),
        ),
    }
}

/// How far a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Coming,
    Here,
    Missing,
}

/// Draws a page as soon as its part is here; says so where it does not come.
fn arriving(
    desk: Desk,
    load: impl Fn() -> Loading + Send + Sync + 'static,
    draw: impl Fn() -> Option<AnyView> + Send + 'static,
) -> AnyView {
    let part = RwSignal::new(Part::Coming);
    let fetch = Callback::new(move |()| {
        let (loading, words) = (load(), words::load_later(desk.lang.get_untracked()));
        let style = style();
        spawn_local(async move {
            let came = match loading.await {
                Ok(()) if words.await && style.await => Part::Here,
                _ => Part::Missing,
            };
            // Unless somebody has gone elsewhere.
            part.try_set(came);
        });
    });
    fetch.run(());
    let again = move |_| {
        part.set(Part::Coming);
        fetch.run(());
    };
    let shown = move || match part.get() {
        Part::Coming => view! {
            <div class="sb-card sb-coming" aria-busy="true">
                <p class="sb-hidden" role="status">{move || desk.texts().loading()}</p>
                {(0..3).map(|_| view! { <div class="sb-skeleton"></div> }).collect_view()}
            </div>
        }
        .into_any(),
        Part::Here => draw().into_any(),
        Part::Missing => view! {
            <div class="sb-card sb-blank">
                <p role="alert">{move || desk.texts().failure(&Failure::Offline)}</p>
                <button type="button" class="sb-button" on:click=again>
                    {move || desk.texts().retry()}
                </button>
            </div>
        }
        .into_any(),
    };
    shown.into_any()
}

/// What later pages look like, on its way at once; whether it came. It is asked for once
/// (`start.js`).
fn style() -> impl Future<Output = bool> {
    let asked = web::call(&web::window(), "switchboardStyle", &JsValue::UNDEFINED);
    async move {
        match asked.and_then(JsCast::dyn_into::<Promise>) {
            Ok(coming) => JsFuture::from(coming).await.is_ok(),
            Err(_) => false,
        }
    }
}

/// What a function of a part that is here gives: it waits for nothing any more, and so it can
/// be drawn where it stands.
fn now(page: impl Future<Output = Drawn>) -> Option<AnyView> {
    match pin!(page).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(page)) => Some(page),
        Poll::Ready(Err(_)) | Poll::Pending => None,
    }
}
