//! The people of the business: invited, changed, switched off.

mod invite;
mod row;

use api::people::{ChangePerson, PasswordLink, Person};
use api::problem::slug;
use leptos::prelude::*;

pub(crate) use crate::words::people::Texts;

use crate::data::Desk;
use crate::data::api_client;
use crate::data::staff::Staff;
use crate::data::{Errand, LoadMore, Pages, Status};
use crate::kit::{Confirm, Question, SecretBox, Table, Toast, ToastPlace};
use crate::words::Lang;
use crate::words::sections::Texts as Sections;
use browser::ui::http::{Failure, escape};
use invite::InviteForm;

const PATH: &str = "/api/desk/people";

/// What the rows share.
#[derive(Clone, Copy)]
struct People {
    desk: Desk,
    pages: Pages<Person>,
    /// Who of them takes calls.
    staff: Staff,
    errand: Errand,
    question: RwSignal<Option<Question>>,
    toast: Toast,
    /// The link that was just made.
    link: RwSignal<Option<String>>,
    /// Whether it is an invitation.
    invitation: RwSignal<bool>,
}

impl People {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    /// Changes a person, and shows the list as it then is; `done` says that it is done.
    fn change(self, id: &str, change: ChangePerson, done: impl FnOnce() + 'static) {
        self.change_or(id, change, done, || {});
    }

    /// The same, and calls `refused` when the server does not do it.
    fn change_or(
        self,
        id: &str,
        change: ChangePerson,
        done: impl FnOnce() + 'static,
        refused: impl FnOnce() + 'static,
    ) {
        let path = format!("{PATH}/{}", escape(id));
        let about = self.errand.about(format!("{path} {change:?}"));
        let work = async move { api_client::patch::<()>(&path, &change).await };
        // A refused change is taken back on the screen, too.
        let pages = self.pages;
        about.run_then(
            self.desk,
            work,
            move |()| {
                done();
                pages.reload();
            },
            move |_| {
                refused();
                pages.reload();
            },
        );
    }

    /// Says that a change is done, which another one undoes.
    fn done(self, text: String, id: &str, back: ChangePerson) {
        let id = id.to_owned();
        let undo = move || self.change(&id, back.clone(), move || self.toast.undone());
        self.toast.done(text, undo);
    }

    fn make_link(self, id: &str) {
        let path = format!("{PATH}/{}/link", escape(id));
        let about = self.errand.about(&path);
        let work = async move { api_client::post::<PasswordLink>(&path, &()).await };
        about.run(self.desk, work, move |link| self.show(link));
    }

    fn show(self, link: PasswordLink) {
        self.invitation.set(link.kind == "invitation");
        self.link.set(Some(link.url));
    }
}

/// What failures mean here.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let texts = Texts::of(lang);
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    match slug.as_str() {
        slug::EMAIL_INVALID => Some(texts.email_invalid()),
        slug::EMAIL_TAKEN => Some(texts.email_taken()),
        slug::NAME_INVALID => Some(texts.name_invalid()),
        slug::LAST_ADMIN => Some(texts.last_admin()),
        _ => None,
    }
}

/// The people.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let people = People {
        desk,
        pages: Pages::from(desk, PATH),
        staff: Staff::of(desk),
        errand: Errand::new(),
        question: RwSignal::new(None),
        toast: Toast::new(),
        link: RwSignal::new(None),
        invitation: RwSignal::new(true),
    };
    let texts = move || people.texts();
    let list = move || {
        let Some(items) = people.pages.items.get() else {
            return people.pages.coming(3);
        };
        let rows = items
            .into_iter()
            .map(|person| row::row(people, person))
            .collect_view();
        let columns = move || {
            let texts = texts();
            vec![texts.name(), texts.role(), texts.state(), texts.actions()]
        };
        view! {
            <Table label=move || Sections::of(desk.lang.get()).people() columns=columns>
                {rows}
            </Table>
        }
        .into_any()
    };
    let label = move || {
        if people.invitation.get() {
            texts().invitation_link()
        } else {
            texts().reset_link()
        }
    };
    view! {
        <p class="sb-hint">{move || texts().hint()}</p>
        <SecretBox label secret=people.link />
        <Status desk errand=people.errand done=Signal::stored("") words=words as _ />
        {list}
        <ToastPlace toast=people.toast />
        <LoadMore desk pages=people.pages />
        <InviteForm people />
        <Confirm question=people.question />
    }
}
