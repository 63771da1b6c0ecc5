//! The panel: the page of ours that a customer's website frames.

use std::collections::BTreeMap;

use api::keys::{CaptchaKind, Mode, OutOfHours};
use api::public::{PanelCaptcha, PanelConfig, PanelHours};
use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::keys::PublicKey;
use crate::phone::E164;
use crate::site::csp::{Framing, Policy};
use crate::site::pages::{Trouble, accept_language, not_built, page, trouble};
use crate::site::template::Values;
use crate::site::{self, language};
use crate::store::{StoreError, Tenant};
use crate::web::address::Query;
use crate::web::{Shared, boxed};

pub(super) fn routes<S: Shared>() -> Router<S>
where
    site::Context: FromRef<S>,
{
    Router::new().route("/panel", get(boxed(panel)))
}

#[derive(Deserialize)]
struct PanelQuery {
    #[serde(default)]
    key: String,
    agent: Option<String>,
    lang: Option<String>,
}

/// What is asked of a business for a key's panel.
struct Present {
    /// The hours, if the key minds them.
    hours: Option<PanelHours>,
    /// A number at which the agent answers that visitors of this page call.
    telephone: Option<String>,
}

/// The panel: framed by the key's pages only, and carrying the nonce that lets
/// it start calls with this key.
async fn panel(
    State(cx): State<site::Context>,
    Query(query): Query<PanelQuery>,
    headers: HeaderMap,
) -> Response {
    let lang = query.lang.as_deref();
    let (key, Present { hours, telephone }) = match cx.store.public_keys().find(&query.key).await {
        Ok(Some((_, key))) if !key.works(cx.clock.now_ms()) => {
            return trouble(
                &cx,
                Trouble::KeyDisabled,
                StatusCode::FORBIDDEN,
                lang,
                &headers,
            )
            .await;
        }
        Ok(Some((tenant, key))) => match present(&cx, &tenant, &key, query.agent).await {
            Ok(present) => (key, present),
            Err(error) => return unavailable(&cx, &error, lang, &headers).await,
        },
        Ok(None) => {
            return trouble(
                &cx,
                Trouble::KeyUnknown,
                StatusCode::NOT_FOUND,
                lang,
                &headers,
            )
            .await;
        }
        Err(error) => return unavailable(&cx, &error, lang, &headers).await,
    };
    let Some(manifest) = cx.site.manifest().await else {
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
    let gateway = cx.config.retell.base_url.origin().ascii_serialization();
    let config = PanelConfig {
        nonce: cx.signer.panel_nonce(&key.id, cx.clock.now_ms()),
        title: key.title.clone(),
        modes: key.modes.clone(),
        gated: key.captcha.is_some() || hours.is_some() || key.modes != [Mode::Voice],
        hours,
        telephone,
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
    page(&cx, "panel.html", values, &policy).await
}

async fn present(
    cx: &site::Context,
    tenant: &Tenant,
    key: &PublicKey,
    wanted: Option<String>,
) -> Result<Present, StoreError> {
    let hours = hours(cx, tenant, key).await?;
    let wanted = wanted.filter(|id| key.agents.contains(id));
    let number = match wanted.as_ref().or(key.agents.first()) {
        Some(agent) if key.modes.contains(&Mode::Voice) => {
            cx.store.numbers().answered_by(tenant, agent).await?
        }
        _ => None,
    };
    // What is no number anybody could dial is offered to nobody.
    let number = number.and_then(|number| E164::parse(&number).ok());
    Ok(Present {
        hours,
        telephone: number.map(|number| number.pretty()),
    })
}

async fn hours(
    cx: &site::Context,
    tenant: &Tenant,
    key: &PublicKey,
) -> Result<Option<PanelHours>, StoreError> {
    if key.out_of_hours == OutOfHours::Call {
        return Ok(None);
    }
    let settings = cx.store.tenants().settings(tenant).await?;
    let (now, zone) = (cx.clock.now_ms(), settings.time_zone());
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
    cx: &site::Context,
    error: &StoreError,
    lang: Option<&str>,
    headers: &HeaderMap,
) -> Response {
    tracing::error!(%error, "a panel cannot be shown");
    let status = StatusCode::SERVICE_UNAVAILABLE;
    trouble(cx, Trouble::Unavailable, status, lang, headers).await
}
