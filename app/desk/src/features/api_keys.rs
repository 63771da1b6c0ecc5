//! Secret API keys: made, shown once, replaced, revoked.

use std::collections::BTreeSet;

use api::keys::{ApiKeyList, ApiKeyView, ApiScope, CreatedApiKey, NewApiKey, Rotate};
use leptos::html;
use leptos::prelude::*;

pub(crate) use crate::words::api_keys::Texts;

use crate::data::Desk;
use crate::data::api_client;
use crate::data::{Errand, Loaded, Loading, RowStatus, SaveButton, Status};
use crate::kit::icon::{Icon, icon};
use crate::kit::{
    Ago, Button, ButtonLook, Cell, Confirm, Empty, Question, SecretBox, Table, TextField,
    focus_wrong,
};
use crate::words::format::{self, Precision};
use crate::words::kit::Texts as Common;
use crate::words::sections::Texts as Sections;
use browser::ui::http::escape;

const ADDRESS: &str = "/api/desk/api-keys";
/// The id of the sentence that a key needs something it may do.
const SCOPES_MISSING: &str = "api-key-scopes-missing";

/// What the page's parts share.
#[derive(Clone, Copy)]
struct Keys {
    desk: Desk,
    list: Loaded<ApiKeyList>,
    secret: RwSignal<Option<String>>,
    question: RwSignal<Option<Question>>,
    errand: Errand,
}

/// The keys.
#[component]
pub(crate) fn Page(desk: Desk) -> impl IntoView {
    let texts = move || Texts::of(desk.lang.get());
    let keys = Keys {
        desk,
        list: Loaded::from(desk, ADDRESS),
        secret: RwSignal::new(None),
        question: RwSignal::new(None),
        errand: Errand::new(),
    };
    let draw = move |list: ApiKeyList| {
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
                texts.scopes(),
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
            <Table label=move || Sections::of(desk.lang.get()).api_keys() columns=columns>
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <p class="sb-hint">
            {move || texts().hint()} " "
            <a href="/api/docs" target="_blank" rel="noopener">{move || texts().documentation()}</a>
        </p>
        <SecretBox label=move || texts().secret() secret=keys.secret />
        <Status desk errand=keys.errand done=Signal::stored("") />
        <Loading desk loaded=keys.list draw />
        <Create keys />
        <Confirm question=keys.question />
    }
}

fn row(keys: Keys, key: ApiKeyView) -> impl IntoView {
    let desk = keys.desk;
    let texts = move || Texts::of(desk.lang.get());
    let date = move |at| format::date(at, desk.lang.get(), &desk.timezone(), Precision::Short);
    let scopes: Vec<_> = key.scopes.iter().map(|scope| scope.name()).collect();
    let (revoked, replaced) = (key.revoked_at.is_some(), key.replaced_by.is_some());
    let (expires_at, last_used_at) = (key.expires_at, key.last_used_at);
    let state = move || {
        if revoked {
            return texts().revoked().to_owned();
        }
        match expires_at {
            Some(at) if at <= desk.now.get() => texts().expired().to_owned(),
            Some(at) => format!("{} {}", texts().until(), date(at)),
            None => texts().works().to_owned(),
        }
    };
    let used = last_used_at.map_or_else(
        || view! { {move || texts().never()} }.into_any(),
        |at| view! { <Ago at when=Signal::derive(move || date(at)) /> }.into_any(),
    );
    let address = StoredValue::new(format!("{ADDRESS}/{}", escape(&key.id)));
    let name = StoredValue::new(key.name.clone());
    let rotate = move |()| {
        let address = format!("{}/rotate", address.get_value());
        let about = keys.errand.about(&address);
        let work = async move { api_client::post(&address, &Rotate::default()).await };
        about.run(desk, work, move |made: CreatedApiKey| {
            keys.secret.set(Some(made.secret));
            keys.list.reload();
        });
    };
    let revoke = move |()| {
        keys.question.set(Some(Question {
            title: format!("{} {}", texts().revoke_title(), name.get_value()),
            text: texts().revoke_text().to_owned(),
            yes: texts().revoke(),
            act: Callback::new(move |()| {
                let address = address.get_value();
                let about = keys.errand.about(&address);
                let work = async move { api_client::delete(&address).await };
                about.run(desk, work, move |()| keys.list.reload());
            }),
        }));
    };
    let about = move |verb: &'static str| format!("{verb} {}", name.get_value());
    let busy = move |below: &'static str| {
        move || address.with_value(|address| keys.errand.is_doing(&format!("{address}{below}")))
    };
    view! {
        <tr role="row">
            <Cell column=move || texts().name()>
                <span>{key.name}</span> " " <span class="sb-id">{format!("…{}", key.hint)}</span>
            </Cell>
            <Cell column=move || texts().scopes()>{scopes.join(", ")}</Cell>
            <Cell column=move || texts().used()>{used}</Cell>
            <Cell column=move || texts().state()>{state}</Cell>
            <Cell column=move || texts().actions()>
                {(!revoked)
                    .then(|| {
                        view! {
                            <div class="sb-actions">
                                {(!replaced)
                                    .then(|| {
                                        view! {
                                            <Button
                                                name=move || about(texts().rotate())
                                                busy=busy("/rotate")
                                                press=rotate
                                            >
                                                {move || texts().rotate()}
                                            </Button>
                                        }
                                    })}
                                <Button
                                    look=ButtonLook::Danger
                                    name=move || about(texts().revoke())
                                    busy=busy("")
                                    press=revoke
                                >
                                    {move || texts().revoke()}
                                </Button>
                            </div>
                            <RowStatus desk errand=keys.errand row=address.get_value() />
                        }
                    })}
            </Cell>
        </tr>
    }
}

/// Makes a key.
#[component]
fn Create(keys: Keys) -> impl IntoView {
    let desk = keys.desk;
    let texts = move || Texts::of(desk.lang.get());
    let name = RwSignal::new(String::new());
    let scopes = RwSignal::new(BTreeSet::<ApiScope>::new());
    let tried = RwSignal::new(false);
    let is_nameless = move || name.with(|name| name.trim().is_empty());
    let may_nothing = move || scopes.with(BTreeSet::is_empty);
    let errand = Errand::new();
    let form = NodeRef::<html::Form>::new();
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        if untrack(|| is_nameless() || may_nothing()) {
            focus_wrong(form);
            return;
        }
        let new = NewApiKey {
            name: name.get_untracked().trim().to_owned(),
            scopes: scopes.get_untracked().into_iter().collect(),
            expires_at: None,
        };
        let work = async move { api_client::post(ADDRESS, &new).await };
        errand.run(desk, work, move |made: CreatedApiKey| {
            keys.secret.set(Some(made.secret));
            name.set(String::new());
            scopes.set(BTreeSet::new());
            tried.set(false);
            keys.list.reload();
        });
    };
    let are_missing = move || tried.get() && may_nothing();
    let checks = ApiScope::ALL
        .into_iter()
        .map(|scope| {
            let toggle = move |event| {
                let on = event_target_checked(&event);
                scopes.update(|scopes| {
                    if on {
                        scopes.insert(scope);
                    } else {
                        scopes.remove(&scope);
                    }
                });
            };
            view! {
                <label class="sb-check">
                    <input
                        type="checkbox"
                        aria-invalid=move || are_missing().then_some("true")
                        aria-describedby=move || are_missing().then_some(SCOPES_MISSING)
                        prop:checked=move || scopes.with(|scopes| scopes.contains(&scope))
                        on:change=toggle
                    />
                    <code>{scope.name()}</code>
                </label>
            }
        })
        .collect_view();
    let name_missing = move || {
        let is_missing = tried.get() && is_nameless();
        is_missing.then(|| Common::of(desk.lang.get()).required())
    };
    let scopes_missing = move || {
        are_missing().then(|| {
            view! {
                <p class="sb-field-error" id=SCOPES_MISSING>
                    {icon(Icon::Alert)}
                    {texts().scopes_missing()}
                </p>
            }
        })
    };
    view! {
        <form class="sb-card sb-form" node_ref=form on:submit=submit>
            <h2>{move || texts().create()}</h2>
            <TextField id="api-key-name" label=Signal::derive(move || texts().name()) value=name error=Signal::derive(name_missing) />
            <fieldset class="sb-checks">
                <legend>{move || texts().scopes()}</legend>
                {checks}
                {scopes_missing}
            </fieldset>
            <Status desk errand done=Signal::stored("") />
            <SaveButton desk errand label=Signal::derive(move || texts().create()) />
        </form>
    }
}
