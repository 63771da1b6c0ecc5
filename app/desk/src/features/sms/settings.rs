//! Who sends the messages, when, and how many a day.

mod typed;

use api::sms::SmsConnection;
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::{Shared, Texts, words};
use crate::data::{Errand, Rivals, SaveButton, Status};
use crate::kit::{
    CheckField, JsonField, MethodField, SelectField, TextArea, TextField, focus_wrong,
};
use typed::{Typed, Wrong};

/// Where they are.
pub(super) const PATH: &str = "/api/desk/sms-settings";

/// What the form's parts share. A handle of signals: copy it freely.
#[derive(Clone, Copy)]
struct Form {
    shared: Shared,
    typed: Typed,
    wrong: Memo<Vec<Wrong>>,
    /// The names of the secrets there are.
    kept: RwSignal<Vec<String>>,
}

impl Form {
    fn error(self, which: Wrong, said: fn(Texts) -> &'static str) -> Signal<Option<&'static str>> {
        let is_wrong = move || self.wrong.with(|all| all.contains(&which));
        Signal::derive(move || is_wrong().then(|| said(self.shared.texts())))
    }

    /// Says of a secret that there is one: an empty field leaves it.
    fn is_kept(self, name: &'static str) -> Signal<Option<&'static str>> {
        let there = move || self.kept.with(|names| names.iter().any(|it| it == name));
        Signal::derive(move || there().then(|| self.shared.texts().secret_kept()))
    }
}

/// The form.
#[component]
pub(super) fn Settings(
    shared: Shared,
    rivals: Rivals,
    show: Callback<()>,
    errand: Errand,
    connection: SmsConnection,
) -> impl IntoView {
    let desk = shared.desk;
    let texts = move || shared.texts();
    // The form stays as it is, and with it the focus; what is known of the provider changes.
    let revision = StoredValue::new(connection.revision);
    let typed = Typed::of(&connection);
    let kept = RwSignal::new(connection.secret_names);
    let inbound = RwSignal::new(connection.inbound_url);
    let tried = RwSignal::new(false);
    let wrong = Memo::new(move |_| match tried.get() {
        true => typed.read(&kept.get()).err().unwrap_or_default(),
        false => Vec::new(),
    });
    let form = Form {
        shared,
        typed,
        wrong,
        kept,
    };
    let node = NodeRef::<html::Form>::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Ok(save) = untrack(|| typed.read(&kept.get())) else {
            focus_wrong(node);
            return;
        };
        let done = move |now: SmsConnection| {
            revision.set_value(now.revision);
            kept.set(now.secret_names);
            inbound.set(now.inbound_url);
            typed.token.set(String::new());
            typed.signature.set(String::new());
            typed.secrets.set(String::new());
            tried.set(false);
        };
        rivals.put(errand, PATH, revision.get_value(), &save, show, done);
    };
    let kinds = move || {
        let texts = texts();
        let kind = |name: &str, said: &str| (name.to_owned(), said.to_owned());
        vec![
            kind("", texts.nobody()),
            kind("twilio", "Twilio"),
            kind("vonage", "Vonage"),
            kind("gateway", texts.gateway()),
            kind("log_only", texts.log_only()),
        ]
    };
    let provider = move || match typed.kind.get().as_str() {
        "twilio" => Some(view! { <Twilio form /> }.into_any()),
        "vonage" => Some(view! { <Vonage form /> }.into_any()),
        "gateway" => Some(view! { <Gateway form /> }.into_any()),
        _ => None,
    };
    let told = move || {
        let address = inbound.get()?;
        Some(view! {
            <p class="sb-hint">
                {move || texts().inbound_url()} " " <code class="sb-id">{address}</code>
            </p>
        })
    };
    let quiet = move || {
        typed.quiet.get().then(|| {
            view! {
                <div class="sb-form-row">
                    <TextField
                        id="sms-quiet-begin"
                        label=shared.label(|texts| texts.quiet_from())
                        value=typed.quiet_from
                        kind="time"
                        error=form.error(Wrong::Quiet, |texts| texts.quiet_wrong())
                    />
                    <TextField
                        id="sms-quiet-end"
                        label=shared.label(|texts| texts.quiet_to())
                        value=typed.quiet_to
                        kind="time"
                    />
                </div>
            }
        })
    };
    view! {
        <form class="sb-card sb-form" aria-labelledby="sms-title" novalidate node_ref=node on:submit=submit>
            <h2 id="sms-title">{shared.label(|texts| texts.settings())}</h2>
            <SelectField
                id="sms-kind"
                label=shared.label(|texts| texts.provider())
                value=typed.kind
                options=Signal::derive(kinds)
            />
            {provider}
            {told}
            <TextField
                id="sms-per-day"
                label=shared.label(|texts| texts.per_day())
                value=typed.per_day
                kind="number"
                hint=shared.hint(|texts| texts.per_day_hint())
                error=form.error(Wrong::PerDay, |texts| texts.per_day_wrong())
            />
            <CheckField
                id="sms-quiet"
                label=shared.label(|texts| texts.quiet())
                value=typed.quiet
                hint=shared.hint(|texts| texts.quiet_hint())
            />
            {quiet}
            <OwnWords form />
            <Status desk errand words />
            <div class="sb-actions">
                <SaveButton desk errand />
            </div>
        </form>
    }
}

#[component]
fn Twilio(form: Form) -> impl IntoView {
    let Form { shared, typed, .. } = form;
    view! {
        <div class="sb-form-row">
            <TextField
                id="sms-account-sid"
                label=shared.label(|texts| texts.account())
                value=typed.account
                error=form.error(Wrong::Account, |texts| texts.account_wrong())
            />
            <TextField
                id="sms-token"
                label=shared.label(|texts| texts.token())
                value=typed.token
                kind="password"
                autocomplete="new-password"
                hint=form.is_kept("auth_token")
                error=form.error(Wrong::Token, |texts| texts.token_missing())
            />
        </div>
        <div class="sb-form-row">
            <TextField
                id="sms-from"
                label=shared.label(|texts| texts.sender())
                value=typed.from
                kind="tel"
                hint=shared.hint(|texts| texts.sender_hint())
                error=form.error(Wrong::Sender, |texts| texts.sender_wrong())
            />
            <TextField
                id="sms-messaging-service-sid"
                label=shared.label(|texts| texts.service())
                value=typed.service
                hint=shared.hint(|texts| texts.service_hint())
            />
        </div>
        <BaseUrl form />
    }
}

#[component]
fn Vonage(form: Form) -> impl IntoView {
    let Form { shared, typed, .. } = form;
    view! {
        <div class="sb-form-row">
            <TextField
                id="sms-api-key"
                label=shared.label(|texts| texts.api_key())
                value=typed.account
                error=form.error(Wrong::Vonage, |texts| texts.vonage_wrong())
            />
            <TextField
                id="sms-from"
                label=shared.label(|texts| texts.sender())
                value=typed.from
                hint=shared.hint(|texts| texts.sender_name_hint())
            />
        </div>
        <div class="sb-form-row">
            <TextField
                id="sms-token"
                label=shared.label(|texts| texts.api_secret())
                value=typed.token
                kind="password"
                autocomplete="new-password"
                hint=form.is_kept("api_secret")
            />
            <TextField
                id="sms-signature"
                label=shared.label(|texts| texts.signature_secret())
                value=typed.signature
                kind="password"
                autocomplete="new-password"
                hint=form.is_kept("signature_secret")
            />
        </div>
        <BaseUrl form />
    }
}

/// Where the provider is asked, when it is not where it always is.
#[component]
fn BaseUrl(form: Form) -> impl IntoView {
    view! {
        <TextField
            id="sms-base-url"
            label=form.shared.label(|texts| texts.base_url())
            value=form.typed.base_url
            kind="url"
        />
    }
}

/// By which words people say that they want no messages.
#[component]
fn OwnWords(form: Form) -> impl IntoView {
    let Form { shared, typed, .. } = form;
    let field = move |id: &'static str, said: fn(Texts) -> &'static str, value| {
        view! { <TextArea id label=shared.label(said) value rows=2 /> }
    };
    let words = typed.words;
    view! {
        <fieldset>
            <legend>{shared.label(|texts| texts.own_words())}</legend>
            <p class="sb-hint">{shared.label(|texts| texts.stop_hint())}</p>
            <TextArea
                id="sms-stop"
                label=shared.label(|texts| texts.stop_words())
                value=words.stop
                rows=2
                hint=shared.hint(|texts| texts.words_hint())
                error=form.error(Wrong::Words, |texts| texts.words_wrong())
            />
            {field("sms-start", |texts| texts.start_words(), words.start)}
            {field("sms-stopped", |texts| texts.stopped(), words.stopped)}
            {field("sms-started", |texts| texts.started(), words.started)}
        </fieldset>
    }
}

#[component]
fn Gateway(form: Form) -> impl IntoView {
    let Form {
        shared,
        typed,
        wrong,
        kept,
    } = form;
    let texts = move || shared.texts();
    let body = Signal::derive(move || {
        let number = |it: usize| i64::try_from(it).unwrap_or(i64::MAX);
        wrong.with(|all| {
            all.iter().find_map(|it| match it {
                Wrong::Body { line, column } => {
                    Some(texts().json_wrong(number(*column), number(*line)))
                }
                _ => None,
            })
        })
    });
    let names = move || {
        let names = kept.with(|names| names.join(", "));
        (!names.is_empty()).then(|| {
            view! { <p class="sb-hint">{move || texts().secrets_kept(&names)}</p> }
        })
    };
    view! {
        <div class="sb-form-row">
            <MethodField
                id="sms-method"
                label=shared.label(|texts| texts.method())
                value=typed.method
            />
            <TextField
                id="sms-id"
                label=shared.label(|texts| texts.id())
                value=typed.id
                hint=shared.hint(|texts| texts.id_hint())
            />
        </div>
        <TextField
            id="sms-url"
            label=shared.label(|texts| texts.address())
            value=typed.url
            hint=shared.hint(|texts| texts.address_hint())
            error=form.error(Wrong::Address, |texts| texts.address_wrong())
        />
        <TextArea
            id="sms-headers"
            label=shared.label(|texts| texts.headers())
            value=typed.headers
            rows=2
            hint=shared.hint(|texts| texts.headers_hint())
            error=form.error(Wrong::Headers, |texts| texts.headers_wrong())
        />
        <JsonField
            id="sms-body"
            label=shared.label(|texts| texts.body())
            value=typed.body
            error=body
        />
        <CheckField id="sms-form" label=shared.label(|texts| texts.form()) value=typed.form />
        <CheckField
            id="sms-once"
            label=shared.label(|texts| texts.once_by_id())
            value=typed.once_by_id
        />
        <TextArea
            id="sms-secrets"
            label=shared.label(|texts| texts.secrets())
            value=typed.secrets
            rows=2
            hint=shared.hint(|texts| texts.secrets_hint())
            error=form.error(Wrong::Secrets, |texts| texts.secrets_wrong())
        />
        {names}
        <fieldset>
            <legend>{shared.label(|texts| texts.receipt())}</legend>
            <p class="sb-hint">{shared.label(|texts| texts.paths_hint())}</p>
            <div class="sb-form-row">
                <TextField
                    id="sms-receipt-state"
                    label=shared.label(|texts| texts.receipt_state())
                    value=typed.receipt.state
                />
                <TextField
                    id="sms-receipt-delivered"
                    label=shared.label(|texts| texts.receipt_delivered())
                    value=typed.receipt.delivered
                />
                <TextField
                    id="sms-receipt-failed"
                    label=shared.label(|texts| texts.receipt_failed())
                    value=typed.receipt.failed
                />
                <TextField
                    id="sms-receipt-error"
                    label=shared.label(|texts| texts.receipt_error())
                    value=typed.receipt.error
                />
                <TextField
                    id="sms-receipt-id"
                    label=shared.label(|texts| texts.receipt_id())
                    value=typed.receipt.id
                />
            </div>
        </fieldset>
        <fieldset>
            <legend>{shared.label(|texts| texts.inbound())}</legend>
            <div class="sb-form-row">
                <TextField
                    id="sms-inbound-number"
                    label=shared.label(|texts| texts.inbound_number())
                    value=typed.number
                />
                <TextField
                    id="sms-inbound-text"
                    label=shared.label(|texts| texts.inbound_text())
                    value=typed.text
                />
            </div>
        </fieldset>
    }
}
