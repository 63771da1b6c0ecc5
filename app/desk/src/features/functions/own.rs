//! The functions a business defines itself: a name, a schema and an address, and no code.

mod form;
mod trial;
mod typed;

use api::functions::{OwnFunction, OwnFunctionList, OwnFunctionSecret};
use api::problem::slug;
use leptos::prelude::*;
use serde_json::json;

pub(super) use crate::words::own_functions::Texts;

use super::Shared;
use crate::data::{Errand, Loaded, Loading, Rivalry, Rivals, Status, api_client};
use crate::kit::{
    Button, ButtonLook, Confirm, Empty, Question, RowActions, SecretBox, method_name,
};
use crate::words::Lang;
use browser::ui::http::{Failure, escape};
use form::Form;
use trial::Trial;

/// Some of the words.
type Said = fn(Texts) -> &'static str;

/// Where they are.
const PATH: &str = "/api/desk/own-functions";

/// What is open below the list.
#[derive(Debug, Clone, PartialEq)]
enum Open {
    New,
    Change(Box<OwnFunction>),
    Trial(Box<OwnFunction>),
}

/// What the section's parts share. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
struct Own {
    all: Shared,
    list: Loaded<OwnFunctionList>,
    open: RwSignal<Option<Open>>,
    rivals: Rivals,
    /// A secret that was just made.
    secret: RwSignal<Option<String>>,
    question: RwSignal<Option<Question>>,
    errand: Errand,
}

impl Own {
    fn texts(self) -> Texts {
        Texts::of(self.all.desk.lang.get())
    }

    fn label(self, read: Said) -> Signal<&'static str> {
        Signal::derive(move || read(self.texts()))
    }

    /// A hint below a field.
    fn hint(self, read: Said) -> Signal<Option<&'static str>> {
        Signal::derive(move || Some(read(self.texts())))
    }

    /// Something of them is another one now.
    fn changed(self) {
        self.open.set(None);
        self.list.reload();
        self.all.all.reload();
    }

    /// Shows a secret, and the list as it is now.
    fn show_secret(self, made: OwnFunctionSecret) {
        self.secret.set(Some(made.secret));
        self.changed();
    }

    fn ask(self, title: String, text: &'static str, yes: &'static str, act: Callback<()>) {
        let text = text.to_owned();
        self.question.set(Some(Question {
            title,
            text,
            yes,
            act,
        }));
    }
}

/// Says what a failure means here.
fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    let Failure::Problem { slug, .. } = failure else {
        return None;
    };
    match slug.as_str() {
        slug::VALUE_INVALID => Some(Texts::of(lang).not_taken()),
        slug::NOT_FOUND => Some(Texts::of(lang).gone()),
        _ => None,
    }
}

/// The list, and the form or the trial of one.
#[component]
pub(super) fn Owns(shared: Shared) -> impl IntoView {
    let desk = shared.desk;
    let own = Own {
        all: shared,
        list: Loaded::from(desk, PATH),
        open: RwSignal::new(None),
        rivals: Rivals::new(desk),
        secret: RwSignal::new(None),
        question: RwSignal::new(None),
        errand: Errand::new(),
    };
    let draw = move |list: OwnFunctionList| {
        if list.items.is_empty() {
            return view! {
                <Empty
                    title=own.label(|texts| texts.empty())
                    hint=own.label(|texts| texts.empty_hint())
                />
            }
            .into_any();
        }
        let cards = list.items.into_iter();
        let cards = cards.map(|it| view! { <li><Card own function=it /></li> });
        view! { <ul class="sb-endpoints" role="list">{cards.collect_view()}</ul> }.into_any()
    };
    let opened = move || {
        Some(match own.open.get()? {
            Open::New => view! { <Form own function=None /> }.into_any(),
            Open::Change(function) => view! { <Form own function=Some(*function) /> }.into_any(),
            Open::Trial(function) => view! { <Trial own function=*function /> }.into_any(),
        })
    };
    view! {
        <section class="sb-section" aria-labelledby="own-title">
            <h2 id="own-title">{own.label(|texts| texts.title())}</h2>
            <p class="sb-hint">{own.label(|texts| texts.hint())}</p>
            <SecretBox
                label=own.label(|texts| texts.secret())
                secret=own.secret
                hint=own.hint(|texts| texts.secret_hint())
            />
            <Loading desk loaded=own.list draw />
            <Status desk errand=own.errand done=Signal::stored("") words />
            <div class="sb-actions">
                <Button press=move |()| own.open.set(Some(Open::New))>
                    {own.label(|texts| texts.add())}
                </Button>
            </div>
            <Rivalry rivals=own.rivals />
            {opened}
        </section>
        <Confirm question=own.question />
    }
}

/// One of them, and what can be done with it.
#[component]
fn Card(own: Own, function: OwnFunction) -> impl IntoView {
    let desk = own.all.desk;
    let name = function.details.name.clone();
    let path = StoredValue::new(format!("{PATH}/{}", escape(&function.id)));
    let method = method_name(function.details.method);
    let (class, state): (_, Said) = match function.details.active {
        true => ("sb-chip sb-chip-good", |texts| texts.on()),
        false => ("sb-chip", |texts| texts.off()),
    };
    let rotate = move || {
        let path = path.get_value() + "/rotate-secret";
        let about = own.errand.about(&path);
        let work = async move { api_client::post::<OwnFunctionSecret>(&path, &json!({})).await };
        about.run(desk, work, move |made| own.show_secret(made));
    };
    let remove = move || {
        let path = path.get_value();
        let about = own.errand.about(&path);
        let work = async move { api_client::delete(&path).await };
        about.run(desk, work, move |()| own.changed());
    };
    let named = StoredValue::new(name.clone());
    let ask_rotate = move |()| {
        let texts = own.texts();
        let title = named.with_value(|name| texts.rotate_title(name));
        own.ask(
            title,
            texts.rotate_text(),
            texts.rotate(),
            Callback::new(move |()| rotate()),
        );
    };
    let ask_remove = move |()| {
        let texts = own.texts();
        let title = named.with_value(|name| texts.remove_title(name));
        own.ask(
            title,
            texts.remove_text(),
            texts.remove(),
            Callback::new(move |()| remove()),
        );
    };
    let headers = (!function.header_names.is_empty()).then(|| function.header_names.join(", "));
    let headers = headers.map(|names| {
        view! {
            <dt>{own.label(|texts| texts.headers())}</dt>
            <dd>{names}</dd>
        }
    });
    let (url, about) = (
        function.details.url.clone(),
        function.details.description.clone(),
    );
    let whole = StoredValue::new(Box::new(function));
    let does = vec![
        (
            own.label(|texts| texts.try_it()),
            ButtonLook::Plain,
            Callback::new(move |()| own.open.set(Some(Open::Trial(whole.get_value())))),
        ),
        (
            own.label(|texts| texts.change()),
            ButtonLook::Plain,
            Callback::new(move |()| own.open.set(Some(Open::Change(whole.get_value())))),
        ),
        (
            own.label(|texts| texts.rotate()),
            ButtonLook::Plain,
            Callback::new(ask_rotate),
        ),
        (
            own.label(|texts| texts.remove()),
            ButtonLook::Danger,
            Callback::new(ask_remove),
        ),
    ];
    view! {
        <article class="sb-card sb-endpoint" aria-label=name>
            <div class="sb-actions">
                <strong class="sb-id">{name.clone()}</strong>
                <span class=class>{own.label(state)}</span>
            </div>
            <p>{about}</p>
            <dl class="sb-facts">
                <dt>{own.label(|texts| texts.address())}</dt>
                <dd class="sb-id">{method} " " {url}</dd>
                {headers}
            </dl>
            <RowActions of=named.get_value() does />
        </article>
    }
}
