//! Our own pages: the desk, the index, and what a page says when something is wrong.

use api::problem::slug;
use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

use super::BUILD_COMMAND;
use super::template::{Values, escape};
use crate::site::Context;
use crate::web::{Shared, boxed};

use super::csp::{Framing, Policy};
use super::language::Language;
use super::texts;
pub(crate) use super::texts::Trouble;

/// The routes of this module.
pub(super) fn routes<S: Shared>() -> Router<S>
where
    Context: FromRef<S>,
{
    Router::new()
        .route("/", get(boxed(index)))
        .route("/setup/{token}", get(boxed(desk)))
        .route("/desk", get(boxed(desk)))
        .route("/desk/{*path}", get(boxed(desk)))
}

async fn index(State(cx): State<Context>, headers: HeaderMap) -> Response {
    let language = Language::choose(None, accept_language(&headers));
    let texts = texts::index(language);
    let values = Values::default()
        .text("lang", language.tag())
        .text("tagline", texts.tagline)
        .text("demo", texts.demo)
        .text("desk", texts.desk);
    page(&cx, "index.html", values, &Policy::default()).await
}

async fn desk(State(cx): State<Context>, headers: HeaderMap) -> Response {
    let language = Language::choose(None, accept_language(&headers));
    let values = Values::default()
        .text("lang", language.tag())
        .text("title", "Switchboard");
    // Calls are listened to, and taken over, at Retell itself.
    let policy = Policy {
        connects_to: vec![cx.config.retell.base_url.origin().ascii_serialization()],
        microphone: true,
        ..Policy::default()
    };
    page(&cx, "desk.html", values, &policy).await
}

/// A page without scripts that was written elsewhere.
pub(crate) fn plain(cx: &Context, html: String) -> Response {
    (Policy::default().headers(cx.config.is_https()), html).into_response()
}

/// Fills a page of the site.
pub(crate) async fn page(cx: &Context, name: &str, values: Values, policy: &Policy) -> Response {
    let (manifest, template) = (cx.site.manifest().await, cx.site.template(name).await);
    let (Some(manifest), Some(template)) = (manifest, template) else {
        return not_built();
    };
    let values = manifest
        .addresses()
        .fold(values, |values, (part, address)| values.text(part, address));
    match values.fill(&template) {
        Ok(html) => (policy.headers(cx.config.is_https()), html).into_response(),
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
pub(crate) async fn trouble(
    cx: &Context,
    trouble: Trouble,
    status: StatusCode,
    asked: Option<&str>,
    headers: &HeaderMap,
) -> Response {
    let language = Language::choose(asked, accept_language(headers));
    let (title, sentence) = texts::words(trouble, language);
    let style = cx.site.manifest().await.and_then(|manifest| {
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
    (status, policy.headers(cx.config.is_https()), html).into_response()
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
pub(crate) fn not_built() -> Response {
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

pub(crate) fn accept_language(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()
}
