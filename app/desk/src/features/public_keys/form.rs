//! The form of a public key: every setting of it.

use api::desk::AgentList;
use api::keys::{
    Captcha, CaptchaKind, Mode, OutOfHours, PublicKeyList, PublicKeySettings, PublicKeyView,
};
use leptos::html;
use leptos::prelude::*;

use super::look::{Look, LookFields};
use super::{ADDRESS, Keys, hint, label};
use crate::data::api_client;
use crate::data::{Errand, Loaded, SaveButton, Status};
use crate::kit::{
    CheckField, Known, Offer, SelectField, SeveralField, TextArea, TextField, focus_wrong,
};
use crate::words::kit::Texts as Common;
use crate::words::public_keys::Texts;
use browser::ui::http::escape;

const NONE: &str = "none";
const TURNSTILE: &str = "turnstile";
const RECAPTCHA: &str = "recaptcha_v3";

/// What was typed.
#[derive(Clone, Copy)]
struct Typed {
    name: RwSignal<String>,
    title: RwSignal<String>,
    agents: RwSignal<Vec<String>>,
    origins: RwSignal<String>,
    variables: RwSignal<String>,
    voice: RwSignal<bool>,
    callback: RwSignal<bool>,
    per_minute: RwSignal<String>,
    per_ip: RwSignal<String>,
    minutes: RwSignal<String>,
    concurrent: RwSignal<String>,
    out_of_hours: RwSignal<String>,
    countries: RwSignal<Vec<String>>,
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
            agents: RwSignal::new(key.agents.clone()),
            origins: lines(&key.origins),
            variables: lines(&key.variables),
            voice: RwSignal::new(key.modes.contains(&Mode::Voice)),
            callback: RwSignal::new(key.modes.contains(&Mode::Callback)),
            per_minute: limit(Some(key.calls_per_minute)),
            per_ip: limit(Some(key.calls_per_ip_per_minute)),
            minutes: limit(key.minutes_per_day),
            concurrent: limit(key.max_concurrent),
            out_of_hours: text(key.out_of_hours.name()),
            countries: RwSignal::new(key.countries.clone()),
            callbacks_per_day: limit(Some(key.callbacks_per_day)),
            captcha: text(kind),
            site_key: text(captcha.map_or("", |captcha| &captcha.site_key)),
            secret: text(""),
            look: Look::from(&key.appearance),
            disabled: RwSignal::new(key.disabled),
        }
    }

    /// The settings, or every field that is wrong.
    fn read(self, before: &PublicKeySettings) -> Result<PublicKeySettings, Vec<Wrong>> {
        let voice = self.voice.get().then_some(Mode::Voice);
        let callback = self.callback.get().then_some(Mode::Callback);
        let secret = self.secret.get();
        let kind = match self.captcha.get().as_str() {
            TURNSTILE => Some(CaptchaKind::Turnstile),
            RECAPTCHA => Some(CaptchaKind::RecaptchaV3),
            _ => None,
        };
        let known = before.captcha.as_ref();
        let captcha = kind.map(|kind| Captcha {
            kind,
            site_key: self.site_key.get().trim().to_owned(),
            secret: (!secret.is_empty()).then_some(secret),
            min_score: known.and_then(|captcha| captcha.min_score),
        });
        let limit = |text: RwSignal<String>, which| text.with(|text| count(text)).ok_or(which);
        let needed = |text, which| limit(text, which).and_then(|it| it.ok_or(which));
        let per_minute = needed(self.per_minute, Wrong::PerMinute);
        let per_ip = needed(self.per_ip, Wrong::PerIp);
        let minutes = limit(self.minutes, Wrong::Minutes);
        let concurrent = limit(self.concurrent, Wrong::Concurrent);
        // Who calls nobody back is not asked how often.
        let callbacks = match callback {
            Some(_) => needed(self.callbacks_per_day, Wrong::Callbacks),
            None => Ok(before.callbacks_per_day),
        };
        let settings = PublicKeySettings {
            name: self.name.get().trim().to_owned(),
            title: self.title.get(),
            agents: self.agents.get(),
            origins: self.origins.with(|text| lines(text)),
            modes: voice.into_iter().chain(callback).collect(),
            variables: self.variables.with(|text| lines(text)),
            calls_per_minute: per_minute.unwrap_or_default(),
            calls_per_ip_per_minute: per_ip.unwrap_or_default(),
            minutes_per_day: minutes.unwrap_or_default(),
            max_concurrent: concurrent.unwrap_or_default(),
            out_of_hours: OutOfHours::parse(&self.out_of_hours.get()).unwrap_or_default(),
            countries: self.countries.get(),
            callbacks_per_day: callbacks.unwrap_or_default(),
            captcha,
            appearance: self.look.read(&before.appearance),
            disabled: self.disabled.get(),
        };
        let origins = &settings.origins;
        let captcha = settings.captcha.as_ref();
        let has_secret =
            |it: &Captcha| it.secret.is_some() || known.is_some_and(|known| known.kind == it.kind);
        let faults = [
            (settings.name.is_empty(), Wrong::Name),
            (settings.agents.is_empty(), Wrong::Agents),
            (
                origins.is_empty() || !origins.iter().all(|it| is_origin(it)),
                Wrong::Origins,
            ),
            (settings.modes.is_empty(), Wrong::Modes),
            (
                captcha.is_some_and(|it| it.site_key.is_empty()),
                Wrong::SiteKey,
            ),
            (captcha.is_some_and(|it| !has_secret(it)), Wrong::Secret),
        ];
        let faults = faults.map(|(is_wrong, which)| is_wrong.then_some(which));
        let limits = [per_minute.err(), per_ip.err(), callbacks.err()];
        let open_limits = [minutes.err(), concurrent.err()];
        let all = faults.into_iter().chain(limits).chain(open_limits);
        let wrong: Vec<_> = all.flatten().collect();
        match wrong.is_empty() {
            true => Ok(settings),
            false => Err(wrong),
        }
    }
}

/// A field that cannot be taken as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Name,
    Agents,
    Origins,
    Modes,
    PerMinute,
    PerIp,
    Minutes,
    Concurrent,
    Callbacks,
    SiteKey,
    Secret,
}

fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// A limit: `None` for what is no number above zero, `Some(None)` for nothing.
fn count(text: &str) -> Option<Option<u32>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(None);
    }
    let count = text.parse().ok().filter(|count| *count > 0);
    count.map(Some)
}

/// Whether a key can name these pages: `https://` and a name, no path; `*` is any subdomain, or
/// any port.
fn is_origin(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let name = rest.strip_suffix(":*").unwrap_or(rest);
    let name = name.strip_prefix("*.").unwrap_or(name);
    let is_other = |it: char| "/?#@*".contains(it) || it.is_whitespace();
    matches!(scheme, "http" | "https") && !name.is_empty() && !name.contains(is_other)
}

/// Agents by ids and names; one whose name another one has too, by both.
fn named(agents: &[(String, String)]) -> Vec<(String, String)> {
    let is_one = |name: &str| agents.iter().filter(|(_, it)| it == name).count() == 1;
    let named = agents.iter().map(|(id, name)| match is_one(name) {
        true => (id.clone(), name.clone()),
        false => (id.clone(), format!("{name} ({id})")),
    });
    named.collect()
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
    let before = StoredValue::new(before);
    let read_now = move || before.with_value(|before| typed.read(before));
    let tried = RwSignal::new(false);
    let wrong = Memo::new(move |_| match tried.get() {
        true => read_now().err().unwrap_or_default(),
        false => Vec::new(),
    });
    let error = move |which: Wrong, said: fn(Texts) -> &'static str| {
        Signal::derive(move || {
            let is_wrong = wrong.with(|all| all.contains(&which));
            is_wrong.then(|| said(Texts::of(desk.lang.get())))
        })
    };
    let missing = move |which: Wrong| {
        Signal::derive(move || {
            let is_wrong = wrong.with(|all| all.contains(&which));
            is_wrong.then(|| Common::of(desk.lang.get()).required())
        })
    };
    let agents = Loaded::<AgentList>::from(desk, "/api/desk/agents");
    let agents = Signal::derive(move || {
        let list = agents.value.get().and_then(Result::ok);
        let agents = list.map(|list| list.items).unwrap_or_default();
        let agents: Vec<_> = agents.into_iter().map(|it| (it.id, it.name)).collect();
        named(&agents)
    });
    let errand = Errand::new();
    let form = NodeRef::<html::Form>::new();
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
        tried.set(true);
        let Ok(settings) = untrack(read_now) else {
            focus_wrong(form);
            return;
        };
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
                <TextField
                    id="key-site-key"
                    label=label(Texts::site_key)
                    value=typed.site_key
                    error=missing(Wrong::SiteKey)
                />
                <TextField
                    id="key-secret"
                    label=label(Texts::captcha_secret)
                    value=typed.secret
                    kind="password"
                    hint=hint(Texts::secret_stays)
                    error=missing(Wrong::Secret)
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
                    of=Known::Countries
                    value=typed.countries
                    hint=hint(Texts::countries_hint)
                />
                <TextField
                    id="key-callbacks-per-day"
                    label=label(Texts::callbacks_per_day)
                    value=typed.callbacks_per_day
                    error=error(Wrong::Callbacks, Texts::count_wrong)
                    kind="number"
                />
            }
        })
    };
    view! {
        <form class="sb-card sb-form" node_ref=form on:submit=submit>
            <h2>{heading}</h2>
            <TextField
                id="key-name"
                label=label(Texts::name)
                value=typed.name
                error=missing(Wrong::Name)
            />
            <TextField id="key-title" label=label(Texts::panel_title) value=typed.title />
            <SeveralField
                id="key-agents"
                label=label(Texts::agents)
                of=Offer::Listed(agents)
                value=typed.agents
                hint=hint(Texts::agents_hint)
                error=error(Wrong::Agents, Texts::agents_missing)
            />
            <TextArea
                id="key-origins"
                label=label(Texts::origins)
                value=typed.origins
                hint=hint(Texts::origins_hint)
                error=error(Wrong::Origins, Texts::origins_wrong)
                rows=3
            />
            <CheckField
                id="key-voice"
                label=label(Texts::voice)
                value=typed.voice
                error=error(Wrong::Modes, Texts::modes_missing)
            />
            <CheckField id="key-callback" label=label(Texts::callback) value=typed.callback />
            {callbacks}
            <SelectField
                id="key-out-of-hours"
                label=label(Texts::out_of_hours)
                value=typed.out_of_hours
                options=Signal::derive(hours)
                hint=hint(Texts::hours_hint)
            />
            <TextField
                id="key-calls-per-minute"
                label=label(Texts::per_minute)
                value=typed.per_minute
                error=error(Wrong::PerMinute, Texts::count_wrong)
                kind="number"
            />
            <TextField
                id="key-calls-per-ip-per-minute"
                label=label(Texts::per_ip)
                value=typed.per_ip
                error=error(Wrong::PerIp, Texts::count_wrong)
                kind="number"
            />
            <TextField
                id="key-minutes-per-day"
                label=label(Texts::minutes)
                value=typed.minutes
                error=error(Wrong::Minutes, Texts::count_wrong)
                kind="number"
                hint=hint(Texts::no_limit)
            />
            <TextField
                id="key-max-concurrent"
                label=label(Texts::concurrent)
                value=typed.concurrent
                error=error(Wrong::Concurrent, Texts::count_wrong)
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
            <CheckField id="key-disabled" label=label(Texts::off) value=typed.disabled />
            <Status desk errand />
            <div class="sb-actions">
                <button type="button" class="sb-button" on:click=move |_| keys.open.set(None)>
                    {label(Texts::close)}
                </button>
                <SaveButton desk errand />
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_named_by_their_origin() {
        for origin in [
            "https://www.example.com",
            "https://*.example.com",
            "http://localhost:*",
            "http://localhost:8080",
        ] {
            assert!(is_origin(origin), "{origin}");
        }
        for other in [
            "",
            "www.example.com",
            "https://",
            "https://*",
            "ftp://example.com",
            "https://example.com/",
            "https://example.com/shop",
            "https://shop.*.example.com",
            "https://exam ple.com",
        ] {
            assert!(!is_origin(other), "{other}");
        }
    }

    #[test]
    fn agents_of_one_name_are_told_apart() {
        let pair = |id: &str, name: &str| (id.to_owned(), name.to_owned());
        let found = named(&[pair("a", "Emma"), pair("b", "Emma"), pair("c", "Luis")]);
        let names: Vec<_> = found.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["Emma (a)", "Emma (b)", "Luis"]);
    }

    #[test]
    fn a_limit_is_a_number_above_zero_or_none() {
        for (text, expected) in [
            ("", Some(None)),
            (" 12 ", Some(Some(12))),
            ("0", None),
            ("1.5", None),
        ] {
            assert_eq!(count(text), expected, "{text}");
        }
    }
}
