//! Public keys: made, changed, put into pages, replaced, switched off.

mod form;
mod look;

use api::keys::{PublicKeyList, PublicKeyView, Rotate};
use leptos::prelude::*;

pub(crate) use crate::words::public_keys::Texts;

use crate::data::Desk;
use crate::data::api_client;
use crate::data::{Errand, Loaded, Loading, Rivalry, Rivals, RowStatus, Status};
use crate::kit::{Ago, Button, Cell, Confirm, Empty, Question, Table};
use crate::words::format::{self, Precision};
use crate::words::sections::Texts as Sections;
use browser::ui::http::escape;
use browser::ui::web;
use form::Form;

const ADDRESS: &str = "/api/desk/public-keys";

/// What the page's parts share.
#[derive(Clone, Copy)]
struct Keys {
    desk: Desk,
    list: Loaded<PublicKeyList>,
    /// The key whose form is open; `None` inside for a new one.
    open: RwSignal<Option<Option<PublicKeyView>>>,
    rivals: Rivals,
    question: RwSignal<Option<Question>>,
    errand: Errand,
}

/// A label of the forms, in the desk's language.
fn label(desk: Desk, read: fn(Texts) -> &'static str) -> Signal<&'static str> {
    Signal::derive(move || read(Texts::of(desk.lang.get())))
}

/// A hint below a field, likewise.
fn hint(desk: Desk, read: fn(Texts) -> &'static str) -> Signal<Option<&'static str>> {
    Signal::derive(move || Some(read(Texts::of(desk.lang.get()))))
}

/// The keys.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let keys = Keys {
        desk,
        list: Loaded::from(desk, ADDRESS),
        open: RwSignal::new(None),
        rivals: Rivals::new(desk),
        question: RwSignal::new(None),
        errand: Errand::new(),
    };
    let draw = move |list: PublicKeyList| {
        if list.items.is_empty() {
            let empty = view! {
                <Empty title=move || texts().empty() hint=move || texts().empty_hint() />
            };
            return empty.into_any();
        }
        let columns = move || {
            let texts = texts();
            vec![
                texts.name(),
                texts.today(),
                texts.used(),
                texts.state(),
                texts.actions(),
            ]
        };
        let rows = list
            .items
            .into_iter()
            .map(|key| row(keys, key))
            .collect_view();
        view! {
            <Table label=move || Sections::of(desk.lang.get()).public_keys() columns=columns>
                {rows}
            </Table>
        }
        .into_any()
    };
    let form = move || {
        keys.open
            .get()
            .map(|key| view! { <Form keys before=key /> })
    };
    view! {
        <p class="sb-hint">{move || texts().hint()}</p>
        <Status desk errand=keys.errand done=Signal::stored("") />
        <Rivalry rivals=keys.rivals />
        {form}
        <div class="sb-actions">
            <button
                type="button"
                class="sb-button sb-button-primary"
                on:click=move |_| keys.open.set(Some(None))
            >
                {move || texts().create()}
            </button>
        </div>
        <Loading desk loaded=keys.list draw />
        <Confirm question=keys.question />
    }
}

fn row(keys: Keys, key: PublicKeyView) -> impl IntoView {
    let desk = keys.desk;
    let texts = move || Texts::of(desk.lang.get());
    let date = move |at| format::date(at, desk.lang.get(), &desk.timezone(), Precision::Short);
    let (disabled, expires_at) = (key.settings.disabled, key.expires_at);
    let (replaced, last_used_at) = (key.replaced_by.is_some(), key.last_used_at);
    let state = move || match expires_at {
        _ if disabled => texts().off().to_owned(),
        Some(at) if at <= desk.now.get() => texts().expired().to_owned(),
        Some(at) => texts().until(&date(at)),
        None => texts().works().to_owned(),
    };
    let used = last_used_at.map_or_else(
        || view! { {move || texts().never()} }.into_any(),
        |at| view! { <Ago at when=Signal::derive(move || date(at)) /> }.into_any(),
    );
    let minutes = match (key.minutes_today, key.settings.minutes_per_day) {
        (Some(used), Some(most)) => format!("{used} / {most}"),
        (Some(used), None) => used.to_string(),
        (None, _) => "–".to_owned(),
    };
    let snippet = snippet(&key.id);
    let (id, name) = (key.id.clone(), key.settings.name.clone());
    let address = StoredValue::new(format!("{ADDRESS}/{}/rotate", escape(&key.id)));
    let label = StoredValue::new(name.clone());
    let about = move |verb: &'static str| format!("{verb} {}", label.get_value());
    let rotate = move |()| {
        keys.question.set(Some(Question {
            title: texts().rotate_title().to_owned(),
            text: texts().rotate_text().to_owned(),
            yes: texts().rotate(),
            act: Callback::new(move |()| {
                let address = address.get_value();
                let about = keys.errand.about(&address);
                let work = async move { api_client::post(&address, &Rotate::default()).await };
                about.run(desk, work, move |_: PublicKeyView| keys.list.reload());
            }),
        }));
    };
    let edit = move |()| keys.open.set(Some(Some(key.clone())));
    view! {
        <tr role="row">
            <Cell column=move || texts().name()>
                <span>{name}</span> " " <span class="sb-id">{id}</span>
                <details>
                    <summary>{move || texts().snippet()}</summary>
                    <pre class="sb-snippet" tabindex="0">
                        <code>{snippet}</code>
                    </pre>
                </details>
            </Cell>
            <Cell column=move || texts().today()>{minutes}</Cell>
            <Cell column=move || texts().used()>{used}</Cell>
            <Cell column=move || texts().state()>{state}</Cell>
            <Cell column=move || texts().actions()>
                <div class="sb-actions">
                    <Button name=move || about(texts().edit()) press=edit>
                        {move || texts().edit()}
                    </Button>
                    {(!replaced)
                        .then(|| {
                            view! {
                                <Button
                                    name=move || about(texts().rotate())
                                    busy=move || {
                                        address.with_value(|it| keys.errand.is_doing(it))
                                    }
                                    press=rotate
                                >
                                    {move || texts().rotate()}
                                </Button>
                            }
                        })}
                </div>
                <RowStatus desk errand=keys.errand row=address.get_value() />
            </Cell>
        </tr>
    }
}

/// What goes into the page's code.
fn snippet(key: &str) -> String {
    let origin = web::window().location().origin().unwrap_or_default();
    format!(
        "<script type=\"module\" src=\"{origin}/widget.js\"></script>\n\
         <switchboard-call key=\"{key}\"></switchboard-call>"
    )
}
