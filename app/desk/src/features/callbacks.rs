//! Call-backs: who waits for one, what failed, and what became of the others.

mod form;
mod row;
mod texts;

use api::callbacks::Callback;
use leptos::prelude::*;

use crate::data::Desk;
use crate::data::{Errand, LoadMore, Pages, Status};
use crate::kit::{Button, Confirm, Drawer, Empty, Question, Table, show};
use crate::nav::{self, title};
use crate::route::Route;
use form::{Enter, See};
use row::{row, words};
use texts::Texts;

const PATH: &str = "/api/desk/callbacks";
/// The drawer's id.
const DRAWER: &str = "callback";
/// Where those are that are to be done.
pub(crate) const TO_DO: &str = "/api/desk/callbacks?limit=100";

/// What the page's parts share.
#[derive(Clone, Copy)]
struct Shared {
    desk: Desk,
    /// Those to be done, the earliest first.
    to_do: Pages<Callback>,
    /// Those that are over, the newest first.
    over: Pages<Callback>,
    errand: Errand,
    question: RwSignal<Option<Question>>,
    /// What is in the drawer.
    open: RwSignal<Option<Open>>,
}

/// What somebody says of a call-back.
#[derive(Clone)]
enum Open {
    /// That there is one, to this number.
    New(String),
    /// What came of this one.
    Of(Box<Callback>),
}

impl Shared {
    fn texts(self) -> Texts {
        Texts::of(self.desk.lang.get())
    }

    fn show(self, open: Open) {
        self.open.set(Some(open));
        show(DRAWER);
    }

    fn reload(self) {
        self.to_do.reload();
        self.over.reload();
    }
}

/// The call-backs; they keep themselves up to date.
#[component]
pub(crate) fn CallbacksPage(desk: Desk) -> impl IntoView {
    Effect::new(move || document().set_title(&title(desk.texts().callbacks(), desk.texts())));
    let shared = Shared {
        desk,
        to_do: Pages::from(desk, TO_DO),
        over: Pages::from(desk, "/api/desk/callbacks?over=true"),
        errand: Errand::new(),
        question: RwSignal::new(None),
        open: RwSignal::new(None),
    };
    // Whoever comes from a contact or a call has the number already.
    let number = StoredValue::new(nav::asked("new"));
    Effect::new(move || {
        if let Some(number) = number.get_value() {
            nav::replace(&Route::Callbacks.path());
            shared.show(Open::New(number));
        }
    });
    let label = move || match shared.open.get() {
        Some(Open::Of(_)) => shared.texts().see_to(),
        _ => shared.texts().enter(),
    };
    let drawn = move || match shared.open.get()? {
        Open::New(number) => Some(view! { <Enter shared number /> }.into_any()),
        Open::Of(callback) => Some(view! { <See shared callback=*callback /> }.into_any()),
    };
    view! {
        <section class="sb-page sb-callbacks" aria-labelledby="callbacks-title">
            <div class="sb-contacts-head">
                <h1 id="callbacks-title">{move || desk.texts().callbacks()}</h1>
                <Button press=move |()| shared.show(Open::New(String::new()))>
                    {move || shared.texts().enter()}
                </Button>
            </div>
            <Status desk errand=shared.errand done=Signal::stored("") words=words />
            <h2>{move || desk.texts().callbacks_to_do()}</h2>
            <List
                shared
                pages=shared.to_do
                label=|desk| desk.texts().callbacks_to_do()
                empty=|texts| (texts.none(), texts.none_hint())
            />
            <h2>{move || shared.texts().over()}</h2>
            <List
                shared
                pages=shared.over
                label=|desk| Texts::of(desk.lang.get()).over()
                empty=|texts| (texts.none_over(), "")
            />
            <Drawer id=DRAWER label=Signal::derive(label)>
                {drawn}
            </Drawer>
            <Confirm question=shared.question />
        </section>
    }
}

/// One of the two lists.
#[component]
fn List(
    shared: Shared,
    pages: Pages<Callback>,
    /// What the list is called.
    label: fn(Desk) -> &'static str,
    /// What is said when there is nothing in it.
    empty: fn(Texts) -> (&'static str, &'static str),
) -> impl IntoView {
    let columns = move || {
        let texts = shared.texts();
        vec![
            texts.person(),
            texts.state(),
            texts.when(),
            texts.agent(),
            texts.page(),
            texts.actions(),
        ]
    };
    let list = move || {
        let Some(items) = pages.items.get() else {
            return pages.coming(2);
        };
        if items.is_empty() {
            return view! {
                <Empty
                    title=move || empty(shared.texts()).0
                    hint=move || empty(shared.texts()).1
                />
            }
            .into_any();
        }
        let rows = items
            .into_iter()
            .map(|callback| row(shared, callback))
            .collect_view();
        view! {
            <Table label=Signal::derive(move || label(shared.desk)) columns=columns>
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        {list}
        <LoadMore desk=shared.desk pages />
    }
}
