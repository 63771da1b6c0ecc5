//! Who the other side of a call is, beside it.

use api::Page;
use api::contacts::{Contact, Moment};
use leptos::prelude::*;

use super::moments::Part;
use super::{PATH, Shared, marks, path};
use crate::data::{Desk, Loaded, Loading};
use crate::nav::{Link, new_callback_address, new_contact_address};
use crate::route::Route;
use browser::ui::http::escape;

/// How many of the things that happened are shown.
const MOST: usize = 5;

/// The contact with a number (E.164), what is to come and what was last, or where to keep one.
/// `call_id` is the call it stands beside, which is not told again.
#[component]
pub(crate) fn Beside(desk: Desk, number: String, call_id: String) -> impl IntoView {
    let shared = Shared { desk };
    let loaded = Loaded::<Page<Contact>>::from(desk, format!("{PATH}?phone={}", escape(&number)));
    let call_back = new_callback_address(&number);
    let draw = move |page: Page<Contact>| match page.items.into_iter().next() {
        Some(contact) => view! { <Known shared contact call_id=call_id.clone() /> }.into_any(),
        None => {
            let address = new_contact_address(&number);
            view! {
                <p class="sb-hint">{shared.label(|texts| texts.nobody())}</p>
                <div class="sb-actions">
                    <Link
                        route=desk.route
                        to=Route::Contacts
                        address
                        class="sb-button sb-button-small"
                    >
                        {shared.label(|texts| texts.add())}
                    </Link>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <section class="sb-card sb-beside" aria-labelledby="beside-title">
            <h2 id="beside-title">{shared.label(|texts| texts.contact())}</h2>
            <Loading desk loaded draw />
            <Link
                route=desk.route
                to=Route::Callbacks
                address=call_back
                class="sb-button sb-button-small sb-button-quiet"
            >
                {shared.label(|texts| texts.call_back())}
            </Link>
        </section>
    }
}

#[component]
fn Known(shared: Shared, contact: Contact, call_id: String) -> impl IntoView {
    let desk = shared.desk;
    let (id, details) = (contact.id, contact.details);
    let marks = marks(shared, &details);
    let happened = format!("{}/moments?limit={}", path(&id), MOST + 1);
    let happened = Loaded::<Page<Moment>>::from(desk, happened);
    let draw = move |page: Page<Moment>| {
        let others = page.items.into_iter().filter(|it| it.id() != call_id);
        let now = desk.now.get_untracked();
        let (mut to_come, so_far): (Vec<_>, Vec<_>) =
            others.take(MOST).partition(|it| it.at() > now);
        to_come.reverse();
        view! {
            <Part shared head=|texts| texts.to_come() moments=to_come />
            <Part shared head=|texts| texts.so_far() moments=so_far />
        }
    };
    let name = match details.name.as_str() {
        "" => untrack(|| shared.texts().nameless().to_owned()),
        name => name.to_owned(),
    };
    let tags = details.tags.into_iter();
    let tags = tags.map(|tag| view! { <span class="sb-chip">{tag}</span> });
    view! {
        <p class="sb-contacts-name">
            <Link route=desk.route to=Route::Contact(id)>{name}</Link>
            {marks}
            {tags.collect_view()}
        </p>
        {(!details.notes.is_empty()).then(|| view! { <p>{details.notes}</p> })}
        <Loading desk loaded=happened draw />
    }
}
