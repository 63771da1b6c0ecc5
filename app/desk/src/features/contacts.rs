//! Contacts: the people a business talks with, and all that happened with each of them.

mod beside;
mod details;
mod import;
mod merge;
mod message;
mod moments;
mod refused;
mod tidy;
mod transfer;

use api::contacts::{Contact, ContactDetails};
use api::problem::slug;
use leptos::prelude::*;

use crate::data::dial::{Number, call_button};
use crate::data::{
    Desk, Errand, LoadMore, Loaded, Loading, Pages, Rivalry, Rivals, Status, Trouble, api_client,
};
use crate::kit::icon::{Icon, icon};
use crate::kit::{Cell, Confirm, Drawer, Empty, Question, Table, hide, show};
use crate::nav::{self, Link, go, title};
use crate::role::Role;
use crate::route::{Route, Section};
use crate::words::Lang;
use crate::words::contacts::Texts;
pub(crate) use beside::Beside;
use browser::ui::http::{Failure, escape};
use browser::ui::web::Timer;
use details::Details;
use import::ImportPage;
use merge::{ChooseOther, DuplicatesPage, Merge};
use message::Message;
use moments::Moments;

const PATH: &str = "/api/desk/contacts";
/// The drawer for one that is yet to be.
const DRAWER: &str = "new-contact";
/// How long nothing is typed before it is looked for (ms).
const PAUSE_MS: u64 = 250;

/// Where the server has the contact with this id.
pub(crate) fn path(id: &str) -> String {
    format!("{PATH}/{}", escape(id))
}

/// One of the area's texts.
type Text = fn(Texts) -> &'static str;

/// What the pages' parts share.
#[derive(Clone, Copy)]
struct Shared {
    desk: Desk,
}

impl Shared {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    /// A text that follows the reader's language.
    fn label(self, text: Text) -> Signal<&'static str> {
        Signal::derive(move || text(self.texts()))
    }
}

/// What the server's refusal means here.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let texts = Texts::of(lang);
    match failure {
        Failure::Problem { slug, .. } if slug == slug::PHONE_TAKEN => Some(texts.phone_taken()),
        Failure::Problem { slug, .. } if slug == slug::FILE_INVALID => Some(texts.file_invalid()),
        Failure::Problem { slug, .. } if slug == slug::BODY_TOO_LARGE => {
            Some(texts.file_too_large())
        }
        Failure::Problem { status: 404, .. } => Some(texts.gone()),
        _ => None,
    }
}

/// What is done with many of them, where the id of one would stand.
const IMPORT: &str = "import";
/// See above.
const DUPLICATES: &str = "duplicates";

/// One of them, or what is done with many.
pub(crate) fn one_or_many(desk: Desk, id: &str) -> AnyView {
    match id {
        IMPORT => view! { <ImportPage desk /> }.into_any(),
        DUPLICATES => view! { <DuplicatesPage desk /> }.into_any(),
        id => view! { <ContactPage desk path=path(id) /> }.into_any(),
    }
}

/// Everybody, with a search.
#[component]
pub(crate) fn ContactsPage(desk: Desk) -> impl IntoView {
    let shared = Shared { desk };
    Effect::new(move || document().set_title(&title(desk.texts().contacts(), desk.texts())));
    let searched = RwSignal::new(String::new());
    let pages = Pages::from(desk, PATH);
    let look = move || {
        pages.go(&searched.with_untracked(|text| match text.trim() {
            "" => PATH.to_owned(),
            text => format!("{PATH}?q={}", escape(text)),
        }));
    };
    let timer = StoredValue::new_local(Timer::new(look));
    let typed = move |event| {
        searched.set(event_target_value(&event));
        timer.with_value(|timer| timer.set(PAUSE_MS));
    };
    let adding = RwSignal::new(false);
    let add = move |()| {
        adding.set(true);
        show(DRAWER);
    };
    // Whoever comes from a call has its number already.
    let number = StoredValue::new(nav::asked("new"));
    Effect::new(move || {
        if number.with_value(Option::is_some) {
            nav::replace(&Route::Contacts.path());
            add(());
        }
    });
    let added = Callback::new(move |contact: Contact| {
        hide(DRAWER);
        go(desk.route, Route::Contact(contact.id));
    });
    let (errand, rivals) = (Errand::new(), Rivals::new(desk));
    let nothing = Callback::new(|()| {});
    let of_many = move || {
        let download = move || match searched.get().trim() {
            "" => format!("{PATH}/export"),
            text => format!("{PATH}/export?q={}", escape(text)),
        };
        let with_files = (desk.role() >= Role::Supervisor).then(|| {
            view! {
                <Link route=desk.route to=Route::Contact(IMPORT.to_owned()) class="sb-button">
                    {shared.label(|texts| texts.import())}
                </Link>
                <a class="sb-button" href=download download="contacts.csv">
                    {shared.label(|texts| texts.export())}
                </a>
            }
        });
        view! {
            <div class="sb-actions sb-contacts-many">
                {with_files}
                <Link route=desk.route to=Route::Contact(DUPLICATES.to_owned()) class="sb-button">
                    {shared.label(|texts| texts.duplicates())}
                </Link>
            </div>
        }
    };
    view! {
        <section class="sb-page sb-contacts" aria-labelledby="contacts-title">
            <div class="sb-contacts-head">
                <h1 id="contacts-title">{move || desk.texts().contacts()}</h1>
                <div class="sb-search">
                    {icon(Icon::Search)}
                    <label for="contacts-search" class="sb-hidden">
                        {shared.label(|texts| texts.search())}
                    </label>
                    <input
                        id="contacts-search"
                        class="sb-input"
                        type="search"
                        autocomplete="off"
                        placeholder=shared.label(|texts| texts.search())
                        prop:value=searched
                        on:input=typed
                    />
                </div>
                <button type="button" class="sb-button sb-button-primary" on:click=move |_| add(())>
                    {icon(Icon::Plus)}
                    <span>{shared.label(|texts| texts.add())}</span>
                </button>
            </div>
            {of_many}
            <List shared pages searched />
            <Drawer id=DRAWER label=shared.label(|texts| texts.add())>
                {move || adding.get().then(|| view! {
                    <Details
                        shared
                        contact=None
                        number=number.get_value()
                        errand
                        rivals
                        show=nothing
                        done=added
                    />
                })}
            </Drawer>
        </section>
    }
}

#[component]
fn List(shared: Shared, pages: Pages<Contact>, searched: RwSignal<String>) -> impl IntoView {
    let columns = move || {
        let texts = shared.texts();
        vec![texts.name(), texts.phone(), texts.email(), texts.tags()]
    };
    let list = move || {
        let Some(items) = pages.items.get() else {
            return pages.coming(4);
        };
        if items.is_empty() {
            let (title, hint): (Text, Text) =
                match searched.with_untracked(|it| it.trim().is_empty()) {
                    true => (|texts| texts.none(), |texts| texts.none_hint()),
                    false => (
                        |texts| texts.nothing_found(),
                        |texts| texts.nothing_found_hint(),
                    ),
                };
            return view! { <Empty title=shared.label(title) hint=shared.label(hint) /> }
                .into_any();
        }
        let rows = items.into_iter().map(|it| row(shared, it)).collect_view();
        let label = Signal::derive(move || shared.desk.texts().contacts());
        view! { <Table label columns=columns>{rows}</Table> }.into_any()
    };
    view! {
        {list}
        <LoadMore desk=shared.desk pages />
    }
}

fn row(shared: Shared, contact: Contact) -> impl IntoView {
    let (id, details) = (contact.id, contact.details);
    let marks = marks(shared, &details);
    let name = details.name;
    let shown = move || match name.as_str() {
        "" => shared.texts().nameless().to_owned(),
        name => name.to_owned(),
    };
    let tags = details.tags.into_iter();
    // A business's own words may be many.
    let tags = tags.map(|tag| {
        view! {
            <span class="sb-chip" style:white-space="normal" style:overflow-wrap="anywhere">
                {tag}
            </span>
        }
    });
    let tags = tags.collect::<Vec<_>>();
    let contact = id.clone();
    view! {
        <tr role="row" data-contact=contact>
            <Cell column=shared.label(|texts| texts.name())>
                <span class="sb-contacts-name">
                    <Link route=shared.desk.route to=Route::Contact(id)>{shown}</Link>
                    {marks}
                </span>
            </Cell>
            <Cell column=shared.label(|texts| texts.phone())>
                {details.phone.map(|number| view! { <Number desk=shared.desk number /> })}
            </Cell>
            <Cell column=shared.label(|texts| texts.email())>{details.email}</Cell>
            <Cell column=shared.label(|texts| texts.tags())>
                {(!tags.is_empty()).then(|| view! { <span class="sb-contacts-tags">{tags}</span> })}
            </Cell>
        </tr>
    }
}

/// What is unusual about somebody.
fn marks(shared: Shared, of: &ContactDetails) -> impl IntoView + use<> {
    let (vip, blocked, do_not_call) = (of.vip, of.blocked, of.do_not_call);
    view! {
        {vip.then(|| view! {
            <span class="sb-chip sb-chip-accent">{shared.label(|texts| texts.vip())}</span>
        })}
        {blocked.then(|| view! {
            <span class="sb-chip sb-chip-bad">{shared.label(|texts| texts.blocked_mark())}</span>
        })}
        {do_not_call.then(|| view! {
            <span class="sb-chip sb-chip-bad">{shared.label(|texts| texts.do_not_call_mark())}</span>
        })}
    }
}

/// One of them: what is known, and what happened.
#[component]
fn ContactPage(
    desk: Desk,
    /// Where the server has them, see [`path`].
    path: String,
) -> impl IntoView {
    let shared = Shared { desk };
    let loaded = Loaded::<Contact>::with_words(desk, path.clone(), words);
    let saving = Errand::new();
    let shown = loaded.kept_while(move || saving.is_unsaved());
    let contact = move || shown.value.get().and_then(Result::ok);
    let is_here = Memo::new(move |_| contact().is_some());
    let moments = Pages::from(desk, &format!("{path}/moments"));
    let question = RwSignal::new(None::<Question>);
    let errand = Errand::new();
    let name = Memo::new(move |before: Option<&String>| match loaded.value.get() {
        Some(Ok(contact)) => merge::name(&contact),
        _ => before.cloned().unwrap_or_default(),
    });
    Effect::new(move || {
        let named = name.get();
        let heading = if named.is_empty() {
            desk.texts().contacts()
        } else {
            named.as_str()
        };
        document().set_title(&title(heading, desk.texts()));
    });
    let path = StoredValue::new(path);
    let remove = move |()| {
        let work = async move { api_client::delete(&path.get_value()).await };
        errand.run(desk, work, move |()| go(desk.route, Route::Contacts));
    };
    let ask = move |_| {
        let texts = shared.texts();
        question.set(Some(Question {
            title: texts.remove_title(&name.get_untracked()),
            text: texts.remove_text().to_owned(),
            yes: texts.remove(),
            act: Callback::new(remove),
        }));
    };
    let saved = Callback::new(move |contact: Contact| {
        loaded.set(contact);
        moments.reload();
    });
    let rivals = Rivals::new(desk);
    let show = Callback::new(move |()| {
        saving.give_up();
        loaded.reload();
    });
    let other = RwSignal::new(None::<Contact>);
    let head = move || {
        let details = contact()?.details;
        let calls = details.phones().map(|number| {
            call_button(desk, number.to_owned(), None, |texts, number| {
                texts.call_number(number)
            })
        });
        let calls = calls.collect_view();
        let call_back = details.phone.as_deref().map(nav::new_callback_address);
        let call_back = call_back.map(|address| {
            view! {
                <Link
                    route=desk.route
                    to=Route::Callbacks
                    address
                    class="sb-button sb-button-small sb-button-quiet"
                >
                    {shared.label(|texts| texts.call_back())}
                </Link>
            }
        });
        let number = details.phone.as_deref().unwrap_or_default();
        let booking = nav::new_booking_address(&details.name, number, "");
        Some(view! {
            <p class="sb-contacts-name">{marks(shared, &details)}</p>
            <div class="sb-actions">
                {calls}
                {call_back}
                <Link
                    route=desk.route
                    to=Route::Calendar
                    address=booking
                    class="sb-button sb-button-small sb-button-quiet"
                >
                    {shared.label(|texts| texts.book())}
                </Link>
                <Link
                    route=desk.route
                    to=Route::new_call()
                    class="sb-button sb-button-small sb-button-quiet"
                >
                    {move || desk.texts().test_call()}
                </Link>
            </div>
        })
    };
    // A message that is being written stays as well, as long as the number does.
    let phone = Memo::new(move |_| contact()?.details.phone);
    let has_number = Memo::new(move |_| phone.get().is_some());
    let writing = move || {
        let number = phone.get()?;
        Some(view! { <Message shared number moments /> })
    };
    let details = move || {
        let contact = contact()?;
        Some(view! {
            <Details shared contact=Some(contact) errand=saving rivals show done=saved />
        })
    };
    let erase = move || {
        let details = contact()?.details;
        let person = details.phone.or(details.email)?;
        (desk.role() >= Role::Admin).then(|| {
            view! {
                <Link
                    route=desk.route
                    to=Route::Settings(Section::Privacy)
                    address=nav::person_address(&person)
                    class="sb-button sb-button-quiet"
                >
                    {shared.label(|texts| texts.erase())}
                </Link>
            }
        })
    };
    let page = move || {
        if !is_here.get() {
            // It is on its way, or why it did not come is told.
            return view! { <Loading desk loaded=shown draw=|_| () /> }.into_any();
        }
        let this = untrack(contact);
        if let (Some(this), Some(other_one)) = (this.clone(), other.get()) {
            let back = Callback::new(move |()| other.set(None));
            let done = Callback::new(move |contact: Contact| {
                other.set(None);
                saved.run(contact);
            });
            return view! { <Merge shared this other=other_one back done /> }.into_any();
        }
        let this = this.map(|it| it.id).unwrap_or_default();
        view! {
            {head}
            <div class="sb-contact">
                <section class="sb-section" aria-labelledby="contact-moments">
                    <h2 id="contact-moments">{shared.label(|texts| texts.moments())}</h2>
                    {writing}
                    <Moments shared moments has_number />
                </section>
                <section class="sb-section" aria-labelledby="contact-details">
                    <h2 id="contact-details">{shared.label(|texts| texts.details())}</h2>
                    <Rivalry rivals />
                    {details}
                    <Status desk errand done=Signal::stored("") words=words />
                    <div class="sb-actions">
                        <ChooseOther shared this chosen=other />
                        <button type="button" class="sb-button sb-button-danger" on:click=ask>
                            {shared.label(|texts| texts.remove())}
                        </button>
                        {erase}
                    </div>
                </section>
            </div>
        }
        .into_any()
    };
    let trouble = move || loaded.value.get()?.err().filter(|_| is_here.get());
    let again = Callback::new(move |()| loaded.reload());
    view! {
        <div class="sb-page sb-contacts">
            <Link route=desk.route to=Route::Contacts class="sb-back">
                {icon(Icon::Back)}
                <span>{shared.label(|texts| texts.back())}</span>
            </Link>
            <h1>{move || name.get()}</h1>
            <Trouble desk failure=Signal::derive(trouble) again words=words as _ />
            {page}
            <Confirm question />
        </div>
    }
}
