//! Our own pages: the panel a customer's website frames, the desk, and the
//! index.

mod csp;
mod language;
mod texts;

use std::collections::BTreeMap;

use api::keys::{CaptchaKind, Mode, OutOfHours};
use api::problem::slug;
use api::public::{PanelCaptcha, PanelConfig, PanelHours};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::address::Query;
use crate::assets::BUILD_COMMAND;
use crate::assets::template::{Values, escape};
use crate::state::App;
use crate::store::{PublicKey, StoreError, Tenant};

use csp::{Framing, Policy};
use language::Language;
pub(super) use texts::Trouble;

/// The routes of this module.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(index))
        .route("/panel", get(panel))
        .route("/setup/{token}", get(desk))
        .route("/desk", get(desk))
        .route("/desk/{*path}", get(desk))
}

#[derive(Deserialize)]
struct PanelQuery {
    #[serde(default)]
    key: String,
    lang: Option<String>,
}

async fn index(State(app): State<App>, headers: HeaderMap) -> Response {
    let language = Language::choose(None, accept_language(&headers));
    let texts = texts::index(language);
    let values = Values::default()
        .text("lang", language.tag())
        .text("tagline", texts.tagline)
        .text("demo", texts.demo)
        .text("desk", texts.desk);
    page(&app, "index.html", values, &Policy::default()).await
}

async fn desk(State(app): State<App>, headers: HeaderMap) -> Response {
    let language = Language::choose(None, accept_language(&headers));
    let values = Values::default()
        .text("lang", language.tag())
        .text("title", "Switchboard");
    page(&app, "desk.html", values, &Policy::default()).await
}

/// The panel: framed by the key's pages only, and carrying the nonce that lets
/// it start calls with this key.
async fn panel(
    State(app): State<App>,
    Query(query): Query<PanelQuery>,
    headers: HeaderMap,
) -> Response {
    let lang = query.lang.as_deref();
    let (key, hours) = match app.store.public_key(&query.key).await {
        Ok(Some((_, key))) if !key.works(app.clock.now_ms()) => {
            return trouble(
                &app,
                Trouble::KeyDisabled,
                StatusCode::FORBIDDEN,
                lang,
                &headers,
            )
            .await;
        }
        Ok(Some((tenant, key))) => match hours(&app, &tenant, &key).await {
            Ok(hours) => (key, hours),
            Err(error) => return unavailable(&app, &error, lang, &headers).await,
        },
        Ok(None) => {
            return trouble(
                &app,
                Trouble::KeyUnknown,
                StatusCode::NOT_FOUND,
                lang,
                &headers,
            )
            .await;
        }
        Err(error) => return unavailable(&app, &error, lang, &headers).await,
    };
    let Some(manifest) = app.site.manifest().await else {
        return not_built();
    };
    let by_language = |prefix: &str| -> BTreeMap<String, String> {
        let parts = manifest.addresses();
        parts
            .filter_map(|(part, address)| {
                Some((part.strip_prefix(prefix)?.to_owned(), address.to_owned()))
            })
            .collect()
    };
    let texts = by_language("texts_");
    let tags: Vec<&str> = texts.keys().map(String::as_str).collect();
    let language = language::choose(&tags, lang, accept_language(&headers)).to_owned();
    let address = |part: &str| manifest.address(part).unwrap_or_default().to_owned();
    let gateway = app.config.retell.base_url.origin().ascii_serialization();
    let config = PanelConfig {
        nonce: app.signer.panel_nonce(&key.id, app.clock.now_ms()),
        title: key.title.clone(),
        modes: key.modes.clone(),
        gated: key.captcha.is_some() || hours.is_some() || key.modes != [Mode::Voice],
        hours,
        captcha: key.captcha_site().map(|(kind, site_key)| PanelCaptcha {
            kind,
            site_key: site_key.to_owned(),
        }),
        appearance: key.appearance.clone(),
        later: by_language("later_"),
        before_js: address("before_js"),
        before_css: address("before_css"),
        extras_js: address("extras_js"),
        extras_css: address("extras_css"),
        callback_js: address("callback_js"),
        callback_css: address("callback_css"),
        callback_texts: by_language("callback_texts_"),
        key: key.id,
        language,
        texts,
    };
    let values = Values::default()
        .text("lang", &config.language)
        .text(
            "texts",
            config
                .texts
                .get(&config.language)
                .map_or("", String::as_str),
        )
        .text("title", &key.title)
        .text("gateway", &gateway)
        .json("config_json", &config);
    let policy = Policy {
        framed_by: Framing::Origins(key.origins),
        connects_to: vec![gateway],
        microphone: true,
        captcha: config
            .captcha
            .as_ref()
            .map_or(&[], |captcha| match captcha.kind {
                CaptchaKind::Turnstile => &["https://challenges.cloudflare.com"],
                CaptchaKind::RecaptchaV3 => &["https://www.google.com", "https://www.gstatic.com"],
            }),
        pictures: true,
    };
    page(&app, "panel.html", values, &policy).await
}

/// The hours, if the key minds them.
async fn hours(
    app: &App,
    tenant: &Tenant,
    key: &PublicKey,
) -> Result<Option<PanelHours>, StoreError> {
    if key.out_of_hours == OutOfHours::Call {
        return Ok(None);
    }
    let settings = app.store.tenant_settings(tenant).await?;
    let (now, zone) = (app.clock.now_ms(), settings.time_zone());
    let open = settings.hours.is_open(now, &zone);
    Ok(Some(PanelHours {
        closed: key.out_of_hours,
        open,
        opens_at: (!open)
            .then(|| settings.hours.next_opening(now, &zone))
            .flatten(),
        timezone: settings.timezone,
    }))
}

async fn unavailable(
    app: &App,
    error: &StoreError,
    lang: Option<&str>,
    headers: &HeaderMap,
) -> Response {
    tracing::error!(%error, "a panel cannot be shown");
    let status = StatusCode::SERVICE_UNAVAILABLE;
    trouble(app, Trouble::Unavailable, status, lang, headers).await
}

/// A page without scripts that was written elsewhere.
pub(super) fn plain(app: &App, html: String) -> Response {
    (Policy::default().headers(app.config.is_https()), html).into_response()
}

/// Fills a page of the site.
async fn page(app: &App, name: &str, values: Values, policy: &Policy) -> Response {
    let (manifest, template) = (app.site.manifest().await, app.site.template(name).await);
    let (Some(manifest), Some(template)) = (manifest, template) else {
        return not_built();
    };
    let values = manifest
        .addresses()
        .fold(values, |values, (part, address)| values.text(part, address));
    match values.fill(&template) {
        Ok(html) => (policy.headers(app.config.is_https()), html).into_response(),
        Err(error) => {
            tracing::error!(page = name, %error, "a page cannot be filled");
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                Html("<h1>This page is broken.</h1>"),
            )
                .into_response()
        }
    }
}

/// A page that says what is wrong. `asked` is the language the address asks for.
pub(super) async fn trouble(
    app: &App,
    trouble: Trouble,
    status: StatusCode,
    asked: Option<&str>,
    headers: &HeaderMap,
) -> Response {
    let language = Language::choose(asked, accept_language(headers));
    let (title, sentence) = texts::words(trouble, language);
    let style = app.site.manifest().await.and_then(|manifest| {
        let address = manifest
            .addresses()
            .find(|(part, _)| *part == "desk_css")?
            .1
            .to_owned();
        Some(format!(
            "<link rel=\"stylesheet\" href=\"{}\">",
            escape(&address)
        ))
    });
    // In a frame it is a part of the page around it, which has a main part of its own.
    let part = match trouble {
        Trouble::LinkInvalid => "main",
        Trouble::KeyUnknown | Trouble::KeyDisabled | Trouble::Unavailable => "section",
    };
    let html = format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>{title}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n{style}\n</head>\n\
         <body>\n<{part} class=\"sb-page-note\" aria-labelledby=\"title\" data-problem=\"{problem}\">\n\
         <h1 id=\"title\">{title}</h1>\n<p>{sentence}</p>\n</{part}>\n</body>\n</html>\n",
        lang = language.tag(),
        style = style.unwrap_or_default(),
        problem = problem(trouble),
    );
    let policy = Policy {
        framed_by: Framing::Anybody,
        ..Policy::default()
    };
    (status, policy.headers(app.config.is_https()), html).into_response()
}

fn problem(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::KeyUnknown => slug::KEY_UNKNOWN,
        Trouble::KeyDisabled => slug::KEY_DISABLED,
        Trouble::Unavailable => slug::STORE_UNAVAILABLE,
        Trouble::LinkInvalid => slug::LINK_INVALID,
    }
}

/// For the developer who started the server before building the site.
pub(super) fn not_built() -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>The site is not built</title>\n</head>\n<body>\n<main>\n\
         <h1>The site is not built</h1>\n\
         <p>The server runs, but its pages are missing. Build them with</p>\n\
         <pre><code>{BUILD_COMMAND}</code></pre>\n\
         <p>and reload. If they are built elsewhere, point <code>SWITCHBOARD_SITE_DIR</code> \
         there.</p>\n</main>\n</body>\n</html>\n"
    );
    let headers = [(header::CACHE_CONTROL, "no-store")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, Html(html)).into_response()
}

fn accept_language(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()
}
