//! The form of a public key: every setting of it.

use api::keys::{
    Captcha, CaptchaKind, Mode, OutOfHours, PublicKeyList, PublicKeySettings, PublicKeyView,
};
use api::problem::slug;
use leptos::prelude::*;

use super::look::{Look, LookFields};
use super::{ADDRESS, Keys, hint, label};
use crate::data::api_client;
use crate::data::{Errand, SaveButton, Status};
use crate::kit::{CheckField, Known, SelectField, SeveralField, TextArea, TextField};
use crate::words::Lang;
use crate::words::public_keys::Texts;
use browser::ui::http::{Failure, escape};

const NONE: &str = "none";
const TURNSTILE: &str = "turnstile";
const RECAPTCHA: &str = "recaptcha_v3";

/// What was typed.
#[derive(Clone, Copy)]
struct Typed {
    name: RwSignal<String>,
    title: RwSignal<String>,
    agents: RwSignal<String>,
    origins: RwSignal<String>,
    variables: RwSignal<String>,
    voice: RwSignal<bool>,
    callback: RwSignal<bool>,
    per_minute: RwSignal<String>,
    per_ip: RwSignal<String>,
    minutes: RwSignal<String>,
    concurrent: RwSignal<String>,
    out_of_hours: RwSignal<String>,
    countries: RwSignal<String>,
    callbacks_per_day: RwSignal<String>,
    captcha: RwSignal<String>,
    site_key: RwSignal<String>,
    secret: RwSignal<String>,
    look: Look,
    disabled: RwSignal<bool>,
}

impl Typed {
    fn from(key: &PublicKeySettings) -> Self {
        let text = |text: &str| RwSignal::new(text.to_owned());
        let lines = |items: &[String]| RwSignal::new(items.join("\n"));
        let limit = |limit: Option<u32>| {
            RwSignal::new(limit.map(|limit| limit.to_string()).unwrap_or_default())
        };
        let captcha = key.captcha.as_ref();
        let kind = match captcha.map(|captcha| captcha.kind) {
            None => NONE,
            Some(CaptchaKind::Turnstile) => TURNSTILE,
            Some(CaptchaKind::RecaptchaV3) => RECAPTCHA,
        };
        Self {
            name: text(&key.name),
            title: text(&key.title),
            agents: lines(&key.agents),
            origins: lines(&key.origins),
            variables: lines(&key.variables),
            voice: RwSignal::new(key.modes.contains(&Mode::Voice)),
            callback: RwSignal::new(key.modes.contains(&Mode::Callback)),
            per_minute: limit(Some(key.calls_per_minute)),
            per_ip: limit(Some(key.calls_per_ip_per_minute)),
            minutes: limit(key.minutes_per_day),
            concurrent: limit(key.max_concurrent),
            out_of_hours: text(key.out_of_hours.name()),
            countries: text(&key.countries.join(", ")),
            callbacks_per_day: limit(Some(key.callbacks_per_day)),
            captcha: text(kind),
            site_key: text(captcha.map_or("", |captcha| &captcha.site_key)),
            secret: text(""),
            look: Look::from(&key.appearance),
            disabled: RwSignal::new(key.disabled),
        }
    }

    /// `None` when something needed is missing.
    fn read(self, before: &PublicKeySettings) -> Option<PublicKeySettings> {
        let voice = self.voice.get_untracked().then_some(Mode::Voice);
        let callback = self.callback.get_untracked().then_some(Mode::Callback);
        let secret = self.secret.get_untracked();
        let kind = match self.captcha.get_untracked().as_str() {
            TURNSTILE => Some(CaptchaKind::Turnstile),
            RECAPTCHA => Some(CaptchaKind::RecaptchaV3),
            _ => None,
        };
        let settings = PublicKeySettings {
            name: self.name.get_untracked().trim().to_owned(),
            title: self.title.get_untracked(),
            agents: lines(self.agents),
            origins: lines(self.origins),
            modes: voice.into_iter().chain(callback).collect(),
            variables: lines(self.variables),
            calls_per_minute: count(self.per_minute)??,
            calls_per_ip_per_minute: count(self.per_ip)??,
            minutes_per_day: count(self.minutes)?,
            max_concurrent: count(self.concurrent)?,
            out_of_hours: OutOfHours::parse(&self.out_of_hours.get_untracked()).unwrap_or_default(),
            countries: codes(self.countries),
            callbacks_per_day: count(self.callbacks_per_day)??,
            captcha: kind.map(|kind| Captcha {
                kind,
                site_key: self.site_key.get_untracked(),
                secret: (!secret.is_empty()).then_some(secret),
                min_score: before
                    .captcha
                    .as_ref()
                    .and_then(|captcha| captcha.min_score),
            }),
            appearance: self.look.read(&before.appearance),
            disabled: self.disabled.get_untracked(),
        };
        let complete = !settings.name.is_empty()
            && !settings.agents.is_empty()
            && !settings.origins.is_empty()
            && !settings.modes.is_empty();
        complete.then_some(settings)
    }
}

fn lines(text: RwSignal<String>) -> Vec<String> {
    let text = text.get_untracked();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// Codes of countries, however they are set apart.
fn codes(text: RwSignal<String>) -> Vec<String> {
    let text = text.get_untracked().to_uppercase();
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|code| !code.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `None` for what is no count, `Some(None)` for nothing.
fn count(text: RwSignal<String>) -> Option<Option<u32>> {
    let text = text.get_untracked();
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    let count = text.parse().ok().filter(|count| *count > 0);
    count.map(Some)
}

fn words(failure: &Failure, lang: Lang) -> Option<&'static str> {
    match failure {
        Failure::Problem { slug, .. } if slug == slug::VALUE_INVALID => {
            Some(Texts::of(lang).refused())
        }
        _ => None,
    }
}

/// The form, for a new key or one that is there.
#[component]
pub(super) fn Form(keys: Keys, before: Option<PublicKeyView>) -> impl IntoView {
    let desk = keys.desk;
    let label = move |read| label(desk, read);
    let hint = move |read| hint(desk, read);
    let read = before.as_ref().map(|key| (key.id.clone(), key.revision));
    let heading = match read {
        Some(_) => label(Texts::edit),
        None => label(Texts::create),
    };
    let before = before.map(|key| key.settings).unwrap_or_default();
    let typed = Typed::from(&before);
    let wrong = RwSignal::new(false);
    let errand = Errand::new();
    let show = keys.rivals.show_one(ADDRESS, move |list: PublicKeyList| {
        let id = keys.open.get_untracked().flatten().map(|it| it.id);
        let theirs = list
            .items
            .into_iter()
            .find(|it| Some(&it.id) == id.as_ref());
        keys.open.set(theirs.map(Some));
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let settings = typed.read(&before);
        wrong.set(settings.is_none());
        let Some(settings) = settings else { return };
        let done = move |_: PublicKeyView| {
            keys.open.set(None);
            keys.list.reload();
        };
        match &read {
            Some((id, read)) => {
                let address = format!("{ADDRESS}/{}", escape(id));
                keys.rivals
                    .put(errand, &address, *read, &settings, show, done);
            }
            None => {
                let work = async move { api_client::post(ADDRESS, &settings).await };
                errand.run(desk, work, done);
            }
        }
    };
    let with_captcha = move || typed.captcha.get() != NONE;
    let captchas = move || {
        let none = Texts::of(desk.lang.get()).no_captcha();
        [
            (NONE, none),
            (TURNSTILE, "Cloudflare Turnstile"),
            (RECAPTCHA, "reCAPTCHA v3"),
        ]
        .map(|(value, name)| (value.to_owned(), name.to_owned()))
        .to_vec()
    };
    let captcha = move || {
        with_captcha().then(|| {
            view! {
                <TextField id="key-site-key" label=label(Texts::site_key) value=typed.site_key />
                <TextField
                    id="key-secret"
                    label=label(Texts::captcha_secret)
                    value=typed.secret
                    kind="password"
                    hint=hint(Texts::secret_stays)
                />
            }
        })
    };
    // Without call-backs there are none out of hours either.
    Effect::new(move |_| {
        if !typed.callback.get() && typed.out_of_hours.get() == OutOfHours::Callback.name() {
            typed.out_of_hours.set(OutOfHours::Closed.name().to_owned());
        }
    });
    let hours = move || {
        let texts = Texts::of(desk.lang.get());
        let offered = [
            (OutOfHours::Call, texts.hours_call()),
            (OutOfHours::Callback, texts.hours_callback()),
            (OutOfHours::Closed, texts.hours_closed()),
        ];
        offered
            .into_iter()
            // Only who takes call-backs can offer them.
            .filter(|(what, _)| *what != OutOfHours::Callback || typed.callback.get())
            .map(|(what, name)| (what.name().to_owned(), name.to_owned()))
            .collect()
    };
    let callbacks = move || {
        typed.callback.get().then(|| {
            view! {
                <SeveralField
                    id="key-countries"
                    label=label(Texts::countries)
                    known=Known::Countries
                    value=typed.countries
                    hint=hint(Texts::countries_hint)
                />
                <TextField
                    id="key-callbacks"
                    label=label(Texts::callbacks_per_day)
                    value=typed.callbacks_per_day
                    kind="number"
                />
            }
        })
    };
    let error = move || {
        wrong.get().then(|| {
            view! { <p class="sb-field-error" role="alert">{label(Texts::incomplete)}</p> }
        })
    };
    view! {
        <form class="sb-card sb-form" on:submit=submit>
            <h2>{heading}</h2>
            <TextField id="key-name" label=label(Texts::name) value=typed.name />
            <TextField id="key-title" label=label(Texts::panel_title) value=typed.title />
            <TextArea
                id="key-agents"
                label=label(Texts::agents)
                value=typed.agents
                hint=hint(Texts::agents_hint)
                rows=2
            />
            <TextArea
                id="key-origins"
                label=label(Texts::origins)
                value=typed.origins
                hint=hint(Texts::origins_hint)
                rows=3
            />
            <CheckField id="key-voice" label=label(Texts::voice) value=typed.voice />
            <CheckField id="key-callback" label=label(Texts::callback) value=typed.callback />
            {callbacks}
            <SelectField
                id="key-hours"
                label=label(Texts::out_of_hours)
                value=typed.out_of_hours
                options=Signal::derive(hours)
                hint=hint(Texts::hours_hint)
            />
            <TextField
                id="key-per-minute"
                label=label(Texts::per_minute)
                value=typed.per_minute
                kind="number"
            />
            <TextField
                id="key-per-ip"
                label=label(Texts::per_ip)
                value=typed.per_ip
                kind="number"
            />
            <TextField
                id="key-minutes"
                label=label(Texts::minutes)
                value=typed.minutes
                kind="number"
                hint=hint(Texts::no_limit)
            />
            <TextField
                id="key-concurrent"
                label=label(Texts::concurrent)
                value=typed.concurrent
                kind="number"
                hint=hint(Texts::no_limit)
            />
            <TextArea
                id="key-variables"
                label=label(Texts::variables)
                value=typed.variables
                hint=hint(Texts::variables_hint)
                rows=2
            />
            <SelectField
                id="key-captcha"
                label=label(Texts::captcha)
                value=typed.captcha
                options=Signal::derive(captchas)
            />
            {captcha}
            <LookFields desk look=typed.look />
            <CheckField id="key-off" label=label(Texts::off) value=typed.disabled />
            {error}
            <Status desk errand words=words />
            <div class="sb-actions">
                <button type="button" class="sb-button" on:click=move |_| keys.open.set(None)>
                    {label(Texts::close)}
                </button>
                <SaveButton desk errand />
            </div>
        </form>
    }
}
