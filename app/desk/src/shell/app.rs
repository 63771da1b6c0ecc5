//! The desk as a whole: who is there, and which page they see.

use leptos::html;
use leptos::prelude::*;
use leptos::web_sys::Event;
use wasm_bindgen::JsCast;

use super::alerts::Alerts;
use super::broken;
use super::link;
use super::parts;
use super::settings::SettingsPage;
use super::sidebar::Sidebar;
use crate::data::{Desk, Standing};
use crate::features::calls::{CallsPage, Later};
use crate::kit::icon::{Icon, icon};
use crate::nav::{self, Link};
use crate::route::Route;
use crate::texts::Texts;
use crate::unsaved;
use crate::words::{self, Lang, kit};
use browser::ui::http::Failure;
use browser::ui::json;
use browser::ui::web::{self, Listener};

/// Puts the desk on the page.
pub fn start() {
    spoken(|| leptos::mount::mount_to_body(App));
}

/// Draws once the words of the page's language are here.
pub(crate) fn spoken(draw: impl FnOnce() + 'static) {
    broken::watch();
    web::spawn(async move {
        if words::load(Lang::of_page()).await {
            draw();
        } else {
            broken::show();
        }
    });
}

#[component]
fn App() -> impl IntoView {
    let desk = Desk::new();
    desk.ask_who();

    // Only a change of who is there draws the desk anew; a session that was
    // merely confirmed, or whose person has another name now, does not.
    let standing = Memo::new_with_compare(
        move |_| desk.standing.get(),
        |before, after| match (before, after) {
            (Some(Standing::SignedIn(before)), Some(Standing::SignedIn(after))) => {
                before.user_id != after.user_id
            }
            _ => before != after,
        },
    );
    // Nor does closing the tab lose it without a question.
    StoredValue::new_local(Listener::new(&web::window(), "beforeunload", |event| {
        if unsaved::any() {
            event.unchecked_into::<Event>().prevent_default();
        }
    }));
    // Links lead to pages of their own, whoever is there.
    let gate = Memo::new(move |_| match desk.route.get() {
        gate @ (Route::Password(_) | Route::Setup(_)) => Some(gate),
        _ => None,
    });
    let desk_itself = move || match standing.get() {
        Standing::Asking => view! {
            <p class="sb-page-note sb-coming" role="status">{move || desk.texts().loading()}</p>
        }
        .into_any(),
        Standing::SignedOut => parts::sign_in_page(desk),
        Standing::SignedIn(_) => view! { <SignedIn desk /> }.into_any(),
        Standing::Failed(failure) => failed(desk, failure, None, Desk::ask_who),
        Standing::Staying(failure) => {
            failed(desk, failure, Some(|texts| texts.still_here()), Desk::leave)
        }
    };
    let page = move || match gate.get() {
        Some(Route::Password(token)) => {
            let path = format!("/api/desk/invitations/{token}");
            parts::password_page(desk, path)
        }
        Some(Route::Setup(token)) => {
            let path = format!("/api/desk/setup/{token}");
            parts::setup_page(desk, path)
        }
        _ => desk_itself.into_any(),
    };
    view! {
        {page}
        {move || desk.ended.get().then(|| sign_in_again(desk))}
        <NotDone desk />
    }
}

/// In place of the desk: why it is not there, what that means, and a way to try once more.
fn failed(
    desk: Desk,
    failure: Failure,
    meaning: Option<fn(Texts) -> &'static str>,
    again: fn(Desk),
) -> AnyView {
    let meaning = move || meaning.map(|meaning| format!(" {}", meaning(desk.texts())));
    view! {
        <main class="sb-page-note">
            <h1>{move || desk.texts().product()}</h1>
            <p role="alert">{move || desk.texts().failure(&failure)} {meaning}</p>
            <button type="button" class="sb-button" on:click=move |_| again(desk)>
                {move || desk.texts().retry()}
            </button>
        </main>
    }
    .into_any()
}

/// Says that something was not done whose page was left meanwhile, and why.
#[component]
fn NotDone(desk: Desk) -> impl IntoView {
    let kit = move || kit::Texts::of(desk.lang.get());
    let told = move || {
        let failure = desk.not_done.get()?;
        Some(view! {
            <div class="sb-toast">
                <span>{move || kit().not_done()} " " {move || desk.texts().failure(&failure)}</span>
                <button
                    type="button"
                    class="sb-button sb-button-quiet"
                    aria-label=move || kit().close()
                    on:click=move |_| desk.not_done.set(None)
                >
                    {icon(Icon::Close)}
                </button>
            </div>
        })
    };
    view! { <div class="sb-toast-place sb-toast-lasting" role="alert">{told}</div> }
}

/// Asks over the page, which stays as it is, for who was there.
fn sign_in_again(desk: Desk) -> AnyView {
    let dialog = NodeRef::<html::Dialog>::new();
    dialog.on_load(|dialog| {
        // Fails only for a dialog that is no longer in the page.
        let _ = dialog.show_modal();
    });
    view! {
        <dialog
            class="sb-dialog"
            aria-label=move || desk.texts().sign_in_title()
            node_ref=dialog
            on:cancel=|event: Event| event.prevent_default()
        >
            {parts::sign_in_page(desk)}
        </dialog>
    }
    .into_any()
}

#[component]
fn SignedIn(desk: Desk) -> impl IntoView {
    link::keep(desk);
    // Going back to another filter of the same page, or to something else that is open
    // in it, does not draw it anew.
    let route = Memo::new(move |_| desk.route.get().page());
    let page = move || match route.get() {
        Route::Calls => {
            let later = Later {
                form: parts::filter_form,
                chips: parts::filter_chips,
            };
            view! { <CallsPage desk later /> }.into_any()
        }
        page @ (Route::Callbacks | Route::Calendar) => parts::planned_page(desk, page),
        page @ (Route::Contacts | Route::Contact(_)) => parts::known_page(desk, page),
        Route::Call(id) => parts::call_page(desk, &id),
        Route::Settings(section) => view! { <SettingsPage desk section /> }.into_any(),
        Route::Unknown | Route::Within(..) | Route::Password(_) | Route::Setup(_) => view! {
            <div class="sb-page-note">
                <h1>{move || desk.texts().page_missing()}</h1>
                <Link route=desk.route to=Route::Calls class="sb-button">
                    {move || desk.texts().back_to_calls()}
                </Link>
            </div>
        }
        .into_any(),
    };
    // Keys are heard here until the part is here that knows what they do: it is loaded with the
    // first one that is pressed outside of a field.
    StoredValue::new_local(Listener::new(&web::window(), "keydown", move |event| {
        let types = web::call(
            &json::get(&event, "target"),
            "matches",
            &"input,select,textarea".into(),
        );
        let is_sign = json::string(&event, "key").is_some_and(|key| key.len() == 1);
        if is_sign && types.is_ok_and(|it| it.is_falsy()) {
            desk.load_later_for(event);
        }
    }));
    view! {
        <a class="sb-skip" href="#content">{move || desk.texts().skip()}</a>
        // Hidden while it is on its way: nobody waits for it.
        <div class="sb-keys">{move || desk.later.get().map(|first| parts::key_map(desk, first))}</div>
        <div class="sb-desk">
            <Sidebar desk />
            <div>
                <div role="status">
                    {move || {
                        (!desk.connected.get())
                            .then(|| view! { <p class="sb-banner">{move || desk.texts().connection_lost()}</p> })
                    }}
                </div>
                <div role="status">
                    {move || {
                        desk.outdated
                            .get()
                            .then(|| {
                                view! {
                                    <p class="sb-banner">
                                        {desk.texts().new_version()}
                                        " "
                                        <a href=nav::current_address() rel="external">
                                            {desk.texts().load_new()}
                                        </a>
                                    </p>
                                }
                            })
                    }}
                </div>
                {move || desk.in_call.get().map(|shown| shown(desk))}
                <Alerts desk />
                <main id="content" tabindex="-1">{page}</main>
            </div>
        </div>
    }
}
